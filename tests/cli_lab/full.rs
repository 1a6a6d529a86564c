//! A full disk at the other end of standard output (Linux has a device that is one): nothing of it goes unsaid, and the
//! probe is taken back.

use crate::cli::Ran;
use crate::lab::{Act, Fault, On};
use crate::sweeping::sweep;
use crate::{primary, probes, program, secondary};
use hickory_proto::op::ResponseCode;
use std::fs::File;
use std::process::Stdio;
use tokio::process::Command;

/// Runs the program, its result going to a disk that is full.
async fn run(mut program: Command) -> Ran {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let child = program.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    Ran::of(child.wait_with_output().await.unwrap())
}

#[tokio::test]
async fn h127_a_result_that_cannot_be_written_is_an_error_and_the_probe_is_taken_back() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    for words in ["-q", "--format json", "--both-ways"] {
        let journal = tempfile::tempdir().unwrap();
        let words = format!("{} {} example.com --unsigned {words}", primary.address(), other.address());
        let ran = run(program(&words, &journal)).await;
        assert!(ran.status == 2 && ran.err.contains("error: the result cannot be written: "), "{ran:?}");
        assert_eq!((probes(&primary), journal.path().read_dir().unwrap().count()), (0, 0), "{ran:?}");
    }
}

#[tokio::test]
async fn h127_a_probe_that_may_be_left_outweighs_a_result_that_cannot_be_written() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    primary.inject(Fault::new(On::Delete, Act::Rcode(ResponseCode::Refused)));
    let journal = tempfile::tempdir().unwrap();
    let check = format!("{} {} example.com --unsigned --cleanup-timeout 1s", primary.address(), other.address());
    for program in
        [program(&check, &journal), sweep("--unsigned", &journal), sweep("--unsigned --format json", &journal)]
    {
        let ran = run(program).await;
        assert_eq!((ran.status, probes(&primary)), (3, 1), "{ran:?}");
        assert!(ran.err.contains("error: the result cannot be written: "), "{ran:?}");
        assert!(ran.err.contains("\nupdate delete "), "{ran:?}");
    }
}

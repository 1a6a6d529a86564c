//! Signals, and a reader who goes away: the probe is taken back first.

use crate::cli::Ran;
use crate::lab::{Act, Fault, Gate, Lab, On, Request};
use crate::{json, primary, probes, program};
use std::process::Stdio;

#[tokio::test]
async fn a_reader_who_has_seen_enough_does_not_stop_the_clean_up() {
    let primary = primary().await;
    let gate = Gate::new();
    let other = Lab::secondary_of(&primary).start().await.unwrap();
    // The answer to the pre-flight waits until both pipes are closed.
    other.inject(Fault::new(On::Query, Act::Hold(gate.clone())).first(1));
    let journal = tempfile::tempdir().unwrap();
    let mut command = program(&format!("{} {} example.com --unsigned", primary.address(), other.address()), &journal);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    gate.open();
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    assert_eq!(probes(&primary), 0);
    assert_eq!(primary.count(Request::is_delete), 1);
}

/// Sends a signal to our own child.
#[cfg(unix)]
fn signal(name: &str, child: &tokio::process::Child) {
    let pid = child.id().expect("the child lives").to_string();
    assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_takes_the_probe_back_first() {
    for name in ["-INT", "-TERM", "-HUP"] {
        let primary = primary().await;
        let stuck = Lab::secondary_of(&primary).paused().start().await.unwrap();
        let journal = tempfile::tempdir().unwrap();
        let words =
            format!("{} {} example.com --unsigned --deadline 1h --format json", primary.address(), stuck.address());
        let child = program(&words, &journal).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        primary.wait_for(Request::is_add).await;
        signal(name, &child);
        let ran = Ran::of(child.wait_with_output().await.unwrap());
        assert_eq!(ran.status, 2, "{name}: {ran:?}");
        assert_eq!(json(&ran)["cleanup"], "removed", "{name}: {ran:?}");
        assert!(ran.err.contains("stopping"), "{name}: {ran:?}");
        assert_eq!(probes(&primary), 0, "{name}");
        assert_eq!(journal.path().read_dir().unwrap().count(), 0, "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_second_signal_is_answered_and_the_third_ends_with_3() {
    let primary = primary().await;
    let stuck = Lab::secondary_of(&primary).paused().start().await.unwrap();
    primary.inject(Fault::new(On::Delete, Act::Lose));
    let journal = tempfile::tempdir().unwrap();
    let words = format!("{} {} example.com --unsigned --cleanup-timeout 1h", primary.address(), stuck.address());
    let mut child = program(&words, &journal).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = tokio::io::BufReader::new(child.stderr.take().unwrap());
    primary.wait_for(Request::is_add).await;
    for expected in ["stopping", "still taking back", "ended: "] {
        signal("-INT", &child);
        read_until(&mut lines, expected).await;
    }
    assert_eq!(child.wait().await.unwrap().code(), Some(3));
    assert_eq!(journal.path().read_dir().unwrap().count(), 1, "sweep will find it");
}

/// Reads lines until one contains the text.
#[cfg(unix)]
async fn read_until(lines: &mut tokio::io::BufReader<tokio::process::ChildStderr>, text: &str) {
    use tokio::io::AsyncBufReadExt;
    let mut line = String::new();
    while !line.contains(text) {
        line.clear();
        assert_ne!(lines.read_line(&mut line).await.unwrap(), 0, "the program ended without saying {text:?}");
    }
}

//! What killed runs have left is taken back, from the journal or from the zone, and nothing else is.

use crate::cli::{self, Ran};
use crate::lab::{Lab, Request, Server};
use crate::{ZONE, json, primary, probes, program, secondary};
use dnsconverge::net::unix_now;
use dnsconverge::probe::{Probe, RANDOM_OCTETS, RunId};
use dnsconverge::wire::WireName;
use hickory_proto::rr::Name;
use serde_json::Value;
use tempfile::TempDir;

/// A check that was killed between add and delete; its journal and its primary.
async fn killed() -> (TempDir, Server) {
    let primary = primary().await;
    let stuck = Lab::secondary_of(&primary).paused().start().await.unwrap();
    let journal = tempfile::tempdir().unwrap();
    let words = format!("-q {} {} example.com --unsigned --deadline 1h", primary.address(), stuck.address());
    let mut child = program(&words, &journal).spawn().unwrap();
    primary.wait_for(Request::is_add).await;
    child.kill().await.unwrap();
    assert_eq!(probes(&primary), 1);
    (journal, primary)
}

/// The program with `sweep` and these words, on this journal.
pub(crate) fn sweep(words: &str, journal: &TempDir) -> tokio::process::Command {
    let mut command = cli::command(["sweep"].into_iter().chain(words.split_whitespace()));
    command.args(["--journal-dir".as_ref(), journal.path().as_os_str()]);
    command.into()
}

#[tokio::test]
async fn sweep_takes_back_what_the_journal_names() {
    let (journal, primary) = killed().await;
    let sweep = async |words: &str| Ran::of(sweep(words, &journal).output().await.unwrap());
    let ran = sweep("").await;
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("-k") && ran.err.contains("--unsigned"), "{ran:?}");
    let ran = sweep("--dry-run").await;
    assert_eq!((ran.status, probes(&primary)), (0, 1), "{ran:?}");
    assert!(ran.out.starts_with("found ") && ran.out.contains("._dnsconverge.example.com."), "{ran:?}");
    let ran = sweep("--unsigned").await;
    assert_eq!((ran.status, probes(&primary)), (0, 0), "{ran:?}");
    assert!(ran.out.starts_with("removed "), "{ran:?}");
    let ran = sweep("--unsigned --format json").await;
    assert_eq!((ran.status, json(&ran)["probes"].as_array().map(Vec::len)), (0, Some(0)), "{ran:?}");
}

/// Puts the probe of a run that began so long ago into the zone.
pub(crate) fn plant_old(server: &Server, seconds: u64) {
    let zone = WireName::from_name(&Name::from_ascii(ZONE).unwrap());
    let probe = Probe::new(&zone, &[7; RANDOM_OCTETS], RunId([9; 8]), unix_now() - seconds).unwrap();
    let mut strings = Vec::new();
    let mut rest = probe.rdata();
    while let [length, tail @ ..] = rest {
        let (string, after) = tail.split_at(usize::from(*length));
        strings.push(std::str::from_utf8(string).unwrap());
        rest = after;
    }
    server.publish(|zone| zone.add_txt(&probe.owner_text(), &strings));
}

#[tokio::test]
async fn sweep_of_a_zone_spares_young_probes_and_what_is_no_probe_and_lists_before_it_removes() {
    let primary = primary().await;
    primary.publish(|zone| zone.add_txt("abcdefghijklmnopqrstuvwxyz._dnsconverge", &["of somebody else"]));
    plant_old(&primary, 60);
    let sweep = |age: &str| {
        let line = format!("sweep {} example.com --all-older-than {age} --unsigned", primary.address());
        tokio::process::Command::from(cli::command(line.split_whitespace())).output()
    };
    let ran = Ran::of(sweep("1h").await.unwrap());
    assert_eq!((ran.status, probes(&primary)), (0, 2), "{ran:?}");
    assert!(ran.err.contains("1 younger"), "{ran:?}");
    let ran = Ran::of(sweep("30s").await.unwrap());
    assert_eq!((ran.status, probes(&primary)), (0, 1), "{ran:?}");
    assert!(ran.err.contains("found ") && ran.out.starts_with("removed "), "{ran:?}");
}

#[tokio::test]
async fn a_check_says_that_its_journal_holds_leftovers() {
    let (journal, primary) = killed().await;
    let other = secondary(&primary).await;
    let words = format!("{} {} example.com --unsigned", primary.address(), other.address());
    let ran = Ran::of(program(&words, &journal).output().await.unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.err.contains("sweep"), "{ran:?}");
}

#[tokio::test]
async fn u14_what_makes_the_status_2_is_told_even_when_quiet() {
    let journal = tempfile::tempdir().unwrap();
    std::fs::write(journal.path().join("probe-broken.json"), "{").unwrap();
    for words in ["-q --unsigned", "-q --dry-run", "--unsigned"] {
        let ran = Ran::of(sweep(words, &journal).output().await.unwrap());
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.contains("error: ") && ran.err.contains("probe-broken.json"), "{ran:?}");
    }
}

#[tokio::test]
async fn why_a_zone_cannot_be_searched_is_said_once() {
    let ran = cli::run("sweep 127.0.0.1:1 example.com --all-older-than 1h --unsigned");
    assert_eq!((ran.status, ran.err.matches("onnection refused").count()), (2, 1), "{ran:?}");
}

#[tokio::test]
async fn u14_the_entry_of_a_killed_run_is_as_the_published_schema_has_it() {
    let (journal, primary) = killed().await;
    let path = journal.path().read_dir().unwrap().next().unwrap().unwrap().path();
    let entry: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let schema = serde_json::from_str(include_str!("../../schema/journal.schema.json")).unwrap();
    jsonschema::validate(&schema, &entry).unwrap_or_else(|error| panic!("{error}: {entry}"));
    assert_eq!(entry["server"], primary.address().to_string());
}

//! The program when a destination is late, and when somebody wants to know when the old server can go.

mod cli;
mod lab;

use cli::Ran;
use lab::{Lab, Server, ServerBuilder, Zone};
use serde_json::Value;
use std::net::IpAddr;

/// The program with these words, in an environment and a journal of its own.
async fn run(words: &str) -> Ran {
    let journal = tempfile::tempdir().unwrap();
    let mut command = cli::command(words.split_whitespace());
    if !words.starts_with("cutover") {
        command.args(["--journal-dir".as_ref(), journal.path().as_os_str()]);
    }
    Ran::of(tokio::process::Command::from(command).kill_on_drop(true).output().await.unwrap())
}

/// A primary and a secondary, at addresses of their own, that are configured like this.
async fn pair(source: Zone, destination: impl FnOnce(ServerBuilder) -> ServerBuilder) -> (Server, Server) {
    let source = Lab::primary(source).nsid("old box").start().await.unwrap();
    let second = Lab::secondary_of(&source).on(IpAddr::from([127, 0, 0, 2])).nsid("new box");
    let destination = destination(second).start().await.unwrap();
    (source, destination)
}

/// The zone, already named by its new server alone.
fn zone() -> Zone {
    Zone::new("example.test.").ttl(300).soa(7).ns("@", "ns").a("ns", [127, 0, 0, 2])
}

/// The value keeps to this part of the published schema; the whole if it is empty.
fn keeps_to_the_schema(value: &Value, part: &str) {
    let mut schema: Value = serde_json::from_str(include_str!("../schema/report.schema.json")).unwrap();
    if !part.is_empty() {
        let definitions = schema["$defs"].clone();
        schema = schema["$defs"][part].clone();
        schema["$defs"] = definitions;
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {value}");
}

#[tokio::test]
async fn a_late_destination_is_explained_in_text_and_in_json() {
    let (source, destination) = pair(zone(), ServerBuilder::paused).await;
    let words = format!("{} {} example.test --unsigned --deadline 1s", source.address(), destination.address());
    let text = run(&words).await;
    assert_eq!(text.status, 1, "{text:?}");
    assert!(text.out.contains("answered by new box") && text.out.contains("most likely: it is behind"), "{}", text.out);
    assert!(text.out.contains("to do: make it look now"), "{}", text.out);
    let json = run(&format!("{words} --format json -q")).await;
    let report: Value = serde_json::from_str(&json.out).unwrap();
    keeps_to_the_schema(&report, "");
    let row = &report["destinations"][0];
    assert_eq!((&row["causes"][0]["cause"], &row["nodes"][0]["by"]), (&"waits_for_refresh".into(), &"NSID".into()));
    assert_eq!(row["timers"]["refresh"], 7200);
}

#[tokio::test]
async fn a_check_ends_with_the_clock_and_the_lag_that_it_measured() {
    let (source, destination) = pair(zone(), |it| it).await;
    let words = format!("{} {} example.test --unsigned --cutover", source.address(), destination.address());
    let text = run(&words).await;
    assert_eq!(text.status, 0, "the clock is no part of the verdict: {text:?}");
    assert!(text.out.contains("is needed until") && text.out.contains("measured, "), "{}", text.out);
    let report: Value = serde_json::from_str(&run(&format!("{words} --format json -q")).await.out).unwrap();
    keeps_to_the_schema(&report, "");
    assert_eq!(
        (&report["cut_over"]["readiness"], &report["cut_over"]["lag"]["lag"]),
        (&"later".into(), &"measured".into())
    );
}

#[tokio::test]
async fn v6_cutover_says_yes_no_or_cannot_tell_by_its_exit_status() {
    let (old, new) = pair(zone(), |it| it).await;
    let parent = Zone::new("test.").ttl(600).soa(1).ns("@", "ns").a("ns", [127, 0, 0, 3]);
    let parent = parent.ns("example", "ns.example").a("ns.example", [127, 0, 0, 2]);
    let parent = Lab::primary(parent).on(IpAddr::from([127, 0, 0, 3])).start().await.unwrap();
    let words = format!("cutover {} {} example.test --lag 5s", old.address(), new.address());
    let with_parent = format!("{words} --parent {}", parent.address());
    for (words, status, says) in [
        (format!("{with_parent} --changed 1h"), 0, "can be switched off, since"),
        (format!("{with_parent} --changed 1m"), 1, "is needed until"),
        (format!("{words} --changed 1h"), 2, "it cannot be said when"),
    ] {
        let ran = run(&words).await;
        assert_eq!(ran.status, status, "{ran:?}");
        assert!(ran.out.contains(says) && ran.out.contains("never known: "), "{}", ran.out);
        let json: Value = serde_json::from_str(&run(&format!("{words} --format json")).await.out).unwrap();
        keeps_to_the_schema(&json, "cut_over");
        assert_eq!(validate(&json, include_str!("../schema/cutover.schema.json")), Ok(()));
    }
    let ran = run(&format!("cutover {} {} example.test --format json", "nowhere.invalid", new.address())).await;
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.status, validate(&json, include_str!("../schema/cutover.schema.json"))), (2, Ok(())), "{ran:?}");
    assert!(json["error"].as_str().is_some_and(|error| error.contains("nowhere.invalid")), "{json}");
}

#[test]
fn v5_the_clock_is_the_same_in_both_schemas() {
    let [report, alone] = [include_str!("../schema/report.schema.json"), include_str!("../schema/cutover.schema.json")]
        .map(|text| serde_json::from_str::<Value>(text).unwrap()["$defs"]["cut_over"].clone());
    assert!(report.is_object() && report == alone);
}

/// Whether the value keeps to this schema.
fn validate(value: &Value, schema: &str) -> Result<(), String> {
    let schema = serde_json::from_str(schema).unwrap();
    jsonschema::validate(&schema, value).map_err(|error| error.to_string())
}

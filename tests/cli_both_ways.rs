//! `--both-ways`: every server is the source in turn, on two primaries that take over each other's changes.

mod cli;
mod lab;

use cli::Ran;
use lab::{Access, Algorithm, Key, Lab, Request, Server, ServerBuilder, Signature, Zone};
use serde_json::Value;
use std::process::Stdio;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// A primary before it starts.
fn primary() -> ServerBuilder {
    Lab::primary(Zone::new("example.com.").soa(7).ns("@", "ns1").a("ns1", [192, 0, 2, 1]))
}

/// Two primaries of one zone.
struct Pair {
    /// The one that is named first.
    a: Arc<Server>,
    /// The other.
    b: Arc<Server>,
    /// What takes changes over.
    links: JoinSet<()>,
}

impl Pair {
    /// Neither takes over what the other gets.
    async fn apart(a: ServerBuilder, b: ServerBuilder) -> Self {
        let (a, b) = (Arc::new(a.start().await.unwrap()), Arc::new(b.start().await.unwrap()));
        Self { a, b, links: JoinSet::new() }
    }

    /// Each takes over what the other gets.
    async fn joined(a: ServerBuilder, b: ServerBuilder) -> Self {
        let mut pair = Self::apart(a, b).await;
        let (a, b) = (Arc::clone(&pair.a), Arc::clone(&pair.b));
        pair.link(&a, &b);
        pair.link(&b, &a);
        pair
    }

    /// One takes over what the other gets: the later serial wins.
    fn link(&mut self, from: &Arc<Server>, to: &Arc<Server>) {
        let (from, to) = (Arc::clone(from), Arc::clone(to));
        self.links.spawn(async move {
            loop {
                let newer = from.wait_until(|zone| zone.serial() > to.zone().serial()).await;
                to.replace((*newer).clone());
            }
        });
    }

    /// The program with both servers and these words, quick, with a journal of its own.
    fn program(&self, words: &str, journal: &TempDir) -> tokio::process::Command {
        let zone = if words.contains("--zones") { "" } else { "example.com" };
        let (a, b) = (self.a.address(), self.b.address());
        let servers = format!("{a} {b} {zone} --both-ways --interval 20ms --timeout 1s");
        let mut command = cli::command(servers.split_whitespace().chain(words.split_whitespace()));
        command.args(["--journal-dir".as_ref(), journal.path().as_os_str()]);
        let mut command = tokio::process::Command::from(command);
        command.kill_on_drop(true);
        command
    }

    /// Runs a check to its end; nothing of it may be left.
    async fn check(&self, words: &str) -> Ran {
        let journal = tempfile::tempdir().unwrap();
        let ran = Ran::of(self.program(words, &journal).output().await.unwrap());
        self.assert_clean(&journal, &ran);
        ran
    }

    /// No probe is left at either, nor in the journal.
    #[track_caller]
    fn assert_clean(&self, journal: &TempDir, ran: &Ran) {
        let probes = [&self.a, &self.b].map(|server| server.zone().below("_dnsconverge").len());
        assert_eq!((probes, journal.path().read_dir().map_or(0, Iterator::count)), ([0, 0], 0), "{ran:?}");
    }
}

/// The reports of a run, which are as the published schema has them.
#[track_caller]
fn reports(ran: &Ran) -> Vec<Value> {
    let schema = serde_json::from_str(include_str!("../schema/report.schema.json")).unwrap();
    let reports: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for report in &reports {
        jsonschema::validate(&schema, report).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    }
    reports
}

/// One word of each report.
fn words<'r>(reports: &'r [Value], field: &str) -> Vec<&'r str> {
    reports.iter().map(|report| report[field].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn both_directions_converge_and_the_zones_are_compared_once() {
    let pair = Pair::joined(primary(), primary()).await;
    let ran = pair.check("--unsigned --format json").await;
    assert_eq!(ran.status, 0, "{ran:?}");
    let reports = reports(&ran);
    let sources: Vec<&Value> = reports.iter().map(|report| &report["source"]["address"]).collect();
    assert_eq!(sources, [&pair.a.address().to_string(), &pair.b.address().to_string()]);
    assert_eq!(words(&reports, "propagation"), ["converged"; 2]);
    let verdicts: Vec<&Value> = reports.iter().map(|report| &report["comparison"]["verdict"]).collect();
    assert_eq!(verdicts, ["not_compared", "equal"]);
    assert_eq!(words(&reports, "outcome"), ["ok"; 2]);
    assert_eq!((pair.a.count(Request::is_add), pair.b.count(Request::is_add)), (1, 1));
}

#[tokio::test]
async fn each_direction_has_its_own_text_and_nothing_is_compared_unless_wanted() {
    let pair = Pair::joined(primary(), primary()).await;
    let ran = pair.check("--unsigned --no-compare").await;
    assert_eq!((ran.status, ran.out.matches("example.com.: OK (exit status 0)").count()), (0, 2), "{ran:?}");
    for server in [&pair.a, &pair.b] {
        assert!(ran.out.contains(&format!("\n  source {}", server.address())), "{ran:?}");
    }
    assert!(!ran.err.contains("comparing"), "{ran:?}");
}

#[tokio::test]
async fn a_dry_run_says_what_it_would_write_at_each_and_writes_nothing() {
    let pair = Pair::joined(primary(), primary()).await;
    let ran = pair.check("--unsigned --dry-run --no-compare --format json").await;
    let reports = reports(&ran);
    assert_eq!((ran.status, words(&reports, "propagation")), (0, vec!["not_tested"; 2]), "{ran:?}");
    for (report, server) in reports.iter().zip([&pair.a, &pair.b]) {
        let update = report["would_plant"].as_str().unwrap_or_default();
        assert!(update.contains(&server.address().to_string()), "{update}");
    }
    assert_eq!((pair.a.count(Request::is_update), pair.b.count(Request::is_update)), (0, 0));
}

#[tokio::test]
async fn every_zone_of_a_list_is_checked_both_ways() {
    let pair = Pair::joined(primary(), primary()).await;
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&list, "example.com\nabsent.example\n").unwrap();
    let ran = pair.check(&format!("--zones {} --unsigned --format json", list.path().display())).await;
    assert_eq!(ran.status, 2, "nobody answers for one of them: {ran:?}");
    let reports = reports(&ran);
    let of = |zone: &str| reports.iter().filter(|report| report["zone"] == zone).collect::<Vec<_>>();
    let own: Vec<&str> = of("example.com.").iter().map(|report| report["outcome"].as_str().unwrap()).collect();
    assert_eq!(own, ["ok"; 2], "{ran:?}");
    assert!(!of("absent.example.").iter().any(|report| report["outcome"] == "ok"), "{ran:?}");
}

#[tokio::test]
async fn the_cut_over_clock_is_about_the_server_that_is_named_as_the_source() {
    let pair = Pair::joined(primary(), primary()).await;
    let ran = pair.check("--unsigned --no-compare --cutover --format json").await;
    let [first, second] = reports(&ran).try_into().unwrap();
    assert_eq!(first["cut_over"]["old"], pair.a.address().to_string(), "{ran:?}");
    assert!(second["cut_over"].is_null(), "{ran:?}");
}

#[tokio::test]
async fn v6_one_direction_that_does_not_converge_is_1_and_both_probes_are_gone() {
    let mut pair = Pair::apart(primary(), primary()).await;
    let (a, b) = (Arc::clone(&pair.a), Arc::clone(&pair.b));
    pair.link(&a, &b);
    let ran = pair.check("--unsigned --deadline 2s --format json").await;
    assert_eq!(ran.status, 1, "{ran:?}");
    let reports = reports(&ran);
    assert_eq!(words(&reports, "propagation"), ["converged", "not_converged"]);
    assert_eq!(words(&reports, "cleanup"), ["removed"; 2]);
    assert_eq!(reports[1]["comparison"]["verdict"], "different", "the serial of one is behind: {ran:?}");
}

#[tokio::test]
async fn an_update_that_one_server_refuses_hides_no_other_direction() {
    let closed = || primary().update_by(Access::Nobody);
    for (pair, expected) in [
        (Pair::joined(primary(), closed()).await, ["converged", "inconclusive"]),
        (Pair::joined(closed(), primary()).await, ["inconclusive", "converged"]),
    ] {
        let ran = pair.check("--unsigned --format json").await;
        assert_eq!(ran.status, 2, "{ran:?}");
        let reports = reports(&ran);
        assert_eq!(words(&reports, "propagation"), expected, "{ran:?}");
        assert_eq!(reports[1]["comparison"]["verdict"], "equal", "the order of the names changes nothing: {ran:?}");
        assert!(ran.err.contains("REFUSED"), "{ran:?}");
    }
}

#[tokio::test]
async fn a_split_brain_is_found_though_the_last_direction_fails() {
    let a = Arc::new(primary().start().await.unwrap());
    let b = Lab::secondary_of(&a).differing(|zone| {
        zone.add_txt("added", &["x"]);
    });
    let pair = Pair { b: Arc::new(b.start().await.unwrap()), a, links: JoinSet::new() };
    let ran = pair.check("--unsigned --format json").await;
    assert_eq!(ran.status, 2, "{ran:?}");
    let [first, last] = reports(&ran).try_into().unwrap();
    assert_eq!((&first["propagation"], &last["propagation"]), (&"converged".into(), &"inconclusive".into()));
    assert_eq!(last["comparison"]["verdict"], "different", "{ran:?}");
    assert_eq!(last["comparison"]["changes"][0]["owner"], "added.example.com.");
    assert!(ran.err.contains("did not add the probe"), "{ran:?}");
    let text = pair.check("--unsigned").await;
    assert_eq!(text.status, 2, "{text:?}");
    assert!(
        text.out.contains("zones: 1 different record sets") && text.out.contains("+added.example.com."),
        "{text:?}"
    );
    let ran = pair.check("--unsigned --format json --no-compare").await;
    assert!(reports(&ran).iter().all(|report| report["comparison"]["verdict"] == "not_compared"), "{ran:?}");
}

#[tokio::test]
async fn each_zone_of_a_list_is_compared_where_one_direction_has_converged() {
    let second = Zone::new("second.example.").soa(1).ns("@", "ns1");
    let a = Arc::new(primary().zone(second).start().await.unwrap());
    let b = Arc::new(Lab::secondary_of(&a).start().await.unwrap());
    let pair = Pair { a, b, links: JoinSet::new() };
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&list, "example.com\nsecond.example\nnowhere.example\n").unwrap();
    let ran = pair.check(&format!("--zones {} --unsigned --format json", list.path().display())).await;
    let reports = reports(&ran);
    let verdicts: Vec<&Value> = reports[3..].iter().map(|report| &report["comparison"]["verdict"]).collect();
    assert_eq!(verdicts, ["equal", "equal", "not_compared"], "{ran:?}");
    assert_eq!(ran.status, 2, "{ran:?}");
}

#[tokio::test]
async fn every_one_of_three_is_the_source_in_turn() {
    let pair = Pair::joined(primary(), primary()).await;
    let third = Lab::secondary_of(&pair.a).start().await.unwrap();
    let ran = pair.check(&format!("--unsigned --destination {} --format json", third.address())).await;
    let reports = reports(&ran);
    assert_eq!((ran.status, words(&reports, "propagation")), (2, vec!["converged", "converged", "inconclusive"]));
    let others = |report: &Value| report["destinations"].as_array().map(Vec::len);
    assert!(reports.iter().all(|report| others(report) == Some(2)), "{ran:?}");
}

#[tokio::test]
async fn t14_each_server_has_its_own_key_for_updates() {
    let key = |name: &str| Key::new(name, Algorithm::Sha256, name.repeat(8).as_bytes());
    let (at_a, at_b) = (key("update-a."), key("update-b."));
    let closed = |key: &Key| primary().key(key).update_by(Access::key(key));
    let pair = Pair::joined(closed(&at_a), closed(&at_b)).await;
    let directory = tempfile::tempdir().unwrap();
    let file = |key: &Key, name: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, key.file()).unwrap();
        path.display().to_string()
    };
    let (file_a, file_b) = (file(&at_a, "a.key"), file(&at_b, "b.key"));
    let ran = pair.check(&format!("--source-update-key {file_a} --destination-update-key {file_b}")).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    for (server, key) in [(&pair.a, &at_a), (&pair.b, &at_b)] {
        let updates: Vec<Request> = server.requests().into_iter().filter(Request::is_update).collect();
        assert!(!updates.is_empty());
        assert!(updates.iter().all(|update| update.signature == Signature::Valid(key.name().clone())));
        assert!(!ran.all().contains(&key.base64()), "L4: {ran:?}");
    }
    let servers = format!("{}?update-key={file_a} {}?update-key={file_b}", pair.a.address(), pair.b.address());
    let line = format!("{servers} example.com --both-ways --no-compare --interval 20ms");
    let ran = Ran::of(tokio::process::Command::from(cli::command(line.split(' '))).output().await.unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    let before = pair.a.count(Request::is_update);
    let ran = pair.check(&format!("--source-update-key {file_a}")).await;
    assert!(ran.status == 2 && ran.err.contains("--destination-update-key"), "{ran:?}");
    assert_eq!(pair.a.count(Request::is_update), before, "nothing is begun that cannot be ended");
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_in_one_direction_lets_no_further_one_begin() {
    let pair = Pair::apart(primary(), primary()).await;
    let journal = tempfile::tempdir().unwrap();
    let mut command = pair.program("--unsigned --deadline 1h --format json", &journal);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    pair.a.wait_for(Request::is_add).await;
    let pid = child.id().expect("the child lives").to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let ran = Ran::of(child.wait_with_output().await.unwrap());
    pair.assert_clean(&journal, &ran);
    let reports = reports(&ran);
    assert_eq!((ran.status, words(&reports, "cleanup")), (2, vec!["removed", "not_planted"]), "{ran:?}");
    assert!(words(&reports, "error")[1].contains(&pair.b.address().to_string()), "{ran:?}");
    assert_eq!(pair.b.count(Request::is_update), 0, "{ran:?}");
}

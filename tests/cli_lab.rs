//! The program against name servers inside the test: what it says, what it exits with, and what it leaves behind.

mod cli;
#[cfg(target_os = "linux")]
#[path = "cli_lab/full.rs"]
mod full;
#[path = "cli_lab/interrupted.rs"]
mod interrupted;
mod lab;
#[path = "cli_lab/messages.rs"]
mod messages;
#[path = "cli_lab/sweeping.rs"]
mod sweeping;

use cli::Ran;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{Name, RData, RecordType};
use lab::{Access, Act, Algorithm, Fault, Key, Lab, On, Request, Server, Signature, Zone};
use serde_json::Value;
use sweeping::plant_old;
use tempfile::TempDir;

/// The zone of most scenarios.
const ZONE: &str = "example.com.";

/// A small zone.
fn zone() -> Zone {
    Zone::new(ZONE).soa(7).ns("@", "ns1").a("ns1", [192, 0, 2, 1]).a("www", [192, 0, 2, 80])
}

/// A primary that accepts updates from anybody.
async fn primary() -> Server {
    Lab::primary(zone()).start().await.unwrap()
}

/// A secondary of it without delay.
async fn secondary(primary: &Server) -> Server {
    Lab::secondary_of(primary).start().await.unwrap()
}

/// How many probe records the server holds.
fn probes(server: &Server) -> usize {
    server.zone().below("_dnsconverge").len()
}

/// The program with these words, and a journal that is empty before; quick, since the lab is.
fn program(words: &str, journal: &TempDir) -> tokio::process::Command {
    let mut command = cli::command(words.split_whitespace());
    command.args(["--journal-dir".as_ref(), journal.path().as_os_str()]);
    command.args(["--interval", "20ms", "--timeout", "1s"]);
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    command
}

/// Runs `check` to its end.
async fn check(words: &str) -> Ran {
    let journal = tempfile::tempdir().unwrap();
    let ran = Ran::of(program(words, &journal).output().await.unwrap());
    let left = journal.path().read_dir().map_or(0, Iterator::count);
    assert_eq!(left, usize::from(ran.status == 3), "the journal speaks of what is left and of nothing else: {ran:?}");
    ran
}

/// Runs a verb that takes no journal.
async fn diff(words: &str) -> Ran {
    let command = cli::command(["diff"].into_iter().chain(words.split_whitespace()));
    Ran::of(tokio::process::Command::from(command).output().await.unwrap())
}

/// The only JSON line of a run; a report is held to the published schema.
#[track_caller]
fn json(ran: &Ran) -> Value {
    assert_eq!(ran.out.lines().count(), 1, "{ran:?}");
    let value: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let is_report = value.get("schema_version").is_some();
    let sweep = include_str!("../schema/sweep.schema.json");
    let schema = if is_report { include_str!("../schema/report.schema.json") } else { sweep };
    jsonschema::validate(&serde_json::from_str(schema).unwrap(), &value)
        .unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    value
}

#[tokio::test]
async fn v6_converged_and_equal_is_0() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    let ran = check(&format!("{} {} example.com --unsigned --format json", primary.address(), other.address())).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["outcome"], "ok");
    assert_eq!(report["exit_status"], 0);
    assert_eq!(report["zone"], ZONE);
    assert_eq!(report["propagation"], "converged");
    assert_eq!(report["cleanup"], "removed");
    assert_eq!(report["comparison"]["verdict"], "equal");
    assert_eq!(report["destinations"][0]["address"], other.address().to_string());
    assert_eq!((probes(&primary), probes(&other)), (0, 0));
    assert!(ran.err.contains("planted") && ran.err.contains("removed"), "steps are told: {}", ran.err);
}

#[tokio::test]
async fn u21_a_change_by_hand_is_watched_without_a_key_and_the_zones_are_compared() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    let servers = format!("{} {} example.com", primary.address(), other.address());
    let ran = check(&format!("--observe www A {servers} --rdata 192.0.2.80 --format json")).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["observed"], "www.example.com. A 192.0.2.80");
    assert_eq!(
        (&report["probe"], &report["cleanup"], &report["propagation"]),
        (&Value::Null, &"not_planted".into(), &"converged".into())
    );
    assert_eq!(report["comparison"]["verdict"], "equal");
    assert_eq!(primary.count(Request::is_update), 0);
    let never = check(&format!("{servers} --observe @ TXT --rdata never --deadline 300ms")).await;
    assert!(never.status == 2 && never.out.contains("did not hold example.com. TXT \"never\""), "{never:?}");
    let wrong = check(&format!("{servers} --observe www NOTYPE")).await;
    assert!(wrong.status == 2 && wrong.err.contains("\"NOTYPE\" is no type of records"), "{wrong:?}");
}

#[tokio::test]
async fn u21_where_nothing_changes_the_zones_are_compared_all_the_same() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    let odd = Lab::secondary_of(&primary).differing(|zone| {
        zone.add_txt("added", &["x"]);
    });
    let odd = odd.start().await.unwrap();
    let words = |server: &Server, words: &str| {
        format!("{} {} example.com --deadline 300ms {words}", primary.address(), server.address())
    };
    for observed in ["--observe www A", "--observe www A --rdata 192.0.2.9"] {
        let same = check(&words(&other, observed)).await;
        assert_eq!(same.status, 2, "nothing was seen to arrive: {same:?}");
        assert!(same.out.contains("content compared, propagation not tested, zones: equal"), "{same:?}");
        let split = check(&words(&odd, &format!("{observed} --format json"))).await;
        let report = json(&split);
        assert_eq!((split.status, &report["propagation"]), (2, &"inconclusive".into()), "{split:?}");
        assert_eq!(report["comparison"]["changes"][0]["owner"], "added.example.com.", "{split:?}");
    }
    let ran = check(&words(&odd, "--observe www A --no-compare")).await;
    assert!(ran.status == 2 && ran.out.contains("propagation not tested, zones not compared"), "{ran:?}");
}

#[tokio::test]
async fn u21_a_comparison_alone_says_that_propagation_was_not_tested() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    let servers = format!("{} {} example.com", primary.address(), other.address());
    let ran = diff(&servers).await;
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("content compared, propagation not tested"), "{ran:?}");
    assert_eq!(json(&diff(&format!("{servers} --format json")).await)["propagation"], "not_tested");
}

#[tokio::test]
async fn v4_a_server_that_gives_no_zone_away_can_be_asked_and_is_never_called_equal() {
    let primary = primary().await;
    let other = Lab::secondary_of(&primary).transfer_by(Access::Nobody).start().await.unwrap();
    let servers = format!("{} {} example.com", primary.address(), other.address());
    let refused = diff(&servers).await;
    assert!(refused.status == 2 && refused.err.contains("--without-axfr"), "it is said what can be done: {refused:?}");
    let asked = diff(&format!("{servers} --without-axfr")).await;
    assert_eq!((asked.status, asked.out.as_str()), (2, ""), "{asked:?}");
    for text in ["no difference found in 4 answers", "--accept-partial", "asked for 4 record sets", "common names"] {
        assert!(asked.err.contains(text), "{text}: {asked:?}");
    }
    let partial = format!("{servers} --without-axfr --accept-partial --max-qps 2000 --format json");
    let report = diff(&partial).await;
    assert_eq!(report.status, 0, "{report:?}");
    let comparison = json(&report)["comparison"].clone();
    assert_eq!(
        (&comparison["verdict"], &comparison["partial_accepted"]),
        (&"no_difference_found".into(), &true.into())
    );
    assert_eq!(comparison["sides"][1]["asked"]["answered"], 4);
    let whole = check(&format!("{servers} --unsigned --without-axfr --accept-partial")).await;
    assert!(whole.status == 0 && whole.out.contains("no difference found"), "{whole:?}");
    other.apply(|zone| zone.remove("www", RecordType::A));
    let differs = diff(&format!("{servers} --without-axfr --accept-partial")).await;
    assert_eq!((differs.status, differs.out.lines().count()), (1, 3), "{differs:?}");
    other.apply(|zone| zone.add_txt("nobody-thinks-of-it", &["x"]));
    let directory = tempfile::tempdir().unwrap();
    let names = directory.path().join("names");
    std::fs::write(&names, "www\nnobody-thinks-of-it.example.com TXT # new\n").unwrap();
    let names = format!("--names {}", names.to_str().unwrap());
    let found = diff(&format!("{servers} --without-axfr {names}")).await;
    assert!(found.status == 1 && found.out.contains("+nobody-thinks-of-it.example.com."), "{found:?}");
    let alone = diff(&format!("{servers} {names}")).await;
    assert!(alone.status == 2 && alone.err.contains("--without-axfr"), "{alone:?}");
}

#[tokio::test]
async fn h023_a_probe_of_another_run_is_no_difference_and_is_left_alone() {
    let primary = primary().await;
    let plain = secondary(&primary).await;
    plain.pause();
    plant_old(&primary, 5);
    let servers = format!("{} {} example.com --ignore-serial", primary.address(), plain.address());
    let ran = diff(&servers).await;
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("1 probes of runs of this program"), "{ran:?}");
    assert_eq!(diff(&format!("{servers} --count-probes")).await.status, 1);
    assert_eq!((probes(&primary), primary.count(Request::is_update)), (1, 0), "it is somebody else's");
}

#[tokio::test]
async fn quiet_is_the_result_alone() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    let ran = check(&format!("-q {} {} example.com --unsigned", primary.address(), other.address())).await;
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(ran.out.contains("converged") && ran.out.contains("equal"), "{ran:?}");
}

#[tokio::test]
async fn v6_a_difference_is_1_and_its_text_is_exact() {
    let primary = primary().await;
    let odd = Lab::secondary_of(&primary).differing(|zone| {
        zone.remove("www", RecordType::A);
        zone.add("www", RData::A(A::new(192, 0, 2, 81)));
        zone.add_txt("added", &["two words"]);
    });
    let odd = odd.start().await.unwrap();
    let ran = diff(&format!("{} {} example.com", primary.address(), odd.address())).await;
    assert_eq!(ran.status, 1, "{ran:?}");
    let expected = format!(
        "--- {} (serial 7)\n+++ {} (serial 7)\n\
         +added.example.com.\t3600\tIN\tTXT\t\"two words\"\n\
         -www.example.com.\t3600\tIN\tA\t192.0.2.80\n\
         +www.example.com.\t3600\tIN\tA\t192.0.2.81\n",
        primary.address(),
        odd.address(),
    );
    assert_eq!(ran.out, expected);
    assert!(ran.err.contains("2 different record sets"), "the summary is on standard error: {}", ran.err);
    assert_eq!(primary.count(Request::is_update) + odd.count(Request::is_update), 0, "diff never writes");
}

#[tokio::test]
async fn no_difference_is_0_and_no_text() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    let ran = diff(&format!("{} {} example.com", primary.address(), other.address())).await;
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("equal"), "{ran:?}");
}

#[tokio::test]
async fn v6_a_check_that_converges_on_different_zones_is_1() {
    let primary = primary().await;
    let odd = Lab::secondary_of(&primary)
        .differing(|zone| {
            zone.add_txt("added", &["x"]);
        })
        .start()
        .await
        .unwrap();
    let ran = check(&format!("{} {} example.com --unsigned --format json", primary.address(), odd.address())).await;
    assert_eq!(ran.status, 1, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["propagation"], "converged");
    assert_eq!(report["outcome"], "different");
    assert_eq!(report["comparison"]["changes"][0]["owner"], "added.example.com.");
    let ran = check(&format!("{} {} example.com --unsigned --no-compare", primary.address(), odd.address())).await;
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[tokio::test]
async fn v6_not_converged_is_1_and_the_probe_is_gone() {
    let primary = primary().await;
    let stuck = Lab::secondary_of(&primary).paused().start().await.unwrap();
    let line = format!("{} {} example.com --unsigned --deadline 1s --format json", primary.address(), stuck.address());
    let ran = check(&line).await;
    assert_eq!(ran.status, 1, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["outcome"], "not_converged");
    assert_eq!(report["cleanup"], "removed");
    assert_eq!(report["destinations"][0]["propagation"], "not_converged");
    assert_eq!(probes(&primary), 0);
}

#[tokio::test]
async fn v6_a_failed_pre_flight_is_2_and_nothing_is_written() {
    let primary = primary().await;
    let other = Lab::primary(Zone::new("other.example.")).start().await.unwrap();
    let line = format!("{} {} example.com --unsigned --format json", primary.address(), other.address());
    let ran = check(&line).await;
    assert_eq!(ran.status, 2, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["outcome"], "inconclusive");
    assert_eq!(report["cleanup"], "not_planted");
    assert_eq!(primary.count(Request::is_update), 0);
    assert!(ran.err.contains(&other.address().to_string()), "the server is named: {}", ran.err);
}

#[tokio::test]
async fn keep_going_makes_the_unfit_server_inconclusive() {
    let primary = primary().await;
    let good = secondary(&primary).await;
    let bad = Lab::primary(Zone::new("other.example.")).start().await.unwrap();
    let line = format!(
        "{} {} example.com --destination {} --unsigned --keep-going --format json",
        primary.address(),
        good.address(),
        bad.address()
    );
    let ran = check(&line).await;
    assert_eq!(ran.status, 2, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["destinations"][0]["propagation"], "converged");
    assert_eq!(report["destinations"][1]["propagation"], "inconclusive");
    assert_eq!(probes(&primary), 0);
}

#[tokio::test]
async fn v6_a_transfer_that_is_refused_is_2() {
    let primary = primary().await;
    let closed = Lab::secondary_of(&primary).transfer_by(Access::Nobody).start().await.unwrap();
    let words = format!("{} {} example.com", primary.address(), closed.address());
    let ran = diff(&format!("{words} --format json")).await;
    assert_eq!(ran.status, 2, "{ran:?}");
    assert_eq!(json(&ran)["comparison"]["verdict"], "not_compared");
    let ran = check(&format!("{words} --unsigned --format json")).await;
    assert_eq!(ran.status, 2, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["propagation"], "converged");
    assert_eq!(report["comparison"]["verdict"], "not_compared");
}

#[tokio::test]
async fn u21_a_dry_run_sends_no_update_and_prints_it() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    let ran = check(&format!("{} {} example.com --dry-run", primary.address(), other.address())).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.out.contains("_dnsconverge.example.com."), "{ran:?}");
    assert_eq!(primary.count(Request::is_update) + other.count(Request::is_update), 0);
    assert!(primary.count(Request::is_query) > 0, "the pre-flight was done");
}

#[tokio::test]
async fn v6_a_probe_that_may_be_left_is_3_with_the_lines_that_remove_it() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    primary.inject(Fault::new(On::Delete, Act::Rcode(ResponseCode::Refused)));
    let line = format!("{} {} example.com --unsigned --cleanup-timeout 1s", primary.address(), other.address());
    let ran = check(&line).await;
    assert_eq!(ran.status, 3, "{ran:?}");
    assert_eq!(probes(&primary), 1);
    for part in ["\nserver 127.0.0.1 ", "\nzone example.com.\n", "\nupdate delete ", "\nsend"] {
        assert!(ran.err.contains(part), "{part:?}: {}", ran.err);
    }
}

#[tokio::test]
async fn each_server_gets_its_own_key_and_no_other() {
    let key = |name: &str| Key::new(name, Algorithm::Sha256, name.repeat(8).as_bytes());
    let (update, source, destination) = (key("update."), key("source."), key("destination."));
    let primary = Lab::primary(zone()).key(&update).key(&source).update_by(Access::key(&update));
    let primary = primary.transfer_by(Access::key(&source)).start().await.unwrap();
    let other = Lab::secondary_of(&primary).key(&destination).transfer_by(Access::key(&destination));
    let other = other.start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = |key: &Key, name: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, key.file()).unwrap();
        path.display().to_string()
    };
    let line = format!(
        "{} {} example.com --source-key {} --source-update-key {}:update --destination-key {} --format json",
        primary.address(),
        other.address(),
        file(&source, "source.key"),
        file(&update, "update.key"),
        file(&destination, "destination.key"),
    );
    let ran = check(&line).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    let signed_by = |request: &Request, key: &Key| request.signature == Signature::Valid(key.name().clone());
    assert!(primary.requests().iter().filter(|request| request.is_update()).all(|request| signed_by(request, &update)));
    assert!(other.requests().iter().all(|request| signed_by(request, &destination)));
    assert!(primary.requests().iter().all(|request| signed_by(request, &update) || signed_by(request, &source)));
    for key in [&update, &source, &destination] {
        assert!(!ran.all().contains(&key.base64()), "L4: {ran:?}");
    }
}

#[tokio::test]
async fn a_key_of_the_environment_is_for_all_servers() {
    let key = Key::new("all.", Algorithm::Sha512, b"a secret of some length");
    let primary = Lab::primary(zone()).key(&key).update_by(Access::AnyKey).transfer_by(Access::AnyKey);
    let primary = primary.start().await.unwrap();
    let other = Lab::secondary_of(&primary).key(&key).transfer_by(Access::AnyKey).start().await.unwrap();
    let journal = tempfile::tempdir().unwrap();
    let mut command = program(&format!("{} {} example.com", primary.address(), other.address()), &journal);
    let ran = Ran::of(command.env("DNSCONVERGE_TSIG", key.argument()).output().await.unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!ran.all().contains(&key.base64()) && !ran.err.contains("process list"), "{ran:?}");
    let ran = check(&format!("{} {} example.com -y {}", primary.address(), other.address(), key.argument())).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!ran.all().contains(&key.base64()) && ran.err.contains("process list"), "{ran:?}");
}

#[tokio::test]
async fn a_list_of_zones_has_one_report_a_line_and_the_worst_status() {
    let primary = Lab::primary(zone()).zone(Zone::new("second.example.").soa(1).ns("@", "ns1")).start().await.unwrap();
    let other = secondary(&primary).await;
    let directory = tempfile::tempdir().unwrap();
    let list = directory.path().join("zones.txt");
    let words = format!("{} {} --zones {} --format json", primary.address(), other.address(), list.display());
    std::fs::write(&list, "example.com\nsecond.example  # small\n").unwrap();
    let ran = check(&format!("{words} --unsigned")).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    let zones: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(zones.iter().map(|zone| &zone["zone"]).collect::<Vec<_>>(), [ZONE, "second.example."]);
    std::fs::write(&list, "example.com\nabsent.example\nsecond.example\n").unwrap();
    let ran = diff(&words).await;
    assert_eq!(ran.status, 2, "the worst: {ran:?}");
    let outcomes: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    let outcomes: Vec<&Value> = outcomes.iter().map(|report| &report["outcome"]).collect();
    assert_eq!(outcomes, ["ok", "inconclusive", "ok"], "one bad zone spoils no other: {ran:?}");
}

#[tokio::test]
async fn what_a_policy_leaves_out_is_named_even_when_quiet() {
    let primary = primary().await;
    let other = Lab::secondary_of(&primary).differing(|zone| zone.set_serial(9)).start().await.unwrap();
    let words = format!("{} {} example.com -q", primary.address(), other.address());
    let ran = diff(&words).await;
    assert_eq!((ran.status, ran.err.as_str()), (1, ""), "{ran:?}");
    assert!(ran.out.contains(&format!("+++ {} (serial 9)", other.address())), "{ran:?}");
    for policy in ["--ignore-serial", "--policy multi-primary"] {
        let ran = diff(&format!("{words} {policy}")).await;
        assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{policy}: {ran:?}");
        assert!(ran.err.contains("left out") && ran.err.to_lowercase().contains("serial"), "{policy}: {ran:?}");
    }
}

#[tokio::test]
async fn the_demo_shows_all_three_in_ten_seconds_and_exits_0() {
    let mut demo = tokio::process::Command::from(cli::command(["demo"]));
    let limit = std::time::Duration::from_secs(10);
    let ran = Ran::of(tokio::time::timeout(limit, demo.output()).await.expect("in time").unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    for part in ["converged", "\n--- 127.0.0.1:", "\n-www.demo.example.", "  dnsconvergecheck diff ", "removed"] {
        assert!(ran.out.contains(part), "{part:?}: {}", ran.out);
    }
}

#[tokio::test]
async fn one_line_of_json_even_where_no_server_was_found() {
    let ran = diff("nowhere.invalid 127.0.0.1:9 example.com --format json").await;
    assert_eq!(ran.status, 2, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["zone"], ZONE);
    assert_eq!(report["outcome"], "inconclusive");
    assert_eq!(report["exit_status"], 2);
    assert!(ran.err.contains("nowhere.invalid"), "{ran:?}");
}

#[tokio::test]
async fn m4_two_names_of_one_server_are_compared_once() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    let words = format!(
        "-4 {} {} example.com --destination localhost:{} --unsigned --format json",
        primary.address(),
        other.address(),
        other.address().port()
    );
    let ran = check(&words).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["destinations"].as_array().map(Vec::len), Some(1), "{report}");
    assert_eq!(report["comparison"]["verdict"], "equal", "{report}");
}

#[tokio::test]
async fn one_line_of_json_even_where_the_key_cannot_be_read() {
    for words in ["a.invalid b.invalid example.com", "a.invalid b.invalid example.com -k /nonexistent/key"] {
        let ran = check(&format!("{words} --format json")).await;
        assert_eq!(ran.status, 2, "{ran:?}");
        let report = json(&ran);
        assert_eq!((&report["zone"], &report["exit_status"]), (&ZONE.into(), &2.into()), "{report}");
        assert!(report["error"].as_str().is_some_and(|error| error.contains("-k")), "{report}");
    }
    let ran = diff("a.invalid b.invalid example.com -k /nonexistent/key --format json").await;
    assert_eq!((ran.status, &json(&ran)["zone"]), (2, &ZONE.into()), "{ran:?}");
}

#[tokio::test]
async fn u21_a_dry_run_prints_the_update_in_json_too() {
    let primary = primary().await;
    let other = secondary(&primary).await;
    let ran = check(&format!("{} {} example.com --dry-run --format json -q", primary.address(), other.address())).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    let report = json(&ran);
    assert!(report["would_plant"].as_str().is_some_and(|update| update.contains("_dnsconverge")), "{report}");
}

#[tokio::test]
async fn l4_a_key_in_the_wrong_place_is_not_repeated() {
    let secret = "c2VjcmV0IHNlY3JldCBzZWNyZXQ=";
    let key = format!("hmac-sha256:probe:{secret}");
    for words in
        [format!("a b example.com {key}"), format!("a b {key}"), format!("{key} b c"), format!("a b c -q={key}")]
    {
        let ran = check(&words).await;
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(!ran.all().contains(secret), "{words}: {ran:?}");
    }
}

#[tokio::test]
async fn what_is_odd_about_equal_zones_is_said() {
    let primary = Lab::primary(Zone::new(ZONE).soa(7)).start().await.unwrap();
    let other = secondary(&primary).await;
    let ran = diff(&format!("{} {} example.com", primary.address(), other.address())).await;
    assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(ran.err.contains("nothing but its SOA") && ran.err.contains("finding: no side shows"), "{ran:?}");
    let ran = diff(&format!("{} {} example.com --format json", primary.address(), other.address())).await;
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (ran.status, &report["outcome"], &report["comparison"]["verdict"]),
        (1, &"faulty".into(), &"equal".into())
    );
    assert!(report["comparison"]["findings"][0].as_str().unwrap().starts_with("no side shows"), "{report}");
}

/// Of two controllers one takes no updates: its SOA names the other as the primary.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn ad_skips_a_read_only_controller_with_the_reason() {
    use hickory_proto::rr::rdata::SOA;
    let name = |text| Name::from_ascii(text).unwrap();
    let soa = SOA::new(name("localhost."), name("hostmaster.example.com."), 7, 3600, 600, 86400, 60);
    let primary = Lab::primary(zone().soa_data(soa)).start().await.unwrap();
    let read_only = Lab::secondary_of(&primary).on([127, 0, 0, 2]).start().await.unwrap();
    let words = format!(
        "check --ad --unsigned --no-compare {} {} example.com --deadline 20s",
        primary.address(),
        read_only.address()
    );
    let ran = check(&words).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.out.contains(&format!("skipped from {}: it is read-only", read_only.address())), "{ran:?}");
    assert!(ran.out.contains("localhost. as the primary") && ran.err.contains("_msdcs.example.com."), "{ran:?}");
    let ran = check(&format!("{words} --format json")).await;
    let reports: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [_, skipped] = reports.as_slice() else { panic!("a report for each: {ran:?}") };
    assert_eq!(
        (&skipped["source"]["address"], &skipped["outcome"], &skipped["propagation"]),
        (&read_only.address().to_string().into(), &"skipped".into(), &"not_tested".into())
    );
    assert!(skipped["notes"][0].as_str().is_some_and(|note| note.contains("it is read-only")), "{skipped}");
    assert_eq!(probes(&primary), 0);
}

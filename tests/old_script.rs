//! The twelve faults of `DNSConvergeCheck.cmd` 1.0, the script that this program replaces, and that ours has none of them.
//!
//! | no. | the script | ours | test |
//! | --- | --- | --- | --- |
//! | 1 | waits for the record without limit | `--deadline` | `fault_01_*` |
//! | 2 | Ctrl-C leaves `_canary` behind, and the next run stops at it | taken back first | `fault_02_*` |
//! | 3 | a fixed name: two runs at once collide | 130 random bits in the owner | `fault_03_*` |
//! | 4 | a wildcard in the zone makes the name "exist already" | only the exact record counts | `fault_04_*` |
//! | 5 | asks recursively: a forwarder "converges"; any 127.0.0.1 in the answer will do | RD=0, AA=1, the exact RRset | `fault_05_*` |
//! | 6 | needs ICMP, and `ping`, `nslookup`, `find`, `findstr` and `dnscmd` on the PATH | asks by DNS alone | `fault_06_*` |
//! | 7 | takes REFUSED and SERVFAIL for a server that answers | pre-flight | `fault_07_*` |
//! | 8 | `-h` anywhere, as in `dns-hq.example`, shows the help | options are words of their own | `fault_08_*` |
//! | 9 | the error text of the update is lost; a failed deletion is "non-critical" | both are told | `fault_09_*` |
//! | 10 | no exit status | 0, 1, 2, 3 | `fault_10_*` |
//! | 11 | one zone only | `--zones` | `fault_11_*` |
//! | 12 | one record proves nothing about the others; one direction only | the zones are compared; the other direction is not this program's yet: run it with the servers exchanged | `fault_12_*` |

mod cli;
mod lab;

use cli::Ran;
use hickory_proto::op::ResponseCode;
use lab::{Access, Act, Fault, Lab, On, Request, Server, Zone};
use std::process::Stdio;
use tempfile::TempDir;

/// A small zone.
fn zone() -> Zone {
    Zone::new("example.com.").soa(7).ns("@", "ns1").a("ns1", [192, 0, 2, 1])
}

/// A primary and a secondary that follows at once.
async fn pair() -> (Server, Server) {
    let primary = Lab::primary(zone()).start().await.unwrap();
    let secondary = Lab::secondary_of(&primary).start().await.unwrap();
    (primary, secondary)
}

/// Our program from one server to the other, with a deadline that no test should reach in vain.
fn program(source: &Server, destination: &Server, words: &str, journal: &TempDir) -> tokio::process::Command {
    let line = format!("{} {} --unsigned --interval 20ms {words}", source.address(), destination.address());
    let mut command = cli::command(line.split_whitespace());
    command.args(["--journal-dir".as_ref(), journal.path().as_os_str()]);
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    command
}

/// Runs it to its end.
async fn run(source: &Server, destination: &Server, words: &str) -> Ran {
    let journal = tempfile::tempdir().unwrap();
    Ran::of(program(source, destination, words, &journal).output().await.unwrap())
}

/// How many probe records the server holds.
fn probes(server: &Server) -> usize {
    server.zone().below("_dnsconverge").len()
}

#[tokio::test]
async fn fault_01_no_timeout_ours_ends_at_its_deadline() {
    let primary = Lab::primary(zone()).start().await.unwrap();
    let stuck = Lab::secondary_of(&primary).paused().start().await.unwrap();
    let ran = run(&primary, &stuck, "example.com --deadline 500ms").await;
    assert_eq!((ran.status, probes(&primary)), (1, 0), "{ran:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn fault_02_an_interrupt_leaves_the_record_ours_takes_it_back_and_runs_again() {
    let primary = Lab::primary(zone()).start().await.unwrap();
    let stuck = Lab::secondary_of(&primary).paused().start().await.unwrap();
    let journal = tempfile::tempdir().unwrap();
    let mut command = program(&primary, &stuck, "example.com --deadline 1h", &journal);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    primary.wait_for(Request::is_add).await;
    let pid = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let ran = Ran::of(child.wait_with_output().await.unwrap());
    assert_eq!((ran.status, probes(&primary)), (2, 0), "{ran:?}");
    stuck.resume();
    let ran = run(&primary, &stuck, "example.com").await;
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[tokio::test]
async fn fault_03_a_fixed_name_ours_runs_twice_at_once() {
    let (primary, secondary) = pair().await;
    let words = "example.com --no-compare";
    let (one, two) = tokio::join!(run(&primary, &secondary, words), run(&primary, &secondary, words));
    assert_eq!((one.status, two.status, probes(&primary)), (0, 0, 0), "{one:?} {two:?}");
}

#[tokio::test]
async fn fault_04_a_wildcard_is_no_obstacle_to_ours() {
    let wild = zone().txt("*", &["anything"]).a("*", [127, 0, 0, 1]);
    let primary = Lab::primary(wild).start().await.unwrap();
    let secondary = Lab::secondary_of(&primary).start().await.unwrap();
    let ran = run(&primary, &secondary, "example.com").await;
    assert_eq!((ran.status, probes(&primary)), (0, 0), "{ran:?}");
}

#[tokio::test]
async fn fault_05_a_forwarder_or_any_127_0_0_1_converges_ours_wants_the_exact_record_with_authority() {
    let (primary, forwarder) = pair().await;
    forwarder.inject(Fault::new(On::Query, Act::NotAuthoritative));
    let ran = run(&primary, &forwarder, "example.com").await;
    assert_eq!((ran.status, primary.count(Request::is_update)), (2, 0), "{ran:?}");
    assert_eq!(forwarder.count(Request::recursion_desired), 0, "nobody is asked to ask others");

    let wild = zone().txt("*", &["127.0.0.1"]).a("*", [127, 0, 0, 1]);
    let primary = Lab::primary(wild).start().await.unwrap();
    let stuck = Lab::secondary_of(&primary).paused().start().await.unwrap();
    let ran = run(&primary, &stuck, "example.com --deadline 500ms").await;
    assert_eq!((ran.status, probes(&primary)), (1, 0), "an answer is not the answer: {ran:?}");
}

#[tokio::test]
async fn fault_06_icmp_and_five_programs_are_needed_ours_needs_none() {
    let (primary, secondary) = pair().await;
    let journal = tempfile::tempdir().unwrap();
    let mut command = program(&primary, &secondary, "example.com", &journal);
    let ran = Ran::of(command.env("PATH", "").output().await.unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[tokio::test]
async fn fault_07_refused_and_servfail_pass_for_answers_ours_stops_before_it_writes() {
    for (code, word) in [(ResponseCode::Refused, "REFUSED"), (ResponseCode::ServFail, "SERVFAIL")] {
        let (primary, secondary) = pair().await;
        secondary.inject(Fault::new(On::Query, Act::Rcode(code)));
        let ran = run(&primary, &secondary, "example.com").await;
        assert_eq!((ran.status, primary.count(Request::is_update)), (2, 0), "{ran:?}");
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
}

#[test]
fn fault_08_dash_h_in_a_server_name_shows_help_ours_takes_it_for_a_name() {
    for name in ["dns-hq.example", "ns-help.example", "x-h.example"] {
        let ran = cli::run(&format!("diff {name}.invalid {name}.other.invalid example.com"));
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(!ran.all().contains("Usage") && ran.err.contains(name), "{ran:?}");
    }
}

#[tokio::test]
async fn fault_09_the_server_s_refusal_is_lost_ours_says_it_and_a_failed_deletion_is_grave() {
    let primary = Lab::primary(zone()).update_by(Access::Nobody).start().await.unwrap();
    let secondary = Lab::secondary_of(&primary).start().await.unwrap();
    let ran = run(&primary, &secondary, "example.com").await;
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("REFUSED"), "{ran:?}");

    let (primary, secondary) = pair().await;
    primary.inject(Fault::new(On::Delete, Act::Rcode(ResponseCode::NotAuth)));
    let ran = run(&primary, &secondary, "example.com --cleanup-timeout 500ms").await;
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.err.contains("update delete"), "{ran:?}");
}

#[tokio::test]
async fn fault_10_no_exit_codes_ours_tells_success_from_failure() {
    let (primary, secondary) = pair().await;
    let ends_with = async |status, words| {
        let ran = run(&primary, &secondary, words).await;
        assert_eq!(ran.status, status, "{ran:?}");
    };
    ends_with(0, "example.com").await;
    secondary.pause();
    ends_with(1, "example.com --deadline 300ms").await;
    ends_with(2, "absent.example").await;
    secondary.resume();
    primary.inject(Fault::new(On::Delete, Act::Rcode(ResponseCode::Refused)));
    ends_with(3, "example.com --cleanup-timeout 300ms").await;
}

#[tokio::test]
async fn fault_11_one_zone_only_ours_takes_a_list() {
    let msdcs = Zone::new("_msdcs.example.com.").soa(3).ns("@", "ns1.example.com.");
    let reverse = Zone::new("2.0.192.in-addr.arpa.").soa(4).ns("@", "ns1.example.com.");
    let primary = Lab::primary(zone()).zone(msdcs).zone(reverse).start().await.unwrap();
    let secondary = Lab::secondary_of(&primary).start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let list = directory.path().join("zones");
    std::fs::write(&list, "example.com\n_msdcs.example.com\n2.0.192.in-addr.arpa\n").unwrap();
    let ran = run(&primary, &secondary, &format!("--zones {} --format json", list.display())).await;
    assert_eq!((ran.status, ran.out.lines().count()), (0, 3), "{ran:?}");
    assert!(ran.out.lines().all(|line| line.contains("\"propagation\":\"converged\"")), "{ran:?}");
}

#[tokio::test]
async fn fault_12_one_record_stands_for_all_ours_compares_the_zones() {
    let primary = Lab::primary(zone()).start().await.unwrap();
    let stale = Lab::secondary_of(&primary)
        .differing(|zone| {
            zone.add_txt("stale", &["old"]);
        })
        .start()
        .await
        .unwrap();
    let ran = run(&primary, &stale, "example.com").await;
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.out.contains("propagation converged") && ran.out.contains("stale.example.com."), "{ran:?}");
}

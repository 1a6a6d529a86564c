//! What `diff` prints: text that is meant to do harm, lists that are longer than memory, and the same twice.

mod cli;
mod lab;

use cli::Ran;
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData, Record};
use lab::{Lab, Zone};
use serde_json::Value;
use std::fmt::Write;
use std::path::PathBuf;
use tempfile::TempDir;

/// What a terminal, a shell, a log or a reader of JSON could take for something else.
const HOSTILE: [&[u8]; 6] =
    [b"\x1b]0;title\x07", b"two\nlines", b"$(reboot)", b"quote\"d", b"back\\slash", b"\x00\x7f\x80\xff"];

/// Runs `diff` with these words and paths.
async fn diff(words: &str, paths: &[PathBuf]) -> Ran {
    let mut command = cli::command(["diff"].into_iter().chain(words.split_whitespace()));
    command.args(paths).arg("example.test");
    Ran::of(tokio::process::Command::from(command).output().await.unwrap())
}

/// Two zone files of so many hosts, with other TTLs.
fn files(hosts: u32) -> (TempDir, Vec<PathBuf>) {
    let directory = tempfile::tempdir().unwrap();
    let write = |ttl: u32| {
        let mut text =
            String::from("example.test. 300 IN SOA ns h 1 2 3 4 5\nexample.test. 300 IN NS ns.example.net.\n");
        for host in 0..hosts {
            writeln!(text, "h{host:06}.example.test. {ttl} IN A 192.0.2.{}", host % 250).unwrap();
        }
        let path = directory.path().join(format!("{ttl}.zone"));
        std::fs::write(&path, text).unwrap();
        path
    };
    let paths = vec![write(300), write(600)];
    (directory, paths)
}

/// Whether a person's terminal gets letters, digits and signs alone.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|octet| matches!(octet, b' '..=b'~'))
}

#[tokio::test]
async fn l2_records_that_are_meant_to_do_harm_are_a_line_each_in_text_and_json() {
    let zone = || Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 1]);
    let harmful = HOSTILE.into_iter().fold(zone(), |zone, text| {
        let owner = Name::from_labels([text, b"example", b"test"]).unwrap();
        zone.record(Record::from_rdata(owner, 300, RData::TXT(TXT::from_bytes(vec![text]))))
    });
    let (base, target) = (Lab::primary(zone()).start().await.unwrap(), Lab::primary(harmful).start().await.unwrap());
    let servers = format!("{} {}", base.address(), target.address());
    let text = diff(&servers, &[]).await;
    assert_eq!(text.status, 1, "{text:?}");
    assert_eq!(text.out.lines().count(), 2 + HOSTILE.len(), "{text:?}");
    assert!(text.out.lines().all(|line| is_plain(&line.replace('\t', " "))), "{text:?}");
    assert!(text.err.lines().all(is_plain), "{text:?}");
    let json = diff(&format!("{servers} --format json"), &[]).await;
    let report: Value = serde_json::from_str(&json.out).unwrap();
    let changes = report["comparison"]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), HOSTILE.len());
    for change in changes {
        let [added] = change["added"].as_array().unwrap().as_slice() else { panic!("{change}") };
        assert!(text.out.contains(&format!("+{}\n", added.as_str().unwrap())), "{change}");
    }
}

#[tokio::test]
async fn l3_a_long_difference_is_whole_as_text_and_counted_as_json() {
    const HOSTS: u32 = 20_000;
    let (_directory, paths) = files(HOSTS);
    let text = diff("--memory 4M", &paths).await;
    assert_eq!((text.status, text.out.lines().count()), (1, 2 + 2 * HOSTS as usize));
    let json = diff("--memory 4M --format json", &paths).await;
    let report: Value = serde_json::from_str(&json.out).unwrap();
    let comparison = &report["comparison"];
    assert_eq!((json.status, comparison["changes_total"].as_u64()), (1, Some(u64::from(HOSTS))));
    assert!((1..HOSTS as usize).contains(&comparison["changes"].as_array().unwrap().len()));
}

#[tokio::test]
async fn l5_the_same_sides_give_the_same_octets_whatever_the_memory() {
    let (_directory, paths) = files(20_000);
    let [first, again, large] = ["--memory 4M", "--memory 4M", "--memory 1G"].map(|words| diff(words, &paths));
    let (first, again, large) = tokio::join!(first, again, large);
    assert!(first.out.len() > 1_000_000);
    assert!(first.out == again.out && first.out == large.out);
}

/// A hundred zones of one server: those that are in work at once, and nobody else, hold connections to it.
#[tokio::test]
async fn r4_a_hundred_zones_hold_few_connections_to_one_server() {
    let zone = |number: u32| Zone::new(&format!("z{number}.test.")).soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]);
    let many = || (1..100).fold(Lab::primary(zone(0)), |server, number| server.zone(zone(number)));
    let (base, target) = (many().start().await.unwrap(), many().start().await.unwrap());
    let directory = tempfile::tempdir().unwrap();
    let list = directory.path().join("zones");
    std::fs::write(&list, (0..100).map(|number| format!("z{number}.test\n")).collect::<Vec<_>>().concat()).unwrap();
    let words = format!("diff {} {} --format json --zones {}", base.address(), target.address(), list.display());
    let mut command = tokio::process::Command::from(cli::command(words.split_whitespace()));
    let ran = Ran::of(command.output().await.unwrap());
    assert_eq!((ran.status, ran.out.lines().count()), (0, 100), "{ran:?}");
    for server in [&base, &target] {
        assert!(server.connections() >= 100 && server.most_connections() <= 4, "{}", server.most_connections());
    }
}

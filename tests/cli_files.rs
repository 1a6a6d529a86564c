//! Zone files on the command line: paths, standard input, dialects, and what is said of what is taken.

#[path = "cli/mod.rs"]
mod cli;

use cli::{Ran, command};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::Stdio;
use tempfile::TempDir;

/// A small zone.
const TEXT: &str = "$TTL 1h\n@ SOA ns root 7 2h 1h 2w 5m\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.1\n";

/// A directory with these files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

/// Runs the program in that directory, with that standard input.
fn run(directory: &TempDir, words: &str, input: &str) -> Ran {
    let mut command = command(words.split_whitespace());
    command.current_dir(directory.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who does not read it may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn equal_files_say_nothing_and_a_bare_name_says_that_it_is_a_file() {
    let files = directory(&[("a", TEXT), ("b.db", &format!("; the same, otherwise\n{TEXT}"))]);
    let ran = run(&files, "diff ./a b.db example.com", "");
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("note: b.db is a file here, and is read; write @b.db"), "{ran:?}");
    assert!(!ran.err.contains("note: ./a"), "{ran:?}");
}

#[test]
fn standard_input_is_a_side_and_is_read_again_for_a_difference() {
    let files = directory(&[("a", TEXT)]);
    let ran = run(&files, "diff - ./a example.com", &TEXT.replace("192.0.2.1\n", "192.0.2.9\n"));
    let lines = "--- - (serial 7)\n+++ ./a (serial 7)\n\
        -www.example.com.\t3600\tIN\tA\t192.0.2.9\n+www.example.com.\t3600\tIN\tA\t192.0.2.1\n";
    assert_eq!((ran.status, ran.out.as_str()), (1, lines), "{ran:?}");
    let ran = run(&files, "diff ./a - example.com", "");
    assert!(ran.status == 2 && ran.err.contains("standard input is empty"), "{ran:?}");
    let ran = run(&files, "diff ./a - example.com", "$INCLUDE a\n");
    assert!(ran.status == 2 && ran.err.contains("-:1:10: ") && ran.err.contains("--include-dir"), "{ran:?}");
    assert_eq!(run(&files, "diff ./a - example.com --include-dir .", "$INCLUDE a\n").status, 0);
}

#[test]
fn f2_a_wrong_file_ends_with_2_and_names_the_place() {
    let files = directory(&[("a", TEXT), ("b", "@ SOA ns root 7 2h 1h 2w 5m x\n")]);
    let ran = run(&files, "diff ./a ./b example.com --format json", "");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let schema = serde_json::from_str(include_str!("../schema/report.schema.json")).unwrap();
    jsonschema::validate(&schema, &report).unwrap();
    assert_eq!((ran.status, &report["outcome"]), (2, &"inconclusive".into()), "{ran:?}");
    let side = &report["comparison"]["sides"][1];
    assert_eq!((&side["side"], &side["address"]), (&"./b".into(), &Value::Null));
    assert!(side["error"].as_str().unwrap().starts_with("./b:1:"), "{side}");
}

#[test]
fn f1_the_dialect_of_windows_is_seen_or_told() {
    let windows = ";\n;  Database file example.com.dns for example.com zone.\n;\n".to_owned() + TEXT;
    let octal = TEXT.to_owned() + "t TXT \"\\101\"\n";
    let files = directory(&[
        ("a", &(TEXT.to_owned() + "t TXT A\n")),
        ("w", &octal),
        ("seen", &(windows + "t TXT \"\\101\"\n")),
    ]);
    assert_eq!(run(&files, "diff ./a ./w example.com", "").status, 1);
    assert_eq!(run(&files, "diff ./a ./w example.com --dialect windows", "").status, 0);
    let ran = run(&files, "diff ./a ./seen example.com", "");
    assert!(ran.status == 0 && ran.err.contains("./seen: it is read as a file of the Windows DNS server"), "{ran:?}");
    assert_eq!(run(&files, "diff ./a ./seen example.com --dialect standard", "").status, 1);
}

#[test]
fn a_file_that_is_not_there_is_told_apart_from_a_server() {
    let files = directory(&[("a", TEXT)]);
    let ran = run(&files, "diff ./a missing.invalid example.com", "");
    assert!(ran.status == 2 && ran.err.contains("nor is there a zone file of this name here"), "{ran:?}");
    let ran = run(&files, "diff ./a ./missing example.com", "");
    assert!(ran.status == 2 && ran.err.contains("the zone file ./missing cannot be read"), "{ran:?}");
}

/// The first line of a snapshot of [`TEXT`].
const HEAD: &str = "; dnsconverge snapshot 1 zone=example.com. serial=7 records=4 sha384=";

#[test]
fn a_fetched_zone_is_canonical_and_is_compared_like_any_side() {
    let files = directory(&[("a", &(TEXT.to_owned() + "WWW A 192.0.2.1\n"))]);
    let ran = run(&files, "fetch ./a Example.COM -o out", "");
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("fetched 4 records, serial 7"), "{ran:?}");
    let text = fs::read_to_string(files.path().join("out")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with(HEAD) && lines[0].len() == HEAD.len() + 96, "{text}");
    assert!(lines[1].starts_with("; from ./a at 2") && lines[1].ends_with("authenticated by nobody"), "{text}");
    let records = [
        "example.com.\t3600\tIN\tSOA\tns.example.com. root.example.com. 7 7200 3600 1209600 300",
        "example.com.\t3600\tIN\tNS\tns.example.com.",
        "ns.example.com.\t3600\tIN\tA\t192.0.2.53",
        "www.example.com.\t3600\tIN\tA\t192.0.2.1",
    ];
    assert_eq!(lines[2..], records);
    assert_eq!(run(&files, "diff ./a ./out example.com", "").status, 0);
    let again = run(&files, "fetch ./out example.com -o -", "");
    assert_eq!(
        again.out.lines().filter(|line| !line.starts_with("; from")).collect::<Vec<_>>(),
        [&lines[..1], &lines[2..]].concat()
    );
    assert_eq!(run(&files, "diff - ./a example.com", &again.out).status, 0);
    assert_eq!(fs::read_dir(files.path()).unwrap().count(), 2, "nothing else is left");
}

#[test]
fn an_altered_snapshot_is_refused_until_its_first_line_is_gone() {
    let files = directory(&[("a", TEXT)]);
    assert_eq!(run(&files, "fetch ./a example.com -o out", "").status, 0);
    let text = fs::read_to_string(files.path().join("out")).unwrap();
    let (cut, last) = (text.lines().count() - 1, text.lines().last().unwrap());
    let without_last: String = text.split_inclusive('\n').take(cut).collect();
    for (altered, wanted) in [
        (text.replace("192.0.2.1\n", "192.0.2.2\n"), "are not those"),
        (text.replace(" 7 7200", " 8 7200"), "are not those"),
        (text.replace("\t3600\t", "\t60\t"), "are not those"),
        (without_last.clone(), "are not those"),
        (text.clone() + "x.example.com.\t3600\tIN\tA\t192.0.2.1\n", "are not those"),
        (without_last.replace("ns.example.com.\t3600", &format!("{last}\nns.example.com.\t3600")), "not in the order"),
        (text.replace("zone=example.com.", "zone=example.net."), "another zone"),
        (text.replace("sha384=", "sha384=x"), "first line cannot be read"),
    ] {
        assert_ne!(altered, text);
        fs::write(files.path().join("out"), &altered).unwrap();
        let ran = run(&files, "diff ./a ./out example.com", "");
        assert!(
            ran.status == 2 && ran.err.contains("./out is not what was fetched") && ran.err.contains(wanted),
            "{wanted}: {ran:?}"
        );
    }
    let body: String = text.split_inclusive('\n').skip(1).collect();
    fs::write(files.path().join("out"), body.replace("192.0.2.1\n", "192.0.2.2\n")).unwrap();
    assert_eq!(run(&files, "diff ./a ./out example.com", "").status, 1);
}

#[test]
fn a_fetch_that_fails_leaves_the_file_as_it_was() {
    let files = directory(&[("bad", "nonsense"), ("a", TEXT), ("out", "precious")]);
    fs::create_dir(files.path().join("dir")).unwrap();
    let ran = run(&files, "fetch ./bad example.com -o out", "");
    assert!(ran.status == 2 && ran.err.contains("./bad:1:"), "{ran:?}");
    assert_eq!(fs::read_to_string(files.path().join("out")).unwrap(), "precious");
    for (place, wanted) in [("dir", "it is a directory"), ("missing/out", "cannot be written")] {
        let ran = run(&files, &format!("fetch ./a example.com -o {place}"), "");
        assert!(ran.status == 2 && ran.err.contains(wanted), "{ran:?}");
    }
    assert_eq!(fs::read_dir(files.path()).unwrap().count(), 4, "nothing is left half");
    assert_eq!(run(&files, "fetch ./a example.com", "").status, 2, "-o is not optional");
}

#[cfg(unix)]
#[test]
fn a_fetch_writes_through_a_link_and_to_no_device() {
    let files = directory(&[("a", TEXT), ("real", "old")]);
    std::os::unix::fs::symlink("real", files.path().join("link")).unwrap();
    assert_eq!(run(&files, "fetch ./a example.com -o link -q", "").status, 0);
    assert!(fs::symlink_metadata(files.path().join("link")).unwrap().is_symlink());
    assert!(fs::read_to_string(files.path().join("real")).unwrap().starts_with(HEAD));
    let ran = run(&files, "fetch ./a example.com -o /dev/null", "");
    assert!(ran.status == 2 && ran.err.contains("not a regular file"), "{ran:?}");
}

#[test]
fn z8_a_zone_that_its_zonemd_disowns_is_fetched_and_said() {
    let wrong = format!("{TEXT}@ ZONEMD 7 1 1 {}\n", "00".repeat(48));
    let files = directory(&[("a", &wrong)]);
    let ran = run(&files, "fetch ./a example.com -o out", "");
    assert!(ran.status == 1 && ran.err.contains("ZONEMD FAILS"), "{ran:?}");
    assert!(files.path().join("out").exists());
    let ran = run(&files, "diff ./a ./out example.com -q", "");
    assert!(ran.status == 1 && ran.out.is_empty() && ran.err.contains("finding: ./a: ZONEMD FAILS"), "{ran:?}");
}

#[test]
fn a_journal_that_is_not_there_is_no_clean_zone() {
    let files = directory(&[]);
    let ran = run(&files, "sweep --journal-dir ./nowhere", "");
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.contains("./nowhere: there is no such directory"), "{ran:?}");
    assert_eq!(run(&files, "sweep --journal-dir .", "").status, 0);
}

/// Runs the program with no more than so many octets for data, which the system sees to.
#[cfg(target_os = "linux")]
fn run_confined(directory: &TempDir, octets: usize, words: &str) -> Ran {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &format!("ulimit -d {}; exec \"$0\" \"$@\"", octets >> 10)]).arg(cli::program());
    shell.args(words.split_whitespace()).current_dir(directory.path()).env("TMPDIR", directory.path());
    // Each thread takes two megabytes for its stack.
    shell.env("TOKIO_WORKER_THREADS", "2");
    Ran::of(shell.stdin(Stdio::null()).output().unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn l1_a_zone_is_fetched_digested_and_compared_in_less_memory_than_it_has_octets() {
    /// In canonical form a record takes 240 octets.
    const MANY: usize = 60_000;
    const CONFINED: usize = 28 << 20;
    let line = |at: usize| {
        let number = at * 61_803 % MANY;
        format!("h{number:06} TXT \"{number:0200}\"\n")
    };
    let text = (0..MANY).map(line).collect::<Vec<_>>().concat();
    let files = directory(&[("jumbled", &format!("{TEXT}{text}"))]);
    let ran = run_confined(&files, CONFINED, "fetch ./jumbled example.com -o sorted --memory 4M");
    assert_eq!(ran.status, 0, "{ran:?}");
    let wanted = run(&files, "fetch ./jumbled example.com -o -", "").out;
    let sorted = fs::read_to_string(files.path().join("sorted")).unwrap();
    let records =
        |text: &str| text.lines().filter(|line| !line.starts_with("; from")).map(str::to_owned).collect::<Vec<_>>();
    assert!(records(&sorted) == records(&wanted), "the file does not depend on the memory");
    let ran = run_confined(&files, CONFINED, "diff ./jumbled ./sorted example.com --zonemd --memory 4M --format json");
    assert_eq!(ran.status, 0, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let digest = |side: usize| report["comparison"]["sides"][side]["digest"].as_str().unwrap();
    assert!(digest(0) == digest(1) && sorted.contains(digest(0)), "{report:#}");
}

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

//! The floors of the house, held: `use crate::` goes down only, and the lower floors touch neither socket nor clock nor disk.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of each floor, lowest first. A room that is not listed here fails the test.
const FLOORS: [&[&str]; 5] = [
    &["wire", "canonical", "serial", "present"],
    &[
        "tsig", "kerberos", "gss", "xfr", "update", "probe", "diff", "zonefile", "zonemd", "observe", "notify",
        "cutover",
    ],
    &["converge", "report"],
    &["net", "fs"],
    &["check", "compare", "sweep", "switchoff"],
];

/// What only floors 3 and 4 may name.
const OUTSIDE_WORLD: [&str; 8] =
    ["tokio::", "std::fs", "std::env", "std::thread", "SystemTime", "Instant::now", "std::net::Tcp", "rand::"];

/// The floor of a room.
fn floor(room: &str) -> usize {
    let found = FLOORS.iter().position(|rooms| rooms.contains(&room));
    found.unwrap_or_else(|| panic!("the room `{room}` is on no floor: put it into FLOORS and into ARCHITECTURE.md"))
}

/// Every source file below `path`.
fn sources(path: &Path, found: &mut Vec<PathBuf>) {
    for item in fs::read_dir(path).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// (room, file, text) of every source file, tests left out, since they may look anywhere.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let mut rooms = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let is_test =
            inside.components().any(|part| part.as_os_str().to_str().is_some_and(|part| part.starts_with("tests")));
        if room != "lib" && !is_test {
            let text = fs::read_to_string(&file).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
            rooms.push((room, file, text));
        }
    }
    assert!(rooms.len() > FLOORS.concat().len(), "the walk found the house");
    rooms
}

/// The lines that are code.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn imports_go_down_only() {
    for (room, file, text) in rooms() {
        for line in code(&text) {
            for (at, _) in line.match_indices("crate::") {
                let target: String =
                    line[at + 7..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if target.is_empty() {
                    continue;
                }
                assert!(
                    floor(&target) <= floor(&room),
                    "{}: `{room}` (floor {}) imports `{target}` (floor {}): {line}",
                    file.display(),
                    floor(&room),
                    floor(&target)
                );
            }
        }
    }
}

#[test]
fn the_logic_touches_no_outside_world() {
    for (room, file, text) in rooms().into_iter().filter(|(room, ..)| floor(room) < 3) {
        for line in code(&text) {
            let named = OUTSIDE_WORLD.iter().find(|name| line.contains(**name));
            assert!(named.is_none(), "{}: `{room}` names {named:?}: {line}", file.display());
        }
    }
}

/// The lints by which clippy, whose warnings are errors here, keeps what a packet says from ending in a panic.
const NO_PANIC: [&str; 7] =
    ["expect_used", "indexing_slicing", "panic", "string_slice", "todo", "unreachable", "unwrap_used"];

/// Where one of them is set aside: tables that the compiler computes, and would stop at.
const SET_ASIDE: [&str; 1] = ["src/wire/rdata/table.rs"];

#[test]
fn w13_no_room_sets_aside_what_keeps_a_packet_from_ending_in_a_panic() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lib = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let head = lib.split("pub mod").next().unwrap();
    assert!(head.contains("warn("), "the lints stand before the rooms");
    for lint in NO_PANIC {
        assert!(head.contains(&format!("clippy::{lint}")), "lib.rs does not ask for clippy::{lint}");
    }
    for (_, file, text) in rooms() {
        let place = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        let code: String = code(&text).collect::<Vec<_>>().join("\n");
        for attribute in code.split("#[").chain(code.split("#![")).skip(1) {
            let attribute = attribute.split("]\n").next().unwrap();
            let names_one = NO_PANIC.iter().any(|lint| attribute.contains(&format!("clippy::{lint}")));
            let is_fine = SET_ASIDE.contains(&place.as_str()) && attribute.contains("reason = ");
            assert!(!names_one || is_fine, "{place}: {attribute}");
        }
        if SET_ASIDE.contains(&place.as_str()) {
            continue;
        }
        // What no lint sees, and what one might not.
        for word in [".unwrap()", "panic!(", "unreachable!(", "unimplemented!(", "todo!(", " assert!(", " assert_eq!("]
        {
            let line = code.lines().find(|line| line.contains(word));
            assert!(line.is_none(), "{place}: {word} in {line:?}");
        }
    }
}

#[test]
fn w13_arithmetic_that_overflows_is_found_and_not_wrapped() {
    // `[profile.release]` asks for it too; only benchmarks run without.
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let checks = |profile: &str| manifest["profile"].get(profile).and_then(|it| it.get("overflow-checks")).cloned();
    assert_eq!(checks("release"), Some(toml::Value::Boolean(true)));
    assert!(checks("dev").is_none_or(|value| value == toml::Value::Boolean(true)));
    let sum = std::panic::catch_unwind(|| std::hint::black_box(u8::MAX) + std::hint::black_box(1));
    assert!(sum.is_err(), "this very build checks");
}

//! Many who migrate sit at Windows: what only one system has stands behind that system's `cfg`.
//!
//! This reads the text of `src/` and `examples/`; it does not compile for another system.

use std::fs;
use std::path::{Path, PathBuf};

/// What exists on one system alone, and the `cfg` word behind which it may stand.
const SYSTEMS: [(&str, &[&str]); 2] = [
    (
        "unix",
        &[
            "os::unix",
            "os::linux",
            "os::fd",
            "signal::unix",
            "SignalKind",
            "PermissionsExt",
            "OpenOptionsExt",
            "MetadataExt",
            "ExitStatusExt",
            "OsStrExt",
            "OsStringExt",
            "UnixStream",
            "UnixListener",
            "UnixDatagram",
            "AsRawFd",
            "libc::",
            "nix::",
            "rustix::",
        ],
    ),
    ("windows", &["os::windows", "signal::windows", "windows_sys::", "winapi::"]),
];

/// The text with comments and the insides of literals blanked, line ends kept.
fn code_of(text: &str) -> String {
    let octets = text.as_bytes();
    let mut code = octets.to_vec();
    let mut at = 0;
    while at < octets.len() {
        let rest = &octets[at..];
        let word_before = at > 0 && (octets[at - 1].is_ascii_alphanumeric() || octets[at - 1] == b'_');
        let length = match rest {
            [b'/', b'/', ..] => rest.iter().position(|o| *o == b'\n').unwrap_or(rest.len()),
            [b'/', b'*', ..] => find(rest, b"*/", 2),
            [b'r', b'"' | b'#', ..] if !word_before => {
                let hashes = rest[1..].iter().take_while(|o| **o == b'#').count();
                if rest.get(1 + hashes) == Some(&b'"') {
                    find(rest, &[b"\"".as_slice(), &b"#".repeat(hashes)].concat(), 2 + hashes)
                } else {
                    at += 1;
                    continue;
                }
            }
            [b'"', ..] => closing(rest, b'"'),
            // A lifetime is no literal.
            [b'\'', b'\\', ..] | [b'\'', _, b'\'', ..] => closing(rest, b'\''),
            _ => {
                at += 1;
                continue;
            }
        };
        for octet in &mut code[at..at + length] {
            if *octet != b'\n' {
                *octet = b' ';
            }
        }
        at += length;
    }
    String::from_utf8(code).expect("whole characters were blanked")
}

/// The length up to and with `end`, looked for from `from` on.
fn find(octets: &[u8], end: &[u8], from: usize) -> usize {
    let found = octets[from..].windows(end.len()).position(|window| window == end);
    found.map_or(octets.len(), |at| from + at + end.len())
}

/// The length of a literal that this octet opens and closes.
fn closing(octets: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < octets.len() && octets[at] != quote {
        at += if octets[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(octets.len())
}

/// The stretches of code that exist on this system alone: from its `cfg` to the end of the item or statement.
fn gated(code: &str, system: &str) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    for opening in ["#[cfg(", "#![cfg("] {
        for (start, _) in code.match_indices(opening) {
            let end = code[start..].find(']').map_or(code.len(), |length| start + length + 1);
            let condition: String = code[start + opening.len()..end].split_whitespace().collect();
            let names_it = condition.starts_with(&format!("{system})"))
                || (condition.starts_with("all(") && condition.contains(system) && !condition.contains("not("));
            if names_it {
                let stop = if opening.contains('!') { code.len() } else { end_of_item(code, end) };
                ranges.push(start..stop);
            }
        }
    }
    ranges
}

/// Where the item or statement ends that begins here: at its closing brace, or at a semicolon or comma outside of any.
fn end_of_item(code: &str, from: usize) -> usize {
    let mut depth = 0_i32;
    for (at, character) in code[from..].char_indices() {
        match character {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth -= 1;
                if depth < 0 || (depth == 0 && character == '}') {
                    return from + at + 1;
                }
            }
            ';' | ',' if depth == 0 => return from + at + 1,
            _ => {}
        }
    }
    code.len()
}

/// What stands unguarded in this text, as `line: needle`.
fn unguarded(text: &str) -> Vec<String> {
    let code = code_of(text);
    let mut found = Vec::new();
    for (system, needles) in SYSTEMS {
        let gated = gated(&code, system);
        for needle in needles {
            for (at, _) in code.match_indices(needle) {
                if !gated.iter().any(|range| range.contains(&at)) {
                    found.push(format!("{}: {needle}", code[..at].lines().count().max(1)));
                }
            }
        }
    }
    found
}

/// Every source file below a directory.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory of the package") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_system_s_own_api_stands_outside_its_cfg() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    // The demo is built from the embedded lab.
    for directory in ["src", "examples", "tests/lab"] {
        sources(&root.join(directory), &mut files);
    }
    assert!(files.len() > 20, "only {} files were found", files.len());
    let mut faults = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        faults.extend(unguarded(&text).into_iter().map(|fault| format!("{}:{fault}", file.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_stands_behind_a_cfg_is_fine() {
    for text in [
        "#[cfg(unix)]\nfn f() { use std::os::unix::fs::PermissionsExt; }",
        "fn f() {\n    #[cfg(unix)]\n    std::os::unix::fs::symlink(a, b);\n}",
        "#[cfg(unix)]\nimpl S {\n    fn g() { '{'; \"}\" }\n    fn f(x: tokio::signal::unix::Signal) {}\n}",
        "#[cfg(all(test, unix))]\nmod t { use std::os::fd::AsRawFd; }",
        "#[cfg(windows)]\nuse tokio::signal::windows::ctrl_c;",
        "// std::os::unix\nlet a = \"std::os::unix\"; let b = r#\"tokio::signal::unix \"x\" \"#;",
    ] {
        assert_eq!(unguarded(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_stands_in_the_open_is_found() {
    for (text, line) in [
        ("use std::os::unix::fs::symlink;", "1: os::unix"),
        ("\n#[cfg(unix)]\nfn f() {}\n\nfn g() { tokio::signal::unix::signal(k); }", "5: signal::unix"),
        ("#[cfg(unix)]\nuse a::b;\nuse std::os::unix::c;", "3: os::unix"),
        ("#[cfg(not(unix))]\nuse std::os::unix::c;", "2: os::unix"),
        ("fn f() { if cfg!(unix) { std::os::unix::x() } }", "1: os::unix"),
        ("#[cfg(unix)]\nuse std::os::windows::a;", "2: os::windows"),
    ] {
        assert!(unguarded(text).iter().any(|found| found == line), "{text}: {:?}", unguarded(text));
    }
}

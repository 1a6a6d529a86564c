//! The table of rules, `tests/rules.toml`, held to the tests that it names, and the tests to the table; and in `cases` the
//! same for the hostile cases.

#[path = "rules/cases.rs"]
mod cases;

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The sections of the rules in their order, with the number of rules in each.
const SECTIONS: [(char, u32); 19] = [
    ('V', 9),
    ('W', 13),
    ('A', 32),
    ('I', 11),
    ('S', 7),
    ('N', 6),
    ('U', 23),
    ('P', 12),
    ('T', 15),
    ('G', 6),
    ('X', 8),
    ('Z', 9),
    ('C', 14),
    ('F', 7),
    ('R', 7),
    ('K', 5),
    ('M', 4),
    ('L', 8),
    ('D', 1),
];
/// The sections that are done: each of their rules has tests, without exception. Section K waits for many zones.
const DONE: &str = "VWAISNUPTGXZCFRMLD";

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// What is still to be done, by short names.
    later: BTreeMap<String, String>,
    /// The rules.
    rule: Vec<Rule>,
}

/// One rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// Section and number.
    id: String,
    /// RFC and section, or "own".
    rfc: String,
    /// What it asks, in one line.
    #[serde(rename = "rule")]
    text: String,
    /// `file::function` of the tests that hold us to it.
    #[serde(default)]
    tests: Vec<String>,
    /// The work that does it, or what is open of it.
    later: Option<String>,
    /// What is open of a rule that has tests.
    open: Option<String>,
}

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The table.
fn table() -> Table {
    let text = fs::read_to_string(root().join("tests/rules.toml")).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("tests/rules.toml: {error}"))
}

/// Every Rust file below `path`.
fn sources(path: &Path, found: &mut Vec<PathBuf>) {
    for item in fs::read_dir(path).into_iter().flatten() {
        let path = item.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The names of the functions of this text that are tests: `#[test]` or `#[tokio::test]`, then attributes, then `fn`.
fn tests_in(text: &str) -> Vec<String> {
    let (mut found, mut is_test) = (Vec::new(), false);
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            found.extend(is_test.then_some(name));
            is_test = false;
        } else if !(line.starts_with('#') || line.starts_with("//")) {
            is_test = false;
        }
    }
    found
}

/// Every test of the repository as `file::function`.
fn all_tests() -> BTreeSet<String> {
    let mut files = Vec::new();
    for place in ["src", "tests", "examples"] {
        sources(&root().join(place), &mut files);
    }
    let mut tests = BTreeSet::new();
    for file in files {
        let place = file.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&file).unwrap();
        tests.extend(tests_in(&text).into_iter().map(|name| format!("{place}::{name}")));
    }
    tests
}

/// What a test names at the beginning of its name: rules and hostile cases, such as `t4_t5_` in `t4_t5_signed_transfers`.
fn named(test: &str) -> Vec<String> {
    let (_, name) = test.rsplit_once("::").unwrap();
    let is_id = |part: &&str| {
        let (letter, number) = part.split_at_checked(1).unwrap_or_default();
        letter.bytes().all(|b| b.is_ascii_lowercase()) && number.parse::<u32>().is_ok()
    };
    name.split('_').take_while(is_id).map(str::to_uppercase).collect()
}

/// The rules among them; H are the hostile cases. The facts of section D are one row.
fn named_rules(test: &str) -> Vec<String> {
    let rules = named(test).into_iter().filter(|id| !id.starts_with('H'));
    rules.map(|id| if id.starts_with('D') { "D1".to_owned() } else { id }).collect()
}

#[test]
fn every_rule_is_listed_once_and_in_order() {
    let wanted: Vec<String> =
        SECTIONS.iter().flat_map(|(letter, last)| (1..=*last).map(move |number| format!("{letter}{number}"))).collect();
    let listed: Vec<String> = table().rule.into_iter().map(|rule| rule.id).collect();
    assert_eq!(listed, wanted);
}

#[test]
fn every_rule_is_said_in_one_line_with_its_origin() {
    for rule in table().rule {
        let is_section = rule.rfc.split(", ").all(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        assert!(rule.rfc == "own" || is_section, "{}: {}", rule.id, rule.rfc);
        assert!(rule.text.ends_with('.') && !rule.text.contains('\n'), "{}: {}", rule.id, rule.text);
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let tests = all_tests();
    let rules = table().rule;
    let named = rules.iter().flat_map(|rule| rule.tests.iter().map(move |test| (&rule.id, test)));
    let missing: Vec<_> = named.filter(|(_, test)| !tests.contains(*test)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_test_that_names_a_rule_is_listed_there() {
    let rules = table().rule;
    let lists = |id: &str, test: &String| rules.iter().any(|rule| rule.id == id && rule.tests.contains(test));
    let tests = all_tests();
    let pairs = tests.iter().flat_map(|test| named_rules(test).into_iter().map(move |id| (id, test)));
    let missing: Vec<_> = pairs.filter(|(id, test)| !lists(id, test)).collect();
    assert!(missing.is_empty(), "add these to the rows of tests/rules.toml: {missing:#?}");
}

#[test]
fn what_has_no_test_names_the_work_that_does_it() {
    let table = table();
    for rule in &table.rule {
        let known = rule.later.as_ref().is_none_or(|later| table.later.contains_key(later));
        assert!(known, "{}: {:?} is not explained at the head of the table", rule.id, rule.later);
        let is_right = match (rule.tests.is_empty(), &rule.later, &rule.open) {
            (true, Some(_), None) | (false, None, None) | (false, Some(_), Some(_)) => true,
            // Tests of a section that waits may come before the rest of it.
            (false, Some(_), None) => !DONE.contains(&rule.id[..1]),
            _ => false,
        };
        assert!(is_right, "{}: tests, or the work that brings them; with both, say what is open", rule.id);
        let once: BTreeSet<_> = rule.tests.iter().collect();
        assert_eq!(once.len(), rule.tests.len(), "{}: a test is listed twice", rule.id);
    }
    let waits = |name: &&String| table.rule.iter().any(|rule| rule.later.as_ref() == Some(*name));
    assert!(table.later.keys().all(|name| waits(&name)), "no rule waits for one of these: {:?}", table.later);
}

#[test]
fn the_sections_of_the_main_job_have_tests() {
    let table = table();
    let without: Vec<_> =
        table.rule.iter().filter(|rule| DONE.contains(&rule.id[..1]) && rule.tests.is_empty()).collect();
    assert!(without.is_empty(), "{:?}", without.iter().map(|rule| &rule.id).collect::<Vec<_>>());
}

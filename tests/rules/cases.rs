//! The table of hostile cases, `tests/cases.toml`, held to the tests that it names, and the tests to the table.

use crate::{all_tests, named, root};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;

/// How many cases there are.
const CASES: u32 = 130;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// What is still to be done, by short names.
    later: BTreeMap<String, String>,
    /// The cases.
    case: Vec<Case>,
}

/// One case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Its number.
    number: u32,
    /// What goes wrong, in one line.
    #[serde(rename = "case")]
    text: String,
    /// The right answer to it.
    answer: String,
    /// `file::function` of the tests that prove it.
    #[serde(default)]
    tests: Vec<String>,
    /// The work that does it, or what is open of it.
    later: Option<String>,
    /// What is open of a case that has tests.
    open: Option<String>,
}

/// The table.
fn table() -> Table {
    let text = fs::read_to_string(root().join("tests/cases.toml")).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("tests/cases.toml: {error}"))
}

#[test]
fn every_case_is_listed_once_and_in_order() {
    let listed: Vec<u32> = table().case.iter().map(|case| case.number).collect();
    assert_eq!(listed, (1..=CASES).collect::<Vec<_>>());
    for case in table().case {
        let is_line = |text: &str| text.ends_with('.') && !text.contains('\n');
        assert!(is_line(&case.text) && is_line(&case.answer), "{}", case.number);
    }
}

#[test]
fn every_test_that_proves_a_case_exists_and_names_it_if_it_names_one() {
    let (tests, cases) = (all_tests(), table().case);
    let rows = cases.iter().flat_map(|case| case.tests.iter().map(move |test| (case.number, test)));
    let missing: Vec<_> = rows.filter(|(_, test)| !tests.contains(*test)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let lists =
        |number: u32, test: &String| cases.iter().any(|case| case.number == number && case.tests.contains(test));
    let numbered = tests.iter().flat_map(|test| numbers(test).into_iter().map(move |number| (number, test)));
    let unlisted: Vec<_> = numbered.filter(|(number, test)| !lists(*number, test)).collect();
    assert!(unlisted.is_empty(), "add these to the rows of tests/cases.toml: {unlisted:#?}");
}

#[test]
fn a_case_without_a_test_names_the_work_that_does_it() {
    let table = table();
    for case in &table.case {
        let known = case.later.as_ref().is_none_or(|later| table.later.contains_key(later));
        assert!(known, "{}: {:?} is not explained at the head of the table", case.number, case.later);
        let is_right = matches!(
            (case.tests.is_empty(), &case.later, &case.open),
            (true, Some(_), None) | (false, None, None) | (false, Some(_), Some(_))
        );
        assert!(is_right, "{}: tests, or the work that brings them; with both, say what is open", case.number);
    }
    let used = |later: &&String| table.case.iter().any(|case| case.later.as_ref() == Some(*later));
    let unused: Vec<_> = table.later.keys().filter(|later| !used(later)).collect();
    assert!(unused.is_empty(), "nothing waits for {unused:?}");
}

/// The cases that a test names at the beginning of its name, such as `h077_h078_`.
fn numbers(test: &str) -> Vec<u32> {
    named(test).into_iter().filter_map(|id| id.strip_prefix('H')?.parse().ok()).collect()
}

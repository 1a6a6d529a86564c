//! What goes wrong is said once: whose fault it is, and with one address.

use crate::cli::{self, Ran};
use crate::lab::{Access, Lab};
use crate::{check, diff, primary, secondary, zone};

/// Runs the program to its end.
async fn run(words: &str) -> Ran {
    Ran::of(tokio::process::Command::from(cli::command(words.split_whitespace())).output().await.unwrap())
}

/// How often a text has these words.
fn times(text: &str, words: &str) -> usize {
    text.matches(words).count()
}

#[tokio::test]
async fn a_server_that_was_given_by_its_address_is_named_once() {
    let primary = primary().await;
    let other = Lab::primary(crate::Zone::new("other.example.")).start().await.unwrap();
    let ran = check(&format!("-q {} {} example.com --unsigned", primary.address(), other.address())).await;
    assert!(ran.err.contains(&format!("error: {} is not fit for the check", other.address())), "{ran:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_once() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let words = format!("fetch -q 127.0.0.1:1 example.com -o {}", file.path().display());
    for ran in [cli::run(&words), diff("-q 127.0.0.1:1 127.0.0.1:2 example.com").await] {
        let error = ran.err.lines().next().unwrap_or_default();
        assert_eq!((ran.status, times(error, "127.0.0.1:1")), (2, 1), "{ran:?}");
        assert!(error.contains("UDP") && error.contains("TCP"), "{ran:?}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_the_transfer_is_named_once() {
    let closed = Lab::primary(zone()).transfer_by(Access::Nobody).start().await.unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let ran = run(&format!("fetch -q {} example.com -o {}", closed.address(), file.path().display())).await;
    assert_eq!((ran.status, times(&ran.err, &closed.address().to_string())), (2, 1), "{ran:?}");
}

#[tokio::test]
async fn a_refusal_is_explained_once_in_the_result_and_once_as_the_error() {
    let primary = Lab::primary(zone()).update_by(Access::Nobody).start().await.unwrap();
    let other = secondary(&primary).await;
    let ran = check(&format!("{} {} example.com --unsigned", primary.address(), other.address())).await;
    assert_eq!(ran.status, 2, "{ran:?}");
    assert_eq!((times(&ran.out, "REFUSED"), times(&ran.err, "REFUSED")), (1, 1), "{ran:?}");
}

#[test]
fn help_on_what_is_no_verb_names_the_verbs() {
    let ran = cli::run("help keys");
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.starts_with("error: no help on \"keys\"; the verbs are check, diff, fetch,"), "{ran:?}");
    assert!(!ran.err.contains("SOURCE>"), "{ran:?}");
}

#[test]
fn an_option_of_another_verb_is_told_as_that() {
    for (line, told) in [
        ("diff ns1 ns2 example.com --observe www A", "'--observe' is an option of `check`"),
        ("ns1 ns2 example.com --all-older-than 1h", "'--all-older-than' is an option of `sweep`"),
        ("sweep --zonemd", "'--zonemd' is an option of `check` and `diff`"),
    ] {
        let ran = cli::run(line);
        assert!(ran.status == 2 && ran.err.contains(told), "{line}: {ran:?}");
        assert!(!ran.err.contains("use '-- --"), "{line}: {ran:?}");
    }
}

#[test]
fn what_is_wrong_with_the_data_that_are_waited_for_names_the_option() {
    let ran = cli::run("ns1.invalid ns2.invalid example.com --observe www A --rdata 300.1.1.1");
    assert!(ran.status == 2 && ran.err.contains("--rdata \"300.1.1.1\": "), "{ran:?}");
    assert_eq!(times(&ran.err, "IPv4"), 1, "{ran:?}");
}

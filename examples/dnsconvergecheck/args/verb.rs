//! Where the verb stands on the command line: anywhere, or nowhere.

use super::Arguments;
use clap::CommandFactory;
use std::ffi::{OsStr, OsString};

/// Puts the verb first: the first argument that is no option and no option's value, or `check`.
pub(super) fn with_verb(mut line: Vec<OsString>) -> Vec<OsString> {
    if line.is_empty() {
        line.push("dnsconvergecheck".into());
    }
    let command = Arguments::command();
    let is_verb = |argument: &OsStr| command.get_subcommands().any(|verb| argument == verb.get_name());
    match first_positional(&line) {
        Some(at) if line.get(at).is_some_and(|argument| is_verb(argument)) => {
            let verb = line.remove(at);
            line.insert(1, verb);
        }
        // Alone, -h and -V are about the program.
        None if line
            .iter()
            .skip(1)
            .any(|argument| matches!(argument.to_str(), Some("-h" | "--help" | "-V" | "--version"))) =>
        {
            line.retain({
                let mut first = true;
                move |argument| {
                    std::mem::take(&mut first)
                        || matches!(argument.to_str(), Some("-h" | "--help" | "-V" | "--version"))
                }
            });
            line.truncate(2);
        }
        _ => line.insert(1, "check".into()),
    }
    line
}

/// Where the first argument stands that is neither an option nor the value of one.
fn first_positional(line: &[OsString]) -> Option<usize> {
    let mut value_follows = false;
    for (at, argument) in line.iter().enumerate().skip(1) {
        let text = argument.to_string_lossy();
        if std::mem::take(&mut value_follows) {
            continue;
        }
        if text == "--" {
            return None;
        }
        match text.strip_prefix("--") {
            Some(long) => value_follows = !long.contains('=') && takes_value(|arg| arg.get_long() == Some(long)),
            None if text.len() > 1 && text.starts_with('-') => {
                // In a cluster such as -qk only the last letter can have its value in the next argument.
                value_follows = ends_with_value_option(&text);
            }
            None => return Some(at),
        }
    }
    None
}

/// Whether the first letter of a cluster that takes a value is its last letter.
fn ends_with_value_option(cluster: &str) -> bool {
    let letters: Vec<char> = cluster.chars().skip(1).collect();
    let first = letters.iter().position(|letter| takes_value(|arg| arg.get_short() == Some(*letter)));
    first.is_some_and(|at| at + 1 == letters.len())
}

/// Whether an option of any verb that `wanted` picks takes a value.
fn takes_value(wanted: impl Fn(&clap::Arg) -> bool) -> bool {
    let command = Arguments::command();
    command
        .get_subcommands()
        .flat_map(clap::Command::get_arguments)
        .any(|arg| wanted(arg) && arg.get_action().takes_values() && !arg.is_positional())
}

//! Where the verb stands on the command line: anywhere, or nowhere.

use super::Arguments;
use clap::CommandFactory;
use std::ffi::{OsStr, OsString};

/// Puts the verb first: the first argument that is no option and no option's value, or `check`. `help` is `--help`.
pub(super) fn with_verb(mut line: Vec<OsString>) -> Vec<OsString> {
    if line.is_empty() {
        line.push("dnsconvergecheck".into());
    }
    let command = Arguments::command();
    let is_verb = |argument: &OsStr| command.get_subcommands().any(|verb| argument == verb.get_name());
    match line.as_slice() {
        [_, help] if help == "help" => line[1] = "--help".into(),
        [_, help, verb] if help == "help" && is_verb(verb) => {
            line.swap(1, 2);
            line[2] = "--help".into();
        }
        _ => {}
    }
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

/// The first argument that could have been a verb, when the verb has been put first.
pub(super) fn in_place_of_verb(line: &[OsString]) -> Option<&OsString> {
    line.split_first().and_then(|(_, rest)| rest.get(first_positional(rest)?))
}

/// Where the first argument stands that is neither an option nor the value of one.
fn first_positional(line: &[OsString]) -> Option<usize> {
    let mut values_follow = 0_usize;
    for (at, argument) in line.iter().enumerate().skip(1) {
        let text = argument.to_string_lossy();
        if values_follow > 0 {
            values_follow -= 1;
            continue;
        }
        if text == "--" {
            return None;
        }
        match text.strip_prefix("--") {
            Some(long) if long.contains('=') => {}
            Some(long) => values_follow = values(|arg| arg.get_long() == Some(long)),
            None if text.len() > 1 && text.starts_with('-') => {
                // In a cluster such as -qk only the last letter can have its value in the next argument.
                values_follow = usize::from(ends_with_value_option(&text));
            }
            None => return Some(at),
        }
    }
    None
}

/// Whether the first letter of a cluster that takes a value is its last letter.
fn ends_with_value_option(cluster: &str) -> bool {
    let letters: Vec<char> = cluster.chars().skip(1).collect();
    let first = letters.iter().position(|letter| values(|arg| arg.get_short() == Some(*letter)) > 0);
    first.is_some_and(|at| at + 1 == letters.len())
}

/// How many values the option takes that `wanted` picks, of whatever verb.
fn values(wanted: impl Fn(&clap::Arg) -> bool) -> usize {
    let mut command = Arguments::command();
    command.build();
    let mut options = command.get_subcommands().flat_map(clap::Command::get_arguments);
    let found = options.find(|arg| wanted(arg) && arg.get_action().takes_values() && !arg.is_positional());
    found.map_or(0, |arg| arg.get_num_args().map_or(1, |count| count.min_values()))
}

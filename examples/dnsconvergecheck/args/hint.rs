//! What to say besides an error of usage: a verb that was mistyped is taken for a server, and nothing at all for a check.

use super::Arguments;
use super::verb::in_place_of_verb;
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// The tip for this line, whose verb stands first, should it turn out to be wrong.
pub(super) fn about(line: &[OsString]) -> Option<String> {
    if line.len() == 2 && line.get(1).is_some_and(|verb| verb == "check") {
        return Some(
            "try `dnsconvergecheck demo`, which needs nothing; `dnsconvergecheck -h` has examples and all verbs".into(),
        );
    }
    let word = in_place_of_verb(line).filter(|_| line.get(1).is_some_and(|verb| verb == "check"))?.to_str()?;
    let command = Arguments::command();
    let verbs: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let near = verbs.iter().map(|verb| (distance(word, verb), *verb)).min().filter(|(distance, _)| *distance <= 2);
    // What nobody has escaped is not repeated: a name that is so near has letters alone, or next to none else.
    let advice = match near {
        Some((_, verb)) => format!("did you mean `{verb}`?"),
        // Few servers are named by letters alone.
        None if word.chars().all(|letter| letter.is_ascii_alphabetic()) => format!("verbs are {}", verbs.join(", ")),
        None => return None,
    };
    Some(format!("{word:?} is no verb, so it was taken for a server; {advice}"))
}

/// What to say of `help WORD`, which stands behind `check` by now, where the word is no verb.
pub(super) fn help_on_no_verb(line: &[OsString]) -> Option<String> {
    let [_, _, help, word] = line else { return None };
    if help != "help" {
        return None;
    }
    let command = Arguments::command();
    let verbs: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    // What may be a key is not repeated.
    let word = word.to_str().filter(|word| word.chars().all(|letter| letter.is_ascii_alphabetic()));
    let word = word.map_or_else(|| "that".to_owned(), |word| format!("{word:?}"));
    Some(format!("no help on {word}; the verbs are {}", verbs.join(", ")))
}

/// The same error with this tip, if it is one of too few or too many words; an option of another verb is told as that.
pub(super) fn with(mut error: clap::Error, tip: Option<String>) -> clap::Error {
    let tip = option_elsewhere(&error).or(tip);
    let is_about_words = matches!(
        error.kind(),
        ErrorKind::MissingRequiredArgument | ErrorKind::UnknownArgument | ErrorKind::ValueValidation
    );
    if let Some(tip) = tip.filter(|_| is_about_words) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// Which verbs have the option that the one on this line does not know.
fn option_elsewhere(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let long = option.strip_prefix("--").filter(|_| error.kind() == ErrorKind::UnknownArgument)?;
    let command = Arguments::command();
    let knows = |verb: &&clap::Command| verb.get_arguments().any(|argument| argument.get_long() == Some(long));
    let verbs = command.get_subcommands().filter(knows).map(|verb| format!("`{}`", verb.get_name()));
    let verbs: Vec<String> = verbs.collect();
    (!verbs.is_empty()).then(|| format!("'{option}' is an option of {}", verbs.join(" and ")))
}

/// How many letters have to be added, left out or replaced to make one word of the other (Levenshtein 1966).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], at + 1);
        for (column, wanted) in other.iter().enumerate() {
            let replaced = before + usize::from(letter != *wanted);
            before = row[column + 1];
            row[column + 1] = replaced.min(before + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn words_are_as_far_apart_as_letters_differ() {
        for (one, other, apart) in
            [("check", "check", 0), ("chekc", "check", 2), ("dif", "diff", 1), ("", "demo", 4), ("sweeep", "sweep", 1)]
        {
            assert_eq!((distance(one, other), distance(other, one)), (apart, apart), "{one} {other}");
        }
    }
}

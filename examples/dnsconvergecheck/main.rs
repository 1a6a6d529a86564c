//! `dnsconvergecheck SOURCE DESTINATION ZONE`: has a change arrived everywhere, and do the servers hold the same?
//!
//! Everything that is about a command line lives here: arguments, keys from files, signals, the terminal, exit statuses.
//! What is proven, and how, is the library's.

mod args;
mod comparable;
mod defaults;
mod demo;
mod diff_text;
mod direction;
mod directory;
mod help;
mod kerberos;
mod keys;
mod list;
mod live;
mod many;
mod name;
mod names;
mod run;
mod size;
mod span;
mod stop;
mod sweep;
mod terminal;
#[cfg(feature = "tls")]
mod tls;
mod zones;

use crate::args::{Arguments, Unread, Verb};
use crate::terminal::{Output, Terminal};
use std::process::ExitCode;
use std::rc::Rc;

/// The exit status of everything that could not be told.
pub(crate) const COULD_NOT_TELL: u8 = 2;

/// Reads the command line, does it, and says by the exit status how it went.
fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(Unread::Help(text)) => {
            Output::default().write(&text);
            return ExitCode::SUCCESS;
        }
        Err(Unread::Parser(error)) => {
            // A reader who has seen enough of it is no reason to complain.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { COULD_NOT_TELL } else { 0 });
        }
    };
    let terminal = Rc::new(Terminal::new(arguments.is_quiet()));
    match perform(arguments, &terminal) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            terminal.error(&describe(&error));
            ExitCode::from(COULD_NOT_TELL)
        }
    }
}

/// The error and its causes, those left out whose text stands in the one before already. Nothing in it moves the cursor; an
/// error that names several faults keeps its lines.
pub(crate) fn describe(error: &anyhow::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.last().is_none_or(|last| !last.contains(&cause)) {
            said.push(cause);
        }
    }
    // What is not ASCII may be a file's name, and is what the person has written.
    let escaped = |letter: char| match letter {
        '\n' => "\n".to_owned(),
        letter if letter.is_control() => format!("\\{:03}", u32::from(letter)),
        letter => letter.to_string(),
    };
    said.join(": ").chars().map(escaped).collect()
}

/// Does what the verb says. One thread: what takes time here is other machines.
fn perform(arguments: Arguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let status = tokio::task::LocalSet::new().block_on(&runtime, async {
        match arguments.verb {
            Verb::Check(check) => run::check(check, terminal).await,
            Verb::Diff(diff) => run::diff(diff, terminal).await,
            Verb::Fetch(fetch) => run::fetch(fetch, terminal).await,
            Verb::Cutover(arguments) => run::cutover(arguments, terminal).await,
            Verb::Sweep(arguments) => sweep::sweep(arguments, terminal).await,
            Verb::Demo(arguments) => demo::demo(arguments, terminal).await,
        }
    });
    // A look-up by the system's resolver may hang for long after everything is done.
    runtime.shutdown_background();
    status
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn l2_an_error_is_escaped_and_keeps_its_lines() {
        let error = anyhow::anyhow!("a \u{1b}[2J\rcause").context("first\nsecond");
        assert_eq!(describe(&error), "first\nsecond: a \\027[2J\\013cause");
    }
}

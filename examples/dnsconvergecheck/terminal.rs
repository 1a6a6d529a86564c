//! What a person sees while it goes on: step lines, warnings, and on a terminal a live line per server.
//!
//! All of it goes to standard error. Results go to standard output by [`Output`]. Neither a closed pipe nor a full
//! disk at the other end stops a run: the probe must still be taken back.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// Standard error.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Neither steps nor warnings.
    quiet: bool,
    /// The live lines, where there is a terminal to draw them on.
    live: Option<MultiProgress>,
}

impl Terminal {
    /// With live lines if standard error is a terminal.
    pub(crate) fn new(quiet: bool) -> Self {
        let live = (!quiet && io::stderr().is_terminal())
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        Self { quiet, live }
    }

    /// A line about something that happened.
    pub(crate) fn step(&self, line: &str) {
        if !self.quiet {
            self.line(line);
        }
    }

    /// Something that should be changed.
    pub(crate) fn warn(&self, text: &str) {
        self.step(&format!("warning: {text}"));
    }

    /// Why it went wrong; shown even when quiet.
    pub(crate) fn error(&self, text: &str) {
        self.line(&format!("error: {text}"));
    }

    /// A line that is shown even when quiet.
    pub(crate) fn line(&self, line: &str) {
        let write = || {
            // Nobody reads it any more: no reason to leave a probe behind.
            let _ = writeln!(io::stderr().lock(), "{line}");
        };
        match &self.live {
            Some(rows) => rows.suspend(write),
            None => write(),
        }
    }

    /// The live lines of one zone; they vanish with it.
    pub(crate) fn board(&self) -> Board<'_> {
        Board { terminal: self, rows: RefCell::default() }
    }
}

/// One live line per server while a zone is being checked.
#[derive(Debug)]
pub(crate) struct Board<'t> {
    /// Where they are drawn.
    terminal: &'t Terminal,
    /// The line of each server.
    rows: RefCell<HashMap<String, ProgressBar>>,
}

impl Board<'_> {
    /// Whether there are live lines; if not, each change is a plain line.
    pub(crate) fn is_live(&self) -> bool {
        self.terminal.live.is_some()
    }

    /// What a server shows now, or how far a side was read.
    pub(crate) fn show(&self, name: String, text: &str) {
        /// Fast enough to show that the program is alive.
        const TICK: Duration = Duration::from_millis(120);
        let Some(live) = &self.terminal.live else { return };
        let mut rows = self.rows.borrow_mut();
        let prefix = name.clone();
        let row = rows.entry(name).or_insert_with(|| {
            let row = live.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg}  {elapsed}") {
                row.set_style(style);
            }
            row.set_prefix(prefix);
            row.enable_steady_tick(TICK);
            row
        });
        row.set_message(text.to_owned());
    }
}

impl Drop for Board<'_> {
    fn drop(&mut self) {
        for row in self.rows.get_mut().values() {
            row.finish_and_clear();
        }
    }
}

/// Standard output, which may be closed at any time.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// The first failure that is not a reader who has seen enough.
    failure: Option<io::Error>,
}

impl Output {
    /// Writes a result.
    pub(crate) fn write(&mut self, text: &str) {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.failure = self.failure.take().or(Some(error));
            }
            _ => {}
        }
    }

    /// Why a result could not be written, if so.
    pub(crate) fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    /// Says why a result could not be written, if so; with the exit status that this amounts to at least.
    pub(crate) fn tell_failure(&self, terminal: &Terminal) -> u8 {
        let Some(error) = &self.failure else { return 0 };
        terminal.error(&format!("the result cannot be written: {error}"));
        crate::COULD_NOT_TELL
    }
}

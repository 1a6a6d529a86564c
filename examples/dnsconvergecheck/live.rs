//! Events on a screen: step lines, or on a terminal a live line per server for what changes all the time.

use crate::terminal::{Board, Terminal};
use dnsconverge::report::{ComparisonVerdict, Event, EventKind};

/// What a person sees of one zone while it is dealt with.
#[derive(Debug)]
pub(crate) struct Progress<'t> {
    /// Where lines go.
    terminal: &'t Terminal,
    /// Where live lines stand.
    board: Board<'t>,
    /// What every line begins with when several zones are under way.
    prefix: String,
}

impl<'t> Progress<'t> {
    /// For one zone; `prefix` tells its lines from those of others.
    pub(crate) fn new(terminal: &'t Terminal, prefix: String) -> Self {
        Self { terminal, board: terminal.board(), prefix }
    }

    /// Shows an event.
    pub(crate) fn event(&self, event: &Event) {
        if let Some((name, text)) = state(&event.kind) {
            self.board.show(name, &text);
        }
        if self.deserves_a_line(&event.kind) {
            self.terminal.step(&format!("{}{}", self.prefix, line(event)));
        }
        if let EventKind::Compared(comparison) = &event.kind {
            for note in &comparison.notes {
                self.terminal.step(&plain(&format!("{}note: {note}", self.prefix)));
            }
        }
    }

    /// Whether an event is worth a line of its own, now that a live line may have shown it.
    fn deserves_a_line(&self, kind: &EventKind) -> bool {
        match kind {
            // The signal was answered at once, by `stop`; why a run ended is said at its end, as an error.
            // What single answers show is counted in the report.
            EventKind::Stopping
            | EventKind::Aborted { .. }
            | EventKind::ReadProgress { .. }
            | EventKind::Timers { .. }
            | EventKind::Sampled { .. } => false,
            EventKind::Compared(comparison) => {
                !matches!(comparison.verdict, ComparisonVerdict::Moving | ComparisonVerdict::NotCompared)
            }
            EventKind::Waiting { .. } | EventKind::Seen { .. } | EventKind::ReadStarted { .. } => !self.board.is_live(),
            _ => true,
        }
    }
}

/// The line of an event; why an update was refused is said at the end, as an error.
fn line(event: &Event) -> String {
    match event.kind {
        EventKind::PlantRefused { .. } => "refused".to_owned(),
        _ => event.to_string(),
    }
}

/// What a live line says after this event, and of whom.
fn state(kind: &EventKind) -> Option<(String, String)> {
    if let Some((side, text)) = reading(kind) {
        return Some((plain(side), text));
    }
    let (address, text) = match kind {
        EventKind::Fit { address, serial } => (address, format!("ready, serial {serial}")),
        EventKind::Unfit { address, .. } => (address, "not fit for the check".to_owned()),
        EventKind::Planted { address, .. } => (address, "holds the probe".to_owned()),
        EventKind::Measured { address, shows } => (address, format!("holds {}", plain(shows))),
        EventKind::Waiting { address, shows } => (address, format!("waiting: {}", plain(shows))),
        EventKind::Seen { address, times, of } => (address, format!("seen {times} of {of}")),
        EventKind::Flapped { address, .. } => (address, "seen, then not; counting again".to_owned()),
        EventKind::Confirmed { address, seen_after_ms: Some(after), .. } => {
            (address, format!("converged after {after} ms"))
        }
        EventKind::Confirmed { address, .. } => (address, "converged, held already".to_owned()),
        EventKind::NotConverged { address, .. } => (address, "not converged".to_owned()),
        EventKind::Inconclusive { address, .. } => (address, "inconclusive".to_owned()),
        EventKind::Gone { address, gone_after_ms } => (address, format!("probe gone after {gone_after_ms} ms")),
        _ => return None,
    };
    Some((address.to_string(), text))
}

/// What a live line says of a side that is being read.
fn reading(kind: &EventKind) -> Option<(&str, String)> {
    Some(match kind {
        EventKind::ReadStarted { side } => (side, "reading".to_owned()),
        EventKind::ReadProgress { side, records, .. } => (side, format!("{records} records")),
        EventKind::ReadDone { side, serial, records } => (side, format!("{records} records, serial {serial}")),
        _ => return None,
    })
}

/// L2: what a server sent cannot speak to the terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

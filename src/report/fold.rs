//! The fold: one event after the other into what is known, and the verdict that follows from it.

use super::cause::{Case, Cause, Heard, causes};
use super::evidence::{AnswerKind, Evidence, LeaseRow, Sample};
use super::finding::{Finding, findings};
use super::notes;
use super::{Cleanup, Comparison, ComparisonVerdict, Event, EventKind, Outcome, Propagation, ServerName};
use crate::cutover::CutOver;
use std::net::{IpAddr, SocketAddr};

/// What is known of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The zone.
    zone: String,
    /// Seconds since 1970 at the start.
    started_unix: u64,
    /// Time of the last event in milliseconds.
    lasted_ms: u64,
    /// Whether a probe was asked for.
    probe_wanted: bool,
    /// What was watched where nothing was written, as text.
    observed: Option<String>,
    /// Whether a comparison was asked for.
    compare_wanted: bool,
    /// What would have been sent (`--dry-run`).
    would_plant: Option<String>,
    /// The source.
    source: Option<SourceRow>,
    /// The destinations in the order of the command.
    destinations: Vec<DestinationRow>,
    /// Where the probe stands or stood.
    probe_owner: Option<String>,
    /// How the life of the probe stands.
    probe: ProbeState,
    /// The deletion lines, when a probe may be left.
    nsupdate: Option<String>,
    /// The comparison.
    comparison: Option<Comparison>,
    /// Why the run ended with the zone as it was.
    error: Option<String>,
    /// Whether the person asked to stop.
    stopped: bool,
    /// Why no check was made from the source, if none was.
    skipped: Option<String>,
    /// What else is to be known.
    notes: Vec<String>,
    /// How many notes more there were.
    notes_left_out: u32,
    /// Where NOTIFY messages were listened for.
    listening: Option<SocketAddr>,
    /// When the source can be switched off.
    cut_over: Option<CutOver>,
}

/// What the events have said about the probe so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum ProbeState {
    /// No update has left.
    #[default]
    NotPlanted,
    /// It may exist.
    MayExist,
    /// It was taken back.
    Removed,
}

/// The server to which the probe is written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceRow {
    /// Who it is.
    pub name: ServerName,
    /// Its last known serial.
    pub serial: Option<u32>,
    /// From the sending of the update until it showed the probe.
    pub visible_after_ms: Option<u64>,
    /// The lease that it granted on the probe.
    pub lease: Option<LeaseRow>,
    /// Whether it still held the probe after the last confirmation (U7); `None` if that was not asked.
    pub held: Option<bool>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What its answers say besides.
    pub evidence: Evidence,
}

/// One address of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DestinationRow {
    /// Who it is.
    pub name: ServerName,
    /// Whether the probe arrived there.
    pub propagation: Propagation,
    /// From the sending of the update to the first answer of the confirming row.
    pub seen_after_ms: Option<u64>,
    /// From the sending of the deletion to the first answer without the probe.
    pub gone_after_ms: Option<u64>,
    /// Its last known serial.
    pub serial: Option<u32>,
    /// How many questions it was asked for the probe.
    pub samples: u32,
    /// What is wrong with it, or what it showed last.
    pub error: Option<String>,
    /// What else is to be known of it.
    pub notes: Vec<String>,
    /// How many notes more there were.
    notes_left_out: u32,
    /// What its answers say besides.
    pub evidence: Evidence,
}

impl Report {
    /// The report of these events.
    pub fn from_events<'e>(events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut report = Self::default();
        events.into_iter().for_each(|event| report.apply(event));
        report
    }

    /// The zone, as text.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// Seconds since 1970 at which the run began.
    pub fn started_unix(&self) -> u64 {
        self.started_unix
    }

    /// How long it took, in milliseconds.
    pub fn lasted_ms(&self) -> u64 {
        self.lasted_ms
    }

    /// The source.
    pub fn source(&self) -> Option<&SourceRow> {
        self.source.as_ref()
    }

    /// The destinations in the order of the command.
    pub fn destinations(&self) -> &[DestinationRow] {
        &self.destinations
    }

    /// Where the probe stands or stood; `None` if none was sent.
    pub fn probe_owner(&self) -> Option<&str> {
        self.probe_owner.as_deref()
    }

    /// What was watched where nothing was written, as text: owner, type, and the record that was waited for.
    pub fn observed(&self) -> Option<&str> {
        self.observed.as_deref()
    }

    /// Whether it was to be tested if changes arrive, by a probe or by hand.
    fn propagation_wanted(&self) -> bool {
        self.probe_wanted || self.observed.is_some()
    }

    /// The comparison, if one was tried.
    pub fn comparison(&self) -> Option<&Comparison> {
        self.comparison.as_ref()
    }

    /// Whether a comparison was asked for.
    pub fn comparison_wanted(&self) -> bool {
        self.compare_wanted
    }

    /// What the comparison says; one that was never made is [`ComparisonVerdict::NotCompared`].
    pub fn comparison_verdict(&self) -> ComparisonVerdict {
        self.comparison.as_ref().map_or(ComparisonVerdict::NotCompared, |comparison| comparison.verdict)
    }

    /// The lines for nsupdate that remove the probe, when one may be left.
    pub fn nsupdate(&self) -> Option<&str> {
        self.nsupdate.as_deref()
    }

    /// What a dry run would have sent.
    pub fn would_plant(&self) -> Option<&str> {
        self.would_plant.as_deref()
    }

    /// Why the run ended with the zone as it was.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// When the source can be switched off, if that was asked.
    pub fn cut_over(&self) -> Option<&CutOver> {
        self.cut_over.as_ref()
    }

    /// Where NOTIFY messages were listened for; none if they were not.
    pub fn listening(&self) -> Option<SocketAddr> {
        self.listening
    }

    /// What else is to be known about the run.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether the person asked to stop.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// Why a destination has not confirmed the probe, the most likely first; nothing for one that has.
    pub fn causes(&self, row: &DestinationRow) -> Vec<Cause> {
        let is_late = match row.propagation {
            Propagation::NotConverged => true,
            // Who was asked and gave no usable answer can be explained; who was not asked cannot.
            Propagation::Inconclusive => {
                row.samples > 0 && row.evidence.last.is_some_and(|last| last != AnswerKind::Current)
            }
            Propagation::Converged | Propagation::NotTested => false,
        };
        let Some(source) = self.source.as_ref().filter(|_| is_late) else { return Vec::new() };
        let heard = match (self.listening, source.evidence.notified) {
            (None, _) => Heard::NotListening,
            (Some(_), 0) => Heard::Nothing,
            (Some(_), _) => Heard::Notify,
        };
        causes(&Case {
            source: &source.evidence,
            source_serial: source.serial,
            destination: &row.evidence,
            serial: row.serial,
            heard,
            waited: self.lasted_ms / 1000,
            planted: self.probe_owner.is_some(),
            lease_over: source.lease.filter(|lease| lease.is_over).map(|lease| lease.granted_s),
        })
    }

    /// What the answers of a destination say about who it is.
    pub fn findings(&self, row: &DestinationRow) -> Vec<Finding> {
        findings(self.source.as_ref().map(|source| &source.evidence), &row.evidence, self.observed.is_none())
    }

    /// What became of the probe.
    pub fn cleanup(&self) -> Cleanup {
        match self.probe {
            ProbeState::NotPlanted => Cleanup::NotPlanted,
            ProbeState::MayExist => Cleanup::Unconfirmed,
            ProbeState::Removed => Cleanup::Removed,
        }
    }

    /// Whether the probe arrived everywhere: the worst of all destinations (V3).
    ///
    /// Converged also needs that the source still held it after the last confirmation (U7).
    pub fn propagation(&self) -> Propagation {
        let has = |wanted| self.destinations.iter().any(|row| row.propagation == wanted);
        let all =
            |wanted| !self.destinations.is_empty() && self.destinations.iter().all(|row| row.propagation == wanted);
        let held = self.source.as_ref().is_some_and(|source| source.held == Some(true));
        let lost = self.source.as_ref().is_some_and(|source| source.held == Some(false));
        let was_written = self.probe != ProbeState::NotPlanted;
        if !(was_written || self.observed.is_some()) || all(Propagation::NotTested) {
            let is_unknown = self.propagation_wanted() && (self.error.is_some() || has(Propagation::Inconclusive));
            if is_unknown { Propagation::Inconclusive } else { Propagation::NotTested }
        } else if has(Propagation::Inconclusive) || lost {
            Propagation::Inconclusive
        } else if has(Propagation::NotConverged) {
            Propagation::NotConverged
        } else if all(Propagation::Converged) && held {
            Propagation::Converged
        } else {
            Propagation::Inconclusive
        }
    }

    /// The whole run in a word: the highest exit status that applies decides.
    pub fn outcome(&self) -> Outcome {
        let propagation = self.propagation();
        let untested = self.propagation_wanted() && self.would_plant.is_none() && propagation == Propagation::NotTested;
        let accepted = self.comparison.as_ref().is_some_and(|comparison| comparison.partial_accepted);
        let faulty = self.comparison.as_ref().is_some_and(|comparison| !comparison.findings.is_empty());
        let compared = match (self.comparison.as_ref().map(|comparison| comparison.verdict), self.compare_wanted) {
            // Z8: a zone that contradicts itself is not in order, and if it were the same everywhere.
            (Some(ComparisonVerdict::Equal), _) if faulty => Outcome::Faulty,
            (Some(ComparisonVerdict::NoDifferenceFound), _) if faulty && accepted => Outcome::Faulty,
            (None | Some(ComparisonVerdict::NotCompared), false) | (Some(ComparisonVerdict::Equal), _) => Outcome::Ok,
            // What did not converge was not compared: the question has its answer.
            (None, true) if propagation == Propagation::NotConverged || self.would_plant.is_some() => Outcome::Ok,
            (Some(ComparisonVerdict::Different), _) => Outcome::Different,
            (Some(ComparisonVerdict::NoDifferenceFound), _) if accepted => Outcome::Ok,
            (Some(ComparisonVerdict::NoDifferenceFound), _) => Outcome::Inconclusive,
            (Some(ComparisonVerdict::Moving), _) | (None | Some(ComparisonVerdict::NotCompared), true) => {
                Outcome::Inconclusive
            }
        };
        if self.cleanup() == Cleanup::Unconfirmed {
            Outcome::ProbeLeft
        } else if self.error.is_some()
            || untested
            || propagation == Propagation::Inconclusive
            || compared == Outcome::Inconclusive
        {
            Outcome::Inconclusive
        } else if propagation == Propagation::NotConverged {
            Outcome::NotConverged
        } else if self.skipped.is_some() && compared == Outcome::Ok {
            Outcome::Skipped
        } else {
            compared
        }
    }

    /// The exit status of the outcome, 0 to 3.
    pub fn exit_status(&self) -> u8 {
        self.outcome().exit_status()
    }
}

/// # The fold
impl Report {
    /// Takes one more event into account; the getters change with every call.
    pub fn apply(&mut self, event: &Event) {
        self.lasted_ms = self.lasted_ms.max(event.at_ms);
        match &event.kind {
            EventKind::Started { zone, started_unix, source, destinations, probe, observes, compare } => {
                self.observed.clone_from(observes);
                self.zone.clone_from(zone);
                self.started_unix = *started_unix;
                (self.probe_wanted, self.compare_wanted) = (*probe, *compare);
                self.source = Some(SourceRow::new(source));
                self.destinations = destinations.iter().map(DestinationRow::new).collect();
            }
            EventKind::Comparing { zone, started_unix, .. } => {
                self.zone.clone_from(zone);
                self.started_unix = *started_unix;
                self.compare_wanted = true;
            }
            EventKind::Fit { address, serial } => {
                self.set_serial(*address, *serial);
                self.with_evidence(*address, |evidence| evidence.first_serial = Some(*serial));
            }
            EventKind::SerialSeen { address, serial } => self.set_serial(*address, *serial),
            EventKind::Timers { .. }
            | EventKind::Named { .. }
            | EventKind::Sampled { .. }
            | EventKind::Listening { .. }
            | EventKind::Notified { .. }
            | EventKind::Leased { .. }
            | EventKind::LeaseOver { .. } => self.witness(&event.kind),
            EventKind::Unfit { address, error } => self.unfit(*address, error),
            EventKind::WouldPlant { update } => self.would_plant = Some(update.clone()),
            EventKind::Planting { owner } => {
                self.probe_owner = Some(owner.clone());
                self.probe = ProbeState::MayExist;
            }
            EventKind::PlantRefused { error } => {
                self.probe = ProbeState::NotPlanted;
                self.source_error(error);
            }
            EventKind::PlantUnknown { error } => self.note(None, error.clone()),
            EventKind::Planted { after_ms, .. } => {
                self.source.iter_mut().for_each(|source| source.visible_after_ms = Some(*after_ms));
            }
            EventKind::NotVisible { error, .. } => self.source_error(error),
            EventKind::Confirmed { address, seen_after_ms, samples } => {
                let row = self.settle(*address, Propagation::Converged, None, *samples);
                if let Some(row) = row {
                    row.seen_after_ms = *seen_after_ms;
                }
            }
            EventKind::NotConverged { address, error, samples } => {
                self.settle(*address, Propagation::NotConverged, Some(error), *samples);
            }
            EventKind::Inconclusive { address, error, samples } => {
                self.settle(*address, Propagation::Inconclusive, Some(error), *samples);
            }
            EventKind::Flapped { address, times, shows } => {
                self.note(Some(*address), format!("showed it {times} times, then {shows}"));
            }
            EventKind::Held { .. } => self.set_held(true),
            EventKind::NotHeld { error, .. } => {
                self.set_held(false);
                self.source_error(error);
            }
            EventKind::Stopping => self.stopped = true,
            EventKind::Removed { .. } => {
                self.probe = ProbeState::Removed;
                self.nsupdate = None;
            }
            EventKind::ProbeLeft { error, nsupdate } => self.leave_probe(error, nsupdate),
            EventKind::Gone { address, gone_after_ms } => {
                self.row(*address).into_iter().for_each(|row| row.gone_after_ms = Some(*gone_after_ms));
            }
            EventKind::NotGone { address, shows } => {
                self.still_there(*address, shows);
            }
            EventKind::Skipped { why } => self.skip(why),
            EventKind::Note { address, text } => self.note(*address, text.clone()),
            EventKind::Compared(comparison) => {
                for side in &comparison.sides {
                    if let (Some(address), Some(serial)) = (side.address, side.serial) {
                        self.set_serial(address, serial);
                    }
                }
                self.comparison = Some(comparison.as_ref().clone());
            }
            EventKind::CutOver(clock) => self.cut_over = Some(clock.as_ref().clone()),
            EventKind::Aborted { error } => self.error = Some(error.clone()),
            EventKind::Measured { .. }
            | EventKind::Waiting { .. }
            | EventKind::Seen { .. }
            | EventKind::DeadlinePassed
            | EventKind::Removing { .. }
            | EventKind::RemoveFailed { .. }
            | EventKind::ReadStarted { .. }
            | EventKind::ReadProgress { .. }
            | EventKind::ReadDone { .. } => {}
        }
    }

    /// What explains and decides nothing.
    fn witness(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Timers { address, timers } => {
                self.with_evidence(*address, |evidence| evidence.timers = Some(*timers));
            }
            EventKind::Named { address, identity, by } => {
                self.with_evidence(*address, |evidence| evidence.name(identity, by));
            }
            EventKind::Sampled { address, transport, node, shows, serial, ttl, extended_errors } => {
                let node = node.as_deref();
                let sample = Sample { transport: *transport, node, shows: *shows, serial: *serial, ttl: *ttl };
                self.with_evidence(*address, |evidence| {
                    evidence.explain(extended_errors);
                    evidence.count(sample);
                });
                if let (Some(row), Some(serial)) = (self.row(*address), *serial) {
                    row.serial = Some(serial);
                }
            }
            EventKind::Listening { address } => self.listening = Some(*address),
            EventKind::Notified { address, .. } => self.count_notify(*address),
            EventKind::Leased { asked_s, granted_s, .. } => {
                let lease = LeaseRow { asked_s: *asked_s, granted_s: *granted_s, is_over: false };
                self.source.iter_mut().for_each(|source| source.lease = Some(lease));
            }
            EventKind::LeaseOver { .. } => {
                let leases = self.source.iter_mut().filter_map(|source| source.lease.as_mut());
                leases.for_each(|lease| lease.is_over = true);
            }
            _ => {}
        }
    }

    /// Adds to the evidence about whoever has this address.
    fn with_evidence(&mut self, address: SocketAddr, note: impl Fn(&mut Evidence)) {
        if let Some(source) = self.source.as_mut().filter(|source| source.name.address == address) {
            note(&mut source.evidence);
        }
        self.row(address).into_iter().for_each(|row| note(&mut row.evidence));
    }

    /// A NOTIFY came from this address, whatever port it left by.
    fn count_notify(&mut self, from: IpAddr) {
        let source = self.source.iter_mut().map(|row| (row.name.address, &mut row.evidence));
        let rows = self.destinations.iter_mut().map(|row| (row.name.address, &mut row.evidence));
        for (_, evidence) in
            source.chain(rows).filter(|(address, _)| address.ip().to_canonical() == from.to_canonical())
        {
            evidence.notified = evidence.notified.saturating_add(1);
        }
    }

    /// The row of a destination.
    fn row(&mut self, address: SocketAddr) -> Option<&mut DestinationRow> {
        self.destinations.iter_mut().find(|row| row.name.address == address)
    }

    /// The last word about a destination.
    fn settle(
        &mut self,
        address: SocketAddr,
        propagation: Propagation,
        error: Option<&str>,
        samples: u32,
    ) -> Option<&mut DestinationRow> {
        let row = self.row(address)?;
        row.propagation = propagation;
        row.error = error.map(str::to_owned);
        // A destination may lose what it had confirmed.
        row.seen_after_ms = None;
        row.samples = samples;
        Some(row)
    }

    /// A destination that got the probe and did not get its removal in time: it has stopped following the source.
    ///
    /// Whoever asked to stop did not wait for it, so then it is only told.
    fn still_there(&mut self, address: SocketAddr, shows: &str) {
        let error = format!("the probe arrived, its removal did not: {shows}");
        if self.stopped {
            return self.note(Some(address), error);
        }
        if let Some(row) = self.row(address) {
            row.propagation = Propagation::NotConverged;
            row.error = Some(error);
        }
    }

    /// No check is made.
    fn skip(&mut self, why: &str) {
        self.skipped = Some(why.to_owned());
        self.note(None, why.to_owned());
    }

    /// The probe may be there for good.
    fn leave_probe(&mut self, error: &str, nsupdate: &str) {
        self.probe = ProbeState::MayExist;
        self.nsupdate = Some(nsupdate.to_owned());
        self.note(None, error.to_owned());
    }

    /// A server that did not pass the pre-flight.
    fn unfit(&mut self, address: SocketAddr, error: &str) {
        if self.settle(address, Propagation::Inconclusive, Some(error), 0).is_none() {
            self.source_error(error);
        }
    }

    /// The last known serial of whoever has this address.
    fn set_serial(&mut self, address: SocketAddr, serial: u32) {
        if let Some(source) = self.source.as_mut().filter(|source| source.name.address == address) {
            source.serial = Some(serial);
        }
        self.row(address).into_iter().for_each(|row| row.serial = Some(serial));
    }

    /// Whether the source still had the probe at the end.
    fn set_held(&mut self, held: bool) {
        if let Some(source) = &mut self.source {
            source.held = Some(held);
        }
    }

    /// Something is wrong with the source.
    fn source_error(&mut self, error: &str) {
        if let Some(source) = &mut self.source {
            source.error = Some(error.to_owned());
        }
    }

    /// A note, to the destination that it is about or to the run.
    fn note(&mut self, address: Option<SocketAddr>, text: String) {
        if let Some(row) = address.and_then(|address| self.row(address)) {
            return notes::add(&mut row.notes, &mut row.notes_left_out, text);
        }
        let text = address.map_or(text.clone(), |address| format!("{address}: {text}"));
        notes::add(&mut self.notes, &mut self.notes_left_out, text);
    }
}

impl SourceRow {
    /// Nothing is known yet.
    fn new(name: &ServerName) -> Self {
        Self {
            name: name.clone(),
            serial: None,
            visible_after_ms: None,
            lease: None,
            held: None,
            error: None,
            evidence: Evidence::default(),
        }
    }
}

impl DestinationRow {
    /// Nothing is known yet.
    fn new(name: &ServerName) -> Self {
        Self {
            name: name.clone(),
            propagation: Propagation::NotTested,
            seen_after_ms: None,
            gone_after_ms: None,
            serial: None,
            samples: 0,
            error: None,
            notes: Vec::new(),
            notes_left_out: 0,
            evidence: Evidence::default(),
        }
    }
}

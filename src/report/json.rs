//! The JSON rendering: the published schema, apart from the logic.
//!
//! Its definition is `schema/report.schema.json`; a test holds reports to it. `serde_json` escapes control characters, so
//! texts from the network stay texts (L2).

use super::{
    Basis, ChangeRow, Cleanup, ComparedSide, ComparisonVerdict, DestinationRow, LeftOut, Outcome, Propagation, Report,
};
use super::{Cause, Finding, LeaseRow, NodeRow, Sampling, ServerName, SourceRow, Timers};
use crate::cutover::CutOver;
use serde::Serialize;
use std::net::SocketAddr;

/// The version of the published JSON; it changes when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// The whole document.
#[derive(Debug, Serialize)]
struct Document<'r> {
    /// [`SCHEMA_VERSION`].
    schema_version: u32,
    /// The zone, absolute.
    zone: &'r str,
    /// The whole run in a word.
    outcome: Outcome,
    /// 0 to 3.
    exit_status: u8,
    /// Whether the probe arrived.
    propagation: Propagation,
    /// What became of the probe.
    cleanup: Cleanup,
    /// Seconds since 1970.
    started_unix: u64,
    /// Until the last event.
    duration_ms: u64,
    /// Where the probe stands or stood.
    probe: Option<&'r str>,
    /// What was watched where nothing was written.
    observed: Option<&'r str>,
    /// Why the run ended early.
    error: Option<&'r str>,
    /// Whether the person asked to stop.
    stopped: bool,
    /// The source.
    source: Option<Source<'r>>,
    /// The destinations.
    destinations: Vec<Destination<'r>>,
    /// The comparison.
    comparison: ComparisonDocument<'r>,
    /// What else is to be known.
    notes: &'r [String],
    /// The lines that remove a probe which may be left.
    nsupdate: Option<&'r str>,
    /// What a dry run would have sent.
    would_plant: Option<&'r str>,
    /// Where NOTIFY messages were listened for.
    listening: Option<SocketAddr>,
    /// When the source can be switched off.
    cut_over: Option<&'r CutOver>,
}

/// The source.
#[derive(Debug, Serialize)]
struct Source<'r> {
    /// As given.
    server: &'r str,
    /// The address.
    address: SocketAddr,
    /// Its serial.
    serial: Option<u32>,
    /// A key's name.
    authenticated_by: Option<&'r str>,
    /// Until it showed the probe.
    visible_after_ms: Option<u64>,
    /// The lease that it granted on the probe.
    lease: Option<LeaseRow>,
    /// Whether it still held the probe at the end.
    held: Option<bool>,
    /// What is wrong.
    error: Option<&'r str>,
    /// Who answered.
    nodes: &'r [NodeRow],
    /// The timers of its SOA.
    timers: Option<Timers>,
}

/// One destination address.
#[derive(Debug, Serialize)]
struct Destination<'r> {
    /// As given.
    server: &'r str,
    /// The address.
    address: SocketAddr,
    /// Whether the probe arrived.
    propagation: Propagation,
    /// Until it showed the probe.
    seen_after_ms: Option<u64>,
    /// Until it no longer did.
    gone_after_ms: Option<u64>,
    /// Its serial.
    serial: Option<u32>,
    /// A key's name.
    authenticated_by: Option<&'r str>,
    /// Questions asked.
    samples: u32,
    /// What is wrong.
    error: Option<&'r str>,
    /// What else is to be known.
    notes: &'r [String],
    /// The answers, counted.
    sampling: Sampling,
    /// Who answered.
    nodes: &'r [NodeRow],
    /// The timers of its SOA.
    timers: Option<Timers>,
    /// Extended errors in words.
    extended_errors: &'r [String],
    /// What the answers say about who it is.
    findings: Vec<FindingDocument>,
    /// Why it is late, the most likely first.
    causes: Vec<CauseDocument>,
}

/// What the answers of a destination say about who it is.
#[derive(Debug, Serialize)]
struct FindingDocument {
    /// In a word.
    finding: &'static str,
    /// For people.
    text: String,
}

/// Why a destination is late.
#[derive(Debug, Serialize)]
struct CauseDocument {
    /// In a word.
    cause: &'static str,
    /// For people.
    text: String,
    /// What to do.
    advice: &'static str,
}

/// The comparison.
#[derive(Debug, Serialize)]
struct ComparisonDocument<'r> {
    /// What it says.
    verdict: ComparisonVerdict,
    /// Whether it was asked for.
    wanted: bool,
    /// All sides, the base first.
    sides: &'r [ComparedSide],
    /// The differences.
    changes: &'r [ChangeRow],
    /// How many there are.
    changes_total: u64,
    /// Whether "no difference found" is enough.
    partial_accepted: bool,
    /// What was left out.
    left_out: &'r [LeftOut],
    /// What the verdict rests on.
    basis: Option<Basis>,
    /// What is wrong with a zone in itself.
    findings: &'r [String],
    /// What else is to be known.
    notes: &'r [String],
}

impl Report {
    /// The report as one JSON value, to the published schema.
    pub fn to_json(&self) -> serde_json::Value {
        // Plain structs of texts and numbers: nothing in them can fail to be a JSON value.
        serde_json::to_value(self.document()).unwrap_or_default()
    }

    /// The report as one line of JSON: field order is that of the schema, same report, same octets (L5).
    pub fn to_json_line(&self) -> String {
        serde_json::to_string(&self.document()).unwrap_or_default()
    }

    /// The report as JSON for people.
    pub fn to_json_pretty(&self) -> String {
        serde_json::to_string_pretty(&self.document()).unwrap_or_default()
    }

    /// The document.
    fn document(&self) -> Document<'_> {
        Document {
            schema_version: SCHEMA_VERSION,
            zone: self.zone(),
            outcome: self.outcome(),
            exit_status: self.exit_status(),
            propagation: self.propagation(),
            cleanup: self.cleanup(),
            started_unix: self.started_unix(),
            duration_ms: self.lasted_ms(),
            probe: self.probe_owner(),
            observed: self.observed(),
            error: self.error(),
            stopped: self.stopped(),
            source: self.source().map(Source::of),
            destinations: self.destinations().iter().map(|row| Destination::of(self, row)).collect(),
            comparison: self.comparison_document(),
            notes: self.notes(),
            nsupdate: self.nsupdate(),
            would_plant: self.would_plant(),
            listening: self.listening(),
            cut_over: self.cut_over(),
        }
    }

    /// Its comparison, made or not.
    fn comparison_document(&self) -> ComparisonDocument<'_> {
        let made = self.comparison();
        ComparisonDocument {
            verdict: self.comparison_verdict(),
            wanted: self.comparison_wanted(),
            sides: made.map_or(&[], |made| &made.sides),
            changes: made.map_or(&[], |made| &made.changes),
            changes_total: made.map_or(0, |made| made.changes_total),
            partial_accepted: made.is_some_and(|made| made.partial_accepted),
            left_out: made.map_or(&[], |made| &made.left_out),
            basis: made.and_then(|made| made.basis),
            findings: made.map_or(&[], |made| &made.findings),
            notes: made.map_or(&[], |made| &made.notes),
        }
    }
}

impl<'r> Source<'r> {
    /// The row in JSON.
    fn of(row: &'r SourceRow) -> Self {
        let SourceRow { name: ServerName { server, address, authenticated_by, .. }, .. } = row;
        Self {
            server,
            address: *address,
            serial: row.serial,
            authenticated_by: authenticated_by.as_deref(),
            visible_after_ms: row.visible_after_ms,
            lease: row.lease,
            held: row.held,
            error: row.error.as_deref(),
            nodes: &row.evidence.nodes,
            timers: row.evidence.timers,
        }
    }
}

impl<'r> Destination<'r> {
    /// The row in JSON.
    fn of(report: &Report, row: &'r DestinationRow) -> Self {
        let finding = |finding: Finding| FindingDocument { finding: finding.word(), text: finding.to_string() };
        let cause =
            |cause: Cause| CauseDocument { cause: cause.word(), text: cause.to_string(), advice: cause.advice() };
        let DestinationRow { name: ServerName { server, address, authenticated_by, .. }, .. } = row;
        Self {
            server,
            address: *address,
            propagation: row.propagation,
            seen_after_ms: row.seen_after_ms,
            gone_after_ms: row.gone_after_ms,
            serial: row.serial,
            authenticated_by: authenticated_by.as_deref(),
            samples: row.samples,
            error: row.error.as_deref(),
            notes: &row.notes,
            sampling: row.evidence.sampling,
            nodes: &row.evidence.nodes,
            timers: row.evidence.timers,
            extended_errors: &row.evidence.extended_errors,
            findings: report.findings(row).into_iter().map(finding).collect(),
            causes: report.causes(row).into_iter().map(cause).collect(),
        }
    }
}

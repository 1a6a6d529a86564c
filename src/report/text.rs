//! The text rendering: what a tired person reads first, the answer before the details.
//!
//! Every text in it is escaped (L2). It has no colours and no width: that is the program's.

use super::{
    Basis, Cleanup, Comparison, ComparisonVerdict, DestinationRow, Evidence, Finding, Outcome, Propagation, Report,
    ServerName, SourceRow, ZonemdStatus,
};
use crate::present::one_line;
use std::fmt;
use std::net::SocketAddr;

/// So many record sets are listed; the rest is counted (L3). JSON has all that the comparison kept.
const LISTED: usize = 20;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", one_line(self.zone()), self.headline())?;
        if let Some(error) = self.error() {
            writeln!(f, "  why: {}", one_line(error))?;
        }
        if let Some(watched) = self.observed() {
            writeln!(f, "  watched, nothing was written: {}", one_line(watched))?;
        }
        if let Some(source) = self.source() {
            write_source(f, self, source)?;
        }
        for row in self.destinations() {
            write_destination(f, self, row)?;
        }
        if let (Cleanup::Removed, Some(owner)) = (self.cleanup(), self.probe_owner()) {
            writeln!(f, "  clean-up: {} was removed, the source confirms it", one_line(owner))?;
        }
        if let Some(comparison) = self.comparison() {
            write_comparison(f, comparison)?;
        } else if self.comparison_wanted() {
            writeln!(f, "  comparison: not made")?;
        }
        for note in self.notes() {
            writeln!(f, "  note: {}", one_line(note))?;
        }
        if let Some(clock) = self.cut_over() {
            clock.fmt(f)?;
        }
        if let Some(lines) = self.nsupdate() {
            writeln!(
                f,
                "  A PROBE MAY BE LEFT. `sweep` takes it back, or these lines, given to nsupdate with the key:"
            )?;
            for line in lines.lines() {
                writeln!(f, "{}", one_line(line))?;
            }
        }
        Ok(())
    }
}

impl Report {
    /// Whether something was to arrive at a destination, and did or did not.
    fn is_tested(&self, row: &DestinationRow) -> bool {
        row.propagation != Propagation::NotTested && !self.saw_no_change(row)
    }

    /// What is wrong with a server, unless that stands in the second line already, as the reason why the run ended.
    fn once<'r>(&self, server: &ServerName, error: &'r str) -> &'r str {
        let address = server.address.to_string();
        let is_said = self.error().is_some_and(|why| why.contains(&address) && why.contains(error));
        if is_said { "as said above" } else { error }
    }

    /// The answer in one line.
    fn headline(&self) -> String {
        let word = match self.outcome() {
            Outcome::Ok => "OK",
            Outcome::Skipped => "SKIPPED",
            Outcome::Different => "DIFFERENT",
            Outcome::Faulty => "FAULTY",
            Outcome::NotConverged => "NOT CONVERGED",
            Outcome::Inconclusive => "COULD NOT TELL",
            Outcome::ProbeLeft => "A PROBE MAY BE LEFT",
        };
        let mut parts = Vec::new();
        if self.would_plant().is_some() {
            parts.push("dry run, nothing was sent".to_owned());
        } else if self.destinations().iter().any(|row| self.is_tested(row)) {
            let converged = self.destinations().iter().filter(|row| row.propagation == Propagation::Converged).count();
            parts.push(format!(
                "propagation {} ({converged} of {} addresses)",
                self.propagation().word(),
                self.destinations().len()
            ));
        } else {
            parts.push(
                match self.comparison_verdict() {
                    // U21: who reads "equal" must not take it for "arrives".
                    ComparisonVerdict::Equal | ComparisonVerdict::Different | ComparisonVerdict::NoDifferenceFound => {
                        "content compared, propagation not tested"
                    }
                    ComparisonVerdict::Moving | ComparisonVerdict::NotCompared => "propagation not tested",
                }
                .to_owned(),
            );
        }
        let is_source = |row| self.findings(row).iter().any(|finding| matches!(finding, Finding::SameAsSource { .. }));
        if self.destinations().iter().any(is_source) {
            parts.push("but a destination may be the source itself".to_owned());
        }
        match self.comparison() {
            Some(comparison) => parts.push(format!("zones: {}", one_line(&comparison.summary()))),
            None => parts.push("zones not compared".to_owned()),
        }
        format!("{word} (exit status {}): {}", self.exit_status(), parts.join(", "))
    }
}

/// A server as the person gave it, with its address where that says more.
pub(crate) struct Named<'r>(pub(crate) &'r str, pub(crate) Option<SocketAddr>);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(server, address) = self;
        match address {
            Some(address) if *server != address.to_string() => write!(f, "{} ({address})", one_line(server)),
            _ => one_line(server).fmt(f),
        }
    }
}

/// The lines of the source.
fn write_source(f: &mut fmt::Formatter<'_>, report: &Report, row: &SourceRow) -> fmt::Result {
    write!(f, "  source {}", Named(&row.name.server, Some(row.name.address)))?;
    write_serial(f, row.serial, row.name.authenticated_by.as_deref())?;
    write_nodes(f, &row.evidence)?;
    if let Some(after) = row.visible_after_ms {
        write!(f, ", showed the probe after {after} ms")?;
    }
    if let Some(lease) = row.lease {
        let over = if lease.is_over { ", which was over before the end" } else { "" };
        write!(f, ", granted it a lease of {} s{over}", lease.granted_s)?;
    }
    match (&row.error, row.held) {
        (Some(error), _) => writeln!(f, ": {}", one_line(report.once(&row.name, error))),
        (None, Some(true)) => writeln!(f, ", still held it at the end"),
        (None, _) => writeln!(f),
    }
}

/// The lines of a destination.
fn write_destination(f: &mut fmt::Formatter<'_>, report: &Report, row: &DestinationRow) -> fmt::Result {
    let name = Named(&row.name.server, Some(row.name.address));
    write!(f, "  destination {name}: {}", row.propagation.word())?;
    match row.seen_after_ms {
        Some(after) => write!(f, ", seen after {after} ms")?,
        None if row.propagation == Propagation::Converged => f.write_str(", held already when this began")?,
        None => {}
    }
    if row.propagation == Propagation::Converged && row.evidence.sampling.in_a_row > 0 {
        write!(f, " ({} answers in a row)", row.evidence.sampling.in_a_row)?;
    }
    if let Some(after) = row.gone_after_ms {
        write!(f, ", gone {after} ms after the deletion")?;
    }
    write_serial(f, row.serial, row.name.authenticated_by.as_deref())?;
    write_nodes(f, &row.evidence)?;
    match &row.error {
        Some(error) => writeln!(f, ": {}", one_line(report.once(&row.name, error)))?,
        None => writeln!(f)?,
    }
    row.notes.iter().try_for_each(|note| writeln!(f, "    note: {}", one_line(note)))?;
    for finding in report.findings(row) {
        writeln!(f, "    note: {}", one_line(&finding.to_string()))?;
    }
    write_causes(f, report, row)
}

/// Why a destination is late, and what to do.
fn write_causes(f: &mut fmt::Formatter<'_>, report: &Report, row: &DestinationRow) -> fmt::Result {
    for (index, cause) in report.causes(row).into_iter().enumerate() {
        let rank = if index == 0 { "most likely" } else { "or" };
        writeln!(f, "    {rank}: {}", one_line(&cause.to_string()))?;
        writeln!(f, "      to do: {}", one_line(cause.advice()))?;
    }
    let errors = row.evidence.extended_errors.iter();
    errors.into_iter().try_for_each(|error| writeln!(f, "    it says: {}", one_line(error)))
}

/// Who answered, if that is known.
fn write_nodes(f: &mut fmt::Formatter<'_>, evidence: &Evidence) -> fmt::Result {
    for (index, node) in evidence.nodes.iter().enumerate() {
        let words = if index == 0 { ", answered by " } else { ", " };
        write!(f, "{words}{}", one_line(&node.identity))?;
    }
    Ok(())
}

/// Serial and authentication.
fn write_serial(f: &mut fmt::Formatter<'_>, serial: Option<u32>, key: Option<&str>) -> fmt::Result {
    if let Some(serial) = serial {
        write!(f, ", serial {serial}")?;
    }
    match key {
        Some(key) => write!(f, ", authenticated by {}", one_line(key)),
        None => write!(f, ", not authenticated"),
    }
}

/// The lines of a comparison.
fn write_comparison(f: &mut fmt::Formatter<'_>, comparison: &Comparison) -> fmt::Result {
    // Why a side was not compared stands beside that side.
    let summary = match comparison.verdict {
        ComparisonVerdict::NotCompared => "not compared".to_owned(),
        _ => comparison.summary(),
    };
    writeln!(f, "  comparison: {}", one_line(&summary))?;
    for side in &comparison.sides {
        write!(f, "    {}", Named(&side.side, side.address))?;
        if let Some(records) = side.records {
            write!(f, ": {records} records")?;
        }
        write_serial(f, side.serial, side.authenticated_by.as_deref())?;
        if let Some(said) = side.zonemd.and_then(ZonemdStatus::said) {
            write!(f, ", {said}")?;
        }
        if let Some(digest) = &side.digest {
            write!(f, ", digest {}", one_line(digest))?;
        }
        match &side.error {
            Some(error) => writeln!(f, ": {}", one_line(error))?,
            None => writeln!(f)?,
        }
        if let Some(asked) = &side.asked {
            asked.lines().iter().try_for_each(|line| writeln!(f, "      {}", one_line(line)))?;
        }
    }
    for change in comparison.changes.iter().take(LISTED) {
        let (owner, rtype) = (one_line(&change.owner), one_line(&change.rtype));
        writeln!(f, "    {} {owner} {rtype} at {}", one_line(&change.kind), one_line(&change.side))?;
        change.removed.iter().try_for_each(|record| writeln!(f, "      -{}", one_line(&spaced(record))))?;
        change.added.iter().try_for_each(|record| writeln!(f, "      +{}", one_line(&spaced(record))))?;
        change.hints.iter().try_for_each(|hint| writeln!(f, "      hint: {}", one_line(hint)))?;
    }
    let listed = u64::try_from(comparison.changes.len().min(LISTED)).unwrap_or(u64::MAX);
    if comparison.verdict == ComparisonVerdict::Different && comparison.changes_total > listed {
        writeln!(f, "    and {} more", comparison.changes_total.saturating_sub(listed))?;
    }
    for row in &comparison.left_out {
        writeln!(f, "    left out: {} of {} at {}", row.count, one_line(&row.what), one_line(&row.side))?;
    }
    if comparison.basis == Some(Basis::AxfrAndIxfr) {
        writeln!(f, "    rests on whole transfers and the changes that a server told since (axfr+ixfr)")?;
    }
    comparison.findings.iter().try_for_each(|finding| writeln!(f, "    FINDING: {}", one_line(finding)))?;
    comparison.notes.iter().try_for_each(|note| writeln!(f, "    note: {}", one_line(note)))
}

/// A record as it is shown among other text: the tabs between its fields as spaces; within its data there are none.
fn spaced(record: &str) -> String {
    record.replace('\t', " ")
}

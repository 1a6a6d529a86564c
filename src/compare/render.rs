//! A finished comparison in the words of the report.

use super::snapshot::{Endpoint, Endpoints, SideError, Snapshot};
use crate::diff::{RrsetChange, ZoneDiff};
use crate::probe;
use crate::report::{ChangeRow, ComparedSide, Comparison, ComparisonVerdict, LeftOut};

/// How many differing `RRsets` a report lists; [`Compared::changes`](super::Compared::changes) gives all of them.
const LISTED: usize = 100_000;

/// The comparison for a report.
pub(super) fn comparison(
    verdict: ComparisonVerdict,
    endpoints: &Endpoints,
    sides: &[Result<Snapshot, SideError>],
    diff: &ZoneDiff,
    mut notes: Vec<String>,
) -> Comparison {
    let all: Vec<&Endpoint> = endpoints.all().collect();
    let label = |side: usize| all.get(side).map(|endpoint| endpoint.name.server.clone()).unwrap_or_default();
    let rows = all.iter().zip(sides).enumerate().map(|(number, (endpoint, side))| {
        notes.extend(remarks(endpoint, number, side, diff));
        row(endpoint, side, diff.compared(number))
    });
    let sides = rows.collect();
    let changes = diff.changes().filter_map(Result::ok).take(LISTED);
    let changes = changes.map(|change| change_row(&change, all.get(change.side).copied())).collect();
    let total = (1..all.len()).map(|side| diff.tally(side).rrsets).sum();
    let left_out = diff.left_out().iter().map(|left| LeftOut {
        what: left.what.to_string(),
        side: label(left.side),
        count: left.count,
    });
    Comparison { verdict, sides, changes, changes_total: total, left_out: left_out.collect(), notes }
}

/// A comparison that the person stopped.
pub(super) fn stopped(endpoints: &Endpoints) -> Comparison {
    let sides = endpoints.all().map(blank).collect();
    Comparison::not_compared(sides, "stopped before the zones were compared")
}

/// A side of which nothing is known.
fn blank(endpoint: &Endpoint) -> ComparedSide {
    ComparedSide {
        server: endpoint.name.server.clone(),
        address: Some(endpoint.name.address),
        serial: None,
        records: None,
        authenticated_by: endpoint.name.authenticated_by.clone(),
        transport: Some("tcp".into()),
        error: None,
    }
}

/// A side with what is known of it.
fn row(endpoint: &Endpoint, side: &Result<Snapshot, SideError>, compared: u64) -> ComparedSide {
    let known = blank(endpoint);
    match side {
        Ok(snapshot) => ComparedSide { serial: Some(snapshot.serial().0), records: Some(compared), ..known },
        Err(error) => ComparedSide { error: Some(error.to_string()), ..known },
    }
}

/// What else a person should know of a side.
fn remarks(endpoint: &Endpoint, number: usize, side: &Result<Snapshot, SideError>, diff: &ZoneDiff) -> Vec<String> {
    let Ok(snapshot) = side else { return Vec::new() };
    let notes = &snapshot.received.zone.notes;
    let counted = [
        (diff.duplicates(number), "records were sent more than once and counted once"),
        (diff.mixed_ttls(number), "RRsets have records of different TTLs (RFC 2181 section 5.2); the lowest was taken"),
        (notes.ttl_top_bit, "TTLs have their top bit set and were taken as 0 (RFC 2181 section 8)"),
    ];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let flags = [
        (notes.soa_only, "the zone holds nothing but its SOA"),
        (notes.no_apex_ns, "there is no NS record at the apex"),
        (notes.apex_cname, "there is a CNAME record at the apex"),
        (notes.not_authoritative > 0, "the transfer came without AA"),
        (notes.truncated > 0, "the transfer came with TC"),
    ];
    let flags = flags.into_iter().filter(|(seen, _)| *seen).map(|(_, what)| what.to_owned());
    counted.chain(flags).map(|what| format!("{}: {what}", endpoint.name.address)).collect()
}

/// One change.
fn change_row(change: &RrsetChange, endpoint: Option<&Endpoint>) -> ChangeRow {
    ChangeRow {
        owner: probe::name(&change.owner),
        rtype: change.rtype.0.to_string(),
        side: endpoint.map(|endpoint| endpoint.name.server.clone()).unwrap_or_default(),
        address: endpoint.map(|endpoint| endpoint.name.address),
        kind: change.kind.word().to_owned(),
        removed: change.removed.iter().map(ToString::to_string).collect(),
        added: change.added.iter().map(ToString::to_string).collect(),
        hints: change.hints.iter().map(ToString::to_string).collect(),
    }
}

//! A finished comparison in the words of the report.

use super::side::{Endpoint, Endpoints};
use super::snapshot::Pulled;
use super::{CompareError, identity};
use crate::diff::{DiffError, RrsetChange, SideVerdict, SoaFields, ZoneDiff};
use crate::present;
use crate::report::{ChangeRow, ComparedSide, Comparison, ComparisonVerdict, LeftOut, ZonemdStatus};
use crate::zonemd::{Digested, Verdict};
use data_encoding::HEXLOWER;

/// How many differing `RRsets` a report lists at most; [`Compared::changes`](super::Compared::changes) gives all of them.
const LISTED: usize = 100_000;

/// The comparison for a report. It lists the first changes in at most so many octets, and says how many there are.
pub(super) fn comparison(
    verdict: ComparisonVerdict,
    endpoints: &Endpoints,
    sides: &[Pulled],
    diff: &ZoneDiff,
    listed: usize,
) -> Result<Comparison, CompareError> {
    let all: Vec<&Endpoint> = endpoints.all().collect();
    let label = |side: usize| all.get(side).map(|endpoint| endpoint.name.side.clone()).unwrap_or_default();
    let pairs = || (0..).zip(all.iter().zip(sides));
    let rows = pairs().map(|(number, (endpoint, side))| row(endpoint, side, diff.compared(number)));
    let findings = pairs().filter_map(|(_, (endpoint, side))| finding(endpoint, side));
    let findings = same_serial(&all, sides, diff).into_iter().chain(findings).chain(empty(verdict, sides)).collect();
    let notes = pairs().flat_map(|(number, (endpoint, side))| remarks(endpoint, number, side, diff));
    let notes = notes.chain(identity::shared(&all, sides)).chain(offer(verdict, sides)).collect();
    let mut room = listed;
    let mut changes = Vec::new();
    for change in diff.changes().take(if listed == 0 { 0 } else { LISTED }) {
        let change = change?;
        let row = change_row(&change, all.get(change.side).copied());
        let Some(left) = room.checked_sub(row_size(&row)) else { break };
        room = left;
        changes.push(row);
    }
    let total = (1..all.len()).map(|side| diff.tally(side).rrsets).sum();
    let left_out = diff.left_out().iter().map(|left| LeftOut {
        what: left.what.to_string(),
        side: label(left.side),
        count: left.count,
    });
    Ok(Comparison {
        verdict,
        sides: rows.collect(),
        changes,
        changes_total: total,
        partial_accepted: false,
        left_out: left_out.collect(),
        basis: sides.iter().flatten().filter_map(|snapshot| snapshot.basis).max(),
        findings,
        notes,
    })
}

/// What can still be done where a server does not give the zone away.
fn offer(verdict: ComparisonVerdict, sides: &[Pulled]) -> Option<String> {
    let mut errors = sides.iter().filter_map(|side| side.as_ref().err());
    let may_ask = verdict == ComparisonVerdict::NotCompared && errors.any(|error| error.is_for_asking());
    may_ask.then(|| OFFER.to_owned())
}

/// See [`offer`].
const OFFER: &str = "where one side gives its zone, the others can be asked for every record set of it, which finds \
    differences and proves no equality (--without-axfr)";

/// RFC 5936 section 3.2: a zone and a serial name one set of records. M1: where two sides have other records under one
/// serial, neither will ever fetch the other's.
fn same_serial(all: &[&Endpoint], sides: &[Pulled], diff: &ZoneDiff) -> Vec<String> {
    let (Some(base), Some(Ok(held))) = (all.first(), sides.first()) else { return Vec::new() };
    if diff.policy().soa_fields_left_out().contains(SoaFields::SERIAL) {
        return Vec::new();
    }
    let split = |(number, (_, side)): &(usize, (&&Endpoint, &Pulled))| {
        let same = side.as_ref().is_ok_and(|side| side.serial == held.serial);
        *number > 0 && same && diff.verdict(*number) == SideVerdict::Different
    };
    let (serial, base) = (held.serial, base.name.label());
    let targets = (0..).zip(all.iter().zip(sides)).filter(split).map(|(_, (endpoint, _))| endpoint.name.label());
    targets
        .map(|side| {
            format!(
                "{side}: serial {serial} as on {base}, yet other records: split brain, or a change without a new serial"
            )
        })
        .collect()
}

/// Zones that are complete and empty are the same, and more often a fault than a wish: RFC 1034 section 4.2.1 wants the NS
/// records of its servers at the top of every zone. So with those alone a zone is small and not called empty.
///
/// What was only asked for shows no more than that here, or there would be a difference.
fn empty(verdict: ComparisonVerdict, sides: &[Pulled]) -> Option<String> {
    let mut empty = sides.iter().map(|side| side.as_ref().is_ok_and(|snapshot| snapshot.notes.soa_only));
    let is_empty = match verdict {
        ComparisonVerdict::Equal | ComparisonVerdict::Different => empty.all(|is_empty| is_empty),
        ComparisonVerdict::NoDifferenceFound => empty.any(|is_empty| is_empty),
        ComparisonVerdict::Moving | ComparisonVerdict::NotCompared => false,
    };
    is_empty.then(|| EMPTY.to_owned())
}

/// See [`empty`].
const EMPTY: &str = "no side shows anything but the SOA: the zone is empty, or was never filled";

/// A comparison that could not begin, since of no side enough is known.
pub(super) fn unread(endpoints: &Endpoints, sides: &[Pulled]) -> Comparison {
    let rows = endpoints.all().zip(sides).map(|(endpoint, side)| row(endpoint, side, 0)).collect();
    Comparison { notes: Vec::new(), ..Comparison::not_compared(rows, "") }
}

/// A comparison that the person stopped, perhaps before the sides had addresses.
pub(super) fn stopped(endpoints: Option<&Endpoints>) -> Comparison {
    let sides = endpoints.into_iter().flat_map(Endpoints::all).map(blank).collect();
    Comparison::not_compared(sides, "stopped before the zones were compared")
}

/// A comparison whose records could be held neither in memory nor elsewhere.
pub(super) fn no_room(endpoints: Option<&Endpoints>, error: &DiffError) -> Comparison {
    let sides = endpoints.into_iter().flat_map(Endpoints::all).map(blank).collect();
    Comparison::not_compared(sides, error.to_string())
}

/// A side of which nothing is known.
fn blank(endpoint: &Endpoint) -> ComparedSide {
    ComparedSide {
        side: endpoint.name.side.clone(),
        address: endpoint.name.address,
        serial: None,
        records: None,
        authenticated_by: None,
        transport: None,
        asked: None,
        basis: None,
        zonemd: None,
        digest: None,
        error: None,
    }
}

/// A side with what is known of it; what did not arrive is not said to be authenticated (V5).
fn row(endpoint: &Endpoint, side: &Pulled, compared: u64) -> ComparedSide {
    let known = blank(endpoint);
    match side {
        Ok(snapshot) => ComparedSide {
            serial: Some(snapshot.serial.0),
            records: Some(compared),
            authenticated_by: endpoint.name.authenticated_by.clone(),
            transport: Some(snapshot.transport.to_owned()),
            basis: snapshot.basis,
            zonemd: zonemd(&snapshot.digested),
            digest: snapshot.digested.digest.as_ref().map(|digest| HEXLOWER.encode(digest)),
            ..known
        },
        Err(error) => ComparedSide { error: Some(error.to_string()), ..known },
    }
}

/// What became of the ZONEMD records of a side; nothing if that was not found out.
pub(super) fn zonemd(digested: &Digested) -> Option<ZonemdStatus> {
    match &digested.zonemd {
        Some(zonemd) => Some(match zonemd.verdict() {
            Verdict::Absent => ZonemdStatus::Absent,
            Verdict::Matches => ZonemdStatus::Matches,
            Verdict::NotVerifiable => ZonemdStatus::NotVerifiable,
            Verdict::Fails => ZonemdStatus::Fails,
        }),
        None if !digested.examined || digested.late || digested.trouble.is_some() => None,
        None => Some(ZonemdStatus::Absent),
    }
}

/// Z8: a zone that is not what its own ZONEMD record says is in disorder, whoever else has the same.
fn finding(endpoint: &Endpoint, side: &Pulled) -> Option<String> {
    let failure = side.as_ref().ok()?.digested.failure()?;
    Some(format!("{}: {failure}", endpoint.name.label()))
}

/// What else a person should know of a side.
fn remarks(endpoint: &Endpoint, number: usize, side: &Pulled, diff: &ZoneDiff) -> Vec<String> {
    let Ok(snapshot) = side else { return Vec::new() };
    let notes = &snapshot.notes;
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
    let flags = flags.into_iter().filter(|(seen, _)| *seen).map(|(_, what)| what);
    let flags = flags.chain(snapshot.remarks.iter().copied()).map(str::to_owned);
    let trouble = snapshot.digested.trouble.as_ref().map(ToString::to_string);
    counted.chain(flags).chain(trouble).map(|what| format!("{}: {what}", endpoint.name.label())).collect()
}

/// How many octets a row takes.
fn row_size(row: &ChangeRow) -> usize {
    let texts = row.removed.iter().chain(&row.added).chain(&row.hints).chain([&row.owner, &row.rtype, &row.side]);
    size_of::<ChangeRow>() + texts.map(|text| size_of::<String>() + text.len()).sum::<usize>()
}

/// One change.
fn change_row(change: &RrsetChange, endpoint: Option<&Endpoint>) -> ChangeRow {
    ChangeRow {
        owner: present::name(&change.owner).to_string(),
        rtype: present::rtype(change.rtype).to_string(),
        side: endpoint.map(|endpoint| endpoint.name.side.clone()).unwrap_or_default(),
        address: endpoint.and_then(|endpoint| endpoint.name.address),
        kind: change.kind.word().to_owned(),
        removed: change.removed.iter().map(ToString::to_string).collect(),
        added: change.added.iter().map(ToString::to_string).collect(),
        hints: change.hints.iter().map(ToString::to_string).collect(),
    }
}

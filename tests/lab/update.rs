//! Dynamic update (RFC 2136), the server's side: prerequisites, prescan, then the changes.
//!
//! [`check`] decides from a zone that it cannot change; [`apply`] cannot fail. So an update is all or nothing.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::zone::Zone;

/// RFC 2136 section 3.1.1: exactly one zone, of type SOA; gives its name.
pub fn zone_of(request: &Message) -> Result<&Name, ResponseCode> {
    match request.queries.as_slice() {
        [query] if query.query_type() == RecordType::SOA => Ok(query.name()),
        _ => Err(ResponseCode::FormErr),
    }
}

/// Sections 3.2 and 3.4.1: whether the update may go ahead.
pub fn check(zone: &Zone, request: &Message) -> Result<(), ResponseCode> {
    prerequisites(zone, &request.answers)?;
    prescan(zone, &request.authorities)
}

/// Section 3.2: every prerequisite holds.
fn prerequisites(zone: &Zone, wanted: &[Record]) -> Result<(), ResponseCode> {
    let mut exact: Vec<&Record> = Vec::new();
    for record in wanted {
        if record.ttl != 0 {
            return Err(ResponseCode::FormErr);
        }
        if !zone.apex().zone_of(&record.name) {
            return Err(ResponseCode::NotZone);
        }
        let (empty, record_type) = (is_empty(record), record.record_type());
        let there = || !zone.rrset(&record.name, record_type).is_empty();
        let named = || !zone.node(&record.name).is_empty();
        match (record.dns_class, record_type) {
            (DNSClass::ANY | DNSClass::NONE, _) if !empty => return Err(ResponseCode::FormErr),
            (DNSClass::ANY, RecordType::ANY) if !named() => return Err(ResponseCode::NXDomain),
            (DNSClass::NONE, RecordType::ANY) if named() => return Err(ResponseCode::YXDomain),
            (DNSClass::ANY | DNSClass::NONE, RecordType::ANY) => {}
            (DNSClass::ANY, _) if !there() => return Err(ResponseCode::NXRRSet),
            (DNSClass::NONE, _) if there() => return Err(ResponseCode::YXRRSet),
            (DNSClass::ANY | DNSClass::NONE, _) => {}
            (DNSClass::IN, _) => exact.push(record),
            _ => return Err(ResponseCode::FormErr),
        }
    }
    exact.iter().try_for_each(|record| same_rrset(zone, &exact, record))
}

/// Section 3.2.3: the record set in the zone and the one in the prerequisites are equal as sets; TTLs do not count.
fn same_rrset(zone: &Zone, exact: &[&Record], record: &Record) -> Result<(), ResponseCode> {
    let held = zone.rrset(&record.name, record.record_type());
    let same = |other: &&&Record| other.name == record.name && other.record_type() == record.record_type();
    let wanted: Vec<&RData> = exact.iter().filter(same).map(|other| &other.data).collect();
    let covered = held.iter().all(|other| wanted.contains(&&other.data));
    let present = wanted.iter().all(|data| held.iter().any(|other| other.data == **data));
    if covered && present { Ok(()) } else { Err(ResponseCode::NXRRSet) }
}

/// Section 3.4.1: every change is well formed and inside the zone.
fn prescan(zone: &Zone, changes: &[Record]) -> Result<(), ResponseCode> {
    for record in changes {
        if !zone.apex().zone_of(&record.name) {
            return Err(ResponseCode::NotZone);
        }
        let (empty, meta) = (is_empty(record), is_meta(record.record_type()));
        let any = record.record_type() == RecordType::ANY;
        let well_formed = match record.dns_class {
            DNSClass::IN => !meta && !any,
            DNSClass::ANY => record.ttl == 0 && empty && (!meta || any),
            DNSClass::NONE => record.ttl == 0 && !meta && !any,
            _ => false,
        };
        if !well_formed {
            return Err(ResponseCode::FormErr);
        }
    }
    Ok(())
}

/// Section 3.4.2: makes the changes of a checked request; says whether the zone is another one now.
///
/// Section 3.6: the serial goes up when it did not go up by the update itself.
pub fn apply(zone: &mut Zone, request: &Message) -> bool {
    let before = zone.serial();
    let mut changed = false;
    for record in &request.authorities {
        changed |= match record.dns_class {
            DNSClass::IN => add(zone, record),
            DNSClass::ANY => delete_rrsets(zone, &record.name, record.record_type()),
            _ => delete_record(zone, record),
        };
    }
    if changed && zone.serial() == before {
        zone.bump_serial();
    }
    changed
}

/// Section 3.4.2.2: an add that meets a CNAME, or a CNAME that meets data, is ignored without a word.
fn add(zone: &mut Zone, record: &Record) -> bool {
    let node = zone.node(&record.name);
    let alias = node.iter().any(|held| held.record_type() == RecordType::CNAME);
    match &record.data {
        RData::SOA(soa) if record.name == *zone.apex() => {
            let newer = soa.serial.wrapping_sub(zone.serial());
            (1..1 << 31).contains(&newer) && zone.insert(record.clone())
        }
        RData::SOA(_) => false,
        RData::CNAME(_) if !alias && !node.is_empty() => false,
        RData::CNAME(_) => {
            zone.remove_where(&record.name, |held| held.record_type() == RecordType::CNAME && held.data != record.data);
            zone.insert(record.clone())
        }
        _ if alias => false,
        _ => zone.insert(record.clone()),
    }
}

/// Section 3.4.2.3: a record set, or all of a name; SOA and NS of the apex stay.
fn delete_rrsets(zone: &mut Zone, owner: &Name, record_type: RecordType) -> bool {
    let apex = owner == zone.apex();
    zone.remove_where(owner, |held| {
        let kept = apex && held.record_type() == RecordType::NS;
        !kept && (record_type == RecordType::ANY || held.record_type() == record_type)
    })
}

/// Section 3.4.2.4: one record; neither the SOA nor the last NS of the apex.
fn delete_record(zone: &mut Zone, record: &Record) -> bool {
    let last_ns = record.record_type() == RecordType::NS
        && record.name == *zone.apex()
        && zone.rrset(&record.name, RecordType::NS).len() == 1;
    !last_ns && zone.remove_where(&record.name, |held| same_data(held, record))
}

/// Whether two records have one type and RDATA; empty RDATA is read by hickory-proto as a form of its own.
fn same_data(held: &Record, other: &Record) -> bool {
    let bare = matches!(&held.data, RData::Unknown { rdata, .. } if rdata.anything.is_empty());
    held.data == other.data || (bare && is_empty(other) && held.record_type() == other.record_type())
}

/// Whether the record came without RDATA.
fn is_empty(record: &Record) -> bool {
    matches!(record.data, RData::Update0(_))
}

/// RFC 6895 section 3.1: types that are not data: 0, OPT and 128 to 255; ANY is judged by the caller.
fn is_meta(record_type: RecordType) -> bool {
    matches!(u16::from(record_type), 0 | 41 | 128..=254)
}

//! The authoritative answer to one query (RFC 1034 section 4.3.2), from a zone and nothing else.
//!
//! No recursion and no chasing: an alias is answered by the alias alone.

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::zone::Zone;

/// Fills the sections, AA and RCODE of `reply` for a query that falls into `zone`.
pub fn fill(reply: &mut Message, zone: &Zone, query: &Query) {
    let (name, wanted) = (query.name(), query.query_type());
    reply.metadata.authoritative = true;
    let found = find(zone, name, wanted);
    match found {
        Found::Records(records) => {
            reply.add_answers(records);
        }
        Found::NoData => {
            reply.add_authority(zone.negative_soa());
        }
        Found::NoName => {
            reply.metadata.response_code = ResponseCode::NXDomain;
            reply.add_authority(zone.negative_soa());
        }
        Found::TooLong(dname) => {
            reply.metadata.response_code = ResponseCode::YXDomain;
            reply.add_answer(*dname);
        }
        Found::Referral(servers) => {
            reply.metadata.authoritative = false;
            let glue = servers.iter().filter_map(|record| host_of(record)).flat_map(|host| addresses(zone, host));
            let glue: Vec<Record> = glue.collect();
            reply.add_authorities(servers);
            reply.add_additionals(glue);
        }
    }
}

/// What a zone says about a name and type.
enum Found {
    /// These records, owners and all.
    Records(Vec<Record>),
    /// The name exists, the type does not.
    NoData,
    /// The name does not exist.
    NoName,
    /// The name belongs to a zone below: its NS records.
    Referral(Vec<Record>),
    /// RFC 6672 section 2.2: the name that the DNAME gives is too long.
    TooLong(Box<Record>),
}

/// Looks a name up: cuts and DNAMEs on the way down, the node itself, then a wildcard.
fn find(zone: &Zone, name: &Name, wanted: RecordType) -> Found {
    let apex = zone.apex();
    let depth = usize::from(apex.num_labels());
    let labels = name.iter().count();
    for length in depth..=labels {
        let ancestor = name.trim_to(length);
        let cut = zone.rrset(&ancestor, RecordType::NS);
        let own_ds = length == labels && wanted == RecordType::DS;
        if length > depth && !cut.is_empty() && !own_ds {
            return Found::Referral(cut);
        }
        if let (true, Some(dname)) = (length < labels, zone.rrset(&ancestor, RecordType::DNAME).into_iter().next()) {
            return synthesise(dname, name, length);
        }
    }
    if zone.exists(name) {
        return choose(zone.node(name), name, wanted);
    }
    // RFC 4592 section 3.3.1: only the asterisk just below the closest encloser can be the source of synthesis.
    let encloser = (depth..labels).rev().map(|length| name.trim_to(length)).find(|ancestor| zone.exists(ancestor));
    let wildcard = encloser.and_then(|encloser| encloser.prepend_label("*").ok());
    match wildcard {
        Some(wildcard) if zone.exists(&wildcard) => choose(zone.node(&wildcard), name, wanted),
        _ => Found::NoName,
    }
}

/// Picks from a node what was asked for; the owner becomes the name of the query where a wildcard made it.
fn choose(node: Vec<Record>, name: &Name, wanted: RecordType) -> Found {
    let alias = node.iter().any(|record| record.record_type() == RecordType::CNAME);
    let fits = |record: &Record| match record.record_type() {
        RecordType::CNAME if alias => true,
        _ if wanted == RecordType::ANY => true,
        record_type => record_type == wanted && !alias,
    };
    let own = |mut record: Record| {
        if record.name != *name {
            record.name = name.clone();
        }
        record
    };
    let records: Vec<Record> = node.into_iter().filter(fits).map(own).collect();
    if records.is_empty() { Found::NoData } else { Found::Records(records) }
}

/// RFC 6672 section 3.1: the DNAME, and a CNAME made from it with the same TTL.
fn synthesise(dname: Record, name: &Name, length: usize) -> Found {
    let target = match &dname.data {
        RData::Unknown { rdata, .. } => Name::read(&mut BinDecoder::new(&rdata.anything)).ok(),
        _ => None,
    };
    let Some(target) = target else { return Found::Records(vec![dname]) };
    let kept = name.iter().count().saturating_sub(length);
    let prefix = Name::from_labels(name.iter().take(kept));
    match prefix.and_then(|prefix| prefix.append_domain(&target)) {
        Ok(alias) => {
            let cname = Record::from_rdata(name.clone(), dname.ttl, RData::CNAME(CNAME(alias)));
            Found::Records(vec![dname, cname])
        }
        Err(_) => Found::TooLong(Box::new(dname)),
    }
}

/// The host that an NS record names.
fn host_of(record: &Record) -> Option<&Name> {
    match &record.data {
        RData::NS(host) => Some(&host.0),
        _ => None,
    }
}

/// The addresses of a host that the zone holds as glue.
fn addresses(zone: &Zone, host: &Name) -> impl Iterator<Item = Record> {
    let node = zone.node(host);
    node.into_iter().filter(|record| matches!(record.record_type(), RecordType::A | RecordType::AAAA))
}

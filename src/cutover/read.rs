//! What an answer says about who serves a zone: NS records and addresses, from a parent's referral or the zone itself.

use crate::wire::{CLASS_IN, Cursor, Message, Rcode, RecordView, Rtype, Section, WireError, WireName};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The NS records of a zone, as one server has them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delegation {
    /// Their TTL, the highest if they differ: it is the last that runs out.
    pub ttl: u32,
    /// The name servers, in the order of the answer, each once.
    pub hosts: Vec<Host>,
}

/// A name server's name, and its addresses as the same answer gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Host {
    /// The name.
    pub name: WireName,
    /// Address and TTL.
    pub addresses: Vec<(IpAddr, u32)>,
}

/// Reads the NS records of `zone` from an answer to a question for them: an authority's answer, or a parent's referral.
///
/// None where there are none; a cache's answer (neither AA nor a referral) is none either, for its TTLs have run down.
pub fn delegation(message: &Message<'_>, zone: &WireName) -> Result<Option<Delegation>, WireError> {
    let section = if message.header().is_authoritative() { Section::Answer } else { Section::Authority };
    let is_answered = message.section(Section::Answer).next().is_some();
    if section == Section::Authority && is_answered {
        return Ok(None);
    }
    let mut found: Option<Delegation> = None;
    for record in message.section(section).filter(|record| record.rtype() == Rtype::NS && record.class() == CLASS_IN) {
        if record.owner()? != *zone {
            continue;
        }
        let host = record.rdata().name()?;
        let delegation = found.get_or_insert(Delegation { ttl: 0, hosts: Vec::new() });
        delegation.ttl = delegation.ttl.max(record.ttl());
        if delegation.hosts.iter().all(|known| known.name != host) {
            let addresses = of_host(message.section(Section::Additional), &host)?;
            delegation.hosts.push(Host { name: host, addresses });
        }
    }
    Ok(found)
}

/// What a server of a zone tells about the addresses of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "all of them, none of them, or who has them")]
pub enum Told {
    /// These are all, each with its TTL; there may be none.
    All(Vec<(IpAddr, u32)>),
    /// They are in a zone below, or under another name: who wants to know must ask there. This glue came with it.
    Elsewhere(Vec<(IpAddr, u32)>),
    /// Nothing: an error, or a cache's answer.
    Nothing,
}

/// Reads the addresses of `host` from an answer of a server of `zone` to a question for those of one family.
pub fn addresses(message: &Message<'_>, host: &WireName, zone: &WireName) -> Result<Told, WireError> {
    if ![Rcode::NOERROR, Rcode::NXDOMAIN].contains(&message.rcode()) {
        return Ok(Told::Nothing);
    }
    if message.header().is_authoritative() {
        let found = of_host(message.section(Section::Answer), host)?;
        let is_alias = |record: &RecordView<'_>| [Rtype::CNAME, Rtype::DNAME].contains(&record.rtype());
        let is_elsewhere = message.section(Section::Answer).any(is_alias);
        return Ok(if is_elsewhere { Told::Elsewhere(found) } else { Told::All(found) });
    }
    if is_referral(message, host, zone)? {
        return of_host(message.section(Section::Additional), host).map(Told::Elsewhere);
    }
    Ok(Told::Nothing)
}

/// Whether this sends whoever asks for `host` to a cut below `zone`.
fn is_referral(message: &Message<'_>, host: &WireName, zone: &WireName) -> Result<bool, WireError> {
    if message.rcode() != Rcode::NOERROR || message.section(Section::Answer).next().is_some() {
        return Ok(false);
    }
    for record in message.section(Section::Authority).filter(|record| record.rtype() == Rtype::NS) {
        let cut = record.owner()?;
        if cut != *zone && cut.is_at_or_below(zone) && host.is_at_or_below(&cut) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The addresses of this host among these records.
fn of_host<'r, 'm: 'r>(
    records: impl Iterator<Item = &'r RecordView<'m>>,
    host: &WireName,
) -> Result<Vec<(IpAddr, u32)>, WireError> {
    let mut found = Vec::new();
    for record in records.filter(|record| record.class() == CLASS_IN) {
        let mut rdata: Cursor<'_> = record.rdata();
        let address: IpAddr = match record.rtype() {
            Rtype::A => Ipv4Addr::from(rdata.array::<4>()?).into(),
            Rtype::AAAA => Ipv6Addr::from(rdata.array::<16>()?).into(),
            _ => continue,
        };
        if record.owner()? == *host {
            found.push((address, record.ttl()));
        }
    }
    Ok(found)
}

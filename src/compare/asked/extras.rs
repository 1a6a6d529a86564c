//! What a side may hold that nobody named: looked for along the NSEC chain where there is one, else under common names
//! and types.
//!
//! Neither proves that there is nothing more: a chain is the server's own word as long as no signature is verified, and
//! a name that nobody thinks of is not asked for.

use super::bound::BATCH;
use super::listing::{Listing, Wanted};
use super::questioning::Questioning;
use crate::converge::Shown;
use crate::present;
use crate::wire::{Cursor, Rtype, WireName, types};
use std::collections::HashSet;

/// So many names of a chain are followed at least; a chain that is computed as it is asked for has no end.
const WALK_AT_LEAST: usize = 1000;
/// So many types a name of the chain may have on average; one NSEC record can name 65,536.
const TYPES_PER_NAME: usize = 16;
/// Types that are asked for at every name that is known and has no alias.
const AT_KNOWN_NAMES: [Rtype; 4] = [Rtype::A, Rtype::AAAA, Rtype(15), Rtype::TXT];
/// Types that are asked for at common names, the first to see whether there is such a name.
const AT_COMMON_NAMES: [Rtype; 5] = [Rtype::A, Rtype::AAAA, Rtype(15), Rtype::TXT, Rtype(33)];
/// Names that many zones have.
const COMMON_NAMES: [&str; 64] = [
    "www",
    "mail",
    "smtp",
    "imap",
    "pop",
    "pop3",
    "webmail",
    "mx",
    "mx1",
    "mx2",
    "relay",
    "exchange",
    "owa",
    "autodiscover",
    "autoconfig",
    "lyncdiscover",
    "sip",
    "_dmarc",
    "_mta-sts",
    "mta-sts",
    "_smtp._tls",
    "default._domainkey",
    "dkim._domainkey",
    "mail._domainkey",
    "google._domainkey",
    "selector1._domainkey",
    "selector2._domainkey",
    "_acme-challenge",
    "ns",
    "ns1",
    "ns2",
    "ns3",
    "dns",
    "dns1",
    "dns2",
    "dc",
    "dc1",
    "dc2",
    "_msdcs",
    "gc._msdcs",
    "_ldap._tcp",
    "_ldap._tcp.dc._msdcs",
    "_kerberos._tcp",
    "_kerberos._udp",
    "_kpasswd._tcp",
    "_gc._tcp",
    "_sip._tls",
    "_sipfederationtls._tcp",
    "_autodiscover._tcp",
    "_imaps._tcp",
    "_submission._tcp",
    "_caldavs._tcp",
    "_carddavs._tcp",
    "wpad",
    "ftp",
    "vpn",
    "remote",
    "api",
    "app",
    "dev",
    "test",
    "staging",
    "cdn",
    "localhost",
];

/// What became of a walk along the chain.
enum Walk {
    /// There is no chain.
    NoChain,
    /// It came back to the apex: these names have these types.
    Closed(Vec<Wanted>),
    /// It did not, after so many names.
    Open(usize),
    /// Its names have more types than are kept; so many names had been seen.
    Crowded(usize),
}

/// Looks for what the side holds beyond the listing; says how, for people.
pub(super) async fn seek(side: &mut Questioning<'_>, listing: &Listing) -> String {
    match walk(side, listing).await {
        Walk::Closed(held) => {
            let names: HashSet<WireName> = held.iter().map(|wanted| wanted.owner).collect();
            let (mut extras, mut unseen) = (Vec::new(), 0_u64);
            for wanted in held.into_iter().filter(|wanted| !listing.holds(&wanted.owner, wanted.rtype)) {
                match wanted.rtype {
                    Rtype::RRSIG => {}
                    Rtype::NS if wanted.owner != side.zone() => unseen += 1,
                    _ => extras.push(wanted),
                }
            }
            side.ask_extras(&extras).await;
            let cuts = match unseen {
                0 => String::new(),
                count => format!("; it names {count} zone cuts that are not known, which cannot be asked for"),
            };
            format!("along its NSEC chain of {} names, which was not validated{cuts}", names.len())
        }
        Walk::Open(names) => {
            format!(
                "its NSEC chain did not close within {names} names (it may be computed); {}",
                guess(side, listing).await
            )
        }
        Walk::Crowded(names) => {
            format!(
                "its NSEC chain was left after {names} names, which claim more types than a zone has; {}",
                guess(side, listing).await
            )
        }
        Walk::NoChain => guess(side, listing).await,
    }
}

/// Follows the chain from the apex.
async fn walk(side: &mut Questioning<'_>, listing: &Listing) -> Walk {
    let limit = WALK_AT_LEAST.max(listing.names().saturating_mul(2)).min(side.room());
    let zone = side.zone();
    let (mut held, mut here, mut seen) = (Vec::new(), zone, HashSet::new());
    loop {
        let Shown::Set(set) = side.ask_one(&here, Rtype::NSEC).await else {
            return if seen.is_empty() { Walk::NoChain } else { Walk::Open(seen.len()) };
        };
        let mut records = set.records();
        let (Some(record), None) = (records.next(), records.next()) else { return Walk::Open(seen.len()) };
        let mut rdata = Cursor::new(record.rdata());
        let Ok(next) = rdata.uncompressed_name() else { return Walk::Open(seen.len()) };
        seen.insert(here);
        let room = limit.saturating_mul(TYPES_PER_NAME).min(side.room()).saturating_sub(held.len());
        let mut claimed = types(rdata.take_rest());
        held.extend(claimed.by_ref().take(room).map(|rtype| Wanted { owner: here, rtype }));
        if claimed.next().is_some() {
            return Walk::Crowded(seen.len());
        }
        if next == zone {
            return Walk::Closed(held);
        }
        if seen.len() >= limit || seen.contains(&next) || !next.is_at_or_below(&zone) {
            return Walk::Open(seen.len());
        }
        here = next;
    }
}

/// Asks for common types at the names that are known, and for common names.
async fn guess(side: &mut Questioning<'_>, listing: &Listing) -> String {
    let zone = side.zone();
    let below = |labels: &str| WireName::from_labels(labels.split('.').map(str::as_bytes).chain(zone.labels()));
    let unaliased = listing.nodes().filter(|(_, known)| !known.contains(&Rtype::CNAME));
    let missing = unaliased.flat_map(|(owner, known)| {
        let missing = AT_KNOWN_NAMES.into_iter().filter(|rtype| !known.contains(rtype));
        missing.map(|rtype| Wanted { owner: *owner, rtype })
    });
    let wildcard = below("*").filter(|name| !listing.has_name(name));
    let wildcard = wildcard.into_iter().flat_map(|owner| AT_KNOWN_NAMES.map(|rtype| Wanted { owner, rtype }));
    let askable = |wanted: &Wanted| listing.not_askable(&wanted.owner, wanted.rtype).is_none();
    let mut questions = missing.filter(askable).chain(wildcard);
    let mut asked = 0;
    loop {
        let batch: Vec<Wanted> = questions.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        side.ask_extras(&batch).await;
        asked += batch.len();
    }
    let names = COMMON_NAMES.into_iter().filter_map(below).filter(|name| !listing.has_name(name));
    let names: Vec<WireName> = names.filter(|name| listing.not_askable(name, Rtype::A).is_none()).collect();
    let first: Vec<Wanted> = names.iter().map(|owner| Wanted { owner: *owner, rtype: Rtype::A }).collect();
    let there = side.ask_extras(&first).await;
    let others = there
        .into_iter()
        .flat_map(|owner| AT_COMMON_NAMES.into_iter().skip(1).map(move |rtype| Wanted { owner, rtype }));
    let others: Vec<Wanted> = others.collect();
    side.ask_extras(&others).await;
    let said = "under common types at the names that are known";
    asked += first.len() + others.len();
    format!("{said}, and under {} common names ({asked} questions) in {}", names.len(), present::name(&zone))
}

//! The arithmetic, line by line and at its ends.

use super::{
    Asked, CutOver, Delegation, Facts, Lag, Readiness, Serves, Term, Told, Unknown, What, addresses, delegation, reckon,
};
use crate::wire::tests::reply::{Reply, name, record_of_class};
use crate::wire::{CLASS_IN, Message, Rtype, WireName};
use std::net::IpAddr;

/// 2026-11-25 07:00:00 UTC.
const NOW: u64 = 1_795_590_000;

/// One term, at a server without a face.
fn term(what: What, seconds: u32) -> Term {
    Term { what, at: "192.0.2.1:53".to_owned(), seconds }
}

/// A server that was asked, given or found by this name.
fn asked(serves: Serves, host: Option<&str>) -> Asked {
    Asked { serves, at: "192.0.2.1:53".to_owned(), host: host.map(str::to_owned) }
}

/// A zone whose delegation is kept for two days and everything else for less; everything is known.
fn facts() -> Facts {
    Facts {
        zone: "example.com.".to_owned(),
        old: "ns-old.example.com".to_owned(),
        asked: vec![
            asked(Serves::Parent, None),
            asked(Serves::Zone, None),
            asked(Serves::Zone, Some("ns1.example.com.")),
        ],
        terms: vec![
            term(What::ParentNs, 172_800),
            term(What::ZoneNs, 3600),
            term(What::ZoneAddress { host: "ns1.example.com.".to_owned() }, 300),
            term(What::Absence { ttl: 3600, minimum: 600 }, 600),
        ],
        lag: Lag::Measured { milliseconds: 1500 },
        expire: Some(604_800),
        named_by: Vec::new(),
        changed_ago: Some(0),
        ttl_before: None,
        unknown: Vec::new(),
    }
}

#[test]
fn the_longest_ttl_and_the_lag_make_the_sum() {
    let CutOver { longest, lag_seconds, total, remaining, earliest_unix, readiness, .. } = reckon(facts(), NOW);
    assert_eq!(
        (longest, lag_seconds, total, remaining),
        (Some(172_800), 2, Some(172_802), Some(172_802)),
        "milliseconds are rounded up"
    );
    assert_eq!((earliest_unix, readiness), (Some(NOW + 172_802), Readiness::Later));
    let timers = reckon(Facts { lag: Lag::Timers { refresh: 7200, retry: 900 }, ..facts() }, NOW);
    assert_eq!((timers.lag_seconds, timers.total), (8100, Some(180_900)));
}

#[test]
fn a_lag_that_was_measured_is_not_that_of_other_servers() {
    let in_part = |milliseconds| {
        let lag = Lag::MeasuredInPart { milliseconds, refresh: 7200, retry: 900 };
        reckon(Facts { lag, ..facts() }, NOW)
    };
    assert_eq!((in_part(1500).lag_seconds, in_part(9_000_001).lag_seconds), (8100, 9001), "the longer of both");
    assert!(in_part(1500).to_string().contains("of the others not, so REFRESH 7200 and RETRY 900"));
}

#[test]
fn a_ttl_that_was_lowered_counts_as_it_was() {
    let before = |ttl| reckon(Facts { ttl_before: Some(ttl), changed_ago: Some(172_802), ..facts() }, NOW);
    let long = before(259_200);
    assert_eq!((long.longest, long.total, long.remaining), (Some(259_200), Some(259_202), Some(86_400)));
    assert_eq!((long.readiness, long.earliest_unix), (Readiness::Later, Some(NOW + 86_400)));
    let text = long.to_string();
    for line in ["    259200 s  TTL of these NS records", "    259200 s  the longest", "=     259202 s  3 d 2 s"] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!((before(60).longest, before(60).readiness), (Some(172_800), Readiness::Now), "the longer of both");
    assert!(reckon(facts(), NOW).to_string().contains("--ttl-before"));
}

#[test]
fn what_has_passed_since_the_change_is_taken_off() {
    let after = |ago| reckon(Facts { changed_ago: Some(ago), ..facts() }, NOW);
    assert_eq!((after(172_801).remaining, after(172_801).readiness), (Some(1), Readiness::Later));
    assert_eq!((after(172_802).remaining, after(172_802).readiness), (Some(0), Readiness::Now));
    assert_eq!(after(172_802).earliest_unix, Some(NOW));
    assert_eq!(after(u64::MAX).earliest_unix, Some(172_802), "longer ago than there is time: it saturates");
}

#[test]
fn now_needs_that_nothing_is_unknown() {
    for unknown in [
        Unknown::Parent,
        Unknown::Change,
        Unknown::Lag,
        Unknown::Host { host: "ns.elsewhere.".to_owned() },
        Unknown::Rest { serves: Serves::Parent, more: 1 },
        Unknown::Server { server: "ns2".to_owned(), why: "silence".to_owned() },
    ] {
        let over = Facts { changed_ago: Some(999_999), unknown: vec![unknown.clone()], ..facts() };
        assert_eq!(reckon(over, NOW).readiness, Readiness::Unknown, "{unknown:?}");
        let later = Facts { unknown: vec![unknown], ..facts() };
        assert_eq!(reckon(later, NOW).readiness, Readiness::Later, "not before that, at least");
    }
}

#[test]
fn who_still_names_it_stops_the_clock() {
    let named = Facts { named_by: vec!["the parent".to_owned()], changed_ago: Some(999_999), ..facts() };
    let answer = reckon(named, NOW);
    assert_eq!((answer.readiness, answer.earliest_unix, answer.total), (Readiness::StillNamed, None, Some(172_802)));
}

#[test]
fn without_any_ns_record_nothing_is_said() {
    let terms = vec![term(What::Absence { ttl: 3600, minimum: 600 }, 600)];
    let answer = reckon(Facts { terms, ..facts() }, NOW);
    assert_eq!((answer.readiness, answer.earliest_unix), (Readiness::Unknown, None));
    assert_eq!(
        (answer.longest, answer.total, answer.remaining),
        (None, None, None),
        "not 0, which would be a wrong answer"
    );
    assert!(answer.to_string().contains("there is no sum"), "{answer}");
}

#[test]
fn sums_saturate() {
    let terms = vec![term(What::ParentNs, u32::MAX)];
    let lag = Lag::Measured { milliseconds: u64::MAX };
    let answer = reckon(Facts { terms, lag, changed_ago: None, ..facts() }, u64::MAX);
    assert_eq!(answer.earliest_unix, Some(u64::MAX));
    let _ = answer.to_string();
}

#[test]
fn golden_text() {
    let facts = Facts { changed_ago: Some(7200), unknown: vec![Unknown::Parent], ..facts() };
    let golden = "example.com.: ns-old.example.com is needed until 2026-11-27 05:00:02 UTC (1 d 22 h more) at least
  since the change, 2 h ago, caches may lead to it, or keep others from the new servers, for
      172800 s  TTL of the delegation's NS records, at the parent 192.0.2.1:53
        3600 s  TTL of the zone's own NS records, at 192.0.2.1:53
         300 s  TTL of the addresses of ns1.example.com., at 192.0.2.1:53
         600 s  an absence: the lesser of the SOA's TTL 3600 and its MINIMUM 600, at 192.0.2.1:53
      172800 s  the longest of these
+          2 s  until every server that was given has a change: measured, 1500 ms
=     172802 s  2 d 2 s
  a secondary that transfers from it goes on for its EXPIRE (604800 s, 7 d) and then fails: give it another primary first
  assumed: no TTL was longer before the change; if one was, that one counts (--ttl-before), for caches may hold what was replaced
  assumed: no name server with a name outside the zone has changed its address; where one has, the TTL of that counts too
  asked about the delegation: 192.0.2.1:53
  asked about the zone: 192.0.2.1:53, 192.0.2.1:53 (ns1.example.com.)
  not known: the delegation, which the parent has (--parent SERVER asks it): its TTL is 172800 s at many registries
  never known: who keeps answers longer than their TTL, and who has its address configured: read its query log before it goes
";
    assert_eq!(reckon(facts, NOW).to_string(), golden);
}

#[test]
fn l2_names_of_servers_are_one_line() {
    let hostile = "ns\u{1b}[2J\n= 0 s".to_owned();
    let facts = Facts {
        zone: hostile.clone(),
        old: hostile.clone(),
        asked: vec![asked(Serves::Zone, Some(&hostile))],
        terms: vec![term(What::ParentAddress { host: hostile.clone() }, 1)],
        named_by: vec![hostile.clone()],
        unknown: vec![Unknown::Server { server: hostile.clone(), why: hostile }],
        ..facts()
    };
    let text = reckon(facts, NOW).to_string();
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("= 0 s")), "{text}");
}

/// A record of class IN.
fn record(owner: &WireName, rtype: Rtype, ttl: u32, rdata: &[u8]) -> Vec<u8> {
    record_of_class(owner, rtype, CLASS_IN, ttl, rdata)
}

/// What is read from a reply about the NS records of `example.`.
fn read(reply: &Reply) -> Option<Delegation> {
    let octets = reply.octets();
    delegation(&Message::parse(&octets).unwrap(), &name("example")).unwrap()
}

#[test]
fn a_referral_and_an_authoritys_answer_are_read() {
    let (zone, one, other) = (name("example"), name("ns1.example"), name("ns2.elsewhere"));
    let ns = |host: &WireName, ttl| record(&zone, Rtype::NS, ttl, host.as_octets());
    let glue = record(&one, Rtype::A, 7200, &[192, 0, 2, 1]);
    let referral = Reply::to(1, zone, Rtype::NS).flags(0x8000).and(1, ns(&one, 172_800)).and(1, ns(&other, 172_800));
    let found = read(&referral.and(2, glue)).unwrap();
    assert_eq!((found.ttl, found.hosts.len()), (172_800, 2));
    let address: IpAddr = "192.0.2.1".parse().unwrap();
    assert_eq!(found.hosts[0].addresses, [(address, 7200)]);
    assert!(found.hosts[1].addresses.is_empty());
    let answer = Reply::to(1, zone, Rtype::NS).and(0, ns(&one, 300)).and(0, ns(&one, 600));
    assert_eq!(read(&answer).map(|found| (found.ttl, found.hosts.len())), Some((600, 1)), "the last to run out");
}

#[test]
fn caches_and_strangers_are_not_read() {
    let (zone, host) = (name("example"), name("ns1.example"));
    let ns = record(&zone, Rtype::NS, 17, host.as_octets());
    assert_eq!(read(&Reply::to(1, zone, Rtype::NS).flags(0x8000).and(0, ns)), None, "a cache's TTL has run down");
    let other = record(&name("other"), Rtype::NS, 300, host.as_octets());
    assert_eq!(read(&Reply::to(1, zone, Rtype::NS).and(0, other)), None);
    let foreign = record(&name("www.example"), Rtype::AAAA, 60, &[0; 16]);
    let octets = Reply::to(1, host, Rtype::AAAA).and(0, foreign).octets();
    assert_eq!(addresses(&Message::parse(&octets).unwrap(), &host, &zone).unwrap(), Told::All(Vec::new()));
}

#[test]
fn an_answer_without_authority_tells_no_address_and_a_referral_or_an_alias_where_they_are() {
    let (zone, host) = (name("example"), name("ns1.sub.example"));
    let told = |answer: Reply| addresses(&Message::parse(&answer.octets()).unwrap(), &host, &zone).unwrap();
    let asked = |flags| Reply::to(1, host, Rtype::A).flags(flags);
    let cut = |owner: &str| record(&name(owner), Rtype::NS, 300, host.as_octets());
    let glue = || record(&host, Rtype::A, 60, &[192, 0, 2, 1]);
    let all: Vec<(IpAddr, u32)> = vec![("192.0.2.1".parse().unwrap(), 60)];
    assert_eq!(told(asked(0x8000).and(1, cut("sub.example"))), Told::Elsewhere(Vec::new()));
    assert_eq!(told(asked(0x8000).and(1, cut("sub.example")).and(2, glue())), Told::Elsewhere(all.clone()));
    assert_eq!(told(asked(0x8000).and(1, cut("example"))), Told::Nothing, "no cut lies between");
    assert_eq!(told(asked(0x8000).and(1, cut("other.example"))), Told::Nothing, "it leads elsewhere");
    assert_eq!(told(asked(0x8000).and(0, glue())), Told::Nothing, "a cache");
    assert_eq!((told(asked(0x8402)), told(asked(0x8405))), (Told::Nothing, Told::Nothing), "SERVFAIL and REFUSED");
    assert_eq!(told(asked(0x8403)), Told::All(Vec::new()), "NXDOMAIN");
    assert_eq!(told(asked(0x8400).and(0, glue())), Told::All(all));
    let alias = record(&host, Rtype::CNAME, 60, zone.as_octets());
    assert_eq!(told(asked(0x8400).and(0, alias)), Told::Elsewhere(Vec::new()));
}

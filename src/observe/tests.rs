//! What can be watched, and when two servers hold the same of it.

use super::{Held, Rrset, Watched, WatchedError};
use crate::canonical::Form;
use crate::wire::tests::reply::{Reply, name, record};
use crate::wire::{Message, Rtype, Section, WireName};
use hickory_proto::rr::{Name, RecordType};

/// The zone.
fn zone() -> Name {
    Name::from_ascii("example.").unwrap()
}

/// `www.example. A`, watched.
fn watched() -> Watched {
    Watched::new(&Name::from_ascii("www.example.").unwrap(), RecordType::A).unwrap()
}

/// What a server holds that answers with these addresses.
fn held(addresses: &[[u8; 4]]) -> Held {
    let owner = WireName::from_name(&Name::from_ascii("www.example.").unwrap());
    let reply = Reply::to(1, owner, Rtype::A);
    let reply = addresses.iter().fold(reply, |reply, address| reply.and(0, record(&owner, Rtype::A, address)));
    let octets = reply.octets();
    let message = Message::parse(&octets).unwrap();
    let mut records = message.section(Section::Answer);
    let Some(first) = records.next() else { return Held::Nothing };
    let set = Rrset::of(first, Form::Canonical).unwrap();
    Held::Set(records.fold(set, |set, record| set.with(record, Form::Canonical).unwrap()))
}

/// U21: sets are the same whatever their order, and not when one record is more or less.
#[test]
fn u21_the_whole_set_counts() {
    let (one, two) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    let same = |a: &[[u8; 4]], b: &[[u8; 4]]| watched().is_same(&held(a), &held(b));
    assert!(same(&[one, two], &[two, one]) && same(&[], &[]) && same(&[one, one], &[one]));
    assert!(!same(&[one, two], &[one]) && !same(&[one], &[]) && !same(&[], &[one]));
}

/// U21: the record that is waited for must be among those of the source.
#[test]
fn u21_a_record_is_waited_for_by_its_data() {
    let wanted = watched().holding("192.0.2.7", &zone()).unwrap();
    assert!(wanted.is_met_by(&held(&[[192, 0, 2, 7], [192, 0, 2, 8]])));
    assert!(!wanted.is_met_by(&held(&[[192, 0, 2, 8]])) && !wanted.is_met_by(&held(&[])));
    assert!(watched().is_met_by(&held(&[])), "without one, anything is a measure");
    assert_eq!(wanted.to_string(), "www.example. A 192.0.2.7");
    let mx = Watched::new(&zone(), RecordType::MX).unwrap().holding("10 Mail", &zone()).unwrap();
    assert_eq!(mx.to_string(), "example. MX 10 mail.example.", "names are relative to the zone");
}

/// What no server answers for by itself cannot be watched, nor what lies elsewhere.
#[test]
fn u21_what_cannot_be_watched_says_why() {
    for rtype in [RecordType::ANY, RecordType::AXFR, RecordType::RRSIG, RecordType::NSEC3] {
        assert!(matches!(Watched::new(&zone(), rtype), Err(WatchedError::Type { .. })), "{rtype}");
    }
    assert!(matches!(watched().holding("192.0.2.256", &zone()), Err(WatchedError::Rdata(_))));
    let elsewhere = watched().require_in(&name("other")).unwrap_err().to_string();
    assert!(elsewhere.starts_with("www.example. is not in the zone other."), "{elsewhere}");
}

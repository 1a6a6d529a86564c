//! What the steps of a difference come to, and whether they can be of the zone at hand.

use super::journal::*;
use super::record_of_class;
use super::{Rtype, name};
use crate::canonical::{CanonicalRecord, Form, write_record};
use crate::wire::Message;
use crate::xfr::{Delta, Effects, Inconsistency, Sign};
use proptest::prelude::*;

/// The net effect of these changes, without a transfer around them; it is the same whether they come out of messages or
/// were written down before.
fn collect(limit: usize, changes: &[(Sign, Vec<u8>)]) -> Result<Effects, Inconsistency> {
    let (mut delta, mut from_log) = (Delta::new(limit), Delta::new(limit));
    for (sign, record) in changes {
        let message = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], record.as_slice()].concat();
        let message = Message::parse(&message).expect("a record");
        let [record] = message.records() else { panic!("not one") };
        match sign {
            Sign::Removed => delta.delete(record).expect("short"),
            Sign::Added => delta.add(record).expect("short"),
        }
        let mut octets = Vec::new();
        write_record(record, Form::Canonical, &mut octets).expect("short");
        from_log.take(*sign, &CanonicalRecord::split_first(&octets).expect("a record").0);
    }
    let (effects, from_log) = (delta.finish(), from_log.finish());
    assert_eq!(effects, from_log);
    effects
}

/// The sign, first label and TTL of each net change.
fn summary(effects: &Effects) -> Vec<(Sign, String, u32)> {
    let label = |record: &CanonicalRecord<'_>| {
        let owner = record.owner_name();
        owner.labels().next().map(|label| String::from_utf8_lossy(label).into_owned()).unwrap_or_default()
    };
    effects.net_changes().map(|(sign, record)| (sign, label(&record), record.ttl())).collect()
}

/// An address with this TTL.
fn with_ttl(host: &str, ttl: u32) -> Vec<u8> {
    record_of_class(&name(&format!("{host}.jain.ad.jp")), Rtype::A, 1, ttl, &[10, 0, 0, 1])
}

use Sign::{Added, Removed};

/// I5, I7: what the steps add and delete again, or delete and add again, comes to nothing; the rest stays in order.
#[test]
fn i7_steps_that_cancel() {
    let (x, y) = (with_ttl("x", 60), with_ttl("y", 60));
    let there_and_back = [(Added, x.clone()), (Removed, x.clone()), (Added, x.clone()), (Removed, x.clone())];
    let effects = collect(Delta::OCTETS, &there_and_back).expect("consistent");
    assert_eq!((effects.net_changes().count(), effects.iter().count()), (0, 1));
    let back = [(Removed, y.clone()), (Added, x.clone()), (Removed, x), (Added, y), (Added, with_ttl("a", 1))];
    let effects = collect(Delta::OCTETS, &back).expect("consistent");
    assert_eq!(summary(&effects), [(Added, "a".into(), 1)]);
    assert_eq!(effects.iter().map(|effect| effect.before).collect::<Vec<_>>(), [None, None, Some(60)]);
}

/// I5: a record that the steps delete twice or add twice; later changes do not mend it, and case is no difference.
#[test]
fn i5_twice_the_same_within_the_steps() {
    let (x, upper) = (with_ttl("x", 60), with_ttl("X", 60));
    let (owner, rtype) = (Box::new(name("x.jain.ad.jp")), Rtype::A);
    let added = [(Added, x.clone()), (Added, upper.clone()), (Removed, x.clone())];
    let error = collect(Delta::OCTETS, &added).expect_err("added twice");
    assert_eq!(error, Inconsistency::AddedTwice { owner: owner.clone(), rtype });
    let error = collect(Delta::OCTETS, &[(Removed, x.clone()), (Removed, upper)]).expect_err("deleted twice");
    assert_eq!(error, Inconsistency::DeletedTwice { owner, rtype });
    assert_eq!(error.to_string().to_lowercase(), "the server's changes delete x.jain.ad.jp. a twice");
}

/// I5: deleting what the zone does not hold, or adding what it holds; also where the steps cancel it again.
#[test]
fn i5_a_difference_of_another_zone() {
    let effects = effects(1, &steps());
    let check = |zone: &Set| effects.check(|record| held(zone, record));
    assert_eq!(check(&zone_of(1)), Ok(0));
    let mut without = zone_of(1);
    assert!(without.remove(&canonical(&nezu())));
    assert!(matches!(check(&without), Err(Inconsistency::NotHeld { rtype: Rtype::A, .. })));
    for record in [jain_bb(3), jain_bb(4), jain_bb_other(), version(2)] {
        let mut more = zone_of(1);
        assert!(more.insert(canonical(&record)));
        assert!(matches!(check(&more), Err(Inconsistency::HeldAlready { .. })));
    }
}

/// I5: a deletion means the record whatever its TTL is; another TTL is counted, in the steps and against the zone.
#[test]
fn i5_another_ttl_in_a_deletion() {
    let effects =
        collect(Delta::OCTETS, &[(Added, with_ttl("x", 60)), (Removed, with_ttl("x", 61))]).expect("consistent");
    assert_eq!((effects.net_changes().count(), effects.ttl_differs()), (0, 1));
    let effects = collect(Delta::OCTETS, &[(Removed, with_ttl("x", 60))]).expect("consistent");
    assert_eq!((effects.check(|_| Some(60)), effects.check(|_| Some(300))), (Ok(0), Ok(1)));
}

/// I5: a new TTL is a record that goes and one that comes.
#[test]
fn i5_a_new_ttl() {
    let changes = [(Removed, with_ttl("x", 60)), (Added, with_ttl("x", 300)), (Removed, with_ttl("b", 0x8000_0001))];
    let effects = collect(Delta::OCTETS, &changes).expect("consistent");
    assert_eq!(summary(&effects), [(Removed, "b".into(), 0), (Removed, "x".into(), 60), (Added, "x".into(), 300)]);
}

/// A32: what is kept is bounded; the same record again and again is kept once.
#[test]
fn a32_a_difference_that_is_too_large() {
    let again: Vec<_> = (0..1000).map(|n| (if n % 2 == 0 { Added } else { Removed }, with_ttl("x", 60))).collect();
    assert!(collect(100, &again).is_ok());
    let many: Vec<_> = (0..10).map(|n| (Added, with_ttl(&format!("h{n}"), 60))).collect();
    assert_eq!(collect(100, &many), Err(Inconsistency::TooLarge { limit: 100 }));
}

/// The records that a zone of these hosts has beside its SOA; a host has the TTL that stands with it.
fn hosts(hosts: &[Option<u8>; 6]) -> Vec<Vec<u8>> {
    let record = |(host, ttl): (usize, &Option<u8>)| ttl.map(|ttl| with_ttl(&format!("h{host}"), u32::from(ttl)));
    hosts.iter().enumerate().filter_map(record).collect()
}

proptest! {
    /// I4, I7: the difference between versions n and m, in one step or in many, makes m of n, wherever on the circle of
    /// serials they are; and it is no difference of a zone that has one record more or less among those it touches.
    #[test]
    fn i7_a_difference_makes_the_new_zone_of_the_old(
        zones in prop::collection::vec(prop::array::uniform6(prop::option::of(0_u8..3)), 2..6),
        begin in any::<u32>(), distance in 1_u32..1 << 28, condense in any::<bool>(),
    ) {
        let serial = |index: usize| (0..index).fold(begin, |serial, _| serial.wrapping_add(distance));
        let last = zones.len() - 1;
        let stations: Vec<_> = if condense { vec![0, last] } else { (0..=last).collect() };
        let mut stream = vec![version(serial(last))];
        for step in stations.windows(2) {
            let (old, new) = (hosts(&zones[step[0]]), hosts(&zones[step[1]]));
            stream.push(version(serial(step[0])));
            stream.extend(old.iter().filter(|record| !new.contains(record)).cloned());
            stream.push(version(serial(step[1])));
            stream.extend(new.iter().filter(|record| !old.contains(record)).cloned());
        }
        stream.push(version(serial(last)));
        let zone = |index: usize| {
            let mut zone = set(&hosts(&zones[index]));
            zone.insert(canonical(&version(serial(index))));
            zone
        };
        let effects = effects(begin, &stream);
        prop_assert_eq!(applied(&effects, zone(0)), zone(last));
        let touched: Vec<_> = effects.iter().collect();
        for other in &touched {
            let held = |record: &CanonicalRecord<'_>| {
                let is_other = record == &other.record;
                (is_other != held(&zone(0), record).is_some()).then_some(0)
            };
            prop_assert!(effects.check(held).is_err());
        }
        let ordered = touched.windows(2).all(|pair| pair[0].record.order(&pair[1].record).is_lt());
        prop_assert!(ordered, "in canonical order, each record once");
    }
}

/// I7: deletions with another TTL than the addition before them are counted each.
#[test]
fn i7_every_deletion_with_another_ttl_is_counted() {
    let (a, b, c) = (with_ttl("x", 1), with_ttl("x", 2), with_ttl("x", 3));
    let steps = [(Added, a.clone()), (Removed, b), (Added, a), (Removed, c)];
    assert_eq!(collect(Delta::OCTETS, &steps).expect("consistent").ttl_differs(), 2);
    let same = [(Added, with_ttl("y", 1)), (Removed, with_ttl("y", 1))];
    assert_eq!(collect(Delta::OCTETS, &same).expect("consistent").ttl_differs(), 0);
}

/// I8: what is kept of a difference is bounded to the octet; a record that comes again costs nothing.
#[test]
fn i8_the_bound_is_exact() {
    let steps = [(Added, with_ttl("x", 1)), (Removed, with_ttl("x", 1)), (Added, with_ttl("x", 1))];
    let fits = |limit| collect(limit, &steps).is_ok();
    let least = (0..1000).find(|limit| fits(*limit)).expect("one record is not large");
    assert!(least > with_ttl("x", 1).len() + 40, "its place in the table counts");
    let two = [(Added, with_ttl("x", 1)), (Added, with_ttl("y", 1))];
    assert!(collect(2 * least, &two).is_ok());
    assert!(matches!(collect(2 * least - 1, &two), Err(Inconsistency::TooLarge { .. })));
}

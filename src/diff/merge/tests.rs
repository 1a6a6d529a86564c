//! What becomes of each unit, and what is known at the end of those that were forgotten.

use super::{Fate, Merge, Units, kind_of};
use crate::canonical::{CanonicalRecord, Form};
use crate::diff::ordered::side_bit;
use crate::wire::Rtype;
use crate::wire::tests::reply;
use ahash::RandomState;

/// Any key of the hash.
fn hash() -> RandomState {
    RandomState::with_seeds(1, 2, 3, 4)
}

/// A merge of so many sides that watches nothing.
fn merge(sides: usize) -> Merge {
    Merge::new(sides, Form::Canonical, hash(), Units::with_hasher(hash()))
}

/// The octets of a name.
fn name(owner: &str) -> Vec<u8> {
    reply::name(owner).as_octets().to_vec()
}

impl Merge {
    /// A side sends a whole unit of addresses, and what becomes of it.
    fn sends(&mut self, side: u8, owner: &str, addresses: &[u8]) -> Fate {
        self.sends_of(side, owner, Rtype::A, addresses)
    }

    /// The same with another type.
    fn sends_of(&mut self, side: u8, owner: &str, rtype: Rtype, addresses: &[u8]) -> Fate {
        let owner = name(owner);
        for (number, address) in addresses.iter().enumerate() {
            let rdata = [192, 0, 2, *address];
            let record = CanonicalRecord::new(&owner, rtype, 1, 300, &rdata);
            if number == 0 {
                self.begin(usize::from(side), 0, &record);
            } else {
                assert!(self.goes_on(usize::from(side), 0, &record));
            }
        }
        let mut unit = self.take(usize::from(side), 0).expect("a unit");
        let fate = self.settle(side, 0, &mut unit).expect("room");
        self.give_back(usize::from(side), 0, unit);
        fate
    }

    /// All sides of two send the same.
    fn both_send(&mut self, owner: &str) {
        assert!(matches!(self.sends(0, owner, &[1]), Fate::Waits));
        assert!(matches!(self.sends(1, owner, &[1]), Fate::Agreed));
    }

    /// Whether a part of what is held of this owner may have been forgotten, once all has ended.
    fn ends_suspecting(mut self, owner: &str) -> bool {
        while self.take_one().is_some() {}
        self.end().is_suspect(&name(owner), 0)
    }

    /// Whether something was forgotten in parts, once all has ended.
    fn ends_in_parts(mut self) -> bool {
        while self.take_one().is_some() {}
        self.end().is_in_parts()
    }
}

/// V7: a unit that repeats a record, or holds the SOA, is never forgotten: what it counts for, and the zone's name, are seen
/// by those who judge.
#[test]
fn v7_what_repeats_itself_and_the_soa_are_held() {
    let mut merge = merge(2);
    assert!(matches!(merge.sends(0, "a.example", &[1, 1]), Fate::Held(None)));
    assert!(matches!(merge.sends(1, "a.example", &[1, 1]), Fate::Held(None)));
    assert!(matches!(merge.sends_of(0, "b.example", Rtype::SOA, &[1]), Fate::Held(None)));
    assert!(matches!(merge.sends_of(1, "b.example", Rtype::SOA, &[1]), Fate::Held(None)));
    assert!(matches!(merge.sends(0, "c.example", &[1]), Fate::Waits));
}

/// V7: it is enough that one of the sides sent a unit for the first time, whichever that is.
#[test]
fn v7_what_one_side_sent_anew_was_not_forgotten_before() {
    let (upwards, downwards) = (["a.example", "b.example"], ["b.example", "a.example"]);
    for (first, second) in [(upwards, downwards), (downwards, upwards)] {
        let mut merge = merge(2);
        for owner in first {
            assert!(matches!(merge.sends(0, owner, &[1]), Fate::Waits));
        }
        for owner in second {
            assert!(matches!(merge.sends(1, owner, &[1]), Fate::Agreed));
        }
        assert!(!merge.ends_in_parts());
    }
    let mut merge = merge(2);
    for owner in downwards {
        merge.both_send(owner);
    }
    assert!(merge.ends_in_parts(), "neither did");
}

/// V7: what is held is under suspicion, until a side sends it for the first time.
#[test]
fn v7_a_fresh_part_lifts_the_suspicion() {
    let held = || {
        let mut merge = merge(2);
        assert!(matches!(merge.sends(0, "b.example", &[1]), Fate::Waits));
        assert!(matches!(merge.sends(0, "a.example", &[1, 1]), Fate::Held(None)));
        merge
    };
    assert!(held().ends_suspecting("a.example"));
    let (mut fresh, mut behind) = (held(), held());
    assert!(matches!(fresh.sends(1, "a.example", &[1]), Fate::Held(None)));
    assert!(!fresh.ends_suspecting("a.example"));
    assert!(matches!(behind.sends(1, "b.example", &[1]), Fate::Agreed));
    assert!(matches!(behind.sends(1, "a.example", &[1]), Fate::Held(None)));
    assert!(behind.ends_suspecting("a.example"));
}

/// Parts that come behind higher owners and are held are counted, and nothing else is.
#[test]
fn l1_parts_are_those_that_come_behind_and_are_held() {
    let mut merge = merge(2);
    merge.both_send("m.example");
    assert_eq!((merge.parts, merge.agreed), (0, 1));
    let _ = merge.sends(0, "a.example", &[1]);
    assert_eq!(merge.parts, 0, "it waits");
    let _ = merge.sends(0, "a.example", &[2]);
    assert_eq!(merge.parts, 1, "a second part");
    let _ = merge.sends(0, "a.example", &[3]);
    assert_eq!(merge.parts, 2, "of what is held already");
    let _ = merge.sends(1, "x.example", &[1]);
    let _ = merge.sends(0, "x.example", &[2]);
    let _ = merge.sends(0, "y.example", &[1, 1]);
    let _ = merge.sends(1, "y.example", &[1, 1]);
    assert_eq!(merge.parts, 2, "what differs in its order comes in no parts");
}

/// It is hopeless if more units came in parts than agreed, and many of them.
#[test]
fn l1_it_is_hopeless_if_many_parts_came_and_more_than_agreed() {
    let hopeless = |parts, agreed| {
        let mut merge = merge(2);
        assert_eq!(merge.many_parts, 4096);
        (merge.many_parts, merge.parts, merge.agreed) = (10, parts, agreed);
        merge.is_hopeless()
    };
    assert_eq!([hopeless(10, 0), hopeless(11, 11), hopeless(11, 10), hopeless(5, 3)], [false, false, true, false]);
}

/// V2: what waited for the dropped side alone has agreed; what still waits for another one has not.
#[test]
fn v2_what_waited_for_a_dropped_side_alone_agrees() {
    let mut merge = merge(4);
    for side in [0, 2, 3] {
        let _ = merge.sends(side, "a.example", &[1]);
    }
    for side in [0, 1, 2] {
        let _ = merge.sends(side, "b.example", &[1]);
    }
    let agreed = merge.drop_side(1);
    assert_eq!(agreed.iter().map(|waited| waited.owner().to_vec()).collect::<Vec<_>>(), [name("a.example")]);
    assert_eq!(agreed[0].records().count(), 1);
    assert!(matches!(merge.sends(3, "b.example", &[1]), Fate::Agreed), "without the one that was dropped");
    assert!(!merge.ends_in_parts());
}

/// V2: what agrees because a side was dropped may be a part of what was forgotten before.
#[test]
fn v2_what_agrees_late_may_be_a_part() {
    let mut merge = merge(3);
    for (side, owner) in [(0, "b.example"), (1, "b.example"), (2, "b.example"), (0, "a.example"), (2, "a.example")] {
        let _ = merge.sends(side, owner, &[1]);
    }
    assert_eq!(merge.drop_side(1).len(), 1);
    assert!(merge.ends_in_parts());
}

/// V2: the last side that is dropped agrees with nobody.
#[test]
fn v2_without_sides_nothing_agrees() {
    let mut merge = merge(2);
    let _ = merge.sends(0, "a.example", &[1]);
    let _ = merge.sends(0, "b.example", &[1]);
    assert_eq!(merge.drop_side(1).len(), 2);
    let _ = merge.sends(0, "c.example", &[1]);
    assert_eq!(merge.drop_side(0).len(), 0);
    assert_eq!(merge.live, 0);
}

/// V2: what a dropped side had sent may be held, so that no owner is known to be new; one that sent nothing leaves nothing.
#[test]
fn v2_nothing_is_new_beside_what_a_dropped_side_has_sent() {
    let mut merge = merge(3);
    let _ = merge.sends(1, "b.example", &[1]);
    let _ = merge.drop_side(2);
    assert!(merge.is_new(&name("c.example"), 0), "it had sent nothing");
    let _ = merge.drop_side(1);
    assert!(!merge.is_new(&name("c.example"), 0));
}

/// An owner is new if it is above all that any live side has sent, and is not watched.
#[test]
fn v7_new_is_what_is_above_all_that_was_sent() {
    let mut merge = merge(3);
    assert!(merge.is_new(&name("a.example"), 0));
    let _ = merge.sends(0, "b.example", &[1]);
    let _ = merge.sends(2, "d.example", &[1]);
    let new = |merge: &Merge, owner| merge.is_new(&name(owner), 0);
    assert_eq!(
        ["b.example", "c.example", "d.example", "e.example"].map(|owner| new(&merge, owner)),
        [false, false, false, true]
    );
    merge.watched.insert(super::hash_unit(&hash(), &name("f.example"), 0));
    assert_eq!([new(&merge, "e.example"), new(&merge, "f.example")], [true, false]);
}

/// V7: what passes by counts as agreed, and is behind every live side from then on.
#[test]
fn v7_what_passes_by_was_sent_by_every_live_side() {
    let mut merge = merge(3);
    let _ = merge.drop_side(2);
    merge.pass(&name("c.example"), 0);
    assert_eq!(merge.agreed, 1);
    assert_eq!([0, 1, 2].map(|side| merge.reached(side).is_some()), [true, true, false]);
    assert_eq!(
        ["b.example", "c.example", "d.example"].map(|owner| merge.is_new(&name(owner), 0)),
        [false, false, true]
    );
    assert!(merge.is_new(&name("b.example"), 1), "of NSEC3 nothing was sent");
    assert!(matches!(merge.sends(0, "b.example", &[1]), Fate::Waits));
    assert!(matches!(merge.sends(1, "b.example", &[1]), Fate::Agreed));
    assert!(merge.ends_in_parts());
}

/// All that is allocated is counted, once.
#[test]
fn l1_every_part_is_counted() {
    let mut merge = merge(2);
    let mut before = merge.memory();
    let mut grows_by = |merge: &Merge, octets: usize| {
        assert_eq!(merge.memory() - before, octets);
        before = merge.memory();
    };
    merge.held.extend(0..100);
    grows_by(&merge, merge.held.allocation_size());
    merge.suspect.extend(0..200);
    grows_by(&merge, merge.suspect.allocation_size());
    merge.watched.extend(0..400);
    grows_by(&merge, merge.watched.allocation_size());
    merge.table.reserve(800, |_| 0);
    grows_by(&merge, merge.table.allocation_size());
    merge.log.push(&[7; 100]).expect("room");
    grows_by(&merge, merge.log.memory());
    merge.waiting.reserve_exact(1000);
    grows_by(&merge, merge.waiting.capacity() * size_of::<super::Waiting>());
    merge.begin(1, 1, &CanonicalRecord::new(&name("a.example"), Rtype::A, 1, 300, &[1; 4000]));
    grows_by(&merge, merge.sides[1].open[1].memory());
}

/// V7: what was forgotten before it gave up is not above what every live side had reached.
#[test]
fn v7_given_up_it_tells_how_far_every_side_had_come() {
    let mut merge = merge(3);
    for (side, owner) in [(0, "c.example"), (1, "b.example"), (2, "a.example")] {
        let _ = merge.sends(side, owner, &[1]);
    }
    let _ = merge.drop_side(2);
    let past = merge.give_up();
    let suspect = |owner: &str| past.is_suspect(&name(owner), 0);
    assert_eq!(["a.example", "b.example", "bb.example", "c.example"].map(suspect), [true, true, false, false]);
    assert!(!past.is_suspect(&name("a.example"), 1), "no NSEC3 was sent");
}

/// V7: a live side that has sent nothing has let nothing be forgotten.
#[test]
fn v7_given_up_before_a_side_began_nothing_was_forgotten() {
    let mut merge = merge(2);
    let _ = merge.sends(0, "c.example", &[1]);
    let past = merge.give_up();
    assert!(!past.is_suspect(&name("a.example"), 0));
    assert!(!past.is_in_parts());
}

/// L1: once nothing waits any more, the places of what waited are given back, unless they are few.
#[test]
fn l1_places_are_given_back_once_nothing_waits() {
    for (units, kept) in [(super::KEPT, true), (super::KEPT + 1, false)] {
        let mut merge = merge(2);
        let owners: Vec<String> = (0..units).map(|number| format!("h{number:05}.example")).collect();
        for owner in &owners {
            let _ = merge.sends(0, owner, &[1]);
        }
        let (last, others) = owners.split_last().expect("many");
        for owner in others {
            let _ = merge.sends(1, owner, &[1]);
        }
        assert_eq!(merge.waiting.len(), units, "one waits");
        assert!(matches!(merge.sends(1, last, &[1]), Fate::Agreed));
        assert_eq!(merge.waiting.is_empty(), !kept);
        assert!(merge.table.is_empty());
    }
}

/// NSEC3 and what signs it are units of their own.
#[test]
fn v7_nsec3_and_its_signatures_are_of_their_own_kind() {
    let kinds = [
        (Rtype::NSEC3, 0),
        (Rtype::RRSIG, Rtype::NSEC3.0),
        (Rtype::RRSIG, 1),
        (Rtype::A, 0),
        (Rtype::A, Rtype::NSEC3.0),
    ];
    assert_eq!(kinds.map(|(rtype, covered)| kind_of(rtype, covered)), [1, 1, 0, 0, 0]);
}

/// L1: the buffers of a unit are used again.
#[test]
fn l1_buffers_are_used_again() {
    let mut merge = merge(2);
    let _ = merge.sends(0, "a.example", &[1, 2, 3]);
    let open = &merge.sides[0].open[0];
    assert!(open.count() == 0 && open.memory() > 0);
}

/// The bits of all sides are there, the last one's too.
#[test]
fn all_sides_live_at_first() {
    assert_eq!(merge(3).live, 0b111);
    assert_eq!(merge(64).live, u64::MAX);
    assert_eq!(side_bit(64), 0);
}

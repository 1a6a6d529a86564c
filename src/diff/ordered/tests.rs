//! What is said of sides, TTLs and surroundings, put together from parts.

use super::{OtherTtls, Presence, RrsetTtl, Surroundings, Ttls, sides_of};
use crate::wire::Rtype;
use crate::wire::tests::reply;

/// Some of everything, in one class.
fn all_of(class: u16, bits: u64) -> Presence {
    Presence { class, cut: bits, alias: bits << 1, a: bits << 2, aaaa: bits << 3 }
}

/// C8: a side that sent several TTLs has the lowest of them, and is one side.
#[test]
fn c8_a_side_has_its_lowest_ttl_and_counts_once() {
    let mut ttls = Ttls::default();
    for (side, ttl) in [(0, 300), (1, 300), (1, 60), (2, 600), (2, 900), (2, 700), (3, 50)] {
        ttls.note(side, ttl);
    }
    let ttl = |lowest, mixed| Some(RrsetTtl { lowest, mixed });
    assert_eq!(
        [0, 1, 2, 3, 4].map(|side| ttls.of(side)),
        [ttl(300, false), ttl(60, true), ttl(600, true), ttl(50, false), None]
    );
    assert_eq!(ttls.sides(), 0b1111);
    assert_eq!(ttls.others.iter().find(|(side, _)| *side == 2), Some(&(2, OtherTtls { lowest: 600, highest: 900 })));
}

/// What two runs say of TTLs is what one would say that had both.
#[test]
fn l1_ttls_of_two_runs_are_those_of_one() {
    let noted = [(0, 300), (1, 300), (1, 60), (2, 600), (2, 900), (3, 50)];
    let of = |which: &[(u8, u32)]| {
        let mut ttls = Ttls::default();
        for (side, ttl) in which {
            ttls.note(*side, *ttl);
        }
        ttls
    };
    for cut in 0..=noted.len() {
        let (first, second) = noted.split_at(cut);
        let mut merged = of(first);
        merged.merge(&of(second));
        assert_eq!(
            (0..5).map(|side| merged.of(side)).collect::<Vec<_>>(),
            (0..5).map(|side| of(&noted).of(side)).collect::<Vec<_>>()
        );
        assert_eq!(merged.sides(), 0b1111, "cut at {cut}");
    }
}

/// Every type that a hint is made of is noted in its own place, beside what was there.
#[test]
fn what_is_present_is_noted_by_type() {
    let mut here = all_of(1, 1 << 8);
    for (bit, rtype) in Presence::TYPES.into_iter().chain([Rtype::TXT]).enumerate() {
        here.note(rtype, 1 << bit);
    }
    let before = all_of(1, 1 << 8);
    assert_eq!(
        here,
        Presence {
            class: 1,
            cut: before.cut | 0b11,
            alias: before.alias | 0b100,
            a: before.a | 0b1000,
            aaaa: before.aaaa | 0b1_0000,
        }
    );
    let mut both = all_of(1, 1);
    both.merge(&all_of(1, 1 << 8));
    assert_eq!(both, all_of(1, 1 | 1 << 8));
}

/// Each class has a presence of its own.
#[test]
fn what_is_present_is_told_by_class() {
    let mut all = Vec::new();
    for (class, bits) in [(1, 1), (3, 2), (1, 4)] {
        Presence::add_to(&mut all, class, |one| one.merge(&all_of(class, bits)));
    }
    assert_eq!(all, [all_of(1, 5), all_of(3, 2)]);
}

/// A22: what counts is a cut below the apex, above the owner, in its class, on one of the two sides.
#[test]
fn a22_what_is_below_a_cut() {
    let (owner, apex) = (reply::name("a.b.example"), reply::name("example"));
    let [above, at_apex] = [reply::name("b.example"), apex].map(|name| name.as_octets().len());
    let below = |length: usize, class: u16, cut: u64| {
        let there = [(length, Presence { class, cut, ..Presence::default() })];
        Surroundings { here: &[], above: &there }.is_below_cut(&owner, 1, 2, Some(&apex))
    };
    assert!(below(above, 1, 0b001) && below(above, 1, 0b100) && below(above, 1, 0b101));
    assert!(!below(above, 1, 0b010), "a side that is not asked about");
    assert!(!below(above, 3, 0b101), "another class");
    assert!(!below(at_apex, 1, 0b101), "the apex has NS as well");
    assert!(!below(above, 1, 0));
}

/// Hostile case 118: an alias on one of the two sides, addresses of either family on the other, in one class.
#[test]
fn hostile_118_crossed_alias_and_addresses() {
    let flattened = |alias: u64, a: u64, aaaa: u64| {
        let here = [Presence { class: 1, alias, a, aaaa, cut: 0 }];
        let around = Surroundings { here: &here, above: &[] };
        assert!(!around.is_flattened(Rtype::TXT, 1, 2) && !around.is_flattened(Rtype::A, 3, 2));
        [Rtype::CNAME, Rtype::A, Rtype::AAAA].map(|rtype| around.is_flattened(rtype, 1, 2))
    };
    for (alias, addresses) in [(0b001, 0b100), (0b100, 0b001)] {
        assert_eq!(flattened(alias, addresses, 0), [true; 3]);
        assert_eq!(flattened(alias, 0, addresses), [true; 3]);
        assert_eq!(flattened(alias, alias, alias), [false; 3], "both on one side");
        assert_eq!(flattened(0b010, addresses, 0), [false; 3], "a side that is not asked about");
    }
    assert_eq!(flattened(0, 0b101, 0), [false; 3]);
}

/// Every bit is a side.
#[test]
fn sides_are_bits() {
    assert_eq!(sides_of(0).count(), 0);
    assert_eq!(sides_of(1 | 1 << 5 | 1 << 63).collect::<Vec<_>>(), [0, 5, 63]);
}

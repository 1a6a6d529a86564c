//! A differ that forgets what agreed says the same as one that holds everything, and says when it does not know.

use super::properties::any_zone;
use super::{a, name, record, rrsig, serial, txt};
use crate::canonical::CanonicalRecord;
use crate::diff::{DiffPolicy, Differ, Leftovers, OwnedRecord, SideVerdict, ZoneDiff};
use crate::wire::Rtype;
use proptest::prelude::*;

/// The key of the hash.
const SEED: [u64; 4] = [4, 3, 2, 1];
/// An hour.
const TTL: u32 = 3600;

/// Feeds the sides, in turns of as many records as `turns` says, and then what is left of each.
pub(super) fn feed(
    mut differ: Differ,
    sides: &[Vec<OwnedRecord>],
    turns: &[(usize, usize)],
    dropped: Option<usize>,
) -> ZoneDiff {
    let mut next = vec![0; sides.len()];
    for (side, count) in turns.iter().copied().chain((0..sides.len()).map(|side| (side, usize::MAX))) {
        let side = side % sides.len();
        let rest = &sides[side][next[side]..];
        let count = count.min(rest.len());
        for record in &rest[..count] {
            differ.add(side, record.view()).unwrap();
        }
        next[side] += count;
        if dropped == Some(side) && next[side] == sides[side].len() {
            differ.drop_side(side);
            next[side] = sides[side].len();
        }
    }
    differ.finish().unwrap()
}

/// Passes over the sides until everything is settled; how many it took.
fn settle(policy: &DiffPolicy, sides: &[Vec<OwnedRecord>], turns: &[Vec<(usize, usize)>]) -> (ZoneDiff, usize) {
    let mut leftovers: Option<Leftovers> = None;
    for pass in 1..=10 {
        let differ = match &leftovers {
            None => Differ::streaming(sides.len(), policy.clone(), SEED),
            Some(leftovers) => Differ::settling(sides.len(), policy.clone(), leftovers),
        };
        let diff = feed(differ.unwrap(), sides, &turns[pass % turns.len()], None);
        if diff.is_settled() {
            return (diff, pass);
        }
        let own = diff.leftovers().unwrap();
        leftovers.get_or_insert_with(|| own.clone()).extend(own);
    }
    panic!("never settled");
}

/// One pass over sides that take turns record by record.
fn once(sides: &[Vec<OwnedRecord>]) -> ZoneDiff {
    let turns: Vec<_> = (0..1000).map(|turn| (turn % sides.len(), 1)).collect();
    feed(Differ::streaming(sides.len(), DiffPolicy::exact(), SEED).unwrap(), sides, &turns, None)
}

/// The changes as text, with kind and hints.
pub(super) fn shown(diff: &ZoneDiff) -> Vec<String> {
    diff.changes().map(Result::unwrap).map(|c| format!("{} {:?} {:?} {c}", c.side, c.kind, c.hints)).collect()
}

/// A zone of so many owners in canonical order, three records each.
pub(super) fn zone(owners: u32) -> Vec<OwnedRecord> {
    let mut zone = vec![serial(1)];
    for number in 0..owners {
        let owner = format!("h{number:07}.example.com");
        zone.extend([a(&owner, TTL, 1), a(&owner, TTL, 2), txt(&owner, &["text"])]);
    }
    zone
}

/// The zone with every owner in lower case.
fn in_one_case(zone: Vec<OwnedRecord>) -> Vec<OwnedRecord> {
    let lower = |record: OwnedRecord| {
        let (record, owner) = (record.view(), record.view().owner().to_ascii_lowercase());
        OwnedRecord::new(&CanonicalRecord::new(&owner, record.rtype(), record.class(), record.ttl(), record.rdata()))
    };
    zone.into_iter().map(lower).collect()
}

/// A zone in canonical order of owners, as honest servers send it: no record twice, one TTL in an `RRset`.
pub(super) fn ordered(mut zone: Vec<OwnedRecord>) -> Vec<OwnedRecord> {
    zone.sort_by(|a, b| a.view().order(&b.view()));
    zone.dedup_by(|a, b| {
        let (a, b) = (a.view(), b.view());
        a.owner().eq_ignore_ascii_case(b.owner()) && (a.rtype(), a.rdata()) == (b.rtype(), b.rdata())
    });
    zone
}

/// V7, memory: sides in step hold nothing, however long the zone is.
#[test]
fn v7_sides_in_step_are_held_no_longer_than_they_are_apart() {
    let zone = zone(20_000);
    let mut differ = Differ::streaming(3, DiffPolicy::exact(), SEED).unwrap();
    let mut most = 0;
    for record in &zone {
        for side in 0..3 {
            differ.add(side, record.view()).unwrap();
        }
        most = most.max(differ.memory());
    }
    assert!(most < 1 << 18, "{most} octets for {} records", zone.len());
    let diff = differ.finish().unwrap();
    assert!(diff.is_equal() && diff.is_settled());
    assert_eq!((diff.compared(0), diff.compared(2), diff.duplicates(1)), (60_001, 60_001, 0));
}

/// V7, memory: what one side sent ahead is given back once the other has come.
#[test]
fn v7_the_space_of_a_lead_is_given_back() {
    let zone = zone(20_000);
    let mut differ = Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap();
    for record in &zone {
        differ.add(1, record.view()).unwrap();
    }
    let ahead = differ.memory();
    assert!(ahead < 130 * zone.len(), "{ahead} octets");
    for record in &zone {
        differ.add(0, record.view()).unwrap();
    }
    assert!(differ.memory() < ahead / 2, "{} octets of {ahead}", differ.memory());
    assert!(differ.finish().unwrap().is_equal());
}

/// V7: the order of records of one owner is free.
#[test]
fn v7_order_inside_an_owner_is_free() {
    let (one, mut other) = (zone(50), zone(50));
    other[1..].chunks_mut(3).for_each(<[_]>::reverse);
    let diff = once(&[one, other]);
    assert!(diff.is_equal() && diff.is_settled());
}

/// V7: a record that comes again long after its owner was forgotten is no difference, which the second pass finds out.
#[test]
fn v7_a_late_duplicate_is_unsettled_and_then_equal() {
    let (one, mut other) = (zone(200), zone(200));
    other.push(one[4].clone());
    let sides = [one, other];
    let first = once(&sides);
    assert!(!first.is_settled() && !first.is_equal());
    let second = Differ::settling(2, DiffPolicy::exact(), first.leftovers().unwrap()).unwrap();
    let second = feed(second, &sides, &[], None);
    assert!(second.is_settled() && second.is_equal());
    assert_eq!((second.duplicates(1), second.compared(1)), (1, 601));
}

/// V7, C8: a late record can lower a TTL of what was forgotten; only the second pass sees all of the `RRset`.
#[test]
fn c8_a_late_lower_ttl_is_found_by_the_second_pass() {
    let (one, mut other) = (zone(200), zone(200));
    other.push(a("h0000003.example.com", 60, 9));
    let (diff, passes) = settle(&DiffPolicy::exact(), &[one, other], &[(0..2000).map(|turn| (turn % 2, 1)).collect()]);
    assert_eq!(passes, 2);
    let [change] = super::changes(&diff).try_into().unwrap();
    assert_eq!((change.removed.len(), change.added.len()), (2, 3), "the whole RRset has another TTL");
    assert_eq!(diff.mixed_ttls(1), 1);
}

/// V7: a difference between sides in canonical order is settled at once, and held are the differences alone.
#[test]
fn v7_differences_in_order_are_settled_in_one_pass() {
    let (one, mut other) = (zone(300), zone(300));
    other[7] = a("h0000002.example.com", TTL, 77);
    other.remove(500);
    other.insert(100, a("h0000032x.example.com", TTL, 1));
    let diff = once(&[one.clone(), other.clone()]);
    assert!(diff.is_settled());
    let sides = [&one[..], &other[..]];
    assert!(diff.same_changes(&super::compare(DiffPolicy::exact(), &sides)).unwrap());
}

/// BIND sends NSEC3 behind all other names, NSD among them: neither unsettles anything.
#[test]
fn v7_nsec3_behind_the_zone_or_inside_it() {
    let hashed = |number: u32| {
        let owner = format!("{}{number:05}.example.com", if number.is_multiple_of(2) { "a" } else { "t" });
        [record(&owner, Rtype::NSEC3, TTL, &[1, 0, 0, 1, 7]), rrsig(&owner, TTL, Rtype::NSEC3, 1000, 1, 1)]
    };
    let chain: Vec<_> = (0..300).flat_map(hashed).collect();
    let chain = ordered(chain);
    let behind = [zone(100), chain.clone()].concat();
    let inside = ordered(behind.clone());
    let diff = once(&[behind.clone(), inside.clone(), behind.clone()]);
    assert!(diff.is_equal() && diff.is_settled());
    let mut less = inside.clone();
    less.retain(|record| record.view().owner() != name("a00010.example.com"));
    let diff = once(&[behind, less]);
    assert!(diff.is_settled());
    assert_eq!((diff.tally(1).removed, diff.tally(1).rrsets), (2, 2));
}

/// V2: what waited for a side that failed agrees without it.
#[test]
fn v2_a_side_that_fails_midway_holds_up_nobody() {
    let zone = zone(1000);
    let mut differ = Differ::streaming(3, DiffPolicy::exact(), SEED).unwrap();
    for (number, record) in zone.iter().enumerate() {
        differ.add(0, record.view()).unwrap();
        differ.add(2, record.view()).unwrap();
        if number < 200 {
            differ.add(1, record.view()).unwrap();
        }
    }
    differ.drop_side(1);
    let diff = differ.finish().unwrap();
    assert_eq!([1, 2].map(|side| diff.verdict(side)), [SideVerdict::NotCompared, SideVerdict::Equal]);
    assert_eq!([0, 1, 2].map(|side| diff.compared(side)), [3001, 0, 3001]);
    assert!(diff.is_settled());
}

/// A31: the content of a side is the same whatever the order, and whether it was held or forgotten.
#[test]
fn a31_the_content_of_a_side_is_the_same_whichever_way_it_was_reckoned() {
    let (one, mut other) = (zone(100), zone(100));
    other[5] = a("h0000001.example.com", TTL, 99);
    let (equal, differing) = (once(&[one.clone(), one.clone()]), once(&[one.clone(), other.clone()]));
    assert!(equal.content(0).is_some());
    assert_eq!(equal.content(0), equal.content(1));
    assert_eq!(equal.content(0), differing.content(0));
    assert_ne!(differing.content(0), differing.content(1));
    let settling = Differ::settling(2, DiffPolicy::exact(), differing.leftovers().unwrap()).unwrap();
    let again = feed(settling, &[one, other], &[], None);
    assert_eq!((again.content(0), again.content(1)), (differing.content(0), differing.content(1)));
}

/// A31: a pass that is held against no other says the same, and counts the same.
#[test]
fn a31_without_contents_a_pass_says_the_same() {
    let (one, mut other) = (zone(100), zone(100));
    other[5] = a("h0000001.example.com", TTL, 99);
    let sides = [one, other];
    let streaming = || Differ::streaming(2, DiffPolicy::exact(), SEED).unwrap();
    let (with, without) =
        (feed(streaming(), &sides, &[], None), feed(streaming().without_contents(), &sides, &[], None));
    assert_eq!(without.content(0), None);
    assert!(without.same_changes(&with).unwrap());
    assert_eq!([0, 1].map(|side| without.compared(side)), [0, 1].map(|side| with.compared(side)));
}

/// A31: where case counts, what was forgotten and what was held are one content none the less.
#[test]
fn a31_the_content_is_the_same_in_bitwise_form() {
    let policy = || DiffPolicy::exact().form(crate::canonical::Form::Bitwise);
    let one = vec![serial(1), a("Www.example.com", TTL, 1), a("xyz.example.com", TTL, 1)];
    let mut other = one.clone();
    other[1] = a("Www.example.com", TTL, 2);
    let sides = |sides: &[Vec<OwnedRecord>]| {
        feed(Differ::streaming(2, policy(), SEED).unwrap(), sides, &[(0, 1), (1, 1), (0, 1), (1, 1)], None)
    };
    let (forgotten, held) = (sides(&[one.clone(), one.clone()]), sides(&[one.clone(), other]));
    assert!(forgotten.content(0).is_some());
    assert_eq!(forgotten.content(0), held.content(0));
    assert_ne!(held.content(0), held.content(1));
}

/// A31: the content of a side that came back to an owner is not known: what was forgotten of it may have come again.
#[test]
fn a31_the_content_of_a_side_that_comes_back_to_an_owner_is_not_known() {
    let one = zone(100);
    let again = [one.clone(), vec![one[5].clone()]].concat();
    let diff = once(&[one.clone(), again]);
    assert_eq!([0, 1].map(|side| diff.content(side)), [None, None]);
    let held = super::compare(DiffPolicy::exact(), &[&one, &one]);
    assert_eq!(held.content(0), None, "not reckoned where there is no other pass");
}

/// Hints at what surrounds a change are there once the second pass has looked at what is above it.
#[test]
fn hostile_111_the_second_pass_sees_the_cut_above() {
    let ns = |owner: &str| record(owner, Rtype::NS, 300, &name("ns.sub.example.com"));
    let base = vec![serial(1), ns("example.com"), ns("sub.example.com"), a("ns.sub.example.com", 300, 1)];
    let sides = [base.clone(), base[..3].to_vec()];
    let first = once(&sides);
    let second = Differ::settling(2, DiffPolicy::exact(), first.leftovers().unwrap()).unwrap();
    let second = feed(second, &sides, &[], None);
    assert!(first.same_changes(&second).unwrap());
    assert_eq!(shown(&second), shown(&super::compare(DiffPolicy::exact(), &[&sides[0], &sides[1]])));
}

/// Some policy.
pub(super) fn any_policy() -> impl Strategy<Value = DiffPolicy> {
    prop::sample::select(vec![
        DiffPolicy::exact(),
        DiffPolicy::exact().ignore_ttl(),
        DiffPolicy::exact().form(crate::canonical::Form::Bitwise),
        DiffPolicy::unsigned(),
        DiffPolicy::multi_primary(),
        DiffPolicy::resigned(),
    ])
}

/// Side and number of records, one after the other.
pub(super) type Turns = Vec<(usize, usize)>;

/// Two to four sides, some of them nearly the same, and the turns in which they come in several passes.
pub(super) fn any_sides() -> impl Strategy<Value = (Vec<Vec<OwnedRecord>>, Vec<Turns>)> {
    let near = |zone: Vec<OwnedRecord>| {
        let doubled = [zone.clone(), zone.clone()].concat();
        let less = zone.get(1..).unwrap_or_default().to_vec();
        let more = [zone.clone(), zone.iter().take(2).cloned().collect()].concat();
        let shuffled = Just(zone.clone()).prop_shuffle();
        let sorted = ordered(zone.clone());
        prop_oneof![Just(zone), Just(doubled), Just(less), Just(more), Just(sorted), shuffled, any_zone()]
    };
    let sides = any_zone().prop_flat_map(move |zone| prop::collection::vec(near(zone), 2..5));
    let turns = prop::collection::vec((0_usize..4, 1_usize..9), 0..40);
    (sides, prop::collection::vec(turns, 1..3))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// V7: what streams through is what is held, at every interleaving and under every policy, once it says that it is settled.
    #[test]
    fn v7_streaming_says_what_holding_says((sides, turns) in any_sides(), policy in any_policy()) {
        let held = feed(Differ::new(sides.len(), policy.clone(), SEED).unwrap(), &sides, &turns[0], None);
        let (streamed, passes) = settle(&policy, &sides, &turns);
        prop_assert!(passes == 1 || !turns.is_empty());
        prop_assert!(streamed.same_changes(&held).unwrap(), "{:?} and {:?}", shown(&streamed), shown(&held));
        prop_assert_eq!(streamed.is_equal(), held.is_equal());
        let settling = Differ::settling(sides.len(), policy.clone(), streamed.leftovers().unwrap()).unwrap();
        let again = feed(settling, &sides, &turns[0], None);
        prop_assert!(!again.is_settled() || shown(&again) == shown(&held), "{:?} and {:?}", shown(&again), shown(&held));
        for side in 0..sides.len() {
            prop_assert_eq!(streamed.compared(side) + streamed.duplicates(side), held.compared(side) + held.duplicates(side));
        }
    }

    /// V7: zones in canonical order, without duplicates, are settled in the first pass, with exact counts.
    ///
    /// Each side writes an owner in one case. Where case counts, an owner in two cases comes in parts, one for each, and
    /// the second part is above nothing that was not sent before: a difference in it takes another pass.
    #[test]
    fn v7_ordered_zones_are_settled_in_one_pass((sides, turns) in any_sides(), policy in any_policy()) {
        let sides: Vec<_> = sides.into_iter().map(in_one_case).map(ordered).collect();
        let held = feed(Differ::new(sides.len(), policy.clone(), SEED).unwrap(), &sides, &turns[0], None);
        let streamed = feed(Differ::streaming(sides.len(), policy, SEED).unwrap(), &sides, &turns[0], None);
        prop_assert!(streamed.is_settled());
        prop_assert!(streamed.same_changes(&held).unwrap());
        for side in 0..sides.len() {
            prop_assert_eq!(streamed.compared(side), held.compared(side));
        }
        prop_assert_eq!(streamed.left_out(), held.left_out());
    }

    /// V2, V7: a side that is dropped anywhere leaves the others as if it had never been.
    #[test]
    fn v2_a_dropped_side_changes_nothing((sides, turns) in any_sides(), dropped in 0_usize..4) {
        let dropped = dropped % sides.len();
        let with = |differ: Result<Differ, _>| feed(differ.unwrap(), &sides, &turns[0], Some(dropped));
        let held = with(Differ::new(sides.len(), DiffPolicy::exact(), SEED));
        let streamed = with(Differ::streaming(sides.len(), DiffPolicy::exact(), SEED));
        if streamed.is_settled() {
            prop_assert!(streamed.same_changes(&held).unwrap());
        } else {
            let again = with(Differ::settling(sides.len(), DiffPolicy::exact(), streamed.leftovers().unwrap()));
            prop_assert!(!again.is_settled() || again.same_changes(&held).unwrap());
        }
    }
}

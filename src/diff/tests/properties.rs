//! V7 on random zones, against a model that is as plain as can be: maps and sets.

use super::{IN, name};
use crate::canonical::CanonicalRecord;
use crate::diff::{DiffPolicy, Differ, OwnedRecord, ZoneDiff};
use crate::wire::Rtype;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Owner, type and RRSIG's type covered.
type Key = (Vec<u8>, u16, Vec<u8>);
/// A zone as sets: the lowest TTL of each `RRset` and its RDATA.
type Model = BTreeMap<Key, (u32, BTreeSet<Vec<u8>>)>;

/// A record out of few, so that sides agree often and differ often.
fn any_record() -> impl Strategy<Value = OwnedRecord> {
    let owners =
        prop::sample::select(vec!["example", "a.example", "b.a.example", "B.A.example", "*.example", "z.example"]);
    let types = prop::sample::select(vec![Rtype::A, Rtype::TXT, Rtype::RRSIG, Rtype::SOA, Rtype(65280)]);
    let ttls = prop::sample::select(vec![0_u32, 300, 300, 300, 3600]);
    let rdata = prop::collection::vec(0_u8..3, 0..4);
    (owners, types, ttls, rdata).prop_map(|(owner, rtype, ttl, rdata)| {
        OwnedRecord::new(&CanonicalRecord::new(&name(owner), rtype, IN, ttl, &rdata))
    })
}

/// What a server sends: in any order, with duplicates.
pub(super) fn any_zone() -> impl Strategy<Value = Vec<OwnedRecord>> {
    prop::collection::vec(any_record(), 0..40)
}

/// The `RRset` of a record.
fn key_of(record: &CanonicalRecord<'_>) -> Key {
    let covered = record.rdata().get(..2).filter(|_| record.rtype() == Rtype::RRSIG).unwrap_or(&[0, 0]);
    (record.owner().to_ascii_lowercase(), record.rtype().0, covered.to_vec())
}

/// The sets of a zone.
fn model(zone: &[OwnedRecord]) -> Model {
    let mut model = Model::new();
    for record in zone.iter().map(OwnedRecord::view) {
        let (ttl, rdata) = model.entry(key_of(&record)).or_insert((u32::MAX, BTreeSet::new()));
        *ttl = record.ttl().min(*ttl);
        rdata.insert(record.rdata().to_vec());
    }
    model
}

/// The `RRsets` that differ.
fn model_differences(base: &Model, target: &Model) -> BTreeSet<Key> {
    let keys: BTreeSet<&Key> = base.keys().chain(target.keys()).collect();
    keys.into_iter().filter(|key| base.get(*key) != target.get(*key)).cloned().collect()
}

/// Exact comparison with a given key of the hash; records of the sides alternate.
fn compare(sides: &[&[OwnedRecord]], seed: u64) -> ZoneDiff {
    let mut differ = Differ::new(sides.len(), DiffPolicy::exact(), [seed; 4]).unwrap();
    for row in 0..sides.iter().map(|side| side.len()).max().unwrap_or_default() {
        for (number, record) in sides.iter().enumerate().filter_map(|(number, side)| Some((number, side.get(row)?))) {
            differ.add(number, record.view()).unwrap();
        }
    }
    differ.finish().unwrap()
}

/// The base after the changes of one target were applied to it.
fn applied(base: &Model, diff: &ZoneDiff, side: usize) -> Model {
    let mut result = base.clone();
    for change in diff.between(side).map(Result::unwrap) {
        let first = change.removed.first().or(change.added.first()).unwrap();
        let key = key_of(&first.view());
        let (ttl, rdata) = result.entry(key.clone()).or_insert((0, BTreeSet::new()));
        for record in &change.removed {
            assert_eq!(record.view().ttl(), *ttl, "removed with the TTL of the base");
            assert!(rdata.remove(record.view().rdata()), "removed from the base");
        }
        for record in &change.added {
            assert!(rdata.is_empty() || *ttl == record.view().ttl(), "one RRset, one TTL");
            *ttl = record.view().ttl();
            assert!(rdata.insert(record.view().rdata().to_vec()), "was not in the base");
        }
        if rdata.is_empty() {
            result.remove(&key);
        }
    }
    result
}

/// The lines of all changes of one target, less its number.
fn shown(diff: &ZoneDiff, side: usize) -> Vec<(String, String)> {
    diff.between(side).map(Result::unwrap).map(|c| (format!("{:?} {:?}", c.kind, c.hints), c.to_string())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// V7: the changed `RRsets` are the model's, and the diff applied to A gives B.
    #[test]
    fn v7_diff_applied_to_base_gives_target(base in any_zone(), target in any_zone()) {
        let diff = compare(&[&base, &target], 1);
        let (before, after) = (model(&base), model(&target));
        let expected = model_differences(&before, &after);
        let changed: Vec<Key> = diff.changes().map(Result::unwrap)
            .map(|change| key_of(&change.removed.first().or(change.added.first()).unwrap().view())).collect();
        prop_assert_eq!(changed.len(), expected.len());
        prop_assert_eq!(changed.into_iter().collect::<BTreeSet<Key>>(), expected);
        prop_assert_eq!(applied(&before, &diff, 1), after);
        prop_assert_eq!(diff.is_equal(), before == model(&target));
        let distinct = |model: &Model| model.values().map(|(_, rdata)| rdata.len() as u64).sum::<u64>();
        prop_assert_eq!((diff.compared(0), diff.compared(1)), (distinct(&before), distinct(&model(&target))));
        prop_assert_eq!(diff.compared(0) + diff.duplicates(0), base.len() as u64);
    }

    /// V7, L5: order, duplicates and the key of the hash do not matter, to the octet.
    #[test]
    fn v7_shuffles_and_duplicates_do_not_matter(
        base in any_zone(),
        (target, shuffled) in any_zone().prop_flat_map(|zone| {
            let doubled = [zone.clone(), zone.clone()].concat();
            (Just(zone), Just(doubled).prop_shuffle())
        }),
    ) {
        let (one, other) = (compare(&[&base, &target], 1), compare(&[&base, &shuffled], 2));
        prop_assert!(one.same_changes(&other).unwrap());
        prop_assert_eq!(shown(&one, 1), shown(&other, 1));
        prop_assert_eq!(one.mixed_ttls(1), other.mixed_ttls(1));
        prop_assert!(compare(&[&target, &shuffled], 3).is_equal());
    }

    /// V7: compared with itself a zone has no difference.
    #[test]
    fn v7_a_zone_equals_itself(zone in any_zone()) {
        let diff = compare(&[&zone, &zone, &zone], 1);
        prop_assert!(diff.is_equal());
        prop_assert_eq!(diff.changes().count(), 0);
    }

    /// V7: B against A is the mirror image of A against B.
    #[test]
    fn v7_mirror_image(one in any_zone(), other in any_zone()) {
        let (there, back) = (compare(&[&one, &other], 1), compare(&[&other, &one], 2));
        let there: Vec<_> = there.changes().map(Result::unwrap).map(|c| (c.owner, c.rtype, c.hints, c.removed, c.added)).collect();
        let back: Vec<_> = back.changes().map(Result::unwrap).map(|c| (c.owner, c.rtype, c.hints, c.added, c.removed)).collect();
        prop_assert_eq!(there, back);
    }

    /// V7: many sides at once give each target what it gets alone with the base.
    #[test]
    fn v7_many_sides_equal_pairwise(base in any_zone(), targets in prop::collection::vec(any_zone(), 1..6)) {
        let mut sides = vec![&base[..]];
        sides.extend(targets.iter().map(Vec::as_slice));
        let together = compare(&sides, 1);
        for (side, target) in (1..).zip(&targets) {
            let pair = compare(&[&base, target], 2);
            prop_assert_eq!(together.verdict(side), pair.verdict(1));
            prop_assert_eq!(together.tally(side), pair.tally(1));
            prop_assert_eq!(shown(&together, side), shown(&pair, 1));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// V7: twenty sides, in any order of the targets, each get what they get alone with the base.
    #[test]
    fn v7_twenty_sides_in_any_order(
        base in any_zone(),
        (targets, order) in (prop::collection::vec(any_zone(), 19), Just((0..19).collect::<Vec<usize>>()).prop_shuffle()),
    ) {
        let with = |targets: Vec<&Vec<OwnedRecord>>| {
            let sides: Vec<&[OwnedRecord]> = [&base].into_iter().chain(targets).map(Vec::as_slice).collect();
            compare(&sides, 1)
        };
        let (one, other) = (with(targets.iter().collect()), with(order.iter().map(|index| &targets[*index]).collect()));
        for (place, index) in order.iter().enumerate() {
            let (here, there) = (place + 1, index + 1);
            prop_assert_eq!(one.tally(there), other.tally(here));
            prop_assert_eq!(shown(&one, there), shown(&other, here));
            prop_assert_eq!(shown(&one, there), shown(&compare(&[&base, &targets[*index]], 2), 1));
        }
    }
}

//! Three octets for sides, memory and policy, then a word of four octets for each record: who sends it, owner, type, TTL
//! and data. What the differ says, holding everything, forgetting what agreed, and with so little memory that it
//! spills, is what plain maps and sets say: the same `RRsets` differ, the changes applied to the base give each target,
//! and records and duplicates are counted the same.
#![no_main]

use dnsconverge::canonical::CanonicalRecord;
use dnsconverge::diff::{DiffError, DiffPolicy, Differ, Leftovers, RunError, RunStore, SideVerdict, ZoneDiff};
use libfuzzer_sys::fuzz_target;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// Owners as octets; two of them are one name in other letters.
const OWNERS: [&[u8]; 8] = [
    b"\x07example\0",
    b"\x01a\x07example\0",
    b"\x01A\x07Example\0",
    b"\x01b\x01a\x07example\0",
    b"\x01*\x01a\x07example\0",
    b"\x01z\x07example\0",
    b"\x01z\x01z\x07example\0",
    b"\0",
];
/// A, NS, CNAME, SOA, TXT, RRSIG, NSEC3, and a type that nobody knows.
const TYPES: [u16; 8] = [1, 2, 5, 6, 16, 46, 50, 65280];
/// TTLs, one more often than others.
const TTLS: [u32; 4] = [300, 300, 60, 3600];
/// The key of the hash.
const SEED: [u64; 4] = [1, 2, 3, 4];

/// Owner in lower case, type, type covered.
type Key = (Vec<u8>, u16, Vec<u8>);
/// The lowest TTL, and the data.
type Rrsets = BTreeMap<Key, (u32, BTreeSet<Vec<u8>>)>;

/// One word of the input.
enum Step {
    /// The side sends this record.
    Send(usize, Vec<u8>),
    /// The side fails.
    Drop(usize),
}

/// Runs in memory.
#[derive(Debug, Default)]
struct Shelf(Mutex<BTreeMap<u32, Vec<u8>>>);

impl RunStore for Shelf {
    fn append(&self, run: u32, octets: &[u8]) -> Result<(), RunError> {
        self.0.lock().unwrap().entry(run).or_default().extend_from_slice(octets);
        Ok(())
    }

    fn read(&self, run: u32, at: u64, into: &mut [u8]) -> Result<(), RunError> {
        let at = at as usize;
        into.copy_from_slice(&self.0.lock().unwrap()[&run][at..at + into.len()]);
        Ok(())
    }

    fn remove(&self, run: u32) {
        self.0.lock().unwrap().remove(&run);
    }
}

fuzz_target!(|octets: &[u8]| {
    let Some(([sides, memory, policy], words)) = octets.split_first_chunk::<3>() else { return };
    let sides = 2 + usize::from(sides % 4);
    let memory = usize::from(*memory) * 64;
    let policy = if policy % 4 == 0 { DiffPolicy::exact().ignore_ttl() } else { DiffPolicy::exact() };
    let (words, _) = words.as_chunks::<4>();
    let steps: Vec<Step> = words.iter().map(|word| step(*word, sides)).collect();
    let small = |differ: Differ| differ.within(memory).spilling_into(Arc::new(Shelf::default()));

    let expected = Model::of(&steps, sides, &policy);
    let held = run(Differ::new(sides, policy.clone(), SEED).unwrap(), &steps);
    expected.check(&held);
    let spilled = run(small(Differ::new(sides, policy.clone(), SEED).unwrap()), &steps);
    expected.check(&spilled);
    for little in [false, true] {
        let settled = settle(&steps, sides, &policy, |differ| if little { small(differ) } else { differ });
        assert!(settled.same_changes(&held).unwrap());
        expected.check_verdicts(&settled);
    }
});

/// What a word asks for.
fn step([who, name, kind, data]: [u8; 4], sides: usize) -> Step {
    let side = usize::from(who & 15) % sides;
    if who > 0xFA {
        return Step::Drop(side);
    }
    let mut rdata = vec![data % 4; usize::from(data / 4 % 4)];
    if kind % 8 == 5 {
        // The type covered: A or NSEC3, which makes it one of another unit.
        rdata.splice(0..0, [0, if data & 16 == 0 { 1 } else { 50 }]);
    }
    let mut record = OWNERS[usize::from(name % 8)].to_vec();
    record.extend_from_slice(&TYPES[usize::from(kind % 8)].to_be_bytes());
    record.extend_from_slice(&[0, 1]);
    record.extend_from_slice(&TTLS[usize::from(kind / 8 % 4)].to_be_bytes());
    record.extend_from_slice(&u16::try_from(rdata.len()).unwrap().to_be_bytes());
    record.extend_from_slice(&rdata);
    Step::Send(side, record)
}

/// Feeds the differ.
fn run(mut differ: Differ, steps: &[Step]) -> ZoneDiff {
    for step in steps {
        match step {
            Step::Drop(side) => differ.drop_side(*side),
            Step::Send(side, octets) => match differ.add(*side, CanonicalRecord::split_first(octets).unwrap().0) {
                Ok(()) | Err(DiffError::SideDropped) => {}
                Err(error) => panic!("{error}"),
            },
        }
    }
    differ.finish().unwrap()
}

/// Passes until everything is settled.
fn settle(steps: &[Step], sides: usize, policy: &DiffPolicy, prepare: impl Fn(Differ) -> Differ) -> ZoneDiff {
    let mut leftovers: Option<Leftovers> = None;
    for _ in 0..20 {
        let differ = match &leftovers {
            None => Differ::streaming(sides, policy.clone(), SEED),
            Some(leftovers) => Differ::settling(sides, policy.clone(), leftovers),
        };
        let diff = run(prepare(differ.unwrap()), steps);
        if diff.is_settled() {
            return diff;
        }
        let own = diff.leftovers().unwrap();
        leftovers.get_or_insert_with(|| own.clone()).extend(own);
    }
    panic!("never settled");
}

/// What plain maps say.
struct Model {
    /// Each side; none if it was dropped.
    sides: Vec<Option<Rrsets>>,
    /// How many records each sent.
    sent: Vec<u64>,
    /// Whether TTLs count.
    ttl_counts: bool,
}

impl Model {
    /// Of these steps.
    fn of(steps: &[Step], sides: usize, policy: &DiffPolicy) -> Self {
        let mut model = Self {
            sides: vec![Some(Rrsets::new()); sides],
            sent: vec![0; sides],
            ttl_counts: !policy.leaves_out_ttl(),
        };
        for step in steps {
            match step {
                Step::Drop(side) => (model.sides[*side], model.sent[*side]) = (None, 0),
                Step::Send(side, octets) => {
                    let Some(rrsets) = &mut model.sides[*side] else { continue };
                    let (record, _) = CanonicalRecord::split_first(octets).unwrap();
                    let (ttl, data) = rrsets.entry(key_of(&record)).or_insert((u32::MAX, BTreeSet::new()));
                    *ttl = record.ttl().min(*ttl);
                    data.insert(record.rdata().to_vec());
                    model.sent[*side] += 1;
                }
            }
        }
        model
    }

    /// An `RRset` as far as it counts.
    fn seen<'m>(&self, rrsets: &'m Rrsets, key: &Key) -> Option<(u32, &'m BTreeSet<Vec<u8>>)> {
        rrsets.get(key).map(|(ttl, data)| (if self.ttl_counts { *ttl } else { 0 }, data))
    }

    /// The `RRsets` of a target that differ; none if it is not compared.
    fn differing(&self, side: usize) -> Option<BTreeSet<Key>> {
        let (base, target) = (self.sides[0].as_ref()?, self.sides[side].as_ref()?);
        let keys = base.keys().chain(target.keys()).filter(|key| self.seen(base, key) != self.seen(target, key));
        Some(keys.cloned().collect())
    }

    /// Holds a result to it, for each target.
    fn check_verdicts(&self, diff: &ZoneDiff) {
        for side in 1..self.sides.len() {
            let found: BTreeSet<Key> = diff
                .between(side)
                .map(Result::unwrap)
                .map(|change| key_of(&change.removed.first().or(change.added.first()).unwrap().view()))
                .collect();
            let verdict = match self.differing(side) {
                None => SideVerdict::NotCompared,
                Some(keys) if keys.is_empty() => SideVerdict::Equal,
                Some(_) => SideVerdict::Different,
            };
            assert_eq!(diff.verdict(side), verdict);
            assert_eq!(found, self.differing(side).unwrap_or_default());
        }
    }

    /// The same, with the counts, and the changes applied.
    fn check(&self, diff: &ZoneDiff) {
        self.check_verdicts(diff);
        for (side, (rrsets, sent)) in self.sides.iter().zip(&self.sent).enumerate() {
            let distinct = rrsets.iter().flat_map(BTreeMap::values).map(|(_, data)| data.len() as u64).sum::<u64>();
            assert_eq!((diff.compared(side), diff.duplicates(side)), (distinct, sent - distinct));
        }
        let Some(base) = &self.sides[0] else { return };
        for (side, target) in self.sides.iter().enumerate().skip(1) {
            let Some(target) = target else { continue };
            let mut applied: BTreeMap<Key, BTreeSet<Vec<u8>>> =
                base.iter().map(|(key, (_, data))| (key.clone(), data.clone())).collect();
            for change in diff.between(side).map(Result::unwrap) {
                for record in &change.removed {
                    assert!(applied.entry(key_of(&record.view())).or_default().remove(record.view().rdata()));
                }
                for record in &change.added {
                    assert!(applied.entry(key_of(&record.view())).or_default().insert(record.view().rdata().to_vec()));
                    assert_eq!(record.view().ttl(), target[&key_of(&record.view())].0);
                }
            }
            applied.retain(|_, data| !data.is_empty());
            let wanted = target.iter().map(|(key, (_, data))| (key.clone(), data.clone())).collect();
            assert_eq!(applied, wanted);
        }
    }
}

/// The `RRset` of a record.
fn key_of(record: &CanonicalRecord<'_>) -> Key {
    let covered = if record.rtype().0 == 46 { record.rdata().get(..2).unwrap_or_default() } else { &[] };
    (record.owner().to_ascii_lowercase(), record.rtype().0, covered.to_vec())
}

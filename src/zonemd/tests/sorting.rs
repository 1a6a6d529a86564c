//! L1: what is sorted takes no more memory than it may, and comes out as if it had all of it.

use super::{named, octets, zone};
use crate::canonical::CanonicalRecord;
use crate::diff::{RunError, RunStore};
use crate::wire::Rtype;
use crate::zonemd::{Collector, Ordered, SortError, Sorted, Sorter, Trouble, Wanted};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex};

/// Runs in memory, of so many octets at most.
#[derive(Debug)]
struct Shelf {
    /// The runs.
    runs: Mutex<BTreeMap<u32, Vec<u8>>>,
    /// How many octets one may have.
    capacity: usize,
}

impl Shelf {
    /// With that capacity.
    fn of(capacity: usize) -> Arc<Self> {
        Arc::new(Self { runs: Mutex::default(), capacity })
    }

    /// Which runs there are.
    fn numbers(&self) -> Vec<u32> {
        self.runs.lock().unwrap().keys().copied().collect()
    }
}

impl RunStore for Shelf {
    fn append(&self, run: u32, octets: &[u8]) -> Result<(), RunError> {
        let mut runs = self.runs.lock().unwrap();
        let run = runs.entry(run).or_default();
        run.extend_from_slice(octets);
        let full = || RunError {
            doing: "written to",
            place: "the shelf".to_owned(),
            source: io::ErrorKind::StorageFull.into(),
        };
        if run.len() > self.capacity { Err(full()) } else { Ok(()) }
    }

    fn read(&self, run: u32, at: u64, into: &mut [u8]) -> Result<(), RunError> {
        let at = usize::try_from(at).unwrap();
        into.copy_from_slice(&self.runs.lock().unwrap()[&run][at..at + into.len()]);
        Ok(())
    }

    fn remove(&self, run: u32) {
        self.runs.lock().unwrap().remove(&run);
    }
}

/// Records of a zone in an order that jumps about, every tenth of them twice with another TTL; some are long.
fn jumbled(count: usize) -> Vec<u8> {
    let mut text = String::new();
    for at in 0..count {
        let number = at * 61_801 % count;
        let wide = if number.is_multiple_of(500) { 60 } else { 1 };
        let strings = vec![format!("\"{}\"", "x".repeat(200)); wide].join(" ");
        let repeat = if number.is_multiple_of(10) { 2 } else { 1 };
        for ttl in 0..repeat {
            writeln!(text, "h{} {} TXT {strings} \"{number}\"", number / 3, 600 - ttl).unwrap();
        }
    }
    octets(&named("example"), &zone(&text))
}

/// What a sorter makes of it that takes it record by record.
fn sorted(mut records: &[u8], limit: usize, store: &Arc<Shelf>) -> Result<Sorted, SortError> {
    let mut sorter = Sorter::new(limit).spilling_into(Arc::clone(store) as Arc<dyn RunStore>);
    while let Ok((record, rest)) = CanonicalRecord::split_first(records) {
        record.write(sorter.buffer());
        sorter.look()?;
        records = rest;
    }
    sorter.finish()
}

/// All that comes out.
fn all_of(sorted: &Sorted) -> Vec<u8> {
    let mut all = Vec::new();
    let taken = sorted.each(|record| {
        record.write(&mut all);
        Ok::<_, SortError>(())
    });
    taken.unwrap();
    all
}

#[test]
fn l1_what_is_sorted_on_disk_is_as_if_it_had_been_sorted_in_memory() {
    let records = jumbled(6000);
    let mut wanted = Vec::new();
    Ordered::new(&records).unwrap().records().for_each(|record| record.write(&mut wanted));
    // All in memory; some of it; hardly any, in several passes.
    for (limit, is_in_memory, passes) in [(64 << 20, true, 0), (1 << 20, false, 0), (1 << 14, false, 1)] {
        let shelf = Shelf::of(usize::MAX);
        let sorted = sorted(&records, limit, &shelf).unwrap();
        assert_eq!(shelf.numbers().is_empty(), is_in_memory, "{limit}");
        assert!(is_in_memory || shelf.numbers().iter().all(|run| *run >= passes), "{limit}: {:?}", shelf.numbers());
        assert!(all_of(&sorted) == wanted && all_of(&sorted) == wanted, "{limit}: as often as it is wanted");
        let mut distinct = 0;
        let counted = sorted.each_distinct(|record| {
            let twice = record.rdata().ends_with(b"0") && record.rtype() == Rtype::TXT;
            assert!(!twice || record.ttl() == 599, "the lowest TTL counts");
            distinct += 1;
            Ok::<_, SortError>(())
        });
        counted.unwrap();
        assert_eq!(distinct, 6000 + apex(), "{limit}");
    }
}

/// How many records the zone has of its own.
fn apex() -> usize {
    let records = octets(&named("example"), &zone(""));
    Ordered::new(&records).unwrap().records().count()
}

#[test]
fn l1_what_can_be_kept_nowhere_is_trouble_and_no_digest() {
    let records = jumbled(2000);
    assert!(matches!(sorted(&records, 1 << 14, &Shelf::of(1 << 16)), Err(SortError::Unkept(_))));
    let collected = |limit, store| {
        let mut collector = Collector::new(&named("example"), Wanted::Always).within(limit, store);
        let mut rest = records.as_slice();
        while let Ok((record, after)) = CanonicalRecord::split_first(rest) {
            let written = collector.record(|out| {
                record.write(out);
                Ok(())
            });
            written.unwrap();
            rest = after;
        }
        collector.finish()
    };
    let (whole, little) = (collected(64 << 20, Shelf::of(0)), collected(1 << 14, Shelf::of(usize::MAX)));
    assert!(whole.digest.is_some() && whole == little);
    let failed = collected(1 << 14, Shelf::of(1 << 16));
    assert_eq!(failed.digest, None);
    assert!(
        matches!(&failed.trouble, Some(Trouble::Unkept(_)))
            && failed.trouble.unwrap().to_string().contains("the shelf")
    );
}

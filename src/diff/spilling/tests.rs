//! What is on its way to a run, and what it takes.

use crate::canonical::CanonicalRecord;
use crate::diff::arena::At;
use crate::diff::budget::Budget;
use crate::diff::{DiffError, DiffPolicy, Differ, RunError, RunStore};
use crate::wire::Rtype;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

/// Runs in memory.
#[derive(Debug, Default)]
struct Shelf(Mutex<BTreeMap<u32, Vec<u8>>>);

impl RunStore for Shelf {
    fn append(&self, run: u32, octets: &[u8]) -> Result<(), RunError> {
        self.0.lock().expect("alone").entry(run).or_default().extend_from_slice(octets);
        Ok(())
    }

    fn read(&self, run: u32, at: u64, into: &mut [u8]) -> Result<(), RunError> {
        let runs = self.0.lock().expect("alone");
        let at = usize::try_from(at).expect("in memory");
        let octets = runs.get(&run).and_then(|octets| octets.get(at..at + into.len()));
        let fault =
            RunError { doing: "read from", place: "memory".into(), source: io::ErrorKind::UnexpectedEof.into() };
        octets.map(|octets| into.copy_from_slice(octets)).ok_or(fault)
    }

    fn remove(&self, run: u32) {
        self.0.lock().expect("alone").remove(&run);
    }
}

/// A differ of two sides that holds so many records of different owners, and where its runs go.
fn holding(records: u32) -> (Differ, Arc<Shelf>) {
    let shelf = Arc::new(Shelf::default());
    let differ = Differ::new(2, DiffPolicy::exact(), [1; 4]).expect("sides").within(1 << 16);
    let mut differ = differ.spilling_into(Arc::clone(&shelf) as Arc<dyn RunStore>);
    hold(&mut differ, records);
    (differ, shelf)
}

/// Holds so many records.
fn hold(differ: &mut Differ, records: u32) {
    for number in 0..records {
        let owner = [&[6][..], format!("{number:06}").as_bytes(), &[0]].concat();
        let record = CanonicalRecord::new(&owner, Rtype::A, 1, 300, &[192, 0, 2, 1]);
        differ.hold(0, &record).expect("room");
    }
}

/// L1: what is being written, what is being joined and what is left of a merge are counted, each once.
#[test]
fn l1_what_is_on_its_way_is_counted() {
    let (mut differ, _shelf) = holding(1000);
    let held = differ.holdings.memory();
    assert_eq!(differ.spilled.memory(), 0);
    differ.seal().expect("a store");
    let (_, left) = differ.spilled.sealed.as_ref().expect("sealed");
    let sealed = held + left.capacity() * size_of::<At>();
    assert!(left.len() == 1000 && differ.spilled.memory() == sealed);
    let streaming = Differ::streaming(2, DiffPolicy::exact(), [1; 4]).expect("sides");
    let mut merge = streaming.merge.expect("one");
    merge.begin(0, 0, &CanonicalRecord::new(&[0], Rtype::A, 1, 300, &[1; 4000]));
    let of_merge = merge.memory();
    differ.spilled.ending = Some(merge);
    assert!(of_merge > 4000 && differ.spilled.memory() == sealed + of_merge);
    differ.spilled.ending = None;
    while differ.spilled.joining.is_none() {
        hold(&mut differ, 1000);
        differ.seal().expect("a store");
    }
    differ.spilled.sealed = None;
    let joining = differ.spilled.joining.as_ref().map_or(0, |joining| joining.memory());
    assert!(joining > 0 && differ.spilled.memory() == joining);
}

/// L1: a slice after the other is written, the last owners first, and each becomes a run that is gone with its value.
#[test]
fn l1_slices_become_runs_that_go_with_them() {
    let (mut differ, shelf) = holding(1000);
    assert_eq!(differ.budget.slice(), 128);
    differ.seal().expect("a store");
    assert!(differ.holdings.is_empty() && differ.spilled.is_busy() && differ.spilled.is_used());
    for runs in 1..8 {
        differ.write_slice().expect("a store");
        assert_eq!((differ.spilled.runs.len(), shelf.0.lock().expect("alone").len()), (runs, runs));
        assert!(differ.spilled.is_busy());
    }
    differ.write_slice().expect("a store");
    assert!(differ.spilled.sealed.is_none() && !differ.spilled.is_busy() && differ.spilled.is_used());
    assert_eq!(differ.runs(), 8);
    while differ.spilled.joining.is_some() {
        differ.join_slice().expect("a store");
    }
    assert_eq!((differ.spilled.runs.len(), shelf.0.lock().expect("alone").len()), (1, 1), "eight became one");
    differ.spilled.runs.clear();
    assert!(shelf.0.lock().expect("alone").is_empty() && !differ.spilled.is_used());
}

/// L1: a look takes one step while there is room, and as many as it takes when there is not.
#[test]
fn l1_a_look_takes_more_than_one_step_for_want_of_room_alone() {
    let (mut differ, _shelf) = holding(1000);
    differ = differ.within(1 << 20);
    differ.seal().expect("a store");
    differ.budget = Budget(1 << 16);
    let memory = differ.memory();
    assert!(memory > differ.budget.most());
    differ.look().expect("a store");
    assert!(!differ.spilled.is_busy() || differ.memory() <= differ.budget.most());
    assert!(differ.runs() > 1);
    let (mut roomy, _shelf) = holding(1000);
    roomy.seal().expect("a store");
    roomy.budget = Budget(memory * 2);
    let left = roomy.spilled.sealed.as_ref().map(|(_, left)| left.len());
    roomy.look().expect("a store");
    assert_eq!((left, roomy.runs()), (Some(1000), 1), "one slice, and no more");
}

/// L1: without a store there is an error once everything that is allowed is used up.
#[test]
fn l1_without_a_store_there_is_an_error_when_the_memory_ends() {
    let mut differ = Differ::new(2, DiffPolicy::exact(), [1; 4]).expect("sides");
    hold(&mut differ, 1000);
    differ.budget = Budget(differ.memory() * 2);
    assert!(differ.look().is_ok());
    differ.budget = Budget(differ.memory());
    assert!(matches!(differ.look(), Err(DiffError::OverBudget)));
}

/// L1: a merge ends when what waits and what is held take their share; what is held is sealed when it does.
#[test]
fn l1_a_merge_ends_and_holdings_are_sealed_at_their_share() {
    let streaming = || {
        let differ = Differ::streaming(2, DiffPolicy::exact(), [1; 4]).expect("sides");
        let mut differ = differ.spilling_into(Arc::new(Shelf::default()));
        hold(&mut differ, 1000);
        differ
    };
    let mut roomy = streaming();
    roomy.budget = Budget(roomy.memory() * 3);
    roomy.look().expect("a store");
    assert!(roomy.merge.is_some() && !roomy.spilled.is_used());
    let mut full = streaming();
    full.budget = Budget(full.memory());
    full.look().expect("a store");
    assert!(full.merge.is_none() && full.spilled.is_used());
    let (mut roomy, _shelf) = holding(1000);
    roomy.budget = Budget(roomy.memory() * 3);
    roomy.look().expect("a store");
    assert!(!roomy.spilled.is_used());
}

/// L1: while a merge that has ended is emptied, what comes out of it is sealed at a smaller share.
#[test]
fn l1_what_comes_out_of_a_merge_is_sealed_sooner() {
    let (mut differ, _shelf) = holding(1000);
    differ.budget = Budget(differ.memory() * 4);
    differ.step().expect("a store");
    assert!(differ.spilled.sealed.is_none(), "a quarter is less than half");
    let mut merge = Differ::streaming(2, DiffPolicy::exact(), [1; 4]).expect("sides").merge.expect("one");
    for number in 0..20_000 {
        let owner = [&[6][..], format!("{number:06}").as_bytes(), &[0]].concat();
        merge.begin(0, 0, &CanonicalRecord::new(&owner, Rtype::A, 1, 300, &[192, 0, 2, 1]));
        let mut unit = merge.take(0, 0).expect("one");
        merge.settle(0, 0, &mut unit).expect("room");
    }
    merge.give_up();
    differ.spilled.ending = Some(merge);
    differ.step().expect("a store");
    assert!(differ.spilled.sealed.is_some(), "and more than an eighth");
}

//! Runs: blocks, entries, and several of them as one.

use super::{Ahead, Joining, Path, give_merged};
use crate::diff::DiffError;
use crate::diff::ordered::{HeldRecord, InOrder, Presence, RrsetKey, Surroundings, Ttls};
use crate::diff::spill::{BLOCK, OctetWriter, Run, RunError, RunReader, RunStore, RunWriter};
use crate::wire::Rtype;
use crate::wire::tests::reply;
use ahash::RandomState;
use std::io;
use std::sync::{Arc, Mutex};

/// What was appended, run by run and block by block; `None` for one that was removed.
#[derive(Debug, Default)]
struct Blocks(Mutex<Vec<Option<Vec<Vec<u8>>>>>);

impl RunStore for Blocks {
    fn append(&self, run: u32, octets: &[u8]) -> Result<(), RunError> {
        let (mut runs, run) = (self.0.lock().expect("alone"), usize::try_from(run).expect("few"));
        let missing = (run + 1).saturating_sub(runs.len());
        runs.extend(std::iter::repeat_n(Some(Vec::new()), missing));
        runs[run].as_mut().expect("not removed").push(octets.to_vec());
        Ok(())
    }

    fn read(&self, run: u32, at: u64, into: &mut [u8]) -> Result<(), RunError> {
        let runs = self.0.lock().expect("alone");
        let all = runs[usize::try_from(run).expect("few")].as_ref().map(|blocks| blocks.concat()).unwrap_or_default();
        let at = usize::try_from(at).expect("in memory");
        let fault =
            RunError { doing: "read from", place: "memory".into(), source: io::ErrorKind::UnexpectedEof.into() };
        all.get(at..at + into.len()).map(|octets| into.copy_from_slice(octets)).ok_or(fault)
    }

    fn remove(&self, run: u32) {
        self.0.lock().expect("alone")[usize::try_from(run).expect("few")] = None;
    }
}

/// The key of all hashes.
fn hash() -> RandomState {
    RandomState::with_seeds(1, 2, 3, 4)
}

/// For the run of this number.
fn octets(store: &Arc<Blocks>, number: u32) -> OctetWriter {
    OctetWriter::new(Arc::clone(store) as Arc<dyn RunStore>, number, hash())
}

/// A run in which each of these owners has a cut, and an address of this last octet.
fn run(store: &Arc<Blocks>, number: u32, owners: &[&str], last: u8) -> Run {
    let mut writer = RunWriter::new(octets(store, number));
    for owner in owners {
        let owner = reply::name(owner);
        let here = [Presence { class: 1, cut: 1 << last, ..Presence::default() }];
        writer.owner(owner.as_octets(), Surroundings { here: &here, above: &[] }).expect("room");
        let key = RrsetKey { owner: owner.as_octets(), rtype: Rtype::A, class: 1, covered: 0 };
        writer.rrset(&key, &Ttls { first: 300, at_first: 1, others: Vec::new() }).expect("room");
        writer.record(&HeldRecord { payload: &[last], sides: 1, originals: &[] }).expect("room");
        writer.end_rrset().expect("room");
    }
    writer.end().expect("room")
}

/// L1: a run is appended in blocks of one size, and one of what is left.
#[test]
fn l1_runs_are_written_in_blocks() {
    for (pieces, blocks) in [
        (vec![BLOCK - 1, 1], vec![BLOCK]),
        (vec![BLOCK, 1], vec![BLOCK, 1]),
        (vec![BLOCK + 5, BLOCK - 5], vec![BLOCK, BLOCK]),
        (vec![3 * BLOCK + 7], vec![BLOCK, BLOCK, BLOCK, 7]),
    ] {
        let store = Arc::new(Blocks::default());
        let mut writer = octets(&store, 0);
        for piece in &pieces {
            writer.write(&vec![7; *piece]).expect("room");
        }
        let run = writer.end().expect("room");
        let lengths: Vec<usize> = store.0.lock().expect("alone")[0].iter().flatten().map(Vec::len).collect();
        assert_eq!(lengths, blocks);
        drop(run);
        assert!(store.0.lock().expect("alone")[0].is_none(), "the run goes with its value");
    }
}

/// A whole block is appended as soon as it is there.
#[test]
fn l1_a_whole_block_does_not_wait() {
    let store = Arc::new(Blocks::default());
    let mut writer = octets(&store, 0);
    writer.write(&vec![7; BLOCK]).expect("room");
    assert_eq!(store.0.lock().expect("alone").len(), 1);
}

/// What is read is what was written, and its end is told from nothing that was asked for.
#[test]
fn runs_are_read_to_their_end() {
    let store = Arc::new(Blocks::default());
    let mut writer = octets(&store, 0);
    writer.write(&[1, 2, 3]).expect("room");
    let run = writer.end().expect("room");
    let mut reader = RunReader::new(&run, hash());
    assert_eq!(reader.take(2).expect("there"), Some(&[1, 2][..]));
    assert!(matches!(reader.take(2), Err(DiffError::Lost)));
    assert_eq!(reader.take(1).expect("there"), Some(&[3][..]));
    assert_eq!(reader.take(0).expect("there"), Some(&[][..]));
    assert_eq!(reader.take(1).expect("there"), None);
}

/// L1: runs become one a little at a time, and what of them is open meanwhile is told.
#[test]
fn l1_runs_are_joined_a_little_at_a_time() {
    let store = Arc::new(Blocks::default());
    let owners = ["a.example", "b.example", "c.example", "d.example"];
    let runs = vec![run(&store, 0, &owners, 1), run(&store, 1, &owners[1..], 2), run(&store, 2, &owners[2..], 3)];
    let mut joining = Joining::new(runs, &hash(), RunWriter::new(octets(&store, 3))).expect("runs");
    assert_eq!((joining.runs(), joining.memory()), (3, 3 * BLOCK));
    assert!(joining.step(1).expect("runs") && joining.step(2).expect("runs"));
    assert!(joining.step(1).expect("runs"), "the fourth owner, after which it is not known that none is left");
    assert!(!joining.step(1).expect("runs"));
    let one = joining.end().expect("room");
    let mut seen = Seen::default();
    give_merged(&[one], &hash(), &mut seen).expect("a run");
    assert_eq!(seen.owners, owners.map(|owner| reply::name(owner).as_octets().to_vec()));
    assert_eq!(seen.cuts, [0b10, 0b110, 0b1110, 0b1110], "of all runs together");
}

/// Exactly so many `RRsets` are taken in a step, if each owner has one.
#[test]
fn l1_a_step_takes_so_many_rrsets() {
    let store = Arc::new(Blocks::default());
    let owners = ["a.example", "b.example", "c.example"];
    let mut joining =
        Joining::new(vec![run(&store, 0, &owners, 1)], &hash(), RunWriter::new(octets(&store, 1))).expect("runs");
    assert!(joining.step(2).expect("runs"));
    let mut left = Seen::default();
    while joining.merging.give_owner(&mut left).expect("runs").is_some() {}
    assert_eq!(left.owners.len(), 1);
}

/// What is given in order.
#[derive(Default)]
struct Seen {
    /// The owners.
    owners: Vec<Vec<u8>>,
    /// The cuts at each.
    cuts: Vec<u64>,
}

impl InOrder for Seen {
    fn owner(&mut self, owner: &[u8], around: Surroundings<'_>) -> Result<(), DiffError> {
        self.owners.push(owner.to_vec());
        self.cuts.push(around.here.iter().fold(0, |cuts, here| cuts | here.cut));
        Ok(())
    }

    fn rrset(&mut self, _: &RrsetKey<'_>, _: &Ttls) -> Result<(), DiffError> {
        Ok(())
    }

    fn record(&mut self, _: &HeldRecord<'_>) -> Result<(), DiffError> {
        Ok(())
    }

    fn end_rrset(&mut self) -> Result<(), DiffError> {
        Ok(())
    }
}

/// A22: the path holds what is above an owner, as far as a cut is there.
#[test]
fn a22_the_path_is_what_is_above_an_owner() {
    let cut = [Presence { class: 1, cut: 1, ..Presence::default() }];
    let plain = [Presence { class: 1, a: 1, ..Presence::default() }];
    let (mut path, name) = (Path::default(), |owner: &str| reply::name(owner).as_octets().to_vec());
    let mut go = |owner: &str, here: &[Presence]| {
        path.go_to(&name(owner));
        let above: Vec<usize> = path.above.iter().map(|(length, _)| *length).collect();
        path.step_down(&name(owner), here);
        (above, path.names.len())
    };
    let [example, b] = ["example", "b.example"].map(|owner| name(owner).len());
    assert_eq!(go("example", &cut), (vec![], 1));
    assert_eq!(go("a.example", &plain), (vec![example], 1), "no cut is there");
    assert_eq!(go("b.example", &cut), (vec![example], 2));
    assert_eq!(go("a.b.example", &cut), (vec![example, b], 3));
    assert_eq!(go("b.b.example", &plain), (vec![example, b], 2), "beside the one before");
    assert_eq!(go("c.example", &cut), (vec![example], 2));
    assert_eq!(go("other", &plain), (vec![], 0));
}

/// The reader at the lowest owner comes first, of several the one of the lowest number.
#[test]
fn the_lowest_owner_is_next() {
    let at = |owner: &str, reader: usize| Ahead { owner: reply::name(owner).as_octets().to_vec(), reader };
    assert!(at("a.example", 1) > at("b.example", 0) && at("a.example", 0) > at("a.example", 1));
    assert!(at("a.example", 1) == at("a.example", 1) && at("a.example", 1) != at("a.example", 2));
    assert!(at("a.example", 1) != at("b.example", 1));
}

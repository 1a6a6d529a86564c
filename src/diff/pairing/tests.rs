//! Which runs are paired off, one condition at a time; what else comes, the merge sees.

use super::{Front, MOST, Run, alike_from_start};
use crate::canonical::{CanonicalRecord, Form};
use crate::diff::{DiffPolicy, Differ};
use crate::wire::Rtype;
use crate::wire::tests::reply;

/// Any key of the hash.
const SEED: [u64; 4] = [1, 2, 3, 4];

/// Records of an owner, with these types, TTLs and last octets.
fn run(owner: &str, records: &[(Rtype, u32, u8)]) -> Vec<u8> {
    let (owner, mut octets) = (reply::name(owner), Vec::new());
    for (rtype, ttl, last) in records {
        CanonicalRecord::new(owner.as_octets(), *rtype, 1, *ttl, &[0, 1, *last]).write(&mut octets);
    }
    octets
}

/// Addresses of an owner.
fn addresses(owner: &str, last: &[u8]) -> Vec<u8> {
    run(owner, &last.iter().map(|last| (Rtype::A, 300, *last)).collect::<Vec<_>>())
}

/// So many sides that go to a merge, and their fronts.
fn sides<const N: usize>() -> (Differ, [Front; N]) {
    let differ = Differ::streaming(N, DiffPolicy::exact(), SEED).expect("sides");
    (differ, std::array::from_fn(|_| Front::default()))
}

impl Differ {
    /// How many records were paired off or agreed; and whether the merge has seen any record.
    fn agreed_and_seen(&self) -> (u64, bool) {
        (self.agreed.records, self.merge.as_ref().is_none_or(|merge| merge.memory() > 0))
    }
}

/// How many octets of these blocks are paired off at the front of two sides, by whole stretches and run by run.
fn paired(one: &[u8], other: &[u8]) -> [usize; 2] {
    let (mut differ, mut fronts) = sides::<2>();
    (fronts[0].octets, fronts[1].octets) = (one.to_vec(), other.to_vec());
    differ.pair_off_alike(&mut fronts);
    let alike = fronts[0].taken;
    while differ.pair_off(&mut fronts).expect("records") {}
    assert_eq!(fronts[0].taken, fronts[1].taken);
    assert!(!differ.agreed_and_seen().1);
    [alike, fronts[0].taken - alike]
}

/// V7: a run is whole if a record of another owner follows it, or so many octets that it would show.
#[test]
fn v7_a_run_is_whole_when_another_owner_follows() {
    let (own, next) = (addresses("b.example", &[1, 2]), addresses("cc.example", &[1]));
    let owner = reply::name("b.example").as_octets().len();
    let whole = |behind: usize| {
        let octets = [&own[..], &next[..behind]].concat();
        Run::whole_first_of(&octets).map(|run| (run.octets.len(), run.records().map(<[_]>::len)))
    };
    assert_eq!(whole(0), None);
    assert_eq!(whole(owner - 1), None);
    assert_eq!(whole(owner), Some((own.len(), Some(2))));
    assert_eq!(whole(next.len()), Some((own.len(), Some(2))));
    assert!(Run::whole_first_of(&own[..own.len() - 1]).is_none(), "a record that is not whole");
}

/// V7: more records than are held against each other make no run to pair off.
#[test]
fn v7_a_long_run_is_left_to_the_merge() {
    let last: Vec<u8> = (0..=MOST).map(|last| u8::try_from(last).expect("few")).collect();
    let (most, more) = (addresses("b.example", &last[1..]), addresses("b.example", &last));
    let count = |octets: &[u8]| Run::first_of(octets).expect("a run").records().map(<[_]>::len);
    assert_eq!((count(&most), count(&more)), (Some(MOST), None));
    let next = addresses("c.example", &[1]);
    assert_eq!(paired(&[&most[..], &next].concat(), &[&most[..], &next].concat()), [most.len(), 0]);
    assert_eq!(paired(&[&more[..], &next].concat(), &[&more[..], &next].concat()), [0, 0]);
}

/// The kind of a run under a policy, if it can be paired off.
fn kind(policy: &DiffPolicy, octets: &[u8]) -> Option<usize> {
    Run::first_of(octets).expect("a run").kind(policy)
}

/// V7: only what the merge would see, would not hold, and would take as one unit is paired off.
#[test]
fn v7_what_can_be_paired_off() {
    let exact = DiffPolicy::exact();
    let (a, nsec3) = ((Rtype::A, 300, 1), (Rtype::NSEC3, 300, 1));
    assert_eq!(kind(&exact, &run("b.example", &[a, (Rtype::A, 300, 2), (Rtype::TXT, 60, 1)])), Some(0));
    assert_eq!(kind(&exact, &run("b.example", &[nsec3])), Some(1));
    assert_eq!(kind(&exact, &run("b.example", &[a, nsec3])), None, "two units");
    assert_eq!(kind(&exact, &run("b.example", &[a, (Rtype::SOA, 300, 1)])), None);
    assert_eq!(kind(&exact, &run("b.example", &[a, a])), None, "twice");
    assert_eq!(kind(&exact, &run("b.example", &[a, (Rtype::A, 60, 2)])), None, "two TTLs");
    assert_eq!(kind(&exact, &run("B.example", &[a])), None, "the merge takes it in lower case");
    assert_eq!(kind(&DiffPolicy::exact().form(Form::Bitwise), &run("B.example", &[a])), Some(0));
    let unsigned = DiffPolicy::unsigned();
    assert_eq!(kind(&unsigned, &run("b.example", &[a])), Some(0));
    assert_eq!(kind(&unsigned, &run("b.example", &[a, (Rtype::NSEC, 300, 1)])), None, "a part is left out");
}

/// V7: in one order or another, the same records are the same run; a record, a TTL or an octet more or less is another.
#[test]
fn v7_the_same_run_in_any_order() {
    let own = addresses("b.example", &[1, 2]);
    let is_whole =
        |octets: &[u8], behind: &[u8]| Run::first_of(&own).expect("a run").is_whole_in(&[octets, behind].concat());
    let next = addresses("c.example", &[1]);
    assert!(is_whole(&own, &next) && is_whole(&addresses("b.example", &[2, 1]), &next));
    assert!(!is_whole(&own, &[]), "it may go on");
    assert!(!is_whole(&own, &addresses("b.example", &[3])), "it goes on");
    assert!(!is_whole(&addresses("b.example", &[2, 1]), &addresses("b.example", &[3])));
    assert!(!is_whole(&addresses("b.example", &[2, 3]), &next));
    assert!(!is_whole(&addresses("b.example", &[1]), &next));
    assert!(!is_whole(&addresses("d.example", &[1, 2]), &next));
    assert!(!is_whole(&run("b.example", &[(Rtype::A, 300, 1), (Rtype::A, 60, 2)]), &next));
    assert!(!is_whole(&[addresses("b.example", &[1]), addresses("d.example", &[2])].concat(), &next));
}

/// V7: a stretch that all sides send alike is paired off as a whole, up to the last run that is known to be whole.
#[test]
fn v7_stretches_are_paired_off_at_once() {
    let [b, c, d, e] = ["b", "c", "d", "e"].map(|owner| addresses(&format!("{owner}.example"), &[1, 2]));
    let all = [&b[..], &c, &d, &e].concat();
    assert_eq!(paired(&all, &all), [3 * b.len(), 0], "the last one may go on");
    let other = addresses("d.example", &[1, 3]);
    assert_eq!(paired(&all, &[&b[..], &c, &other, &e].concat()), [2 * b.len(), 0]);
    let swapped = addresses("c.example", &[2, 1]);
    assert_eq!(paired(&all, &[&b[..], &swapped, &d, &e].concat()), [b.len(), 2 * b.len()]);
    assert_eq!(paired(&all, &[]), [0, 0]);
    assert_eq!(
        paired(&[&c[..], &b, &d].concat(), &[&c[..], &b, &d].concat()),
        [c.len(), 0],
        "not above the one before"
    );
    let chain = run("a.example", &[(Rtype::NSEC3, 300, 1)]);
    let with = [&c[..], &chain, &d, &e].concat();
    assert_eq!(paired(&with, &with), [2 * b.len() + chain.len(), 0], "NSEC3 has an order of its own");
    let soa = [&run("b.example", &[(Rtype::SOA, 300, 1)])[..], &c].concat();
    assert_eq!(paired(&soa, &soa), [0, 0]);
}

/// V7: sides in step are paired off as their blocks come, and the merge sees but what is last.
#[test]
fn v7_the_merge_sees_nothing_of_sides_in_step() {
    let (mut differ, mut fronts) = sides::<3>();
    let owners = |range: std::ops::Range<u8>| {
        range.flat_map(|number| addresses(&format!("h{number:03}.example"), &[1, 2])).collect::<Vec<u8>>()
    };
    for side in 0..3 {
        differ.refill(&mut fronts, side, owners(0..50)).expect("records");
    }
    assert_eq!(differ.agreed_and_seen(), (98, true), "the last run may go on, so that it goes to the merge");
    assert!(fronts.iter().all(Front::is_empty));
    for side in 0..3 {
        differ.refill(&mut fronts, side, owners(50..99)).expect("records");
    }
    assert_eq!(differ.agreed_and_seen(), (196, true));
    for side in 0..3 {
        assert!(!fronts[side].is_over);
        differ.end_front(&mut fronts, side).expect("records");
        assert!(fronts[side].is_over);
    }
    assert!(fronts.iter().all(Front::is_empty));
    assert!(differ.finish().expect("room").is_equal());
}

/// V7: nothing of sides that send each owner's records in another order goes through the merge but what is last.
#[test]
fn v7_the_merge_sees_nothing_of_another_order_inside_owners() {
    let (mut differ, mut fronts) = sides::<2>();
    for (side, last) in [(0, [1, 2]), (1, [2, 1])] {
        let owners = (0..50_u8).flat_map(|number| addresses(&format!("h{number:03}.example"), &last));
        differ.refill(&mut fronts, side, owners.collect()).expect("records");
    }
    assert_eq!(differ.agreed.records, 98);
    let (memory, two_runs) = (differ.memory(), 1 << 12);
    assert!(memory < two_runs, "nothing has waited: {memory} octets");
}

/// V7: what waits at a front is given up as soon as nothing can pair with it.
#[test]
fn v7_what_nothing_can_pair_with_is_added() {
    let [b, c, d] = ["b", "c", "d"].map(|owner| addresses(&format!("{owner}.example"), &[1]));
    let (mut differ, mut fronts) = sides::<2>();
    differ.refill(&mut fronts, 0, [&b[..], &c, &d].concat()).expect("records");
    assert_eq!((fronts[0].taken, differ.agreed_and_seen()), (0, (0, false)), "all may pair with what is to come");
    let soa = run("a.example", &[(Rtype::SOA, 300, 1)]);
    let (mut other, mut others) = sides::<2>();
    other.refill(&mut others, 0, [&soa[..], &b, &c].concat()).expect("records");
    assert_eq!(others[0].taken, soa.len(), "a SOA pairs with nothing");
    // What is lowest has to go where no side's front is the other's, whichever side has it.
    for lowest in [0, 1] {
        let (mut differ, mut fronts) = sides::<2>();
        (fronts[lowest].octets, fronts[1 - lowest].octets) = ([&b[..], &c].concat(), [&c[..], &d].concat());
        differ.add_lowest(&mut fronts).expect("records");
        assert_eq!((fronts[lowest].taken, fronts[1 - lowest].taken), (b.len(), 0));
    }
    differ.refill(&mut fronts, 1, [&c[..], &d].concat()).expect("records");
    assert!(fronts.iter().all(Front::is_empty));
    assert_eq!(differ.agreed_and_seen(), (1, true), "the second is paired off, the others go to the merge");
}

/// V7: once one side is over, nothing waits for it; what the others still send is added as it comes.
#[test]
fn v7_nothing_waits_for_a_side_that_is_over() {
    let (mut differ, mut fronts) = sides::<2>();
    let some = [addresses("b.example", &[1]), addresses("c.example", &[1])].concat();
    differ.refill(&mut fronts, 0, some.clone()).expect("records");
    differ.end_front(&mut fronts, 1).expect("records");
    assert!(fronts[0].is_empty(), "the other has nothing more");
    differ.refill(&mut fronts, 0, some).expect("records");
    assert!(fronts[0].is_empty());
}

/// V2: a side that was dropped is over, and its front is empty.
#[test]
fn v2_nothing_waits_for_a_side_that_was_dropped() {
    let (mut differ, mut fronts) = sides::<3>();
    let some = [addresses("b.example", &[1]), addresses("c.example", &[1]), addresses("d.example", &[1])].concat();
    differ.refill(&mut fronts, 0, some.clone()).expect("records");
    differ.refill(&mut fronts, 1, some.clone()).expect("records");
    assert_eq!(fronts[0].taken, 0, "all wait for the third");
    differ.drop_side(2);
    differ.drop_front(&mut fronts, 2).expect("records");
    assert!(fronts[2].is_empty() && fronts[2].is_over);
    assert_eq!(differ.agreed_and_seen(), (2, true));
}

/// What both begin with, at every length around a step.
#[test]
fn what_is_alike_ends_at_the_first_other_octet() {
    let octets: Vec<u8> = (0..100).collect();
    for at in [0, 1, 31, 32, 33, 63, 64, 65, 99] {
        let mut other = octets.clone();
        other[at] ^= 1;
        assert_eq!((alike_from_start(&octets, &other), alike_from_start(&octets[..at], &octets)), (at, at));
    }
    assert_eq!(alike_from_start(&octets, &octets), 100);
}

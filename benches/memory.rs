//! What a comparison holds, and what a record costs, in zones of a million records; `benches/README.md` says how to read it.
//!
//! One run of each case, measured as a whole: `cargo bench --bench memory [-- RECORDS]`.

use dnsconverge::canonical::CanonicalRecord;
use dnsconverge::diff::{DEFAULT_MEMORY, DiffPolicy, Differ, ZoneDiff};
use dnsconverge::fs::{TemporaryRuns, default_run_directory};
use std::sync::Arc;

/// Records of one side.
const RECORDS: usize = 1_000_000;
/// A fixed key of the hash, so that runs are alike.
const SEED: [u64; 4] = [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344];

/// A delegation-like zone as one run of octets: two name servers for each owner; `label` starts every owner.
struct Zone {
    /// The records.
    octets: Vec<u8>,
    /// Where each starts.
    starts: Vec<usize>,
}

impl Zone {
    /// So many records.
    fn new(label: char, records: usize) -> Self {
        let (mut octets, mut starts) = (Vec::new(), Vec::new());
        for number in 0..records {
            starts.push(octets.len());
            octets.extend_from_slice(format!("\x09{label}{:08}\x07example\0", number / 2).as_bytes());
            octets.extend_from_slice(&[0, 2, 0, 1, 0, 0, 0x0E, 0x10, 0, 22]);
            octets.extend_from_slice(format!("\x03ns{}\x08{:08}\x07example\0", number % 2, number / 7).as_bytes());
        }
        Self { octets, starts }
    }

    /// The record of this number.
    fn record(&self, number: usize) -> CanonicalRecord<'_> {
        CanonicalRecord::split_first(&self.octets[self.starts[number]..]).expect("a record").0
    }
}

/// In which order a side sends: numbers of records.
type Order = Vec<usize>;

/// From the first to the last.
fn ascending(records: usize) -> Order {
    (0..records).collect()
}

/// Owner by owner, in an order that jumps about: a step that is prime to their number.
fn owners_shuffled(records: usize) -> Order {
    let owners = records / 2;
    (0..owners).flat_map(|at| [0, 1].map(|one| at * 61_803 % owners * 2 + one)).collect()
}

/// Record by record.
fn records_shuffled(records: usize) -> Order {
    (0..records).map(|at| at * 61_803 % records).collect()
}

/// Feeds both sides in turn; the result, and the most memory that was in use.
fn run(mut differ: Differ, sides: [(&Zone, &Order); 2]) -> (ZoneDiff, usize, usize) {
    let mut most = 0;
    for row in 0..sides.iter().map(|(_, order)| order.len()).max().unwrap_or_default() {
        for (side, (zone, order)) in sides.iter().enumerate() {
            if let Some(number) = order.get(row) {
                differ.add(side, zone.record(*number)).expect("there is room");
            }
        }
        if row % 1000 == 0 {
            most = most.max(differ.memory());
        }
    }
    let runs = differ.runs();
    let diff = differ.finish().expect("there is room");
    (diff, most, runs)
}

/// CPU time of this thread so far in nanoseconds, as Linux counts it: other work on the machine is not in it.
fn spent() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// One line of the table.
fn case(name: &str, differ: Differ, sides: [(&Zone, &Order); 2], differing: u64) -> ZoneDiff {
    let records: usize = sides.iter().map(|(_, order)| order.len()).sum();
    let started = spent();
    let (diff, most, runs) = run(differ, sides);
    let listed = diff
        .changes()
        .filter(|change| change.as_ref().is_ok_and(|change| change.owner.labels().next().is_some()))
        .count();
    let spent = spent().saturating_sub(started);
    assert_eq!((diff.tally(1).rrsets, listed as u64), (differing, differing), "{name} must be right before it is fast");
    let nanoseconds = spent / records as u64;
    let each = most / (records / 2);
    println!(
        "{name:44} {nanoseconds:>6} ns/record {:>7} KiB at most {each:>5} octets/record of one side {runs:>3} runs",
        most >> 10
    );
    diff
}

fn main() {
    let records = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(RECORDS);
    let (zone, other) = (Zone::new('h', records), Zone::new('x', records));
    let streaming = || Differ::streaming(2, DiffPolicy::exact(), SEED).expect("two sides");
    let holding = || Differ::new(2, DiffPolicy::exact(), SEED).expect("two sides").within(DEFAULT_MEMORY * 4);
    let spilling = |differ: Differ| {
        differ.within(64 << 20).spilling_into(Arc::new(TemporaryRuns::in_directory(default_run_directory())))
    };
    let (straight, owners, shuffled) = (ascending(records), owners_shuffled(records), records_shuffled(records));
    case("same order, forgetting", streaming(), [(&zone, &straight), (&zone, &straight)], 0);
    case("owners in another order, forgetting", streaming(), [(&zone, &straight), (&zone, &owners)], 0);
    case("records in another order, forgetting", streaming(), [(&zone, &straight), (&zone, &shuffled)], 0);
    case("owners in another order, holding", holding(), [(&zone, &straight), (&zone, &owners)], 0);
    case("records in another order, holding", holding(), [(&zone, &straight), (&zone, &shuffled)], 0);
    case("disjoint, holding", holding(), [(&zone, &straight), (&other, &straight)], records as u64);
    case("owners in another order, 64 MiB", spilling(streaming()), [(&zone, &straight), (&zone, &owners)], 0);
    case("records in another order, 64 MiB", spilling(streaming()), [(&zone, &straight), (&zone, &shuffled)], 0);
    case("disjoint, 64 MiB", spilling(streaming()), [(&zone, &straight), (&other, &straight)], records as u64);
    let again: Order = straight.iter().chain(&straight).copied().collect();
    let first = run(spilling(streaming()), [(&zone, &straight), (&zone, &again)]).0;
    let second = Differ::settling(2, DiffPolicy::exact(), first.leftovers().expect("one of several passes"));
    case(
        "every record again at the end, second pass",
        spilling(second.expect("two sides")),
        [(&zone, &straight), (&zone, &again)],
        0,
    );
}

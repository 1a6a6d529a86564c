//! What a comparison holds, and what a record costs, in zones of a million records; `benches/README.md` says how to read it.
//!
//! One run of each case, measured as a whole: `cargo bench --bench memory [-- RECORDS] [PART OF A CASE'S NAME]`.

use dnsconverge::diff::{DEFAULT_MEMORY, DiffPolicy, Differ, Front, ZoneDiff};
use dnsconverge::fs::{TemporaryRuns, default_run_directory};
use std::process::Command;
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

    /// The same records one after the other in another order, as whoever sends them so has them at hand.
    fn in_order(&self, order: &[usize]) -> Self {
        let (mut octets, mut starts) = (Vec::with_capacity(self.octets.len()), Vec::new());
        for number in order {
            starts.push(octets.len());
            let end = self.starts.get(number + 1).copied().unwrap_or(self.octets.len());
            octets.extend_from_slice(&self.octets[self.starts[*number]..end]);
        }
        Self { octets, starts }
    }

    /// The octets in blocks of whole records.
    fn blocks(&self) -> impl Iterator<Item = &[u8]> {
        let mut starts = self.starts.iter().copied().chain([self.octets.len()]);
        let mut from = 0;
        std::iter::from_fn(move || {
            let to = starts.by_ref().find(|start| *start >= from + BLOCK).unwrap_or(self.octets.len());
            let block = self.octets.get(from..to).filter(|block| !block.is_empty())?;
            from = to;
            Some(block)
        })
    }
}

/// Owner by owner, in an order that jumps about: a step that is prime to their number.
fn owners_shuffled(records: usize) -> Vec<usize> {
    let owners = records / 2;
    (0..owners).flat_map(|at| [0, 1].map(|one| at * 61_803 % owners * 2 + one)).collect()
}

/// Record by record.
fn records_shuffled(records: usize) -> Vec<usize> {
    (0..records).map(|at| at * 61_803 % records).collect()
}

/// Octets that a side has at hand at once, as a comparison of servers does.
const BLOCK: usize = 1 << 16;

/// Feeds both sides in turn; the result, and the most memory that was in use.
fn run(mut differ: Differ, sides: [&Zone; 2]) -> (ZoneDiff, usize, usize) {
    let mut most = 0;
    let mut fronts: Vec<Front> = sides.iter().map(|_| Front::default()).collect();
    let mut blocks = sides.map(Zone::blocks);
    let mut open = 2;
    while open > 0 {
        open = 0;
        for (side, blocks) in blocks.iter_mut().enumerate() {
            if let Some(block) = blocks.next() {
                differ.refill(&mut fronts, side, block.to_vec()).expect("there is room");
                open += 1;
            }
        }
        most = most.max(differ.memory());
    }
    for side in 0..sides.len() {
        differ.end_front(&mut fronts, side).expect("there is room");
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

/// One line of the table, made by a process of its own: what one case leaves of the heap is no matter to the next.
fn case(name: &str, differ: impl FnOnce() -> Differ, sides: [&Zone; 2], differing: u64) {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    match words.iter().find(|word| word.parse::<usize>().is_err()) {
        None => {
            let program = std::env::current_exe().expect("this program");
            let status = Command::new(program).args(words).arg(name).status().expect("it runs again");
            return assert!(status.success(), "{name}");
        }
        Some(part) if !name.contains(part) => return,
        Some(_) => {}
    }
    let records: usize = sides.iter().map(|zone| zone.starts.len()).sum();
    let differ = differ();
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
}

fn main() {
    let records = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(RECORDS);
    let (zone, other) = (Zone::new('h', records), Zone::new('x', records));
    let (owners, shuffled) = (zone.in_order(&owners_shuffled(records)), zone.in_order(&records_shuffled(records)));
    let again = zone.in_order(&(0..records).chain(0..records).collect::<Vec<_>>());
    let streaming = || Differ::streaming(2, DiffPolicy::exact(), SEED).expect("two sides");
    let holding = || Differ::new(2, DiffPolicy::exact(), SEED).expect("two sides").within(DEFAULT_MEMORY * 4);
    let spilled = |differ: Differ| {
        differ.within(64 << 20).spilling_into(Arc::new(TemporaryRuns::in_directory(default_run_directory())))
    };
    let spilling = || spilled(streaming());
    case("same order, forgetting", streaming, [&zone, &zone], 0);
    case("owners in another order, forgetting", streaming, [&zone, &owners], 0);
    case("records in another order, forgetting", streaming, [&zone, &shuffled], 0);
    case("owners in another order, holding", holding, [&zone, &owners], 0);
    case("records in another order, holding", holding, [&zone, &shuffled], 0);
    case("disjoint, holding", holding, [&zone, &other], records as u64);
    case("owners in another order, 64 MiB", spilling, [&zone, &owners], 0);
    case("records in another order, 64 MiB", spilling, [&zone, &shuffled], 0);
    case("disjoint, 64 MiB", spilling, [&zone, &other], records as u64);
    let second_pass = || {
        let first = run(spilling(), [&zone, &again]).0;
        let leftovers = first.leftovers().expect("one of several passes");
        spilled(Differ::settling(2, DiffPolicy::exact(), leftovers).expect("two sides"))
    };
    case("every record again at the end, second pass", second_pass, [&zone, &again], 0);
}

//! What a record of a zone file costs, read by this crate and by `domain`: `zonefile_readers FILE ORIGIN` reads the file with each
//! in turn, and prints nanoseconds of CPU a record, and the ratio, of the median turn.

use dnsconverge::present;
use dnsconverge::zonefile::{NoIncludes, Options, Reader};
use domain::zonefile::inplace::{Entry, Zonefile};
use std::hint::black_box;

/// How often each reads it.
const TURNS: usize = 9;

/// CPU time of this thread so far in nanoseconds, as Linux counts it.
fn spent() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

/// Reads it with `dnsconverge`; how many records there were.
fn ours(text: &[u8], origin: &str) -> u64 {
    let zone = present::name_from_text(origin).expect("a name");
    let mut reader = Reader::new(&zone, "bench", text, NoIncludes, Options::default());
    let mut records = 0;
    while let Some(record) = reader.next_record().expect("a zone file") {
        black_box(record);
        records += 1;
    }
    records
}

/// Reads it with `domain`, which takes a copy of it first.
fn theirs(mut text: &[u8], origin: &str) -> u64 {
    let mut reader = Zonefile::load(&mut text).expect("memory");
    reader.set_origin(origin.parse().expect("a name"));
    let mut records = 0;
    while let Some(entry) = reader.next_entry().expect("a zone file") {
        if let Entry::Record(record) = entry {
            black_box(record);
            records += 1;
        }
    }
    records
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, origin] = arguments.as_slice() else { panic!("zonefile_readers FILE ORIGIN") };
    let text = std::fs::read(file).expect("the file");
    let mut turns: Vec<(f64, u64, u64)> = (0..TURNS)
        .map(|_| {
            let cost = |read: fn(&[u8], &str) -> u64| {
                let started = spent();
                let records = read(black_box(&text), origin);
                ((spent() - started) / records, records)
            };
            let ((own, records), (other, others)) = (cost(ours), cost(theirs));
            assert_eq!(records, others, "both read all of it");
            (other as f64 / own as f64, own, other)
        })
        .collect();
    turns.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (ratio, own, other) = turns[TURNS / 2];
    println!("dnsconverge {own} ns, domain {other} ns a record: {ratio:.1} times");
}

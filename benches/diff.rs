//! What a record costs on its way from a message to a difference; `benches/README.md` says how to read the figures.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use dnsconverge::canonical::{CanonicalRecord, Form, write_record};
use dnsconverge::diff::{DiffPolicy, Differ, ZoneDiff};
use dnsconverge::fs::{TemporaryRuns, default_run_directory};
use dnsconverge::tsig::{FUDGE, RequestMac, Sequence, Signer, TsigKey, TsigRecord, sign_answer, sign_request};
use dnsconverge::wire::{Header, Message};
use std::hint::black_box;
use std::sync::Arc;

/// Records of one side, but for the group that says otherwise.
const RECORDS: u32 = 100_000;
/// A fixed key of the hash, so that runs are alike.
const SEED: [u64; 4] = [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344];

/// Appends a record of class IN in the layout of `canonical`.
fn push_record(out: &mut Vec<u8>, labels: &[&[u8]], rtype: u16, rdata: &[u8]) {
    for label in labels {
        out.push(u8::try_from(label.len()).expect("a short label"));
        out.extend_from_slice(label);
    }
    out.push(0);
    out.extend_from_slice(&rtype.to_be_bytes());
    out.extend_from_slice(&[0, 1, 0, 0, 0x0E, 0x10]);
    out.extend_from_slice(&u16::try_from(rdata.len()).expect("short RDATA").to_be_bytes());
    out.extend_from_slice(rdata);
}

/// A delegation-like zone: two name servers for each owner; `label` starts every owner.
fn delegations(label: char, records: u32) -> Vec<Vec<u8>> {
    let record = |number: u32| {
        let owner = format!("{label}{:08}", number / 2);
        let mut rdata = format!("\x03ns{}", number % 2).into_bytes();
        rdata.extend_from_slice(format!("\x08{:08}", number / 7).as_bytes());
        rdata.extend_from_slice(b"\x07example\0");
        let mut octets = Vec::new();
        push_record(&mut octets, &[owner.as_bytes(), b"example"], 2, &rdata);
        octets
    };
    (0..records).map(record).collect()
}

/// One `RRset` of that many addresses.
fn one_rrset(records: u32) -> Vec<Vec<u8>> {
    let record = |number: u32| {
        let mut octets = Vec::new();
        push_record(&mut octets, &[b"all", b"example"], 1, &number.to_be_bytes());
        octets
    };
    (0..records).map(record).collect()
}

/// The same records in an order that jumps about: a step that is prime to their number.
fn shuffled(zone: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let step = 61_803;
    (0..zone.len()).map(|at| zone[at * step % zone.len()].clone()).collect()
}

/// All records of all sides, side by side as transfers arrive, to the last change.
fn compare(sides: &[&[Vec<u8>]]) -> ZoneDiff {
    fill(Differ::new(sides.len(), DiffPolicy::exact(), SEED).expect("enough sides"), sides)
}

/// Feeds the differ record by record in turn, and reads what differs.
fn fill(mut differ: Differ, sides: &[&[Vec<u8>]]) -> ZoneDiff {
    for row in 0..sides.iter().map(|side| side.len()).max().unwrap_or_default() {
        for (number, side) in sides.iter().enumerate() {
            if let Some(octets) = side.get(row) {
                let (record, _) = CanonicalRecord::split_first(octets).expect("a record");
                differ.add(number, record).expect("a side");
            }
        }
    }
    let diff = differ.finish().unwrap();
    diff.changes().for_each(|change| drop(black_box(change)));
    diff
}

/// The same by a differ that forgets what agreed.
fn stream(sides: &[&[Vec<u8>]]) -> ZoneDiff {
    let differ = Differ::streaming(sides.len(), DiffPolicy::exact(), SEED).expect("enough sides");
    fill(differ, sides)
}

/// The same with a fiftieth of the memory that it would take, and the rest on disk.
fn spill(sides: &[&[Vec<u8>]]) -> ZoneDiff {
    let differ = Differ::streaming(sides.len(), DiffPolicy::exact(), SEED).expect("enough sides").within(1 << 19);
    let store = Arc::new(TemporaryRuns::in_directory(default_run_directory()));
    fill(differ.spilling_into(store), sides)
}

/// One group member: these sides, with the number of differing `RRsets` that must come out.
fn member(criterion: &mut Criterion, name: &str, sides: &[&[Vec<u8>]], differing: u64) {
    let mut group = criterion.benchmark_group("differ");
    let records: usize = sides.iter().map(|side| side.len()).sum();
    group.sample_size(10).throughput(Throughput::Elements(records as u64));
    assert_eq!(compare(sides).tally(1).rrsets, differing, "{name} must be right before it is fast");
    group.bench_function(name, |bencher| {
        bencher.iter_batched(|| (), |()| compare(sides), BatchSize::PerIteration);
    });
    group.finish();
    let mut group = criterion.benchmark_group("stream");
    group.sample_size(10).throughput(Throughput::Elements(records as u64));
    assert_eq!(stream(sides).tally(1).rrsets, differing, "{name} must be right before it is fast");
    group.bench_function(name, |bencher| {
        bencher.iter_batched(|| (), |()| stream(sides), BatchSize::PerIteration);
    });
    group.finish();
    if name == "same_order" {
        return;
    }
    let mut group = criterion.benchmark_group("spilled");
    group.sample_size(10).throughput(Throughput::Elements(records as u64));
    assert_eq!(spill(sides).tally(1).rrsets, differing, "{name} must be right before it is fast");
    group.bench_function(name, |bencher| {
        bencher.iter_batched(|| (), |()| spill(sides), BatchSize::PerIteration);
    });
    group.finish();
}

/// The differ alone; records are in canonical layout already.
fn differ(criterion: &mut Criterion) {
    let base = delegations('h', RECORDS);
    let mut changed = base.clone();
    for record in changed.iter_mut().step_by(1000) {
        // The letter before the final label and zero of the RDATA's first name: still a name, another one.
        if let Some(octet) = record.iter_mut().rev().nth(1) {
            *octet = b'E';
        }
    }
    member(criterion, "same_order", &[&base, &base], 0);
    member(criterion, "shuffled", &[&base, &shuffled(&base)], 0);
    member(criterion, "0.1_percent_changed", &[&base, &changed], u64::from(RECORDS / 1000));
    member(criterion, "disjoint", &[&base, &delegations('x', RECORDS)], u64::from(RECORDS));
    let large = one_rrset(RECORDS);
    let mut other = shuffled(&large);
    other.pop();
    member(criterion, "one_rrset_of_100_000", &[&large, &other], 1);
    let twenty = vec![&base[..RECORDS as usize / 10]; 20];
    member(criterion, "twenty_sides", &twenty, 0);
}

/// A message of a transfer with as many records as fit, owners and RDATA compressed as servers do.
fn transfer_message() -> (Vec<u8>, u64) {
    let mut message = vec![0, 1, 0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend_from_slice(b"\x07example\0\0\xFC\0\x01");
    let mut count = 0_u16;
    while message.len() < 16_000 {
        message.extend_from_slice(format!("\x09h{:08}", count / 2).as_bytes());
        message.extend_from_slice(&[0xC0, 12, 0, 2, 0, 1, 0, 0, 0x0E, 0x10, 0, 15]);
        message.extend_from_slice(format!("\x03ns{}\x08{:08}", count % 2, count / 7).as_bytes());
        message.extend_from_slice(&[0xC0, 12]);
        count += 1;
    }
    message[6..8].copy_from_slice(&count.to_be_bytes());
    (message, u64::from(count))
}

/// What comes before the differ: the walk over a message, and the canonical form of its records.
fn read(criterion: &mut Criterion) {
    let (octets, records) = transfer_message();
    let message = Message::parse(&octets).expect("a well-formed message");
    assert_eq!(message.records().len() as u64, records);
    let mut group = criterion.benchmark_group("read");
    group.sample_size(10).throughput(Throughput::Elements(records));
    group.bench_function("walk", |bencher| {
        bencher.iter(|| Message::parse(black_box(&octets)).map(|m| m.records().len()));
    });
    let mut out = Vec::new();
    group.bench_function("canonicalise", |bencher| {
        bencher.iter(|| {
            out.clear();
            message.records().iter().try_for_each(|record| write_record(black_box(record), Form::Canonical, &mut out))
        });
    });
    group.finish();
}

/// When all is signed, in seconds since 1970.
const NOW: u64 = 1_700_000_000;

/// A signed request, and a transfer of so many messages that answer it, every one of them signed as RFC 8945 section 5.3.1
/// says.
fn signed_transfer(signer: &Arc<dyn Signer>, messages: usize) -> (RequestMac, Vec<Vec<u8>>, u64) {
    let mut request = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    request.extend_from_slice(b"\x07example\0\0\xFC\0\x01");
    let request_mac = sign_request(signer, &mut request, NOW).expect("a request");
    let (plain, records) = transfer_message();
    let mut first = plain.clone();
    sign_answer(&**signer, &request_mac, &mut first, NOW).expect("an answer");
    let mut transfer = vec![first];
    while transfer.len() < messages {
        let next = transfer.last().map(|before| sign_next(signer, before, plain.clone()));
        transfer.extend(next);
    }
    (request_mac, transfer, records * messages as u64)
}

/// Signs a message by the timers alone, behind the one before.
fn sign_next(signer: &Arc<dyn Signer>, before: &[u8], mut message: Vec<u8>) -> Vec<u8> {
    let before = Message::parse(before).expect("a message");
    let before = TsigRecord::read(before.tsig().expect("a signature")).expect("TSIG").mac.to_vec();
    let mut record = TsigRecord {
        key_name: *signer.key_name(),
        algorithm: *signer.algorithm_name(),
        time_signed: NOW,
        fudge: FUDGE,
        mac: &[],
        original_id: Header::read(&message).expect("a header").id,
        error: 0,
        other: &[],
    };
    let length = u16::try_from(before.len()).expect("a short MAC").to_be_bytes();
    let mac = signer.sign(&[&length, &before, &message, &record.timers()]).expect("a MAC");
    record.mac = &mac;
    record.append_to(&mut message).expect("room for a signature");
    message
}

/// What a signature on every message adds, for each record of a transfer.
fn tsig(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tsig");
    for algorithm in ["hmac-sha256", "hmac-sha512"] {
        let text = format!("{algorithm}:bench.example:{}", "A".repeat(86) + "==");
        let signer: Arc<dyn Signer> = Arc::new(TsigKey::parse(&text).expect("a key"));
        let (request_mac, transfer, records) = signed_transfer(&signer, 20);
        let messages: Vec<Message<'_>> = transfer.iter().map(|octets| Message::parse(octets).expect("well")).collect();
        let verify = || {
            let mut sequence = Sequence::new(Arc::clone(&signer), &request_mac);
            messages.iter().try_for_each(|message| sequence.message(black_box(message), NOW))?;
            sequence.finish()
        };
        assert_eq!(verify().expect("good signatures").signed, 20, "{algorithm} must be right before it is fast");
        group.sample_size(10).throughput(Throughput::Elements(records));
        group.bench_function(format!("sequence_{algorithm}"), |bencher| bencher.iter(verify));
    }
    group.finish();
}

criterion_group!(benches, differ, read, tsig);
criterion_main!(benches);

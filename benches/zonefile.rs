//! What a record costs on its way from the text of a zone file to octets, and in a zone's digest; `benches/README.md` says
//! how to read the figures.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dnsconverge::canonical::CanonicalRecord;
use dnsconverge::wire::WireName;
use dnsconverge::zonefile::{NoIncludes, Options, Reader};
use dnsconverge::zonemd::{Algorithm, Ordered, compute};
use std::fmt::Write;
use std::hint::black_box;

/// Records of each zone, the SOA apart.
const RECORDS: u64 = 100_000;

/// The zone, as a name.
fn zone() -> WireName {
    WireName::from_octets(b"\x07example\0").expect("a name")
}

/// A zone with those records behind its SOA.
fn text(mut record: impl FnMut(&mut String, u64)) -> String {
    let mut text = "example.\t86400\tIN\tSOA\tns.example. admin.example. 1 7200 3600 1209600 3600\n".to_owned();
    (0..RECORDS).for_each(|number| record(&mut text, number));
    text
}

/// A delegation-like zone, all names absolute, as servers write them out.
fn delegations() -> String {
    text(|text, number| {
        let (owner, host) = (number / 2, number / 7);
        writeln!(text, "d{owner:08}.example.\t86400\tIN\tNS\tns{}.h{host:08}.example.", number % 2).expect("room");
    })
}

/// The same by hand: relative names, blank owners, no TTL or class, comments.
fn by_hand() -> String {
    let mut first = "$TTL 1d\n".to_owned();
    first.push_str(&text(|text, number| {
        let owner = if number % 2 == 0 { format!("d{number:08}") } else { String::new() };
        writeln!(text, "{owner:24}NS   ns{}.h{:08} ; {number}", number % 2, number / 7).expect("room");
    }));
    first
}

/// Signatures and proofs.
fn signed() -> String {
    let key = "A".repeat(86);
    text(|text, number| {
        let owner = format!("d{number:08}.example.\t3600\tIN");
        if number % 2 == 0 {
            writeln!(text, "{owner}\tRRSIG\tNS 13 2 3600 20300101000000 20200101000000 12345 example. {key}==")
        } else {
            writeln!(text, "{owner}\tNSEC\td{:08}.example. NS DS RRSIG NSEC", number + 1)
        }
        .expect("room");
    })
}

/// Reads all records; returns how many there were.
fn read(text: &str) -> u64 {
    let mut reader = Reader::new(&zone(), "bench", text.as_bytes(), NoIncludes, Options::default());
    let mut records = 0;
    while let Some(record) = reader.next_record().expect("a zone file") {
        black_box(record);
        records += 1;
    }
    records
}

/// The group `zonefile`.
fn zonefile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("zonefile");
    group.sample_size(10).throughput(Throughput::Elements(RECORDS));
    for (name, text) in [("delegations", delegations()), ("by_hand", by_hand()), ("signed", signed())] {
        assert_eq!(read(&text), RECORDS + 1);
        group.bench_function(name, |bencher| bencher.iter(|| read(black_box(&text))));
    }
    group.finish();
}

/// The group `zonemd`: records that are in canonical order already, and the sort besides.
fn zonemd(criterion: &mut Criterion) {
    let text = delegations();
    let mut reader = Reader::new(&zone(), "bench", text.as_bytes(), NoIncludes, Options::default());
    let mut octets = Vec::new();
    while let Some(record) = reader.next_record().expect("a zone file") {
        octets.extend_from_slice(record.owner());
        octets.extend_from_slice(&record.rtype().0.to_be_bytes());
        octets.extend_from_slice(&record.class().to_be_bytes());
        octets.extend_from_slice(&record.ttl().to_be_bytes());
        octets.extend_from_slice(&u16::try_from(record.rdata().len()).expect("short").to_be_bytes());
        octets.extend_from_slice(record.rdata());
    }
    let ordered = |octets: &[u8]| -> Vec<u8> {
        compute(&zone(), Ordered::new(octets).expect("records").records(), Algorithm::Sha384).expect("a zone")
    };
    let streamed = |octets: &[u8]| -> Vec<u8> {
        let mut rest = octets;
        let records = std::iter::from_fn(|| {
            let (record, tail) = CanonicalRecord::split_first(rest).ok()?;
            rest = tail;
            Some(record)
        });
        compute(&zone(), records, Algorithm::Sha384).expect("a zone in order")
    };
    assert_eq!(ordered(&octets), streamed(&octets));
    let mut group = criterion.benchmark_group("zonemd");
    group.sample_size(10).throughput(Throughput::Elements(RECORDS));
    group.bench_function("sorted_and_hashed", |bencher| bencher.iter(|| ordered(black_box(&octets))));
    group.bench_function("hashed", |bencher| bencher.iter(|| streamed(black_box(&octets))));
    group.finish();
}

criterion_group!(benches, zonefile, zonemd);
criterion_main!(benches);

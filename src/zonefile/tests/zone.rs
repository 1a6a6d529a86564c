//! F3: what holds for a zone as a whole; and whole zones.

use super::ZoneFileErrorKind as Kind;
use super::*;

/// The rule that a whole file breaks, and its line.
fn broken(text: &str) -> (u64, Kind) {
    let (lines, error) = drain(reader(text.as_bytes(), Files::default(), Options::default()));
    error.map_or_else(|| panic!("{text:?} was read as {lines:?}"), |error| (error.line, error.kind))
}

/// F3: one SOA, first, at the name of the zone.
#[test]
fn f3_one_soa_at_the_top() {
    let soa = "SOA a b 1 2 3 4 5";
    assert_eq!(broken(&format!("@ 60 NS a\n@ 60 {soa}")), (1, Kind::BeforeSoa));
    assert_eq!(broken(&format!("@ 60 {soa}\n\n@ 60 {soa}")), (3, Kind::SecondSoa));
    assert_eq!(broken(&format!("@ 60 {soa}\na 60 SOA a b 2 2 3 4 5")), (2, Kind::SecondSoa));
    assert_eq!(broken(&format!("a 60 {soa}")), (1, Kind::OtherZone));
    assert_eq!(broken(&format!("example.net. 60 {soa}")), (1, Kind::OtherZone));
    assert_eq!(broken(""), (1, Kind::NoSoa));
    assert_eq!(broken("; nothing\n$TTL 1\n"), (3, Kind::NoSoa));
    assert_eq!(drain(reader(format!("EXAMPLE. 60 {soa}").as_bytes(), Files::default(), Options::default())).0.len(), 1);
}

/// F3: owners outside of the zone, label by label; the names in RDATA may be anywhere.
#[test]
fn f3_owners_are_in_the_zone() {
    assert_eq!(refused("a.example.net. A 192.0.2.1"), (1, 1, Kind::OutOfZone));
    assert_eq!(refused("badexample. A 192.0.2.1"), (1, 1, Kind::OutOfZone));
    assert_eq!(refused(". A 192.0.2.1"), (1, 1, Kind::OutOfZone));
    assert_eq!(refused("$ORIGIN net.\na A 192.0.2.1"), (2, 1, Kind::OutOfZone));
    assert_eq!(records("A.eXample. NS example.net.").len(), 1);
}

/// F3: another class.
#[test]
fn f3_other_classes_are_errors() {
    for class in ["CH", "hs", "ANY", "NONE", "CLASS3", "class65535"] {
        assert_eq!(refused(&format!("a 60 {class} A 192.0.2.1")), (1, 6, Kind::OtherClass), "{class}");
    }
}

/// C10: owners fold in canonical form.
#[test]
fn c10_owners_fold_in_canonical_form() {
    let text = format!("{START}A\\066C CNAME D.Example.NET.\n");
    let zone = named("EXAMPLE");
    let reader = Reader::new(&zone, "db", text.as_bytes(), NoIncludes, Options::default());
    assert_eq!(drain(reader).0[1], "abc.example. 3600 IN CNAME d.example.net.");
}

/// The octets of a record are those that the transfer of it gives.
#[test]
fn f5_octets_are_in_canonical_layout() {
    let text = format!("{START}a MX 10 b\n");
    let mut reader = reader(text.as_bytes(), Files::default(), Options::default());
    reader.next_record().unwrap();
    let record = reader.next_record().unwrap().unwrap();
    let mut octets = Vec::new();
    record.write(&mut octets);
    assert_eq!(octets, b"\x01a\x07example\0\0\x0f\0\x01\0\0\x0e\x10\0\x0d\0\x0a\x01b\x07example\0");
    assert_eq!(CanonicalRecord::split_first(&octets).unwrap().0, record);
}

/// F5: the zone of the container lab, read by us, is what `named-compilezone` of BIND 9.18.49 writes out of it.
#[test]
fn f5_varied_zone_is_what_bind_reads() {
    let read = |text: &str| {
        let reader = reader(text.as_bytes(), Files::default(), Options::default());
        let (mut lines, error) = drain(reader);
        assert_eq!(error, None);
        lines.sort();
        lines
    };
    let ours = read(include_str!("../../../tests/containers/zones/varied.zone"));
    let theirs = read(include_str!("varied.compiled"));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
}

//! Section Z of the checklist: RFC 8976 with the zones of its appendix A, and one zone for each rule.

mod sorting;

use super::*;
use crate::present;
use crate::zonefile::{NoIncludes, Options, Reader};
use data_encoding::HEXLOWER;

/// The records of a zone file in canonical form, one behind the other.
fn octets(zone: &WireName, text: &str) -> Vec<u8> {
    let mut reader = Reader::new(zone, "vector", text.as_bytes(), NoIncludes, Options::default());
    let mut octets = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        record.write(&mut octets);
    }
    octets
}

/// The name in text.
fn named(text: &str) -> WireName {
    present::name_from_text(text).unwrap()
}

/// The verification of a zone file.
fn verified(zone: &str, text: &str) -> Verification {
    let zone = named(zone);
    let octets = octets(&zone, text);
    verify(&zone, Ordered::new(&octets).unwrap().records()).unwrap()
}

/// The outcomes of a zone file's ZONEMD records.
fn outcomes(text: &str) -> (Verdict, Vec<Outcome>) {
    let verification = verified("example", text);
    (verification.verdict(), verification.findings().iter().map(|finding| finding.outcome).collect())
}

/// The digest of a zone file, in hexadecimal.
fn digest(text: &str, algorithm: Algorithm) -> String {
    let zone = named("example");
    let octets = octets(&zone, text);
    HEXLOWER.encode(&compute(&zone, Ordered::new(&octets).unwrap().records(), algorithm).unwrap())
}

/// The zones of the appendix.
const A1: &str = include_str!("vectors/a1.zone");
const A2: &str = include_str!("vectors/a2.zone");
const A3: &str = include_str!("vectors/a3.zone");
const A4: &str = include_str!("vectors/a4.zone");
const A5: &str = include_str!("vectors/a5.zone");

/// A zone of three records with these lines behind them.
fn zone(lines: &str) -> String {
    format!("$TTL 60\n@ SOA a b 7 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n{lines}")
}

/// The same with one ZONEMD record that matches; its serial, scheme, algorithm and digest may be changed.
fn signed(lines: &str, change: impl Fn(&str) -> String) -> String {
    let digest = digest(&zone(lines), Algorithm::Sha384);
    format!("{}\n@ ZONEMD {}\n", zone(lines), change(&format!("7 1 1 {digest}")))
}

/// Z1: the five zones of appendix A, in whatever order their files have.
#[test]
fn z1_zones_of_appendix_a() {
    use Outcome::{Matches, UnknownAlgorithm, UnknownScheme};
    assert_eq!(outcomes(A1), (Verdict::Matches, vec![Matches]));
    assert_eq!(outcomes(A2), (Verdict::Matches, vec![Matches]));
    assert_eq!(outcomes(A3), (Verdict::Matches, vec![Matches, Matches, UnknownAlgorithm, UnknownScheme]));
    assert_eq!(verified("uri.arpa", A4).findings()[0].outcome, Matches);
    assert_eq!(verified("root-servers.net", A5).findings()[0].outcome, Matches);
}

/// Z1: zones with names in every case, duplicates, data below cuts and DNAME, owners that sort oddly, and several TTLs in a
/// set, by the digests that another implementation computed; an octet more or less is found in each.
#[test]
fn z1_zones_that_another_implementation_has_digested() {
    for (name, text) in [
        ("case.example", include_str!("vectors/case.zone")),
        ("duplicates.example", include_str!("vectors/duplicates.zone")),
        ("occluded.example", include_str!("vectors/occluded.zone")),
        ("order.example", include_str!("vectors/order.zone")),
        ("mixed.example", include_str!("vectors/mixed.zone")),
    ] {
        let outcomes =
            |text: &str| verified(name, text).findings().iter().map(|finding| finding.outcome).collect::<Vec<_>>();
        assert_eq!(outcomes(text), [Outcome::Matches, Outcome::Matches], "{name}");
        assert_eq!(
            outcomes(&text.replace("192.0.2.1\n", "192.0.2.9\n")),
            [Outcome::Differs, Outcome::Differs],
            "{name}"
        );
        let more = format!("{text}\nmore.{name}. 60 IN A 192.0.2.1\n");
        assert_eq!(outcomes(&more), [Outcome::Differs, Outcome::Differs], "{name}");
    }
}

/// Z1: the TTL counts, the case of owners and folding names does not.
#[test]
fn z1_ttl_counts_and_case_does_not() {
    assert_eq!(outcomes(&A1.replace("ns1 3600", "NS1 3600").replace("NS ns2", "NS Ns2")).0, Verdict::Matches);
    assert_eq!(outcomes(&A1.replace("ns1 3600", "ns1 3601")), (Verdict::Fails, vec![Outcome::Differs]));
}

/// Z1: SHA-512 over the same records, by the digest that appendix A.3 shows.
#[test]
fn z1_sha512() {
    let expected = "08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a4e114d884e66f176eab121cb02db7d652e0cc4827e7a3204f166b47e5613fd27";
    assert_eq!(digest(A3, Algorithm::Sha512), expected);
}

/// Z2: data outside of the zone does not count (the record that appendix A.2 has besides).
#[test]
fn z2_data_outside_of_the_zone_is_left_out() {
    let apex = named("example");
    let mut octets = octets(&apex, A2);
    octets.extend(self::octets(
        &named("test"),
        "@ 1 SOA a b 1 2 3 4 5\nfoo 555 TXT \"out-of-zone data must be excluded\"",
    ));
    let ordered = Ordered::new(&octets).unwrap();
    assert_eq!(verify(&apex, ordered.records()).unwrap().verdict(), Verdict::Matches);
}

/// Z2: the ZONEMD records of the apex and the signatures over them do not count, other signatures do.
#[test]
fn z2_apex_zonemd_and_its_signature_are_left_out() {
    let signature = |covered: &str| format!("@ RRSIG {covered} 8 1 60 20300101000000 20200101000000 1 example. AQ==");
    let text = signed("", str::to_owned);
    assert_eq!(outcomes(&format!("{text}{}", signature("ZONEMD"))).0, Verdict::Matches);
    assert_eq!(outcomes(&format!("{text}{}", signature("SOA"))).0, Verdict::Fails);
    let below = signature("ZONEMD").replacen('@', "ns", 1);
    assert_eq!(outcomes(&format!("{text}{below}")).0, Verdict::Fails, "below the apex it counts");
    assert_eq!(outcomes(&format!("{text}ns ZONEMD 7 1 1 {}", "00".repeat(48))).0, Verdict::Fails);
}

/// Z2: glue, occluded data and DNSSEC records count; duplicates once.
#[test]
fn z2_what_counts() {
    let plain = digest(&zone(""), Algorithm::Sha384);
    for lines in ["sub NS ns.sub\nns.sub A 192.0.2.2", "ns NSEC example. A", "@ DNSKEY 256 3 13 AQ=="] {
        assert_ne!(digest(&zone(lines), Algorithm::Sha384), plain, "{lines}");
        let gone = lines.lines().next().unwrap();
        assert!(lines == gone || digest(&zone(lines), Algorithm::Sha384) != digest(&zone(gone), Algorithm::Sha384));
    }
    assert_eq!(digest(&zone("ns A 192.0.2.1\nNS A 192.0.2.1"), Algorithm::Sha384), plain);
}

/// Z3: the serial field is that of the SOA exactly.
#[test]
fn z3_serial_must_be_that_of_the_soa() {
    for serial in ["6", "8", "4294967295"] {
        let text = signed("", |record| record.replacen('7', serial, 1));
        assert_eq!(outcomes(&text), (Verdict::Fails, vec![Outcome::OtherSerial]), "{serial}");
    }
}

/// Z4: digests are as long as their algorithm says.
#[test]
fn z4_digest_has_the_length_of_its_algorithm() {
    for octets in [12, 40, 47, 49, 64] {
        let text = format!("{}\n@ ZONEMD 7 1 1 {}", zone(""), "ab".repeat(octets));
        assert_eq!(outcomes(&text), (Verdict::Fails, vec![Outcome::DigestLength]), "{octets}");
    }
    let cut = signed("", |record| record[..record.len() - 2].to_owned());
    assert_eq!(outcomes(&cut).1, [Outcome::DigestLength], "a right digest, cut");
    let text = format!("{}\n@ ZONEMD 7 1 2 {}", zone(""), "ab".repeat(48));
    assert_eq!(outcomes(&text).1, [Outcome::DigestLength]);
}

/// Z4, Z9: what is too short to be a ZONEMD record at all.
#[test]
fn z9_short_zonemd_is_malformed() {
    let apex = named("example");
    for octets_of_digest in [0, 1, 11] {
        let mut digester = Digester::verifying(&apex);
        let text = zone("");
        let octets = octets(&apex, &text);
        for record in Ordered::new(&octets).unwrap().records() {
            digester.add(&record).unwrap();
            if record.rtype() == Rtype::SOA {
                let rdata = [&[0, 0, 0, 7, 1, 1][..], &[0; 11][..octets_of_digest]].concat();
                let zonemd = CanonicalRecord::new(record.owner(), Rtype::ZONEMD, 1, 60, &rdata);
                digester.add(&zonemd).unwrap();
            }
        }
        let verification = digester.verify().unwrap();
        assert_eq!(verification.findings()[0].outcome, Outcome::Malformed);
        assert_eq!(verification.verdict(), Verdict::Fails);
    }
}

/// Z5: the same scheme and algorithm twice is not successful, even if one of them is right.
#[test]
fn z5_repeated_scheme_and_algorithm_fail() {
    let text = format!("{}@ ZONEMD 7 1 1 {}", signed("", str::to_owned), "ab".repeat(48));
    assert_eq!(outcomes(&text), (Verdict::Fails, vec![Outcome::Repeated; 2]));
}

/// Z6: one match suffices; only unknown ones are neither good nor bad.
#[test]
fn z6_unknown_schemes_are_not_verifiable() {
    let unknown = |scheme: u8, hash: u8| format!("@ ZONEMD 7 {scheme} {hash} {}\n", "ab".repeat(48));
    let text = format!("{}\n{}{}", zone(""), unknown(240, 1), unknown(1, 240));
    assert_eq!(outcomes(&text), (Verdict::NotVerifiable, vec![Outcome::UnknownAlgorithm, Outcome::UnknownScheme]));
    let text = format!("{}{}", signed("", str::to_owned), unknown(240, 1));
    assert_eq!(outcomes(&text).0, Verdict::Matches);
    let text = format!("{}\n{}@ ZONEMD 7 1 1 {}", zone(""), unknown(240, 1), "ab".repeat(48));
    assert_eq!(outcomes(&text).0, Verdict::Fails, "one that is known and wrong");
    let one_right = format!("{}@ ZONEMD 7 1 2 {}", signed("", str::to_owned), "ab".repeat(64));
    assert_eq!(outcomes(&one_right), (Verdict::Matches, vec![Outcome::Matches, Outcome::Differs]));
    assert_eq!(outcomes(&zone("")), (Verdict::Absent, vec![]));
}

/// Z7, Z8: the words: a match is a checksum, and a failure says what may have happened.
#[test]
fn z7_a_match_is_not_authenticated() {
    let said = |text: &str| verified("example", text).to_string();
    assert_eq!(said(A1), "ZONEMD checksum matches; not authenticated (no DNSSEC validation)");
    let failed = said(&A1.replace("203.0.113.63", "203.0.113.64"));
    let words = "ZONEMD FAILS: serial 2018031900, scheme 1, algorithm 1: the digest does not match: the zone was changed since \
                 it was made, or a server has lowered TTLs";
    assert_eq!(failed, words);
    let other = said(&A1.replace("ZONEMD 2018031900", "ZONEMD 2018031899"));
    assert!(other.ends_with("it was made for another serial than that of the SOA (2018031900)"), "{other}");
    assert!(said(&zone("")).starts_with("no ZONEMD"));
}

/// Z9: another class, no SOA, two of them, an order that is not canonical, octets that are no records.
#[test]
fn z9_what_is_no_zone_has_no_digest() {
    let apex = named("example");
    let owner = apex.as_octets();
    let soa = |serial: u8| [&[0, 0, 0, 0, 0, serial][..], &[0; 16]].concat();
    let (one, two) = (soa(1), soa(2));
    let record = |rtype, class, rdata| CanonicalRecord::new(owner, rtype, class, 60, rdata);
    let computed = |records: &[CanonicalRecord<'_>]| compute(&apex, records.iter().copied(), Algorithm::Sha384);
    let (first, second) = (record(Rtype::SOA, 1, &one), record(Rtype::SOA, 1, &two));
    assert!(computed(&[first]).is_ok() && computed(&[first, first]).is_ok());
    assert_eq!(computed(&[first, second]), Err(ZonemdError::Soa));
    assert_eq!(computed(&[record(Rtype::SOA, 3, &one)]), Err(ZonemdError::Class));
    assert_eq!(computed(&[record(Rtype::A, 1, &[0; 4])]), Err(ZonemdError::Soa));
    assert_eq!(computed(&[record(Rtype::TXT, 1, b"\x01a"), first]), Err(ZonemdError::Order));
    assert_eq!(Ordered::new(b"\x01a").unwrap_err(), ZonemdError::Octets);
}

/// The order of the input and the number of copies do not matter once sorted.
#[test]
fn z1_sorting_makes_any_order_canonical() {
    let apex = named("example");
    let forwards = octets(&apex, A2);
    let mut records = Vec::new();
    let mut rest = forwards.as_slice();
    while !rest.is_empty() {
        let (record, tail) = CanonicalRecord::split_first(rest).unwrap();
        records.push(record);
        rest = tail;
    }
    let mut backwards = Vec::new();
    records.iter().rev().chain(&records).for_each(|record| record.write(&mut backwards));
    let ordered = Ordered::new(&backwards).unwrap();
    assert_eq!(verify(&apex, ordered.records()).unwrap().verdict(), Verdict::Matches);
}

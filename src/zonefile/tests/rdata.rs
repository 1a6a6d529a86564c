//! F5: the reader and the writer are each other's oracle, over every type of the table.

use super::*;
use crate::wire::{Rtype, check};
use data_encoding::HEXUPPER;
use proptest::prelude::*;

/// Type, octets and text of each vector of `present`.
fn vectors() -> Vec<(Rtype, Vec<u8>, &'static str)> {
    let rows = include_str!("../../present/vectors.txt").lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let [rtype, hexadecimal, text] = line.splitn(3, '\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let octets = HEXUPPER.decode(hexadecimal.trim_start_matches('-').as_bytes()).unwrap();
        (present::rtype_from_text(rtype).unwrap(), octets, text)
    })
    .collect()
}

/// Whether octets are RDATA of that type, as a server may send them.
fn is_rdata(rtype: Rtype, octets: &[u8]) -> bool {
    rtype.is_private_use() || check(rtype, &mut crate::wire::Cursor::new(octets)).is_ok()
}

/// The octets of a text, names as they are written.
fn read(rtype: Rtype, text: &str) -> Result<Vec<u8>, ZoneFileErrorKind> {
    rdata_from_text(rtype, text.as_bytes(), &WireName::ROOT, Form::Bitwise).map_err(|error| error.kind)
}

/// The octets of the text behind a mnemonic, in canonical form below `example.`, in hexadecimal.
fn octets(text: &str) -> String {
    let (rtype, text) = text.split_once(' ').unwrap_or((text, ""));
    let rtype = present::rtype_from_text(rtype).unwrap();
    let read = rdata_from_text(rtype, text.as_bytes(), &named("Example"), Form::Canonical);
    read.map_or_else(|error| panic!("{text}: {error}"), |octets| HEXUPPER.encode(&octets))
}

/// The rule that the text behind a mnemonic breaks.
fn fault(text: &str) -> ZoneFileErrorKind {
    let (rtype, text) = text.split_once(' ').unwrap_or((text, ""));
    let rtype = present::rtype_from_text(rtype).unwrap();
    match rdata_from_text(rtype, text.as_bytes(), &named("example"), Form::Canonical) {
        Ok(octets) => panic!("{text} was read as {octets:02X?}"),
        Err(error) => error.kind,
    }
}

/// F5: what is shown reads back as the same octets; octets that break their grammar do not.
#[test]
fn f5_every_type_is_read_back() {
    for (rtype, octets, text) in vectors() {
        let expected = if is_rdata(rtype, &octets) { Ok(octets) } else { Err(ZoneFileErrorKind::Rdata) };
        assert_eq!(read(rtype, text), expected, "{} {text}", present::rtype(rtype));
    }
}

/// F1: class of what is cut: no vector without its last token is read as the whole, and none with one more.
#[test]
fn f1_too_little_and_too_much_data_are_errors() {
    for (rtype, octets, text) in vectors().into_iter().filter(|(rtype, octets, _)| is_rdata(*rtype, octets)) {
        // The last parts of a LOC may be left out.
        if let Some((shorter, _)) = text.rsplit_once(' ').filter(|_| rtype != Rtype(29)) {
            assert_ne!(read(rtype, shorter), Ok(octets.clone()), "{text} cut");
        }
        assert_ne!(read(rtype, &format!("{text} \"more\"")), Ok(octets), "{text} and more");
    }
    assert_eq!(fault("A"), ZoneFileErrorKind::MissingData);
    assert_eq!(fault("MX 10"), ZoneFileErrorKind::MissingData);
    assert_eq!(fault("TXT"), ZoneFileErrorKind::MissingData);
    assert_eq!(fault("A 192.0.2.1 192.0.2.2"), ZoneFileErrorKind::TooMuchData);
    assert_eq!(fault("MX 10 a b"), ZoneFileErrorKind::TooMuchData);
}

/// C4: `\#` for a known type is that type: checked, and folded where the type folds; for others it is octets.
#[test]
fn c4_generic_form_of_a_known_type_is_that_type() {
    assert_eq!(octets("TYPE1 \\# 4 C0000201"), "C0000201");
    assert_eq!(octets("A \\# 4 ( C000 0201 )"), "C0000201");
    assert_eq!(octets("NS \\# 3 014100"), "016100");
    assert_eq!(octets("MX \\# 5 000A 014100"), "000A016100");
    assert_eq!(octets("NSEC \\# 6 014100000140"), "014100000140");
    assert_eq!(
        octets("A6 \\# 20 01 41424344454647484142434445464748 014100"),
        "0141424344454647484142434445464748016100"
    );
    assert_eq!(octets("TYPE65280 \\# 0"), "");
    assert_eq!(octets("TYPE65280 ( \\# 2 c00c )"), "C00C");
    assert_eq!(octets("TYPE65281 \\# 1 00"), "00");
    assert_eq!(octets("NULL \\# 1 00"), "00");
    for (text, kind) in [
        ("A \\# 3 C00002", ZoneFileErrorKind::Rdata),
        ("A \\# 4 C00002", ZoneFileErrorKind::Generic),
        ("A \\# C0000201", ZoneFileErrorKind::Generic),
        ("A \\#", ZoneFileErrorKind::Generic),
        ("A \\# 4 C000020", ZoneFileErrorKind::Hexadecimal),
        ("A \\# 65536 00", ZoneFileErrorKind::Generic),
        ("NS \\# 2 C000", ZoneFileErrorKind::Rdata),
        ("NS \\# 14 0B4142434445464748494A4BC00C", ZoneFileErrorKind::Rdata),
        ("NULL 00", ZoneFileErrorKind::OnlyGeneric),
        ("TYPE65280 00", ZoneFileErrorKind::OnlyGeneric),
    ] {
        assert_eq!(fault(text), kind, "{text}");
    }
    assert_eq!(octets("TXT \"\\#\" 4"), "01230134", "in quotes it is text");
}

/// C13: addresses are their octets.
#[test]
fn c13_addresses_are_octets() {
    assert_eq!(octets("AAAA 2001:DB8:0:0::1"), octets("AAAA 2001:db8::1"));
    assert_eq!(octets("AAAA ::ffff:192.0.2.1"), octets("AAAA ::FFFF:C000:201"));
    for bad in ["A 192.0.2", "A 192.0.2.256", "A 192.0.2.01", "A 1.2.3.4.", "A ::1", "A 0x1.2.3.4"] {
        assert_eq!(fault(bad), ZoneFileErrorKind::Ipv4, "{bad}");
    }
    for bad in ["AAAA 1.2.3.4", "AAAA 1::2::3", "AAAA 1:2:3:4:5:6:7", "AAAA fe80::1%eth0", "AAAA [::1]"] {
        assert_eq!(fault(bad), ZoneFileErrorKind::Ipv6, "{bad}");
    }
    assert_eq!(fault("A \"192.0.2.1\""), ZoneFileErrorKind::Quoted);
}

/// Names fold in the types of RFC 4034 section 6.2 and keep their case in others; they are relative, or `@`.
#[test]
fn c2_names_fold_where_they_fold_on_the_wire() {
    assert_eq!(octets("MX 10 Mail"), "000A046D61696C076578616D706C6500");
    assert_eq!(octets("MX 10 @"), "000A076578616D706C6500");
    assert_eq!(octets("LP 10 Mail"), "000A044D61696C074578616D706C6500");
    assert_eq!(octets("NSEC A. A"), "014100000140");
}

/// Words that stand for numbers.
#[test]
fn f1_mnemonics_in_rdata() {
    for (words, numbers) in [
        ("CERT PGP 0 RSASHA256 AQ==", "CERT 3 0 8 AQ=="),
        ("DS 1 ecdsap256sha256 2 AB", "DS 1 13 2 AB"),
        ("DNSKEY 257 3 ED25519 AQ==", "DNSKEY 257 3 15 AQ=="),
        ("DSYNC CDS NOTIFY 53 a.", "DSYNC TYPE59 1 53 a."),
        ("WKS 192.0.2.1 tcp 25", "WKS 192.0.2.1 6 25"),
        ("SOA a b 1 1h 15M 1w2d 0", "SOA a b 1 3600 900 777600 0"),
        ("RRSIG A 8 1 60 20240229235959 0 1 a. AQ==", "RRSIG TYPE1 8 1 60 1709251199 0 1 a. AQ=="),
    ] {
        assert_eq!(octets(words), octets(numbers), "{words}");
    }
    assert_eq!(fault("DS 1 NOPE 2 AB"), ZoneFileErrorKind::Number);
    assert_eq!(fault("SOA a b 1h 1 1 1 1"), ZoneFileErrorKind::Number, "a serial has no units");
    for bad in ["20230229000000", "20240001000000", "19691231235959", "21060207062816", "20240101240000", "4294967296"]
    {
        assert_eq!(fault(&format!("RRSIG A 8 1 60 {bad} 0 1 a. AQ==")), ZoneFileErrorKind::Time, "{bad}");
    }
}

/// Numbers have digits alone and fit their field.
#[test]
fn f4_numbers_fit_their_fields() {
    for bad in
        ["MX 65536 a", "MX -1 a", "MX +1 a", "MX 0x1 a", "CAA 256 issue a", "IPN 18446744073709551616", "MX \\049 a"]
    {
        assert_eq!(fault(bad), ZoneFileErrorKind::Number, "{bad}");
    }
    assert_eq!(octets("MX 065535 a."), "FFFF016100");
}

/// F4: what cannot be on the wire is an error, at the edge.
#[test]
fn f4_what_cannot_be_sent_is_an_error() {
    let string = |length: usize| format!("TXT {}", "x".repeat(length));
    assert_eq!(octets(&string(255)).len(), 512);
    assert_eq!(fault(&string(256)), ZoneFileErrorKind::StringTooLong);
    let label = |length: usize| format!("NS {}.", "x".repeat(length));
    assert_eq!(octets(&label(63)).len(), 2 * 65);
    assert_eq!(fault(&label(64)), ZoneFileErrorKind::LabelTooLong);
    let name = |last: usize| format!("NS {0}.{0}.{0}.{1}.", "x".repeat(63), "y".repeat(last));
    assert_eq!(octets(&name(61)).len(), 2 * 255);
    assert_eq!(fault(&name(62)), ZoneFileErrorKind::NameTooLong);
    let escaped = |last: usize| format!("NS \\120{0}.{1}.{1}.{2}.", "x".repeat(62), "x".repeat(63), "y".repeat(last));
    assert_eq!((octets(&escaped(61)).len(), fault(&escaped(62))), (510, ZoneFileErrorKind::NameTooLong));
    let relative = |last: usize| format!("NS {0}.{0}.{0}.{1}", "x".repeat(63), "y".repeat(last));
    assert_eq!((octets(&relative(53)).len(), fault(&relative(54))), (510, ZoneFileErrorKind::NameTooLong));
    let rdata = |strings: usize| format!("TXT {}", "\"\\255\" ".repeat(strings));
    assert_eq!(octets(&rdata(32_767)).len(), 4 * 32_767);
    assert_eq!(fault(&rdata(32_768)), ZoneFileErrorKind::RdataTooLong);
    let uri = |octets: usize| format!("URI 1 1 \"{}\"", "u".repeat(octets));
    assert_eq!((octets(&uri(65_531)).len(), fault(&uri(65_532))), (2 * 65_535, ZoneFileErrorKind::RdataTooLong));
}

/// Names: labels, escapes and dots.
#[test]
fn f1_names() {
    assert_eq!(octets(r"NS a\.b.c\032\255."), "03612E62036320FF00");
    assert_eq!(octets(r"NS \065\@"), "02".to_owned() + "6140" + "076578616D706C6500");
    assert_eq!(octets("NS ."), "00");
    for (bad, kind) in [
        ("NS a..b", ZoneFileErrorKind::EmptyLabel),
        ("NS .a", ZoneFileErrorKind::EmptyLabel),
        ("NS ..", ZoneFileErrorKind::EmptyLabel),
        (r"NS a\065..", ZoneFileErrorKind::EmptyLabel),
        (r"NS a\256", ZoneFileErrorKind::Escape),
        (r"NS a\25", ZoneFileErrorKind::Escape),
        (r"NS a\2x5", ZoneFileErrorKind::Escape),
        ("NS a\\", ZoneFileErrorKind::Escape),
        ("NS \"a\"", ZoneFileErrorKind::Quoted),
    ] {
        assert_eq!(fault(bad), kind, "{bad}");
    }
}

/// Types with a language of their own, in the forms that `present` does not write.
#[test]
fn f1_other_forms_of_structures() {
    for (text, same) in [
        ("SVCB 1 . port=443 alpn=h2,h3", "SVCB 1 . alpn=\"h2,h3\" port=443"),
        ("SVCB 1 . key3=\\001\\187", "SVCB 1 . port=443"),
        ("SVCB 1 . alpn=\"f\\\\\\092oo\\\\,bar,h2\"", r#"SVCB 1 . alpn="f\\\\oo\\,bar,h2""#),
        ("SVCB 1 . mandatory=port,alpn alpn=h2 port=1", "SVCB 1 . mandatory=alpn,port alpn=h2 port=1"),
        ("SVCB 1 . key1=\\002h2", "SVCB 1 . alpn=h2"),
        ("SVCB 1 . key9", "SVCB 1 . key9="),
        ("LOC 52 N 4 E 0m", "LOC 52 0 0 N 4 0 0.000 E 0.00m 1m 10000m 10m"),
        ("LOC 52 22 23.5 n 4 53 w -2 25m", "LOC 52 22 23.500 N 4 53 0 W -2.00m 20m"),
        ("NSAP 0x47.0005.80", "NSAP 0x47000580"),
        ("NSEC a. MX A", "NSEC a. A MX"),
        ("NSEC a. A A", "NSEC a. A"),
        ("APL 1:192.0.2.0/24", "APL 1:192.0.2.0/024"),
        ("HIP 2 AA AQ== a", "HIP 2 aa AQ== a.Example."),
        ("DS 1 8 2 AB CD", "DS 1 8 2 ABCD"),
        ("OPENPGPKEY AQI DBA==", "OPENPGPKEY AQIDBA=="),
        ("ATMA +61.2", "ATMA +612"),
        ("TYPE65281 LOCAL 5 3600 172.16.72.3", "WINS LOCAL L5 C3600 ( 172.16.72.3 )"),
    ] {
        assert_eq!(octets(text), octets(same), "{text}");
    }
    for (bad, kind) in [
        ("SVCB 1 . alpn=h2 alpn=h3", ZoneFileErrorKind::Rdata),
        ("SVCB 1 . alpn", ZoneFileErrorKind::Rdata),
        ("SVCB 1 . alpn=h2,,h3", ZoneFileErrorKind::Rdata),
        ("SVCB 1 . mandatory=port alpn=h2", ZoneFileErrorKind::Rdata),
        ("SVCB 1 . Port=1", ZoneFileErrorKind::ServiceParameter),
        ("SVCB 1 . port=x", ZoneFileErrorKind::ServiceParameter),
        ("SVCB 1 . ipv4hint=1.2.3", ZoneFileErrorKind::ServiceParameter),
        ("SVCB 1 . key65536=a", ZoneFileErrorKind::ServiceParameter),
        ("LOC 91 N 4 E 0m", ZoneFileErrorKind::Rdata),
        ("LOC 52 60 N 4 E 0m", ZoneFileErrorKind::Location),
        ("LOC N 4 E 0m", ZoneFileErrorKind::Location),
        ("LOC 1.5 N 4 E 0m", ZoneFileErrorKind::Location),
        ("LOC 52 N 4 E 99999999999m", ZoneFileErrorKind::Location),
        ("APL 1:192.0.2.0/33", ZoneFileErrorKind::Rdata),
        ("APL 3:00/1", ZoneFileErrorKind::Prefix),
        ("NXT a. TYPE128", ZoneFileErrorKind::UnknownType),
        ("EUI48 00-00-5e-00-53-2", ZoneFileErrorKind::Identifier),
        ("EUI48 00-00-5e-00-53-2a-00", ZoneFileErrorKind::Identifier),
        ("NID 1 0014:4fff:ff20", ZoneFileErrorKind::Identifier),
        ("IPSECKEY 1 4 2 . AQ==", ZoneFileErrorKind::Number),
        ("IPSECKEY 1 0 2 a. AQ==", ZoneFileErrorKind::Rdata),
        ("ZONEMD 1 1 1 ABCD", ZoneFileErrorKind::Rdata),
        ("CAA 0 a-b x", ZoneFileErrorKind::Tag),
        ("CAA 0 issue", ZoneFileErrorKind::MissingData),
        ("DS 1 8 2 ABC", ZoneFileErrorKind::Hexadecimal),
        ("OPENPGPKEY AQI", ZoneFileErrorKind::Base64),
        ("OPENPGPKEY AQL=", ZoneFileErrorKind::Base64),
        ("NSEC3 1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJW A", ZoneFileErrorKind::Base32),
        ("NSEC a.", ZoneFileErrorKind::Rdata),
    ] {
        assert_eq!(fault(bad), kind, "{bad}");
    }
}

proptest! {
    /// F5: a vector with octets changed is shown and read back as itself, as long as it is RDATA.
    #[test]
    fn f5_changed_rdata_is_read_back(row in 0_usize..1000, changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 0..4)) {
        let vectors = vectors();
        let (rtype, mut octets, _) = vectors[row % vectors.len()].clone();
        for (at, octet) in changes.into_iter().filter(|_| !octets.is_empty()).collect::<Vec<_>>() {
            let at = usize::from(at) % octets.len();
            octets[at] = octet;
        }
        let text = present::rdata(rtype, &octets).to_string();
        let expected = if is_rdata(rtype, &octets) { Ok(octets) } else { Err(ZoneFileErrorKind::Rdata) };
        prop_assert_eq!(read(rtype, &text), expected, "{}", text);
    }

    /// F5: any octets of any type that are RDATA are shown and read back as themselves.
    #[test]
    fn f5_any_rdata_is_read_back(code in prop_oneof![0_u16..270, 32760_u16..32780, 65270_u16..=u16::MAX],
                                 octets in proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(3), any::<u8>()], 0..60)) {
        let rtype = Rtype(code);
        let text = present::rdata(rtype, &octets).to_string();
        let expected = if is_rdata(rtype, &octets) { Ok(octets) } else { Err(ZoneFileErrorKind::Rdata) };
        prop_assert_eq!(read(rtype, &text), expected, "{}", text);
    }

    /// F7: any text is read or refused, without a panic.
    #[test]
    fn f7_any_text_is_read_or_refused(row in 0_usize..1000, cut in any::<u16>(), noise in "[ -~\t\n]{0,20}") {
        let vectors = vectors();
        let (rtype, _, text) = &vectors[row % vectors.len()];
        let cut = usize::from(cut) % (text.len() + 1);
        let text = format!("{}{noise}{}", &text[..cut], &text[cut..]);
        if let Ok(octets) = read(*rtype, &text) {
            let again = present::rdata(*rtype, &octets).to_string();
            prop_assert_eq!(read(*rtype, &again), Ok(octets), "{}", text);
        }
    }
}

//! Text in and out: the vectors that BIND read back, and what hostile octets turn into.

use super::*;
use crate::wire::{Rtype, WireName, check, grammars};
use data_encoding::HEXUPPER;
use proptest::prelude::*;

/// Type, octets and text of each vector.
fn vectors() -> Vec<(Rtype, Vec<u8>, &'static str)> {
    let rows = include_str!("vectors.txt").lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let [rtype, hexadecimal, text] = line.splitn(3, '\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let octets = HEXUPPER.decode(hexadecimal.trim_start_matches('-').as_bytes()).unwrap();
        (rtype_from_text(rtype).unwrap(), octets, text)
    })
    .collect()
}

/// W12, L2: every vector is shown as its text.
#[test]
fn rdata_of_every_type_is_shown() {
    for (code, octets, text) in vectors() {
        assert_eq!(rdata(code, &octets).to_string(), text, "{}", rtype(code));
    }
}

/// Each row of the table has a vector in a form of its own, NULL and NXNAME apart, which have none.
#[test]
fn no_type_is_forgotten() {
    let vectors = vectors();
    for row in grammars().iter().filter(|row| !matches!(row.mnemonic, "NULL" | "NXNAME")) {
        let own = vectors.iter().any(|(code, _, text)| *code == row.rtype && !text.starts_with("\\#"));
        assert!(own, "{}", row.mnemonic);
    }
}

/// W12: no vector can be cut anywhere, or get octets behind it, and still be shown as if it were whole.
#[test]
fn w12_cut_rdata_is_not_shown_as_whole() {
    for (code, octets, text) in vectors() {
        for cut in 0..octets.len() {
            assert_ne!(rdata(code, &octets[..cut]).to_string(), text, "{} cut to {cut}", rtype(code));
        }
        let slack = [&octets[..], &[0, 0, 0]].concat();
        assert_ne!(rdata(code, &slack).to_string(), text, "{}", rtype(code));
    }
}

/// RFC 3597 section 5: unknown types and broken octets in hexadecimal.
#[test]
fn c4_unknown_rdata_is_shown_in_hexadecimal() {
    assert_eq!(rdata(Rtype(65280), b"\xC0\x0C").to_string(), "\\# 2 C00C");
    assert_eq!(rdata(Rtype(65280), b"").to_string(), "\\# 0");
    assert_eq!(rdata(Rtype::A, b"\x0A\0\0").to_string(), "\\# 3 0A0000");
    assert_eq!(rdata(Rtype::NS, b"\xC0\x0C").to_string(), "\\# 2 C00C");
}

/// RFC 4034 section 3.2: dates at the corners of the calendar.
#[test]
fn dates() {
    let shown = |seconds: u32| {
        let octets = [&b"\0\x01\x08\0\0\0\0\0"[..], &seconds.to_be_bytes(), &[0; 4], b"\0\0\0S"].concat();
        rdata(Rtype::RRSIG, &octets).to_string().split(' ').nth(4).unwrap().to_owned()
    };
    assert_eq!(shown(0), "19700101000000");
    assert_eq!(shown(951_782_399), "20000228235959");
    assert_eq!(shown(951_782_400), "20000229000000");
    assert_eq!(shown(951_868_800), "20000301000000");
    assert_eq!(shown(1_709_251_199), "20240229235959");
    assert_eq!(shown(u32::MAX), "21060207062815");
}

/// The name of these labels.
fn named(labels: &[&[u8]]) -> WireName {
    WireName::from_labels(labels.iter().copied()).unwrap()
}

/// W9: odd labels survive octets, text, octets.
#[test]
fn w9_odd_labels_survive_text() {
    let most = vec![&b"x"[..]; 127];
    let long = vec![&[0xFF_u8; 63][..], &[0; 63], &[b'.'; 63], &[b'\\'; 61]];
    let odd: [&[u8]; 9] = [b"\0", b".", b" ", b"\\", b"\xFF", b"UPPER", b"@$();\"", b"\\000", b"\x7f\x1b["];
    for labels in [&[][..], &most, &long, &odd] {
        let wire = named(labels);
        let text = name(&wire).to_string();
        assert_eq!(name_from_text(&text).unwrap().as_octets(), wire.as_octets(), "{text}");
    }
    assert_eq!(name(&WireName::ROOT).to_string(), ".");
    assert_eq!(name(&named(&odd)).to_string(), r#"\000.\..\032.\\.\255.UPPER.\@\$\(\)\;\".\\000.\127\027[."#);
}

/// W9: names as people type them.
#[test]
fn w9_names_are_read() {
    let read = |text| name_from_text(text).unwrap();
    assert_eq!(read("Example.COM").as_octets(), b"\x07Example\x03COM\0");
    assert_eq!(read("example.com."), read("example.com"));
    assert_eq!(read(r"a\.b.\065\066"), named(&[b"a.b", b"AB"]));
}

/// What is no name is refused at its place.
#[test]
fn w9_bad_names_say_where() {
    use NameTextErrorKind::{Empty, EmptyLabel, Escape, LabelTooLong, NameTooLong, NotPrintable};
    let (label, longest) = ("x".repeat(64), format!("{0}.{0}.{0}.{1}", "x".repeat(63), "x".repeat(62)));
    let rows = [
        ("", 0, Empty),
        (".a", 0, EmptyLabel),
        ("..", 0, EmptyLabel),
        ("a..b", 2, EmptyLabel),
        ("a..", 2, EmptyLabel),
        (r"a\", 1, Escape),
        (r"a\25", 1, Escape),
        (r"a\256", 1, Escape),
        (r"a\1x2", 1, Escape),
        ("a b", 1, NotPrintable),
        ("a\n", 1, NotPrintable),
        ("bücher", 1, NotPrintable),
        (&label, 63, LabelTooLong),
        (&longest, 254, NameTooLong),
    ];
    for (text, at, kind) in rows {
        assert_eq!(name_from_text(text).unwrap_err(), NameTextError { at, kind }, "{text:?}");
    }
    assert!(name_from_text(&longest[1..]).is_ok(), "255 octets");
    let words = "not a domain name, at character 3: an empty label: a dot at the start, or two in a row";
    assert_eq!(name_from_text("a..b").unwrap_err().to_string(), words);
}

/// Types and classes both ways.
#[test]
fn types_and_classes_are_read_back() {
    for code in 0..=u16::MAX {
        assert_eq!(rtype_from_text(&rtype(Rtype(code)).to_string()), Some(Rtype(code)));
        assert_eq!(class_from_text(&class(code).to_string().to_lowercase()), Some(code));
    }
    assert_eq!((rtype_from_text("type1"), rtype_from_text("*")), (Some(Rtype::A), Some(Rtype::ANY)));
    assert_eq!((rtype(Rtype(65280)).to_string(), class(7).to_string()), ("TYPE65280".to_owned(), "CLASS7".to_owned()));
    for bad in ["", "TYPE", "TYPE65536", "TYPE+1", "TYPE-1", "TYPE1 ", "TYPÉ1", "NOPE"] {
        assert_eq!(rtype_from_text(bad), None, "{bad}");
    }
}

/// A record is one line of five columns.
#[test]
fn a_record_is_one_line() {
    let octets = b"\x03a b\x07example\0\0\x0f\0\x01\0\0\x0e\x10\0\x08\0\x0a\x04mail\0";
    let (canonical, _) = CanonicalRecord::split_first(octets).unwrap();
    assert_eq!(record(&canonical).to_string(), "a\\032b.example.\t3600\tIN\tMX\t10 mail.");
}

/// What a stranger would like to see printed as it is.
const HOSTILE: &[u8] = b"\x1b]0;owned\x07\r\n\x1b[2J\0\x9b31m\"; $(reboot) `id` \\\x7f\xe2\x80\xae\tx";

/// Asserts that nothing of it can steer a terminal, begin a line or end the quotes around it.
fn assert_harmless(text: &str) {
    assert!(text.bytes().all(|octet| (b' '..=b'~').contains(&octet)), "{text:?}");
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        match octet {
            b'\\' => assert!(octets.next().is_some()),
            b'"' => panic!("a bare quote in {text}"),
            _ => {}
        }
    }
}

/// L2: texts of servers.
#[test]
fn l2_texts_are_escaped() {
    assert_harmless(&escape_text(HOSTILE).to_string());
    assert_eq!(escape_text(b"stale \"a\\b\"\x1b\n").to_string(), r#"stale \"a\\b\"\027\010"#);
}

/// L2: names; one token, so no space either.
#[test]
fn l2_names_are_escaped() {
    let text = name(&named(&[HOSTILE])).to_string();
    assert_harmless(&text);
    assert!(
        !text.contains(' ') && !text.replace("\\;", "").contains(';') && !text.replace("\\$", "").contains('$'),
        "{text}"
    );
}

/// L2: strings in RDATA, quoted or not.
#[test]
fn l2_strings_in_rdata_are_escaped() {
    let string = [&[u8::try_from(HOSTILE.len()).unwrap()][..], HOSTILE].concat();
    let identifier = [&b"\0\x01\0\0\x01\0"[..], &[string[0] + 1], &string].concat();
    let rows = [
        (Rtype::TXT, string.clone()),
        (Rtype(13), [&string[..], &string].concat()),
        (Rtype(35), [&[0; 4][..], &string, &string, &string, &[0]].concat()),
        (Rtype(256), [&[0; 4][..], HOSTILE].concat()),
        (Rtype(257), [b"\0\x05issue", HOSTILE].concat()),
        (Rtype(257), [b"\0\x05\x1b[2J\n", HOSTILE].concat()),
        (Rtype(64), identifier),
        (Rtype(64), [&b"\0\x01\0\x02\x9b\0"[..], &string].concat()),
    ];
    for (code, octets) in rows {
        assert_eq!(check(code, &mut crate::wire::Cursor::new(&octets)), Ok(()));
        let text = rdata(code, &octets).to_string();
        let unescaped = text.replace("\\\\", "").replace("\\\"", "");
        let strings: Vec<&str> = unescaped.split('"').collect();
        assert!(strings.len() % 2 == 1, "a quote too many in {text}");
        assert!(!strings.iter().step_by(2).any(|outside| outside.contains([';', '$', '(', '`'])), "{text}");
        assert!(text.bytes().all(|octet| (b' '..=b'~').contains(&octet)), "{text}");
    }
}

proptest! {
    /// W9: any name survives octets, text, octets, case and all; its text is one harmless token.
    #[test]
    fn w9_any_name_survives_text(labels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..=63), 0..8)) {
        if let Some(wire) = WireName::from_labels(labels.iter().map(Vec::as_slice)) {
            let text = name(&wire).to_string();
            assert_harmless(&text);
            prop_assert!(!text.contains(' '));
            let again = name_from_text(&text).unwrap();
            prop_assert_eq!(again.as_octets(), wire.as_octets());
        }
    }

    /// L2: any octets of any type are shown, without a panic, on one line of printable ASCII.
    #[test]
    fn l2_any_rdata_is_one_line(code in prop_oneof![0_u16..270, 32760_u16..32780, 65270_u16..=u16::MAX],
                                octets in proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(3), any::<u8>()], 0..60)) {
        let text = rdata(Rtype(code), &octets).to_string();
        prop_assert!(!text.is_empty() && text.bytes().all(|octet| (b' '..=b'~').contains(&octet)), "{text}");
    }

    /// L2: a vector with a few octets changed is still shown on one line.
    #[test]
    fn l2_changed_rdata_is_one_line(row in 0_usize..1000, changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 0..4)) {
        let vectors = vectors();
        let (code, mut octets, _) = vectors[row % vectors.len()].clone();
        for (at, octet) in changes.into_iter().filter(|_| !octets.is_empty()).collect::<Vec<_>>() {
            let at = usize::from(at) % octets.len();
            octets[at] = octet;
        }
        let text = rdata(code, &octets).to_string();
        prop_assert!(!text.is_empty() && text.bytes().all(|octet| (b' '..=b'~').contains(&octet)), "{text}");
    }
}

/// Leap days, and the longest time that a TSIG record can have.
#[test]
fn a_time_as_a_date() {
    let date = |seconds| utc(seconds).to_string();
    assert_eq!(date(0), "1970-01-01 00:00:00 UTC");
    assert_eq!(date(951_827_696), "2000-02-29 12:34:56 UTC");
    assert_eq!(date(4_107_542_399), "2100-02-28 23:59:59 UTC");
    assert_eq!(date(4_107_542_400), "2100-03-01 00:00:00 UTC");
    assert_eq!(date((1 << 48) - 1), "8921556-12-07 10:44:15 UTC");
}

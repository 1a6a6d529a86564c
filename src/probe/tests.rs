//! The rules of the probe record, one scenario each.

use super::*;
use crate::wire::{CLASS_ANY, CLASS_IN};
use std::time::Duration;

/// A name from its labels.
fn wire(labels: &[&str]) -> WireName {
    WireName::from_labels(labels.iter().map(|label| label.as_bytes())).expect("labels that make a name")
}

/// A probe whose random octets all differ from those of another seed.
fn probe(seed: u8) -> Probe {
    let random: [u8; RANDOM_OCTETS] =
        std::array::from_fn(|index| u8::try_from(index).unwrap_or(0).wrapping_mul(31) ^ seed);
    Probe::new(&wire(&["example", "com"]), &random, RunId([seed; 8]), 1_700_000_000).expect("a short zone")
}

/// U3: the owner has the published form and 130 random bits, the RDATA run, 128 random bits and time.
#[test]
fn u3_owner_and_rdata_have_their_form() {
    let probe = probe(0xA5);
    let labels: Vec<&[u8]> = probe.owner().labels().collect();
    assert_eq!(labels.len(), 4);
    assert_eq!(labels[0].len(), 26, "5 bits each");
    assert!(labels[0].iter().all(|letter| matches!(letter, b'a'..=b'z' | b'2'..=b'7')));
    assert_eq!(&labels[1..], [b"_dnsconverge".as_slice(), b"example", b"com"]);
    let text = probe.rdata_text();
    let strings: Vec<&str> = text.split(' ').collect();
    assert_eq!(strings.len(), 4);
    assert_eq!(strings[0], "\"dnsconverge=1\"");
    assert_eq!(strings[1], "\"run=a5a5a5a5a5a5a5a5\"");
    assert_eq!(strings[2].len(), "\"token=\"".len() + 32);
    assert_eq!(strings[3], "\"time=1700000000\"");
    assert_eq!(PROBE_TTL, 60, "low, but not the 0 that some servers clamp");
}

/// U3: every random bit counts: another octet, another owner or another token; two runs do not see each other's.
#[test]
fn u3_every_run_is_new() {
    let base = [0_u8; RANDOM_OCTETS];
    let make = |random: &[u8; RANDOM_OCTETS]| Probe::new(&wire(&["example"]), random, RunId([0; 8]), 0).expect("short");
    let first = make(&base);
    for index in 0..RANDOM_OCTETS {
        let mut random = base;
        random[index] = 0x80;
        let other = make(&random);
        let differs =
            (other.owner() != first.owner(), other.rdata() != first.rdata(), other.sibling() != first.sibling());
        let expected = match index {
            0..17 => (true, false, false),
            17..33 => (false, true, false),
            _ => (false, false, true),
        };
        assert_eq!(differs, expected, "octet {index}");
    }
}

/// U17: a zone so long that the owner would not fit is refused before anything is sent.
#[test]
fn u17_name_length() {
    let label = "a".repeat(63);
    let zone = |last: usize| wire(&[&label, &label, &label, &"b".repeat(last)]);
    let random = [7; RANDOM_OCTETS];
    let octets = |last: usize| zone(last).as_octets().len();
    // 26 and 12 letters with their length octets.
    let fits = 255 - 27 - 13 - (octets(1) - 1);
    assert_eq!(Probe::new(&zone(fits), &random, RunId([0; 8]), 0).map(|p| p.owner().as_octets().len()), Ok(255));
    let refused = Probe::new(&zone(fits + 1), &random, RunId([0; 8]), 0);
    assert_eq!(refused, Err(ProbeError::ZoneNameTooLong { zone: octets(fits + 1) }));
}

/// U14: what another run wrote is recognised exactly, with its age, and can be deleted exactly.
#[test]
fn u14_leftovers_are_recognised() {
    let probe = probe(1);
    let found = Leftover::recognise(probe.zone(), probe.owner(), Rtype::TXT, CLASS_IN, probe.rdata()).expect("ours");
    assert_eq!((found.probe.owner(), found.probe.rdata()), (probe.owner(), probe.rdata()));
    assert_eq!(found.probe.run(), probe.run());
    assert_eq!(found.age(1_700_003_600), Duration::from_secs(3600));
    assert_eq!(found.age(0), Duration::ZERO, "a clock that went back makes nothing old");
}

/// U14: anything that deviates is somebody else's.
#[test]
fn u14_nothing_else_is_a_leftover() {
    let probe = probe(1);
    let (zone, owner, rdata) = (probe.zone(), probe.owner(), probe.rdata());
    let is_ours =
        |owner: &WireName, rtype, class, rdata: &[u8]| Leftover::recognise(zone, owner, rtype, class, rdata).is_some();
    assert!(is_ours(owner, Rtype::TXT, CLASS_IN, rdata));
    assert!(!is_ours(owner, Rtype::A, CLASS_IN, rdata));
    assert!(!is_ours(owner, Rtype::TXT, CLASS_ANY, rdata));
    let letters = "abcdefghijklmnopqrstuvwxyz";
    for labels in [
        vec![letters, "_dnsconverge", "example", "org"],
        vec![letters, "_dnsconverge", "sub", "example", "com"],
        vec![letters, "_other", "example", "com"],
        vec![&letters[1..], "_dnsconverge", "example", "com"],
        vec!["1bcdefghijklmnopqrstuvwxyz", "_dnsconverge", "example", "com"],
        vec!["x", letters, "_dnsconverge", "example", "com"],
        vec!["_dnsconverge", "example", "com"],
        vec!["example", "com"],
    ] {
        assert!(!is_ours(&wire(&labels), Rtype::TXT, CLASS_IN, rdata), "{labels:?}");
    }
    for index in 0..rdata.len() {
        let mut other = rdata.to_vec();
        other[index] = other[index].wrapping_add(0x80);
        assert!(!is_ours(owner, Rtype::TXT, CLASS_IN, &other), "octet {index}");
        assert!(!is_ours(owner, Rtype::TXT, CLASS_IN, &rdata[..index]), "cut at {index}");
    }
    let upper = rdata.to_ascii_uppercase();
    assert!(!is_ours(owner, Rtype::TXT, CLASS_IN, &upper));
    let longer: Vec<u8> = rdata.iter().copied().chain(*b"\x01x").collect();
    assert!(!is_ours(owner, Rtype::TXT, CLASS_IN, &longer), "a fifth string");
}

/// U14: a journal entry gives the probe back, through JSON, and holds the key's name alone.
#[test]
fn u14_journal_entry_round_trip() {
    let probe = probe(9);
    let server = std::net::SocketAddr::from(([192, 0, 2, 1], 53));
    let entry = JournalEntry::new(&probe, server, "ns1.example", Some("update-key."));
    let json = serde_json::to_string(&entry).unwrap();
    let read: JournalEntry = serde_json::from_str(&json).unwrap();
    assert_eq!(read, entry);
    let back = read.probe().unwrap();
    assert_eq!((back.zone(), back.owner(), back.rdata()), (probe.zone(), probe.owner(), probe.rdata()));
    assert!(json.contains("update-key."));
}

/// U14: an entry that speaks of another record, or is damaged, deletes nothing.
#[test]
fn u14_journal_entries_are_not_believed_blindly() {
    let server = std::net::SocketAddr::from(([192, 0, 2, 1], 53));
    let json = serde_json::to_value(JournalEntry::new(&probe(9), server, "ns1", None)).unwrap();
    let with = |field: &str, value: serde_json::Value| {
        let mut json = json.clone();
        json[field] = value;
        serde_json::from_value::<JournalEntry>(json).unwrap().probe()
    };
    assert_eq!(with("format", 2.into()), Err(EntryError::Format(2)));
    assert_eq!(with("owner_octets", "03777777076578616d706c6503636f6d00".into()), Err(EntryError::NotAProbe));
    assert_eq!(with("rdata_octets", "0161".into()), Err(EntryError::NotAProbe));
    assert_eq!(with("zone_octets", "zz".into()), Err(EntryError::Damaged("zone")));
    assert_eq!(with("owner_octets", "3f00".into()), Err(EntryError::Damaged("owner")));
}

/// L2: names and strings as text.
#[test]
fn l2_text_is_escaped() {
    assert_eq!(present::name(&WireName::ROOT).to_string(), ".");
    assert_eq!(present::name(&wire(&["a.b", "\u{1b}]0;\n\"$(x)"])).to_string(), r#"a\.b.\027]0\;\010\"\$\(x\)."#);
}

/// U3: an address probe has its random bits, its run and its time in the owner, and an address that no host has.
#[test]
fn u3_an_address_probe_says_in_its_owner_what_it_is() {
    let random: [u8; RANDOM_OCTETS] = std::array::from_fn(|index| u8::try_from(index * 5).unwrap());
    let zone = wire(&["corp", "test"]);
    let probe = Probe::of_type(ProbeType::Address, &zone, &random, RunId([7; 8]), 1_700_000_000).unwrap();
    let labels: Vec<&[u8]> = probe.owner().labels().collect();
    assert_eq!((labels[0].len(), labels[1], labels.len()), (47, b"_dnsconverge".as_slice(), 4));
    assert_eq!((probe.rtype(), probe.rdata()), (Rtype::A, [127, 213, 90, 95].as_slice()));
    assert_ne!(probe.owner(), probe.sibling());
    for index in 0..16 {
        let mut other = random;
        other[index] ^= 1;
        let other = Probe::of_type(ProbeType::Address, &zone, &other, RunId([7; 8]), 1_700_000_000).unwrap();
        assert_ne!(other.owner(), probe.owner(), "octet {index}");
    }
}

/// U14: an address probe is recognised, with run and age, and nothing else is taken for one.
#[test]
fn u14_an_address_probe_is_recognised_exactly() {
    let zone = wire(&["corp", "test"]);
    let probe =
        Probe::of_type(ProbeType::Address, &zone, &[0xC3; RANDOM_OCTETS], RunId([7; 8]), 1_700_000_000).unwrap();
    let recognise = |owner: &WireName, rtype, rdata: &[u8]| Leftover::recognise(&zone, owner, rtype, CLASS_IN, rdata);
    let found = recognise(probe.owner(), Rtype::A, probe.rdata()).unwrap();
    assert_eq!((found.probe.run(), found.probe.rtype()), (RunId([7; 8]), Rtype::A));
    assert_eq!(found.age(1_700_000_060), Duration::from_secs(60));
    assert!(recognise(probe.owner(), Rtype::TXT, probe.rdata()).is_none());
    for rdata in [[127, 0, 0, 1].as_slice(), &[192, 0, 2, 1], &[127, 128, 0], &[127, 128, 0, 0, 0]] {
        assert!(recognise(probe.owner(), Rtype::A, rdata).is_none(), "{rdata:?}");
    }
    let text = String::from_utf8(probe.owner().labels().next().unwrap().to_vec()).unwrap();
    for label in [&text[1..], &text[..46], &format!("{text}a"), &text.replace('a', "1"), "www"] {
        let owner = wire(&[label, "_dnsconverge", "corp", "test"]);
        assert!(label == text || recognise(&owner, Rtype::A, probe.rdata()).is_none(), "{label}");
    }
    assert!(recognise(&wire(&[&text, "_other", "corp", "test"]), Rtype::A, probe.rdata()).is_none());
    let upper = wire(&[&text.to_ascii_uppercase(), "_DNSCONVERGE", "CORP", "test"]);
    assert!(recognise(&upper, Rtype::A, probe.rdata()).is_some(), "case does not count in names");
}

/// U14: a journal entry gives an address probe back too.
#[test]
fn u14_journal_entry_of_an_address_probe() {
    let zone = wire(&["corp", "test"]);
    let probe = Probe::of_type(ProbeType::Address, &zone, &[1; RANDOM_OCTETS], RunId([2; 8]), 1_700_000_000).unwrap();
    let server = std::net::SocketAddr::from(([192, 0, 2, 1], 53));
    let json = serde_json::to_string(&JournalEntry::new(&probe, server, "dc1", None)).unwrap();
    let back = serde_json::from_str::<JournalEntry>(&json).unwrap().probe().unwrap();
    assert_eq!((back.owner(), back.rtype(), back.rdata()), (probe.owner(), Rtype::A, probe.rdata()));
}

/// U14: an entry has the keys of its schema and no others, and those that are for people there decide nothing.
#[test]
fn u14_every_entry_is_as_the_published_schema_has_it() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../schema/journal.schema.json")).expect("it is JSON");
    let properties = schema["properties"].as_object().unwrap();
    let for_people = |key: &String| properties[key]["description"].as_str().unwrap().starts_with("For people");
    let address = Probe::of_type(ProbeType::Address, &wire(&["corp"]), &[1; RANDOM_OCTETS], RunId([2; 8]), 7).unwrap();
    for (probe, key) in [(probe(9), Some("update-key.")), (address, None)] {
        let server = std::net::SocketAddr::from(([192, 0, 2, 1], 53));
        let entry = serde_json::to_value(JournalEntry::new(&probe, server, "ns1", key).secured(true)).unwrap();
        jsonschema::validate(&schema, &entry).unwrap_or_else(|error| panic!("{error}: {entry}"));
        assert!(properties.keys().all(|key| entry.get(key).is_some()), "{entry}");
        let mut other = entry.clone();
        for key in properties.keys().filter(|key| for_people(key)) {
            other[key] = "something else".into();
        }
        let read = serde_json::from_value::<JournalEntry>(other).unwrap().probe().unwrap();
        assert_eq!((read.zone(), read.owner(), read.rdata()), (probe.zone(), probe.owner(), probe.rdata()));
    }
}

//! The rules of the walk, one scenario each. The grammar of RDATA has its own tests.

pub(crate) mod reply;

use super::*;
use proptest::prelude::*;

/// A message under construction: the header's fields, and what follows.
struct Draft {
    /// All flags.
    flags: u16,
    /// QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT.
    counts: [u16; 4],
    /// What follows the header.
    body: Vec<u8>,
}

impl Draft {
    /// A response without anything in it.
    fn new() -> Self {
        Self { flags: 0x8000, counts: [0; 4], body: Vec::new() }
    }

    /// Adds a question for A IN.
    fn question(mut self, name: &[u8]) -> Self {
        self.counts[0] += 1;
        self.body.extend([name, &[0, 1, 0, 1]].concat());
        self
    }

    /// Adds a record with TTL 0 to section 1 (answer), 2 or 3.
    fn record(mut self, section: usize, owner: &[u8], rtype: u16, class: u16, rdata: &[u8]) -> Self {
        self.counts[section] += 1;
        let length = u16::try_from(rdata.len()).expect("short RDATA").to_be_bytes();
        self.body.extend([owner, &rtype.to_be_bytes(), &class.to_be_bytes(), &[0; 4], &length, rdata].concat());
        self
    }

    /// Adds opaque octets as RDATA of a type that no registry knows; returns the offset at which they stand.
    fn opaque(self, octets: &[u8]) -> (Self, usize) {
        let at = Header::LENGTH + self.body.len() + 11;
        (self.record(1, b"\0", 65280, 1, octets), at)
    }

    /// In wire form.
    fn octets(&self) -> Vec<u8> {
        let mut octets = [[0x12, 0x34], self.flags.to_be_bytes()].concat();
        octets.extend(self.counts.iter().flat_map(|count| count.to_be_bytes()));
        octets.extend(&self.body);
        octets
    }

    /// What the walk says about it.
    fn parse(&self) -> Result<(), WireErrorKind> {
        Message::parse(&self.octets()).map(|_| ()).map_err(|error| error.kind)
    }
}

/// A pointer to this offset.
fn pointer(to: usize) -> [u8; 2] {
    (0xC000 | u16::try_from(to).expect("a small offset")).to_be_bytes()
}

/// A name of this many octets, the final zero included.
fn name_of(octets: usize) -> Vec<u8> {
    let mut name = Vec::new();
    while octets - name.len() > 1 {
        let length = (octets - name.len() - 2).min(63);
        // A rest of one octet would leave no room for a label.
        let length = if octets - name.len() - 2 - length == 1 { length - 1 } else { length };
        name.push(u8::try_from(length).expect("a label"));
        name.extend(vec![b'x'; length]);
    }
    name.push(0);
    assert_eq!(name.len(), octets);
    name
}

/// W1: a pointer to itself, a loop of two, forward, into the header, past the end.
#[test]
fn w1_pointers_go_backwards() {
    for to in [12, 13, 14, 200, 0, 1, 11, 0x3FFF] {
        assert_eq!(Draft::new().question(&pointer(to)).parse(), Err(WireErrorKind::Pointer), "to {to}");
    }
    let (draft, at) = Draft::new().opaque(&[pointer(12 + 11 + 2), pointer(12 + 11)].concat());
    assert_eq!(draft.record(1, &pointer(at), 65280, 1, b"").parse(), Err(WireErrorKind::Pointer), "a loop of two");
    assert_eq!(Draft::new().question(b"\x01a\0").record(1, &pointer(12), 65280, 1, b"").parse(), Ok(()));
}

/// W1: a pointer back into its own part, over a label.
#[test]
fn w1_no_pointer_into_its_own_part() {
    assert_eq!(Draft::new().question(b"\x01a\xC0\x0C").parse(), Err(WireErrorKind::Pointer));
    assert_eq!(Draft::new().question(b"\x01a\x01b\xC0\x0E").parse(), Err(WireErrorKind::Pointer));
}

/// W1: a name that is pointed to ends before the part that points to it; it does not run on into it.
#[test]
fn w1_a_prior_name_ends_before_the_pointer() {
    // The opaque octets are a label without an end; what follows them is the owner of the next record.
    let (draft, at) = Draft::new().opaque(b"\x01a");
    assert_eq!(draft.record(1, &pointer(at), 65280, 1, b"").parse(), Err(WireErrorKind::UnexpectedEnd));
    // The length octet takes in the pointer itself and what follows.
    let (draft, at) = Draft::new().opaque(b"\x05");
    assert_eq!(draft.record(1, &pointer(at), 65280, 1, b"\0").parse(), Err(WireErrorKind::UnexpectedEnd));
}

/// W2: 255 octets pass, 256 do not; written out, and reached through a pointer.
#[test]
fn w2_names_of_255_octets() {
    for (octets, wanted) in
        [(255, Ok(())), (256, Err(WireErrorKind::NameTooLong)), (400, Err(WireErrorKind::NameTooLong))]
    {
        assert_eq!(Draft::new().question(&name_of(octets)).parse(), wanted, "{octets} octets");
    }
    for (prior, wanted) in [(253, Ok(())), (254, Err(WireErrorKind::NameTooLong))] {
        let draft = Draft::new().question(&name_of(prior));
        let owner = [b"\x01y".as_slice(), &pointer(12)].concat();
        assert_eq!(draft.record(1, &owner, 65280, 1, b"").parse(), wanted, "2 + {prior} octets");
    }
    let name = WireName::from_octets(&name_of(255)).expect("255 octets");
    assert_eq!((name.as_octets().len(), name.labels().count()), (255, 4));
    assert!(WireName::from_octets(&name_of(256)).is_err());
}

/// W2: from labels the same limits hold: 127 labels of one octet, 63 octets in a label.
#[test]
fn w2_names_from_labels() {
    assert!(WireName::from_labels([b"x".as_slice(); 127]).is_some_and(|name| name.as_octets().len() == 255));
    assert!(WireName::from_labels([b"x".as_slice(); 128]).is_none());
    assert!(WireName::from_labels([[b'x'; 63].as_slice()]).is_some());
    assert!(WireName::from_labels([[b'x'; 64].as_slice()]).is_none());
    assert!(WireName::from_labels([b"".as_slice()]).is_none());
    let labels = |last| [vec![b'x'; 63], vec![b'x'; 63], vec![b'x'; 63], vec![b'x'; last]];
    assert!(WireName::from_labels(labels(61).iter().map(Vec::as_slice)).is_some());
    assert!(WireName::from_labels(labels(62).iter().map(Vec::as_slice)).is_none());
}

/// W3: the label types 01 and 10, in a question, an owner, and a name that is pointed to.
#[test]
fn w3_label_types_that_are_not_in_use() {
    for label in [0x40, 0x41, 0x7F, 0x80, 0xBF] {
        assert_eq!(Draft::new().question(&[label, 0, 0]).parse(), Err(WireErrorKind::LabelType));
        let owner = Draft::new().record(1, &[1, b'a', label, 0], 65280, 1, b"");
        assert_eq!(owner.parse(), Err(WireErrorKind::LabelType));
        let (draft, at) = Draft::new().opaque(&[label, 0]);
        assert_eq!(draft.record(1, &pointer(at), 65280, 1, b"").parse(), Err(WireErrorKind::LabelType));
    }
}

/// W4: thousands of names through a chain of thousands of pointers: the budget ends it, not the time.
#[test]
fn w4_pointers_are_counted() {
    let start = Header::LENGTH + 11;
    let mut chain = vec![0];
    for hop in 0..7000 {
        chain.extend(pointer(if hop == 0 { start } else { start + hop * 2 - 1 }));
    }
    let (mut draft, at) = Draft::new().opaque(&chain);
    let last = at + chain.len() - 2;
    draft = draft.record(1, &pointer(last), 65280, 1, b"");
    assert_eq!(draft.parse(), Ok(()), "one name of 7,001 pointers is within four times the length");
    for _ in 0..3000 {
        draft = draft.record(1, &pointer(last), 65280, 1, b"");
    }
    assert_eq!(draft.parse(), Err(WireErrorKind::TooManyPointers));
}

/// W4: names in RDATA spend from the budget of the whole message.
#[test]
fn w4_names_in_rdata_share_the_budget() {
    const AFSDB: u16 = 18;
    let start = Header::LENGTH + 11;
    let mut chain = vec![0];
    for hop in 0..7000 {
        chain.extend(pointer(if hop == 0 { start } else { start + hop * 2 - 1 }));
    }
    let (mut draft, at) = Draft::new().opaque(&chain);
    let rdata = [&[0, 1][..], &pointer(at + chain.len() - 2)].concat();
    draft = draft.record(1, b"\0", AFSDB, 1, &rdata);
    assert_eq!(draft.parse(), Ok(()));
    for _ in 0..10 {
        draft = draft.record(1, b"\0", AFSDB, 1, &rdata);
    }
    assert_eq!(draft.parse(), Err(WireErrorKind::TooManyPointers));
}

/// W5: RDLENGTH past the end of the message.
#[test]
fn w5_rdlength_past_the_end() {
    let mut octets = Draft::new().record(1, b"\0", 65280, 1, b"abc").octets();
    for length in [4, 0xFF] {
        octets[12 + 10] = length;
        assert_eq!(Message::parse(&octets).map_err(|error| error.kind).err(), Some(WireErrorKind::UnexpectedEnd));
    }
}

/// W5: a name in RDATA does not read past RDLENGTH, though the message goes on.
#[test]
fn w5_names_end_within_the_rdata() {
    let octets = Draft::new().record(1, b"\0", 65280, 1, b"\x03abc").record(1, b"\0", 65280, 1, b"").octets();
    let message = Message::parse(&octets).expect("opaque RDATA");
    let mut rdata = message.records()[0].rdata();
    assert_eq!(rdata.name(), Err(WireError::new(27, WireErrorKind::UnexpectedEnd)));
}

/// W6: counts that are one too high or too low, in each section, and octets after the last record.
#[test]
fn w6_counts_must_match() {
    let whole = || {
        let draft = Draft::new().question(b"\x01a\0").record(1, b"\0", 65280, 1, b"");
        draft.record(2, b"\0", 65280, 1, b"").record(3, b"\0", 65280, 1, b"x")
    };
    assert_eq!(whole().parse(), Ok(()));
    for section in 0..4 {
        let (mut more, mut fewer) = (whole(), whole());
        more.counts[section] += 1;
        fewer.counts[section] -= 1;
        assert!(more.parse().is_err() && fewer.parse().is_err(), "section {section}");
    }
    let mut trailing = whole();
    trailing.body.push(0);
    assert_eq!(trailing.parse(), Err(WireErrorKind::TrailingOctets));
    let mut high = Draft::new();
    high.counts = [0xFFFF; 4];
    assert_eq!(high.parse(), Err(WireErrorKind::UnexpectedEnd));
}

/// W7: fewer octets than a header has; W6: every other prefix of a message.
#[test]
fn w7_short_messages() {
    let octets = Draft::new().question(b"\x01a\0").record(1, b"\xC0\x0C", 65280, 1, b"abc").octets();
    for length in 0..octets.len() {
        let kind = Message::parse(&octets[..length]).map_err(|error| error.kind).err();
        let wanted = if length < 12 { WireErrorKind::ShortHeader } else { WireErrorKind::UnexpectedEnd };
        assert_eq!(kind, Some(wanted), "{length} octets");
    }
    assert!(Message::parse(&octets).is_ok());
}

/// W10: one OPT, owned by the root, in the additional section, its options whole.
#[test]
fn w10_opt_stands_in_its_place() {
    let misplaced = Err(WireErrorKind::MisplacedOpt);
    assert_eq!(Draft::new().record(3, b"\0", 41, 1232, b"").parse(), Ok(()));
    assert_eq!(Draft::new().record(3, b"\0", 41, 1232, b"").record(3, b"\0", 41, 1232, b"").parse(), misplaced);
    assert_eq!(Draft::new().record(3, b"\x01a\0", 41, 1232, b"").parse(), misplaced);
    assert_eq!(Draft::new().record(1, b"\0", 41, 1232, b"").parse(), misplaced);
    assert_eq!(Draft::new().record(2, b"\0", 41, 1232, b"").parse(), misplaced);
    for options in [b"\0".as_slice(), b"\0\x0F\0", b"\0\x0F\0\x02\0", b"\0\x0F\0\0\x01"] {
        let draft = Draft::new().record(3, b"\0", 41, 1232, options);
        assert_eq!(draft.parse(), Err(WireErrorKind::UnexpectedEnd), "{options:?}");
    }
    let octets = Draft::new().record(3, b"\0", 41, 1232, b"\0\x0F\0\x02\0\x12\0\x03\0\0").octets();
    let message = Message::parse(&octets).expect("two options");
    let options: Vec<_> = message.opt().expect("OPT").options().collect();
    assert_eq!(options, [(15, b"\0\x12".as_slice()), (3, b"")]);
}

/// W10: one TSIG, the last record of the message.
#[test]
fn w10_tsig_is_the_last_record() {
    let misplaced = Err(WireErrorKind::MisplacedTsig);
    let signed = || Draft::new().record(3, b"\0", 41, 1232, b"").record(3, b"\x01k\0", 250, 255, b"");
    assert_eq!(signed().parse(), Ok(()));
    assert_eq!(signed().record(3, b"\x01k\0", 250, 255, b"").parse(), misplaced);
    assert_eq!(signed().record(3, b"\0", 65280, 1, b"").parse(), misplaced);
    assert_eq!(signed().record(3, b"\0", 41, 1232, b"").parse(), misplaced);
    assert_eq!(Draft::new().record(1, b"\x01k\0", 250, 255, b"").parse(), misplaced);
    assert_eq!(Draft::new().record(2, b"\x01k\0", 250, 255, b"").parse(), misplaced);
    let octets = signed().octets();
    let message = Message::parse(&octets).expect("signed");
    assert!(message.records().is_empty() && message.tsig().is_some() && message.opt().is_some());
}

/// W10: meta types are not data, in no section.
#[test]
fn w10_meta_types_are_not_data() {
    for section in 1..4 {
        for rtype in [0, 128, 248, 251, 252, 253, 254, 255] {
            let draft = Draft::new().record(section, b"\0", rtype, 1, b"");
            assert_eq!(draft.parse(), Err(WireErrorKind::MetaType), "type {rtype} in {section}");
        }
    }
    assert_eq!(Draft::new().record(1, b"\0", 249, 255, b"").parse(), Err(WireErrorKind::MetaType), "TKEY unasked");
}

/// W10: an UPDATE has records without RDATA, of class ANY or NONE and perhaps type ANY; only there, and no other meta type.
#[test]
fn w10_updates_name_owners_without_data() {
    let update = |section, rtype, class| {
        let draft = Draft { flags: 0xA800, ..Draft::new() };
        draft.record(section, b"\x01a\0", rtype, class, b"").parse()
    };
    for class in [CLASS_ANY, CLASS_NONE] {
        assert_eq!((update(1, 255, class), update(2, 255, class), update(2, 1, class)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(update(2, 252, class), Err(WireErrorKind::MetaType));
        assert_eq!(update(2, 251, class), Err(WireErrorKind::MetaType));
        assert_eq!(update(3, 255, class), Err(WireErrorKind::MetaType));
    }
    assert_eq!(update(1, 255, CLASS_IN), Err(WireErrorKind::MetaType));
    let query = Draft::new().record(1, b"\x01a\0", 255, CLASS_ANY, b"");
    assert_eq!(query.parse(), Err(WireErrorKind::MetaType));
}

/// W11: the response code has its upper eight bits in OPT.
#[test]
fn w11_the_whole_response_code() {
    for (header, upper, wanted) in
        [(0, 1, Rcode::BADVERS), (7, 1, Rcode::BADCOOKIE), (5, 0, Rcode::REFUSED), (15, 0xFF, Rcode(4095))]
    {
        let mut octets = Draft { flags: 0x8000 | header, ..Draft::new() }.record(3, b"\0", 41, 1232, b"").octets();
        octets[12 + 5] = upper;
        assert_eq!(Message::parse(&octets).expect("whole").rcode(), wanted);
    }
    assert_eq!(Message::parse(&Draft::new().octets()).expect("whole").rcode(), Rcode::NOERROR);
    assert_eq!((Rcode::BADVERS.to_string(), Rcode(77).to_string()), ("BADVERS".into(), "RCODE77".into()));
}

/// The header's flags, one by one.
#[test]
fn header_flags() {
    let header = |flags| Header { id: 0, flags, counts: [0; 4] };
    let all = |h: Header| {
        let bits =
            [h.is_response(), h.is_authoritative(), h.is_truncated(), h.recursion_desired(), h.recursion_available()];
        (bits, h.opcode().0, h.rcode_bits())
    };
    for (index, flag) in [0x8000, 0x0400, 0x0200, 0x0100, 0x0080].into_iter().enumerate() {
        let mut wanted = [false; 5];
        wanted[index] = true;
        assert_eq!(all(header(flag)), (wanted, 0, 0));
    }
    assert_eq!(all(header(0x7800 | 0x000F)), ([false; 5], 15, 15));
    assert_eq!(all(header(0x0070)), ([false; 5], 0, 0), "Z, AD and CD are nothing else");
}

/// A name is at or below another by labels, not by octets.
#[test]
fn names_below_names() {
    let name = |octets: &[u8]| WireName::from_octets(octets).expect("a name");
    let zone = name(b"\x01a\x02bc\0");
    assert!(zone.is_at_or_below(&zone) && zone.is_at_or_below(&WireName::ROOT));
    assert!(name(b"\x01x\x01A\x02bC\0").is_at_or_below(&zone));
    assert!(!name(b"\x02bc\0").is_at_or_below(&zone));
    assert!(!name(b"\x06x\x01a\x02bc\0").is_at_or_below(&zone), "the zone's octets inside a label");
    assert!(!name(b"\x02xa\x02bc\0").is_at_or_below(&zone));
}

/// W13: reads everything that a message offers; the result is not of interest, only that there is one.
fn walk(octets: &[u8]) {
    let Ok(message) = Message::parse(octets) else { return };
    for record in message.records().iter().chain(message.tsig()) {
        // What the walk has accepted can be read again.
        assert!(record.owner().is_ok());
        let mut out = Vec::new();
        let _ = crate::canonical::write_record(record, crate::canonical::Form::Canonical, &mut out);
        let _ = (record.rdata().name(), record.rdata().uncompressed_name(), record.rdata().u48());
    }
    let _ = (message.rcode(), message.question(), message.opt().map(|opt| opt.options().count()));
}

proptest! {
    /// W13: no octets make the walk panic.
    #[test]
    fn w13_any_octets(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        walk(&octets);
    }

    /// W13: nor do octets that look like a message: small counts, many pointers.
    #[test]
    fn w13_octets_that_look_like_a_message(
        counts in prop::array::uniform4(0_u8..3),
        body in prop::collection::vec(prop_oneof![Just(0xC0), 0_u8..64, any::<u8>(), Just(0)], 0..200),
    ) {
        let mut octets = vec![0, 0, 0x80, 0];
        octets.extend(counts.iter().flat_map(|count| [0, *count]));
        octets.extend(body);
        walk(&octets);
    }

    /// W9: whatever is in the labels, a name survives the way to hickory's and back.
    #[test]
    fn w9_names_survive_hickory(labels in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..64), 0..5)) {
        if let Some(name) = WireName::from_labels(labels.iter().map(Vec::as_slice)) {
            let back = WireName::from_name(&name.to_name());
            prop_assert_eq!(back.as_octets(), name.as_octets());
        }
    }
}

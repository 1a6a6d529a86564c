//! F7: files that were made to hurt, and cuts of the input.

use super::ZoneFileErrorKind as Kind;
use super::*;
use std::fmt::Write;
use std::io::{self, Read};

/// Gives its octets a few at a time.
struct Trickle<'t> {
    /// What is left.
    rest: &'t [u8],
    /// How many at once.
    step: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let (now, rest) = self.rest.split_at(self.step.min(room.len()).min(self.rest.len()));
        room[..now.len()].copy_from_slice(now);
        self.rest = rest;
        Ok(now.len())
    }
}

/// Gives one octet again and again.
struct Endless {
    /// The octet.
    octet: u8,
    /// How many came.
    count: u64,
}

impl Read for Endless {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        room.fill(self.octet);
        self.count += room.len() as u64;
        assert!(self.count < 1 << 24, "it is still being read");
        Ok(room.len())
    }
}

/// F7: one line or entry without end, of whatever it may be made.
#[test]
fn f7_endless_entries_are_refused() {
    for start in ["", "; ", "a TXT ", "a TXT \"", "a TXT ( ", "a TXT (\n;"] {
        for octet in [b'x', b' ', b'(', b';', b'\\', b'"', b'\n', 0xFF] {
            let source = start.as_bytes().chain(Endless { octet, count: 0 });
            let blank = (octet == b'\n' || octet == b' ') && !start.contains('(');
            if blank && octet == b'\n' {
                continue;
            }
            let mut reader = Reader::new(&named("example"), "db", source, NoIncludes, Options::default());
            let kind = reader.next_record().unwrap_err().kind;
            let limits =
                [Kind::EntryTooLong, Kind::ParenthesisDepth, Kind::LabelTooLong, Kind::BeforeSoa, Kind::Quoted];
            assert!(limits.contains(&kind), "{start:?} and {:?}: {kind:?}", char::from(octet));
        }
    }
}

/// F7: parentheses in parentheses.
#[test]
fn f7_parentheses_are_bounded() {
    let nested = |depth: usize| format!("a A {}192.0.2.1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(records(&nested(64)).len(), 1);
    assert_eq!(refused(&nested(65)), (1, 69, Kind::ParenthesisDepth));
}

/// F7: the limit of an entry, at the octet.
#[test]
fn f7_entry_limit_is_exact() {
    let entry = "a TXT ( ; comment\n\"x\" )\n";
    let limit = entry.len().max(START.lines().map(|line| line.len() + 1).max().unwrap());
    let options = Options::default().entry_octets(limit);
    assert_eq!(records_with(entry, Files::default(), options).len(), 1);
    let longer = format!("{entry}{}", entry.replace("comment", &"comment ".repeat(9)));
    assert_eq!(refused_with(&longer, Files::default(), options), (3, 1, Kind::EntryTooLong));
}

/// Records come out alike, however the input is cut.
#[test]
fn f7_cuts_of_the_input_do_not_matter() {
    let mut text = START.to_owned();
    for number in 0..4000 {
        let address = number % 256;
        write!(text, "host{number} IN A ( ; {number}\r\n 192.0.2.{address} )\r\n\tTXT \"a\\\"{number}\" b\r\n")
            .unwrap();
    }
    let (whole, error) = drain(reader(text.as_bytes(), Files::default(), Options::default()));
    assert_eq!((whole.len(), error), (8001, None));
    for step in [1, 7, 4096, 65_535, 65_537] {
        let source = Trickle { rest: text.as_bytes(), step };
        let cut = Reader::new(&named("example"), "db", source, NoIncludes, Options::default().form(Form::Bitwise));
        assert_eq!(drain(cut).0, whole, "{step} octets at a time");
    }
    let bad = format!("{text}x A nope");
    let error = drain(reader(bad.as_bytes(), Files::default(), Options::default())).1.unwrap();
    assert_eq!((error.line, error.column), (12_003, 5), "lines are counted across windows");
}

/// A zone cut anywhere is an error, or a zone that ends with a whole record; never half a record.
#[test]
fn f7_no_cut_gives_half_a_record() {
    let text = format!("{START}a TXT \"one\" ( two\n \"three\" )\nb MX 10 mail\n c 1h30m AAAA 2001:db8::1\n");
    let text = text.replace("\n c", "\nc");
    let (whole, error) = drain(reader(text.as_bytes(), Files::default(), Options::default()));
    assert_eq!((whole.len(), error), (4, None));
    for cut in 0..text.len() {
        let (lines, error) = drain(reader(&text.as_bytes()[..cut], Files::default(), Options::default()));
        let same = lines.iter().zip(&whole).take_while(|(a, b)| a == b).count();
        // Only the last token of the last line can be cut and still make sense.
        assert!(same + 1 >= lines.len() && (error.is_some() || !lines.is_empty()), "{cut}: {lines:?}");
    }
}

/// An input that fails is an error, not an end.
#[test]
fn f2_failing_input_is_an_error() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk\u{1b} is gone"))
        }
    }
    let source = START.as_bytes().chain(Failing);
    let (_, error) = drain(Reader::new(&named("example"), "db", source, NoIncludes, Options::default()));
    let error = error.unwrap();
    assert_eq!(error.kind, Kind::Unreadable);
    assert!(error.to_string().ends_with("(at: the disk\\027 is gone)"), "{error}");
}

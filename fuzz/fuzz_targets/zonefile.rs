//! Any octets as a zone file: read or refused, never a panic and never without bound; and what was read is shown by
//! `present` and read back as the same octets (RFC 3597 section 5, RFC 1035 section 5.1).
#![no_main]

use dnsconverge::canonical::{CanonicalRecord, Form};
use dnsconverge::present;
use dnsconverge::wire::WireName;
use dnsconverge::zonefile::{Dialect, Include, Included, Options, Reader, ZoneFileError};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

/// Records of one input at most, `$GENERATE` included.
const RECORDS: u64 = 1000;

/// Every file that is included is the input itself, by a new name each time.
struct Again(Vec<u8>, u32);

impl Include for Again {
    fn open(&mut self, _: &[u8], _: &str) -> Result<Included, String> {
        self.1 += 1;
        if self.1 > 20 {
            return Err("enough".to_owned());
        }
        Ok(Included { name: self.1.to_string(), source: Box::new(Cursor::new(self.0.clone())) })
    }
}

/// Reads a zone file; gives each record to `each`.
fn read(text: &[u8], options: Options, mut each: impl FnMut(&CanonicalRecord<'_>)) -> Result<(), ZoneFileError> {
    let zone = WireName::from_octets(b"\x07example\0").expect("a name");
    let include = Again(text.to_vec(), 0);
    let options = options.generated_records(RECORDS).form(Form::Bitwise);
    let mut reader = Reader::new(&zone, "fuzz", text, include, options);
    while let Some(record) = reader.next_record()? {
        each(&record);
    }
    Ok(())
}

/// Type, TTL, owner and RDATA.
type Parts = (u16, u32, Vec<u8>, Vec<u8>);

/// What makes two records the same.
fn parts(record: &CanonicalRecord<'_>) -> Parts {
    (record.rtype().0, record.ttl(), record.owner().to_vec(), record.rdata().to_vec())
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, text)) = input.split_first() else { return };
    let dialect = if choice & 1 == 0 { Dialect::Automatic } else { Dialect::Windows };
    // Half of all inputs begin behind a SOA, so that records are reached.
    let text = if choice & 2 == 0 { [b"@ 60 SOA a b 1 2 3 4 5\n", text].concat() } else { text.to_vec() };
    let (mut records, mut shown) = (Vec::new(), String::new());
    let _ = read(&text, Options::default().dialect(dialect), |record| {
        assert!(record.owner().len() <= 255);
        shown.push_str(&present::record(record).to_string());
        shown.push('\n');
        records.push(parts(record));
    });
    let mut again = Vec::new();
    let read_back =
        read(shown.as_bytes(), Options::default().dialect(Dialect::Standard), |record| again.push(parts(record)));
    assert!(records.is_empty() || read_back.is_ok(), "{read_back:?}\n{shown}");
    assert_eq!(again, records, "{shown}");
});

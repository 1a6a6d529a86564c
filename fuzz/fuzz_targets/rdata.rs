//! The first two octets are a type, the rest is RDATA. The oracle is `domain`, an independent library: RDATA that both
//! accept has the same canonical form (RFC 4034 section 6.2, RFC 6840 section 5.1), whose octets are in the same order
//! (RFC 4034 section 6.3); and of the types in which it is as strict as we are both accept the same.
#![no_main]

use dnsconverge::canonical::{CanonicalRecord, Form, write_record};
use dnsconverge::wire::{Message, Rtype};
use domain::base::rdata::ComposeRecordData;
use domain::base::{CanonicalOrd, ParsedName};
use domain::rdata::ZoneRecordData;
use libfuzzer_sys::fuzz_target;
use std::cmp::Ordering;

/// Who reads it so.
type Theirs<'m> = ZoneRecordData<&'m [u8], ParsedName<&'m [u8]>>;

/// Types that are names, numbers and texts alone, which `domain` holds to their grammar. In others it lets pass empty
/// digests and signatures, bitmaps that are none, and parameters in any order.
const STRICT: [u16; 14] = [1, 2, 5, 6, 12, 13, 14, 15, 16, 17, 28, 33, 35, 39];

fuzz_target!(|octets: &[u8]| {
    let Some((rtype, rdata)) = octets.split_first_chunk::<2>() else { return };
    let rtype = Rtype(u16::from_be_bytes(*rtype));
    // An RRset in an UPDATE is deleted by empty RDATA: that is no record of a zone. Meta types are in none.
    if rdata.is_empty() || rtype.is_meta() || rdata.len() > 2000 {
        return;
    }
    let message = message(rtype, rdata);
    let (ours, theirs) = (canonical(&message), theirs(&message));
    // RFC 3597 section 4: a pointer stands in the types of RFC 1035 alone. `domain` follows one anywhere.
    let may_point = rdata.iter().any(|octet| *octet >= 0xC0);
    if STRICT.contains(&rtype.0) && !may_point {
        assert_eq!(ours.is_some(), theirs.is_some(), "{rtype:?}");
    }
    let theirs = theirs.filter(|theirs| !matches!(theirs, ZoneRecordData::Unknown(_)));
    if let (Some(ours), Some(theirs)) = (ours, theirs) {
        let mut form = Vec::new();
        let Ok(()) = theirs.compose_canonical_rdata(&mut form);
        // RFC 3597 section 7: no younger type is folded. `domain` folds the target of SVCB and HTTPS.
        if matches!(rtype.0, 64 | 65) {
            return assert!(ours.eq_ignore_ascii_case(&form), "{rtype:?}");
        }
        assert_eq!(ours, form, "{rtype:?}");
        in_order(rtype, &ours, &theirs);
    }
});

/// A response with this one record. Its owner stands at octet 12, where a pointer may lead.
fn message(rtype: Rtype, rdata: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rdata.len()).expect("short").to_be_bytes();
    let head = [&[0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0][..], b"\x01B\x02cD\0"].concat();
    [&head[..], &rtype.0.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &length, rdata].concat()
}

/// Our canonical RDATA of the one record.
fn canonical(message: &[u8]) -> Option<Vec<u8>> {
    let message = Message::parse(message).ok()?;
    let mut octets = Vec::new();
    write_record(message.records().first()?, Form::Canonical, &mut octets).expect("the walk has read it");
    let (record, rest) = CanonicalRecord::split_first(&octets).expect("our own layout");
    assert!(rest.is_empty());
    Some(record.rdata().to_vec())
}

/// What `domain` reads.
fn theirs(message: &[u8]) -> Option<Theirs<'_>> {
    let message = domain::base::Message::from_octets(message).expect("it has a header");
    let record = message.answer().expect("no question").next()?.ok()?;
    Some(record.into_record::<Theirs<'_>>().ok()??.into_data())
}

/// Beside the owner as RDATA of the same type, where that is RDATA of it: the order of octets is the order.
fn in_order(rtype: Rtype, ours: &[u8], theirs: &Theirs<'_>) {
    let other = message(rtype, b"\x01B\x02cD\0");
    let (Some(our_other), Some(their_other)) = (canonical(&other), self::theirs(&other)) else { return };
    let order: Ordering = theirs.canonical_cmp(&their_other);
    assert_eq!(ours.cmp(&our_other), order, "{rtype:?}");
}

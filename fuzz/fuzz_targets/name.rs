//! A name at any place of any message: the first two octets are the place. Oracles: hickory-proto (RFC 1035 sections
//! 3.1 and 4.1.4: the same labels, and the same octet comes next), and the ways out and back in.
#![no_main]

use dnsconverge::wire::{MAX_NAME, WireName};
use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Some((place, message)) = octets.split_first_chunk::<2>() else { return };
    let at = u16::from_be_bytes(*place);
    let mut hops = message.len() * 4;
    let Ok((name, next)) = WireName::read(message, at.into(), message.len(), &mut hops) else { return };
    assert!(name.as_octets().len() <= MAX_NAME && next <= message.len());
    assert_eq!(WireName::from_octets(name.as_octets()).expect("expanded").as_octets(), name.as_octets());
    assert_eq!(WireName::from_labels(name.labels()).expect("its labels").as_octets(), name.as_octets());
    assert_eq!(WireName::from_name(&name.to_name()).as_octets(), name.as_octets());
    assert_eq!(name.to_lowercase(), name);
    let mut above = name;
    while let Some(parent) = above.parent() {
        assert!(name.is_at_or_below(&parent) && !parent.is_at_or_below(&above));
        above = parent;
    }
    assert_eq!(above, WireName::ROOT);
    let mut decoder = BinDecoder::new(message).clone(at);
    if let Ok(theirs) = Name::read(&mut decoder) {
        assert_eq!(WireName::from_name(&theirs).as_octets(), name.as_octets());
        assert_eq!(decoder.index(), next);
    }
});

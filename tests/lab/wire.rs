//! The few octets that hickory-proto does not show us: where the TSIG record of a message begins and what it holds.
//!
//! It skips over a message, it does not decode it; everything else is left to `hickory_proto::op::Message`.

/// The octets of a DNS header.
pub const HEADER: usize = 12;

/// The type code of TSIG (RFC 8945 section 4.1).
const TYPE_TSIG: u16 = 250;

/// The longest name on the wire (RFC 1035 section 2.3.4).
const MAX_NAME: usize = 255;

/// A TSIG record as it stood in a message.
#[derive(Clone, Debug)]
pub struct TsigRecord {
    /// Name of the key: uncompressed, lower case, wire form.
    pub key_name: Vec<u8>,
    /// Name of the algorithm: uncompressed, lower case, wire form.
    pub algorithm: Vec<u8>,
    /// Seconds since 1970, 48 bits.
    pub time_signed: u64,
    /// Seconds by which the two clocks may differ.
    pub fudge: u16,
    /// The MAC, perhaps truncated, perhaps empty.
    pub mac: Vec<u8>,
    /// Message ID at the time of signing.
    pub original_id: u16,
    /// TSIG error code.
    pub error: u16,
    /// Other data: the server's time in a BADTIME reply.
    pub other: Vec<u8>,
}

/// A message without its TSIG record, and that record.
pub struct Split {
    /// What the signer digested: TSIG removed, ARCOUNT one less, the original ID put back.
    pub unsigned: Vec<u8>,
    /// The record, if the last one of the message was a TSIG.
    pub tsig: Option<TsigRecord>,
}

/// Takes the TSIG record off a message; `None` when the octets cannot be walked.
pub fn split(octets: &[u8]) -> Option<Split> {
    let mut at = HEADER;
    for _ in 0..be16(octets, 4)? {
        at = name_at(octets, at)?.1.checked_add(4)?;
    }
    let additional = be16(octets, 10)?;
    let before = usize::from(be16(octets, 6)?) + usize::from(be16(octets, 8)?);
    let total = before + usize::from(additional);
    for index in 0..total {
        let start = at;
        let (owner, fixed) = name_at(octets, at)?;
        let rdata = fixed.checked_add(10)?;
        let end = rdata.checked_add(usize::from(be16(octets, fixed.checked_add(8)?)?))?;
        octets.get(..end)?;
        if be16(octets, fixed)? == TYPE_TSIG && index + 1 == total && additional > 0 {
            let tsig = read_tsig(owner, octets, rdata, end)?;
            let mut unsigned = octets.get(..start)?.to_vec();
            put16(&mut unsigned, 0, tsig.original_id);
            put16(&mut unsigned, 10, additional - 1);
            return Some(Split { unsigned, tsig: Some(tsig) });
        }
        at = end;
    }
    Some(Split { unsigned: octets.to_vec(), tsig: None })
}

/// RFC 8945 section 4.2: the fields of the RDATA, which must be used up exactly.
fn read_tsig(key_name: Vec<u8>, octets: &[u8], start: usize, end: usize) -> Option<TsigRecord> {
    let (algorithm, at) = name_at(octets, start)?;
    let time_signed = be48(octets, at)?;
    let fudge = be16(octets, at + 6)?;
    let mac_end = at.checked_add(10)?.checked_add(usize::from(be16(octets, at + 8)?))?;
    let mac = octets.get(at + 10..mac_end)?.to_vec();
    let original_id = be16(octets, mac_end)?;
    let error = be16(octets, mac_end + 2)?;
    let other_end = mac_end.checked_add(6)?.checked_add(usize::from(be16(octets, mac_end + 4)?))?;
    let other = octets.get(mac_end + 6..other_end)?.to_vec();
    (other_end == end).then_some(TsigRecord { key_name, algorithm, time_signed, fudge, mac, original_id, error, other })
}

/// The name at `start`, expanded and in lower case, and the offset after it.
///
/// RFC 1035 section 4.1.4: a pointer leads to a *prior* occurrence; each must point before the part being read.
pub fn name_at(octets: &[u8], start: usize) -> Option<(Vec<u8>, usize)> {
    let (mut name, mut at, mut part, mut after) = (Vec::new(), start, start, None);
    loop {
        let length = *octets.get(at)?;
        match length {
            0 => {
                name.push(0);
                return (name.len() <= MAX_NAME).then_some((name, after.unwrap_or(at + 1)));
            }
            1..=63 => {
                let label = octets.get(at..=at + usize::from(length))?;
                name.extend(label.iter().map(u8::to_ascii_lowercase));
                at += label.len();
            }
            0xC0.. => {
                let target = usize::from(be16(octets, at)? & 0x3FFF);
                if target >= part {
                    return None;
                }
                after = after.or(Some(at + 2));
                (at, part) = (target, target);
            }
            _ => return None,
        }
        if name.len() > MAX_NAME {
            return None;
        }
    }
}

/// Two octets, big-endian.
pub fn be16(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(octets.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Six octets, big-endian: the time of a TSIG.
fn be48(octets: &[u8], at: usize) -> Option<u64> {
    let six = octets.get(at..at.checked_add(6)?)?;
    Some(six.iter().fold(0, |value, octet| value << 8 | u64::from(*octet)))
}

/// Overwrites two octets, when they exist.
pub fn put16(octets: &mut [u8], at: usize, value: u16) {
    if let Some(place) = octets.get_mut(at..at + 2) {
        place.copy_from_slice(&value.to_be_bytes());
    }
}

//! TKEY records (RFC 2930 section 2): written into requests, read from answers.

use super::{Context, NegotiationError};
use crate::kerberos::UnixTime;
use crate::tsig::gss_algorithm;
use crate::wire::{CLASS_ANY, Header, Message, Rcode, Rtype, Section, WireName};

/// RFC 2930 section 2.5: GSS-API negotiation.
const GSS_API: u16 = 3;
/// RFC 2930 section 2.5: key deletion.
const DELETION: u16 = 5;

/// What a TKEY record says here: everything else is the same in each of ours.
struct Fields<'f> {
    /// What is asked for.
    mode: u16,
    /// From when the key counts.
    inception: u64,
    /// To when.
    expiration: u64,
    /// The token.
    key: &'f [u8],
}

/// A query for TKEY at this name, with the record in the additional section (RFC 2930 section 4).
fn query(id: u16, name: &WireName, fields: &Fields<'_>) -> Option<Vec<u8>> {
    // Seconds since 1970 in 32 bits, counted as RFC 1982 does.
    let seconds = |time: u64| u32::try_from(time & 0xFFFF_FFFF).unwrap_or(0).to_be_bytes();
    let algorithm = gss_algorithm();
    let length = u16::try_from(fields.key.len()).ok()?;
    let rdata = [
        algorithm.as_octets(),
        &seconds(fields.inception),
        &seconds(fields.expiration),
        &fields.mode.to_be_bytes(),
        &[0, 0],
        &length.to_be_bytes(),
        fields.key,
        &[0, 0],
    ]
    .concat();
    let mut message = Vec::with_capacity(Header::LENGTH + rdata.len() + 2 * name.as_octets().len() + 14);
    // One question, one additional record, no flag.
    for field in [id, 0, 1, 0, 0, 1] {
        message.extend_from_slice(&field.to_be_bytes());
    }
    for part in [true, false] {
        message.extend_from_slice(name.as_octets());
        message.extend_from_slice(&Rtype::TKEY.0.to_be_bytes());
        message.extend_from_slice(&CLASS_ANY.to_be_bytes());
        if !part {
            message.extend_from_slice(&[0; 4]);
            message.extend_from_slice(&u16::try_from(rdata.len()).ok()?.to_be_bytes());
            message.extend_from_slice(&rdata);
        }
    }
    u16::try_from(message.len()).is_ok().then_some(message)
}

/// The query that carries a token of the negotiation.
pub(super) fn negotiate(
    id: u16,
    name: &WireName,
    now: UnixTime,
    ends: u64,
    token: &[u8],
) -> Result<Vec<u8>, NegotiationError> {
    let fields = Fields { mode: GSS_API, inception: now.as_secs(), expiration: ends, key: token };
    query(id, name, &fields).ok_or(NegotiationError::Unbuildable)
}

/// G6, RFC 3645 section 3.2.1: the query that makes the server forget a context. It is to be signed with that context.
pub fn delete(id: u16, context: &Context, now: UnixTime) -> Option<Vec<u8>> {
    use crate::tsig::Signer;
    let fields = Fields { mode: DELETION, inception: now.as_secs(), expiration: context.ends(), key: &[] };
    query(id, context.key_name(), &fields)
}

/// The token in the one TKEY record that answers.
pub(super) fn answer<'m>(message: &Message<'m>, name: &WireName) -> Result<&'m [u8], NegotiationError> {
    if message.rcode() != Rcode::NOERROR {
        return Err(NegotiationError::Rcode(message.rcode()));
    }
    let records: Vec<_> = message.section(Section::Answer).filter(|record| record.rtype() == Rtype::TKEY).collect();
    let [record] = records.as_slice() else { return Err(NegotiationError::Records(records.len())) };
    if record.owner()? != *name {
        return Err(NegotiationError::Other("name"));
    }
    let mut rdata = record.rdata();
    let algorithm = rdata.name()?;
    rdata.take(8)?;
    let (mode, error) = (rdata.u16()?, rdata.u16()?);
    let length = rdata.u16()?;
    let token = rdata.take(length.into())?;
    let other = rdata.u16()?;
    rdata.take(other.into())?;
    if error != 0 {
        return Err(NegotiationError::Tkey(error));
    }
    if algorithm != gss_algorithm() {
        return Err(NegotiationError::Other("algorithm"));
    }
    if mode != GSS_API {
        return Err(NegotiationError::Other("mode"));
    }
    Ok(token)
}

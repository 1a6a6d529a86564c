//! The walk over one field of RDATA: it ends where the field ends, or says which rule is broken.

use super::structures::{A6, AplItem, AtmaForm, Gateway, Hip, Location, check_svc_params};
use super::{Cursor, Field, NameRule, WireError, WireErrorKind};

/// Moves the cursor over one field.
pub(crate) fn skip_field(field: Field, cursor: &mut Cursor<'_>) -> Result<(), WireError> {
    match field {
        Field::U8 => cursor.take(1).map(drop),
        Field::U16 | Field::Type => cursor.take(2).map(drop),
        Field::U32 | Field::Time | Field::Ipv4 => cursor.take(4).map(drop),
        Field::U48 | Field::Eui48 => cursor.take(6).map(drop),
        Field::U64 | Field::Ilnp64 | Field::Eui64 => cursor.take(8).map(drop),
        Field::Ipv6 => cursor.take(16).map(drop),
        Field::Name(NameRule::Compressible) => cursor.name().map(drop),
        Field::Name(NameRule::Folded | NameRule::Kept) => cursor.uncompressed_name().map(drop),
        Field::OptionalText if cursor.remaining() == 0 => Ok(()),
        Field::Text | Field::OptionalText | Field::Salt => character_string(cursor).map(drop),
        Field::Texts => {
            // RFC 1035 section 3.3.14: "One or more <character-string>s".
            character_string(cursor)?;
            while cursor.remaining() > 0 {
                character_string(cursor)?;
            }
            Ok(())
        }
        Field::Tag | Field::HashedOwner => {
            // RFC 8659 section 4.1: the tag length "MUST be at least 1"; RFC 5155 section 3.1.6: 1 to 255.
            let at = cursor.position();
            let empty = character_string(cursor)?.is_empty();
            if empty { Err(WireError::new(at, WireErrorKind::RdataGrammar)) } else { Ok(()) }
        }
        Field::Hex | Field::Base64 | Field::Nsap => rest_of_at_least(1, cursor),
        // RFC 8976 section 2.2.4: "MUST NOT be shorter than 12 octets".
        Field::ZoneDigest => rest_of_at_least(12, cursor),
        Field::TextRest | Field::OptionalBase64 | Field::Base64OrHyphen | Field::Opaque => {
            cursor.take_rest();
            Ok(())
        }
        Field::SizedBase64 => {
            let length = cursor.u16()?;
            cursor.take(usize::from(length)).map(drop)
        }
        Field::TypeBitmap if cursor.remaining() == 0 => Err(cursor.error(WireErrorKind::UnexpectedEnd)),
        Field::TypeBitmap | Field::OptionalTypeBitmap => type_bitmap(cursor),
        Field::NxtBitmap => nxt_bitmap(cursor),
        Field::Ports => {
            // One bit for each of 65,536 ports.
            let at = cursor.position();
            if cursor.take_rest().len() > 8192 { Err(WireError::new(at, WireErrorKind::RdataGrammar)) } else { Ok(()) }
        }
        Field::Atma => AtmaForm::read(cursor).map(drop),
        Field::PublicKey => public_key(cursor),
        Field::SvcParams => check_svc_params(cursor),
        Field::AplItems => {
            while cursor.remaining() > 0 {
                AplItem::read(cursor)?;
            }
            Ok(())
        }
        Field::Location => Location::read(cursor).map(drop),
        Field::IpseckeyGateway => Gateway::read_ipseckey(cursor).map(drop),
        Field::AmtRelay => Gateway::read_amtrelay(cursor).map(drop),
        Field::Hip => {
            Hip::read(cursor)?;
            while cursor.remaining() > 0 {
                cursor.uncompressed_name()?;
            }
            Ok(())
        }
        Field::A6 => A6::read(cursor).map(drop),
        Field::Wins => {
            cursor.take(12)?;
            let addresses = usize::try_from(cursor.u32()?).unwrap_or(usize::MAX);
            cursor.take(addresses.saturating_mul(4)).map(drop)
        }
        Field::WinsReverse => {
            cursor.take(12)?;
            cursor.uncompressed_name().map(drop)
        }
    }
}

/// One octet of length and as many octets.
fn character_string<'m>(cursor: &mut Cursor<'m>) -> Result<&'m [u8], WireError> {
    let length = cursor.u8()?;
    cursor.take(usize::from(length))
}

/// All octets to the end, which are not fewer than `least`.
fn rest_of_at_least(least: usize, cursor: &mut Cursor<'_>) -> Result<(), WireError> {
    cursor.take(least)?;
    cursor.take_rest();
    Ok(())
}

/// RFC 4034 section 4.1.2: windows in ascending order, each of 1 to 32 octets.
///
/// "Trailing zero octets in the bitmap MUST be omitted" binds who signs. NSD serves what breaks it, so it is let through
/// and compared by its octets.
fn type_bitmap(cursor: &mut Cursor<'_>) -> Result<(), WireError> {
    let mut previous = None;
    while cursor.remaining() > 0 {
        let at = cursor.position();
        let (window, length) = (cursor.u8()?, cursor.u8()?);
        if previous.is_some_and(|previous| previous >= window) || !(1..=32).contains(&length) {
            return Err(WireError::new(at, WireErrorKind::RdataGrammar));
        }
        cursor.take(usize::from(length))?;
        previous = Some(window);
    }
    Ok(())
}

/// RFC 2535 section 5.2: one map for types up to 127, without trailing zero octets; a first bit that is set announces
/// another format.
fn nxt_bitmap(cursor: &mut Cursor<'_>) -> Result<(), WireError> {
    let at = cursor.position();
    let map = cursor.take_rest();
    let other_format = map.first().is_some_and(|first| first & 0x80 != 0);
    if !other_format && (map.len() > 16 || map.last() == Some(&0)) {
        return Err(WireError::new(at, WireErrorKind::RdataGrammar));
    }
    Ok(())
}

/// RFC 4034 section A.1.1: with algorithm 253 the key begins with an uncompressed domain name, with 254 with an object
/// identifier behind one octet of its length.
fn public_key(cursor: &mut Cursor<'_>) -> Result<(), WireError> {
    /// PRIVATEDNS of the registry.
    const PRIVATE_DNS: u8 = 253;
    /// PRIVATEOID of the registry.
    const PRIVATE_OID: u8 = 254;
    match cursor.u8()? {
        PRIVATE_DNS => drop(cursor.uncompressed_name()?),
        PRIVATE_OID => {
            let at = cursor.position();
            if character_string(cursor)?.is_empty() {
                return Err(WireError::new(at, WireErrorKind::RdataGrammar));
            }
        }
        _ => {}
    }
    cursor.take_rest();
    Ok(())
}

//! RDATA as text: the fields of its grammar, each in the form that the definition of the type gives it.

use super::date::date;
use super::structures::{location, prefix, service_parameter, suffix};
use super::text::quoted;
use super::{Shown, name, rtype};
use crate::wire::{A6, AplItem, AtmaForm, Cursor, Field, Gateway, Hip, Location, Rtype, SvcParam, WireError, WireName};
use crate::wire::{check, grammar, set_bits, types};
use data_encoding::{BASE32HEX_NOPAD, BASE64, HEXUPPER};
use std::fmt::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr};

/// RDATA in the presentation form of its type; names in it are expanded.
///
/// In the form of RFC 3597 section 5 (`\# length hexadecimal`) come: a type without a definition, octets that do not
/// follow it, and the few that do but whose text would not read back as the same octets.
pub fn rdata(rtype: Rtype, octets: &[u8]) -> impl fmt::Display {
    Shown(move |f: &mut fmt::Formatter<'_>| {
        let mut tokens = Tokens::default();
        match present(rtype, octets, &mut tokens) {
            Ok(()) if !tokens.line.is_empty() => f.write_str(&tokens.line),
            _ if octets.is_empty() => f.write_str("\\# 0"),
            _ => write!(f, "\\# {} {}", octets.len(), HEXUPPER.encode_display(octets)),
        }
    })
}

/// There is no presentation form for these octets.
pub(super) struct Unpresentable;

impl From<WireError> for Unpresentable {
    fn from(_: WireError) -> Self {
        Self
    }
}

impl From<fmt::Error> for Unpresentable {
    fn from(_: fmt::Error) -> Self {
        Self
    }
}

/// Tokens with a space between them.
#[derive(Default)]
struct Tokens {
    /// What was written.
    line: String,
}

impl Tokens {
    /// Adds one token.
    fn push(&mut self, token: impl fmt::Display) -> fmt::Result {
        if !self.line.is_empty() {
            self.line.push(' ');
        }
        write!(self.line, "{token}")
    }
}

/// Writes all fields of the grammar, if the octets follow it.
fn present(rtype: Rtype, octets: &[u8], tokens: &mut Tokens) -> Result<(), Unpresentable> {
    check(rtype, &mut Cursor::new(octets))?;
    let mut cursor = Cursor::new(octets);
    for field in grammar(rtype).ok_or(Unpresentable)?.fields {
        present_field(*field, &mut cursor, tokens)?;
    }
    Ok(())
}

/// Writes one field of RDATA that was checked.
fn present_field(field: Field, cursor: &mut Cursor<'_>, tokens: &mut Tokens) -> Result<(), Unpresentable> {
    match field {
        Field::U8 => tokens.push(cursor.u8()?)?,
        Field::U16 => tokens.push(cursor.u16()?)?,
        Field::U32 => tokens.push(cursor.u32()?)?,
        Field::U48 => tokens.push(cursor.u48()?)?,
        Field::U64 => tokens.push(u64::from_be_bytes(cursor.array()?))?,
        Field::Time => tokens.push(date(cursor.u32()?))?,
        Field::Type => tokens.push(rtype(Rtype(cursor.u16()?)))?,
        Field::Ipv4 => tokens.push(Ipv4Addr::from(cursor.array::<4>()?))?,
        Field::Ipv6 => tokens.push(Ipv6Addr::from(cursor.array::<16>()?))?,
        Field::Ilnp64 => {
            let groups: [u16; 4] = [cursor.u16()?, cursor.u16()?, cursor.u16()?, cursor.u16()?];
            let [a, b, c, d] = groups;
            tokens.push(format_args!("{a:04x}:{b:04x}:{c:04x}:{d:04x}"))?;
        }
        Field::Eui48 => tokens.push(hyphened(cursor.take(6)?))?,
        Field::Eui64 => tokens.push(hyphened(cursor.take(8)?))?,
        // The octets stand alone here: a pointer would point into nothing.
        Field::Name(_) => tokens.push(name(&cursor.uncompressed_name()?))?,
        Field::Text => tokens.push(quoted(sized(cursor)?))?,
        Field::OptionalText | Field::Texts => {
            while cursor.remaining() > 0 {
                tokens.push(quoted(sized(cursor)?))?;
            }
        }
        Field::TextRest => tokens.push(quoted(cursor.take_rest()))?,
        Field::Tag => {
            // RFC 8659 section 4.1: letters and digits. Others have no form that reads back.
            let tag = std::str::from_utf8(sized(cursor)?).map_err(|_| Unpresentable)?;
            let readable = tag.bytes().all(|octet| octet.is_ascii_alphanumeric());
            tokens.push(readable.then_some(tag).ok_or(Unpresentable)?)?;
        }
        Field::Hex | Field::ZoneDigest => tokens.push(HEXUPPER.encode_display(cursor.take_rest()))?,
        Field::OptionalBase64 => present_key(cursor, tokens)?,
        Field::Base64OrHyphen if cursor.remaining() == 0 => tokens.push('-')?,
        Field::Base64 | Field::Base64OrHyphen => tokens.push(BASE64.encode_display(cursor.take_rest()))?,
        Field::SizedBase64 => {
            let length = cursor.u16()?;
            tokens.push(length)?;
            if length > 0 {
                tokens.push(BASE64.encode_display(cursor.take(usize::from(length))?))?;
            }
        }
        Field::Salt => match sized(cursor)? {
            [] => tokens.push('-')?,
            salt => tokens.push(HEXUPPER.encode_display(salt))?,
        },
        Field::HashedOwner => tokens.push(BASE32HEX_NOPAD.encode_display(sized(cursor)?))?,
        Field::PublicKey => {
            tokens.push(cursor.u8()?)?;
            present_key(cursor, tokens)?;
        }
        Field::TypeBitmap | Field::OptionalTypeBitmap => present_types(cursor.take_rest(), tokens)?,
        Field::NxtBitmap | Field::Ports => present_bits(field, cursor.take_rest(), tokens)?,
        Field::Nsap => tokens.push(format_args!("0x{}", HEXUPPER.encode_display(cursor.take_rest())))?,
        structure => present_structure(structure, cursor, tokens)?,
    }
    Ok(())
}

/// Writes one of the fields that are more than a token.
fn present_structure(field: Field, cursor: &mut Cursor<'_>, tokens: &mut Tokens) -> Result<(), Unpresentable> {
    match field {
        Field::Atma => match AtmaForm::read(cursor)? {
            AtmaForm::EndSystem(address) => tokens.push(HEXUPPER.encode_display(address))?,
            AtmaForm::E164(digits) => tokens.push(format_args!("+{}", digits.escape_ascii()))?,
            AtmaForm::Unknown => return Err(Unpresentable),
        },
        Field::SvcParams => {
            while cursor.remaining() > 0 {
                tokens.push(service_parameter(&SvcParam::read(cursor)?)?)?;
            }
        }
        Field::AplItems => {
            while cursor.remaining() > 0 {
                tokens.push(prefix(&AplItem::read(cursor)?)?)?;
            }
        }
        Field::Location => tokens.push(location(&Location::read(cursor)?.ok_or(Unpresentable)?))?,
        Field::IpseckeyGateway => {
            let (kind, algorithm, gateway) = Gateway::read_ipseckey(cursor)?;
            tokens.push(kind)?;
            tokens.push(algorithm)?;
            present_gateway(&gateway, tokens)?;
        }
        Field::AmtRelay => {
            let (discovery, kind, relay) = Gateway::read_amtrelay(cursor)?;
            tokens.push(u8::from(discovery))?;
            tokens.push(kind)?;
            present_gateway(&relay, tokens)?;
        }
        Field::Hip => {
            let hip = Hip::read(cursor)?;
            tokens.push(hip.algorithm)?;
            tokens.push(HEXUPPER.encode_display(hip.tag))?;
            tokens.push(BASE64.encode_display(hip.key))?;
            while cursor.remaining() > 0 {
                tokens.push(name(&cursor.uncompressed_name()?))?;
            }
        }
        Field::A6 => {
            let address = A6::read(cursor)?;
            tokens.push(address.prefix)?;
            if let Some(suffix) = suffix(&address)? {
                tokens.push(suffix)?;
            }
            if let Some(octets) = address.name {
                tokens.push(name(&WireName::from_octets(octets)?))?;
            }
        }
        Field::Wins => {
            present_wins(cursor, tokens)?;
            // How many follow is how many there are.
            cursor.take(4)?;
            tokens.push('(')?;
            while cursor.remaining() > 0 {
                tokens.push(Ipv4Addr::from(cursor.array::<4>()?))?;
            }
            tokens.push(')')?;
        }
        Field::WinsReverse => {
            present_wins(cursor, tokens)?;
            tokens.push(name(&cursor.uncompressed_name()?))?;
        }
        // `Opaque`; all others were written above.
        _ => return Err(Unpresentable),
    }
    Ok(())
}

/// One octet of length and as many octets.
fn sized<'m>(cursor: &mut Cursor<'m>) -> Result<&'m [u8], WireError> {
    let length = cursor.u8()?;
    cursor.take(usize::from(length))
}

/// The rest in base64, or no token at all.
fn present_key(cursor: &mut Cursor<'_>, tokens: &mut Tokens) -> fmt::Result {
    let key = cursor.take_rest();
    if key.is_empty() { Ok(()) } else { tokens.push(BASE64.encode_display(key)) }
}

/// The types of bit maps, unless the text would lose empty windows or trailing zero octets.
fn present_types(maps: &[u8], tokens: &mut Tokens) -> Result<(), Unpresentable> {
    let mut cursor = Cursor::new(maps);
    while cursor.remaining() > 0 {
        cursor.u8()?;
        if sized(&mut cursor)?.last() == Some(&0) {
            return Err(Unpresentable);
        }
    }
    Ok(types(maps).try_for_each(|listed| tokens.push(rtype(listed)))?)
}

/// The types of NXT or the ports of WKS, with the same care.
fn present_bits(field: Field, map: &[u8], tokens: &mut Tokens) -> Result<(), Unpresentable> {
    let types = field == Field::NxtBitmap;
    if map.last() == Some(&0) || (types && map.first().is_some_and(|first| first & 0x80 != 0)) {
        return Err(Unpresentable);
    }
    let show = |number| if types { tokens.push(rtype(Rtype(number))) } else { tokens.push(number) };
    Ok(set_bits(map).try_for_each(show)?)
}

/// A gateway; the dot says that there is none (RFC 4025 section 3.1, RFC 8777 section 4.3.1).
fn present_gateway(gateway: &Gateway<'_>, tokens: &mut Tokens) -> Result<(), Unpresentable> {
    match gateway {
        Gateway::Absent => tokens.push('.')?,
        Gateway::V4(address) => tokens.push(Ipv4Addr::from(*address))?,
        Gateway::V6(address) => tokens.push(Ipv6Addr::from(*address))?,
        Gateway::Name(octets) => tokens.push(name(&WireName::from_octets(octets)?))?,
        Gateway::Unknown => return Err(Unpresentable),
    }
    Ok(())
}

/// Flag and the two time-outs as Windows writes them into zone files.
fn present_wins(cursor: &mut Cursor<'_>, tokens: &mut Tokens) -> Result<(), Unpresentable> {
    /// The record is not to be transferred.
    const LOCAL: u32 = 0x0001_0000;
    match cursor.u32()? {
        0 => {}
        LOCAL => tokens.push("LOCAL")?,
        _ => return Err(Unpresentable),
    }
    tokens.push(format_args!("L{}", cursor.u32()?))?;
    Ok(tokens.push(format_args!("C{}", cursor.u32()?))?)
}

/// Octets in lower-case hexadecimal with hyphens (RFC 7043 sections 3.2 and 4.2).
fn hyphened(octets: &[u8]) -> impl fmt::Display {
    Shown(move |f: &mut fmt::Formatter<'_>| {
        octets.iter().enumerate().try_for_each(|(at, octet)| write!(f, "{}{octet:02x}", if at == 0 { "" } else { "-" }))
    })
}

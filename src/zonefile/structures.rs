//! The presentation forms that are languages of their own: service parameters, prefixes, places, chained addresses, bit
//! maps.

use super::error::{Stop, ZoneFileErrorKind as Kind};
use super::rdata::{RdataReader, decimal, ipv4, ipv6, number, rtype_of};
use super::service;
use super::token::Token;
use crate::canonical::Form;
use crate::wire::{Field, Location};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

/// Appends one field that is more than a token.
pub(super) fn field(reader: &mut RdataReader<'_, '_>, field: Field) -> Result<(), Stop> {
    match field {
        Field::Base64OrHyphen => {
            let first = reader.tokens.expect(Kind::MissingData)?;
            if first.text == b"-" { Ok(()) } else { reader.decode_rest(first, &BASE64, Kind::Base64) }
        }
        Field::SizedBase64 => sized_base64(reader),
        Field::Salt => {
            let token = reader.tokens.expect(Kind::MissingData)?;
            let start = reader.out.len();
            reader.out.push(0);
            if token.text != b"-" {
                reader.decode(&token, &HEXLOWER_PERMISSIVE, Kind::Hexadecimal)?;
            }
            reader.close_sized(start).ok_or_else(|| token.fault(Kind::StringTooLong).into())
        }
        Field::HashedOwner => reader.hashed_owner(),
        Field::TypeBitmap | Field::OptionalTypeBitmap => type_bitmap(reader),
        Field::NxtBitmap => bits(reader, |token| match rtype_of(token)?.0 {
            // RFC 2535 section 5.2: types up to 127; bit 0 would announce another format.
            listed @ 1..=127 => Ok(listed),
            _ => Err(token.fault(Kind::UnknownType)),
        }),
        Field::Ports => bits(reader, |token| {
            let port = number(token, u64::from(u16::MAX))?;
            u16::try_from(port).map_err(|_| token.fault(Kind::Number))
        }),
        Field::Nsap => nsap(reader),
        Field::Atma => atma(reader),
        Field::SvcParams => service::parameters(reader),
        Field::AplItems => {
            while let Some(token) = reader.tokens.next()? {
                prefix(token.text, reader.out).ok_or_else(|| token.fault(Kind::Prefix))?;
            }
            Ok(())
        }
        Field::Location => location(reader),
        Field::IpseckeyGateway => {
            let kind = reader.number(3)?;
            let algorithm = reader.number(u64::from(u8::MAX))?;
            reader.push_low(kind, 1);
            reader.push_low(algorithm, 1);
            gateway(reader, kind)
        }
        Field::AmtRelay => {
            let discovery = reader.number(1)?;
            let kind = reader.number(3)?;
            reader.push_low(discovery << 7 | kind, 1);
            gateway(reader, kind)
        }
        Field::Hip => hip(reader),
        Field::A6 => a6(reader),
        Field::Wins => {
            wins_times(reader)?;
            let start = reader.out.len();
            reader.out.extend_from_slice(&[0; 4]);
            let mut count = 0_u32;
            while let Some(token) = reader.tokens.next()? {
                let address = ipv4(token.text).ok_or_else(|| token.fault(Kind::Ipv4))?;
                reader.out.extend_from_slice(&address);
                count = count.saturating_add(1);
            }
            if let Some(place) = reader.out.get_mut(start..start + 4) {
                place.copy_from_slice(&count.to_be_bytes());
            }
            Ok(())
        }
        Field::WinsReverse => {
            wins_times(reader)?;
            reader.name(Form::Bitwise)
        }
        // `Opaque`, which has no form of its own; all others were read by the caller.
        _ => Err(reader.tokens.fault_here(Kind::OnlyGeneric).into()),
    }
}

/// A number of octets, and as many in base64.
fn sized_base64(reader: &mut RdataReader<'_, '_>) -> Result<(), Stop> {
    let length = reader.number(u64::from(u16::MAX))?;
    reader.push_low(length, 2);
    if length > 0 {
        let start = reader.out.len();
        let token = reader.tokens.expect(Kind::MissingData)?;
        reader.decode(&token, &BASE64, Kind::Base64)?;
        if u64::try_from(reader.out.len().saturating_sub(start)) != Ok(length) {
            return Err(token.fault(Kind::Base64).into());
        }
    }
    Ok(())
}

/// RFC 4034 section 4.1.2: windows in ascending order, without trailing zero octets; the types come in any order.
fn type_bitmap(reader: &mut RdataReader<'_, '_>) -> Result<(), Stop> {
    // Two octets a type; sorted, they give the windows.
    let start = reader.out.len();
    while let Some(token) = reader.tokens.next()? {
        let listed = rtype_of(&token)?;
        reader.out.extend_from_slice(&listed.0.to_be_bytes());
    }
    reader.scratch.clear();
    reader.scratch.extend_from_slice(reader.out.get(start..).unwrap_or_default());
    reader.out.truncate(start);
    let pairs = reader.scratch.as_chunks_mut::<2>().0;
    pairs.sort_unstable();
    for window in pairs.chunk_by(|[a, _], [b, _]| a == b) {
        let [number, last] = window.last().copied().unwrap_or_default();
        let length = last / 8 + 1;
        let mut map = [0_u8; 32];
        for [_, low] in window {
            if let Some(octet) = map.get_mut(usize::from(low / 8)) {
                *octet |= 0x80 >> (low % 8);
            }
        }
        reader.out.extend_from_slice(&[number, length]);
        reader.out.extend_from_slice(map.get(..usize::from(length)).unwrap_or_default());
    }
    Ok(())
}

/// One bit map to the end: bit 0 is the highest of the first octet.
fn bits(
    reader: &mut RdataReader<'_, '_>,
    bit: impl Fn(&Token<'_>) -> Result<u16, super::error::Fault>,
) -> Result<(), Stop> {
    let start = reader.out.len();
    while let Some(token) = reader.tokens.next()? {
        let bit = bit(&token)?;
        let at = start + usize::from(bit / 8);
        if reader.out.len() <= at {
            reader.out.resize(at + 1, 0);
        }
        if let Some(octet) = reader.out.get_mut(at) {
            *octet |= 0x80 >> (bit % 8);
        }
    }
    Ok(())
}

/// RFC 1706 section 6: `0x` and hexadecimal digits, dots anywhere between them.
fn nsap(reader: &mut RdataReader<'_, '_>) -> Result<(), Stop> {
    let token = reader.tokens.expect(Kind::MissingData)?;
    let bad = token.fault(Kind::Hexadecimal);
    let digits = token.text.strip_prefix(b"0x").or_else(|| token.text.strip_prefix(b"0X")).ok_or(bad)?;
    undotted(digits, reader).ok_or_else(|| bad.into())
}

/// Hexadecimal digits with dots between them.
fn undotted(digits: &[u8], reader: &mut RdataReader<'_, '_>) -> Option<()> {
    reader.scratch.clear();
    reader.scratch.extend(digits.iter().filter(|octet| **octet != b'.'));
    super::rdata::decode_into(reader.scratch, &HEXLOWER_PERMISSIVE, reader.out)
}

/// `+` and the digits of a telephone number, or an end system address in hexadecimal.
fn atma(reader: &mut RdataReader<'_, '_>) -> Result<(), Stop> {
    let token = reader.token()?;
    let (text, bad) = (token.text.to_vec(), token.fault(Kind::Identifier));
    if let Some(digits) = text.strip_prefix(b"+") {
        reader.out.push(1);
        reader.out.extend(digits.iter().filter(|octet| **octet != b'.'));
        return Ok(());
    }
    reader.out.push(0);
    undotted(&text, reader).ok_or_else(|| bad.into())
}

/// RFC 3123 section 5: `[!]family:address/prefix`; trailing zero octets of the address are not sent.
fn prefix(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (negated, text) = text.strip_prefix(b"!").map_or((0, text), |text| (0x80, text));
    let colon = text.iter().position(|octet| *octet == b':')?;
    let slash = text.iter().rposition(|octet| *octet == b'/')?;
    let (family, address) = (text.get(..colon)?, text.get(colon + 1..slash)?);
    let length = u8::try_from(decimal(text.get(slash + 1..)?)?).ok()?;
    let (v4, v6);
    let (family, octets): (u16, &[u8]) = match family {
        b"1" => {
            v4 = ipv4(address)?;
            (1, &v4)
        }
        b"2" => {
            v6 = ipv6(address)?;
            (2, &v6)
        }
        _ => return None,
    };
    let used = octets.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
    out.extend_from_slice(&family.to_be_bytes());
    out.extend_from_slice(&[length, negated | u8::try_from(used).ok()?]);
    out.extend_from_slice(octets.get(..used)?);
    Some(())
}

/// The gateway of IPSECKEY or the relay of AMTRELAY; the dot says that there is none.
fn gateway(reader: &mut RdataReader<'_, '_>, kind: u64) -> Result<(), Stop> {
    match kind {
        1 => reader.ipv4(),
        2 => reader.ipv6(),
        3 => reader.name(Form::Bitwise),
        _ => {
            let token = reader.token()?;
            if token.text == b"." { Ok(()) } else { Err(token.fault(Kind::Rdata).into()) }
        }
    }
}

/// RFC 8005 section 6: algorithm, tag in hexadecimal, key in base64, rendezvous servers.
fn hip(reader: &mut RdataReader<'_, '_>) -> Result<(), Stop> {
    let algorithm = reader.number(u64::from(u8::MAX))?;
    let start = reader.out.len();
    reader.out.push(0);
    reader.push_low(algorithm, 1);
    reader.out.extend_from_slice(&[0; 2]);
    let tag = reader.tokens.expect(Kind::MissingData)?;
    reader.decode(&tag, &HEXLOWER_PERMISSIVE, Kind::Hexadecimal)?;
    let key_at = reader.out.len();
    let key = reader.tokens.expect(Kind::MissingData)?;
    reader.decode(&key, &BASE64, Kind::Base64)?;
    let tag_length = u8::try_from(key_at.saturating_sub(start + 4)).map_err(|_| tag.fault(Kind::StringTooLong))?;
    let key_length = reader.out.len().saturating_sub(key_at);
    let key_length = u16::try_from(key_length).map_err(|_| key.fault(Kind::RdataTooLong))?;
    let [high, low] = key_length.to_be_bytes();
    if let Some([tag, _, first, second]) = reader.out.get_mut(start..start + 4) {
        (*tag, *first, *second) = (tag_length, high, low);
    }
    loop {
        let mut ahead = reader.tokens.clone();
        if ahead.next()?.is_none() {
            return Ok(());
        }
        reader.name(Form::Bitwise)?;
    }
}

/// RFC 2874 section 3.2: the prefix length, the suffix unless all bits are in the prefix, the name unless none are.
fn a6(reader: &mut RdataReader<'_, '_>) -> Result<(), Stop> {
    let prefix = reader.number(128)?;
    reader.push_low(prefix, 1);
    let suffix_octets = usize::try_from((128 - prefix).div_ceil(8)).unwrap_or(0);
    if suffix_octets > 0 {
        let token = reader.token()?;
        let bad = token.fault(Kind::Ipv6);
        let address = ipv6(token.text).ok_or(bad)?;
        let (rest, suffix) = address.split_at_checked(16 - suffix_octets).ok_or(bad)?;
        let padding = u32::try_from(prefix % 8).unwrap_or(0);
        let fits = rest.iter().all(|octet| *octet == 0)
            && suffix.first().is_none_or(|first| padding == 0 || first.leading_zeros() >= padding);
        if !fits {
            return Err(bad.into());
        }
        reader.out.extend_from_slice(suffix);
    }
    if prefix > 0 { reader.name(reader.form) } else { Ok(()) }
}

/// What the Windows DNS server writes before the addresses or the name: `LOCAL`, then look-up and cache time-out with
/// `L` and `C` before them (Windows 2000 wrote them without).
fn wins_times(reader: &mut RdataReader<'_, '_>) -> Result<(), Stop> {
    /// The record is not to be transferred.
    const LOCAL: u64 = 0x0001_0000;
    let mut ahead = reader.tokens.clone();
    let local = ahead.next()?.is_some_and(|token| token.text.eq_ignore_ascii_case(b"LOCAL"));
    if local {
        reader.token()?;
    }
    reader.push_low(if local { LOCAL } else { 0 }, 4);
    for letter in [b'L', b'C'] {
        let token = reader.token()?;
        let digits = match token.text.split_first() {
            Some((first, digits)) if first.eq_ignore_ascii_case(&letter) => digits,
            _ => token.text,
        };
        let seconds = decimal(digits).and_then(|seconds| u32::try_from(seconds).ok());
        let seconds = seconds.ok_or_else(|| token.fault(Kind::Number))?;
        reader.push_low(u64::from(seconds), 4);
    }
    Ok(())
}

/// RFC 1876 section 3: `d [m [s]] N|S d [m [s]] E|W altitude [size [horizontal [vertical]]]`.
fn location(reader: &mut RdataReader<'_, '_>) -> Result<(), Stop> {
    let latitude = angle(reader, [b'N', b'S'])?;
    let longitude = angle(reader, [b'E', b'W'])?;
    let token = reader.token()?;
    let bad = token.fault(Kind::Location);
    let (below, text) = token.text.strip_prefix(b"-").map_or((false, token.text), |text| (true, text));
    let metres = centimetres(text).ok_or(bad)?;
    // The base is 100,000 m below the spheroid.
    let altitude = if below { 10_000_000_u64.checked_sub(metres) } else { metres.checked_add(10_000_000) };
    let altitude = altitude.and_then(|altitude| u32::try_from(altitude).ok()).ok_or(bad)?;
    // RFC 1876 section 3: 1 m, 10,000 m and 10 m if they are not stated.
    let mut sizes = [0x12_u8, 0x16, 0x13];
    for size in &mut sizes {
        let Some(token) = reader.tokens.next()? else { break };
        let metres = centimetres(token.text).filter(|_| !token.quoted);
        *size = metres.and_then(size_octet).ok_or_else(|| token.fault(Kind::Location))?;
    }
    reader.out.push(0);
    reader.out.extend_from_slice(&sizes);
    reader.out.extend([latitude, longitude, altitude].into_iter().flat_map(u32::to_be_bytes));
    Ok(())
}

/// Degrees, minutes, seconds and thousandths, with the letter of a half of the earth behind them.
fn angle(reader: &mut RdataReader<'_, '_>, [positive, negative]: [u8; 2]) -> Result<u32, Stop> {
    let mut thousandths = 0_u64;
    for (unit, limit) in [(3_600_000, 180), (60_000, 59), (1_000, 59), (0, 0)] {
        let token = reader.token()?;
        let bad = token.fault(Kind::Location);
        if let [letter] = token.text {
            let distance = u32::try_from(thousandths).map_err(|_| bad)?;
            // A first token without a number is no angle.
            let half = if unit == 3_600_000 { 0 } else { letter.to_ascii_uppercase() };
            if half == positive {
                return Ok(Location::MIDDLE.checked_add(distance).ok_or(bad)?);
            }
            if half == negative {
                return Ok(Location::MIDDLE.checked_sub(distance).ok_or(bad)?);
            }
        }
        let (whole, fraction) = decimals(token.text, 3).ok_or(bad)?;
        if whole > limit || unit == 0 || (fraction > 0 && unit != 1_000) {
            return Err(bad.into());
        }
        thousandths += whole * unit + fraction;
    }
    Err(reader.tokens.fault_here(Kind::Location).into())
}

/// Metres as centimetres, with or without the `m`.
fn centimetres(text: &[u8]) -> Option<u64> {
    let (metres, centimetres) = decimals(text.strip_suffix(b"m").unwrap_or(text), 2)?;
    metres.checked_mul(100)?.checked_add(centimetres)
}

/// A decimal number and up to `places` digits behind its point, as a whole number of the last place.
fn decimals(text: &[u8], places: usize) -> Option<(u64, u64)> {
    let Some(point) = text.iter().position(|octet| *octet == b'.') else { return Some((decimal(text)?, 0)) };
    let (whole, fraction) = (text.get(..point)?, text.get(point + 1..)?);
    let missing = places.checked_sub(fraction.len())?;
    Some((decimal(whole)?, decimal(fraction)?.checked_mul(10_u64.checked_pow(u32::try_from(missing).ok()?)?)?))
}

/// RFC 1876 section 2: one digit and a power of ten; further digits are cut off, as in the RFC's own program and in
/// BIND, so that a file equals what a server makes of it.
fn size_octet(centimetres: u64) -> Option<u8> {
    let (mut mantissa, mut exponent) = (centimetres, 0_u8);
    while mantissa > 9 {
        mantissa /= 10;
        exponent += 1;
    }
    let mantissa = u8::try_from(mantissa).ok()?;
    (exponent <= 9).then_some(mantissa << 4 | exponent)
}

//! The presentation forms that are languages of their own: service parameters, prefixes, places, chained addresses.

use super::Shown;
use super::rdata::Unpresentable;
use super::text::write_in_quotes;
use crate::wire::{A6, AplItem, Location, SvcParam};
use data_encoding::BASE64;
use std::fmt::{self, Display, Write};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The registry of service parameters, as far as values have a form of their own.
const SERVICE_KEYS: [&str; 9] =
    ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"];

/// One parameter (RFC 9460 section 2.1), its value checked by the walk.
pub(super) fn service_parameter(param: &SvcParam<'_>) -> Result<String, Unpresentable> {
    let (key, value) = (service_key(param.key), param.value);
    let with_value = |shown: &dyn Display| format!("{key}={shown}");
    Ok(match param.key {
        0 => with_value(&listed(|| param.keys().map(service_key))),
        1 => with_value(&Shown(|f: &mut fmt::Formatter<'_>| write_identifiers(param, f))),
        _ if value.is_empty() => key.to_string(),
        3 => with_value(&u16::from_be_bytes(value.try_into().map_err(|_| Unpresentable)?)),
        4 => with_value(&listed(|| value.as_chunks::<4>().0.iter().map(|address| Ipv4Addr::from(*address)))),
        5 => with_value(&BASE64.encode_display(value)),
        6 => with_value(&listed(|| value.as_chunks::<16>().0.iter().map(|address| Ipv6Addr::from(*address)))),
        _ => with_value(&super::text::quoted(value)),
    })
}

/// The name of a key; `keyN` where the registry's is not known here.
fn service_key(key: u16) -> impl Display {
    Shown(move |f: &mut fmt::Formatter<'_>| match SERVICE_KEYS.get(usize::from(key)) {
        Some(known) => f.write_str(known),
        None => write!(f, "key{key}"),
    })
}

/// The key of that name or `keyN`, and whether it was its name: behind `keyN` the value is octets (RFC 9460 section 2.1).
pub(crate) fn service_key_from_text(text: &str) -> Option<(u16, bool)> {
    if let Some(key) = SERVICE_KEYS.iter().position(|known| *known == text) {
        return Some((u16::try_from(key).ok()?, true));
    }
    let digits = text.strip_prefix("key").filter(|digits| digits.bytes().all(|octet| octet.is_ascii_digit()))?;
    Some((digits.parse().ok()?, false))
}

/// Items with commas between them.
fn listed<I: Iterator<Item: Display>>(items: impl Fn() -> I) -> impl Display {
    Shown(move |f: &mut fmt::Formatter<'_>| {
        items().enumerate().try_for_each(|(at, item)| write!(f, "{}{item}", if at == 0 { "" } else { "," }))
    })
}

/// Protocol identifiers in quotes.
///
/// RFC 9460 appendix A.1: the comma and the backslash within an item get a backslash, and then the whole list is escaped
/// like any character string.
fn write_identifiers(param: &SvcParam<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for (at, identifier) in param.identifiers().enumerate() {
        if at > 0 {
            f.write_char(',')?;
        }
        for octet in identifier {
            if matches!(octet, b',' | b'\\') {
                f.write_str("\\\\")?;
            }
            write_in_quotes(*octet, f)?;
        }
    }
    f.write_char('"')
}

/// One address prefix (RFC 3123 section 5); other families than IPv4 and IPv6 have no form.
pub(super) fn prefix(item: &AplItem<'_>) -> Result<impl Display, Unpresentable> {
    let mut octets = [0_u8; 16];
    octets.get_mut(..item.address.len()).ok_or(Unpresentable)?.copy_from_slice(item.address);
    let negated = if item.negated { "!" } else { "" };
    let [a, b, c, d, ..] = octets;
    let address = match item.family {
        1 => Ipv4Addr::new(a, b, c, d).to_string(),
        2 => Ipv6Addr::from(octets).to_string(),
        _ => return Err(Unpresentable),
    };
    Ok(format!("{negated}{}:{address}/{}", item.family, item.prefix))
}

/// A place (RFC 1876 section 3), every part of it written out.
pub(super) fn location(place: &Location) -> impl Display {
    let place = *place;
    Shown(move |f: &mut fmt::Formatter<'_>| {
        write_angle(place.latitude, ["N", "S"], f)?;
        write_angle(place.longitude, ["E", "W"], f)?;
        // The base is 100,000 m below the spheroid.
        let altitude = i64::from(place.altitude) - 10_000_000;
        let sign = if altitude < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}m", altitude.abs() / 100, altitude.abs() % 100)?;
        place.sizes.into_iter().try_for_each(|size| {
            let centimetres = u64::from(size >> 4) * 10_u64.pow(u32::from(size & 0xF));
            match centimetres % 100 {
                0 if centimetres > 0 => write!(f, " {}m", centimetres / 100),
                rest => write!(f, " {}.{rest:02}m", centimetres / 100),
            }
        })
    })
}

/// Degrees, minutes, seconds and the hemisphere, with a space behind.
fn write_angle(angle: u32, [positive, negative]: [&str; 2], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let distance = angle.abs_diff(Location::MIDDLE);
    let (seconds, thousandths) = (distance / 1000, distance % 1000);
    let hemisphere = if angle < Location::MIDDLE { negative } else { positive };
    let (degrees, minutes) = (seconds / 3600, seconds / 60 % 60);
    write!(f, "{degrees} {minutes} {}.{thousandths:03} {hemisphere} ", seconds % 60)
}

/// The suffix of an A6 (RFC 2874 section 3.2), absent if all bits are in the prefix; bits that belong to the prefix have
/// no form unless they are zero.
pub(super) fn suffix(address: &A6<'_>) -> Result<Option<Ipv6Addr>, Unpresentable> {
    let Some(first) = address.suffix.first() else { return Ok(None) };
    let padding = address.prefix % 8;
    if first.leading_zeros() < u32::from(padding) {
        return Err(Unpresentable);
    }
    let mut octets = [0_u8; 16];
    let start = octets.len().checked_sub(address.suffix.len()).ok_or(Unpresentable)?;
    octets.get_mut(start..).ok_or(Unpresentable)?.copy_from_slice(address.suffix);
    Ok(Some(Ipv6Addr::from(octets)))
}

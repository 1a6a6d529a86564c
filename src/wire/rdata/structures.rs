//! RDATA that is more than a row of fields: parts that depend on one another, read once for the walk and for those who
//! print them.

use super::{Cursor, WireError, WireErrorKind};
use crate::wire::Rtype;

/// The octets of an uncompressed name, borrowed.
pub(crate) fn name_octets<'m>(cursor: &mut Cursor<'m>) -> Result<&'m [u8], WireError> {
    let mut start = cursor.clone();
    let length = cursor.uncompressed_name()?.as_octets().len();
    start.take(length)
}

/// The types in the bit maps of RFC 4034 section 4.1.2, ascending; reading stops at a map that breaks the grammar.
pub(crate) fn types(maps: &[u8]) -> impl Iterator<Item = Rtype> {
    let mut cursor = Cursor::new(maps);
    let windows = std::iter::from_fn(move || {
        let (window, length) = (cursor.u8().ok()?, cursor.u8().ok()?);
        Some((u16::from(window) << 8, cursor.take(usize::from(length.min(32))).ok()?))
    });
    windows.flat_map(|(base, map)| set_bits(map).map(move |bit| Rtype(base | bit)))
}

/// The numbers of the bits that are set, the highest bit of the first octet being 0: the types of RFC 2535 section 5.2
/// and the ports of RFC 1035 section 3.4.2.
pub(crate) fn set_bits(map: &[u8]) -> impl Iterator<Item = u16> {
    let bits = map.iter().flat_map(|octet| (0..8).rev().map(move |shift| octet >> shift & 1 == 1));
    (0..=u16::MAX).zip(bits).filter_map(|(number, set)| set.then_some(number))
}

/// One parameter of a service binding (RFC 9460 section 2.2).
#[derive(Debug, Clone, Copy)]
pub(crate) struct SvcParam<'m> {
    /// `SvcParamKey`.
    pub(crate) key: u16,
    /// `SvcParamValue`.
    pub(crate) value: &'m [u8],
}

impl<'m> SvcParam<'m> {
    /// Reads one parameter and holds its value to the grammar of its key, if that is registered.
    pub(crate) fn read(cursor: &mut Cursor<'m>) -> Result<Self, WireError> {
        let at = cursor.position();
        let key = cursor.u16()?;
        let length = cursor.u16()?;
        let value = cursor.take(usize::from(length))?;
        let whole = match key {
            // RFC 9460 section 8: keys in strictly increasing order, "mandatory" not among them.
            0 => !value.is_empty() && value.len() % 2 == 0 && ascending_from(1, value),
            // RFC 9460 section 7.1: one or more identifiers, none of them empty.
            1 => !value.is_empty() && identifiers(value).all(|identifier| identifier.is_some_and(|i| !i.is_empty())),
            // RFC 9460 section 7.1, RFC 9540 section 3: keys that have no value.
            2 | 8 => value.is_empty(),
            3 => value.len() == 2,
            // RFC 9460 section 7.3: a list of addresses, not empty.
            4 => !value.is_empty() && value.len() % 4 == 0,
            5 => !value.is_empty(),
            6 => !value.is_empty() && value.len() % 16 == 0,
            // RFC 9461 section 5: a URI template in UTF-8.
            7 => std::str::from_utf8(value).is_ok(),
            _ => true,
        };
        if whole { Ok(Self { key, value }) } else { Err(WireError::new(at, WireErrorKind::RdataGrammar)) }
    }

    /// The value as keys, for "mandatory".
    pub(crate) fn keys(&self) -> impl Iterator<Item = u16> + use<'m> {
        keys(self.value)
    }

    /// The value as identifiers, for "alpn".
    pub(crate) fn identifiers(&self) -> impl Iterator<Item = &'m [u8]> + use<'m> {
        identifiers(self.value).flatten()
    }
}

/// Pairs of octets as keys.
fn keys(value: &[u8]) -> impl Iterator<Item = u16> + use<'_> {
    value.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair))
}

/// Whether the keys are strictly ascending, the first not below `least`.
fn ascending_from(least: u16, value: &[u8]) -> bool {
    keys(value).next().is_some_and(|first| first >= least) && keys(value).is_sorted_by(|a, b| a < b)
}

/// Character strings to the end; `None` for one that is cut.
fn identifiers(value: &[u8]) -> impl Iterator<Item = Option<&[u8]>> + use<'_> {
    let mut cursor = Cursor::new(value);
    std::iter::from_fn(move || {
        let length = cursor.u8().ok()?;
        Some(cursor.take(usize::from(length)).ok().or_else(|| {
            cursor.take_rest();
            None
        }))
    })
}

/// RFC 9460 section 2.2: keys "SHALL appear in increasing numeric order" and none twice; section 8: a key that is
/// mandatory is there.
pub(super) fn check_svc_params(cursor: &mut Cursor<'_>) -> Result<(), WireError> {
    let mut again = cursor.clone();
    let (mut previous, mut mandatory) = (None, None);
    while cursor.remaining() > 0 {
        let at = cursor.position();
        let param = SvcParam::read(cursor)?;
        if previous.is_some_and(|previous| previous >= param.key) {
            return Err(WireError::new(at, WireErrorKind::RdataGrammar));
        }
        previous = Some(param.key);
        if param.key == 0 {
            mandatory = Some(param);
        }
    }
    // Both lists ascend, so one pass over the parameters finds all that are mandatory.
    for wanted in mandatory.iter().flat_map(SvcParam::keys) {
        while again.remaining() > 0 {
            let found = SvcParam::read(&mut again)?.key;
            if found == wanted {
                break;
            }
            if found > wanted || again.remaining() == 0 {
                return Err(again.error(WireErrorKind::RdataGrammar));
            }
        }
        if previous.is_none_or(|last| last < wanted) {
            return Err(again.error(WireErrorKind::RdataGrammar));
        }
    }
    Ok(())
}

/// One address prefix (RFC 3123 section 4).
#[derive(Debug, Clone, Copy)]
pub(crate) struct AplItem<'m> {
    /// The address family: 1 is IPv4, 2 is IPv6.
    pub(crate) family: u16,
    /// The prefix length in bits.
    pub(crate) prefix: u8,
    /// The N flag.
    pub(crate) negated: bool,
    /// The address without its trailing zero octets.
    pub(crate) address: &'m [u8],
}

impl<'m> AplItem<'m> {
    /// Reads one item.
    ///
    /// RFC 3123 section 4: trailing zero octets of the address "MUST NOT" be included; 4.1 and 4.2 bound the prefix.
    pub(crate) fn read(cursor: &mut Cursor<'m>) -> Result<Self, WireError> {
        let at = cursor.position();
        let (family, prefix, length) = (cursor.u16()?, cursor.u8()?, cursor.u8()?);
        let address = cursor.take(usize::from(length & 0x7F))?;
        let bounded = match family {
            1 => prefix <= 32 && address.len() <= 4,
            2 => prefix <= 128 && address.len() <= 16,
            _ => true,
        };
        if !bounded || address.last() == Some(&0) {
            return Err(WireError::new(at, WireErrorKind::RdataGrammar));
        }
        Ok(Self { family, prefix, negated: length & 0x80 != 0, address })
    }
}

/// A place on earth (RFC 1876 section 2), version 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Location {
    /// Diameter, horizontal and vertical precision: mantissa and power of ten of centimetres in four bits each.
    pub(crate) sizes: [u8; 3],
    /// Thousandths of a second of arc, 2^31 being the equator.
    pub(crate) latitude: u32,
    /// Thousandths of a second of arc, 2^31 being the prime meridian.
    pub(crate) longitude: u32,
    /// Centimetres above a base 100 km below the spheroid.
    pub(crate) altitude: u32,
}

impl Location {
    /// Latitude and longitude zero.
    pub(crate) const MIDDLE: u32 = 1 << 31;
    /// Ninety degrees in thousandths of a second.
    const QUARTER: u32 = 90 * 3_600_000;

    /// Reads one; `None` for a version other than 0.
    ///
    /// RFC 1876 section 2: implementations "make no assumptions about the format of unrecognized versions".
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Option<Self>, WireError> {
        let at = cursor.position();
        if cursor.u8()? != 0 {
            cursor.take_rest();
            return Ok(None);
        }
        let (sizes, latitude, longitude, altitude) = (cursor.array()?, cursor.u32()?, cursor.u32()?, cursor.u32()?);
        let size_fits = |size: u8| size == 0 || ((1..=9).contains(&(size >> 4)) && size & 0xF <= 9);
        let fits = sizes.into_iter().all(size_fits)
            && latitude.abs_diff(Self::MIDDLE) <= Self::QUARTER
            && longitude.abs_diff(Self::MIDDLE) <= 2 * Self::QUARTER;
        if !fits {
            return Err(WireError::new(at, WireErrorKind::RdataGrammar));
        }
        Ok(Some(Self { sizes, latitude, longitude, altitude }))
    }
}

/// Where traffic goes: the gateway of IPSECKEY, the relay of AMTRELAY.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gateway<'m> {
    /// None.
    Absent,
    /// An IPv4 address.
    V4([u8; 4]),
    /// An IPv6 address.
    V6([u8; 16]),
    /// A name, never compressed.
    Name(&'m [u8]),
    /// A type that is not registered: nobody knows where it ends, so it takes what is left.
    Unknown,
}

impl<'m> Gateway<'m> {
    /// Reads gateway type, algorithm and gateway (RFC 4025 section 2.1).
    pub(crate) fn read_ipseckey(cursor: &mut Cursor<'m>) -> Result<(u8, u8, Self), WireError> {
        let (kind, algorithm) = (cursor.u8()?, cursor.u8()?);
        Ok((kind, algorithm, Self::read(kind, cursor)?))
    }

    /// Reads discovery bit, relay type and relay (RFC 8777 section 4.2).
    pub(crate) fn read_amtrelay(cursor: &mut Cursor<'m>) -> Result<(bool, u8, Self), WireError> {
        let octet = cursor.u8()?;
        let kind = octet & 0x7F;
        Ok((octet & 0x80 != 0, kind, Self::read(kind, cursor)?))
    }

    /// Reads the gateway itself; both registries number the kinds alike.
    fn read(kind: u8, cursor: &mut Cursor<'m>) -> Result<Self, WireError> {
        Ok(match kind {
            0 => Self::Absent,
            1 => Self::V4(cursor.array()?),
            2 => Self::V6(cursor.array()?),
            3 => Self::Name(name_octets(cursor)?),
            _ => {
                cursor.take_rest();
                Self::Unknown
            }
        })
    }
}

/// A host identity (RFC 8005 section 5) without its rendezvous servers, which follow to the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hip<'m> {
    /// The algorithm of the key.
    pub(crate) algorithm: u8,
    /// The host identity tag.
    pub(crate) tag: &'m [u8],
    /// The public key.
    pub(crate) key: &'m [u8],
}

impl<'m> Hip<'m> {
    /// Reads up to the first rendezvous server; neither tag nor key can be empty.
    pub(crate) fn read(cursor: &mut Cursor<'m>) -> Result<Self, WireError> {
        let at = cursor.position();
        let (tag_length, algorithm, key_length) = (cursor.u8()?, cursor.u8()?, cursor.u16()?);
        if tag_length == 0 || key_length == 0 {
            return Err(WireError::new(at, WireErrorKind::RdataGrammar));
        }
        let tag = cursor.take(usize::from(tag_length))?;
        Ok(Self { algorithm, tag, key: cursor.take(usize::from(key_length))? })
    }
}

/// A chained IPv6 address (RFC 2874 section 3.1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct A6<'m> {
    /// How many bits the name stands for.
    pub(crate) prefix: u8,
    /// The octets of the suffix, padded to whole octets at its left.
    pub(crate) suffix: &'m [u8],
    /// The name of the prefix, absent when `prefix` is 0; never compressed.
    pub(crate) name: Option<&'m [u8]>,
}

impl<'m> A6<'m> {
    /// Reads the whole.
    pub(crate) fn read(cursor: &mut Cursor<'m>) -> Result<Self, WireError> {
        let prefix = cursor.u8()?;
        let Some(bits) = 128_usize.checked_sub(usize::from(prefix)) else {
            return Err(cursor.error(WireErrorKind::RdataGrammar));
        };
        let suffix = cursor.take(bits.div_ceil(8))?;
        let name = if prefix == 0 { None } else { Some(name_octets(cursor)?) };
        Ok(Self { prefix, suffix, name })
    }
}

/// An ATM address (ATM Name System, af-dans-0152, section 3.2).
#[derive(Debug, Clone, Copy)]
pub(crate) enum AtmaForm<'m> {
    /// An end system address.
    EndSystem(&'m [u8]),
    /// Digits of a telephone number.
    E164(&'m [u8]),
    /// A format that is not defined.
    Unknown,
}

impl<'m> AtmaForm<'m> {
    /// Reads format and address, which is not empty.
    pub(crate) fn read(cursor: &mut Cursor<'m>) -> Result<Self, WireError> {
        let format = cursor.u8()?;
        let at = cursor.position();
        cursor.clone().take(1)?;
        let address = cursor.take_rest();
        match format {
            0 => Ok(Self::EndSystem(address)),
            1 if address.iter().all(u8::is_ascii_digit) => Ok(Self::E164(address)),
            1 => Err(WireError::new(at, WireErrorKind::RdataGrammar)),
            _ => Ok(Self::Unknown),
        }
    }
}

//! RDATA from its text: the fields of the grammar, each in the form that the definition of the type gives it.
//!
//! The grammar is the table of `wire::rdata`, so what is read here is what the walk accepts and what `present` shows.

use super::error::{Fault, Stop, ZoneFileErrorKind as Kind};
use super::mnemonic::{mnemonics, public_key_algorithms};
use super::name::Naming;
use super::number::{seconds_of_date, seconds_with_units};
use super::structures;
use super::token::{Token, Tokens, unescape};
use crate::canonical::Form;
use crate::present::rtype_from_text;
use crate::wire::{A6, Cursor, Field, Folding, NameRule, Rtype, WireError, check, grammar, skip_field};
use data_encoding::{BASE32HEX_NOPAD, BASE64, Encoding, HEXLOWER_PERMISSIVE};
use std::net::{Ipv4Addr, Ipv6Addr};

/// RDATA being read: tokens in, octets out.
#[derive(Debug)]
pub(super) struct RdataReader<'r, 'e> {
    /// The tokens behind the type.
    pub(super) tokens: &'r mut Tokens<'e>,
    /// How names are read.
    pub(super) naming: Naming<'r>,
    /// How names are written.
    pub(super) form: Form,
    /// Where the octets go.
    pub(super) out: &'r mut Vec<u8>,
    /// Room for text that has to be put together first.
    pub(super) scratch: &'r mut Vec<u8>,
}

impl<'e> RdataReader<'_, 'e> {
    /// Appends the RDATA and passes the end of the entry.
    pub(super) fn read(&mut self, rtype: Rtype) -> Result<(), Stop> {
        let start = self.out.len();
        if self.tokens.may_be_generic() {
            let ahead = self.tokens.clone().next()?;
            if ahead.is_some_and(|token| !token.quoted() && token.text == b"\\#") {
                self.tokens.next()?;
                return self.generic(rtype);
            }
        }
        let Some(grammar) = grammar(rtype).filter(|grammar| grammar.fields != [Field::Opaque]) else {
            return Err(self.tokens.fault_here(Kind::OnlyGeneric).into());
        };
        let mut certain = true;
        for (index, field) in grammar.fields.iter().enumerate() {
            certain &= is_certain(*field);
            self.field(rtype, index, *field)?;
        }
        if let Some(token) = self.tokens.next()? {
            return Err(token.fault(Kind::TooMuchData).into());
        }
        let octets = self.out.get(start..).unwrap_or_default();
        if octets.len() > usize::from(u16::MAX) {
            return Err(self.tokens.fault_here(Kind::RdataTooLong).into());
        }
        if !certain && check(rtype, &mut Cursor::new(octets)).is_err() {
            return Err(self.tokens.fault_here(Kind::Rdata).into());
        }
        Ok(())
    }

    /// RFC 3597 section 5: `\# length hexadecimal`; for a type with a grammar it means what it would mean on the wire.
    fn generic(&mut self, rtype: Rtype) -> Result<(), Stop> {
        let length_token = self.tokens.expect(Kind::Generic)?;
        let length = number(&length_token, u64::from(u16::MAX)).map_err(|_| length_token.fault(Kind::Generic))?;
        let start = self.out.len();
        if let Some(first) = self.tokens.next()? {
            self.decode_rest(first, &HEXLOWER_PERMISSIVE, Kind::Hexadecimal)?;
        }
        let octets = self.out.get(start..).unwrap_or_default();
        if u64::try_from(octets.len()) != Ok(length) {
            return Err(length_token.fault(Kind::Generic).into());
        }
        // As on the wire, octets of a type for private use may be anything (RFC 6895 section 3.1).
        if rtype.is_private_use() {
            return Ok(());
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(octets);
        self.out.truncate(start);
        push_checked(rtype, self.scratch, self.form, self.out).map_err(|_| length_token.fault(Kind::Rdata).into())
    }

    /// Appends one field.
    fn field(&mut self, rtype: Rtype, index: usize, field: Field) -> Result<(), Stop> {
        match field {
            Field::U8 => self.mnemonic_or_number(rtype, index, u64::from(u8::MAX)).map(|value| self.push_low(value, 1)),
            Field::U16 => {
                self.mnemonic_or_number(rtype, index, u64::from(u16::MAX)).map(|value| self.push_low(value, 2))
            }
            Field::U32 if rtype == Rtype::SOA && index > 2 => {
                // BIND, Knot and NSD take units for the timers of a SOA, as for a TTL.
                let token = self.token()?;
                let seconds = seconds_with_units(token.text).ok_or_else(|| token.fault(Kind::Number))?;
                self.out.extend_from_slice(&seconds.to_be_bytes());
                Ok(())
            }
            Field::U32 => self.number(u64::from(u32::MAX)).map(|value| self.push_low(value, 4)),
            Field::U48 => self.number((1 << 48) - 1).map(|value| self.push_low(value, 6)),
            Field::U64 => self.number(u64::MAX).map(|value| self.push_low(value, 8)),
            Field::Time => self.time(),
            Field::Type => {
                let token = self.token()?;
                let listed = rtype_of(&token)?;
                self.out.extend_from_slice(&listed.0.to_be_bytes());
                Ok(())
            }
            Field::Ipv4 => self.ipv4(),
            Field::Ipv6 => self.ipv6(),
            Field::Ilnp64 => self.digits(b':', 4, 1),
            Field::Eui48 => self.digits(b'-', 6, 2),
            Field::Eui64 => self.digits(b'-', 8, 2),
            Field::Name(NameRule::Kept) => self.name(Form::Bitwise),
            Field::Name(NameRule::Compressible | NameRule::Folded) => self.name(self.form),
            Field::Text => {
                let token = self.tokens.expect(Kind::MissingData)?;
                Ok(self.string(&token)?)
            }
            Field::OptionalText => match self.tokens.next()? {
                Some(token) => Ok(self.string(&token)?),
                None => Ok(()),
            },
            Field::Texts => {
                let first = self.tokens.expect(Kind::MissingData)?;
                self.string(&first)?;
                while let Some(token) = self.tokens.next()? {
                    self.string(&token)?;
                }
                Ok(())
            }
            Field::TextRest => {
                let token = self.tokens.expect(Kind::MissingData)?;
                Ok(unescape(&token, self.naming.escapes, self.out)?)
            }
            Field::Tag => {
                let token = self.token()?;
                if !token.text.iter().all(u8::is_ascii_alphanumeric) {
                    return Err(token.fault(Kind::Tag).into());
                }
                Ok(self.string(&token)?)
            }
            Field::Hex | Field::ZoneDigest => {
                let first = self.token()?;
                self.decode_rest(first, &HEXLOWER_PERMISSIVE, Kind::Hexadecimal)
            }
            Field::Base64 => {
                let first = self.token()?;
                self.decode_rest(first, &BASE64, Kind::Base64)
            }
            Field::OptionalBase64 => self.optional_base64(),
            Field::PublicKey => {
                let algorithm = self.named_number(u64::from(u8::MAX), public_key_algorithms())?;
                self.push_low(algorithm, 1);
                self.optional_base64()
            }
            structure => structures::field(self, structure),
        }
    }

    /// The next token, which is no string in quotes.
    pub(super) fn token(&mut self) -> Result<Token<'e>, Stop> {
        let token = self.tokens.expect(Kind::MissingData)?;
        if token.quoted() { Err(token.fault(Kind::Quoted).into()) } else { Ok(token) }
    }

    /// A decimal number up to `most`.
    pub(super) fn number(&mut self, most: u64) -> Result<u64, Stop> {
        let token = self.token()?;
        Ok(number(&token, most)?)
    }

    /// A decimal number, or one of those words.
    fn named_number(&mut self, most: u64, words: &[(&str, u64)]) -> Result<u64, Stop> {
        let token = self.token()?;
        number(&token, most).or_else(|fault| {
            let named = words.iter().find(|(word, _)| token.text.eq_ignore_ascii_case(word.as_bytes()));
            named.map(|(_, value)| *value).ok_or(fault.into())
        })
    }

    /// A decimal number, or a word that stands for it in this field of this type.
    fn mnemonic_or_number(&mut self, rtype: Rtype, index: usize, most: u64) -> Result<u64, Stop> {
        self.named_number(most, mnemonics(rtype, index))
    }

    /// Appends that many low octets of a number.
    pub(super) fn push_low(&mut self, value: u64, octets: usize) {
        let all = value.to_be_bytes();
        self.out.extend_from_slice(all.get(all.len().saturating_sub(octets)..).unwrap_or_default());
    }

    /// RFC 4034 section 3.2: a date of 14 digits, or seconds since 1970 in at most 10.
    fn time(&mut self) -> Result<(), Stop> {
        let token = self.token()?;
        let seconds = match token.text.len() {
            14 => seconds_of_date(token.text),
            _ => number(&token, u64::from(u32::MAX)).ok().and_then(|seconds| u32::try_from(seconds).ok()),
        };
        let seconds = seconds.ok_or_else(|| token.fault(Kind::Time))?;
        self.out.extend_from_slice(&seconds.to_be_bytes());
        Ok(())
    }

    /// C13: an address is its octets, however it is written.
    pub(super) fn ipv4(&mut self) -> Result<(), Stop> {
        let token = self.token()?;
        let address = ipv4(token.text).ok_or_else(|| token.fault(Kind::Ipv4))?;
        self.out.extend_from_slice(&address);
        Ok(())
    }

    /// As [`RdataReader::ipv4`].
    pub(super) fn ipv6(&mut self) -> Result<(), Stop> {
        let token = self.token()?;
        let address = ipv6(token.text).ok_or_else(|| token.fault(Kind::Ipv6))?;
        self.out.extend_from_slice(&address);
        Ok(())
    }

    /// Groups of two octets with at least `least` digits, or single octets with two, and a separator between them.
    fn digits(&mut self, separator: u8, groups: usize, least: usize) -> Result<(), Stop> {
        let token = self.token()?;
        let bad = token.fault(Kind::Identifier);
        let (most, size) = if separator == b':' { (4, 2) } else { (2, 1) };
        let mut found = 0;
        let mut values = [0_u64; 8];
        for (group, place) in token.text.split(|octet| *octet == separator).zip(&mut values) {
            let digits = std::str::from_utf8(group).ok().filter(|digits| digits.bytes().all(|d| d.is_ascii_hexdigit()));
            let digits = digits.filter(|digits| (least..=most).contains(&digits.len())).ok_or(bad)?;
            *place = u64::from_str_radix(digits, 16).map_err(|_| bad)?;
            found += 1;
        }
        if found != groups || token.text.split(|octet| *octet == separator).count() != groups {
            return Err(bad.into());
        }
        values.iter().take(groups).for_each(|value| self.push_low(*value, size));
        Ok(())
    }

    /// A name, folded if that form says so.
    pub(super) fn name(&mut self, form: Form) -> Result<(), Stop> {
        let token = self.tokens.expect(Kind::MissingData)?;
        let start = self.out.len();
        self.naming.push(&token, self.out)?;
        if form == Form::Canonical {
            // Length octets are below `A`.
            self.out.get_mut(start..).unwrap_or_default().make_ascii_lowercase();
        }
        Ok(())
    }

    /// A character string with its length octet.
    fn string(&mut self, token: &Token<'_>) -> Result<(), Fault> {
        let start = self.out.len();
        self.out.push(0);
        unescape(token, self.naming.escapes, self.out)?;
        let length = u8::try_from(self.out.len().saturating_sub(start + 1));
        let length = length.map_err(|_| token.fault(Kind::StringTooLong))?;
        self.out.get_mut(start..).and_then(<[u8]>::first_mut).into_iter().for_each(|place| *place = length);
        Ok(())
    }

    /// The key that follows, if any.
    fn optional_base64(&mut self) -> Result<(), Stop> {
        match self.tokens.next()? {
            Some(first) => self.decode_rest(first, &BASE64, Kind::Base64),
            None => Ok(()),
        }
    }

    /// Decodes this token and all that follow it as one text.
    pub(super) fn decode_rest(&mut self, first: Token<'_>, encoding: &Encoding, kind: Kind) -> Result<(), Stop> {
        let Some(second) = self.tokens.next()? else { return self.decode(&first, encoding, kind) };
        self.scratch.clear();
        self.scratch.extend_from_slice(first.text);
        let mut next = Some(second);
        let mut last = second;
        while let Some(token) = next {
            if token.quoted() {
                return Err(token.fault(Kind::Quoted).into());
            }
            self.scratch.extend_from_slice(token.text);
            last = token;
            next = self.tokens.next()?;
        }
        if first.quoted() {
            return Err(first.fault(Kind::Quoted).into());
        }
        let length = last.at.saturating_add(last.text.len()).saturating_sub(first.at);
        let fault = Fault { length, ..first.fault(kind) };
        decode_into(self.scratch, encoding, self.out).ok_or(fault.into())
    }

    /// Decodes one token.
    pub(super) fn decode(&mut self, token: &Token<'_>, encoding: &Encoding, kind: Kind) -> Result<(), Stop> {
        if token.quoted() {
            return Err(token.fault(Kind::Quoted).into());
        }
        decode_into(token.text, encoding, self.out).ok_or_else(|| token.fault(kind).into())
    }

    /// Decodes base32hex, without and within one octet of length.
    pub(super) fn hashed_owner(&mut self) -> Result<(), Stop> {
        let token = self.tokens.expect(Kind::MissingData)?;
        self.scratch.clear();
        self.scratch.extend(token.text.iter().map(u8::to_ascii_uppercase));
        let start = self.out.len();
        self.out.push(0);
        if token.quoted() || decode_into(self.scratch, &BASE32HEX_NOPAD, self.out).is_none() {
            return Err(token.fault(Kind::Base32).into());
        }
        self.close_sized(start).ok_or_else(|| token.fault(Kind::StringTooLong).into())
    }

    /// Writes how many octets follow the one at `start`.
    pub(super) fn close_sized(&mut self, start: usize) -> Option<()> {
        let length = u8::try_from(self.out.len().checked_sub(start + 1)?).ok()?;
        *self.out.get_mut(start)? = length;
        Some(())
    }
}

/// Whether every text of the field that can be read is good RDATA, so that the walk need not look at it again.
const fn is_certain(field: Field) -> bool {
    matches!(
        field,
        Field::U8
            | Field::U16
            | Field::U32
            | Field::U48
            | Field::U64
            | Field::Time
            | Field::Type
            | Field::Ipv4
            | Field::Ipv6
            | Field::Name(_)
            | Field::Text
            | Field::OptionalText
            | Field::Texts
            | Field::Hex
            | Field::Base64
            | Field::OptionalBase64
    )
}

/// Decodes the whole text behind what is there.
pub(super) fn decode_into(text: &[u8], encoding: &Encoding, out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    out.resize(start.checked_add(encoding.decode_len(text.len()).ok()?)?, 0);
    let length = encoding.decode_mut(text, out.get_mut(start..)?).ok()?;
    out.truncate(start.checked_add(length)?);
    Some(())
}

/// A decimal number of digits alone, up to `most`.
pub(super) fn number(token: &Token<'_>, most: u64) -> Result<u64, Fault> {
    decimal(token.text).filter(|value| *value <= most).ok_or_else(|| token.fault(Kind::Number))
}

/// A decimal number of digits alone.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    let (first, rest) = digits.split_first()?;
    let digit = |octet: &u8| octet.is_ascii_digit().then(|| u64::from(octet - b'0'));
    rest.iter().try_fold(digit(first)?, |value, octet| value.checked_mul(10)?.checked_add(digit(octet)?))
}

/// Four decimal numbers, without leading zeros.
pub(super) fn ipv4(text: &[u8]) -> Option<[u8; 4]> {
    std::str::from_utf8(text).ok()?.parse::<Ipv4Addr>().ok().map(|address| address.octets())
}

/// RFC 4291 section 2.2.
pub(super) fn ipv6(text: &[u8]) -> Option<[u8; 16]> {
    std::str::from_utf8(text).ok()?.parse::<Ipv6Addr>().ok().map(|address| address.octets())
}

/// The type that the token names.
pub(super) fn rtype_of(token: &Token<'_>) -> Result<Rtype, Fault> {
    let known = std::str::from_utf8(token.text).ok().filter(|_| !token.quoted()).and_then(rtype_from_text);
    known.ok_or_else(|| token.fault(Kind::UnknownType))
}

/// Appends octets that follow the grammar of the type, in that form; a compression pointer has no message to point into.
fn push_checked(rtype: Rtype, octets: &[u8], form: Form, out: &mut Vec<u8>) -> Result<(), WireError> {
    check(rtype, &mut Cursor::new(octets))?;
    let Some(grammar) = grammar(rtype).filter(|grammar| grammar.folding != Folding::Nothing) else {
        out.extend_from_slice(octets);
        return Ok(());
    };
    let mut cursor = Cursor::new(octets);
    for field in grammar.fields {
        let start = cursor.position();
        match field {
            Field::Name(_) => drop(cursor.uncompressed_name()?),
            Field::A6 => drop(A6::read(&mut cursor)?),
            other => skip_field(*other, &mut cursor)?,
        }
        let written = out.len();
        out.extend_from_slice(octets.get(start..cursor.position()).unwrap_or_default());
        let part = out.get_mut(written..).unwrap_or_default();
        match field {
            Field::Name(NameRule::Compressible | NameRule::Folded) if form == Form::Canonical => {
                part.make_ascii_lowercase();
            }
            // The name behind the prefix length and the suffix, which is as long as the prefix leaves room for.
            Field::A6 if form == Form::Canonical => {
                let suffix = 128_usize.saturating_sub(usize::from(*part.first().unwrap_or(&0))).div_ceil(8);
                part.get_mut(suffix + 1..).unwrap_or_default().make_ascii_lowercase();
            }
            _ => {}
        }
    }
    Ok(())
}

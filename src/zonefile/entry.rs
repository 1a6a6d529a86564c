//! One entry: a directive, or a record from its owner to its last octet; and the rules that hold for a whole zone.

use super::error::{Stop, ZoneFileErrorKind as Kind};
use super::generate::Generate;
use super::name::Naming;
use super::number::seconds_with_units;
use super::rdata::{RdataReader, decimal, rtype_of};
use super::token::{Escapes, Token, Tokens};
use crate::canonical::{CanonicalRecord, Form};
use crate::present::class_from_text;
use crate::wire::{CLASS_IN, Rtype, WireName, is_at_or_below};

/// What an entry was.
pub(super) enum Entry {
    /// A blank line, a comment, or a directive that is done.
    Nothing,
    /// A record; see [`Zone::record`].
    Record,
    /// `$ORIGIN`.
    Origin(WireName),
    /// `$INCLUDE`, with the origin for that file.
    Include {
        /// The file as it is written, escapes resolved.
        path: Vec<u8>,
        /// The origin that follows it, if one does.
        origin: Option<WireName>,
        /// The offset of the path in the entry.
        at: usize,
    },
    /// `$GENERATE`.
    Generate(Generate),
}

/// What is in the file so far, and the record that was read last.
#[derive(Debug)]
pub(super) struct Zone {
    /// The name of the zone, in lower case.
    apex: WireName,
    /// How names are written.
    form: Form,
    /// What `\DDD` means, and whether ages may be written.
    pub(super) windows: bool,
    /// The value of the last `$TTL`.
    default_ttl: Option<u32>,
    /// The TTL that was stated last (RFC 1035 section 5.1).
    last_ttl: Option<u32>,
    /// The last field of the SOA, which the Windows DNS server takes for records without a TTL.
    soa_minimum: u32,
    /// Whether the SOA was read.
    pub(super) has_soa: bool,
    /// The record, in the layout of `canonical`.
    octets: Vec<u8>,
    /// How long its owner is.
    owner_length: usize,
    /// Its type.
    rtype: Rtype,
    /// Its TTL.
    ttl: u32,
    /// Room for text that has to be put together first.
    scratch: Vec<u8>,
}

/// Octets of type, class, TTL and RDLENGTH.
const FIXED: usize = 10;

impl Zone {
    /// Before the first entry of the file of that zone.
    pub(super) fn new(apex: &WireName, form: Form, windows: bool) -> Self {
        Self {
            apex: apex.to_lowercase(),
            form,
            windows,
            default_ttl: None,
            last_ttl: None,
            soa_minimum: 0,
            has_soa: false,
            octets: Vec::new(),
            owner_length: 0,
            rtype: Rtype(0),
            ttl: 0,
            scratch: Vec::new(),
        }
    }

    /// The record that was read last.
    pub(super) fn record(&self) -> CanonicalRecord<'_> {
        let (owner, rest) = self.octets.split_at_checked(self.owner_length).unwrap_or_default();
        CanonicalRecord::new(owner, self.rtype, CLASS_IN, self.ttl, rest.get(FIXED..).unwrap_or_default())
    }

    /// Reads one entry; where the input must go on first, nothing has changed.
    ///
    /// `generated` says that the entry was written by `$GENERATE`: it does not become the owner of what follows.
    pub(super) fn entry(&mut self, tokens: &mut Tokens<'_>, place: &mut Place<'_>) -> Result<Entry, Stop> {
        let blank = tokens.begins_blank();
        let Some(first) = tokens.next()? else { return Ok(Entry::Nothing) };
        if !blank && !first.quoted() && first.text.first() == Some(&b'$') && !place.generated {
            return self.directive(&first, tokens, place);
        }
        self.octets.clear();
        let next = if blank {
            if place.owner.is_empty() {
                return Err(first.fault(Kind::NoOwner).into());
            }
            self.octets.extend_from_slice(place.owner);
            first
        } else {
            self.naming(place).push(&first, &mut self.octets)?;
            if self.form == Form::Canonical {
                // Length octets are below `A`.
                self.octets.make_ascii_lowercase();
            }
            tokens.expect(Kind::NoType)?
        };
        self.owner_length = self.octets.len();
        let stated = self.columns(next, tokens)?;
        self.hold_to_zone(&first, &stated)?;
        self.octets.extend_from_slice(&self.rtype.0.to_be_bytes());
        self.octets.extend_from_slice(&CLASS_IN.to_be_bytes());
        self.octets.extend_from_slice(&[0; 6]);
        self.rdata(tokens, place)?;
        self.finish(&stated, place)?;
        Ok(Entry::Record)
    }

    /// How names are read there.
    fn naming<'p>(&self, place: &Place<'p>) -> Naming<'p> {
        Naming { origin: place.origin.as_octets(), escapes: self.escapes() }
    }

    /// What `\DDD` means in this file.
    fn escapes(&self) -> Escapes {
        if self.windows { Escapes::Octal } else { Escapes::Decimal }
    }

    /// Reads TTL and class in either order, and the type.
    fn columns<'e>(&mut self, first: Token<'e>, tokens: &mut Tokens<'e>) -> Result<Stated<'e>, Stop> {
        let (mut ttl, mut class) = (None, None);
        let mut token = first;
        loop {
            match token.text.first() {
                Some(b'0'..=b'9') if !token.quoted() => {
                    if ttl.is_some() {
                        return Err(token.fault(Kind::SecondTtl).into());
                    }
                    ttl = Some(time_to_live(&token)?);
                }
                Some(b'[') => self.age(&token)?,
                _ => match class_of(&token) {
                    Some(stated) if class.is_none() => {
                        class = Some(stated);
                        if stated != CLASS_IN {
                            return Err(token.fault(Kind::OtherClass).into());
                        }
                    }
                    _ => break,
                },
            }
            token = tokens.expect(Kind::NoType)?;
        }
        self.rtype = match token.text {
            // As the Windows DNS server writes it.
            text if text.eq_ignore_ascii_case(b"WINSR") => Rtype::WINS_R,
            _ => rtype_of(&token)?,
        };
        if self.rtype.is_meta() {
            return Err(token.fault(Kind::MetaType).into());
        }
        Ok(Stated { ttl, rtype: token })
    }

    /// `[AGE:hours]`: when a dynamic record was last refreshed. It is not part of what is served.
    fn age(&self, token: &Token<'_>) -> Result<(), Stop> {
        if !self.windows {
            return Err(token.fault(Kind::WindowsOnly).into());
        }
        let inside = token.text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]"));
        let (word, hours) = inside.and_then(|inside| inside.split_at_checked(4)).unwrap_or_default();
        let is_age = word.eq_ignore_ascii_case(b"AGE:") && decimal(hours).is_some();
        if is_age { Ok(()) } else { Err(token.fault(Kind::Age).into()) }
    }

    /// RFC 1035 section 5.2: one class, one SOA at the top, no data outside of the zone.
    fn hold_to_zone(&self, owner: &Token<'_>, stated: &Stated<'_>) -> Result<(), Stop> {
        let name = self.octets.as_slice();
        if self.rtype == Rtype::SOA {
            if self.has_soa {
                return Err(stated.rtype.fault(Kind::SecondSoa).into());
            }
            if !name.eq_ignore_ascii_case(self.apex.as_octets()) {
                return Err(owner.fault(Kind::OtherZone).into());
            }
        } else if !self.has_soa {
            return Err(stated.rtype.fault(Kind::BeforeSoa).into());
        }
        if is_at_or_below(name, self.apex.as_octets()) { Ok(()) } else { Err(owner.fault(Kind::OutOfZone).into()) }
    }

    /// Appends the RDATA.
    fn rdata(&mut self, tokens: &mut Tokens<'_>, place: &Place<'_>) -> Result<(), Stop> {
        let naming = self.naming(place);
        let (out, scratch) = (&mut self.octets, &mut self.scratch);
        RdataReader { tokens, naming, form: self.form, out, scratch }.read(self.rtype)
    }

    /// Settles the TTL, writes the fields that were left open, and takes over what following entries may leave out.
    fn finish(&mut self, stated: &Stated<'_>, place: &mut Place<'_>) -> Result<(), Stop> {
        let rdata = self.octets.get(self.owner_length + FIXED..).unwrap_or_default();
        let length = u16::try_from(rdata.len()).map_err(|_| stated.rtype.fault(Kind::RdataTooLong))?;
        let soa_minimum = match rdata.last_chunk::<4>() {
            Some(last) if self.rtype == Rtype::SOA => u32::from_be_bytes(*last),
            _ => self.soa_minimum,
        };
        // RFC 2308 section 4: the value of $TTL; RFC 1035 section 5.1: the last stated one. The Windows DNS server
        // writes no $TTL: a record without a TTL has that in the last field of the SOA.
        let default = self.default_ttl.or(if self.windows { Some(soa_minimum) } else { self.last_ttl });
        let Some(ttl) = stated.ttl.or(default) else { return Err(stated.rtype.fault(Kind::NoTtl).into()) };
        if ttl > TTL_MOST {
            return Err(stated.rtype.fault(Kind::Ttl).into());
        }
        if let Some(place) = self.octets.get_mut(self.owner_length + 4..self.owner_length + FIXED) {
            let (time, size) = place.split_at_mut(4);
            time.copy_from_slice(&ttl.to_be_bytes());
            size.copy_from_slice(&length.to_be_bytes());
        }
        self.ttl = ttl;
        self.soa_minimum = soa_minimum;
        self.has_soa = true;
        self.last_ttl = stated.ttl.or(self.last_ttl);
        let owner = self.octets.get(..self.owner_length).unwrap_or_default();
        if !place.generated && place.owner.as_slice() != owner {
            place.owner.clear();
            place.owner.extend_from_slice(owner);
        }
        Ok(())
    }

    /// # Directives
    ///
    /// Reads one; its name in any case.
    fn directive(&mut self, first: &Token<'_>, tokens: &mut Tokens<'_>, place: &Place<'_>) -> Result<Entry, Stop> {
        let is = |name: &[u8]| first.text.eq_ignore_ascii_case(name);
        let entry = if is(b"$ORIGIN") {
            let token = tokens.expect(Kind::Directive)?;
            Entry::Origin(self.name(&token, place)?)
        } else if is(b"$TTL") {
            let token = tokens.expect(Kind::Directive)?;
            let ttl = time_to_live(&token)?;
            end(tokens)?;
            // RFC 2308 section 4: for all records after the directive, those behind an included file with it as well.
            self.default_ttl = Some(ttl);
            Entry::Nothing
        } else if is(b"$INCLUDE") {
            let token = tokens.expect(Kind::Directive)?;
            let mut path = Vec::new();
            super::token::unescape(&token, self.escapes(), &mut path)?;
            let origin = tokens.next()?.map(|token| self.name(&token, place)).transpose()?;
            Entry::Include { path, origin, at: token.at }
        } else if is(b"$GENERATE") {
            Entry::Generate(Generate::read(first, tokens, place.line)?)
        } else {
            return Err(first.fault(Kind::UnknownDirective).into());
        };
        end(tokens)?;
        Ok(entry)
    }

    /// A name of a directive, relative to the present origin.
    fn name(&self, token: &Token<'_>, place: &Place<'_>) -> Result<WireName, Stop> {
        let mut octets = Vec::new();
        self.naming(place).push(token, &mut octets)?;
        WireName::from_octets(&octets).map_err(|_| token.fault(Kind::NameTooLong).into())
    }
}

/// Where an entry stands: what is particular to its file.
#[derive(Debug)]
pub(super) struct Place<'p> {
    /// What stands behind relative names.
    pub(super) origin: &'p WireName,
    /// The owner of the last record; empty before the first.
    pub(super) owner: &'p mut Vec<u8>,
    /// The line in which the entry begins.
    pub(super) line: u64,
    /// Whether `$GENERATE` wrote the entry: it has no directives and is not the owner of what follows.
    pub(super) generated: bool,
}

/// The columns before the RDATA.
struct Stated<'e> {
    /// The TTL, if it is there.
    ttl: Option<u32>,
    /// The type.
    rtype: Token<'e>,
}

/// RFC 2181 section 8: 31 bits.
const TTL_MOST: u32 = 0x7FFF_FFFF;

/// Seconds, with or without units.
fn time_to_live(token: &Token<'_>) -> Result<u32, Stop> {
    let seconds = seconds_with_units(token.text).filter(|seconds| *seconds <= TTL_MOST && !token.quoted());
    seconds.ok_or_else(|| token.fault(Kind::Ttl).into())
}

/// The class that the token names, if it does.
fn class_of(token: &Token<'_>) -> Option<u16> {
    if token.quoted() {
        return None;
    }
    if token.text.eq_ignore_ascii_case(b"IN") {
        return Some(CLASS_IN);
    }
    // Only what looks like one of the other classes is looked up: this is asked for every type.
    let short = matches!(token.text, [b'C' | b'c' | b'H' | b'h', _] | [b'A' | b'a', _, _] | [b'N' | b'n', _, _, _])
        || (token.text.len() > 5 && matches!(token.text, [b'C' | b'c', b'L' | b'l', ..]));
    if short { class_from_text(std::str::from_utf8(token.text).ok()?) } else { None }
}

/// Nothing follows.
fn end(tokens: &mut Tokens<'_>) -> Result<(), Stop> {
    match tokens.next()? {
        Some(token) => Err(token.fault(Kind::Directive).into()),
        None => Ok(()),
    }
}

//! Keytabs of version 2 (MIT's "Keytab file format"): the long-term keys of principals.

use super::cipher::Etype;
use super::{Key, KeytabError, Principal};
use crate::wire::{Cursor, WireError};
use std::fmt;
use zeroize::Zeroizing;

/// The keys of a keytab.
#[derive(Clone)]
pub struct Keytab {
    /// Its entries, of known ciphers.
    entries: Vec<Entry>,
}

/// One key.
#[derive(Clone)]
struct Entry {
    /// Whose.
    principal: Principal,
    /// Which version of it.
    version: u32,
    /// The key.
    key: Key,
}

impl Keytab {
    /// Reads a keytab.
    ///
    /// # Errors
    /// It is none, it is damaged, or there is no key in it that could be used.
    pub fn read(octets: &[u8]) -> Result<Self, KeytabError> {
        let mut cursor = Cursor::new(octets);
        if cursor.u16() != Ok(0x0502) {
            return Err(KeytabError::NotAKeytab);
        }
        let (mut entries, mut number) = (Vec::new(), 0);
        while cursor.remaining() > 0 {
            number += 1;
            let damaged = |_: WireError| KeytabError::Damaged(number);
            let length = cursor.u32().map_err(damaged)?;
            // A negative length is the room that a deleted entry has left; zero ends a file.
            let hole = length & 0x8000_0000 != 0;
            let octets = if hole { length.wrapping_neg() } else { length };
            let body = cursor.take(usize::try_from(octets).unwrap_or(usize::MAX)).map_err(damaged)?;
            if !hole && !body.is_empty() {
                entries.extend(entry(&mut Cursor::new(body)).map_err(damaged)?);
            }
        }
        if entries.is_empty() { Err(KeytabError::Empty) } else { Ok(Self { entries }) }
    }

    /// The first principal in it: whose keytab it is, if nobody says otherwise.
    pub fn first(&self) -> Option<&Principal> {
        self.entries.first().map(|entry| &entry.principal)
    }

    /// The newest key of this principal and cipher.
    pub fn key(&self, principal: &Principal, etype: Etype) -> Option<&Key> {
        let fits = |entry: &&Entry| {
            entry.key.etype() == etype
                && entry.principal.is_alike(principal)
                && entry.principal.realm().eq_ignore_ascii_case(principal.realm())
        };
        self.entries.iter().filter(fits).max_by_key(|entry| entry.version).map(|entry| &entry.key)
    }

    /// Its principals, each once, for people.
    pub(super) fn describe(&self) -> String {
        let mut names: Vec<String> = self.entries.iter().map(|entry| entry.principal.to_string()).collect();
        names.dedup();
        names.join(", ")
    }
}

impl fmt::Debug for Keytab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keytab({}, {} keys not shown)", self.describe(), self.entries.len())
    }
}

/// Octets behind their length.
fn counted<'c>(cursor: &mut Cursor<'c>) -> Result<&'c [u8], WireError> {
    let length = cursor.u16()?;
    cursor.take(length.into())
}

/// One entry; none where its cipher or its name is of no use here.
fn entry(cursor: &mut Cursor<'_>) -> Result<Option<Entry>, WireError> {
    let text = |octets: &[u8]| std::str::from_utf8(octets).ok().map(str::to_owned);
    let count = cursor.u16()?;
    let realm = text(counted(cursor)?);
    let mut parts = Vec::new();
    for _ in 0..count {
        parts.push(text(counted(cursor)?));
    }
    // Type of the name, time of writing.
    cursor.take(8)?;
    let short_version = cursor.u8()?;
    let etype = cursor.u16()?;
    let octets = Zeroizing::new(counted(cursor)?.to_vec());
    // A version of 32 bits may follow; zero means that it does not count.
    let long_version = if cursor.remaining() >= 4 { cursor.u32()? } else { 0 };
    let version = if long_version == 0 { short_version.into() } else { long_version };
    let parts: Option<Vec<String>> = parts.into_iter().collect();
    let principal = parts.zip(realm).and_then(|(parts, realm)| Principal::new(parts, realm).ok());
    let key = Etype::of_number(etype.into()).and_then(|etype| Key::new(etype, octets).ok());
    Ok(principal.zip(key).map(|(principal, key)| Entry { principal, version, key }))
}

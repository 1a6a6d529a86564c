//! Credential caches as `kinit` writes them: versions 3 and 4 of the file format (MIT's "Credential cache file format").

use super::cipher::Etype;
use super::{CacheError, Credential, KerberosError, Key, Principal, Ticket, UnixTime};
use crate::wire::{Cursor, WireError};
use std::fmt;
use zeroize::Zeroizing;

/// What a cache holds that can be of use: whose it is, and its tickets.
#[derive(Clone)]
pub struct CredentialCache {
    /// Whose it is.
    client: Principal,
    /// Its tickets, of known ciphers and for this client.
    credentials: Vec<Credential>,
}

impl CredentialCache {
    /// Reads a cache.
    ///
    /// # Errors
    /// It is none, or it breaks off. Tickets of unknown ciphers and settings are left out.
    pub fn read(octets: &[u8]) -> Result<Self, CacheError> {
        let mut cursor = Cursor::new(octets);
        let version = match cursor.u16() {
            Ok(0x0503) => 3,
            Ok(0x0504) => 4,
            _ => return Err(CacheError::NotACache),
        };
        if version == 4 {
            let header = cursor.u16().and_then(|length| cursor.take(length.into()));
            header.map_err(|_| CacheError::Damaged("its header"))?;
        }
        let client = principal(&mut cursor).map_err(|_| CacheError::Damaged("its owner"))?;
        let client = client.ok_or(CacheError::Damaged("its owner"))?;
        let mut credentials = Vec::new();
        while cursor.remaining() > 0 {
            let read = credential(&mut cursor, version).map_err(|_| CacheError::Damaged("a ticket"))?;
            credentials.extend(read.filter(|found| found.client == client));
        }
        Ok(Self { client, credentials })
    }

    /// Whose it is.
    pub fn client(&self) -> &Principal {
        &self.client
    }

    /// The ticket-granting ticket of its realm, if it can still be used.
    ///
    /// # Errors
    /// There is none, or the last one is over.
    pub fn granting(&self, now: UnixTime) -> Result<&Credential, KerberosError> {
        let granting = |credential: &&Credential| credential.service.granting_realm() == Some(self.client.realm());
        let newest = self.credentials.iter().filter(granting).max_by_key(|credential| credential.ends);
        let newest = newest.ok_or_else(|| KerberosError::EmptyCache { client: self.client.to_string() })?;
        newest.require_valid(now)?;
        Ok(newest)
    }

    /// A ticket for this service, if it can still be used.
    pub fn service(&self, service: &Principal, now: UnixTime) -> Option<&Credential> {
        let fits = |credential: &&Credential| credential.service.is_alike(service) && credential.ends > now.as_secs();
        self.credentials.iter().filter(fits).max_by_key(|credential| credential.ends)
    }
}

impl fmt::Debug for CredentialCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialCache({}, {} tickets not shown)", self.client, self.credentials.len())
    }
}

/// A principal; none where its parts make no name (those that keep settings have odd ones).
fn principal(cursor: &mut Cursor<'_>) -> Result<Option<Principal>, WireError> {
    cursor.u32()?;
    let count = cursor.u32()?;
    let realm = text(cursor)?;
    let mut parts = Vec::new();
    for _ in 0..count {
        parts.push(text(cursor)?);
    }
    let parts: Option<Vec<String>> = parts.into_iter().collect();
    Ok(parts.zip(realm).and_then(|(parts, realm)| Principal::new(parts, realm).ok()))
}

/// Octets behind their length.
fn counted<'c>(cursor: &mut Cursor<'c>) -> Result<&'c [u8], WireError> {
    let length = cursor.u32()?;
    cursor.take(usize::try_from(length).unwrap_or(usize::MAX))
}

/// Text, if it is any.
fn text(cursor: &mut Cursor<'_>) -> Result<Option<String>, WireError> {
    Ok(std::str::from_utf8(counted(cursor)?).ok().map(str::to_owned))
}

/// One ticket; none where it is of no use here.
fn credential(cursor: &mut Cursor<'_>, version: u8) -> Result<Option<Credential>, WireError> {
    let (client, service) = (principal(cursor)?, principal(cursor)?);
    let etype = cursor.u16()?;
    if version == 3 {
        cursor.u16()?;
    }
    let octets = Zeroizing::new(counted(cursor)?.to_vec());
    let [_authenticated, _begins, ends, _renewable] = [cursor.u32()?, cursor.u32()?, cursor.u32()?, cursor.u32()?];
    // Whether it is encrypted in a session key, and its flags.
    cursor.take(5)?;
    // Addresses, then authorization data: a number each, a type and octets.
    for _list in 0..2 {
        for _ in 0..cursor.u32()? {
            cursor.u16()?;
            counted(cursor)?;
        }
    }
    let ticket = counted(cursor)?;
    counted(cursor)?;
    let key = Etype::of_number(etype.into()).and_then(|etype| Key::new(etype, octets).ok());
    let (Some(client), Some(service), Some(key), Ok(ticket)) = (client, service, key, Ticket::new(ticket)) else {
        return Ok(None);
    };
    Ok(Some(Credential { client, service, key, ends: ends.into(), ticket }))
}

//! Who: a name of one or more parts in a realm (RFC 4120 sections 6.1 and 6.2).

use super::der::{Reader, SEQUENCE, Writer, context};
use super::{KerberosError, PrincipalError};
use std::fmt;

/// RFC 4120 section 6.2: the name of a user.
pub(super) const NT_PRINCIPAL: i64 = 1;
/// RFC 4120 section 6.2: a service and its instance.
pub(super) const NT_SRV_INST: i64 = 2;
/// No name has more parts, and no part more octets.
const MAX_PARTS: usize = 16;
/// See [`MAX_PARTS`].
const MAX_PART: usize = 256;

/// A principal: `name/instance@REALM`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// The parts of the name, at least one.
    parts: Vec<String>,
    /// The realm; case counts.
    realm: String,
}

impl Principal {
    /// From its parts.
    ///
    /// # Errors
    /// No part, an empty one, too many or too long ones; no realm.
    pub fn new(parts: Vec<String>, realm: impl Into<String>) -> Result<Self, PrincipalError> {
        let realm = realm.into();
        let plausible = |text: &String| !text.is_empty() && text.len() <= MAX_PART && !text.contains('\0');
        if parts.is_empty() || parts.len() > MAX_PARTS || !parts.iter().all(plausible) {
            return Err(PrincipalError::Name);
        }
        if !plausible(&realm) {
            return Err(PrincipalError::Realm);
        }
        Ok(Self { parts, realm })
    }

    /// From `name[/instance][@REALM]`; `default_realm` where none is written. A backslash takes away the next letter's
    /// meaning.
    ///
    /// # Errors
    /// As [`Principal::new`]; or there is no realm at all.
    pub fn parse(text: &str, default_realm: Option<&str>) -> Result<Self, PrincipalError> {
        let (mut parts, mut realm) = (vec![String::new()], None::<String>);
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let (letter, is_plain) = match letter {
                '\\' => (letters.next().ok_or(PrincipalError::Name)?, true),
                letter => (letter, false),
            };
            match (letter, is_plain, &mut realm) {
                (letter, _, Some(realm)) => realm.push(letter),
                ('/', false, None) => parts.push(String::new()),
                ('@', false, None) => realm = Some(String::new()),
                (letter, _, None) => parts.last_mut().into_iter().for_each(|part| part.push(letter)),
            }
        }
        let realm = realm.or_else(|| default_realm.map(str::to_owned)).ok_or(PrincipalError::NoRealm)?;
        Self::new(parts, realm)
    }

    /// The ticket-granting service for `target`, as `realm` knows it.
    pub(super) fn krbtgt(target: &str, realm: &str) -> Self {
        Self { parts: vec!["krbtgt".to_owned(), target.to_owned()], realm: realm.to_owned() }
    }

    /// A service on a host, in lower case as directories write it.
    pub fn service(service: &str, host: &str, realm: &str) -> Result<Self, PrincipalError> {
        Self::new(vec![service.to_owned(), host.trim_end_matches('.').to_ascii_lowercase()], realm)
    }

    /// The parts of the name.
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// The realm.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The same name in another realm.
    #[must_use]
    pub fn in_realm(mut self, realm: &str) -> Self {
        realm.clone_into(&mut self.realm);
        self
    }

    /// The realm whose ticket-granting service this is.
    pub(super) fn granting_realm(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [service, realm] if service == "krbtgt" => Some(realm),
            _ => None,
        }
    }

    /// Whether both are the same name, whatever the case: Active Directory does not see it.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        let pairs = self.parts.iter().zip(&other.parts);
        self.parts.len() == other.parts.len() && pairs.into_iter().all(|(a, b)| a.eq_ignore_ascii_case(b))
    }

    /// The salt that RFC 4120 section 4 makes of it: realm and parts in a row.
    pub(super) fn salt(&self) -> String {
        format!("{}{}", self.realm, self.parts.concat())
    }

    /// `PrincipalName` as the field `[n]`.
    pub(super) fn write(&self, number: u8, name_type: i64, writer: Writer) -> Writer {
        writer.sequence_field(number, |name| {
            name.integer(0, name_type)
                .sequence_field(1, |parts| self.parts.iter().fold(parts, |parts, part| parts.bare_string(part)))
        })
    }

    /// The `PrincipalName` in the field `[n]`, in this realm.
    pub(super) fn read(reader: &mut Reader<'_>, number: u8, realm: &str) -> Result<Self, KerberosError> {
        let mut name = reader.enter_both(context(number), SEQUENCE)?;
        name.integer(0)?;
        let mut strings = name.enter_both(context(1), SEQUENCE)?;
        let mut parts = Vec::new();
        while !strings.is_empty() {
            let part = strings.bare_string()?;
            if parts.len() >= MAX_PARTS {
                return Err(reader.fail());
            }
            parts.push(part.to_owned());
        }
        Self::new(parts, realm).map_err(|_| reader.fail())
    }
}

/// As [`Principal::parse`] reads it: what would divide the name stands behind a backslash.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &str| {
            let divides = |letter: char| matches!(letter, '/' | '@' | '\\');
            let letters = text.chars().flat_map(|letter| divides(letter).then_some('\\').into_iter().chain([letter]));
            crate::present::one_line(&letters.collect::<String>()).to_string()
        };
        let parts: Vec<String> = self.parts.iter().map(|part| shown(part)).collect();
        write!(f, "{}@{}", parts.join("/"), shown(&self.realm))
    }
}

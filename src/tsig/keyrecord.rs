//! The `K*.key` files of old `dnssec-keygen`: one KEY record (RFC 2535 section 3), whose data is the secret.

use super::{Algorithm, KeyError, TsigKey, WeakKeys};

/// `name [TTL] [IN] KEY flags protocol algorithm base64`, with nothing beside it but comments.
pub(super) struct KeyRecord<'t> {
    /// The owner: the key's name.
    name: &'t str,
    /// The number of the algorithm.
    number: &'t str,
    /// The secret, in base64, perhaps in several words.
    secret: &'t str,
    /// The line on which it stands, from 1.
    line: usize,
}

impl<'t> KeyRecord<'t> {
    /// The record, if the text is such a file.
    pub(super) fn find(text: &'t str) -> Option<Self> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| {
            let line = line.trim_start();
            !line.is_empty() && !line.starts_with(';')
        });
        let ((index, mut rest), None) = (lines.next()?, lines.next()) else { return None };
        let name = first_word(&mut rest)?;
        let is_before_type =
            |word: &str| word.eq_ignore_ascii_case("IN") || word.bytes().all(|octet| octet.is_ascii_digit());
        let mut word = first_word(&mut rest)?;
        while is_before_type(word) {
            word = first_word(&mut rest)?;
        }
        if !word.eq_ignore_ascii_case("KEY") {
            return None;
        }
        let [_flags, _protocol, number] = [first_word(&mut rest)?, first_word(&mut rest)?, first_word(&mut rest)?];
        Some(Self { name, number, secret: rest, line: index + 1 })
    }

    /// The line on which it stands, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The key. Such a record says nothing of truncation: its MACs are whole.
    pub(super) fn key(&self, weak: WeakKeys) -> Result<TsigKey, KeyError> {
        let number = self.number.parse().map_err(|_| KeyError::UnknownAlgorithm)?;
        TsigKey::from_text(self.name, Algorithm::from_number(number, 0, weak)?, self.secret)
    }
}

/// Takes the first word off a line.
fn first_word<'t>(line: &mut &'t str) -> Option<&'t str> {
    let start = line.trim_start();
    let (word, rest) = start.split_at_checked(start.find(char::is_whitespace).unwrap_or(start.len()))?;
    *line = rest;
    (!word.is_empty()).then_some(word)
}

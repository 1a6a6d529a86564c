//! The text of a key file: which keys it holds.
//!
//! Four forms are told apart by their content: BIND's `key "name" { algorithm hmac-sha256; secret "..."; };` (any number
//! of them, as `tsig-keygen` writes; other statements are passed over, and what they include is not followed), the one
//! line `[algorithm:]name:secret` of kdig's `-k`, and the `K*.private` and `K*.key` files of old `dnssec-keygen`.
//!
//! It opens no file and looks at no permissions; that is `fs`, which should also wipe the text afterwards. No error
//! repeats any of the text, apart from the names of keys.

use super::keyrecord::KeyRecord;
use super::{Algorithm, KeyError, KeyFileError, KeyFileErrorKind, Signer, TsigKey, WeakKeys};
use crate::present::{self, name_from_text};
use crate::wire::WireName;
use data_encoding::BASE64;
use hickory_proto::rr::Name;
use std::fmt;

/// A key file: its text, and what else is needed to read it.
#[derive(Clone, Copy)]
pub struct KeyFile<'t> {
    /// All of the text.
    text: &'t str,
    /// The name of the file, without its directory.
    file_name: Option<&'t str>,
    /// Whether keys with a broken hash may be used.
    weak: WeakKeys,
}

impl<'t> KeyFile<'t> {
    /// A file with this text.
    pub const fn new(text: &'t str) -> Self {
        Self { text, file_name: None, weak: WeakKeys::Refuse }
    }

    /// The file's name without its directory: the name of the key in a `K*.private` file stands only there.
    #[must_use]
    pub const fn named(mut self, file_name: &'t str) -> Self {
        self.file_name = Some(file_name);
        self
    }

    /// Whether keys with a broken hash may be used (HMAC-MD5, HMAC-SHA-1); refused unless set.
    #[must_use]
    pub const fn weak(mut self, weak: WeakKeys) -> Self {
        self.weak = weak;
        self
    }

    /// The key of this name; or the only one there is, if none is named.
    pub fn key(&self, wanted: Option<&Name>) -> Result<TsigKey, KeyFileError> {
        let keys = self.keys()?;
        let listed = || keys.iter().map(|key| present::name(key.key_name()).to_string()).collect::<Vec<_>>().join(", ");
        let start = Place { line: 1, column: 1 };
        let found = match wanted.map(WireName::from_name) {
            Some(wanted) => keys.iter().position(|key| *key.key_name() == wanted).ok_or_else(|| {
                let (wanted, present) = (present::name(&wanted).to_string(), listed());
                start.error(KeyFileErrorKind::NotFound { wanted, present })
            })?,
            None if keys.len() > 1 => return Err(start.error(KeyFileErrorKind::Several { present: listed() })),
            None => 0,
        };
        keys.into_iter().nth(found).ok_or_else(|| start.error(KeyFileErrorKind::Unrecognised))
    }

    /// All keys in it, in their order; at least one.
    pub fn keys(&self) -> Result<Vec<TsigKey>, KeyFileError> {
        // Editors on Windows put a byte order mark first.
        let file = Self { text: self.text.strip_prefix('\u{FEFF}').unwrap_or(self.text), ..*self };
        file.keys_of_any_form()
    }

    /// Decides by the content which form it is.
    fn keys_of_any_form(&self) -> Result<Vec<TsigKey>, KeyFileError> {
        if self.text.trim_start().starts_with("Private-key-format:") {
            return self.private().map(|key| vec![key]);
        }
        let mut lines = self.text.lines().enumerate().filter(|(_, line)| {
            let line = line.trim_start();
            !line.is_empty() && !line.starts_with('#') && !line.starts_with("//")
        });
        if let Some(record) = KeyRecord::find(self.text) {
            let place = Place { line: record.line(), column: 1 };
            return record.key(self.weak).map(|key| vec![key]).map_err(|error| place.error(error.into()));
        }
        match (lines.next(), lines.next()) {
            (Some((index, line)), None) if !line.contains(['{', '"', ';']) && line.contains(':') => {
                let place = Place { line: index + 1, column: line.len() - line.trim_start().len() + 1 };
                TsigKey::parse_allowing(line.trim(), self.weak).map(|key| vec![key]).map_err(|e| place.error(e.into()))
            }
            _ => self.statements(),
        }
    }

    /// The key of a `K*.private` file: lines of `Tag: value`.
    fn private(&self) -> Result<TsigKey, KeyFileError> {
        let (mut number, mut secret, mut bits, mut last) = (None, None, 0, Place { line: 1, column: 1 });
        for (index, line) in self.text.lines().enumerate() {
            let Some((tag, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            let place = Place { line: index + 1, column: 1 };
            last = place;
            match tag.trim() {
                // "163 (HMAC_SHA256)"
                "Algorithm" => {
                    let digits = value.split_whitespace().next().and_then(|digits| digits.parse::<u8>().ok());
                    let digits = digits.ok_or_else(|| place.error(KeyError::UnknownAlgorithm.into()))?;
                    number = Some((digits, place));
                }
                "Key" => secret = Some((value, place)),
                // Two octets in base64; 0 is a whole MAC.
                "Bits" => {
                    let octets =
                        BASE64.decode(value.as_bytes()).ok().and_then(|octets| <[u8; 2]>::try_from(octets).ok());
                    let octets = octets.ok_or_else(|| place.error(KeyError::Base64.into()))?;
                    bits = usize::from(u16::from_be_bytes(octets));
                }
                _ => {}
            }
        }
        let (number, place) = number.ok_or_else(|| last.error(KeyFileErrorKind::Lacks("algorithm")))?;
        let algorithm = Algorithm::from_number(number, bits, self.weak).map_err(|e| place.error(e.into()))?;
        let (secret, place) = secret.ok_or_else(|| last.error(KeyFileErrorKind::Lacks("secret")))?;
        let name = self.file_name.and_then(key_name_of_file);
        let name = name.ok_or_else(|| Place { line: 1, column: 1 }.error(KeyFileErrorKind::FileName))?;
        TsigKey::from_text(name, algorithm, secret).map_err(|e| place.error(e.into()))
    }

    /// The keys of BIND's key statements.
    fn statements(&self) -> Result<Vec<TsigKey>, KeyFileError> {
        let mut tokens = Tokens { rest: self.text, place: Place { line: 1, column: 1 } };
        let mut keys: Vec<TsigKey> = Vec::new();
        while let Some((token, place)) = tokens.next()? {
            if token != Token::Text("key", false) {
                tokens.pass_over(token, place)?;
                continue;
            }
            let key = self.key_statement(&mut tokens)?;
            if keys.iter().any(|other| other.key_name() == key.key_name()) {
                return Err(place.error(KeyFileErrorKind::Twice("a key of this name")));
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(Place { line: 1, column: 1 }.error(KeyFileErrorKind::Unrecognised)) } else { Ok(keys) }
    }

    /// One key statement, after the word `key`.
    fn key_statement(&self, tokens: &mut Tokens<'t>) -> Result<TsigKey, KeyFileError> {
        let (name, name_place) = tokens.text("the key's name")?;
        if name_from_text(name).is_err() {
            return Err(name_place.error(KeyError::Name.into()));
        }
        let open = tokens.punctuation(Token::Open, "{ after the key's name")?;
        let (mut algorithm, mut secret) = (None, None);
        loop {
            let (token, place) = tokens.next()?.ok_or_else(|| open.error(KeyFileErrorKind::Unterminated("block")))?;
            let option = match token {
                Token::Close => break,
                Token::Text(option, false) => option.to_ascii_lowercase(),
                _ => return Err(place.error(KeyFileErrorKind::Wanted("algorithm, secret or }"))),
            };
            let (slot, what) = match option.as_str() {
                "algorithm" => (&mut algorithm, "algorithm"),
                "secret" => (&mut secret, "secret"),
                _ => return Err(place.error(KeyFileErrorKind::Wanted("algorithm, secret or }"))),
            };
            if slot.replace(tokens.text("a value")?).is_some() {
                return Err(place.error(KeyFileErrorKind::Twice(what)));
            }
            tokens.punctuation(Token::Semicolon, "; after the value")?;
        }
        tokens.punctuation(Token::Semicolon, "; after the }")?;
        let (algorithm, place) = algorithm.ok_or_else(|| name_place.error(KeyFileErrorKind::Lacks("algorithm")))?;
        let algorithm = Algorithm::parse(algorithm, self.weak).map_err(|e| place.error(e.into()))?;
        let (secret, place) = secret.ok_or_else(|| name_place.error(KeyFileErrorKind::Lacks("secret")))?;
        TsigKey::from_text(name, algorithm, secret).map_err(|e| place.error(e.into()))
    }
}

/// Never the text: it holds secrets.
impl fmt::Debug for KeyFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile").field("file_name", &self.file_name).field("weak", &self.weak).finish_non_exhaustive()
    }
}

/// The key's name in `Kname.+163+12345.private`.
fn key_name_of_file(file_name: &str) -> Option<&str> {
    let stem = file_name.strip_prefix('K')?.strip_suffix(".private")?;
    let (stem, tag) = stem.rsplit_once('+')?;
    let (name, number) = stem.rsplit_once('+')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    (digits(tag) && digits(number) && !name.is_empty()).then_some(name)
}

/// A place in the text.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The line, from 1.
    line: usize,
    /// The column in characters, from 1.
    column: usize,
}

impl Place {
    /// An error here.
    fn error(self, kind: KeyFileErrorKind) -> KeyFileError {
        KeyFileError { line: self.line, column: self.column, kind }
    }
}

/// A token of named.conf.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Token<'t> {
    /// A word, or a string that stood in quotes (true).
    Text(&'t str, bool),
    /// `{`
    Open,
    /// `}`
    Close,
    /// `;`
    Semicolon,
}

/// Reads tokens, and passes over the three kinds of comment.
struct Tokens<'t> {
    /// What is still to read.
    rest: &'t str,
    /// Where that starts.
    place: Place,
}

impl<'t> Tokens<'t> {
    /// The next token and where it starts; `None` at the end.
    fn next(&mut self) -> Result<Option<(Token<'t>, Place)>, KeyFileError> {
        loop {
            self.take_while(char::is_whitespace);
            let place = self.place;
            let Some(first) = self.rest.chars().next() else { return Ok(None) };
            if first == '#' || self.rest.starts_with("//") {
                self.take_while(|c| c != '\n');
                continue;
            }
            if self.rest.starts_with("/*") {
                let after = self.rest.get(2..).and_then(|rest| rest.find("*/"));
                let after = after.ok_or_else(|| place.error(KeyFileErrorKind::Unterminated("comment")))?;
                self.take(after + 4);
                continue;
            }
            let token = match first {
                '{' => self.single(Token::Open),
                '}' => self.single(Token::Close),
                ';' => self.single(Token::Semicolon),
                '"' => {
                    self.take(1);
                    let text = self.take_while(|c| c != '"' && c != '\n');
                    if !self.rest.starts_with('"') {
                        return Err(place.error(KeyFileErrorKind::Unterminated("string")));
                    }
                    self.take(1);
                    Token::Text(text, true)
                }
                // A slash is part of a word: unquoted base64 has them.
                _ => Token::Text(self.take_while(|c| !c.is_whitespace() && !matches!(c, '{' | '}' | ';' | '"')), false),
            };
            return Ok(Some((token, place)));
        }
    }

    /// A token that is one character long.
    fn single(&mut self, token: Token<'t>) -> Token<'t> {
        self.take(1);
        token
    }

    /// A word or string.
    fn text(&mut self, wanted: &'static str) -> Result<(&'t str, Place), KeyFileError> {
        match self.next()? {
            Some((Token::Text(text, _), place)) => Ok((text, place)),
            Some((_, place)) => Err(place.error(KeyFileErrorKind::Wanted(wanted))),
            None => Err(self.place.error(KeyFileErrorKind::Wanted(wanted))),
        }
    }

    /// Exactly this token.
    fn punctuation(&mut self, token: Token<'t>, wanted: &'static str) -> Result<Place, KeyFileError> {
        match self.next()? {
            Some((found, place)) if found == token => Ok(place),
            Some((_, place)) => Err(place.error(KeyFileErrorKind::Wanted(wanted))),
            None => Err(self.place.error(KeyFileErrorKind::Wanted(wanted))),
        }
    }

    /// Reads on to the end of a statement that is not about keys and starts with this token.
    fn pass_over(&mut self, first: Token<'t>, start: Place) -> Result<(), KeyFileError> {
        let (mut token, mut depth, mut place) = (first, 0_usize, start);
        loop {
            match token {
                Token::Semicolon if depth == 0 => return Ok(()),
                Token::Open => depth += 1,
                Token::Close => {
                    depth = depth.checked_sub(1).ok_or_else(|| place.error(KeyFileErrorKind::Wanted("a statement")))?;
                }
                Token::Semicolon | Token::Text(..) => {}
            }
            (token, place) = match self.next()? {
                Some(next) => next,
                None if depth == 0 => return Ok(()),
                None => return Err(start.error(KeyFileErrorKind::Unterminated("block"))),
            };
        }
    }

    /// Takes characters as long as they are wanted.
    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let length = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        self.take(length)
    }

    /// Takes so many octets, and counts lines and columns.
    fn take(&mut self, octets: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(octets).unwrap_or((self.rest, ""));
        for character in taken.chars() {
            if character == '\n' {
                self.place = Place { line: self.place.line + 1, column: 1 };
            } else {
                self.place.column += 1;
            }
        }
        self.rest = rest;
        taken
    }
}

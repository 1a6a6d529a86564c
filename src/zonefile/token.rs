//! An entry as tokens: blanks, comments, line ends within parentheses and quotes are dealt with here and nowhere else.
//!
//! Tokens are slices of the input. What an escape means is only decided by who reads the token, since a `\.` is not a
//! dot of a name.

use super::error::{Fault, Stop, ZoneFileErrorKind};

/// What an octet means outside of quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Part of a token.
    Plain,
    /// Space or tab.
    Blank,
    /// LF.
    LineFeed,
    /// CR.
    CarriageReturn,
    /// `;`
    Comment,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `"`
    Quote,
    /// `\`
    Backslash,
    /// Any other octet below the space, and DEL.
    Control,
}

/// The class of an octet; what is beyond ASCII is plain, as in BIND, Knot and NSD. The compiler makes a table of it.
const fn class(octet: u8) -> Class {
    match octet {
        b' ' | b'\t' => Class::Blank,
        b'\n' => Class::LineFeed,
        b'\r' => Class::CarriageReturn,
        b';' => Class::Comment,
        b'(' => Class::Open,
        b')' => Class::Close,
        b'"' => Class::Quote,
        b'\\' => Class::Backslash,
        0..=0x1F | 0x7F => Class::Control,
        _ => Class::Plain,
    }
}

/// How deep parentheses may be nested; RFC 1035 knows no nesting, BIND allows it.
const PARENTHESES: u32 = 64;

/// One token, as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'e> {
    /// Its octets, without the quotes around it.
    pub(super) text: &'e [u8],
    /// Offset in the entry.
    pub(super) at: usize,
    /// Whether it stood in quotes.
    pub(super) quoted: bool,
    /// Whether there is a backslash in it.
    pub(super) escaped: bool,
}

impl Token<'_> {
    /// This token breaks that rule.
    pub(super) fn fault(&self, kind: ZoneFileErrorKind) -> Fault {
        Fault { at: self.at, length: self.text.len() + usize::from(self.quoted), kind }
    }

    /// The token breaks that rule at this octet of it.
    pub(super) fn fault_at(&self, offset: usize, kind: ZoneFileErrorKind) -> Fault {
        Fault { at: self.at + usize::from(self.quoted) + offset, length: self.text.len().saturating_sub(offset), kind }
    }
}

/// The tokens of one entry.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'e> {
    /// The entry from its first octet, and what was read after it.
    entry: &'e [u8],
    /// Whether nothing follows `entry`.
    last: bool,
    /// The next octet.
    at: usize,
    /// Parentheses that are open.
    depth: u32,
    /// Where the first of them stands.
    opened_at: usize,
    /// Line feeds that were passed.
    lines: u64,
    /// Whether the entry has ended.
    ended: bool,
}

impl<'e> Tokens<'e> {
    /// The tokens of the entry that starts here; `last` says that no octets follow.
    pub(super) const fn new(entry: &'e [u8], last: bool) -> Self {
        Self { entry, last, at: 0, depth: 0, opened_at: 0, lines: 0, ended: false }
    }

    /// How many octets and line feeds were passed.
    pub(super) const fn passed(&self) -> (usize, u64) {
        (self.at, self.lines)
    }

    /// Whether the entry begins with a blank, so that its owner is the last one.
    pub(super) fn begins_blank(&self) -> bool {
        self.entry.first().is_some_and(|octet| class(*octet) == Class::Blank)
    }

    /// The rule is broken where the next token would be.
    pub(super) fn fault_here(&self, kind: ZoneFileErrorKind) -> Fault {
        // At the end of an entry its line feed was passed.
        let line_end = self.ended && self.at.checked_sub(1).and_then(|at| self.entry.get(at)) == Some(&b'\n');
        Fault { at: self.at - usize::from(line_end), length: 0, kind }
    }

    /// Whether a `\` may be the first octet of the next token: no look-ahead is needed if not.
    pub(super) fn may_be_generic(&mut self) -> bool {
        while let Some(octet) = self.entry.get(self.at) {
            match class(*octet) {
                Class::Blank => self.at += 1,
                Class::Plain | Class::Quote => return false,
                _ => return true,
            }
        }
        true
    }

    /// The next token; `None` at the end of the entry, which is then passed.
    pub(super) fn next(&mut self) -> Result<Option<Token<'e>>, Stop> {
        self.token(false)
    }

    /// As [`Tokens::next`]; `key="value"` is one token, its quotes included (RFC 9460 section 2.1).
    pub(super) fn next_pair(&mut self) -> Result<Option<Token<'e>>, Stop> {
        self.token(true)
    }

    /// The next token, which must be there.
    pub(super) fn expect(&mut self, missing: ZoneFileErrorKind) -> Result<Token<'e>, Stop> {
        self.next()?.ok_or_else(|| self.fault_here(missing).into())
    }

    /// The next token.
    fn token(&mut self, pair: bool) -> Result<Option<Token<'e>>, Stop> {
        while !self.ended {
            let Some(octet) = self.entry.get(self.at) else { return self.end_of_input() };
            match class(*octet) {
                Class::Plain | Class::Backslash => return self.word(pair).map(Some),
                Class::Blank => self.at += 1,
                Class::LineFeed => {
                    self.at += 1;
                    self.lines += 1;
                    self.ended = self.depth == 0;
                }
                Class::CarriageReturn => match self.entry.get(self.at + 1) {
                    Some(b'\n') => self.at += 1,
                    None if !self.last => return Err(Stop::Incomplete),
                    _ => return Err(self.fault_here(ZoneFileErrorKind::CarriageReturn).into()),
                },
                Class::Comment => self.skip_comment()?,
                Class::Open => {
                    if self.depth == 0 {
                        self.opened_at = self.at;
                    }
                    self.depth += 1;
                    if self.depth > PARENTHESES {
                        return Err(self.fault_here(ZoneFileErrorKind::ParenthesisDepth).into());
                    }
                    self.at += 1;
                }
                Class::Close => {
                    let unopened = self.fault_here(ZoneFileErrorKind::UnopenedParenthesis);
                    self.depth = self.depth.checked_sub(1).ok_or(unopened)?;
                    self.at += 1;
                }
                Class::Quote => return self.quoted().map(Some),
                Class::Control => {
                    return Err(Fault { length: 1, ..self.fault_here(ZoneFileErrorKind::Control) }.into());
                }
            }
        }
        Ok(None)
    }

    /// The input ends here: so does the entry, if it may.
    fn end_of_input(&mut self) -> Result<Option<Token<'e>>, Stop> {
        if !self.last {
            return Err(Stop::Incomplete);
        }
        if self.depth > 0 {
            let kind = ZoneFileErrorKind::OpenParenthesis;
            return Err(Fault { at: self.opened_at, length: 1, kind }.into());
        }
        self.ended = true;
        Ok(None)
    }

    /// Moves to the line feed that ends the comment.
    fn skip_comment(&mut self) -> Result<(), Stop> {
        let rest = self.entry.get(self.at..).unwrap_or_default();
        match rest.iter().position(|octet| *octet == b'\n') {
            Some(length) => self.at += length,
            None if self.last => self.at = self.entry.len(),
            None => return Err(Stop::Incomplete),
        }
        Ok(())
    }

    /// A token that is not in quotes.
    fn word(&mut self, pair: bool) -> Result<Token<'e>, Stop> {
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.entry.get(self.at..).unwrap_or_default();
            let Some(plain) = rest.iter().position(|octet| class(*octet) != Class::Plain) else {
                if !self.last {
                    return Err(Stop::Incomplete);
                }
                self.at = self.entry.len();
                break;
            };
            self.at += plain;
            match rest.get(plain) {
                Some(b'\\') => {
                    escaped = true;
                    self.skip_escape()?;
                }
                Some(b'"') if pair && self.at.checked_sub(1).and_then(|at| self.entry.get(at)) == Some(&b'=') => {
                    escaped |= self.quoted()?.escaped;
                    break;
                }
                _ => break,
            }
        }
        let text = self.entry.get(start..self.at).unwrap_or_default();
        Ok(Token { text, at: start, quoted: false, escaped })
    }

    /// Moves over a backslash and the octet behind it, whatever that is but the end of a line.
    fn skip_escape(&mut self) -> Result<(), Stop> {
        match self.entry.get(self.at + 1) {
            Some(0x20..=0x7E | 0x80..) => self.at += 2,
            None if !self.last => return Err(Stop::Incomplete),
            _ => return Err(self.fault_here(ZoneFileErrorKind::Escape).into()),
        }
        Ok(())
    }

    /// A token in quotes.
    fn quoted(&mut self) -> Result<Token<'e>, Stop> {
        let at = self.at;
        let mut escaped = false;
        self.at += 1;
        loop {
            let open = Fault { at, length: self.at.saturating_sub(at).min(40), kind: ZoneFileErrorKind::OpenQuote };
            match self.entry.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.skip_escape()?;
                }
                Some(b'\n' | b'\r') => return Err(open.into()),
                Some(octet) if *octet != b'\t' && class(*octet) == Class::Control => {
                    return Err(Fault { length: 1, ..self.fault_here(ZoneFileErrorKind::Control) }.into());
                }
                Some(_) => self.at += 1,
                None if self.last => return Err(open.into()),
                None => return Err(Stop::Incomplete),
            }
        }
        let text = self.entry.get(at + 1..self.at).unwrap_or_default();
        self.at += 1;
        Ok(Token { text, at, quoted: true, escaped })
    }
}

/// Whether `\DDD` is decimal (RFC 1035 section 5.1) or octal (the Windows DNS server).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Up to `\255`.
    Decimal,
    /// Up to `\377`.
    Octal,
}

/// The first octet of a text, whether it was escaped, and what follows; `None` for a bad escape or no text.
pub(super) fn unescape_first(text: &[u8], escapes: Escapes) -> Option<(u8, bool, &[u8])> {
    let (first, rest) = text.split_first()?;
    if *first != b'\\' {
        return Some((*first, false, rest));
    }
    let (second, tail) = rest.split_first()?;
    if !second.is_ascii_digit() {
        return Some((*second, true, tail));
    }
    let (digits, tail) = rest.split_first_chunk::<3>()?;
    let radix = if escapes == Escapes::Octal { 8 } else { 10 };
    let value = digits.iter().try_fold(0, |value, digit| Some(value * radix + char::from(*digit).to_digit(radix)?))?;
    Some((u8::try_from(value).ok()?, true, tail))
}

/// Appends the octets that a token stands for.
pub(super) fn unescape(token: &Token<'_>, escapes: Escapes, out: &mut Vec<u8>) -> Result<(), Fault> {
    if !token.escaped {
        out.extend_from_slice(token.text);
        return Ok(());
    }
    let mut rest = token.text;
    while !rest.is_empty() {
        let bad = token.fault_at(token.text.len().saturating_sub(rest.len()), ZoneFileErrorKind::Escape);
        let (octet, _, tail) = unescape_first(rest, escapes).ok_or(bad)?;
        out.push(octet);
        rest = tail;
    }
    Ok(())
}

//! The options of a received OPT record that say who answers, and why not (RFC 5001, RFC 7873, RFC 8914), or for how long
//! (RFC 9664).
//!
//! It finds them and gives their octets; what a cookie is worth is for those who sent one.

use super::Opt;
use crate::present::escape_text;
use std::borrow::Cow;
use std::fmt;

/// The lease of an update (RFC 9664 section 4).
pub const UPDATE_LEASE: u16 = 2;
/// The name server identifier (RFC 5001 section 2.3).
pub const NSID: u16 = 3;
/// A cookie (RFC 7873 section 4).
pub const COOKIE: u16 = 10;
/// For how long a connection may be idle (RFC 7828 section 3.1).
pub const KEEPALIVE: u16 = 11;
/// Octets that mean nothing (RFC 7830 section 3).
pub const PADDING: u16 = 12;
/// An extended error (RFC 8914 section 2).
pub const EXTENDED_ERROR: u16 = 15;

/// A longer text of an extended error is cut: it is for people, and the server chooses its length.
const MAX_TEXT: usize = 200;

/// RFC 8467 section 4.1: "Clients SHOULD pad queries to the closest multiple of 128 octets".
const BLOCK: usize = 128;

/// The padding that makes whole blocks of a message of so many octets, in which the option is not yet. A TSIG record comes on
/// top, which is as long for every question that the same key signs.
pub(crate) fn padding_for(octets: usize) -> Vec<u8> {
    /// Code and length of the option itself.
    const HEAD: usize = 4;
    vec![0; (octets + HEAD).next_multiple_of(BLOCK) - (octets + HEAD)]
}

/// # Options
impl<'m> Opt<'m> {
    /// The octets of the first option with this code.
    pub fn option(&self, code: u16) -> Option<&'m [u8]> {
        self.options().find(|(found, _)| *found == code).map(|(_, octets)| octets)
    }

    /// Who answers, in octets of its own choice; one that says nothing is none.
    pub fn nsid(&self) -> Option<&'m [u8]> {
        self.option(NSID).filter(|octets| !octets.is_empty())
    }

    /// RFC 7828 section 3.4: whether the connection is to be closed once what was asked over it is answered.
    pub fn ends_connection(&self) -> bool {
        self.option(KEEPALIVE) == Some(&[0, 0])
    }

    /// Why the answer is what it is, in the server's own words; options without a code are passed over.
    pub fn extended_errors(&self) -> impl Iterator<Item = ExtendedError<'m>> + use<'m> {
        self.options().filter(|(code, _)| *code == EXTENDED_ERROR).filter_map(|(_, octets)| {
            let (code, text) = octets.split_first_chunk::<2>()?;
            Some(ExtendedError { code: u16::from_be_bytes(*code), text })
        })
    }
}

/// An extended error (RFC 8914): a hint for people, never a reason to decide anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtendedError<'m> {
    /// INFO-CODE.
    pub code: u16,
    /// EXTRA-TEXT as sent.
    pub text: &'m [u8],
}

impl ExtendedError<'_> {
    /// The purpose that the registry names for the code.
    pub fn purpose(&self) -> Cow<'static, str> {
        let known = match self.code {
            0 => "other error",
            1 => "unsupported DNSKEY algorithm",
            2 => "unsupported DS digest type",
            3 => "stale answer",
            4 => "forged answer",
            5 => "DNSSEC indeterminate",
            6 => "DNSSEC bogus",
            7 => "signature expired",
            8 => "signature not yet valid",
            9 => "DNSKEY missing",
            10 => "RRSIGs missing",
            11 => "no zone key bit set",
            12 => "NSEC missing",
            13 => "cached error",
            14 => "not ready",
            15 => "blocked",
            16 => "censored",
            17 => "filtered",
            18 => "prohibited",
            19 => "stale NXDOMAIN answer",
            20 => "not authoritative",
            21 => "not supported",
            22 => "no reachable authority",
            23 => "network error",
            24 => "invalid data",
            other => return format!("code {other}").into(),
        };
        known.into()
    }
}

impl fmt::Display for ExtendedError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EDE {} ({})", self.code, self.purpose())?;
        // RFC 8914 section 2: the text "may be null terminated".
        let text = self.text.strip_suffix(&[0]).unwrap_or(self.text);
        match text.get(..MAX_TEXT) {
            _ if text.is_empty() => Ok(()),
            Some(cut) => write!(f, ": \"{}...\"", escape_text(cut)),
            None => write!(f, ": \"{}\"", escape_text(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::Message;

    /// A reply that carries these options.
    fn reply(options: &[(u16, &[u8])]) -> Vec<u8> {
        let rdata: Vec<u8> = options
            .iter()
            .flat_map(|(code, octets)| {
                let length = u16::try_from(octets.len()).unwrap();
                [&code.to_be_bytes()[..], &length.to_be_bytes(), octets].concat()
            })
            .collect();
        let header = [0, 1, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let opt = [&[0, 0, 41, 4, 208, 0, 0, 0, 0][..], &u16::try_from(rdata.len()).unwrap().to_be_bytes()].concat();
        [&header[..], &opt, &rdata].concat()
    }

    #[test]
    fn p10_nsid_is_read_and_an_empty_one_is_none() {
        let octets = reply(&[(9, b"x"), (super::NSID, b"node-a"), (super::NSID, b"other")]);
        assert_eq!(Message::parse(&octets).unwrap().opt().unwrap().nsid(), Some(&b"node-a"[..]));
        let octets = reply(&[(super::NSID, b"")]);
        assert_eq!(Message::parse(&octets).unwrap().opt().unwrap().nsid(), None);
    }

    #[test]
    fn l2_extended_errors_are_one_line_and_bounded() {
        let long = [&[0, 18][..], &[b'x'; 5000]].concat();
        let octets = reply(&[(15, b"\x00\x0e\x1b]0;owned\x07\n\0"), (15, b"\x00"), (15, &[0, 99]), (15, &long)]);
        let message = Message::parse(&octets).unwrap();
        let shown: Vec<String> = message.opt().unwrap().extended_errors().map(|error| error.to_string()).collect();
        assert_eq!(shown[..2], ["EDE 14 (not ready): \"\\027]0;owned\\007\\010\"", "EDE 99 (code 99)"]);
        assert!(shown[2].starts_with("EDE 18 (prohibited): \"xxx") && shown[2].len() < 300, "{}", shown[2]);
    }
}

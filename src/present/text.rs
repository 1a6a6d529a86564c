//! Text from the network, made harmless.

use super::Shown;
use std::fmt::{self, Write};

/// Octets as one line of printable ASCII: EDE texts, NSIDs and whatever else a server says.
///
/// `"` and `\` get a backslash; every octet outside of space to `~` becomes `\DDD` (RFC 1035 section 5.1), so that neither
/// a terminal nor a log nor a quoted string can be steered by it. A space stays, as in any quoted string.
pub fn escape_text(octets: &[u8]) -> impl fmt::Display {
    Shown(move |f: &mut fmt::Formatter<'_>| octets.iter().try_for_each(|octet| write_in_quotes(*octet, f)))
}

/// Text that is finished but for what a terminal or a log would act on: everything outside of space to `~` as `\DDD`.
///
/// The words of an error, a line of a report: quotes and backslashes stay, since what had to be escaped within such a text
/// was escaped when it was put in, and a second backslash would alter it. For raw octets there is [`escape_text`].
pub fn one_line(text: &str) -> impl fmt::Display {
    Shown(move |f: &mut fmt::Formatter<'_>| {
        text.bytes().try_for_each(|octet| match octet {
            b' '..=b'~' => f.write_char(char::from(octet)),
            _ => write!(f, "\\{octet:03}"),
        })
    })
}

/// A character string in quotes.
pub(super) fn quoted(octets: &[u8]) -> impl fmt::Display {
    Shown(move |f: &mut fmt::Formatter<'_>| write!(f, "\"{}\"", escape_text(octets)))
}

/// One octet of a quoted string.
pub(super) fn write_in_quotes(octet: u8, f: &mut impl Write) -> fmt::Result {
    match octet {
        b'"' | b'\\' => write!(f, "\\{}", char::from(octet)),
        b' '..=b'~' => f.write_char(char::from(octet)),
        _ => write!(f, "\\{octet:03}"),
    }
}

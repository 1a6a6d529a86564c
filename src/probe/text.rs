//! What other rooms print of a probe, and of what servers say, on one line (L2).

use crate::present;
use crate::wire::WireName;
use std::fmt::Write;

/// A name in presentation form, absolute.
pub(crate) fn name(name: &WireName) -> String {
    present::name(name).to_string()
}

/// Text from outside on one line, without anything that a terminal would act on.
pub(crate) fn escape(outside: &str) -> String {
    let mut text = String::new();
    for character in outside.chars() {
        if character.is_ascii_graphic() || character == ' ' {
            text.push(character);
        } else {
            let mut octets = [0; 4];
            character.encode_utf8(&mut octets).bytes().for_each(|octet| push_decimal(&mut text, octet));
        }
    }
    text
}

/// `\DDD`.
fn push_decimal(text: &mut String, octet: u8) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\\{octet:03}");
}

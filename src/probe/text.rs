//! Names and character strings as text, escaped (L2).

use crate::wire::WireName;
use std::fmt::Write;

/// A name in the presentation format of RFC 1035 section 5.1, absolute, every octet that is not plain escaped.
pub(crate) fn name(name: &WireName) -> String {
    let mut text = String::new();
    for label in name.labels() {
        for &octet in label {
            match octet {
                b'.' | b'\\' | b'"' | b'(' | b')' | b';' | b'@' | b'$' => {
                    text.push('\\');
                    text.push(char::from(octet));
                }
                0x21..=0x7E => text.push(char::from(octet)),
                _ => push_decimal(&mut text, octet),
            }
        }
        text.push('.');
    }
    if text.is_empty() { ".".to_owned() } else { text }
}

/// TXT RDATA as quoted character strings.
pub(crate) fn character_strings(mut rdata: &[u8]) -> String {
    let mut text = String::new();
    while let Some((&length, rest)) = rdata.split_first() {
        let (string, rest) = rest.split_at_checked(usize::from(length)).unwrap_or((rest, &[]));
        text.push_str(if text.is_empty() { "\"" } else { " \"" });
        for &octet in string {
            match octet {
                b'"' | b'\\' => {
                    text.push('\\');
                    text.push(char::from(octet));
                }
                0x20..=0x7E => text.push(char::from(octet)),
                _ => push_decimal(&mut text, octet),
            }
        }
        text.push('"');
        rdata = rest;
    }
    text
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

//! DER as the test realm writes it: apart from the library's own writer, so that one slip cannot hide the other.

/// A value of this tag.
pub fn value(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).expect("test messages are short");
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..=0x7F => vec![tag, low],
        0x80..=0xFF => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, contents.to_vec()].concat()
}

/// SEQUENCE of these.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

/// `[n]` around a value.
pub fn field(number: u8, inner: &[u8]) -> Vec<u8> {
    value(0xA0 | number, inner)
}

/// `[APPLICATION n] SEQUENCE`.
pub fn message(number: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    value(0x60 | number, &sequence(parts))
}

/// `[n] INTEGER` that is not negative.
pub fn integer(number: u8, value_: u32) -> Vec<u8> {
    let octets = u64::from(value_).to_be_bytes();
    let start = octets.windows(2).position(|pair| pair[0] != 0 || pair[1] & 0x80 != 0).unwrap_or(7);
    field(number, &value(2, &octets[start..]))
}

/// `[n] OCTET STRING`.
pub fn octets(number: u8, contents: &[u8]) -> Vec<u8> {
    field(number, &value(4, contents))
}

/// `[n] GeneralString`.
pub fn string(number: u8, text: &str) -> Vec<u8> {
    field(number, &value(0x1B, text.as_bytes()))
}

/// `[n] GeneralizedTime`, as text.
pub fn time(number: u8, text: &str) -> Vec<u8> {
    field(number, &value(0x18, text.as_bytes()))
}

/// `[n]` flags, none set.
pub fn no_flags(number: u8) -> Vec<u8> {
    field(number, &value(3, &[0; 5]))
}

/// `[n]` `PrincipalName`.
pub fn name(number: u8, parts: &[String]) -> Vec<u8> {
    let strings: Vec<Vec<u8>> = parts.iter().map(|part| value(0x1B, part.as_bytes())).collect();
    field(number, &sequence(&[integer(0, 2), field(1, &sequence(&strings))]))
}

/// `[n]` `EncryptedData` of AES-256.
pub fn encrypted(number: u8, cipher: &[u8]) -> Vec<u8> {
    field(number, &sequence(&[integer(0, 18), octets(2, cipher)]))
}

/// `[n]` `EncryptionKey` of AES-256.
pub fn key(number: u8, key: &[u8]) -> Vec<u8> {
    field(number, &sequence(&[integer(0, 18), octets(1, key)]))
}

/// Ticket: what stands in it is for its service alone.
pub fn ticket(realm: &str, service: &[String]) -> Vec<u8> {
    message(1, &[integer(0, 5), string(1, realm), name(2, service), encrypted(3, b"for the service alone")])
}

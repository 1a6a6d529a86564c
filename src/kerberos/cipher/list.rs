//! Lists of ciphers as `krb5.conf` writes them.

use super::Etype;

/// The ciphers that a list names, in its order. What is unknown or is none of ours is passed over, as every Kerberos does.
///
/// `DEFAULT` stands for what needs no permission, `aes` and `rc4` for families; `-` before a word takes it out again.
pub(in crate::kerberos) fn read(text: &str) -> Vec<Etype> {
    let mut list: Vec<Etype> = Vec::new();
    for word in text.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        match word.strip_prefix('-') {
            Some(word) => list.retain(|etype| !named(word).contains(etype)),
            None => {
                for etype in named(word.strip_prefix('+').unwrap_or(word)) {
                    if !list.contains(etype) {
                        list.push(*etype);
                    }
                }
            }
        }
    }
    list
}

/// What one word stands for.
fn named(word: &str) -> &'static [Etype] {
    match word.to_ascii_lowercase().as_str() {
        "default" | "aes" => &Etype::SOUND,
        "aes256-cts-hmac-sha384-192" | "aes256-sha2" => &[Etype::Aes256Sha2],
        "aes128-cts-hmac-sha256-128" | "aes128-sha2" => &[Etype::Aes128Sha2],
        "aes256-cts-hmac-sha1-96" | "aes256-cts" | "aes256-sha1" => &[Etype::Aes256Sha1],
        "aes128-cts-hmac-sha1-96" | "aes128-cts" | "aes128-sha1" => &[Etype::Aes128Sha1],
        "rc4" | "rc4-hmac" | "arcfour-hmac" | "arcfour-hmac-md5" => &[Etype::Rc4],
        _ => &[],
    }
}

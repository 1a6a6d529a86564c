//! Upper and lower case of the letters A to Z (RFC 4343 section 3), eight octets at a time.
//!
//! Length octets are below `A`, so that whole names can be folded, and several of them in a row.

/// Eight times this octet.
const fn eight(octet: u8) -> u64 {
    u64::from_ne_bytes([octet; 8])
}

/// The top bit of each octet that is an upper-case letter.
///
/// What is added to the lower seven bits of an octet carries into its top bit, and never out of it.
const fn capitals(word: u64) -> u64 {
    let low = word & eight(0x7F);
    (low + eight(0x80 - b'A')) & !(low + eight(0x7F - b'Z')) & !word & eight(0x80)
}

/// Eight octets in lower case.
const fn folded_word(octets: [u8; 8]) -> [u8; 8] {
    let word = u64::from_ne_bytes(octets);
    (word | capitals(word) >> 2).to_ne_bytes()
}

/// Turns A-Z into a-z.
pub(crate) fn fold(octets: &mut [u8]) {
    let fold_word = |octets: &mut [u8; 8]| *octets = folded_word(*octets);
    octets.as_chunks_mut().0.iter_mut().for_each(fold_word);
    match octets.last_chunk_mut() {
        // What is folded twice stays as it is.
        Some(last) => fold_word(last),
        None => octets.make_ascii_lowercase(),
    }
}

/// So many octets in lower case.
#[inline]
pub(crate) fn folded<const LENGTH: usize>(mut octets: [u8; LENGTH]) -> [u8; LENGTH] {
    let (words, rest) = octets.as_chunks_mut();
    for word in words {
        *word = folded_word(*word);
    }
    rest.make_ascii_lowercase();
    octets
}

/// Whether there is no upper-case letter.
pub(crate) fn is_folded(octets: &[u8]) -> bool {
    let of_word = |octets: &[u8; 8]| capitals(u64::from_ne_bytes(*octets));
    match octets.last_chunk() {
        Some(last) => octets.as_chunks().0.iter().fold(of_word(last), |found, word| found | of_word(word)) == 0,
        None => !octets.iter().any(u8::is_ascii_uppercase),
    }
}

#[cfg(test)]
mod tests {
    use super::{fold, folded, is_folded};

    /// Every octet at every place of a word, and behind it, is what the standard library makes of it.
    #[test]
    fn every_octet_folds_as_in_the_standard_library() {
        for length in 1..20 {
            for at in 0..length {
                for octet in 0..=u8::MAX {
                    let mut octets = vec![0xC1; length];
                    octets[at] = octet;
                    let expected = octets.to_ascii_lowercase();
                    assert_eq!(is_folded(&octets), octets == expected);
                    if let Some(word) = octets.first_chunk::<17>() {
                        assert_eq!(folded(*word), expected[..17]);
                    }
                    fold(&mut octets);
                    assert_eq!(octets, expected);
                }
            }
        }
        assert!(is_folded(&[]));
    }
}

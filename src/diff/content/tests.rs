//! What tells one content from another.

use super::{Content, ContentHash};
use crate::wire::Rtype;

/// The hash of one record.
fn of(owner: &[u8], types: (Rtype, u16), ttl: u32, payload: &[u8]) -> Content {
    let hash = ContentHash::new([1, 2, 3, 4]);
    hash.of(hash.of_owner(owner), types, ttl, payload)
}

/// A31: every part of a record counts.
#[test]
fn a31_every_part_of_a_record_makes_another_content() {
    let all = [
        of(b"owner", (Rtype(1), 1), 300, b"payload"),
        of(b"other", (Rtype(1), 1), 300, b"payload"),
        of(b"owner", (Rtype(2), 1), 300, b"payload"),
        of(b"owner", (Rtype(1), 3), 300, b"payload"),
        of(b"owner", (Rtype(1), 1), 301, b"payload"),
        of(b"owner", (Rtype(1), 1), 300, b"another"),
    ];
    for (number, one) in all.iter().enumerate() {
        assert!(all.iter().skip(number + 1).all(|other| one != other), "{number}");
    }
    assert_eq!(all[0], of(b"owner", (Rtype(1), 1), 300, b"payload"));
}

//! Where entries may start, and what they cost.

use super::{Arena, At, CHUNK};

/// So many chunks at most can be told apart by places of four octets.
pub(in crate::diff) const MOST: usize = (1 << 32) / CHUNK - 1;

/// So many chunks, all of them empty but the last, which has room for this many octets.
pub(in crate::diff) fn with_room(count: usize, room: usize) -> Arena {
    chunks(count, CHUNK - room)
}

/// So many chunks, all of them empty but the last, which has this many octets.
fn chunks(count: usize, last: usize) -> Arena {
    let mut chunks = vec![Vec::new(); count];
    if let Some(chunk) = chunks.last_mut() {
        chunk.resize(last, 0);
    }
    Arena { chunks }
}

/// L1: places are numbers of four octets, so that an arena is full before one would need more.
#[test]
fn l1_full_before_a_place_needs_more_than_four_octets() {
    let most = MOST;
    assert!(!chunks(most, CHUNK - 10).is_full(10), "the last chunk has room");
    assert!(chunks(most, CHUNK - 10).is_full(11), "the next one would be one too many");
    assert!(!chunks(most - 1, CHUNK - 10).is_full(11));
    assert!(chunks(most, CHUNK - 10).push(&[&[0; 11]]).is_err());
    let at = chunks(most, CHUNK - 10).push(&[&[0; 10]]).expect("room");
    assert_eq!(u64::from(at.number()), (1 << 32) - CHUNK as u64 - 10);
}

/// An entry lies in one chunk.
#[test]
fn an_entry_is_no_longer_than_a_chunk() {
    assert!(!Arena::default().is_full(CHUNK));
    assert!(Arena::default().is_full(CHUNK + 1));
}

/// What begins where a chunk ends begins in the next one.
#[test]
fn entries_are_found_across_chunks() {
    let mut arena = Arena::default();
    assert_eq!(arena.first(), None);
    let (first, second) = (vec![1; CHUNK - 3], [2; 8]);
    let at = arena.push(&[&first]).expect("room");
    let next = arena.push(&[&second]).expect("room");
    assert_eq!((arena.first(), arena.entry_from(at.plus(first.len()))), (Some(at), Some(next)));
    assert_eq!(arena.read(next, 8), second);
    assert_eq!(arena.read(next, 9), second, "fewer where the chunk ends");
    assert_eq!(arena.entry_from(next.plus(8)), None);
    assert_eq!(chunks(2, 0).entry_from(At(0)), None, "a chunk without octets has no entry");
}

/// It is told how much is allocated, which is at least what was put in.
#[test]
fn all_that_is_allocated_is_counted() {
    let mut arena = Arena::default();
    arena.push(&[&[1; 100]]).expect("room");
    assert!((100..1000).contains(&arena.memory()), "{}", arena.memory());
    arena.push(&[&vec![1; CHUNK - 100]]).expect("room");
    for _ in 0..3 {
        arena.push(&[&vec![1; CHUNK]]).expect("room");
    }
    let octets: usize = arena.chunks.iter().map(Vec::capacity).sum();
    assert_eq!(arena.memory(), octets + arena.chunks.capacity() * size_of::<Vec<u8>>());
}

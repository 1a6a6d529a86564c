//! A transfer held against an earlier one: what is the same, and all that is not.

use super::*;
use crate::xfr::{Imprint, Repetition};

/// What these frames were as a transfer.
fn imprint(frames: &[Vec<u8>]) -> Imprint {
    let mut inbound = Inbound::unsigned(name("example.com"), ID, Limits::new());
    for frame in frames {
        let _ = inbound.frame(frame, 0, &mut |_| Ok(())).expect("a good message");
    }
    inbound.finish().expect("a good transfer").imprint
}

/// Whether these frames are that transfer again, and how many of them were read.
fn repeats(known: &Imprint, id: u16, frames: &[Vec<u8>]) -> (bool, usize) {
    let mut repetition = Repetition::new(id, known.clone(), None);
    let read = frames.iter().take_while(|frame| repetition.frame(frame, 0) == Progress::More).count();
    (repetition.finish(), read + 1)
}

/// The stream in messages of three records.
fn sent() -> Vec<Vec<u8>> {
    let replies: Vec<Reply> = stream().chunks(3).map(Reply::with).collect();
    frames(&replies)
}

#[test]
fn a31_the_same_octets_under_another_id_are_the_same_transfer() {
    let known = imprint(&sent());
    let mut again = sent();
    for frame in &mut again {
        frame[..2].copy_from_slice(&[1, 2]);
    }
    assert_eq!(repeats(&known, 0x0102, &again), (true, 3), "and not a message more is read");
    assert_eq!(repeats(&known, ID, &again), (false, 1), "an answer to another question");
}

#[test]
fn a31_every_other_octet_makes_another_transfer() {
    let known = imprint(&sent());
    for (number, frame) in sent().iter().enumerate() {
        for at in 2..frame.len() {
            let mut again = sent();
            again[number][at] ^= 0x20;
            assert!(!repeats(&known, ID, &again).0, "octet {at} of message {number}");
        }
    }
}

#[test]
fn a31_what_is_cut_otherwise_or_short_or_long_is_another_transfer() {
    let known = imprint(&sent());
    let other: Vec<Reply> = stream().chunks(4).map(Reply::with).collect();
    assert!(!repeats(&known, ID, &frames(&other)).0);
    assert!(!repeats(&known, ID, &sent()[..2]).0);
    let mut longer = sent();
    longer[2] = Reply::with(&stream()).octets();
    assert_eq!(repeats(&known, ID, &longer), (false, 3));
}

#[test]
fn a31_imprints_say_nothing_of_each_other() {
    assert_ne!(imprint(&sent()), imprint(&sent()), "each has a key of its own");
}

#[test]
fn a31_more_octets_than_before_are_another_transfer_at_once() {
    let known = imprint(&sent());
    let many: Vec<Vec<u8>> = (0..100).map(|last| a("www.example.com", last)).collect();
    let long = [&[soa(7)][..], &many].concat();
    assert_eq!(repeats(&known, ID, &[Reply::with(&long).octets(), sent()[1].clone(), sent()[2].clone()]), (false, 1));
}

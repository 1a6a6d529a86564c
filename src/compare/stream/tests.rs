//! What goes into a block is what the records are, wherever their owners stand.

use super::{Outlet, Sent};
use crate::canonical::{Form, write_record};
use crate::net::Intake;
use crate::serial::Serial;
use crate::wire::{Message, Section};
use tokio::sync::mpsc;

/// An answer with three records of this owner; the second and the third point to it, the third by way of the second.
fn message(owner: &[u8]) -> Vec<u8> {
    let mut octets = vec![0, 1, 0x80, 0, 0, 0, 0, 3, 0, 0, 0, 0];
    let mut pointer = [0xC0, 12];
    for last in 1..=3 {
        let start = octets.len();
        octets.extend_from_slice(if last == 1 { owner } else { &pointer });
        octets.extend_from_slice(&[0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, last]);
        if last == 2 {
            pointer = [0xC0, u8::try_from(start).unwrap()];
        }
    }
    octets
}

/// An owner that is at the same place in two messages is read in each; so it is when another reading begins.
#[tokio::test]
async fn a_copied_owner_outlives_neither_message_nor_block() {
    let (events, _told) = mpsc::unbounded_channel();
    for form in [Form::Canonical, Form::Bitwise] {
        let (mut outlet, mut receiver) = Outlet::new(String::new(), form, events.clone());
        for owners in [[&b"\x01A\x04Test\0"[..], b"\x01b\x04test\0"], [b"\x01c\x04test\0", b"\x03www\x01d\x04test\0"]] {
            let mut expected = Vec::new();
            for owner in owners {
                let octets = message(owner);
                let message = Message::parse(&octets).unwrap();
                for record in message.section(Section::Answer) {
                    outlet.record(record).unwrap();
                    write_record(record, form, &mut expected).unwrap();
                }
                outlet.rest().await;
            }
            outlet.tell_done(Serial(1)).await;
            assert!(matches!(receiver.recv().await, Some(Sent::Records(block)) if block == expected));
        }
    }
}

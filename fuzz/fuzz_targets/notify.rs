//! Any octets as a NOTIFY, from a server of the run with a key, from one without, and from a stranger (RFC 1996). An answer
//! is never answered (RUSTSEC-2023-0041), a stranger never at all; what is answered is a response with the ID that came, no
//! longer than what came with its signature; and nobody without the key is heard as the one who has it.
#![no_main]

use dnsconverge::notify::{Reaction, Sender, react};
use dnsconverge::tsig::{Signer, TsigKey};
use dnsconverge::wire::{Message, WireName};
use libfuzzer_sys::fuzz_target;
use std::net::IpAddr;
use std::sync::Arc;

/// Octets that a signature may add.
const TSIG_ROOM: usize = 400;

fuzz_target!(|octets: &[u8]| {
    let zone = WireName::from_labels([b"example".as_slice(), b"com"]).expect("a name");
    let key: Arc<dyn Signer> = Arc::new(TsigKey::parse("hmac-sha256:k:c2VjcmV0IHNlY3JldCBzZWNyZXQ=").expect("a key"));
    let [plain, keyed, stranger] = [1, 2, 3].map(|last| IpAddr::from([192, 0, 2, last]));
    let senders = [Sender { address: plain, key: None }, Sender { address: keyed, key: Some(key) }];
    let react = |from| react(octets, from, &zone, &senders, 1_700_000_000);
    assert_eq!(react(stranger), Reaction::Stranger(stranger));
    for from in [plain, keyed] {
        let (reply, is_heard) = match react(from) {
            Reaction::Ignored => continue,
            Reaction::Answered(reply) => (reply, false),
            Reaction::Heard { reply, hint } => {
                assert_eq!(hint.from, from);
                (reply, true)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!((octets[2] & 0x80, (octets[2] >> 3) & 0xF), (0, 4), "only a NOTIFY that is no answer is answered");
        assert_eq!((&reply[..2], reply[2] & 0x80), (&octets[..2], 0x80));
        assert!(reply.len() <= octets.len() + TSIG_ROOM, "no amplifier");
        let reply = Message::parse(&reply).expect("our own answer");
        assert!(!is_heard || reply.rcode().0 == 0);
        let was_signed = Message::parse(octets).is_ok_and(|message| message.tsig().is_some());
        assert!(!was_signed, "nobody who has the key signed this, and it was answered to {from}");
    }
});

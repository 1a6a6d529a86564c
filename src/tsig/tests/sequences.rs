//! Many messages that answer one request.

use super::super::{MacError, Summary, TsigError};
use super::*;
use crate::wire::Rcode;

/// A sequence after one signed message, which is then followed by so many unsigned ones; the last result.
fn unsigned_in_a_row(count: usize) -> (Sequence, Peer, Result<(), TsigError>) {
    let (mut sequence, mut peer) = sequence();
    next(&mut sequence, &peer.signed(response(0))).unwrap();
    let mut result = Ok(());
    for _ in 0..count {
        result = next(&mut sequence, &peer.unsigned(response(1)));
    }
    (sequence, peer, result)
}

#[test]
fn t3_every_message_signed() {
    let (mut sequence, mut peer) = sequence();
    for octet in 0..5 {
        assert_eq!(next(&mut sequence, &peer.signed(response(octet))), Ok(()));
    }
    assert_eq!(sequence.finish(), Ok(Summary { signed: 5, unsigned: 0 }));
}

#[test]
fn t3_a_first_message_with_timers_only_fails() {
    let (mut sequence, mut peer) = sequence();
    let manner = Manner { timers_only: Some(true), ..Manner::default() };
    assert_eq!(next(&mut sequence, &peer.signed_so(response(0), &manner)), Err(MacError::Mismatch.into()));
}

#[test]
fn t3_a_later_message_with_all_variables_fails() {
    let (mut sequence, mut peer) = sequence();
    next(&mut sequence, &peer.signed(response(0))).unwrap();
    let manner = Manner { timers_only: Some(false), ..Manner::default() };
    assert_eq!(next(&mut sequence, &peer.signed_so(response(1), &manner)), Err(MacError::Mismatch.into()));
}

#[test]
fn t3_the_chain_holds_the_prior_mac_as_received() {
    let (signer, mac, _) = request(Algorithm::HMAC_SHA256_128);
    let mut peer = Peer::answering(&key(Algorithm::HMAC_SHA256), &mac);
    let mut sequence = Sequence::new(signer, &mac);
    for octets in [16, 20, 32] {
        let manner = Manner { mac_octets: Some(octets), ..Manner::default() };
        assert_eq!(next(&mut sequence, &peer.signed_so(response(0), &manner)), Ok(()));
    }
}

#[test]
fn t3_a_message_left_out_repeated_or_swapped_breaks_the_chain() {
    for order in [&[0, 2][..], &[0, 1, 1], &[0, 2, 1]] {
        let (mut sequence, mut peer) = sequence();
        let messages = [0, 1, 2].map(|octet| peer.signed(response(octet)));
        let results: Vec<_> = order.iter().map(|index| next(&mut sequence, &messages[*index])).collect();
        assert!(results.contains(&Err(MacError::Mismatch.into())), "{order:?}");
    }
}

#[test]
fn t3_unsigned_messages_are_covered_whole_by_the_next_signature() {
    let message = response(1);
    for altered in 0..=message.len() {
        let (mut sequence, mut peer) = sequence();
        next(&mut sequence, &peer.signed(response(0))).unwrap();
        let mut received = peer.unsigned(message.clone());
        // Only octets whose change leaves a well-formed message reach the digest; the last round changes nothing.
        if let Some(octet) = received.get_mut(altered) {
            *octet ^= 1;
        }
        let Ok(received) = Message::parse(&received) else { continue };
        sequence.message(&received, NOW).unwrap();
        let result = next(&mut sequence, &peer.signed(response(2)));
        let wanted = if altered == message.len() { Ok(()) } else { Err(MacError::Mismatch.into()) };
        assert_eq!(result, wanted, "octet {altered}");
    }
}

#[test]
fn t4_99_unsigned_messages_in_a_row_are_accepted() {
    let (mut sequence, mut peer, result) = unsigned_in_a_row(99);
    assert_eq!(result, Ok(()));
    next(&mut sequence, &peer.signed(response(2))).unwrap();
    for _ in 0..99 {
        next(&mut sequence, &peer.unsigned(response(1))).unwrap();
    }
    next(&mut sequence, &peer.signed(response(2))).unwrap();
    assert_eq!(sequence.finish(), Ok(Summary { signed: 3, unsigned: 198 }));
}

#[test]
fn t4_the_hundredth_is_an_error() {
    let (mut sequence, mut peer, result) = unsigned_in_a_row(100);
    assert_eq!(result, Err(TsigError::TooManyUnsigned));
    assert_eq!(next(&mut sequence, &peer.signed(response(2))), Err(TsigError::AfterFailure));
}

#[test]
fn t4_so_are_150() {
    let (sequence, _, result) = unsigned_in_a_row(150);
    assert_eq!(result, Err(TsigError::AfterFailure));
    assert_eq!(sequence.finish(), Err(TsigError::AfterFailure));
}

#[test]
fn t4_every_message_can_be_demanded() {
    let (sequence, mut peer) = sequence();
    let mut sequence = sequence.every_message();
    next(&mut sequence, &peer.signed(response(0))).unwrap();
    assert_eq!(next(&mut sequence, &peer.unsigned(response(1))), Err(TsigError::NotEveryMessage));
}

#[test]
fn t5_an_unsigned_first_message_is_an_error() {
    let (mut sequence, mut peer) = sequence();
    let result = next(&mut sequence, &peer.unsigned(response(0)));
    assert_eq!(result, Err(TsigError::Missing { rcode: Rcode::NOERROR }));
}

#[test]
fn t5_an_unsigned_last_message_is_an_error() {
    let (sequence, _, result) = unsigned_in_a_row(2);
    assert_eq!(result, Ok(()));
    assert_eq!(sequence.finish(), Err(TsigError::LastUnsigned { messages: 2 }));
}

#[test]
fn t5_an_answer_without_messages_is_an_error() {
    assert_eq!(sequence().0.finish(), Err(TsigError::NoMessage));
}

#[test]
fn t6_another_key_in_the_middle_is_refused() {
    let (mut sequence, mut peer) = sequence();
    next(&mut sequence, &peer.signed(response(0))).unwrap();
    let manner = Manner { key_name: Some(b"\x05other\x00"), ..Manner::default() };
    let result = next(&mut sequence, &peer.signed_so(response(1), &manner));
    assert!(matches!(result, Err(TsigError::OtherKey { .. })));
}

#[test]
fn t8_the_time_is_checked_in_every_message() {
    for time in [NOW - 301, NOW + 301] {
        let (mut sequence, mut peer) = sequence();
        next(&mut sequence, &peer.signed_so(response(0), &Manner { time: NOW - 300, ..Manner::default() })).unwrap();
        let result = next(&mut sequence, &peer.signed_so(response(1), &Manner { time, ..Manner::default() }));
        assert!(matches!(result, Err(TsigError::Time { .. })));
    }
}

#[test]
fn t8_the_time_of_a_sequence_never_goes_back() {
    let (mut sequence, mut peer) = sequence();
    for time in [NOW, NOW, NOW + 60] {
        next(&mut sequence, &peer.signed_so(response(0), &Manner { time, ..Manner::default() })).unwrap();
    }
    let result = next(&mut sequence, &peer.signed_so(response(1), &Manner::default()));
    assert_eq!(result, Err(TsigError::TimeWentBack { seconds: 60 }));
}

#[test]
fn t8_a_long_transfer_goes_on_while_both_clocks_do() {
    let (mut sequence, mut peer) = sequence();
    for minute in 0..60 {
        let time = NOW + minute * 60;
        let octets = peer.signed_so(response(0), &Manner { time, ..Manner::default() });
        sequence.message(&Message::parse(&octets).unwrap(), time).unwrap();
    }
    assert_eq!(sequence.finish(), Ok(Summary { signed: 60, unsigned: 0 }));
}

#[test]
fn t9_an_unsigned_error_in_the_middle_ends_the_sequence() {
    let (mut sequence, mut peer) = sequence();
    next(&mut sequence, &peer.signed(response(0))).unwrap();
    let manner = Manner { error: 16, mac_octets: Some(0), ..Manner::default() };
    let error = next(&mut sequence, &peer.signed_so(response(1), &manner)).unwrap_err();
    assert!(!error.is_authenticated());
    assert_eq!(sequence.finish(), Err(TsigError::AfterFailure));
}

//! One answer to one request.

use super::super::{MacError, SignError, TsigError, refuse_unrequested, sign_answer, verify_request};
use super::*;
use crate::wire::{CLASS_ANY, Rcode, Rtype, WireErrorKind};

#[test]
fn t1_a_request_ends_with_one_tsig_of_class_any_ttl_0_and_fudge_300() {
    let signer: Arc<dyn Signer> = Arc::new(key(Algorithm::HMAC_SHA256));
    let mut octets = query();
    let mac = sign_request(&signer, &mut octets, 0xFFFF_FFFF_FFFF).unwrap();
    let message = Message::parse(&octets).unwrap();
    assert_eq!(message.header().counts, [1, 0, 0, 1]);
    let view = message.tsig().unwrap();
    assert_eq!((view.rtype(), view.class(), view.ttl()), (Rtype::TSIG, CLASS_ANY, 0));
    let record = TsigRecord::read(view).unwrap();
    assert_eq!((record.time_signed, record.fudge, record.original_id), (0xFFFF_FFFF_FFFF, 300, 0xBEEF));
    assert_eq!((record.mac, record.error, record.other), (mac.as_octets(), 0, &[][..]));
    assert_eq!(&octets[..10], &query()[..10]);
    assert_eq!(&octets[12..view.position()], &query()[12..]);
}

#[test]
fn t1_names_are_compared_and_digested_without_case() {
    let manner = Manner {
        key_name: Some(b"\x03xFR\x07EXAMPLE\x00"),
        algorithm: Some(b"\x0BHMAC-sha256\x00"),
        ..Manner::default()
    };
    assert_eq!(verdict_of(&manner), Ok(()));
}

#[test]
fn t1_an_id_rewritten_by_a_forwarder_verifies_through_the_original_id() {
    let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let mut answer = peer.signed(response(1));
    answer[0] ^= 0xFF;
    assert_eq!(verdict(&transaction, &answer), Ok(()));
}

#[test]
fn t1_a_record_of_another_class_or_ttl_is_refused() {
    let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let answer = peer.signed(response(1));
    let class_at = Message::parse(&answer).unwrap().tsig().unwrap().position() + 13 + 2;
    let mut other_class = answer.clone();
    other_class[class_at + 1] = 1;
    assert_eq!(verdict(&transaction, &other_class), Err(TsigError::ClassOrTtl { class: 1, ttl: 0 }));
    let mut other_ttl = answer;
    other_ttl[class_at + 5] = 9;
    assert_eq!(verdict(&transaction, &other_ttl), Err(TsigError::ClassOrTtl { class: 255, ttl: 9 }));
}

#[test]
fn t1_a_compressed_algorithm_name_is_refused() {
    let (transaction, _) = transaction(Algorithm::HMAC_SHA256);
    let mut answer = response(1);
    answer[11] = 1;
    answer.extend_from_slice(b"\x03xfr\x07example\x00\x00\xFA\x00\xFF\x00\x00\x00\x00\x00\x12\xC0\x0C");
    answer.extend_from_slice(&[0; 16]);
    let error = verdict(&transaction, &answer).unwrap_err();
    let TsigError::Malformed(error) = error else { panic!("{error:?}") };
    assert_eq!(error.kind, WireErrorKind::CompressedRdata);
}

#[test]
fn t1_octets_after_the_last_field_are_refused() {
    let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let mut answer = peer.signed(response(1));
    let length_at = Message::parse(&answer).unwrap().tsig().unwrap().position() + 13 + 8;
    answer[length_at + 1] += 1;
    answer.push(0);
    let error = verdict(&transaction, &answer).unwrap_err();
    let TsigError::Malformed(error) = error else { panic!("{error:?}") };
    assert_eq!((error.at, error.kind), (answer.len() - 1, WireErrorKind::RdataLength));
}

#[test]
fn t2_an_answer_to_another_request_fails() {
    let (first, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let answer = peer.signed(response(1));
    assert_eq!(verdict(&first, &answer), Ok(()));
    let signer: Arc<dyn Signer> = Arc::new(key(Algorithm::HMAC_SHA256));
    let second = sign_request(&signer, &mut query(), NOW + 1).unwrap();
    assert_eq!(verdict(&Transaction::new(signer, second), &answer), Err(MacError::Mismatch.into()));
}

#[test]
fn t2_every_octet_but_the_id_is_covered() {
    let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let answer = peer.signed(response(1));
    for at in 0..answer.len() {
        for change in [0x01, 0x80, 0xFF] {
            let mut altered = answer.clone();
            altered[at] ^= change;
            let accepted = Message::parse(&altered).is_ok_and(|message| transaction.verify(&message, NOW).is_ok());
            assert_eq!(accepted, at < 2, "octet {at}");
        }
    }
}

#[test]
fn t2_a_failed_message_leaves_the_transaction_as_it_was() {
    let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let good = peer.signed(response(1));
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert!(verdict(&transaction, &forged).is_err());
    assert_eq!(verdict(&transaction, &good), Ok(()));
}

#[test]
fn t6_key_before_mac_before_time_before_truncation() {
    let late = Manner { time: NOW - 3600, mac_octets: Some(16), ..Manner::default() };
    let wrong_mac = |manner: &Manner| Manner { timers_only: Some(true), ..manner.clone() };
    let wrong_key = |manner: &Manner| Manner { key_name: Some(b"\x05other\x00"), ..manner.clone() };
    assert!(matches!(verdict_of(&wrong_key(&wrong_mac(&late))), Err(TsigError::OtherKey { .. })));
    assert_eq!(verdict_of(&wrong_mac(&late)), Err(MacError::Mismatch.into()));
    assert_eq!(verdict_of(&late), Err(TsigError::Time { signed: NOW - 3600, skew: -3600, allowed: 300 }));
    let truncated = Manner { time: NOW, ..late };
    assert_eq!(verdict_of(&truncated), Err(MacError::Truncated { octets: 16, wanted: 32 }.into()));
}

#[test]
fn t6_another_algorithm_than_configured_is_refused_even_if_attacker_chosen() {
    let names: [&'static [u8]; 4] =
        [b"\x00", b"\x09hmac-sha1\x00", b"\x08gss-tsig\x00", b"\x04\x00\xFF\x1B.\x01\"\x00"];
    for algorithm in names {
        let error = verdict_of(&Manner { algorithm: Some(algorithm), ..Manner::default() }).unwrap_err();
        assert!(matches!(error, TsigError::OtherAlgorithm { .. }));
        assert!(error.to_string().bytes().all(|octet| (0x20..0x7F).contains(&octet)), "{error}");
    }
}

#[test]
fn t6_an_attacker_chosen_key_name_is_printed_escaped() {
    let manner = Manner { key_name: Some(b"\x06\x1B[31m\n\x03a.b\x00"), ..Manner::default() };
    let error = verdict_of(&manner).unwrap_err().to_string();
    assert_eq!(error, r"the reply is signed with key \027[31m\010.a\.b., not with key xfr.example. as the request");
}

#[test]
fn t7_sizes_of_a_mac() {
    let of = |octets| verdict_of(&Manner { mac_octets: Some(octets), ..Manner::default() });
    for octets in [0, 8, 9, 10, 15] {
        assert_eq!(of(octets), Err(MacError::TooShort { octets, least: 16 }.into()));
    }
    for octets in [16, 31] {
        assert_eq!(of(octets), Err(MacError::Truncated { octets, wanted: 32 }.into()));
    }
    assert_eq!(of(32), Ok(()));
    assert_eq!(of(33), Err(MacError::TooLong { octets: 33, full: 32 }.into()));
}

#[test]
fn t7_half_of_sha1_is_ten_octets() {
    let of = |octets| {
        let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA1);
        verdict(&transaction, &peer.signed_so(response(1), &Manner { mac_octets: Some(octets), ..Manner::default() }))
    };
    assert_eq!(of(9), Err(MacError::TooShort { octets: 9, least: 10 }.into()));
    assert_eq!(of(10), Err(MacError::Truncated { octets: 10, wanted: 20 }.into()));
    assert_eq!(of(20), Ok(()));
}

#[test]
fn t7_a_truncated_algorithm_sends_and_accepts_the_truncated_mac() {
    let (signer, mac, _) = request(Algorithm::HMAC_SHA256_128);
    assert_eq!(mac.as_octets().len(), 16);
    let full = key(Algorithm::HMAC_SHA256);
    for octets in [16, 24, 32] {
        let manner = Manner { mac_octets: Some(octets), ..Manner::default() };
        let answer = Peer::answering(&full, &mac).signed_so(response(1), &manner);
        assert_eq!(verdict(&Transaction::new(Arc::clone(&signer), mac.clone()), &answer), Ok(()), "{octets}");
    }
}

#[test]
fn t7_the_provided_methods_of_a_signer_hold_the_same_policy() {
    let key = key(Algorithm::HMAC_SHA256);
    let mac = key.sign(&[b"one ", b"two"]).unwrap();
    assert_eq!(key.verify(&[b"one", b" two"], &mac), Ok(()));
    assert_eq!(key.verify(&[b"one two"], &mac[..16]), Err(MacError::Truncated { octets: 16, wanted: 32 }));
    assert_eq!(key.verify(&[b"one two!"], &mac), Err(MacError::Mismatch));
}

#[test]
fn t8_the_time_may_differ_by_the_fudge_and_no_more() {
    let at = |time| verdict_of(&Manner { time, ..Manner::default() });
    for time in [NOW - 300, NOW, NOW + 300] {
        assert_eq!(at(time), Ok(()));
    }
    for (time, skew) in [(NOW - 301, -301), (NOW + 301, 301), (NOW - 3600, -3600), (NOW + 3600, 3600)] {
        assert_eq!(at(time), Err(TsigError::Time { signed: time, skew, allowed: 300 }));
    }
}

#[test]
fn t8_the_fudge_of_the_message_narrows_ours_but_never_widens_it() {
    let with = |time, fudge| verdict_of(&Manner { time, fudge, ..Manner::default() });
    assert_eq!(with(NOW - 11, 10), Err(TsigError::Time { signed: NOW - 11, skew: -11, allowed: 10 }));
    assert_eq!(with(NOW - 301, 65535), Err(TsigError::Time { signed: NOW - 301, skew: -301, allowed: 300 }));
    let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let manner = Manner { time: NOW - 3600, fudge: 65535, ..Manner::default() };
    assert_eq!(verdict(&transaction.max_fudge(3600), &peer.signed_so(response(1), &manner)), Ok(()));
}

#[test]
fn t9_unsigned_error_replies_are_only_a_hint() {
    let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA256);
    for error in [16, 17, 18, 22, 4711] {
        let manner = Manner { error, mac_octets: Some(0), ..Manner::default() };
        let forged = Peer::answering(&peer.key, &RequestMac::new(vec![])).signed_so(response(1), &manner);
        let error = verdict(&transaction, &forged).unwrap_err();
        assert!(!error.is_authenticated());
        assert!(error.to_string().ends_with("(an unauthenticated hint: the reply is not signed)"), "{error}");
    }
    assert_eq!(verdict(&transaction, &peer.signed(response(1))), Ok(()), "the good answer that came after them");
}

#[test]
fn t9_whatever_a_stranger_can_send_is_not_authenticated() {
    let authenticated = |manner: Manner| verdict_of(&manner).unwrap_err().is_authenticated();
    assert!(!authenticated(Manner { key_name: Some(b"\x05other\x00"), ..Manner::default() }));
    assert!(!authenticated(Manner { algorithm: Some(b"\x05other\x00"), ..Manner::default() }));
    assert!(!authenticated(Manner { timers_only: Some(true), ..Manner::default() }));
    assert!(!authenticated(Manner { mac_octets: Some(0), ..Manner::default() }));
    assert!(authenticated(Manner { time: NOW - 3600, ..Manner::default() }));
    assert!(authenticated(Manner { mac_octets: Some(16), ..Manner::default() }));
    assert!(authenticated(Manner { error: 18, ..Manner::default() }));
}

#[test]
fn t10_badtime_verifies_with_its_other_data() {
    let other = (NOW + 3600).to_be_bytes()[2..].to_vec();
    let manner = Manner { time: NOW - 3600, error: 18, other, ..Manner::default() };
    let error = verdict_of(&manner).unwrap_err();
    let (server_time, skew) = (Some(NOW + 3600), Some(3600));
    assert_eq!(error, TsigError::BadTime { server_time, skew, authenticated: true });
    assert_eq!(verdict_of(&Manner { timers_only: Some(true), ..manner }), Err(MacError::Mismatch.into()));
}

#[test]
fn t10_badtime_without_the_servers_time_says_so() {
    for other in [vec![], vec![0; 5], vec![0; 7]] {
        let error = verdict_of(&Manner { error: 18, other, ..Manner::default() }).unwrap_err();
        assert_eq!(error, TsigError::BadTime { server_time: None, skew: None, authenticated: true });
    }
}

#[test]
fn t12_a_missing_tsig_where_we_signed_is_an_error() {
    let (transaction, _) = transaction(Algorithm::HMAC_SHA256);
    let mut answer = response(1);
    answer[3] = 5;
    let error = verdict(&transaction, &answer).unwrap_err();
    assert_eq!(error, TsigError::Missing { rcode: Rcode::REFUSED });
    assert!(!error.is_authenticated());
}

#[test]
fn t12_a_tsig_on_the_reply_to_an_unsigned_request_is_an_error() {
    let (_, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let signed = peer.signed(response(1));
    assert_eq!(refuse_unrequested(&Message::parse(&signed).unwrap()), Err(TsigError::Unrequested));
    assert_eq!(refuse_unrequested(&Message::parse(&response(1)).unwrap()), Ok(()));
}

#[test]
fn t12_a_tsig_that_is_not_last_or_not_alone_or_not_in_additional_is_no_message() {
    let (_, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let mut twice = peer.signed(response(1));
    twice = peer.signed(twice);
    assert_eq!(Message::parse(&twice).unwrap_err().kind, WireErrorKind::MisplacedTsig);
    for section in [7, 9] {
        let mut moved = peer.signed(response(1));
        moved[11] -= 1;
        moved[section] += 1;
        assert_eq!(Message::parse(&moved).unwrap_err().kind, WireErrorKind::MisplacedTsig);
    }
    let mut not_last = peer.signed(response(1));
    not_last[11] += 1;
    not_last.extend_from_slice(b"\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04\x01\x02\x03\x04");
    assert_eq!(Message::parse(&not_last).unwrap_err().kind, WireErrorKind::MisplacedTsig);
}

#[test]
fn t15_a_truncated_answer_with_only_its_question_verifies() {
    let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA256);
    let mut answer = query();
    answer[2] = 0x86;
    let answer = peer.signed(answer);
    assert_eq!(verdict(&transaction, &answer), Ok(()));
    assert!(Message::parse(&answer).unwrap().header().is_truncated());
}

#[test]
fn what_cannot_be_signed_is_left_as_it_was() {
    let signer: Arc<dyn Signer> = Arc::new(key(Algorithm::HMAC_SHA256));
    let refused = |mut message: Vec<u8>, now| {
        let before = message.clone();
        let error = sign_request(&signer, &mut message, now).unwrap_err();
        assert!(message == before);
        error
    };
    assert_eq!(refused(vec![0; 11], NOW), SignError::NotAMessage);
    assert_eq!(refused(query(), 1 << 48), SignError::Time);
    assert_eq!(refused(vec![0; 65_500], NOW), SignError::TooLong);
    // What the record takes: its owner, 10 octets, the name of the algorithm, 16 octets, the MAC.
    let most = 65_535 - (13 + 10 + 13 + 16 + 32);
    assert_eq!(refused(vec![0; most + 1], NOW), SignError::TooLong);
    let mut longest = vec![0; most];
    sign_request(&signer, &mut longest, NOW).unwrap();
    assert_eq!(longest.len(), 65_535);
    let mut full = query();
    full[10..12].copy_from_slice(&[0xFF, 0xFF]);
    assert_eq!(refused(full, NOW), SignError::TooManyRecords);
}

#[test]
fn t1_our_own_answer_is_signed_over_the_request_and_its_time_has_48_bits() {
    let signer: Arc<dyn Signer> = Arc::new(key(Algorithm::HMAC_SHA256));
    let mut request = query();
    let mac = sign_request(&signer, &mut request, NOW).unwrap();
    let seen = verify_request(&*signer, &Message::parse(&request).unwrap(), NOW).unwrap();
    assert_eq!(seen.as_octets(), mac.as_octets());
    let mut answer = response(1);
    sign_answer(&*signer, &seen, &mut answer, NOW).unwrap();
    let transaction = Transaction::new(Arc::clone(&signer), mac);
    assert!(transaction.verify(&Message::parse(&answer).unwrap(), NOW).is_ok());
    let mut late = response(1);
    assert!(matches!(sign_answer(&*signer, &seen, &mut late, 1 << 48), Err(SignError::Time)));
    assert_eq!(late, response(1), "left as it was");
    assert!(sign_answer(&*signer, &seen, &mut late, (1 << 48) - 1).is_ok());
}

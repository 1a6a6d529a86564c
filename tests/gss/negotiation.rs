//! The negotiation, message by message: G1 to G4.

use crate::gss::acceptor::{self, Accepted, Fault};
use crate::gss::realm::{HOST, PASSWORD, SERVICE_KEY, cache};
use dnsconverge::gss::{Account, Context, Mechanism, Negotiation, NegotiationError, Next};
use dnsconverge::kerberos::{Credential, CredentialCache, KerberosError, UnixTime};
use dnsconverge::tsig::{MacError, Sequence, Signer, TsigError, sign_request};
use dnsconverge::wire::Message;
use std::sync::Arc;
use std::time::Duration;

/// The time of every message here.
const NOW: UnixTime = Duration::from_micros(1_700_000_000_123_456);

/// A cache with the ticket for the DNS server.
fn tickets() -> CredentialCache {
    CredentialCache::read(&cache(&["DNS", HOST], &SERVICE_KEY, u32::MAX)).unwrap()
}

/// The account, and its ticket.
fn account(mechanism: Mechanism) -> (Account, Credential) {
    let account = Account::with_cache(tickets()).mechanism(mechanism);
    let credential = tickets().service(&account.dns_service("dc1").unwrap(), NOW).unwrap().clone();
    (account, credential)
}

/// A negotiation that has begun: its first message.
fn begin(mechanism: Mechanism) -> (Vec<u8>, Negotiation) {
    let (account, credential) = account(mechanism);
    Negotiation::begin(&account, &credential, 1, NOW, (&[7; 64], &[9; 16])).unwrap()
}

/// One round with an acceptor that has this fault.
fn round(mechanism: Mechanism, fault: Fault) -> (Accepted, Result<Next, NegotiationError>) {
    let (message, mut negotiation) = begin(mechanism);
    let request = Message::parse(&message).unwrap();
    let (accepted, token) = acceptor::accept(&acceptor::tkey(&request).unwrap().2, fault);
    let answer = acceptor::tkey_answer(&request, &token, fault, NOW.as_secs());
    (accepted, negotiation.answer(&Message::parse(&answer).unwrap(), 2, NOW))
}

/// How a round with this fault ends.
fn refusal(fault: Fault) -> NegotiationError {
    round(Mechanism::Spnego, fault).1.expect_err("abandoned")
}

/// A context, negotiated.
fn context() -> Arc<Context> {
    match round(Mechanism::Spnego, Fault::None).1 {
        Ok(Next::Done(context)) => context,
        other => panic!("{other:?}"),
    }
}

#[test]
fn g1_the_ticket_is_for_the_host_and_mutual_replay_detection_and_integrity_are_asked() {
    for mechanism in [Mechanism::Spnego, Mechanism::Kerberos] {
        let (accepted, next) = round(mechanism, Fault::None);
        assert!(matches!(next, Ok(Next::Done(_))), "{mechanism:?}: {next:?}");
        assert_eq!(accepted.service, ["DNS", HOST], "a short name is completed by the realm");
        assert_eq!((accepted.mutual, accepted.flags & (2 | 4 | 32)), (true, 2 | 4 | 32));
    }
}

#[test]
fn g1_a_server_that_does_not_prove_itself_is_abandoned() {
    assert_eq!(refusal(Fault::NoToken), NegotiationError::NotMutual);
    assert_eq!(refusal(Fault::EmptyResponse), NegotiationError::NotMutual);
    assert_eq!(refusal(Fault::OtherTime), NegotiationError::Kerberos(KerberosError::NotMutual));
    assert!(matches!(refusal(Fault::OtherKey), NegotiationError::Kerberos(KerberosError::Integrity { .. })));
}

#[test]
fn g2_a_refusal_ends_the_negotiation() {
    let errors = [Fault::Rcode(5), Fault::Rcode(9), Fault::TkeyError(17), Fault::TkeyError(19)].map(refusal);
    assert!(matches!(errors[0], NegotiationError::Rcode(_)) && matches!(errors[2], NegotiationError::Tkey(17)));
    let texts = errors.map(|error| error.to_string());
    for (text, word) in texts.iter().zip(["REFUSED", "keytab", "BADKEY", "BADMODE"]) {
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn g2_a_server_that_goes_on_for_ever_is_left_after_ten_rounds() {
    let (message, mut negotiation) = begin(Mechanism::Spnego);
    let request = Message::parse(&message).unwrap();
    let (_, token) = acceptor::accept(&acceptor::tkey(&request).unwrap().2, Fault::WantsSignature);
    let answer = acceptor::tkey_answer(&request, &token, Fault::WantsSignature, NOW.as_secs());
    let next = negotiation.answer(&Message::parse(&answer).unwrap(), 2, NOW).unwrap();
    let Next::Send(message) = next else { panic!("our signature over the mechanisms: {next:?}") };
    let request = Message::parse(&message).unwrap();
    let answer = acceptor::tkey_answer(&request, &token, Fault::WantsSignature, NOW.as_secs());
    let endless = Message::parse(&answer).unwrap();
    for _ in 2..=dnsconverge::gss::MAX_ROUNDS {
        assert!(matches!(negotiation.answer(&endless, 3, NOW), Ok(Next::Wait(_))));
    }
    assert_eq!(negotiation.answer(&endless, 3, NOW).unwrap_err(), NegotiationError::Rounds);
}

#[test]
fn g3_an_unsigned_last_answer_is_not_believed_and_a_signed_one_behind_it_is() {
    let (message, mut negotiation) = begin(Mechanism::Spnego);
    let request = Message::parse(&message).unwrap();
    let (_, token) = acceptor::accept(&acceptor::tkey(&request).unwrap().2, Fault::None);
    let unsigned = acceptor::tkey_answer(&request, &token, Fault::UnsignedLast, NOW.as_secs());
    let next = negotiation.answer(&Message::parse(&unsigned).unwrap(), 2, NOW).unwrap();
    let Next::Wait(NegotiationError::LastUnsigned(TsigError::Missing { .. })) = next else { panic!("{next:?}") };
    let signed = acceptor::tkey_answer(&request, &token, Fault::None, NOW.as_secs());
    let mut altered = signed.clone();
    let last = altered.len() - 8;
    altered[last] ^= 1;
    let next = negotiation.answer(&Message::parse(&altered).unwrap(), 2, NOW).unwrap();
    assert!(matches!(next, Next::Wait(NegotiationError::LastUnsigned(TsigError::Mac(MacError::Mismatch)))), "{next:?}");
    let next = negotiation.answer(&Message::parse(&signed).unwrap(), 2, NOW).unwrap();
    assert!(matches!(next, Next::Done(_)), "{next:?}");
}

#[test]
fn g3_exactly_one_record_of_our_name_answers() {
    assert_eq!(refusal(Fault::TwoRecords), NegotiationError::Records(2));
    assert_eq!(refusal(Fault::OtherName), NegotiationError::Other("name"));
    let (account, credential) = account(Mechanism::Spnego);
    let name = |unique: &[u8; 16]| {
        let (message, _) = Negotiation::begin(&account, &credential, 1, NOW, (&[7; 64], unique)).unwrap();
        acceptor::tkey(&Message::parse(&message).unwrap()).unwrap().0
    };
    assert_ne!(name(&[1; 16]), name(&[2; 16]), "a name for every negotiation");
}

#[test]
fn g4_a_context_signs_and_verifies_the_digest_of_tsig() {
    let signer: Arc<dyn Signer> = context();
    let mut message = [5, 0x2800, 0, 0, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    sign_request(&signer, &mut message, NOW.as_secs()).unwrap();
    let mut sent = acceptor::strip(&Message::parse(&message).unwrap()).unwrap();
    assert_eq!(sent.name, *signer.key_name());
    assert!(sent.is_initiators());
    sent.message.push(0);
    assert!(!sent.is_initiators());
}

#[test]
fn g4_each_message_of_a_transfer_is_bound_to_the_one_before() {
    let signer: Arc<dyn Signer> = context();
    let mut query = [5, 0, 0, 0, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    let request_mac = sign_request(&signer, &mut query, NOW.as_secs()).unwrap();
    let empty: Vec<u8> = [5, 0x8000, 0, 0, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    let mut first = empty.clone();
    acceptor::sign_reply(&mut first, signer.key_name(), request_mac.as_octets(), Fault::None, NOW.as_secs());
    let mac = acceptor::strip(&Message::parse(&first).unwrap()).unwrap().mac;
    let mut second = empty;
    acceptor::sign_next(&mut second, signer.key_name(), &mac, NOW.as_secs());
    let take = |messages: &[&Vec<u8>]| {
        let mut sequence = Sequence::new(Arc::clone(&signer), &request_mac);
        messages.iter().try_for_each(|octets| sequence.message(&Message::parse(octets).unwrap(), NOW.as_secs()))
    };
    assert_eq!(take(&[&first, &second]), Ok(()));
    assert_eq!(take(&[&first, &first]), Err(TsigError::Mac(MacError::Mismatch)));
    assert_eq!(take(&[&second]), Err(TsigError::Mac(MacError::Mismatch)));
}

#[test]
fn g6_a_context_is_deleted_by_its_name_under_its_own_signature() {
    let context = context();
    let mut message = dnsconverge::gss::delete(9, &context, NOW).unwrap();
    let signer: Arc<dyn Signer> = context;
    sign_request(&signer, &mut message, NOW.as_secs()).unwrap();
    let request = Message::parse(&message).unwrap();
    let (name, mode, token) = acceptor::tkey(&request).unwrap();
    assert_eq!((name, mode, token), (*signer.key_name(), 5, Vec::new()));
    assert!(acceptor::strip(&request).unwrap().is_initiators());
}

#[test]
fn l4_neither_account_nor_context_shows_a_secret() {
    use dnsconverge::kerberos::Principal;
    let principal = Principal::parse("admin", Some("CORP.TEST")).unwrap();
    let with_password = Account::with_password(principal, PASSWORD.to_owned().into());
    for shown in
        [format!("{with_password:?}"), format!("{:?}", Account::with_cache(tickets())), format!("{:?}", context())]
    {
        assert!(!shown.contains(PASSWORD) && !shown.contains("41, 41") && !shown.contains("60, 60"), "{shown}");
    }
}

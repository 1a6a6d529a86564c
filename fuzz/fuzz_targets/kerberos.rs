//! Any octets as what a KDC and an acceptor say. Raw, nobody without the key is believed; encrypted with the key, as a
//! KDC or an acceptor that means harm could, they are read or refused.
#![no_main]

#[allow(dead_code, reason = "seeds and targets need other parts of it")]
#[path = "../fixtures/kerberos.rs"]
mod realm;

use self::realm::{AS_REP, ETYPE, RANDOM, TGS_REP};
use dnsconverge::gss::{Account, Negotiation, Next};
use dnsconverge::kerberos::{
    ApRequest, Credential, CredentialCache, InitialExchange, Keytab, Principal, Secret, ServiceExchange, Step, UnixTime,
};
use dnsconverge::wire::Message;
use libfuzzer_sys::fuzz_target;

/// The time of every exchange.
const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

fuzz_target!(|octets: &[u8]| {
    let Some((mode, octets)) = octets.split_first() else { return };
    let credential = credential();
    match mode % 7 {
        0 => assert!(!matches!(login().answer(octets, NOW, &RANDOM), Ok(Step::Done(_))), "nobody has proved the key"),
        1 => {
            let reply = realm::reply(AS_REP, octets);
            if let Ok(Step::Done(granted)) = login().answer(&reply, NOW, &RANDOM) {
                assert!(granted.ends > NOW.as_secs());
            }
        }
        2 => assert!(!matches!(service(&credential).answer(octets, NOW, &RANDOM), Ok(Step::Done(_)))),
        3 => {
            let reply = realm::reply(TGS_REP, octets);
            if let Ok(Step::Done(granted)) = service(&credential).answer(&reply, NOW, &RANDOM) {
                assert!(granted.ends > NOW.as_secs());
            }
        }
        4 => {
            let (_, request) = ApRequest::new(&credential, &[], NOW, &RANDOM);
            let _ = request.error(octets);
            assert!(request.answer(octets).is_err(), "nobody has proved the key");
        }
        5 => {
            let (_, request) = ApRequest::new(&credential, &[], NOW, &RANDOM);
            let _ = request.answer(&realm::proof(octets));
        }
        _ => negotiate(&credential, octets),
    }
});

/// A message of the name server; it may be its answer to our first token.
fn negotiate(credential: &Credential, octets: &[u8]) {
    let account = Account::with_cache(cache());
    let (_, mut negotiation) =
        Negotiation::begin(&account, credential, 0x2A17, NOW, (&RANDOM, &[7; 16])).expect("a token that fits");
    if let Ok(message) = Message::parse(octets) {
        let next = negotiation.answer(&message, 0x2A18, NOW);
        assert!(!matches!(next, Ok(Next::Done(_) | Next::Send(_))), "nobody has proved the key");
    }
}

/// A login whose first question was asked.
fn login() -> InitialExchange {
    let keytab = Keytab::read(&realm::keytab()).expect("ours");
    let mut exchange = InitialExchange::new(client(), Secret::Keytab(keytab), &[ETYPE]).expect("it has the key");
    exchange.begin(NOW, &RANDOM);
    exchange
}

/// A question for the ticket of a name server that was asked.
fn service(granting: &Credential) -> ServiceExchange {
    let service = Principal::parse("DNS/ns1.example.com@EXAMPLE.COM", None).expect("a name");
    let mut exchange = ServiceExchange::new(granting.clone(), service, &[ETYPE]);
    exchange.begin(NOW, &RANDOM).expect("a question");
    exchange
}

/// Who logs in.
fn client() -> Principal {
    Principal::parse("admin@EXAMPLE.COM", None).expect("a name")
}

/// What the client holds.
fn cache() -> CredentialCache {
    CredentialCache::read(&realm::cache()).expect("ours")
}

/// The ticket-granting ticket.
fn credential() -> Credential {
    cache().granting(NOW).expect("it never ends").clone()
}

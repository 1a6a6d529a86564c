//! One update: it goes over TCP, once, and whatever is in doubt afterwards is told as unknown.

use super::lab::{Access, Act, Fault, Lab, On, Step, Transport as Via, TsigFault};
use super::{key, network, zone};
use dnsconverge::net::{ExchangeError, Peer, UpdateError};
use dnsconverge::wire::{Message, Rcode};
use hickory_proto::op::{Message as Built, MessageType, OpCode, Query as Question};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// An update that adds one TXT record at `planted`.
pub(crate) fn update(id: u16) -> Vec<u8> {
    let mut message = Built::new(id, MessageType::Query, OpCode::Update);
    let zone = Name::from_ascii("example.test.").unwrap();
    message.add_query(Question::query(zone.clone(), RecordType::SOA));
    let data = RData::TXT(TXT::from_bytes(vec![b"probe"]));
    message.add_authority(Record::from_rdata(zone.prepend_label("planted").unwrap(), 60, data));
    message.to_vec().unwrap()
}

#[tokio::test]
async fn u3_an_update_goes_over_tcp_signed_and_its_answer_is_verified() {
    let (key, signer) = key("k.");
    let server = Lab::primary(zone()).key(&key).update_by(Access::AnyKey).start().await.unwrap();
    let answer = network().update(&Peer::plain(server.address()), &update(77), Some(&signer)).await.unwrap();
    assert!(answer.authenticated);
    assert_eq!(Message::parse(&answer.octets).unwrap().rcode(), Rcode::NOERROR);
    assert!(server.zone().holds("planted"));
    let request = &server.requests()[0];
    assert_eq!((request.transport, request.id(), server.requests().len()), (Via::Tcp, 77, 1));
}

#[tokio::test]
async fn u5_what_was_never_sent_is_told_so() {
    let server = Lab::primary(zone()).without_tcp().start().await.unwrap();
    let error = network().update(&Peer::plain(server.address()), &update(1), None).await.unwrap_err();
    assert!(matches!(error, UpdateError::NotSent(ExchangeError::Unreachable { .. })), "{error}");
    assert!(error.to_string().contains(&server.address().to_string()), "{error}");
    let long = [update(1), vec![0; 65_536]].concat();
    let error = network().update(&Peer::plain(server.address()), &long, None).await.unwrap_err();
    assert!(matches!(error, UpdateError::NotSent(ExchangeError::TooLong { .. })), "{error}");
    let error = network().update(&Peer::plain(server.address()), &[1, 2, 3], Some(&key("k.").1)).await.unwrap_err();
    assert!(matches!(error, UpdateError::NotSent(ExchangeError::Sign(_))), "{error}");
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn u9_every_doubt_after_sending_is_unknown_and_never_sent_again() {
    type Expected = fn(&ExchangeError) -> bool;
    let cases: [(&str, Act, Expected); 8] = [
        ("reply lost", Act::LoseReply, |error| matches!(error, ExchangeError::Timeout { .. })),
        ("closed", Act::DoneThenClose, |error| matches!(error, ExchangeError::Closed { .. })),
        ("reset", Act::steps(|_| Box::new([Step::Reset].into_iter())), |error| {
            matches!(error, ExchangeError::Closed { .. })
        }),
        ("wrong ID", Act::WrongId, |error| matches!(error, ExchangeError::NotOurs { .. })),
        ("no response", Act::each_frame(|_, octets| octets[2] ^= 0x80), |error| {
            matches!(error, ExchangeError::NotOurs { .. })
        }),
        ("other opcode", Act::each_frame(|_, octets| octets[2] &= 0x87), |error| {
            matches!(error, ExchangeError::NotOurs { .. })
        }),
        ("malformed", Act::each_frame(|_, octets| octets.truncate(15)), |error| {
            matches!(error, ExchangeError::Malformed { .. })
        }),
        ("no message", Act::each_frame(|_, octets| octets.clear()), |error| {
            matches!(error, ExchangeError::Malformed { .. })
        }),
    ];
    for (case, act, expected) in cases {
        let server = Lab::primary(zone()).fault(Fault::new(On::Update, act)).start().await.unwrap();
        let error = network().update(&Peer::plain(server.address()), &update(1), None).await.unwrap_err();
        assert!(matches!(&error, UpdateError::Unknown(error) if expected(error)), "{case}: {error}");
        assert!(server.zone().holds("planted"), "{case}: it was applied");
        assert_eq!((server.requests().len(), server.connections()), (1, 1), "{case}: sent once");
    }
}

#[tokio::test]
async fn u9_an_answer_that_is_badly_signed_is_unknown() {
    for fault in [TsigFault::WrongMac, TsigFault::Unsigned, TsigFault::WithoutRequestMac, TsigFault::Shifted(-3600)] {
        let (key, signer) = key("k.");
        let server = Lab::primary(zone()).key(&key).fault(Fault::tsig(fault.clone())).start().await.unwrap();
        let error = network().update(&Peer::plain(server.address()), &update(1), Some(&signer)).await.unwrap_err();
        assert!(matches!(error, UpdateError::Unknown(ExchangeError::Tsig { .. })), "{fault:?}: {error}");
        assert_eq!(server.requests().len(), 1, "{fault:?}: sent once");
    }
}

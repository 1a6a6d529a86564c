//! The changes since a version by IXFR over real sockets: what is asked, what comes, and when the whole zone is due.

#[path = "lab/mod.rs"]
mod lab;

use dnsconverge::net::{Network, Peer, Transfer, TransferError};
use dnsconverge::serial::Serial;
use dnsconverge::tsig::{Signer, TsigKey};
use dnsconverge::wire::WireName;
use dnsconverge::xfr::{Change, Delta, HeldVersion, Limits, Outcome, ReceivedIxfr, Sign, TransferTimes};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, RecordType};
use lab::{Act, Algorithm, Fault, Key, Lab, On, Server, ServerBuilder, TransferFault, Zone};
use std::sync::Arc;
use std::time::Duration;

/// Three versions of a zone: one host goes and one comes, then 40 come.
fn versions() -> [Zone; 3] {
    let first = Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]).a("old", [192, 0, 2, 1]);
    let mut second = first.clone().a("new", [192, 0, 2, 2]).soa(8);
    second.remove("old", RecordType::A);
    [first, second.clone(), second.hosts(40).soa(9)]
}

/// A server with the last of them, and a journal of the others.
fn primary() -> ServerBuilder {
    let [first, second, third] = versions();
    Lab::primary(third).journal([first, second]).records_per_message(10)
}

/// What came: the answer, and how many deletions, additions and records of a whole zone.
type Came = (Result<ReceivedIxfr, TransferError>, Delta, u64);

/// Asks for the changes since this version.
async fn ask_with(server: &Server, held: u32, signer: Option<&Arc<dyn Signer>>, times: TransferTimes) -> Came {
    let zone = WireName::from_name(&Name::from_ascii("example.test.").unwrap());
    let transfer = Transfer { zone, limits: Limits::new(), times };
    let (mut delta, mut whole) = (Delta::new(Delta::OCTETS), 0);
    let mut each = |change: Change<'_, '_>| match change {
        Change::Deleted(record) => delta.delete(record),
        Change::Added(record) => delta.add(record),
        Change::Whole(_) => {
            whole += 1;
            Ok(())
        }
    };
    let held = HeldVersion::of_serial(Serial(held));
    let result = Network::new().incremental(&Peer::plain(server.address()), &transfer, &held, signer, &mut each).await;
    (result, delta, whole)
}

/// The same without a key.
async fn ask(server: &Server, held: u32) -> Came {
    ask_with(server, held, None, TransferTimes::new()).await
}

/// How many records go and come, by the net effect.
fn net(delta: Delta) -> (usize, usize) {
    let effects = delta.finish().unwrap();
    let count = |wanted| effects.net_changes().filter(|(sign, _)| *sign == wanted).count();
    (count(Sign::Removed), count(Sign::Added))
}

#[tokio::test]
async fn i1_i4_the_changes_since_our_version() {
    let server = primary().start().await.unwrap();
    let (received, delta, whole) = ask(&server, 7).await;
    let Outcome::Delta(changed) = received.unwrap().outcome else { panic!("not a difference") };
    assert_eq!((changed.from, changed.to, changed.sequences), (Serial(7), Serial(9), 2));
    assert!(changed.messages > 1, "over several messages");
    assert_eq!((net(delta), whole), ((2, 42), 0), "the SOA and one host go; the SOA and 41 hosts come");
    let request = server.wait_for(|request| request.record_type() == RecordType::IXFR).await;
    let [soa] = request.message.authorities.as_slice() else { panic!("not one record") };
    assert!(matches!(&soa.data, RData::SOA(soa) if soa.serial == 7));
}

#[tokio::test]
async fn i2_up_to_date_and_behind() {
    let server = primary().start().await.unwrap();
    let (received, ..) = ask(&server, 9).await;
    assert!(matches!(received.unwrap().outcome, Outcome::UpToDate { .. }));
    let (received, ..) = ask(&server, 11).await;
    assert!(matches!(received.unwrap().outcome, Outcome::Behind { serial: Serial(9), .. }));
}

#[tokio::test]
async fn i3_94_a_version_that_the_journal_lacks() {
    // The first SOA stands alone in its message: over TCP that is not "up to date".
    let server = primary().soa_alone().start().await.unwrap();
    let (received, _, whole) = ask(&server, 6).await;
    let Outcome::Whole(completed) = received.unwrap().outcome else { panic!("not a zone") };
    assert_eq!((completed.serial, completed.records, whole), (Serial(9), 44, 44));
}

#[tokio::test]
async fn i6_cut_off_the_whole_zone_is_due() {
    for fault in [TransferFault::CutAfter(1), TransferFault::ResetAfter(2), TransferFault::CutInside(3, 9)] {
        let server = primary().fault(Fault::transfer(fault)).start().await.unwrap();
        let error = ask(&server, 7).await.0.expect_err("nothing half is ever given out");
        assert!(error.is_axfr_due(), "{error}");
    }
}

#[tokio::test]
async fn i2_96_silence_after_a_newer_soa_the_whole_zone_is_due() {
    let server = primary().soa_alone().fault(Fault::transfer(TransferFault::StallAfter(1))).start().await.unwrap();
    let times = TransferTimes::new().idle(Duration::from_millis(300));
    let error = ask_with(&server, 7, None, times).await.0.expect_err("not up to date");
    assert!(matches!(error, TransferError::Idle { .. }) && error.is_axfr_due(), "{error}");
}

#[tokio::test]
async fn i8_94_a_server_that_does_not_do_ixfr() {
    for rcode in [ResponseCode::NotImp, ResponseCode::FormErr, ResponseCode::ServFail, ResponseCode::Refused] {
        let server =
            primary().fault(Fault::new(On::QueryOf(RecordType::IXFR), Act::Rcode(rcode))).start().await.unwrap();
        let error = ask(&server, 7).await.0.expect_err("refused");
        assert!(error.is_axfr_due() && !matches!(error, TransferError::Broken { .. }), "{error}");
        let with_opt = server.count(|request| request.message.edns.is_some());
        let retried = matches!(rcode, ResponseCode::NotImp | ResponseCode::FormErr);
        assert_eq!((with_opt, server.requests().len()), (1, if retried { 2 } else { 1 }), "A3: once more without OPT");
    }
}

#[tokio::test]
async fn t5_a_signed_difference() {
    let key = Key::new("transfer-key", Algorithm::Sha256, b"an octet string of 32 octets ...");
    let text = format!("{}:{}:{}", key.algorithm().mnemonic(), key.name(), key.base64());
    let signer: Arc<dyn Signer> = Arc::new(TsigKey::parse(&text).unwrap());
    let server = primary().key(&key).sign_every(3).start().await.unwrap();
    let (received, delta, _) = ask_with(&server, 7, Some(&signer), TransferTimes::new()).await;
    let signatures = received.unwrap().signatures.expect("signed");
    assert!(signatures.signed > 1 && signatures.unsigned > 1, "{signatures:?}");
    assert_eq!(net(delta), (2, 42));
}

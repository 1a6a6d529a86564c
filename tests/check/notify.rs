//! NOTIFY as a hint: it makes us look now, and nothing else comes of it.

use crate::lab::{Request, ServerBuilder, Zone};
use crate::scene::{Scene, ms, name, run, run_with, schedule};
use dnsconverge::check::Check;
use dnsconverge::converge::Schedule;
use dnsconverge::report::{EventKind, Propagation, Report};
use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, Record, RecordType};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::watch;

/// A check that listens, and would by its own ask a second time only after its deadline.
fn listening(scene: &Scene) -> Check {
    let seldom = Schedule::every(ms(60_000)).for_at_most(ms(8000)).timeout(ms(1000)).confirmations(1);
    scene.check().schedule(seldom).listen((Ipv4Addr::LOCALHOST, 0).into())
}

/// A NOTIFY for the zone, with this SOA as its hint.
fn notify(zone: &Name, soa: Option<Record>) -> Vec<u8> {
    let mut message = Message::new(0x4E4F, MessageType::Query, OpCode::Notify);
    message.metadata.authoritative = true;
    message.add_query(Query::query(zone.clone(), RecordType::SOA));
    message.add_answers(soa);
    message.to_vec().unwrap()
}

/// Where a check says that it listens, told to whoever waits for it.
struct Ear(watch::Sender<Option<SocketAddr>>);

impl Ear {
    /// Not known yet.
    fn new() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(None)))
    }

    /// Takes note of it.
    fn hear(&self, kind: &EventKind) {
        if let EventKind::Listening { address } = kind {
            self.0.send_replace(Some(*address));
        }
    }

    /// Waits for it.
    async fn address(&self) -> SocketAddr {
        self.0.subscribe().wait_for(Option::is_some).await.unwrap().unwrap()
    }
}

/// Sends this from 127.0.0.1 and gives the answer.
async fn ask(address: SocketAddr, octets: &[u8]) -> Message {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    socket.send_to(octets, address).await.unwrap();
    let mut buffer = [0; 512];
    let length = socket.recv(&mut buffer).await.unwrap();
    Message::from_vec(&buffer[..length]).unwrap()
}

/// Whether a question is for a name below the probes' own, and no sibling of a pre-flight.
fn is_probe(request: &Request) -> bool {
    request.name().to_ascii().contains("._dnsconverge.")
}

#[tokio::test]
async fn n1_n3_a_notify_brings_the_next_question_forward_and_is_acknowledged() {
    // The destination gets the change after it was asked once, and then sends its NOTIFY.
    let scene = Scene::with_destination(ServerBuilder::paused).await;
    let ear = Ear::new();
    let mut has_confirmed = false;
    let heard = Arc::clone(&ear);
    let check = listening(&scene);
    let running = run_with(check, |kind| {
        heard.hear(kind);
        if matches!(kind, EventKind::Waiting { .. }) {
            scene.destination.resume();
        }
        has_confirmed |= matches!(kind, EventKind::Confirmed { .. });
    });
    let notifier = async {
        let address = ear.address().await;
        let probe = scene.destination.wait_until(|zone: &Zone| !zone.below("_dnsconverge").is_empty()).await;
        let reply = ask(address, &notify(&name(), Some(probe.soa_record()))).await;
        assert_eq!((reply.metadata.message_type, reply.metadata.op_code), (MessageType::Response, OpCode::Notify));
        assert!(reply.metadata.authoritative && reply.metadata.response_code == ResponseCode::NoError);
        assert_eq!((reply.metadata.id, reply.queries[0].name()), (0x4E4F, &name()));
    };
    let (report, ()) = tokio::join!(running, notifier);
    let report = report.unwrap();
    assert!(has_confirmed, "{report}");
    assert!(report.source().unwrap().evidence.notified >= 1, "source and destination share an address here");
    scene.assert_clean();
}

/// Runs a check whose destination stays behind while this happens at the address where it listens.
async fn stays_behind<F: Future<Output = ()>>(meanwhile: impl FnOnce(SocketAddr) -> F) -> (Report, Scene) {
    let scene = Scene::with_destination(ServerBuilder::paused).await;
    let ear = Ear::new();
    let heard = Arc::clone(&ear);
    let check = scene.check().schedule(schedule(1200)).listen((Ipv4Addr::LOCALHOST, 0).into());
    let running = run_with(check, |kind| heard.hear(kind));
    let other = async { meanwhile(ear.address().await).await };
    let report = tokio::select! {
        report = running => report.unwrap(),
        () = async { other.await; std::future::pending().await } => unreachable!("it waits for ever"),
    };
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::NotConverged, 1), "{report}");
    scene.assert_clean();
    (report, scene)
}

/// Case 55: a NOTIFY with the newest serial, and a future one, from a server whose data is old.
#[tokio::test]
async fn n1_a_newer_serial_in_a_notify_proves_nothing() {
    let future = Zone::new("example.test.").soa(4_000_000);
    let hint = notify(&name(), Some(future.soa_record()));
    let (report, _) = stays_behind(|address| async move {
        for _ in 0..5 {
            ask(address, &hint).await;
        }
    })
    .await;
    assert_ne!(report.destinations()[0].serial, Some(4_000_000), "nor is it a source of serials");
}

#[tokio::test]
async fn n2_a_stranger_is_ignored_and_told_once() {
    let (report, scene) = stays_behind(|address| async move {
        let socket = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 9), 0)).await.unwrap();
        for _ in 0..20 {
            socket.send_to(&notify(&name(), None), address).await.unwrap();
        }
        let mut stream = TcpStream::connect(address).await.unwrap();
        let _ = stream.write_all(&[0, 1, 0]).await;
    })
    .await;
    let about = |note: &&String| note.contains("127.0.0.9");
    assert_eq!(report.notes().iter().filter(about).count(), 1, "{report}");
    assert_eq!(report.source().unwrap().evidence.notified, 0);
    drop(scene);
}

#[tokio::test]
async fn n4_a_flood_of_notifies_delays_neither_polls_nor_the_deadline() {
    let quiet = Scene::with_destination(ServerBuilder::paused).await;
    run(&quiet.check().schedule(schedule(1200))).await.unwrap();
    let usual = quiet.destination.count(is_probe);
    let (report, scene) = stays_behind(|address| async move {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let octets = notify(&name(), None);
        loop {
            for _ in 0..50 {
                let _ = socket.try_send_to(&octets, address);
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(report.lasted_ms() < 15_000, "{report}");
    // One that is brought forward an interval, and one by the first interval after it, which jitter shortens by a fifth.
    let (flooded, lasted) = (scene.destination.count(is_probe), usize::try_from(report.lasted_ms()).unwrap());
    assert!(flooded <= usual + 2 * lasted / 16, "{flooded} questions instead of {usual} in {lasted} ms");
    assert!(report.source().unwrap().evidence.notified <= 50, "L8: the log is bounded too");
}

#[tokio::test]
async fn n5_without_any_notify_the_polls_find_the_same() {
    let scene = Scene::with_destination(|it| it.delay(ms(50))).await;
    let check = scene.check().listen((Ipv4Addr::LOCALHOST, 0).into());
    let (report, _) = run(&check).await.unwrap();
    assert_eq!((report.exit_status(), report.source().unwrap().evidence.notified), (0, 0), "{report}");
}

#[tokio::test]
async fn n3_over_tcp_and_for_another_zone() {
    let (_, scene) = stays_behind(|address| async move {
        let other = Name::from_ascii("other.test.").unwrap();
        assert_eq!(ask(address, &notify(&other, None)).await.metadata.response_code, ResponseCode::NotAuth);
        let mut stream = TcpStream::connect(address).await.unwrap();
        let octets = notify(&name(), None);
        for _ in 0..2 {
            let frame = [&u16::try_from(octets.len()).unwrap().to_be_bytes(), octets.as_slice()].concat();
            stream.write_all(&frame).await.unwrap();
            let mut reply = vec![0; usize::from(stream.read_u16().await.unwrap())];
            stream.read_exact(&mut reply).await.unwrap();
            assert_eq!(Message::from_vec(&reply).unwrap().metadata.response_code, ResponseCode::NoError);
        }
    })
    .await;
    drop(scene);
}

#[tokio::test]
async fn n5_that_nothing_was_heard_is_part_of_the_reason() {
    let (report, _) = stays_behind(|_| async {}).await;
    let text = report.to_string();
    assert!(text.contains("no NOTIFY from the source was heard here"), "{text}");
}

#[tokio::test]
async fn n3_an_address_that_is_taken_is_an_error_before_anything_is_asked() {
    let scene = Scene::honest().await;
    let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = taken.local_addr().unwrap();
    let error = run(&scene.check().listen(address)).await.unwrap_err().to_string();
    assert!(error.contains(&format!("cannot be listened for at {address}")), "{error}");
    assert!(scene.source.requests().is_empty());
}

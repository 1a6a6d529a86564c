//! L1, A32: sides that are slow, large or cut in odd ways, through sockets and the whole comparison, within the least memory.

use super::lab::{Act, Fault, Gate, Lab, On, ServerBuilder, Step, Steps, Zone};
use super::{changes, peers, quick, run, zone};
use dnsconverge::compare::{Compare, Compared, LEAST_MEMORY};
use dnsconverge::net::Network;
use dnsconverge::report::ComparisonVerdict::{Different, Equal};
use dnsconverge::report::EventKind;
use hickory_proto::rr::{Record, RecordType};
use std::pin::pin;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

/// So many hosts in step are some two megabytes of each side on their way.
const MANY: u32 = 30_000;
/// Records of the largest `RRset`.
const LARGEST: u32 = 300_000;

/// The hosts, and one more record where it is wanted.
fn hosts(other: bool) -> Zone {
    let zone = zone().hosts(MANY);
    if other { zone.a("h17", [10, 9, 9, 9]) } else { zone }
}

/// The one change that [`hosts`] makes.
const CHANGE: [&str; 1] = ["+h17.example.test.\t3600\tIN\tA\t10.9.9.9"];

/// A comparison of these servers with the least memory that it may have.
async fn frugal(base: ServerBuilder, target: ServerBuilder) -> (Compare, [super::Server; 2]) {
    let servers = [base.start().await.unwrap(), target.start().await.unwrap()];
    let network = Network::new().timeout(Duration::from_secs(60));
    (quick(peers(&servers.each_ref())).network(network).memory(LEAST_MEMORY), servers)
}

/// What a comparison says that has to find one change of these lines.
fn finds(compared: &Compared, lines: &[&str]) {
    assert_eq!(compared.verdict(), Different, "{:?}", compared.comparison());
    let text: Vec<String> = changes(compared).iter().map(ToString::to_string).collect();
    assert_eq!(text.join("\n").lines().collect::<Vec<_>>(), lines);
}

/// How long header and question of each message are.
const BEFORE: usize = 12 + 14 + 4;

/// A server that sends these addresses between its SOAs: their owners' first labels, so many records in a message. They are
/// written by hand, since the lab's encoder compresses nothing far behind the start of a message, and takes its time.
fn sending(records: impl Fn() -> Vec<(String, u32)> + Send + Sync + 'static, each: usize) -> ServerBuilder {
    let splice = move |steps: Steps| -> Steps {
        let mut steps: Vec<Step> = steps.collect();
        let Some(Step::Message(first)) = steps.first() else { return Box::new(steps.into_iter()) };
        let head = first[..BEFORE].to_vec();
        let message = |records: &[(String, u32)]| {
            let mut octets = head.clone();
            // So many answers, and nothing behind them.
            octets[6..8].copy_from_slice(&u16::try_from(records.len()).unwrap().to_be_bytes());
            octets[8..12].fill(0);
            for (label, address) in records {
                octets.push(u8::try_from(label.len()).unwrap());
                octets.extend_from_slice(label.as_bytes());
                octets.extend_from_slice(&[0xC0, 12, 0, 1, 0, 1, 0, 0, 0x0E, 0x10, 0, 4]);
                octets.extend_from_slice(&address.to_be_bytes());
            }
            Step::Message(octets)
        };
        let between: Vec<Step> = records().chunks(each).map(message).collect();
        steps.splice(1..1, between);
        Box::new(steps.into_iter())
    };
    let apex = Zone::new("example.test.").soa(7);
    let transfers = On::request(|request| request.record_type() == RecordType::AXFR);
    Lab::primary(apex).soa_alone().fault(Fault::new(transfers, Act::steps(splice)))
}

#[tokio::test]
async fn l1_one_record_a_message_is_exact() {
    let drip = Lab::primary(hosts(true)).records_per_message(1).soa_alone();
    let (compare, _servers) = frugal(Lab::primary(hosts(false)), drip).await;
    finds(&run(&compare).await, &CHANGE);
}

#[tokio::test]
async fn l1_messages_of_65535_octets_are_exact() {
    /// Records of one message: 23 octets each, one of them 24.
    const EACH: u32 = 2848;
    assert_eq!(BEFORE + 23 * EACH as usize + 1, 65_535);
    let sending = |other: u32| {
        let records = move || {
            let number = |number: u32| {
                let wider = if number.is_multiple_of(EACH) { "x" } else { "" };
                (format!("h{number:05}{wider}"), if number == other { 2 } else { 1 })
            };
            (0..EACH * 16).map(number).collect()
        };
        sending(records, EACH as usize)
    };
    let (compare, _servers) = frugal(sending(u32::MAX), sending(40_077)).await;
    let change = ["-h40077.example.test.\t3600\tIN\tA\t0.0.0.1", "+h40077.example.test.\t3600\tIN\tA\t0.0.0.2"];
    finds(&run(&compare).await, &change);
}

#[tokio::test]
async fn l1_a32_a_record_set_of_300000_is_exact() {
    let large = |backwards: bool, without: u32| {
        let records = move || {
            let number = |number: u32| if backwards { LARGEST - 1 - number } else { number };
            let numbers = (0..LARGEST).map(number).filter(|number| *number != without);
            numbers.map(|number| ("large".to_owned(), number)).collect()
        };
        sending(records, 2000)
    };
    let (compare, _servers) = frugal(large(false, u32::MAX), large(true, 77_777)).await;
    finds(&run(&compare).await, &["-large.example.test.\t3600\tIN\tA\t0.1.47.209"]);
}

#[tokio::test]
async fn l1_a_comparison_that_is_slower_than_its_servers_is_exact() {
    let (compare, _servers) = frugal(Lab::primary(hosts(false)), Lab::primary(hosts(true))).await;
    // The transfers run in tasks of their own; what takes their records has its turn seldom.
    let mut comparing = pin!(compare.run_until(std::future::pending(), |_| ()));
    let mut turn = 0_u32;
    let seldom = std::future::poll_fn(|context| {
        turn += 1;
        if turn.is_multiple_of(64) {
            return comparing.as_mut().poll(context);
        }
        context.waker().wake_by_ref();
        Poll::Pending
    });
    finds(&seldom.await.unwrap(), &CHANGE);
}

/// Says nothing between two messages of a transfer until the gate opens.
fn stalling_at(message: usize, gate: &Gate) -> Fault {
    let gate = gate.clone();
    let stall = move |steps: Steps| -> Steps {
        let wait = Step::Wait(gate.clone());
        let with_wait = (0..).zip(steps).flat_map(move |(number, step)| {
            let wait = (number == message).then(|| wait.clone());
            wait.into_iter().chain([step])
        });
        Box::new(with_wait)
    };
    Fault::new(On::Transfer, Act::steps(stall)).first(1)
}

#[tokio::test]
async fn l1_what_comes_while_another_side_stalls_is_kept() {
    let gate = Gate::new();
    let slow = Lab::primary(hosts(true)).fault(stalling_at(3, &gate));
    let (compare, servers) = frugal(Lab::primary(hosts(false)), slow).await;
    let fast = servers[0].address().to_string();
    let order = Mutex::new(Vec::new());
    let compared = compare.run_until(std::future::pending(), |event| {
        if let EventKind::ReadDone { side, .. } = &event.kind {
            order.lock().unwrap().push(*side == fast);
            gate.open();
        }
    });
    finds(&compared.await.unwrap(), &CHANGE);
    assert_eq!(order.lock().unwrap()[..2], [true, false], "the one was read to its end before the other went on");
}

#[tokio::test]
async fn v7_every_record_sent_again_at_the_end_is_equal_within_the_budget() {
    let again = |mut records: Vec<Record>| {
        let last = records.len() - 1;
        let copies = records[1..last].to_vec();
        records.splice(last..last, copies);
        records
    };
    let twice = Lab::primary(hosts(false)).fault(Fault::new(On::Transfer, Act::records(again)));
    let (compare, _servers) = frugal(Lab::primary(hosts(false)), twice).await;
    let compared = run(&compare).await;
    assert_eq!(compared.verdict(), Equal, "{:?}", compared.comparison());
}

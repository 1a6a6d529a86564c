//! `Compare` against the embedded lab: what is equal, what is different, and when nothing can be said.

#[path = "lab/mod.rs"]
mod lab;

use dnsconverge::compare::{Compare, CompareError, Compared};
use dnsconverge::diff::{ChangeKind, DiffPolicy, RrsetChange, SoaFields};
use dnsconverge::net::{Families, Network, Server as Peer, ServerAddress};
use dnsconverge::report::ComparisonVerdict::{Different, Equal, Moving, NotCompared};
use dnsconverge::report::EventKind;
use dnsconverge::tsig::TsigKey;
use dnsconverge::xfr::TransferTimes;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{Name, RData, RecordType};
use lab::{Access, Act, Algorithm, Fault, Gate, Key, Lab, On, Request, Server, ServerBuilder, Signature};
use lab::{TransferFault, TsigFault, Zone};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The zone of these scenarios.
fn zone() -> Zone {
    Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]).a("www", [192, 0, 2, 1]).hosts(20)
}

/// The same with another address at `www`.
fn other_zone() -> Zone {
    let mut zone = zone();
    zone.remove("www", RecordType::A);
    zone.a("www", [192, 0, 2, 2])
}

/// A server that holds this zone.
async fn serve(zone: Zone) -> Server {
    Lab::primary(zone).start().await.unwrap()
}

/// The name of the zone.
fn name() -> Name {
    Name::from_ascii("example.test.").unwrap()
}

/// A comparison of these servers that does not wait long.
fn quick(peers: Vec<Peer>) -> Compare {
    let network = Network::new().timeout(Duration::from_millis(1500));
    Compare::new(&name(), peers).network(network).every(Duration::from_millis(10)).standstill(Duration::from_millis(80))
}

/// These servers as peers without keys.
fn peers(servers: &[&Server]) -> Vec<Peer> {
    servers.iter().map(|server| Peer::at(server.address())).collect()
}

/// Runs to the end.
async fn run(compare: &Compare) -> Compared {
    compare.run_until(std::future::pending(), |_| ()).await.unwrap()
}

/// Compares these servers.
async fn compare(servers: &[&Server]) -> Compared {
    run(&quick(peers(servers))).await
}

/// The changes.
fn changes(compared: &Compared) -> Vec<RrsetChange> {
    compared.changes().collect::<Result<_, _>>().unwrap()
}

/// Why a side was not compared.
fn error_of(compared: &Compared, side: usize) -> String {
    compared.comparison().sides[side].error.clone().unwrap_or_default()
}

/// How many transfers a server was asked for.
fn transfers(server: &Server) -> usize {
    server.count(Request::is_transfer)
}

/// A server that shows another zone to as many requests as `act` is hit by.
fn showing(zone: Zone, shown: Zone, on: On, hits: impl Fn(Fault) -> Fault) -> ServerBuilder {
    Lab::primary(zone).fault(hits(Fault::new(on, Act::answer_from(shown))))
}

/// A key as the lab and the comparison have it.
fn key(name: &str, secret: &[u8]) -> (Key, TsigKey) {
    let key = Key::new(name, Algorithm::Sha256, secret);
    let text = format!("{}:{}:{}", key.algorithm().mnemonic(), key.name(), key.base64());
    let own = TsigKey::parse(&text).unwrap();
    (key, own)
}

// Equal

#[tokio::test]
async fn equal_zones_are_equal_and_the_counts_are_told() {
    let (base, target) = (serve(zone()).await, serve(zone()).await);
    let compared = compare(&[&base, &target]).await;
    assert_eq!(compared.verdict(), Equal);
    assert!(changes(&compared).is_empty() && compared.comparison().notes.is_empty());
    for (side, server) in compared.comparison().sides.iter().zip([&base, &target]) {
        assert_eq!((side.serial, side.records, side.address), (Some(7), Some(24), Some(server.address())));
        assert_eq!((side.authenticated_by.as_deref(), side.transport.as_deref()), (None, Some("tcp")));
        assert_eq!(transfers(server), 1);
    }
}

#[tokio::test]
async fn v7_order_duplicates_and_sizes_of_messages_never_matter() {
    let base = serve(zone()).await;
    for builder in [
        Lab::primary(zone()).records_per_message(1),
        Lab::primary(zone()).soa_alone(),
        Lab::primary(zone()).fault(Fault::transfer(TransferFault::Shuffled(3))),
        Lab::primary(zone()).fault(Fault::transfer(TransferFault::Duplicates)),
        Lab::primary(zone()).records_per_message(2).fault(Fault::transfer(TransferFault::EmptyBetween)),
    ] {
        let target = builder.start().await.unwrap();
        assert_eq!(compare(&[&base, &target]).await.verdict(), Equal);
        assert_eq!(compare(&[&target, &base]).await.verdict(), Equal);
    }
}

#[tokio::test]
async fn a10_duplicates_are_counted_and_told() {
    let duplicates = Fault::transfer(TransferFault::Duplicates);
    let (base, target) = (serve(zone()).await, Lab::primary(zone()).fault(duplicates).start().await.unwrap());
    let notes = compare(&[&base, &target]).await.comparison().notes.join("\n");
    assert!(notes.contains(&format!("{}: 23 records were sent more than once", target.address())), "{notes}");
}

#[tokio::test]
async fn a24_the_case_of_owners_is_no_difference() {
    let base = serve(Zone::new("example.test.").ns("@", "ns").a("WwW", [192, 0, 2, 1])).await;
    let target = serve(Zone::new("EXAMPLE.test.").ns("@", "NS").a("www", [192, 0, 2, 1])).await;
    assert_eq!(compare(&[&base, &target]).await.verdict(), Equal);
}

#[tokio::test]
async fn p6_a_comparison_asks_for_soa_and_axfr_and_for_nothing_else() {
    let (base, target) = (serve(zone()).await, serve(other_zone()).await);
    compare(&[&base, &target]).await;
    let plain = |request: &Request| matches!(request.record_type(), RecordType::SOA | RecordType::AXFR);
    assert!(base.requests().iter().chain(&target.requests()).all(plain), "never ANY, never an UPDATE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_runs_on_a_runtime_of_many_threads() {
    let (base, target) = (serve(zone()).await, serve(zone()).await);
    let compared = tokio::spawn(async move { compare(&[&base, &target]).await.verdict() });
    assert_eq!(compared.await.unwrap(), Equal);
}

// Different

#[tokio::test]
async fn a_seeded_difference_is_reported_exactly_and_after_a_second_pull() {
    let base = serve(zone()).await;
    let target = Lab::secondary_of(&base).differing(|zone| {
        zone.remove("www", RecordType::A);
        zone.add_txt("extra", &["here"]);
    });
    let target = target.start().await.unwrap();
    let compared = compare(&[&base, &target]).await;
    assert_eq!(compared.verdict(), Different);
    let seen: Vec<_> =
        changes(&compared).iter().map(|change| (change.kind, change.owner.to_name().to_ascii())).collect();
    assert_eq!(seen.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [ChangeKind::Added, ChangeKind::Removed]);
    assert!(seen[0].1.starts_with("extra.") && seen[1].1.starts_with("www."), "{seen:?}");
    assert_eq!((transfers(&base), transfers(&target)), (2, 2), "a difference is confirmed");
    let rows = &compared.comparison().changes;
    assert_eq!((rows.len(), compared.comparison().changes_total), (2, 2));
    assert_eq!(rows[0].address, Some(target.address()));
}

#[tokio::test]
async fn v7_b_against_a_is_the_mirror_of_a_against_b() {
    let (a, b) = (serve(zone().txt("only", &["a"])).await, serve(other_zone().soa(9)).await);
    let (there, back) = (changes(&compare(&[&a, &b]).await), changes(&compare(&[&b, &a]).await));
    assert_eq!((there.len(), back.len()), (3, 3));
    for (one, other) in there.iter().zip(&back) {
        assert_eq!((&one.owner, &one.removed, &one.added), (&other.owner, &other.added, &other.removed));
    }
}

#[tokio::test]
async fn s2_m1_one_serial_and_two_contents_is_different_and_called_a_split_brain() {
    let (base, target) = (serve(zone()).await, serve(other_zone()).await);
    let compared = compare(&[&base, &target]).await;
    assert_eq!(compared.verdict(), Different);
    let notes = compared.comparison().notes.join("\n");
    assert!(notes.contains("serial 7 as on") && notes.contains("split brain"), "{notes}");
    assert!(notes.starts_with(&target.address().to_string()), "{notes}");
}

#[tokio::test]
async fn s4_every_field_of_the_soa_is_a_difference_by_its_name() {
    let at = |label: &str| Name::from_ascii(format!("{label}.example.test.")).unwrap();
    let soa = |m: &str, r: &str, n: [u32; 5]| {
        SOA::new(at(m), at(r), n[0], n[1].cast_signed(), n[2].cast_signed(), n[3].cast_signed(), n[4])
    };
    let base = serve(zone().soa_data(soa("ns", "root", [7, 2, 3, 4, 5]))).await;
    for (field, other) in [
        (SoaFields::MNAME, soa("other", "root", [7, 2, 3, 4, 5])),
        (SoaFields::RNAME, soa("ns", "other", [7, 2, 3, 4, 5])),
        (SoaFields::SERIAL, soa("ns", "root", [8, 2, 3, 4, 5])),
        (SoaFields::SERIAL, soa("ns", "root", [6, 2, 3, 4, 5])),
        (SoaFields::REFRESH, soa("ns", "root", [7, 9, 3, 4, 5])),
        (SoaFields::RETRY, soa("ns", "root", [7, 2, 9, 4, 5])),
        (SoaFields::EXPIRE, soa("ns", "root", [7, 2, 3, 9, 5])),
        (SoaFields::MINIMUM, soa("ns", "root", [7, 2, 3, 4, 9])),
    ] {
        let target = serve(zone().soa_data(other)).await;
        let compared = compare(&[&base, &target]).await;
        let kinds: Vec<ChangeKind> = changes(&compared).iter().map(|change| change.kind).collect();
        assert_eq!((compared.verdict(), kinds), (Different, vec![ChangeKind::Soa(field)]), "{field}");
    }
}

#[tokio::test]
async fn m2_primaries_with_serials_of_their_own_are_equal_under_their_policy_and_it_is_counted() {
    let at = |label: &str| Name::from_ascii(format!("{label}.example.test.")).unwrap();
    let own = |m: &str, serial| zone().soa_data(SOA::new(at(m), at("root"), serial, 1, 2, 3, 4));
    let (base, target) = (serve(own("dc1", 41)).await, serve(own("dc2", 40)).await);
    let compared = run(&quick(peers(&[&base, &target])).policy(DiffPolicy::multi_primary())).await;
    assert_eq!(compared.verdict(), Equal);
    let left_out = &compared.comparison().left_out;
    let named = |what: &str| left_out.iter().any(|row| row.what.to_lowercase().contains(what) && row.count > 0);
    assert!(named("serial") && named("mname"), "{left_out:?}");
    assert_eq!(transfers(&target), 1, "nobody waits for a serial that means nothing");
}

#[tokio::test]
async fn three_sides_each_against_the_first() {
    let (base, same, other) = (serve(zone()).await, serve(zone()).await, serve(other_zone()).await);
    let compared = compare(&[&base, &same, &other]).await;
    assert_eq!(compared.verdict(), Different);
    let rows = &compared.comparison().changes;
    assert_eq!(rows.iter().map(|row| row.address).collect::<Vec<_>>(), [Some(other.address())]);
    assert!(compared.comparison().sides.iter().all(|side| side.error.is_none() && side.records == Some(24)));
}

// A side that does not stand still

/// Makes every answer to a question for the SOA show a serial of its own.
fn restless() -> Fault {
    let serial = AtomicU32::new(100);
    let act = Act::each_message(move |_, message| {
        for record in &mut message.answers {
            if let RData::SOA(soa) = &mut record.data {
                soa.serial = serial.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    Fault::new(On::QueryOf(RecordType::SOA), act)
}

#[tokio::test]
async fn s7_a_side_that_changes_under_every_pull_is_moving() {
    for restless_side in [0, 1] {
        let (still, moving) = (serve(zone()).await, Lab::primary(zone()).fault(restless()).start().await.unwrap());
        let sides = if restless_side == 0 { [&moving, &still] } else { [&still, &moving] };
        let compared = compare(&sides).await;
        assert_eq!(compared.verdict(), Moving);
        let error = error_of(&compared, restless_side);
        assert!(error.contains("100") || error.contains("104"), "{error}");
        assert_eq!((transfers(&moving), changes(&compared).len()), (3, 0));
        assert_eq!(moving.connections(), 3, "A20");
    }
}

#[tokio::test]
async fn s7_a_side_that_changed_once_is_pulled_again() {
    let newer = zone().soa(6);
    let once = |fault: Fault| fault.first(1);
    let target = showing(zone(), newer, On::QueryOf(RecordType::SOA), once).start().await.unwrap();
    let base = serve(zone()).await;
    assert_eq!(compare(&[&base, &target]).await.verdict(), Equal);
    assert_eq!(transfers(&target), 2);
}

#[tokio::test]
async fn s5_a_serial_that_goes_backward_is_told_with_both_serials() {
    let alternating = |fault: Fault| fault.every(2);
    let target = showing(zone(), zone().soa(9), On::QueryOf(RecordType::SOA), alternating).start().await.unwrap();
    let base = serve(zone()).await;
    let compared = compare(&[&base, &target]).await;
    let error = error_of(&compared, 1);
    assert_eq!(compared.verdict(), Moving);
    assert!(
        error.contains("9 before, 7 in the transfer") && error.contains("two servers behind one address"),
        "{error}"
    );
}

#[tokio::test]
async fn s7_a_zone_that_never_is_the_same_twice_is_moving_and_never_different() {
    let mut base = Lab::primary(zone());
    for round in 0..6_u8 {
        let shown = zone().soa(20 + u32::from(round)).txt("round", &[&round.to_string()]);
        let hits = usize::from(round) * 3;
        base = base.fault(Fault::new(On::Any, Act::answer_from(shown)).after(hits).first(3));
    }
    let (base, target) = (base.start().await.unwrap(), serve(zone().soa(100)).await);
    let compared = compare(&[&base, &target]).await;
    assert_eq!(compared.verdict(), Moving);
    assert!(changes(&compared).is_empty() && compared.comparison().changes.is_empty());
    assert!(compared.comparison().notes.join("\n").contains("6 pulls"), "{:?}", compared.comparison().notes);
}

#[tokio::test]
async fn a_difference_that_vanishes_on_the_second_pull_is_not_reported() {
    let once = |fault: Fault| fault.first(3);
    let target = showing(zone(), other_zone().soa(8), On::Any, once).start().await.unwrap();
    let base = serve(zone()).await;
    let compared = compare(&[&base, &target]).await;
    assert_eq!((compared.verdict(), changes(&compared).len()), (Equal, 0));
    assert_eq!((transfers(&base), transfers(&target)), (2, 2));
}

#[tokio::test]
async fn a31_a_side_with_two_contents_at_one_serial_is_inconsistent() {
    for flipping in [0, 1] {
        let alternating = |fault: Fault| fault.every(2);
        let flip = showing(zone(), other_zone(), On::Transfer, alternating).start().await.unwrap();
        let still = serve(zone()).await;
        let sides = if flipping == 0 { [&flip, &still] } else { [&still, &flip] };
        let compared = compare(&sides).await;
        assert_eq!(compared.verdict(), NotCompared);
        assert_eq!(error_of(&compared, flipping), "it showed two different contents at serial 7");
        assert_eq!(error_of(&compared, 1 - flipping), "");
        assert!(changes(&compared).is_empty() && compared.comparison().changes.is_empty());
    }
}

// A side that is behind

#[tokio::test]
async fn a_side_that_is_behind_and_advancing_is_waited_for() {
    let base = serve(zone()).await;
    let target = Lab::secondary_of(&base).paused().start().await.unwrap();
    base.publish(|zone| zone.add_txt("new", &["record"]));
    let patient = quick(peers(&[&base, &target])).standstill(Duration::from_secs(30));
    let catch_up = async {
        target.wait_for(Request::is_transfer).await;
        target.resume();
    };
    let (compared, ()) = tokio::join!(run(&patient), catch_up);
    assert_eq!(compared.verdict(), Equal);
    assert_eq!(transfers(&target), 2, "once behind, once there");
}

#[tokio::test]
async fn many_small_steps_of_a_side_that_catches_up_are_one_more_pull() {
    let (base, target) = (serve(zone().soa(12)).await, serve(zone()).await);
    let is_soa = |request: &Request| request.record_type() == RecordType::SOA;
    let follow = async {
        for step in 1..=5 {
            while target.count(is_soa) < 2 + step {
                tokio::task::yield_now().await;
            }
            target.publish(|_| ());
        }
        std::future::pending::<()>().await;
    };
    let patient = quick(peers(&[&base, &target])).standstill(Duration::from_secs(30));
    let mut seen = Vec::new();
    let watching = patient.run_until(std::future::pending(), |event| {
        if let EventKind::SerialSeen { serial, .. } = event.kind {
            seen.push(serial);
        }
    });
    let compared = tokio::select! {
        compared = watching => compared.unwrap(),
        () = follow => unreachable!("it never ends"),
    };
    assert_eq!(seen, [7, 8, 9, 10, 11, 12], "and each is told");
    assert_eq!((compared.verdict(), transfers(&target), transfers(&base)), (Equal, 2, 2));
}

#[tokio::test]
async fn s6_a_side_that_is_behind_and_stands_still_is_compared_as_it_is() {
    for (ahead, behind) in [(7, 6), (1, u32::MAX)] {
        let (base, target) = (serve(zone().soa(ahead)).await, serve(zone().soa(behind)).await);
        let compared = compare(&[&base, &target]).await;
        assert_eq!(compared.verdict(), Different);
        assert_eq!(changes(&compared)[0].kind, ChangeKind::Soa(SoaFields::SERIAL));
        let looks = target.count(|request| request.record_type() == RecordType::SOA);
        assert!(looks > 4, "it was looked at between the pulls: {looks}");
    }
}

#[tokio::test]
async fn a_side_that_is_behind_is_not_waited_for_after_the_deadline() {
    let (base, target) = (serve(zone()).await, serve(zone().soa(6)).await);
    let now = quick(peers(&[&base, &target])).for_at_most(Duration::ZERO).standstill(Duration::MAX);
    assert_eq!(run(&now).await.verdict(), Different);
    assert_eq!(target.count(|request| request.record_type() == RecordType::SOA), 4, "around two pulls, not between");
}

#[tokio::test]
async fn l6_a_side_that_falls_silent_while_it_is_behind_does_not_hold_up_the_others() {
    let base = serve(zone().soa(9)).await;
    let silent = Lab::primary(zone().soa(8)).fault(Fault::new(On::Query, Act::Lose).after(2).first(2)).start().await;
    let (silent, late) = (silent.unwrap(), serve(zone().soa(8)).await);
    let catch_up = async {
        late.wait_for(Request::is_transfer).await;
        late.publish(|_| ());
    };
    let patient = quick(peers(&[&base, &silent, &late]));
    let (compared, ()) = tokio::join!(run(&patient), catch_up);
    let rows = &compared.comparison().changes;
    assert_eq!(rows.iter().map(|row| row.address).collect::<Vec<_>>(), [Some(silent.address())]);
}

// A side that cannot be read

#[tokio::test]
async fn v4_a_refused_transfer_is_not_compared_and_the_others_still_are() {
    let (base, other) = (serve(zone()).await, serve(other_zone()).await);
    let refusing = Lab::primary(zone()).transfer_by(Access::Nobody).start().await.unwrap();
    let compared = compare(&[&base, &refusing, &other]).await;
    assert_eq!(compared.verdict(), NotCompared);
    let error = error_of(&compared, 1);
    assert!(error.contains("REFUSED") && error.contains(&refusing.address().to_string()), "{error}");
    assert_eq!(compared.comparison().changes[0].address, Some(other.address()), "the third side was compared");
    assert_eq!(refusing.connections(), 1, "asked once, not in every round");
}

#[tokio::test]
async fn v4_without_the_base_nothing_is_different() {
    let refusing = Lab::primary(zone()).transfer_by(Access::Nobody).start().await.unwrap();
    let compared = compare(&[&refusing, &serve(zone()).await, &serve(other_zone()).await]).await;
    assert_eq!((compared.verdict(), changes(&compared).len()), (NotCompared, 0));
}

#[tokio::test]
async fn a20_a_transfer_that_breaks_off_is_tried_three_times_whatever_the_others_need() {
    let (base, other) = (serve(zone()).await, serve(other_zone()).await);
    for fault in [TransferFault::CutAfter(1), TransferFault::ResetAfter(0), TransferFault::CutInside(2, 5)] {
        let broken = Lab::primary(zone()).records_per_message(5).fault(Fault::transfer(fault)).start().await.unwrap();
        let compared = compare(&[&base, &broken, &other]).await;
        assert_eq!((compared.verdict(), broken.connections()), (NotCompared, 3));
        assert!(!error_of(&compared, 1).is_empty());
        assert_eq!(compared.comparison().changes.len(), 1, "what had come of it is no difference");
    }
}

#[tokio::test]
async fn a20_a_transfer_that_breaks_off_once_is_made_again() {
    let fault = Fault::transfer(TransferFault::CutAfter(0)).first(1);
    let (base, target) = (serve(zone()).await, Lab::primary(zone()).fault(fault).start().await.unwrap());
    assert_eq!(compare(&[&base, &target]).await.verdict(), Equal);
    assert_eq!(target.connections(), 2);
}

#[tokio::test]
async fn s3_every_answer_that_is_no_soa_of_the_zone_is_refused() {
    type Edit = fn(&mut hickory_proto::op::Message);
    let cases: [(&str, Edit, &str); 8] = [
        ("no authority", |message| message.metadata.authoritative = false, "AA=0"),
        ("refused", |message| message.metadata.response_code = ResponseCode::Refused, "REFUSED"),
        ("failed", |message| message.metadata.response_code = ResponseCode::ServFail, "SERVFAIL"),
        ("no name", |message| message.metadata.response_code = ResponseCode::NXDomain, "no zone begins"),
        ("nothing", |message| message.answers.clear(), "no zone begins"),
        ("twice", |message| message.answers.push(zone().soa(8).soa_record()), "more than one SOA"),
        ("elsewhere", |message| message.answers[0].name = Name::from_ascii("test.").unwrap(), "no zone begins"),
        ("in authority", |message| message.authorities = std::mem::take(&mut message.answers), "no zone begins"),
    ];
    let base = serve(zone()).await;
    for (case, edit, words) in cases {
        let act = Act::each_message(move |_, message| edit(message));
        let fault = Fault::new(On::QueryOf(RecordType::SOA), act);
        let target = Lab::primary(zone()).fault(fault).start().await.unwrap();
        let compared = compare(&[&base, &target]).await;
        let error = error_of(&compared, 1);
        assert_eq!((compared.verdict(), transfers(&target)), (NotCompared, 0), "{case}");
        assert!(error.contains(words), "{case}: {error}");
    }
}

#[tokio::test]
async fn s3_p3_a_resolver_is_told_apart_from_an_authority() {
    let act = Act::each_message(|_, message| {
        message.metadata.authoritative = false;
        message.metadata.recursion_available = true;
    });
    let (base, resolver) = (serve(zone()).await, Lab::primary(zone()).fault(Fault::new(On::Query, act)));
    let compared = compare(&[&base, &resolver.start().await.unwrap()]).await;
    assert!(error_of(&compared, 1).contains("resolver or cache"), "{}", error_of(&compared, 1));
}

#[tokio::test]
async fn r6_a_side_that_is_not_there_is_named_with_its_address() {
    let (base, target) = (serve(zone()).await, serve(zone()).await);
    let sides = quick(peers(&[&base, &target]));
    let address = target.address();
    drop(target);
    let compared = run(&sides).await;
    let error = error_of(&compared, 1);
    assert_eq!(compared.verdict(), NotCompared);
    assert!(error.contains(&address.to_string()) && error.contains("TCP"), "{error}");
}

#[tokio::test]
async fn v8_l6_a_stalled_side_does_not_keep_the_others_from_being_pulled() {
    let gate = Gate::new();
    let stalled = Lab::primary(zone()).fault(Fault::new(On::Transfer, Act::Hold(gate.clone())));
    let (stalled, other, third) = (stalled.start().await.unwrap(), serve(zone()).await, serve(zone()).await);
    let sides = quick(peers(&[&stalled, &other, &third]));
    let open = async {
        for server in [&other, &third] {
            server.wait_for(Request::is_transfer).await;
        }
        gate.open();
    };
    let (compared, ()) = tokio::join!(run(&sides), open);
    assert_eq!(compared.verdict(), Equal);
}

#[tokio::test]
async fn v8_a_side_that_stalls_for_ever_ends_by_the_idle_limit() {
    let stalled = Lab::primary(zone()).fault(Fault::transfer(TransferFault::StallAfter(1))).records_per_message(5);
    let (stalled, base) = (stalled.start().await.unwrap(), serve(zone()).await);
    let times = TransferTimes::new().idle(Duration::from_millis(200));
    let compared = run(&quick(peers(&[&base, &stalled])).times(times)).await;
    assert_eq!(compared.verdict(), NotCompared);
    assert!(error_of(&compared, 1).contains("stood still for 0.2 s"), "{}", error_of(&compared, 1));
    assert_eq!(stalled.connections(), 1);
}

// Keys

#[tokio::test]
async fn t14_each_side_is_asked_with_its_own_key_and_no_other() {
    let ((lab_a, own_a), (lab_b, own_b)) = (key("a.", &[1; 32]), key("b.", &[2; 32]));
    let signed = |key: &Key| Lab::primary(zone()).key(key).query_by(Access::AnyKey).transfer_by(Access::AnyKey);
    let (base, target) = (signed(&lab_a).start().await.unwrap(), signed(&lab_b).start().await.unwrap());
    let open = serve(zone()).await;
    let sides = [Peer::at(base.address()).key(own_a), Peer::at(target.address()).key(own_b), Peer::at(open.address())];
    let compared = run(&quick(sides.into())).await;
    assert_eq!(compared.verdict(), Equal);
    for (server, signature) in [
        (&base, Signature::Valid(lab_a.name().clone())),
        (&target, Signature::Valid(lab_b.name().clone())),
        (&open, Signature::Unsigned),
    ] {
        assert!(server.requests().iter().all(|request| request.signature == signature), "{signature:?}");
    }
    let by: Vec<_> = compared.comparison().sides.iter().map(|side| side.authenticated_by.is_some()).collect();
    assert_eq!(by, [true, true, false]);
}

#[tokio::test]
async fn t11_a_wrong_key_is_not_compared_and_nothing_is_asked_unsigned() {
    let ((lab_key, own), (_, wrong)) = (key("k.", &[1; 32]), key("k.", &[2; 32]));
    let signed = || Lab::primary(zone()).key(&lab_key);
    let (base, target) = (signed().start().await.unwrap(), signed().start().await.unwrap());
    let sides = vec![Peer::at(base.address()).key(own), Peer::at(target.address()).key(wrong)];
    let compared = run(&quick(sides)).await;
    assert_eq!(compared.verdict(), NotCompared);
    assert!(error_of(&compared, 1).contains("BADSIG"), "{}", error_of(&compared, 1));
    assert_eq!(target.count(|request| request.signature == Signature::Unsigned), 0);
    assert_eq!(compared.comparison().sides[1].authenticated_by, None, "V5: nothing was authenticated");
}

#[tokio::test]
async fn t5_a_transfer_that_is_not_signed_to_its_end_is_not_compared() {
    let (lab_key, own) = key("k.", &[1; 32]);
    let fault = Fault::new(On::Transfer, Act::Tsig(TsigFault::UnsignedLast));
    let target = Lab::primary(zone()).records_per_message(5).key(&lab_key).fault(fault).start().await.unwrap();
    let base = serve(zone()).await;
    let compared = run(&quick(vec![Peer::at(base.address()), Peer::at(target.address()).key(own)])).await;
    assert_eq!((compared.verdict(), target.connections()), (NotCompared, 1));
    assert!(error_of(&compared, 1).contains("not authenticated"), "{}", error_of(&compared, 1));
}

// What makes no comparison, and what ends one

#[tokio::test]
async fn v9_a_server_is_not_compared_with_itself_under_any_name() {
    let server = serve(zone()).await;
    let port = server.address().port();
    for other in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::ffff:127.0.0.1]:{port}")] {
        let other: ServerAddress = other.parse().unwrap();
        let families = if other.to_string().starts_with('[') { Families::Both } else { Families::V4 };
        let twice = quick(vec![Peer::at(server.address()), Peer::at(other)]).families(families);
        let error = twice.run_until(std::future::pending(), |_| ()).await.unwrap_err();
        assert!(matches!(error, CompareError::Twice { .. }), "{error}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn v9_one_side_or_none_is_no_comparison() {
    let server = serve(zone()).await;
    for sides in [peers(&[&server]), Vec::new()] {
        let error = quick(sides).run_until(std::future::pending(), |_| ()).await.unwrap_err();
        assert!(matches!(error, CompareError::OneSide), "{error}");
    }
    let many = (1..=65_u8).map(|last| Peer::at(std::net::IpAddr::from([127, 0, 9, last]))).collect();
    let error = quick(many).run_until(std::future::pending(), |_| ()).await.unwrap_err();
    assert!(matches!(error, CompareError::Diff(_)), "before anything is asked: {error}");
    let unknown: ServerAddress = "no-such-host.invalid".parse().unwrap();
    let error = quick(vec![Peer::at(unknown), Peer::at(server.address())]);
    let error = error.run_until(std::future::pending(), |_| ()).await.unwrap_err();
    assert!(matches!(error, CompareError::Resolve { .. }) && error.to_string().contains("no-such-host"), "{error}");
}

#[tokio::test]
async fn stopping_gives_not_compared_at_any_moment() {
    let (base, other) = (serve(zone()).await, serve(other_zone()).await);
    let stalled = Lab::primary(zone()).fault(Fault::transfer(TransferFault::StallAfter(0))).start().await.unwrap();
    let sides = quick(peers(&[&base, &stalled, &other]));
    let at_once = sides.run_until(std::future::ready(()), |_| ()).await.unwrap();
    assert_eq!((at_once.verdict(), base.requests().len()), (NotCompared, 0));
    let stop = async {
        stalled.wait_for(Request::is_transfer).await;
    };
    let mid_run = sides.run_until(stop, |_| ()).await.unwrap();
    assert_eq!((mid_run.verdict(), mid_run.comparison().sides.len()), (NotCompared, 3));
    assert!(mid_run.diff().is_none() && mid_run.comparison().summary().contains("stopped"));
}

#[tokio::test]
async fn dropping_a_comparison_leaves_no_task_behind() {
    let silent = Lab::primary(zone()).fault(Fault::new(On::Any, Act::Lose)).start().await.unwrap();
    let sides = quick(vec![Peer::at(silent.address()), Peer::at(serve(zone()).await.address())]);
    let sides = sides.network(Network::new().timeout(Duration::from_secs(600)));
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    tokio::select! {
        compared = run(&sides) => panic!("one side never answers: {compared:?}"),
        _ = silent.wait_for(Request::is_query) => assert!(alive() > before, "the sides are tasks"),
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(alive() <= before, "{} tasks before, {} after", before, alive());
}

#[tokio::test]
async fn events_tell_of_every_transfer_and_replay_to_the_same_report() {
    let (base, target) = (serve(zone()).await, serve(other_zone()).await);
    let mut events = Vec::new();
    let sides = quick(peers(&[&base, &target]));
    let compared = sides.run_until(std::future::pending(), |event| events.push(event.clone())).await.unwrap();
    assert_eq!(compared.report(), &dnsconverge::report::Report::from_events(&events));
    assert_eq!(compared.report().comparison(), Some(compared.comparison()));
    assert_eq!(compared.report().exit_status(), 1);
    assert_eq!(events.iter().filter(|event| event.to_string().contains("transfer")).count(), 8, "{events:?}");
}

//! `Compare` against the embedded lab: what is equal, what is different, and when nothing can be said.

#[path = "compare/asked.rs"]
mod asked;
#[path = "compare/files.rs"]
mod files;
#[path = "compare/increments.rs"]
mod increments;
#[path = "lab/mod.rs"]
mod lab;
#[path = "compare/memory.rs"]
mod memory;
#[path = "compare/moving.rs"]
mod moving;
#[path = "compare/pace.rs"]
mod pace;
#[path = "compare/unreadable.rs"]
mod unreadable;
#[path = "compare/zonemd.rs"]
mod zonemd;

use dnsconverge::compare::{Compare, CompareError, Compared};
use dnsconverge::diff::{ChangeKind, DiffPolicy, RrsetChange, SoaFields};
use dnsconverge::net::{Families, Network, Server as Peer, ServerAddress};
use dnsconverge::report::ComparisonVerdict::{Different, Equal, NotCompared};
use dnsconverge::tsig::TsigKey;
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{Name, RecordType};
use lab::{Act, Algorithm, Fault, Key, Lab, On, Request, Server, TransferFault, Zone};
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
    let [finding] = compared.comparison().findings.as_slice() else { panic!("{:?}", compared.comparison()) };
    assert!(finding.contains("serial 7 as on") && finding.contains("split brain"), "{finding}");
    assert!(finding.starts_with(&target.address().to_string()), "{finding}");
    assert!(compared.report().to_string().contains("FINDING: "), "{}", compared.report());
}

#[tokio::test]
async fn m1_of_three_sources_the_one_that_is_split_off_is_named_and_the_others_are_not() {
    let (base, same, split) = (serve(zone()).await, serve(zone()).await, serve(other_zone()).await);
    let compared = compare(&[&base, &same, &split]).await;
    let [finding] = compared.comparison().findings.as_slice() else { panic!("{:?}", compared.comparison()) };
    assert!(finding.starts_with(&split.address().to_string()), "{finding}");
    assert!(compare(&[&base, &same]).await.comparison().findings.is_empty());
}

#[tokio::test]
async fn m3_the_first_side_is_the_reference_whatever_the_serials_say() {
    let (mut newer, mut older) = (other_zone(), zone());
    newer.set_serial(9);
    older.set_serial(7);
    for (base, target) in [(older.clone(), newer.clone()), (newer, older)] {
        let held = base.rrset(&base.name("www"), RecordType::A);
        let (base, target) = (serve(base).await, serve(target).await);
        let compared = compare(&[&base, &target]).await;
        let www = changes(&compared).into_iter().find(|change| change.kind == ChangeKind::Rdata).unwrap();
        let removed: Vec<String> = www.removed.iter().map(ToString::to_string).collect();
        assert!(removed.len() == 1 && removed[0].ends_with(&held[0].data.to_string()), "{removed:?} and {held:?}");
        assert!(compared.comparison().findings.is_empty(), "two serials, two versions");
    }
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

// What makes no comparison, and what ends one

#[tokio::test]
async fn v9_a_server_is_not_compared_with_itself_under_any_name() {
    let server = serve(zone()).await;
    let port = server.address().port();
    for other in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::ffff:127.0.0.1]:{port}")] {
        let other: ServerAddress = other.parse().unwrap();
        let families = if other.to_string().starts_with('[') { Families::Both } else { Families::V4 };
        let twice = quick(vec![Peer::at(server.address()), Peer::at(other)]).network(Network::new().families(families));
        let error = twice.run_until(std::future::pending(), |_| ()).await.unwrap_err();
        assert!(matches!(error, CompareError::Twice { .. }), "{error}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn v9_sides_that_call_themselves_the_same_are_told_and_no_verdict() {
    let called = async |node: &str| Lab::primary(zone()).nsid(node).start().await.unwrap();
    let (base, same, other) = (called("box").await, called("box").await, called("another").await);
    let compared = compare(&[&base, &other, &same]).await;
    assert_eq!((compared.verdict(), compared.report().exit_status()), (Equal, 0));
    let notes = &compared.comparison().notes;
    let told = format!("{}: it calls itself box, as {} does: if this is one server", same.address(), base.address());
    assert!(matches!(&notes[..], [only] if only.starts_with(&told)), "{notes:?}");
    assert!(compared.report().to_string().contains(&told), "{}", compared.report());
    assert_eq!(compared.report().to_json()["comparison"]["notes"][0], notes[0].as_str());
    let unlike = compare(&[&base, &other, &serve(zone()).await]).await;
    assert!(unlike.comparison().notes.is_empty(), "{:?}", unlike.comparison().notes);
}

#[tokio::test]
async fn v9_one_side_or_none_is_no_comparison() {
    let server = serve(zone()).await;
    for sides in [peers(&[&server]), Vec::new()] {
        let error = quick(sides).run_until(std::future::pending(), |_| ()).await.unwrap_err();
        assert!(matches!(error, CompareError::OneSide), "{error}");
    }
    let many = (1..=65_u8).map(|last| Peer::at(std::net::IpAddr::from([127, 0, 9, last]))).collect();
    let error = quick(many).run_until(std::future::pending(), |event| panic!("not even begun: {event}")).await;
    assert!(matches!(error, Err(CompareError::Diff(_))), "{error:?}");
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
    assert_eq!(events.iter().filter(|event| event.to_string().contains("read")).count(), 8, "{events:?}");
}

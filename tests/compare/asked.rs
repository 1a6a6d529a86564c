//! Comparison without a transfer: what asking finds, and what it never claims.

use crate::lab::{Access, Act, Fault, Lab, On, Request, Server, ServerBuilder, Transport, Zone};
use crate::{changes, error_of, key, name, peers, quick, run, serve, zone};
use dnsconverge::DiffPolicy;
use dnsconverge::compare::{Asking, Compare, Compared, LEAST_MEMORY, Side};
use dnsconverge::diff::ChangeKind;
use dnsconverge::fs::ZoneFile;
use dnsconverge::net::Server as Peer;
use dnsconverge::report::ComparisonVerdict::{Different, Moving, NoDifferenceFound, NotCompared};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};
use std::collections::BTreeMap;

/// A server that holds this zone and does not give it away.
fn closed(zone: Zone) -> ServerBuilder {
    Lab::primary(zone).transfer_by(Access::Nobody)
}

/// Compares these servers by asking.
async fn ask(servers: &[&Server]) -> Compared {
    run(&quick(peers(servers)).without_axfr(Asking::new())).await
}

/// What differs, as (kind, owner, type).
fn found(compared: &Compared) -> Vec<(ChangeKind, String, u16)> {
    changes(compared).iter().map(|change| (change.kind, change.owner.to_name().to_ascii(), change.rtype.0)).collect()
}

/// How many questions a server got, those for the SOA aside.
fn questions(server: &Server) -> usize {
    server.count(|request| request.is_query() && !request.is_transfer() && request.record_type() != RecordType::SOA)
}

/// The zone with an NSEC record at every name that owns records (RFC 4034 section 4).
fn chained(zone: Zone) -> Zone {
    let wire = |name: &Name| {
        let labels = name.iter().flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label].concat());
        labels.chain([0]).collect::<Vec<u8>>()
    };
    let mut nodes = BTreeMap::from([(zone.apex().clone(), vec![RecordType::SOA])]);
    for record in zone.records() {
        nodes.entry(record.name.clone()).or_default().push(record.record_type());
    }
    let names: Vec<Name> = nodes.keys().cloned().collect();
    let nexts = names.iter().skip(1).chain(names.first());
    names.iter().zip(nexts).fold(zone, |zone, (owner, next)| {
        let mut map = [0_u8; 32];
        for code in nodes[owner].iter().map(|rtype| u16::from(*rtype)) {
            map[usize::from(code / 8)] |= 0x80 >> (code % 8);
        }
        zone.unknown(&owner.to_ascii(), RecordType::NSEC, [wire(next), vec![0, 32], map.to_vec()].concat())
    })
}

#[tokio::test]
async fn v4_no_difference_found_is_not_equal() {
    let (base, target) = (serve(zone()).await, closed(zone()).start().await.unwrap());
    let compared = ask(&[&base, &target]).await;
    assert_eq!((compared.verdict(), compared.report().exit_status()), (NoDifferenceFound, 2));
    let side = &compared.comparison().sides[1];
    let asked = side.asked.clone().unwrap();
    assert_eq!((asked.asked, asked.answered, asked.unanswered.len()), (24, 24, 0), "{asked:?}");
    assert!(asked.extras.unwrap().contains("common names"));
    assert_eq!((side.serial, side.records, side.error.clone()), (Some(7), Some(24), None));
    assert!(compared.comparison().sides[0].asked.is_none(), "the base was read as a whole");
    assert!(compared.comparison().summary().contains("does not prove"));
    let enough = run(&quick(peers(&[&base, &target])).without_axfr(Asking::new().accept_partial())).await;
    assert_eq!((enough.verdict(), enough.report().exit_status()), (NoDifferenceFound, 0));
}

#[tokio::test]
async fn v9_who_is_asked_and_calls_itself_the_same_is_told() {
    let base = Lab::primary(zone()).nsid("box").start().await.unwrap();
    let compared = ask(&[&base, &closed(zone()).nsid("box").start().await.unwrap()]).await;
    assert_eq!(compared.verdict(), NoDifferenceFound);
    assert!(compared.comparison().notes[0].contains("it calls itself box"), "{:?}", compared.comparison().notes);
}

#[tokio::test]
async fn h087_an_empty_zone_that_others_are_asked_for_is_faulty_too() {
    let empty = || Zone::new("example.test.").soa(7);
    let (base, target) = (serve(empty()).await, closed(empty()).start().await.unwrap());
    let enough = Asking::new().accept_partial();
    let compared = run(&quick(peers(&[&base, &target])).without_axfr(enough.clone())).await;
    assert_eq!((compared.verdict(), compared.report().exit_status()), (NoDifferenceFound, 1));
    let full = closed(zone()).start().await.unwrap();
    let compared = run(&quick(peers(&[&base, &full])).without_axfr(enough)).await;
    assert!(
        compared.verdict() == Different && compared.comparison().findings.len() == 1,
        "{:?}",
        compared.comparison()
    );
}

#[tokio::test]
async fn every_kind_of_difference_is_found_and_confirmed() {
    let base = serve(zone().txt("gone", &["x"]).mx("@", 10, "www").cname("alias", "www")).await;
    let mut other = zone().mx("@", 20, "www").ttl(60).cname("alias", "www").txt("_dmarc", &["v=DMARC1"]);
    other.remove("www", RecordType::A);
    let other = other.ttl(3600).cname("www", "ns").aaaa("ns", [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]);
    let target = closed(other).start().await.unwrap();
    let compared = ask(&[&base, &target]).await;
    assert_eq!(compared.verdict(), Different);
    let expected = [
        (ChangeKind::Rdata, "example.test.", 15),
        (ChangeKind::Added, "_dmarc.example.test.", 16),
        (ChangeKind::Ttl, "alias.example.test.", 5),
        (ChangeKind::Removed, "gone.example.test.", 16),
        (ChangeKind::Added, "ns.example.test.", 28),
        (ChangeKind::Removed, "www.example.test.", 1),
        (ChangeKind::Added, "www.example.test.", 5),
    ];
    let expected: Vec<_> = expected.map(|(kind, owner, rtype)| (kind, owner.to_owned(), rtype)).into();
    assert_eq!(found(&compared), expected);
    assert_eq!(compared.report().exit_status(), 1);
}

#[tokio::test]
async fn the_base_may_be_the_one_that_is_asked() {
    let base = closed(zone()).start().await.unwrap();
    let target = serve(zone().txt("more", &["x"])).await;
    let compared = ask(&[&base, &target]).await;
    assert_eq!(found(&compared), [(ChangeKind::Added, "more.example.test.".to_owned(), 16)]);
    assert!(compared.comparison().sides[0].asked.is_some() && compared.comparison().sides[1].asked.is_none());
}

#[tokio::test]
async fn where_nobody_gives_the_names_nothing_is_compared_and_it_is_said_what_to_do() {
    let (base, target) = (closed(zone()).start().await.unwrap(), closed(zone()).start().await.unwrap());
    let compared = ask(&[&base, &target]).await;
    assert_eq!((compared.verdict(), compared.report().exit_status()), (NotCompared, 2));
    assert!(compared.comparison().notes.join("\n").contains("name a zone file as a side"));
    assert!(error_of(&compared, 0).contains("REFUSED") && error_of(&compared, 1).contains("REFUSED"));
}

#[tokio::test]
async fn two_servers_that_give_nothing_away_are_asked_for_what_a_file_names() {
    let text = "$TTL 3600\n@ SOA ns hostmaster 7 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.1\n";
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("zone.db");
    std::fs::write(&path, text).unwrap();
    let small = || Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]);
    let one = closed(small().a("www", [192, 0, 2, 1])).start().await.unwrap();
    let other = closed(small().a("www", [192, 0, 2, 9])).start().await.unwrap();
    let server = |server: &Server| Side::from(Peer::at(server.address()));
    let compare = Compare::new(&name(), [ZoneFile::at(&path).into(), server(&one), server(&other)]);
    let compared = run(&compare.without_axfr(Asking::new())).await;
    let sides: Vec<_> = changes(&compared).iter().map(|change| (change.side, change.kind)).collect();
    assert_eq!((compared.verdict(), sides), (Different, vec![(2, ChangeKind::Rdata)]), "{:?}", compared.comparison());
    assert_eq!(one.count(Request::is_transfer) + other.count(Request::is_transfer), 0);
}

#[tokio::test]
async fn v4_what_cannot_be_asked_for_is_counted_and_never_different() {
    let with_child = |glue: u8| zone().ns("child", "ns.child").a("ns.child", [192, 0, 2, glue]);
    let (base, target) = (serve(with_child(1)).await, closed(with_child(2)).start().await.unwrap());
    let compared = ask(&[&base, &target]).await;
    assert_eq!(compared.verdict(), NoDifferenceFound, "{:?}", changes(&compared));
    let not_asked = compared.comparison().sides[1].asked.clone().unwrap().not_asked;
    let counted: Vec<_> = not_asked.iter().map(|row| (row.count, row.what.split(' ').next().unwrap())).collect();
    assert_eq!(counted, [(1, "below"), (1, "at")], "{not_asked:?}");
}

#[tokio::test]
async fn v2_what_is_not_answered_is_not_compared_unless_something_else_differs() {
    let base = serve(zone()).await;
    let broken = || {
        let www = |request: &Request| request.is_query() && request.name().to_ascii().starts_with("www.");
        Fault::new(On::request(www), Act::Rcode(ResponseCode::ServFail))
    };
    let target = closed(zone()).fault(broken()).start().await.unwrap();
    let compared = ask(&[&base, &target]).await;
    assert_eq!((compared.verdict(), changes(&compared).len()), (NotCompared, 0));
    let asked = compared.comparison().sides[1].asked.clone().unwrap();
    assert_eq!((asked.asked, asked.answered), (24, 23));
    assert!(asked.unanswered[0].starts_with("www.example.test. A: SERVFAIL"), "{asked:?}");
    assert!(compared.comparison().summary().contains("www.example.test. A"), "{}", compared.comparison().summary());
    let mut other = zone();
    other.remove("h3", RecordType::A);
    let differs = closed(other).fault(broken()).start().await.unwrap();
    assert_eq!(found(&ask(&[&base, &differs]).await), [(ChangeKind::Removed, "h3.example.test.".to_owned(), 1)]);
}

#[tokio::test]
async fn p3_answers_without_authority_are_no_answers() {
    let base = serve(zone()).await;
    let cached = Fault::new(On::QueryOf(RecordType::A), Act::NotAuthoritative);
    let target = closed(zone()).fault(cached).start().await.unwrap();
    let compared = ask(&[&base, &target]).await;
    assert_eq!(compared.verdict(), NotCompared);
    assert!(compared.comparison().sides[1].asked.clone().unwrap().unanswered[0].contains("AA=0"));
}

#[tokio::test]
async fn an_nsec_chain_names_what_nobody_else_does() {
    let base = serve(zone()).await;
    let target = closed(chained(zone().txt("nobody-thinks-of-it", &["x"]))).start().await.unwrap();
    let unsigned = quick(peers(&[&base, &target])).policy(DiffPolicy::unsigned());
    let compared = run(&unsigned.without_axfr(Asking::new())).await;
    assert_eq!(found(&compared), [(ChangeKind::Added, "nobody-thinks-of-it.example.test.".to_owned(), 16)]);
    let extras = compared.comparison().sides[1].asked.clone().unwrap().extras.unwrap();
    assert!(extras.contains("NSEC chain of 24 names"), "{extras}");
}

#[tokio::test]
async fn a_chain_that_claims_every_type_is_left_and_said_to_be() {
    let every = (0..=255_u8).flat_map(|window| [&[window, 32][..], &[0xFF; 32]].concat());
    let rdata = [b"\x07example\x04test\x00".to_vec(), every.collect()].concat();
    let base = serve(zone()).await;
    let target = closed(zone().unknown("@", RecordType::NSEC, rdata)).start().await.unwrap();
    let unsigned = quick(peers(&[&base, &target])).policy(DiffPolicy::unsigned());
    let compared = run(&unsigned.without_axfr(Asking::new())).await;
    let extras = compared.comparison().sides[1].asked.clone().unwrap().extras.unwrap();
    assert!(extras.contains("left after 1 names") && extras.contains("common names"), "{extras}");
    assert_eq!(compared.verdict(), NoDifferenceFound);
    assert!(questions(&target) < 1000, "{} questions", questions(&target));
}

#[tokio::test]
async fn a_wildcard_on_the_asked_side_is_found_and_its_answers_are_not() {
    let base = serve(zone()).await;
    let target = closed(zone().txt("*", &["any"])).start().await.unwrap();
    let compared = ask(&[&base, &target]).await;
    assert_eq!(found(&compared), [(ChangeKind::Added, "*.example.test.".to_owned(), 16)]);
}

#[tokio::test]
async fn v2_what_a_wildcard_answers_is_not_held() {
    let with = |labels: &[&str]| {
        let zone = zone().txt("*", &["any"]).a("*.deep.er", [192, 0, 2, 9]);
        labels.iter().fold(zone, |zone, label| zone.txt(label, &["any"]).mx(label, 10, "www"))
    };
    let base =
        serve(with(&["here", "gone", "a.b.gone"]).a("old.deep.er", [192, 0, 2, 9]).cname("x.deep.er", "www")).await;
    let target = closed(with(&["here"]).cname("x.deep.er", "www")).start().await.unwrap();
    let compared = ask(&[&base, &target]).await;
    let expected = [
        (ChangeKind::Removed, "old.deep.er.example.test.".to_owned(), 1),
        (ChangeKind::Removed, "gone.example.test.".to_owned(), 15),
        (ChangeKind::Removed, "gone.example.test.".to_owned(), 16),
        (ChangeKind::Removed, "a.b.gone.example.test.".to_owned(), 15),
        (ChangeKind::Removed, "a.b.gone.example.test.".to_owned(), 16),
    ];
    assert_eq!(found(&compared), expected);
    let made = compared.comparison().sides[1].asked.clone().unwrap().from_wildcards;
    assert_eq!((made.count, made.first.len()), (3, 3), "{made:?}");
    assert!(made.first.contains(&"gone.example.test. TXT".to_owned()), "{made:?}");
    assert_eq!(
        ask(&[&base, &closed(base.zone().as_ref().clone()).start().await.unwrap()]).await.verdict(),
        NoDifferenceFound
    );
}

#[tokio::test]
async fn v2_a_record_that_a_wildcard_may_have_made_is_not_answered_for_where_nobody_can_tell() {
    let with = || zone().txt("*", &["any"]).txt("www", &["any"]);
    let below = |request: &Request| request.is_query() && request.name().to_ascii().contains(".www.example");
    let target = closed(with()).fault(Fault::new(On::request(below), Act::Rcode(ResponseCode::Refused)));
    let compared = ask(&[&serve(with()).await, &target.start().await.unwrap()]).await;
    assert_eq!((compared.verdict(), changes(&compared).len()), (NotCompared, 0));
    let unanswered = compared.comparison().sides[1].asked.clone().unwrap().unanswered;
    assert!(unanswered[0].contains("www.example.test. TXT: a wildcard may have made"), "{unanswered:?}");
}

#[tokio::test]
async fn names_of_the_callers_are_asked_for_beyond_what_a_side_names() {
    let label = |label: &str| Name::from_ascii(format!("{label}.example.test.")).unwrap();
    let base = serve(zone()).await;
    let target =
        closed(zone().txt("nobody-thinks-of-it", &["x"]).unknown("odd", RecordType::from(4711), vec![1])).start().await;
    let target = target.unwrap();
    let named = Asking::new().name(&label("nobody-thinks-of-it"), &[]).name(&label("odd"), &[RecordType::from(4711)]);
    let compared = run(&quick(peers(&[&base, &target])).without_axfr(named)).await;
    let expected = [("nobody-thinks-of-it.example.test.", 16), ("odd.example.test.", 4711)];
    assert_eq!(found(&compared), expected.map(|(owner, rtype)| (ChangeKind::Added, owner.to_owned(), rtype)));
    assert_eq!(ask(&[&base, &target]).await.verdict(), NoDifferenceFound);
}

#[tokio::test]
async fn where_nobody_gives_the_names_all_are_asked_for_those_of_the_caller() {
    let www = Name::from_ascii("www.example.test.").unwrap();
    let named = || Asking::new().name(&www, &[RecordType::A]).name(&Name::from_ascii("elsewhere.").unwrap(), &[]);
    let other = || zone().a("www", [192, 0, 2, 2]);
    for (target, verdict, differing) in [(zone(), NoDifferenceFound, 0), (other(), Different, 1)] {
        let (base, target) = (closed(zone()).start().await.unwrap(), closed(target).start().await.unwrap());
        let compared = run(&quick(peers(&[&base, &target])).without_axfr(named())).await;
        assert_eq!((compared.verdict(), changes(&compared).len()), (verdict, differing), "{:?}", compared.comparison());
        let asked: Vec<u64> =
            compared.comparison().sides.iter().map(|side| side.asked.clone().unwrap().asked).collect();
        assert_eq!(asked, [3, 3], "www, and SOA and NS of the zone");
    }
}

#[tokio::test]
async fn l1_a_zone_that_is_too_large_to_be_asked_for_is_not_compared_and_the_bound_is_said() {
    let (base, target) = (serve(zone().hosts(1000)).await, closed(zone().hosts(1000)).start().await.unwrap());
    let small = quick(peers(&[&base, &target])).memory(LEAST_MEMORY);
    let compared = run(&small.without_axfr(Asking::new())).await;
    assert_eq!((compared.verdict(), questions(&target)), (NotCompared, 0));
    let summary = compared.comparison().summary();
    assert!(summary.contains("record sets to ask for") && summary.contains("--memory"), "{summary}");
}

#[tokio::test]
async fn s7_a_zone_that_changes_while_it_is_asked_is_moving() {
    let base = serve(zone()).await;
    let target = closed(zone()).start().await.unwrap();
    let change = async {
        loop {
            target.publish(|_| ());
            tokio::task::yield_now().await;
        }
    };
    let servers = [&base, &target];
    let compared = tokio::select! {
        compared = ask(&servers) => compared,
        () = change => unreachable!("it never ends"),
    };
    assert_eq!((compared.verdict(), changes(&compared).len()), (Moving, 0));
}

#[tokio::test]
async fn r2_r3_r5_one_connection_ids_of_their_own_and_what_a_close_cost_is_asked_again() {
    let base = serve(zone().hosts(200)).await;
    let target = closed(zone().hosts(200)).start().await.unwrap();
    assert_eq!(ask(&[&base, &target]).await.verdict(), NoDifferenceFound);
    assert!(target.connections() < 10, "{} connections for {} questions", target.connections(), questions(&target));
    let closes = Fault::new(On::Query, Act::DoneThenClose).over(Transport::Tcp).every(60);
    let other = closed(zone().hosts(200)).fault(closes).start().await.unwrap();
    assert_eq!(ask(&[&base, &other]).await.verdict(), NoDifferenceFound);
}

#[tokio::test]
async fn t14_questions_are_signed_with_the_key_of_the_server() {
    let (lab, own) = key("transfer.", b"a secret of this server");
    let base = serve(zone()).await;
    let target = closed(zone()).key(&lab).query_by(Access::AnyKey).start().await.unwrap();
    let signed = quick(vec![Peer::at(base.address()), Peer::at(target.address()).key(own)]);
    let compared = run(&signed.without_axfr(Asking::new())).await;
    assert_eq!(compared.verdict(), NoDifferenceFound);
    assert_eq!(compared.comparison().sides[1].authenticated_by.as_deref(), Some("transfer."));
    let unsigned = ask(&[&base, &target]).await;
    assert_eq!(unsigned.verdict(), NotCompared, "and without it there is no answer");
}

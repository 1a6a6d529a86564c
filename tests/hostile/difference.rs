//! Section 4: what is a difference between two zones, over real transfers.

use crate::lab::{Lab, Zone};
use crate::scene::name;
use dnsconverge::compare::{Compare, Compared};
use dnsconverge::net::Server as Peer;
use dnsconverge::report::ComparisonVerdict::{Different, Equal, NotCompared};
use hickory_proto::rr::rdata::{A, SOA};
use hickory_proto::rr::{Name, RData, Record};
use std::time::Duration;

/// What both sides have.
fn zone() -> Zone {
    Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53])
}

/// Compares two servers with these zones.
async fn compare(base: Zone, target: Zone) -> Compared {
    let (base, target) = (Lab::primary(base).start().await.unwrap(), Lab::primary(target).start().await.unwrap());
    let sides = [Peer::at(base.address()), Peer::at(target.address())];
    let compare = Compare::new(&name(), sides).every(Duration::from_millis(10)).standstill(Duration::from_millis(50));
    compare.run_until(std::future::pending(), |_| ()).await.unwrap()
}

/// They differ in one set, and the text of the difference has these words.
async fn differ(base: Zone, target: Zone, words: &[&str]) {
    let compared = compare(base, target).await;
    assert_eq!(compared.verdict(), Different, "{words:?}");
    let texts: Vec<String> = compared.changes().map(|change| change.unwrap().to_string()).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    for word in words {
        assert!(texts[0].contains(word), "{word:?}: {}", texts[0]);
    }
    assert!(!texts[0].chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{:?}", texts[0]);
}

/// They are the same zone.
async fn are_equal(base: Zone, target: Zone) {
    let compared = compare(base, target).await;
    assert_eq!((compared.verdict(), compared.changes().count()), (Equal, 0));
}

#[tokio::test]
async fn h104_h105_another_ttl_is_a_difference_of_its_own_kind() {
    differ(zone().ttl(60).a("www", [192, 0, 2, 1]), zone().ttl(300).a("www", [192, 0, 2, 1]), &["60", "300"]).await;
    // RFC 2181 section 8: the top bit of a TTL means 0.
    are_equal(zone().ttl(0x8000_0001).a("www", [192, 0, 2, 1]), zone().ttl(0).a("www", [192, 0, 2, 1])).await;
}

#[tokio::test]
async fn h106_a_text_cut_at_other_places_is_a_difference() {
    differ(zone().txt("t", &["ab", "cd"]), zone().txt("t", &["abcd"]), &["\"ab\" \"cd\"", "\"abcd\""]).await;
}

#[tokio::test]
async fn h107_case_counts_in_texts_and_not_in_names() {
    differ(zone().txt("t", &["Text"]), zone().txt("t", &["text"]), &["\"Text\"", "\"text\""]).await;
    are_equal(zone().mx("@", 10, "Mail"), zone().mx("@", 10, "mail")).await;
    are_equal(zone().a("WWW", [192, 0, 2, 1]), zone().a("www", [192, 0, 2, 1])).await;
    differ(zone().unknown("u", 65280, *b"A"), zone().unknown("u", 65280, *b"a"), &["TYPE65280"]).await;
}

#[tokio::test]
async fn h108_case_counts_in_names_of_newer_types() {
    let target = |name: &[u8]| [&[0, 1][..], name].concat();
    let (upper, lower) = (target(b"\x03SVC\x07example\x04test\0"), target(b"\x03svc\x07example\x04test\0"));
    differ(zone().unknown("s", 64, upper), zone().unknown("s", 64, lower), &["SVCB"]).await;
}

#[tokio::test]
async fn h109_labels_are_octets() {
    let dotted = zone().a("a\\.b", [192, 0, 2, 1]);
    let nested = zone().a("a.b", [192, 0, 2, 1]);
    let compared = compare(dotted, nested).await;
    assert_eq!((compared.verdict(), compared.changes().count()), (Different, 2), "one name of one label, one of two");
}

#[tokio::test]
async fn h112_glue_and_the_servers_at_a_cut_are_the_parents() {
    let cut = |host: &str| zone().ns("child", host);
    differ(cut("ns1.child"), cut("ns2.child"), &["ns1.child", "ns2.child"]).await;
    let glue = |last| zone().ns("child", "ns.child").a("ns.child", [192, 0, 2, last]);
    differ(glue(1), glue(2), &["192.0.2.1", "192.0.2.2"]).await;
}

#[tokio::test]
async fn h113_wins_is_kept_and_named() {
    let wins = [0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 3, 132, 0, 0, 0, 1, 192, 0, 2, 9];
    differ(zone().unknown("@", 65281, wins), zone(), &["WINS"]).await;
}

#[tokio::test]
async fn h114_every_domain_controller_has_its_own_soa() {
    let at = |label: &str| Name::from_ascii(format!("{label}.example.test.")).unwrap();
    let soa = |mname: &str, serial| zone().soa_data(SOA::new(at(mname), at("root"), serial, 1, 2, 3, 4));
    differ(soa("dc1", 40), soa("dc2", 41), &["dc1", "dc2"]).await;
}

#[tokio::test]
async fn h119_h120_types_and_data_that_one_side_keeps() {
    differ(zone().unknown("t", 65280, [1, 2, 3]), zone(), &["TYPE65280"]).await;
    // Whoever answers with an alias has no SOA there.
    assert_eq!(compare(zone().cname("@", "elsewhere"), zone()).await.verdict(), NotCompared);
    differ(zone().dname("d", "x").cname("d", "y"), zone().dname("d", "x"), &["CNAME"]).await;
}

#[tokio::test]
async fn h121_the_order_of_a_set_is_free() {
    let address = |last| [192, 0, 2, last];
    let (there, back) = ([1, 2, 3], [3, 1, 2]);
    let zone_of = |order: [u8; 3]| order.into_iter().fold(zone(), |zone, last| zone.a("pool", address(last)));
    are_equal(zone_of(there), zone_of(back)).await;
}

#[tokio::test]
async fn h126_escapes_of_names_and_texts_reach_no_terminal() {
    let hostile = zone().txt("t", &["\u{1b}[2Kok: no difference\n\"quoted\""]);
    differ(hostile, zone(), &["\\027[2Kok", "\\010", "\\\"quoted\\\""]).await;
    let mut owner = zone();
    let label = Name::from_labels([b"\x1b[31m\n".as_slice(), b"example", b"test"]).unwrap();
    owner.insert(Record::from_rdata(label, 60, RData::A(A::new(192, 0, 2, 1))));
    differ(owner, zone(), &["\\027[31m\\010.example.test."]).await;
}

//! The cut-over clock against the embedded lab: a parent, an old server and a new one.

#[path = "lab/mod.rs"]
mod lab;

use dnsconverge::SwitchOff;
use dnsconverge::cutover::{CutOver, Readiness, Unknown, What};
use dnsconverge::net::{Network, Server as Peer};
use dnsconverge::tsig::TsigKey;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::AAAA;
use hickory_proto::rr::{Name, RData, RecordType};
use lab::{Lab, Request, Server, Signature, Zone};
use std::net::IpAddr;
use std::time::Duration;

/// The zone with this NS name and address, which are kept for five minutes.
fn zone(host: &str, address: [u8; 4]) -> Zone {
    Zone::new("example.test.").ttl(300).soa(1).ns("@", host).a(host, address)
}

/// The parent, whose delegation to this name and address is kept for two days.
fn parent(host: &str, address: [u8; 4]) -> Zone {
    let within = format!("{host}.example");
    Zone::new("test.").ttl(172_800).soa(1).ns("@", "ns").ns("example", &within).a(&within, address)
}

/// A zone that was moved from 127.0.0.1 to a server elsewhere, and its parent.
struct Scene {
    /// The old server.
    old: Server,
    /// The new one.
    new: Server,
    /// The parent's.
    parent: Server,
}

impl Scene {
    /// The servers hold these.
    async fn new(old: Zone, new: Zone, parent: Zone) -> Self {
        let start = async |zone: Zone, last: u8| {
            let address: IpAddr = [127, 0, 0, last].into();
            Lab::primary(zone).on(address).start().await.unwrap()
        };
        Self { old: start(old, 1).await, new: start(new, 2).await, parent: start(parent, 3).await }
    }

    /// Everybody names the new server.
    async fn moved() -> Self {
        let new = || zone("ns-new", [127, 0, 0, 2]);
        Self::new(new(), new(), parent("ns-new", [127, 0, 0, 2])).await
    }

    /// The question, the parent left out.
    fn without_parent(&self) -> SwitchOff {
        let name = Name::from_ascii("example.test.").unwrap();
        let network = Network::new().timeout(Duration::from_millis(900));
        SwitchOff::new(&name, Peer::at(self.old.address()), [Peer::at(self.new.address())]).network(network)
    }

    /// The question.
    fn question(&self) -> SwitchOff {
        self.without_parent().parent(Peer::at(self.parent.address())).lag(Duration::from_secs(2))
    }
}

/// The answer to this question.
async fn answer(question: SwitchOff) -> CutOver {
    question.ask().await.unwrap()
}

#[tokio::test]
async fn the_delegation_is_kept_longest_and_the_answer_counts_from_the_change() {
    let scene = Scene::moved().await;
    let clock = answer(scene.question().changed(Duration::from_secs(3600))).await;
    assert_eq!((clock.longest, clock.total, clock.remaining), (Some(172_800), Some(172_802), Some(169_202)), "{clock}");
    assert_eq!((clock.readiness, clock.facts.unknown.as_slice()), (Readiness::Later, [].as_slice()), "{clock}");
    let kinds = |wanted: fn(&What) -> bool| clock.facts.terms.iter().filter(|term| wanted(&term.what)).count();
    assert_eq!(kinds(|what| matches!(what, What::ParentNs)), 1);
    assert_eq!(kinds(|what| matches!(what, What::ParentAddress { .. })), 1);
    assert_eq!(kinds(|what| matches!(what, What::ZoneNs)), 2);
    assert_eq!(kinds(|what| matches!(what, What::ZoneAddress { .. })), 2);
    assert_eq!(kinds(|what| matches!(what, What::Absence { .. })), 2);
    let gone = answer(scene.question().changed(Duration::from_secs(172_802))).await;
    assert_eq!(gone.readiness, Readiness::Now, "{gone}");
}

#[tokio::test]
async fn a_ttl_that_was_lowered_before_the_change_counts_as_it_was() {
    let scene = Scene::moved().await;
    let question = || scene.question().changed(Duration::from_secs(172_802));
    assert_eq!(answer(question()).await.readiness, Readiness::Now);
    let clock = answer(question().ttl_before(604_800)).await;
    assert_eq!(
        (clock.readiness, clock.total, clock.remaining),
        (Readiness::Later, Some(604_802), Some(432_000)),
        "{clock}"
    );
    assert_eq!(clock.facts.ttl_before, Some(604_800));
}

#[tokio::test]
async fn without_the_parent_it_is_never_now() {
    let scene = Scene::moved().await;
    let question = scene.without_parent().lag(Duration::ZERO).changed(Duration::from_secs(999_999));
    let clock = answer(question).await;
    assert_eq!((clock.readiness, clock.facts.unknown.as_slice()), (Readiness::Unknown, [Unknown::Parent].as_slice()));
    assert!(clock.to_string().contains("--parent"), "{clock}");
}

#[tokio::test]
async fn a_parent_or_a_zone_that_names_the_old_server_stops_the_clock() {
    let (old, new) = (|| zone("ns-old", [127, 0, 0, 1]), || zone("ns-new", [127, 0, 0, 2]));
    let scenes = [
        ("the parent", Scene::new(new(), new(), parent("ns-old", [127, 0, 0, 1])).await),
        ("the zone's own NS records at 127.0.0.1", Scene::new(old(), new(), parent("ns-new", [127, 0, 0, 2])).await),
        ("the zone's own NS records at 127.0.0.2", Scene::new(new(), old(), parent("ns-new", [127, 0, 0, 2])).await),
    ];
    for (who, scene) in scenes {
        let clock = answer(scene.question().changed(Duration::from_secs(999_999))).await;
        assert_eq!((clock.readiness, clock.earliest_unix), (Readiness::StillNamed, None), "{clock}");
        assert!(clock.facts.named_by[0].starts_with(who), "{clock}");
    }
}

#[tokio::test]
async fn a_name_that_keeps_its_records_but_not_its_address_is_seen() {
    // The host is the same, the parent's glue still has the old address.
    let new = || zone("ns", [127, 0, 0, 2]);
    let scene = Scene::new(new(), new(), parent("ns", [127, 0, 0, 1])).await;
    let clock = answer(scene.question()).await;
    assert_eq!(clock.readiness, Readiness::StillNamed, "{clock}");
    assert!(clock.facts.named_by[0].ends_with("which has its address"), "{clock}");
}

#[tokio::test]
async fn the_lag_is_bounded_by_the_timers_where_it_was_not_measured() {
    let scene = Scene::moved().await;
    let clock = answer(scene.without_parent()).await;
    assert!(clock.to_string().contains("not measured, so REFRESH"), "{clock}");
    assert!(clock.lag_seconds > 0 && clock.facts.unknown.contains(&Unknown::Change));
}

#[tokio::test]
async fn a_server_that_is_silent_is_not_known_and_never_now() {
    let scene = Scene::moved().await;
    scene.old.inject(lab::Fault::new(lab::On::Any, lab::Act::Lose));
    let clock = answer(scene.question().changed(Duration::from_secs(999_999))).await;
    assert_eq!(clock.readiness, Readiness::Unknown, "{clock}");
    let silent = scene.old.address().to_string();
    assert!(matches!(&clock.facts.unknown[0], Unknown::Server { server, .. } if *server == silent), "{clock}");
}

#[tokio::test]
async fn t14_a_key_of_the_zone_is_not_shown_to_the_parent() {
    let scene = Scene::moved().await;
    let key = TsigKey::parse("hmac-sha256:zone-key:c2VjcmV0IHNlY3JldCBzZWNyZXQ=").unwrap();
    let name = Name::from_ascii("example.test.").unwrap();
    let [old, new] = [&scene.old, &scene.new].map(|server| Peer::at(server.address()).key(key.clone()));
    answer(SwitchOff::new(&name, old, [new]).parent(Peer::at(scene.parent.address()))).await;
    let is_signed = |request: &Request| request.signature != Signature::Unsigned;
    assert!(scene.old.count(is_signed) > 0 && scene.new.count(is_signed) > 0);
    assert_eq!((scene.parent.count(is_signed), scene.parent.requests().is_empty()), (0, false));
}

#[tokio::test]
async fn an_address_that_was_not_told_is_not_known_and_never_now() {
    let mut stale = zone("ns", [127, 0, 0, 1]);
    stale.add("ns", RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2)));
    let scene = Scene::new(zone("ns", [127, 0, 0, 2]), stale, parent("ns", [127, 0, 0, 2])).await;
    let asked = || answer(scene.question().changed(Duration::from_secs(999_999)));
    let clock = asked().await;
    assert_eq!(clock.readiness, Readiness::StillNamed, "{clock}");
    for act in [lab::Act::Rcode(ResponseCode::ServFail), lab::Act::Lose] {
        let fault = scene.new.inject(lab::Fault::new(lab::On::QueryOf(RecordType::A), act));
        let clock = asked().await;
        let unknown = [Unknown::Host { host: "ns.example.test.".to_owned() }];
        assert_eq!((clock.readiness, clock.facts.unknown.as_slice()), (Readiness::Unknown, &unknown[..]), "{clock}");
        scene.new.withdraw(fault);
    }
}

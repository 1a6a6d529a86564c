//! The cut-over clock against the embedded lab: a parent, an old server and a new one.

#[path = "lab/mod.rs"]
mod lab;

use dnsconverge::cutover::{CutOver, Lag, Readiness, Serves, Unknown, What};
use dnsconverge::net::{Families, Network, Server as Peer, ServerAddress};
use dnsconverge::tsig::TsigKey;
use dnsconverge::{SwitchOff, SwitchOffError};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::AAAA;
use hickory_proto::rr::{Name, RData, RecordType};
use lab::{Act, Fault, Lab, On, Request, Server, ServerBuilder, Signature, Zone};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Longer ago than anything is kept.
const LONG_AGO: Duration = Duration::from_secs(999_999);

/// The zone with this NS name and address, which are kept for five minutes.
fn zone(host: &str, address: [u8; 4]) -> Zone {
    Zone::new("example.test.").ttl(300).soa(1).ns("@", host).a(host, address)
}

/// The parent, whose delegation to this name and address is kept for two days.
fn parent(host: &str, address: [u8; 4]) -> Zone {
    let within = format!("{host}.example");
    let zone = Zone::new("test.").ttl(172_800).soa(1).ns("@", "ns").a("ns", [127, 0, 0, 3]);
    zone.ns("example", &within).a(&within, address)
}

/// A server at 127.0.0.`last`.
fn on(last: u8, zone: Zone) -> ServerBuilder {
    Lab::primary(zone).on(IpAddr::from([127, 0, 0, last]))
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
        let servers = [on(1, old), on(2, new), on(3, parent)];
        let [old, new, parent] = ServerBuilder::start_together(servers).await.unwrap();
        Self { old, new, parent }
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
        let question = SwitchOff::new(&name, Peer::at(self.old.address()), [Peer::at(self.new.address())]);
        question.network(network).port(self.old.address().port())
    }

    /// The question.
    fn question(&self) -> SwitchOff {
        self.without_parent().parent(Peer::at(self.parent.address())).lag(Duration::from_secs(2))
    }
}

/// The same with a server of the zone and one of its parent that nobody gives: they are found.
struct Wide {
    /// Those that are given.
    scene: Scene,
    /// The zone's other server, 127.0.0.4.
    other: Server,
    /// The parent's other server, 127.0.0.5.
    second: Server,
}

impl Wide {
    /// The zone as everybody has it.
    fn zone() -> Zone {
        zone("ns-new", [127, 0, 0, 2]).ns("@", "ns9").a("ns9", [127, 0, 0, 4])
    }

    /// Its parent as everybody has it.
    fn parent() -> Zone {
        let parent = parent("ns-new", [127, 0, 0, 2]).ns("@", "ns2").a("ns2", [127, 0, 0, 5]);
        parent.ns("example", "ns9.example").a("ns9.example", [127, 0, 0, 4])
    }

    /// These two hold what they hold, the others what everybody has.
    async fn new(other: Zone, second: Zone) -> Self {
        let servers = [on(1, Self::zone()), on(2, Self::zone()), on(3, Self::parent()), on(4, other), on(5, second)];
        let [old, new, parent, other, second] = ServerBuilder::start_together(servers).await.unwrap();
        Self { scene: Scene { old, new, parent }, other, second }
    }

    /// The answer, long after the change.
    async fn answer(&self) -> CutOver {
        answer(self.scene.question().changed(LONG_AGO)).await
    }
}

/// An IPv4 address as an AAAA record has it.
fn mapped(address: [u8; 4]) -> RData {
    RData::AAAA(AAAA(Ipv4Addr::from(address).to_ipv6_mapped()))
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
    let question = scene.without_parent().lag(Duration::ZERO).changed(LONG_AGO);
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
        let clock = answer(scene.question().changed(LONG_AGO)).await;
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
    let clock = answer(scene.question().changed(LONG_AGO)).await;
    assert_eq!(clock.readiness, Readiness::Unknown, "{clock}");
    let silent = scene.old.address().to_string();
    assert!(matches!(&clock.facts.unknown[0], Unknown::Server { server, .. } if *server == silent), "{clock}");
}

#[tokio::test]
async fn t14_a_key_of_the_zone_is_shown_neither_to_the_parent_nor_to_servers_that_nobody_gave() {
    let wide = Wide::new(Wide::zone(), Wide::parent()).await;
    let scene = &wide.scene;
    let key = TsigKey::parse("hmac-sha256:zone-key:c2VjcmV0IHNlY3JldCBzZWNyZXQ=").unwrap();
    let name = Name::from_ascii("example.test.").unwrap();
    let [old, new] = [&scene.old, &scene.new].map(|server| Peer::at(server.address()).key(key.clone()));
    let question = SwitchOff::new(&name, old, [new]).parent(Peer::at(scene.parent.address()));
    answer(question.port(scene.old.address().port())).await;
    let is_signed = |request: &Request| request.signature != Signature::Unsigned;
    assert!(scene.old.count(is_signed) > 0 && scene.new.count(is_signed) > 0);
    for server in [&scene.parent, &wide.other, &wide.second] {
        assert_eq!((server.count(is_signed), server.requests().is_empty()), (0, false));
    }
}

#[tokio::test]
async fn an_address_that_was_not_told_is_not_known_and_never_now() {
    let mut stale = zone("ns", [127, 0, 0, 1]);
    stale.add("ns", mapped([127, 0, 0, 2]));
    let scene = Scene::new(zone("ns", [127, 0, 0, 2]), stale, parent("ns", [127, 0, 0, 2])).await;
    let asked = || answer(scene.question().changed(LONG_AGO));
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

#[tokio::test]
async fn name_servers_that_nobody_gave_are_asked_too() {
    let wide = Wide::new(Wide::zone(), Wide::parent()).await;
    let clock = wide.answer().await;
    assert_eq!((clock.readiness, clock.facts.unknown.as_slice()), (Readiness::Now, [].as_slice()), "{clock}");
    let found =
        clock.facts.asked.iter().filter_map(|asked| Some((asked.serves, asked.at.clone(), asked.host.clone()?)));
    let [other, second] = [&wide.other, &wide.second].map(|server| server.address().to_string());
    let expected =
        [(Serves::Parent, second, "ns2.test.".to_owned()), (Serves::Zone, other, "ns9.example.test.".to_owned())];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    assert_eq!(clock.facts.asked.len(), 5, "{clock}");
}

#[tokio::test]
async fn a_name_server_that_nobody_gave_and_that_still_names_the_old_server_stops_the_clock() {
    let stale = zone("ns-old", [127, 0, 0, 1]).ns("@", "ns9").a("ns9", [127, 0, 0, 4]);
    let behind = parent("ns-old", [127, 0, 0, 1]).ns("@", "ns2").a("ns2", [127, 0, 0, 5]);
    for (wide, who) in [
        (Wide::new(stale, Wide::parent()).await, "the zone's own NS records at 127.0.0.4"),
        (Wide::new(Wide::zone(), behind).await, "the parent 127.0.0.5"),
    ] {
        let clock = wide.answer().await;
        assert_eq!((clock.readiness, clock.facts.named_by.len()), (Readiness::StillNamed, 1), "{clock}");
        assert!(clock.facts.named_by[0].starts_with(who), "{clock}");
    }
}

#[tokio::test]
async fn a_name_server_that_nobody_gave_and_that_does_not_answer_is_not_known_and_never_now() {
    for (other, second) in
        [(Zone::new("elsewhere.").ns("@", "ns"), Wide::parent()), (Wide::zone(), Zone::new("elsewhere.").ns("@", "ns"))]
    {
        let wide = Wide::new(other, second).await;
        let clock = wide.answer().await;
        assert_eq!((clock.readiness, clock.facts.unknown.len()), (Readiness::Unknown, 1), "{clock}");
        assert!(matches!(&clock.facts.unknown[0], Unknown::Server { .. }), "{clock}");
    }
    let wide = Wide::new(Wide::zone(), Wide::parent()).await;
    wide.other.inject(Fault::new(On::Any, Act::Lose));
    wide.second.inject(Fault::new(On::Any, Act::Rcode(ResponseCode::ServFail)));
    let clock = wide.answer().await;
    assert_eq!((clock.readiness, clock.facts.unknown.len()), (Readiness::Unknown, 2), "{clock}");
}

#[tokio::test]
async fn a_server_of_the_parent_that_is_not_found_is_not_known_and_never_now() {
    let new = || zone("ns-new", [127, 0, 0, 2]);
    let scene = Scene::new(new(), new(), parent("ns-new", [127, 0, 0, 2]).ns("@", "ns2.invalid.")).await;
    let clock = answer(scene.question().changed(LONG_AGO)).await;
    assert_eq!((clock.readiness, clock.facts.unknown.len()), (Readiness::Unknown, 1), "{clock}");
    assert!(clock.to_string().contains("not known: what ns2.invalid. holds"), "{clock}");
}

#[tokio::test]
async fn a_server_of_the_zone_is_no_parent() {
    let scene = Scene::moved().await;
    let question = scene.without_parent().parent(Peer::at(scene.new.address())).lag(Duration::ZERO);
    let clock = answer(question.changed(LONG_AGO)).await;
    assert_eq!(clock.readiness, Readiness::Unknown, "{clock}");
    assert!(matches!(&clock.facts.unknown[..], [Unknown::Server { .. }]), "{clock}");
}

#[tokio::test]
async fn a_lag_that_was_measured_is_that_of_the_servers_that_were_given() {
    let wide = Wide::new(Wide::zone(), Wide::parent()).await;
    let clock = answer(wide.scene.question().changed(Duration::from_secs(172_802))).await;
    let lag = Lag::MeasuredInPart { milliseconds: 2000, refresh: 7200, retry: 900 };
    assert_eq!((clock.facts.lag, clock.total), (lag, Some(180_900)), "{clock}");
    assert_eq!(clock.readiness, Readiness::Later, "{clock}");
}

#[tokio::test]
async fn the_old_server_is_not_one_that_stays_under_any_name() {
    let name = Name::from_ascii("example.test.").unwrap();
    let old = SocketAddr::from(([127, 0, 0, 1], 53));
    let given = |text: &str| Peer::at(text.parse::<ServerAddress>().unwrap());
    for same in ["127.0.0.1", "127.0.0.1:53", "[::ffff:127.0.0.1]:53", "localhost"] {
        let question = SwitchOff::new(&name, Peer::at(old), [given("127.0.0.2"), given(same)]);
        let error = question.ask().await.unwrap_err();
        assert!(matches!(&error, SwitchOffError::NewIsOld { server, .. } if server == same), "{same}: {error}");
    }
    let nobody = SwitchOff::new(&name, Peer::at(old), []).ask().await;
    assert!(matches!(nobody, Err(SwitchOffError::NothingStays)));
}

#[tokio::test]
async fn the_old_server_behind_the_other_family_is_seen_where_the_glue_has_one_alone() {
    // The parent names a host that the zone's own NS records do not, with its A record alone.
    let mut new = zone("ns-new", [127, 0, 0, 2]).a("ns2", [127, 0, 0, 2]);
    new.add("ns2", mapped([127, 0, 0, 1]));
    let scene = Scene::new(new.clone(), new, parent("ns2", [127, 0, 0, 2])).await;
    let clock = answer(scene.question().changed(LONG_AGO)).await;
    assert_eq!(clock.readiness, Readiness::StillNamed, "{clock}");
    assert!(clock.facts.named_by[0].ends_with("NS ns2.example.test., which has its address"), "{clock}");
}

#[tokio::test]
async fn glue_that_was_left_out_of_a_referral_is_asked_for() {
    let new = || zone("ns-new", [127, 0, 0, 2]);
    let mut parent = parent("ns-new", [127, 0, 0, 2]);
    parent.add("ns-new.example", mapped([127, 0, 0, 1]));
    let scene = Scene::new(new(), new(), parent).await;
    let short = Act::each_message(|_, message| message.additionals.retain(|glue| glue.record_type() == RecordType::A));
    scene.parent.inject(Fault::new(On::QueryOf(RecordType::NS), short));
    let clock = answer(scene.question().changed(LONG_AGO)).await;
    assert_eq!(clock.readiness, Readiness::StillNamed, "{clock}");
    assert!(clock.facts.named_by[0].starts_with("the parent 127.0.0.3"), "{clock}");
}

#[tokio::test]
async fn glue_of_a_host_outside_of_the_zone_is_not_all_that_is_known_of_it() {
    let new = || zone("ns-new", [127, 0, 0, 2]);
    let parent = parent("ns-new", [127, 0, 0, 2]).ns("example", "ns.invalid.").a("ns.invalid.", [127, 0, 0, 2]);
    let scene = Scene::new(new(), new(), parent).await;
    let clock = answer(scene.question().changed(LONG_AGO)).await;
    let unknown = [Unknown::Host { host: "ns.invalid.".to_owned() }];
    assert_eq!((clock.readiness, clock.facts.unknown.as_slice()), (Readiness::Unknown, &unknown[..]), "{clock}");
}

#[tokio::test]
async fn a_name_server_of_the_family_that_is_not_asked_is_not_known() {
    let mut new =
        Zone::new("example.test.").ttl(300).soa(1).ns("@", "ns-new").ns("@", "ns6").a("ns-new", [127, 0, 0, 2]);
    new.add("ns6", RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 6)));
    let scene = Scene::new(new.clone(), new, parent("ns-new", [127, 0, 0, 2])).await;
    let network = Network::new().timeout(Duration::from_millis(900)).families(Families::V4);
    let clock = answer(scene.question().network(network).changed(LONG_AGO)).await;
    assert_eq!(clock.readiness, Readiness::Unknown, "{clock}");
    assert!(
        matches!(&clock.facts.unknown[..], [Unknown::Server { server, .. }] if server == "ns6.example.test."),
        "{clock}"
    );
}

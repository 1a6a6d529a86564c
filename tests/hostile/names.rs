//! Faults by name, and a server that is told at run time, by a query, what to do wrong.

use crate::lab::{Fault, Lab, Server};
use crate::scene::{Scene, ms, run, schedule, zone};
use dnsconverge::net::{Network, Peer, Query};
use dnsconverge::report::Propagation;
use dnsconverge::wire::{Message, Rcode, Rtype, Section, WireName};
use hickory_proto::rr::Name;

/// Tells a server something; whether it understood.
async fn tell(server: &Server, text: &str) -> bool {
    let name = Name::from_ascii(format!("{text}._control.")).unwrap();
    let query = Query::new(WireName::from_name(&name), Rtype::TXT);
    let answer = Network::new().query(&Peer::plain(server.address()), &query, None).await.unwrap();
    let message = Message::parse(&answer.octets).unwrap();
    message.rcode() == Rcode::NOERROR && message.section(Section::Answer).count() == 1
}

#[test]
fn every_fault_has_a_name_of_its_own_that_is_read() {
    let names: Vec<_> = Fault::names().collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), names.len());
    assert!(names.iter().all(|name| Fault::named(&format!("first-1 {name} tcp")).is_some()), "{names:?}");
    for wrong in ["", "add", "no-such-fault", "lose servfail", "lose sometimes"] {
        assert!(Fault::named(wrong).is_none(), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_running_server_is_told_what_to_do_wrong() {
    let scene = Scene::honest().await;
    assert!(tell(&scene.destination, "txt.old.every-2.inject").await);
    let (report, _) = run(&scene.check().schedule(schedule(700))).await.unwrap();
    assert_eq!(report.propagation(), Propagation::NotConverged, "{report}");
    assert!(tell(&scene.destination, "withdraw").await);
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
    for nonsense in ["inject", "lose.nothing.inject", "what"] {
        assert!(!tell(&scene.destination, nonsense).await, "{nonsense}");
    }
    let control = Name::from_ascii("_control.").unwrap();
    assert!(scene.destination.requests().iter().all(|request| !control.zone_of(&request.name())), "not in the log");
}

#[tokio::test]
async fn a_journal_is_lost_at_run_time() {
    let server = Lab::primary(zone()).start().await.unwrap();
    server.publish(|zone| zone.add_txt("new", &["x"]));
    assert!(tell(&server, "rollback").await);
    assert!(!server.zone().holds("new") && server.zone().serial() == 1);
}

/// Whatever a server does wrong, a check ends, takes the probe back or says that it may be left, and does not panic.
#[tokio::test]
async fn v6_every_fault_at_either_server_has_an_honest_end() {
    let mut runs = tokio::task::JoinSet::new();
    for text in Fault::names() {
        for at_source in [true, false] {
            runs.spawn(has_an_honest_end(text, at_source));
            if runs.len() > 20 {
                runs.join_next().await.unwrap().unwrap();
            }
        }
    }
    while let Some(run) = runs.join_next().await {
        run.unwrap();
    }
}

/// One server has this fault, from the start; the status speaks the truth about the zone and the journal.
async fn has_an_honest_end(text: &str, at_source: bool) {
    let scene = Scene::honest().await;
    let server = if at_source { &scene.source } else { &scene.destination };
    server.inject(Fault::named(text).unwrap());
    let times = schedule(500).timeout(ms(150)).cleanup_timeout(ms(1500));
    let status = run(&scene.check().schedule(times)).await.map_or(2, |(report, _)| report.exit_status());
    let left = scene.source.zone().below("_dnsconverge").len();
    assert!(left == 0 || status == 3, "{text} at_source={at_source}: {status} with {left} left");
    assert_eq!(scene.entries() > 0, status == 3, "{text} at_source={at_source}: {status}, the journal");
}

//! What goes wrong with the probe at the source, and what then becomes of it.

use crate::lab::{Act, Fault, Lab, On, Request, Server};
use crate::scene::{Scene, ms, name, refusal, run, run_with, schedule, zone};
use dnsconverge::check::{Check, CheckError};
use dnsconverge::compare::Compare;
use dnsconverge::net::{Server as Peer, ServerAddress};
use dnsconverge::probe::ProbeType;
use dnsconverge::report::{Cleanup, EventKind, Propagation};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::NULL;
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};
use std::sync::Arc;

/// The source answers the add in this way; the check must converge all the same, with one add and one deletion.
async fn converges_although_the_add(act: Act) {
    let scene = Scene::with_source(|source| source.fault(Fault::new(On::Add, act))).await;
    let check = scene.check().schedule(schedule(5000).timeout(ms(300)));
    let (report, events) = run(&check).await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{report}");
    assert!(events.iter().any(|event| matches!(event.kind, EventKind::PlantUnknown { .. })), "it says so");
    assert_eq!(scene.updates(), 2, "nothing is sent twice");
    scene.assert_clean();
}

#[tokio::test]
async fn u9_servfail_but_applied() {
    converges_although_the_add(Act::DoneBut(ResponseCode::ServFail)).await;
}

#[tokio::test]
async fn u9_the_reply_is_lost() {
    converges_although_the_add(Act::LoseReply).await;
}

#[tokio::test]
async fn u9_the_connection_closes_instead_of_a_reply() {
    converges_although_the_add(Act::DoneThenClose).await;
}

#[tokio::test]
async fn u9_the_reply_has_another_id() {
    converges_although_the_add(Act::WrongId).await;
}

#[tokio::test]
async fn u5_a_relay_that_tried_twice_reports_our_own_success() {
    converges_although_the_add(Act::DoneBut(ResponseCode::YXDomain)).await;
}

#[tokio::test]
async fn u6_accepted_and_not_stored() {
    let scene = Scene::with_source(|source| source.fault(Fault::new(On::Add, Act::Pretend))).await;
    let (report, _) = run(&scene.check().schedule(schedule(600))).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Inconclusive, 2), "{report}");
    assert_eq!(report.cleanup(), Cleanup::Removed, "it is taken back all the same");
    assert!(report.source().unwrap().error.as_ref().unwrap().contains("does not show the probe"), "{report}");
    scene.assert_clean();
}

#[tokio::test]
async fn u9_an_add_without_any_reply_is_deleted_once_more_after_a_while() {
    // It may lie unread in its connection while the first deletion is taken.
    let scene = Scene::with_source(|source| source.fault(Fault::new(On::Add, Act::Lose))).await;
    let (report, _) = run(&scene.check().schedule(schedule(800).timeout(ms(300)))).await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::Removed), "{report}");
    assert_eq!(scene.source.count(Request::is_delete), 2);
    scene.assert_clean();
}

#[tokio::test]
async fn u9_servfail_and_not_stored() {
    let fault = Fault::new(On::Add, Act::Rcode(ResponseCode::ServFail));
    let scene = Scene::with_source(|source| source.fault(fault)).await;
    let (report, _) = run(&scene.check().schedule(schedule(600))).await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::Removed), "{report}");
    scene.assert_clean();
}

#[tokio::test]
async fn u12_a_refused_add_says_what_to_do() {
    for (rcode, words) in [
        (ResponseCode::Refused, "policy"),
        (ResponseCode::NotImp, "does not do dynamic update"),
        (ResponseCode::NotAuth, "not authoritative"),
        (ResponseCode::NotZone, "not in the zone"),
    ] {
        let scene = Scene::with_source(|source| source.fault(Fault::new(On::Add, Act::Rcode(rcode)))).await;
        let why = refusal(&scene.check()).await;
        assert!(why.contains(words), "{rcode}: {why}");
        // NOTIMP may be about the lease that the add asks for, so it is sent once more without.
        let adds = if rcode == ResponseCode::NotImp { 2 } else { 1 };
        assert_eq!(scene.updates(), adds, "what was refused is not deleted");
        scene.assert_clean();
    }
}

#[tokio::test]
async fn u12_a_refusal_names_the_right_that_is_missing_and_who_is_the_primary() {
    for (kind, rtype) in [(ProbeType::Txt, "TXT"), (ProbeType::Address, "A")] {
        let refused = Fault::new(On::Add, Act::Rcode(ResponseCode::Refused));
        let scene = Scene::with_source(|source| source.fault(refused)).await;
        let why = refusal(&scene.check().probe_type(kind)).await;
        assert!(why.contains(&format!("`subdomain _dnsconverge.example.test. {rtype}`")), "{why}");
        assert!(why.contains("the primary, which is ns.example.test."), "{why}");
    }
}

#[tokio::test]
async fn u12_a_primary_that_is_named_as_the_destination_shows_that_the_two_are_swapped() {
    for (source, destination, hint) in [("ns2.test", "NS.example.test", true), ("ns", "ns2.test", false)] {
        let refused = Fault::new(On::Add, Act::Rcode(ResponseCode::NotAuth));
        let scene = Scene::with_source(|source| source.fault(refused)).await;
        let server = |host: &str, server: &Server| {
            let given = format!("{host}:{}", server.address().port()).parse::<ServerAddress>().unwrap();
            Peer::at(given).pinned(server.address())
        };
        let check = Check::new(&name(), server(source, &scene.source), server(destination, &scene.destination));
        let why = refusal(&check.journal(scene.journal.path()).unsigned()).await;
        assert_eq!((why.contains("swapped?"), why.contains("ns.example.test.")), (hint, hint), "{why}");
    }
}

#[tokio::test]
async fn u2_a_name_in_use_is_left_as_it_is() {
    let scene = Scene::honest().await;
    let mut owner = String::new();
    let report = run_with(scene.check().schedule(schedule(600)), |kind| {
        if let EventKind::Planting { owner: planted } = kind {
            owner.clone_from(planted);
            scene.source.apply(|zone| zone.add_txt(planted, &["foreign"]));
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (2, Cleanup::Removed), "{report}");
    assert!(report.to_string().contains("in use"), "{report}");
    assert!(scene.source.zone().holds(&owner), "the foreign record is kept");
    assert_eq!(scene.entries(), 0);
}

#[tokio::test]
async fn u4_a_stranger_at_our_name_survives_the_deletion() {
    let scene = Scene::honest().await;
    let mut owner = String::new();
    let report = run_with(scene.check(), |kind| match kind {
        EventKind::Planting { owner: planted } => owner.clone_from(planted),
        EventKind::Removing { attempt: 1 } => {
            scene.source.apply(|zone| zone.add_txt(&owner, &["foreign"]));
        }
        _ => {}
    });
    let report = report.await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{report}");
    let left = scene.source.zone().below("_dnsconverge");
    let foreign = |data: &RData| matches!(data, RData::TXT(txt) if txt.to_string().contains("foreign"));
    assert!(left.len() == 1 && foreign(&left[0].data), "{left:?}");
}

#[tokio::test]
async fn u15_a_refused_deletion_gives_the_lines_for_nsupdate() {
    let fault = Fault::new(On::Delete, Act::Rcode(ResponseCode::Refused));
    let scene = Scene::with_source(|source| source.fault(fault)).await;
    let (report, _) = run(&scene.check().schedule(schedule(5000).cleanup_timeout(ms(600)))).await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (3, Cleanup::Unconfirmed), "{report}");
    let left = scene.source.zone().below("_dnsconverge");
    let lines = report.nsupdate().unwrap();
    assert!(lines.contains(&format!("update delete {}", left[0].name)), "{lines}");
    assert!(lines.contains(&format!("server 127.0.0.1 {}\nzone example.test.", scene.source.address().port())));
    assert_eq!(scene.entries(), 1, "the journal keeps what is left");
}

#[tokio::test]
async fn u15_a_deletion_without_effect_is_a_probe_left() {
    let scene = Scene::with_source(|source| source.fault(Fault::new(On::Delete, Act::Pretend))).await;
    let (report, _) = run(&scene.check().schedule(schedule(5000).cleanup_timeout(ms(600)))).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Converged, 3), "{report}");
    assert!(report.nsupdate().is_some());
}

/// Two servers behind one address, one of which never got the probe, and a policy that lets nobody delete.
#[tokio::test]
async fn u15_a_refused_deletion_is_not_proven_by_a_server_that_never_had_the_probe() {
    let fault = Fault::new(On::Delete, Act::Rcode(ResponseCode::Refused));
    let scene = Scene::with_source(|source| source.fault(fault)).await;
    let check = scene.check().schedule(schedule(5000).cleanup_timeout(ms(1500)));
    let report = run_with(check, |kind| {
        if matches!(kind, EventKind::Removing { attempt: 1 }) {
            scene.source.inject(Fault::new(On::QueryOf(RecordType::TXT), Act::answer_from(zone())).every(2));
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (3, Cleanup::Unconfirmed), "{report}");
    assert_eq!((scene.source.zone().below("_dnsconverge").len(), scene.entries()), (1, 1), "the journal knows of it");
}

/// A deletion that was accepted and not done, and the same two servers.
#[tokio::test]
async fn u15_one_absence_between_two_presences_proves_nothing() {
    for present in [0, 1] {
        let fault = Fault::new(On::Delete, Act::Pretend);
        let scene = Scene::with_source(|source| source.fault(fault)).await;
        let check = scene.check().schedule(schedule(5000).cleanup_timeout(ms(1500)));
        let report = run_with(check, |kind| {
            if matches!(kind, EventKind::Removing { attempt: 1 }) {
                let without = Fault::new(On::QueryOf(RecordType::TXT), Act::answer_from(zone()));
                scene.source.inject(without.after(present).every(2));
            }
        });
        let report = report.await.unwrap();
        assert_eq!((report.exit_status(), report.cleanup()), (3, Cleanup::Unconfirmed), "{report}");
        assert_eq!((scene.source.zone().below("_dnsconverge").len(), scene.entries()), (1, 1), "the journal knows");
    }
}

#[tokio::test]
async fn u13_a_deletion_that_fails_once_is_tried_again() {
    for act in [Act::Rcode(ResponseCode::ServFail), Act::Pretend, Act::Close, Act::LoseReply] {
        let scene = Scene::with_source(|source| source.fault(Fault::new(On::Delete, act).first(1))).await;
        let (report, _) = run(&scene.check().schedule(schedule(5000).timeout(ms(300)))).await.unwrap();
        assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{report}");
        scene.assert_clean();
    }
}

#[tokio::test]
async fn l7_a_server_that_ignores_deletions_is_not_flooded() {
    let scene = Scene::with_source(|source| source.fault(Fault::new(On::Delete, Act::Pretend))).await;
    let patient = schedule(2000).cleanup_timeout(ms(6000));
    assert_eq!(run(&scene.check().schedule(patient)).await.unwrap().0.exit_status(), 3);
    assert_eq!(scene.source.count(Request::is_add), 1);
    assert!(scene.source.count(Request::is_delete) >= 2, "it is tried again");
    let most = usize::try_from(dnsconverge::converge::MAX_UPDATES).unwrap();
    assert!(scene.updates() <= most, "{} updates, at most {most}", scene.updates());
}

#[tokio::test]
async fn u7_a_source_that_is_rolled_back_has_lost_the_probe() {
    let scene = Scene::honest().await;
    let report = run_with(scene.check(), |kind| {
        if matches!(kind, EventKind::Confirmed { .. }) {
            scene.source.replace(zone());
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Inconclusive, 2), "{report}");
    assert_eq!(report.source().unwrap().held, Some(false));
    scene.assert_clean();
}

#[tokio::test]
async fn u7_a_source_that_falls_silent_may_keep_the_probe() {
    let scene = Scene::honest().await;
    let quick = schedule(3000).timeout(ms(200)).cleanup_timeout(ms(500));
    let report = run_with(scene.check().schedule(quick), |kind| {
        if matches!(kind, EventKind::Confirmed { .. }) {
            scene.source.inject(Fault::new(On::Any, Act::Lose));
        }
    });
    let report = report.await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (3, Cleanup::Unconfirmed), "{report}");
    assert_eq!((report.source().unwrap().held, scene.entries()), (Some(false), 1));
}

#[tokio::test]
async fn u8_a_serial_that_stays_does_not_matter() {
    let scene = Scene::honest().await;
    let report = run_with(scene.check(), |kind| {
        if matches!(kind, EventKind::Planted { .. }) {
            scene.source.apply(|zone| zone.set_serial(1));
        }
    });
    assert_eq!(report.await.unwrap().exit_status(), 0);
    scene.assert_clean();
}

#[tokio::test]
async fn s6_serials_wrap() {
    let scene = Scene::new(zone().soa(u32::MAX), |source| source, |destination| destination).await;
    let (report, _) = run(&scene.check()).await.unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
    assert!(scene.source.zone().serial() < 10, "it went through the wrap");
}

#[tokio::test]
async fn u20_a_clamped_ttl_is_fine() {
    let clamp = Act::each_message(|_, message| message.answers.iter_mut().for_each(|record| record.ttl = 300));
    let txt = Fault::new(On::QueryOf(RecordType::TXT), clamp);
    let scene = Scene::new(zone(), |source| source.fault(txt.clone()), |it| it.fault(txt.clone())).await;
    assert_eq!(run(&scene.check()).await.unwrap().0.exit_status(), 0);
}

#[tokio::test]
async fn u3_two_runs_at_once_do_not_see_each_other() {
    let scene = Scene::honest().await;
    let (one, other) = (scene.check(), scene.check());
    let (one, other) = tokio::join!(run(&one), run(&other));
    let (one, other) = (one.unwrap().0, other.unwrap().0);
    assert_eq!((one.exit_status(), other.exit_status()), (0, 0), "{one}{other}");
    assert_ne!(one.probe_owner(), other.probe_owner());
    assert_eq!(scene.updates(), 4);
    scene.assert_clean();
}

#[tokio::test]
async fn u1_a_zone_below_another_is_not_its_parent() {
    // The parent would take the update of a name below it; the zone is what the caller said, never guessed.
    let parent = crate::lab::Zone::new("test.").soa(5);
    let scene = Scene::with_source(|source| source.zone(parent)).await;
    assert_eq!(run(&scene.check()).await.unwrap().0.exit_status(), 0);
    let parent = scene.source.zone_at("test.").unwrap();
    assert_eq!((parent.serial(), parent.count()), (5, 1), "the parent is untouched");
    assert_eq!(scene.source.wait_for(Request::is_add).await.name(), name());
    let unserved = Name::from_ascii("www.example.test.").unwrap();
    let check = Check::new(&unserved, Peer::at(scene.source.address()), Peer::at(scene.destination.address()));
    let refused = run(&check.journal(scene.journal.path()).unsigned()).await;
    let Err(CheckError::Unchanged(why)) = refused else { panic!("{refused:?}") };
    assert!(why.to_string().contains("it is in the zone example.test."), "{why}");
    assert_eq!(scene.updates(), 2);
}

#[tokio::test]
async fn u11_a_secondary_that_forwards_updates_is_read_back_where_it_was_asked() {
    let primary = Arc::new(Lab::primary(zone()).start().await.unwrap());
    let forwarded = Arc::clone(&primary);
    let forward = On::request(move |request| {
        for record in request.message.authorities.iter().filter(|_| request.is_update()) {
            forwarded.publish(|zone| match record.dns_class {
                DNSClass::IN => zone.insert(record.clone()),
                _ => zone.remove_where(&record.name, |held| held.data == record.data),
            });
        }
        request.is_update()
    });
    let secondary = Lab::secondary_of(&primary).delay(ms(50)).fault(Fault::new(forward, Act::Pretend));
    let secondary = secondary.start().await.unwrap();
    let journal = tempfile::tempdir().unwrap();
    let check = Check::new(&name(), Peer::at(secondary.address()), Peer::at(primary.address()));
    let (report, _) = run(&check.schedule(schedule(5000)).journal(journal.path()).unsigned()).await.unwrap();
    assert_eq!((report.exit_status(), report.cleanup()), (0, Cleanup::Removed), "{report}");
    assert!(primary.zone().below("_dnsconverge").is_empty());
    assert_eq!(primary.count(Request::is_update), 0, "only the secondary was asked");
    let forwards = |note: &String| note.contains(&secondary.address().to_string()) && note.contains("forwards");
    assert!(report.notes().iter().any(forwards), "{report}");
}

#[tokio::test]
async fn u23_zones_are_compared_after_what_the_probe_brought_along_has_gone() {
    // A signer denies and signs the probe's name for as long as it exists.
    let scene = Scene::honest().await;
    let mut owner = String::new();
    let report = run_with(scene.check(), |kind| match kind {
        EventKind::Planting { owner: planted } => owner.clone_from(planted),
        EventKind::Planted { .. } => {
            let nsec = RData::Unknown { code: RecordType::NSEC, rdata: NULL::with(vec![0, 0, 1, 0x40]) };
            scene.source.publish(|zone| zone.add(&owner, nsec.clone()));
        }
        EventKind::Removed { .. } => {
            scene.source.publish(|zone| zone.remove(&owner, RecordType::NSEC));
        }
        _ => {}
    });
    let report = report.await.unwrap();
    assert_eq!(report.exit_status(), 0, "signer-made records beside the probe are not data: {report}");
    assert!(report.destinations()[0].gone_after_ms.is_some(), "what comes next is compared without the probe");
    let serial = scene.source.zone().serial();
    scene.destination.wait_until(|zone| zone.serial() == serial).await;
    let sides = [&scene.source, &scene.destination].map(|server| Peer::at(server.address()));
    let compared = Compare::new(&name(), sides).run_until(std::future::pending(), |_| ()).await.unwrap();
    assert_eq!(compared.changes().count(), 0);
}

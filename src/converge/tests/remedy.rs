//! What is said to be done about a refusal of the add.

use super::scenarios::obeyed;
use super::{Drive, plan, truth};
use crate::converge::{Aside, UpdateKind};
use crate::report::EventKind;
use crate::update::{Outcome, Uncertainty};
use crate::wire::Rcode;

/// What a run tells in which the add has this outcome, of a source whose SOA names this primary.
fn told(primary: Option<&str>, outcome: &Outcome) -> String {
    let aside = Aside { primary: primary.map(str::to_owned), ..Aside::default() };
    let mut drive = Drive::hearing(plan(1), aside);
    drive.finish(&mut |ask| Some(truth(ask, false)), &mut |kind| {
        if kind == UpdateKind::Plant { Some(outcome.clone()) } else { obeyed(kind).unwrap_or(Some(Outcome::Applied)) }
    });
    let errors = drive.events.iter().filter_map(|event| match &event.kind {
        EventKind::PlantRefused { error } | EventKind::PlantUnknown { error } => Some(error.clone()),
        _ => None,
    });
    errors.collect()
}

/// What a run tells in which the add is refused with this code.
fn refused(primary: Option<&str>, rcode: Rcode) -> String {
    told(primary, &Outcome::Refused { rcode })
}

/// U22: a policy that refuses is told the least right that is enough, and nobody else is.
#[test]
fn u22_a_policy_is_told_which_right_is_enough() {
    assert!(refused(None, Rcode::REFUSED).contains("; a right to `"), "{}", refused(None, Rcode::REFUSED));
    for rcode in [Rcode::NOTAUTH, Rcode::NOTIMP, Rcode::FORMERR] {
        assert!(!refused(None, rcode).contains("; a right to"), "{rcode:?}");
    }
}

/// U22: a server that does not take updates names who does: the primary by its SOA, if that is another one.
#[test]
fn u22_who_takes_updates_is_named() {
    let elsewhere = "; updates go to the primary, which is master.example. by the zone's SOA";
    for rcode in [Rcode::REFUSED, Rcode::NOTAUTH, Rcode::NOTIMP] {
        assert!(refused(Some("master.example."), rcode).ends_with(elsewhere), "{rcode:?}");
    }
    for rcode in [Rcode::FORMERR, Rcode::SERVFAIL] {
        assert!(!refused(Some("master.example."), rcode).contains("by the zone's SOA"), "{rcode:?}");
    }
    let unknown = Outcome::Unknown(Uncertainty::Rcode(Rcode::REFUSED));
    assert!(!told(Some("master.example."), &unknown).contains("by the zone's SOA"), "nobody has refused it");
    // The source itself, by any spelling of its name; and no name at all.
    for primary in [Some("ns1.example."), Some("NS1.Example."), Some("."), None] {
        assert!(!refused(primary, Rcode::NOTAUTH).contains("by the zone's SOA"), "{primary:?}");
    }
}

/// U22: a primary that was given as the destination shows that both may be swapped.
#[test]
fn u22_swapped_servers_are_told_so() {
    let swapped =
        "names ns2.example. as its primary, which is the destination ns2.example: are source and destination swapped?";
    assert!(refused(Some("ns2.example."), Rcode::NOTAUTH).ends_with(swapped));
    assert!(!refused(Some("ns3.example."), Rcode::NOTAUTH).contains("swapped"), "that is nobody of the run");
}

/// U22: a server that was given without a dot is any whose name begins so; one with a dot is that one alone.
#[test]
fn u22_a_short_name_is_the_first_label() {
    let called = |server: &str, name: &str| {
        let address = std::net::SocketAddr::from(([192, 0, 2, 1], 53));
        let server =
            crate::report::ServerName { server: server.into(), address, authenticated_by: None, secured: false };
        crate::converge::remedy::is_called(&server, name)
    };
    for (server, name) in [("dc1", "dc1.ad.example."), ("DC1:53", "dc1."), ("dc1.ad.example.:53", "DC1.ad.example")] {
        assert!(called(server, name), "{server} {name}");
    }
    for (server, name) in
        [("dc1", "dc2.ad.example."), ("dc1.ad.example", "dc1.other."), ("dc1.ad", "dc1."), ("ad", "dc1.ad.")]
    {
        assert!(!called(server, name), "{server} {name}");
    }
}

//! Scenarios against real name servers: BIND as the primary, BIND, Knot and NSD as its secondaries, each in a container.
//!
//! They are `#[ignore]`d rather than hidden behind a feature: they are compiled and linted always, a plain `cargo test` lists each
//! of them as "ignored, real servers: run scripts/test", and no feature of the published crate exists only for its tests.
//! `scripts/test` starts the lab and runs them with `-- --ignored`; without a lab they fail. What the program says is held to
//! what `dig` sees. No scenario measures time: a deadline of the program is short only where it is meant to pass.

// The lab is driven by a shell script on a Linux Docker engine.
#![cfg(unix)]

#[path = "containers/algorithms.rs"]
mod algorithms;
#[path = "containers/asking.rs"]
mod asking;
#[path = "containers/files.rs"]
mod files;
#[path = "containers/lab.rs"]
#[allow(unreachable_pub, reason = "its items are public to the scenarios")]
#[allow(
    clippy::disallowed_methods,
    reason = "it watches over a child process, and the lab is named in the environment"
)]
mod lab;

#[path = "containers/pace.rs"]
#[allow(clippy::disallowed_methods, reason = "a server that says nothing for ten seconds takes ten seconds")]
mod pace;
#[path = "containers/relay.rs"]
#[allow(clippy::disallowed_types, reason = "it relays by threads, and what it relays to is a process of its own")]
mod relay;

#[cfg(feature = "tls")]
#[path = "containers/secured.rs"]
mod secured;

use std::collections::BTreeSet;

use lab::Server::{Bind, Knot, Nsd, Primary};
use lab::{Answer, Key, Lab, Server};

/// What a scenario ends with.
type Scenario = Answer<()>;

/// A deadline that a healthy run never comes near.
const AMPLE: [&str; 4] = ["--deadline", "60s", "--interval", "50ms"];
/// A deadline that is meant to pass.
const SHORT: [&str; 4] = ["--deadline", "2s", "--interval", "50ms"];

/// A check from the primary with all keys right and a report as JSON.
fn check(lab: &Lab, destinations: &[Server], zone: &str) -> Answer<lab::Run> {
    Ok(lab.run("check", Primary, destinations, zone)?.update_key(Key::Update).with(&["--format", "json"]))
}

/// Holds the report's verdict on the comparison to what `dig AXFR` sees on each destination.
fn holds_against_dig(lab: &Lab, report: &serde_json::Value, destinations: &[Server], zone: &str) -> Scenario {
    for destination in destinations {
        assert_eq!(lab.difference(Primary, *destination, zone)?, BTreeSet::new(), "{destination:?} by dig");
    }
    assert_eq!(report["comparison"]["verdict"], "equal", "{report:#}");
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_change_converges_on_bind_knot_and_nsd_and_the_zones_are_equal() -> Scenario {
    let lab = Lab::shared()?;
    let outcome = check(&lab, &Server::SECONDARIES, "converge.test")?.with(&AMPLE).finish()?.exits(0)?;
    let report = outcome.report()?;
    assert_eq!(report["outcome"], "ok");
    assert_eq!(report["propagation"], "converged");
    assert_eq!(report["cleanup"], "removed");
    let destinations = report["destinations"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(destinations.len(), 3, "{report:#}");
    assert!(destinations.iter().all(|row| row["seen_after_ms"].is_number() && row["gone_after_ms"].is_number()));
    holds_against_dig(&lab, &report, &Server::SECONDARIES, "converge.test")?;
    lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "converge.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn three_words_are_enough_to_say_what_is_asked() -> Scenario {
    let lab = Lab::shared()?;
    for destination in Server::SECONDARIES {
        let run = lab.run("check", Primary, &[destination], "second.test")?.update_key(Key::Update);
        run.finish()?.exits(0)?;
    }
    lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "second.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_dry_run_leaves_the_serial_alone() -> Scenario {
    let lab = Lab::alone()?;
    let before = lab.zone(Primary, "second.test")?;
    check(&lab, &[Knot], "second.test")?.with(&["--dry-run"]).finish()?.exits(0)?;
    assert_eq!(lab.zone(Primary, "second.test")?, before);
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_secondary_paused_after_the_plant_has_not_converged_and_the_probe_is_taken_back() -> Scenario {
    let lab = Lab::alone()?;
    lab.freeze(Nsd)?;
    let mut running = check(&lab, &[Bind, Nsd], "paused.test")?.with(&SHORT).start()?;
    running.wait_for("planted ")?;
    lab.pause(Nsd)?;
    let report = running.finish()?.exits(1)?.report()?;
    assert_eq!(report["propagation"], "not_converged");
    assert_eq!(report["cleanup"], "removed");
    assert_eq!(lab.probes(Primary, "paused.test")?, Vec::<String>::new());
    lab.heal()?;
    lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "paused.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_secondary_cut_off_and_restored_in_the_middle_converges_after_all() -> Scenario {
    let lab = Lab::alone()?;
    lab.freeze(Knot)?;
    let mut running = check(&lab, &[Bind, Knot], "cut.test")?.with(&AMPLE).start()?;
    running.wait_for("planted ")?;
    lab.cut(Knot)?;
    lab.heal()?;
    let report = running.finish()?.exits(0)?.report()?;
    assert_eq!(report["propagation"], "converged");
    holds_against_dig(&lab, &report, &[Bind, Knot], "cut.test")?;
    lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "cut.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_source_that_refuses_transfers_is_inconclusive_and_the_probe_is_taken_back() -> Scenario {
    let lab = Lab::shared()?;
    assert!(lab.zone(Primary, "refused.test").is_err(), "dig is refused as well");
    let report = check(&lab, &[Knot], "refused.test")?.with(&AMPLE).finish()?.exits(2)?.report()?;
    assert_eq!(report["propagation"], "converged");
    assert_eq!(report["cleanup"], "removed");
    assert_eq!(report["comparison"]["verdict"], "not_compared");
    lab.assert_no_probe(&[Knot], "refused.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_destination_that_refuses_transfers_gives_no_difference_at_all() -> Scenario {
    let lab = Lab::shared()?;
    for destination in [Bind, Nsd] {
        let outcome = lab.run("diff", Knot, &[destination], "refused.test")?.finish()?.exits(2)?.says("REFUSED")?;
        assert_eq!(outcome.data(), "", "{}", outcome.chatter());
    }
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_wrong_update_key_changes_nothing() -> Scenario {
    let lab = Lab::shared()?;
    let before = lab.zone(Primary, "wrongkey.test")?;
    check(&lab, &[Bind], "wrongkey.test")?.update_key(Key::WrongUpdate).finish()?.exits(2)?.says("BADSIG")?;
    assert_eq!(lab.zone(Primary, "wrongkey.test")?, before);
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_wrong_transfer_key_is_found_before_anything_is_written() -> Scenario {
    let lab = Lab::shared()?;
    let before = lab.zone(Primary, "wrongkey.test")?;
    for destination in Server::SECONDARIES {
        check(&lab, &[destination], "wrongkey.test")?.key(Key::WrongTransfer).finish()?.exits(2)?.says("BADSIG")?;
        lab.run("diff", Primary, &[destination], "wrongkey.test")?
            .key(Key::WrongTransfer)
            .finish()?
            .exits(2)?
            .says("BADSIG")?;
    }
    assert_eq!(lab.zone(Primary, "wrongkey.test")?, before);
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_name_that_is_no_zone_of_these_servers_is_refused_in_pre_flight() -> Scenario {
    let lab = Lab::alone()?;
    let before = lab.zone(Primary, "example.test")?;
    for zone in ["absent.test", "www.example.test", "child.example.test"] {
        check(&lab, &[Bind], zone)?.finish()?.exits(2)?.says(zone)?;
        lab.run("diff", Primary, &[Bind], zone)?.finish()?.exits(2)?.says(zone)?;
    }
    assert_eq!(lab.zone(Primary, "example.test")?, before);
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_refused_update_leaves_the_zone_alone() -> Scenario {
    let lab = Lab::shared()?;
    let before = lab.zone(Primary, "frozen.test")?;
    check(&lab, &[Bind], "frozen.test")?.finish()?.exits(2)?.says("REFUSED")?;
    assert_eq!(lab.zone(Primary, "frozen.test")?, before);
    // The policy grants updates to one key only, and this is the other.
    let before = lab.zone(Primary, "wrongkey.test")?;
    check(&lab, &[Bind], "wrongkey.test")?.update_key(Key::Transfer).finish()?.exits(2)?.says("REFUSED")?;
    assert_eq!(lab.zone(Primary, "wrongkey.test")?, before);
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn the_primary_may_be_killed_and_started_between_add_and_delete() -> Scenario {
    let lab = Lab::alone()?;
    lab.freeze(Knot)?;
    let mut running = check(&lab, &[Bind, Knot], "restart.test")?.with(&AMPLE).start()?;
    running.wait_for("planted ")?;
    lab.restart(Primary)?;
    lab.heal()?;
    let report = running.finish()?.exits(0)?.report()?;
    assert_eq!(report["cleanup"], "removed");
    holds_against_dig(&lab, &report, &[Bind, Knot], "restart.test")?;
    lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "restart.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn sweep_takes_back_what_a_killed_run_has_left() -> Scenario {
    let lab = Lab::alone()?;
    lab.freeze(Nsd)?;
    let mut running = check(&lab, &[Nsd], "killed.test")?.with(&AMPLE).start()?;
    running.wait_for("planted ")?;
    running.kill()?;
    assert_eq!(lab.probes(Primary, "killed.test")?.len(), 1);
    lab.bare_run("sweep")?.key(Key::Transfer).update_key(Key::Update).finish()?.exits(0)?;
    assert_eq!(lab.probes(Primary, "killed.test")?, Vec::<String>::new());
    lab.heal()?;
    lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "killed.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn an_interrupted_run_takes_its_probe_back_before_it_ends() -> Scenario {
    let lab = Lab::alone()?;
    for signal in ["INT", "TERM"] {
        lab.freeze(Bind)?;
        let mut running = check(&lab, &[Bind], "killed.test")?.with(&AMPLE).start()?;
        running.wait_for("planted ")?;
        running.signal(signal)?;
        let outcome = running.finish()?;
        assert!(matches!(outcome.code(), Some(1 | 2)), "{signal}: {:?}\n{}", outcome.code(), outcome.chatter());
        assert_eq!(lab.probes(Primary, "killed.test")?, Vec::<String>::new());
        lab.heal()?;
    }
    lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "killed.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_planted_difference_on_one_secondary_is_reported_exactly() -> Scenario {
    let lab = Lab::alone()?;
    for (destination, zone) in [(Bind, "planted.test"), (Knot, "planted.test"), (Nsd, "example.test")] {
        let planted = lab.plant_difference(destination, zone)?;
        let outcome = lab.run("diff", Primary, &[destination], zone)?.finish()?.exits(1)?;
        assert_eq!(outcome.changes(), planted, "{destination:?}");
        assert_eq!(lab.difference(Primary, destination, zone)?, planted, "{destination:?} by dig");
        lab.heal()?;
        let outcome = lab.run("diff", Primary, &[destination], zone)?.finish()?.exits(0)?;
        assert_eq!(outcome.data(), "", "{destination:?} healed");
        assert_eq!(lab.difference(Primary, destination, zone)?, BTreeSet::new(), "{destination:?} healed, by dig");
    }
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_secondary_that_stopped_following_differs_in_its_soa_alone() -> Scenario {
    let lab = Lab::alone()?;
    lab.freeze(Bind)?;
    let report = check(&lab, &[Bind], "example.test")?.with(&SHORT).finish()?.exits(1)?.report()?;
    assert_eq!(report["propagation"], "not_converged");
    // The probe came and went: two serials on, and not one record more or less.
    let seen = lab.difference(Primary, Bind, "example.test")?;
    assert_eq!(seen.len(), 2, "{seen:?}");
    let outcome = lab.run("diff", Primary, &[Bind], "example.test")?.with(&SHORT[..2]).finish()?.exits(1)?;
    assert_eq!(outcome.changes(), seen);
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn every_zone_is_the_same_on_every_server_as_dig_sees_it() -> Scenario {
    let lab = Lab::shared()?;
    for zone in ["example.test", "frozen.test"] {
        for (source, destination) in [(Primary, Bind), (Primary, Knot), (Primary, Nsd), (Nsd, Knot), (Knot, Bind)] {
            let outcome = lab.run("diff", source, &[destination], zone)?.finish()?.exits(0)?;
            assert_eq!(outcome.data(), "", "{source:?} {destination:?}");
            assert_eq!(
                lab.difference(source, destination, zone)?,
                BTreeSet::new(),
                "{source:?} {destination:?} by dig"
            );
        }
    }
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn p10_p11_each_server_is_named_by_its_nsid_and_one_that_demands_cookies_is_asked_with_its_own() -> Scenario {
    let lab = Lab::shared()?;
    let report = check(&lab, &Server::SECONDARIES, "second.test")?.with(&AMPLE).finish()?.exits(0)?.report()?;
    assert_eq!(report["source"]["nodes"][0]["identity"], "primary", "{report:#}");
    let rows = report["destinations"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named: Vec<_> = rows.iter().map(|row| (&row["nodes"][0]["identity"], &row["nodes"][0]["by"])).collect();
    assert_eq!(
        named,
        [(&"bind".into(), &"NSID".into()), (&"knot".into(), &"NSID".into()), (&"nsd".into(), &"NSID".into())]
    );
    // With BADCOOKIE and no cookie of its own BIND would have been asked over TCP alone.
    assert!(
        rows.iter().all(|row| row["sampling"]["udp"].as_u64() >= Some(2) && row["sampling"]["tcp"] == 1),
        "{report:#}"
    );
    assert!(rows.iter().all(|row| row["timers"]["refresh"].is_number() && row["causes"] == serde_json::json!([])));
    lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "second.test")
}

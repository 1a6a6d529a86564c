//! Scenarios against two real domain controllers of one domain (Samba), with each kind of DNS server that they can have.
//!
//! `scripts/test` starts the lab once for each back end and runs these with `-- --ignored`; without a lab they fail. Every
//! scenario holds for every back end; what differs between them is said in it. Nothing is measured but order, and the one second
//! that is promised over what replication takes.

#![cfg(all(target_os = "linux", feature = "gss-tsig"))]

#[path = "adlab/directory.rs"]
#[allow(unreachable_pub, reason = "its items are public to the scenarios")]
#[allow(
    clippy::disallowed_methods,
    reason = "it watches over a child process, and the lab is named in the environment"
)]
mod directory;

#[path = "adlab/capture.rs"]
#[allow(unreachable_pub, reason = "its items are public to the scenarios")]
#[allow(clippy::disallowed_methods, reason = "it reads what tcpdump has written")]
mod capture;

use capture::Capture;
use directory::{Answer, Backend, Directory};
use std::time::Duration;

/// What a scenario ends with.
type Scenario = Answer<()>;

/// Both directions.
const WAYS: [[&str; 2]; 2] = [["dc1", "dc2"], ["dc2", "dc1"]];
/// A deadline that is meant to pass.
const SHORT: [&str; 4] = ["--deadline", "3s", "--interval", "100ms"];
/// One that is not.
const AMPLE: [&str; 4] = ["--deadline", "60s", "--interval", "100ms"];

/// `-g`, the servers, the zone, and so on.
fn line<'a>(servers: &[&'a str; 2], zone: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [&["-g"], servers.as_slice(), &[zone], rest].concat()
}

/// A change arrives both ways, and no node of it is left in either directory.
fn converges(lab: &Directory, zone: &str, who: &[&str]) -> Scenario {
    for servers in &WAYS {
        let rest = [who, &AMPLE, &["--no-compare", "--format", "json"]].concat();
        let report = lab.run(&line(servers, zone, &rest))?.exits(0)?.report()?;
        assert_eq!(report["propagation"], "converged", "{report:#}");
        assert_eq!(report["cleanup"], "removed", "{report:#}");
        lab.assert_no_probe()?;
    }
    Ok(())
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn g4_a_change_converges_both_ways_by_the_tickets_of_kinit() -> Scenario {
    let lab = Directory::take()?;
    converges(&lab, &lab.get("ZONE")?, &[])
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn a_change_converges_both_ways_by_a_keytab() -> Scenario {
    let lab = Directory::take()?;
    converges(&lab, &lab.get("ZONE")?, &["--keytab", &lab.get("KEYTAB")?])
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn a_change_converges_both_ways_by_a_password() -> Scenario {
    let lab = Directory::take()?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), lab.get("PASS")?)?;
    let path = file.path().to_string_lossy();
    converges(&lab, &lab.get("ZONE")?, &["--principal", &lab.get("ADMIN")?, "--password-file", &path])
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn without_a_configuration_the_kdc_is_found_by_the_resolver_of_the_system() -> Scenario {
    let lab = Directory::take()?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), lab.get("PASS")?)?;
    let (path, zone) = (file.path().to_string_lossy(), lab.get("ZONE")?);
    let who = format!("{}@{}", lab.get("ADMIN")?, lab.get("REALM")?);
    let rest = [AMPLE.as_slice(), &["--principal", &who, "--password-file", &path, "--no-compare"]].concat();
    lab.run_configured("/dev/null", &line(&WAYS[0], &zone, &rest))?.exits(0)?;
    lab.assert_no_probe()
}

/// By the defaults; what replication takes is what dig sees. A machine that is busy with other things gets another try.
#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn p2_it_converges_within_the_replication_delay_and_a_second() -> Scenario {
    let (lab, second) = (Directory::take()?, Duration::from_secs(1));
    let zone = lab.get("ZONE")?;
    for [source, destination] in WAYS {
        let mut seen = Vec::new();
        while seen.last().is_none_or(|late| *late > second) {
            assert!(seen.len() < 3, "from {source} to {destination}: {seen:?} after dig saw it");
            let mut running = lab.start(&line(&[source, destination], &zone, &["--no-compare"]))?;
            let (planting, name) = running.wait_for("planting ")?;
            let arrived = lab.first_seen_by_dig(destination, &name)?;
            let (confirmed, _) = running.wait_for("confirmed ")?;
            let late = confirmed.saturating_duration_since(arrived);
            println!("{source} to {destination}: replicated by {:?}, then {late:?}", arrived - planting);
            seen.push(late);
            running.finish()?.exits(0)?;
        }
    }
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn the_zone_of_the_controllers_converges_too() -> Scenario {
    let lab = Directory::take()?;
    converges(&lab, &format!("_msdcs.{}", lab.get("ZONE")?), &[])
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn ad_makes_every_controller_the_source_in_turn_for_both_zones() -> Scenario {
    let lab = Directory::take()?;
    let zone = lab.get("ZONE")?;
    let rest = [AMPLE.as_slice(), &["--ad", "--no-compare", "--format", "json"]].concat();
    let reports = lab.run(&line(&WAYS[0], &zone, &rest))?.exits(0)?.reports()?;
    let of = |report: &serde_json::Value| (report["source"]["server"].to_string(), report["zone"].to_string());
    let seen: Vec<(String, String)> = reports.iter().map(of).collect();
    let msdcs = format!("_msdcs.{zone}");
    let expected = [("dc1", &zone), ("dc1", &msdcs), ("dc2", &zone), ("dc2", &msdcs)];
    for ((source, of_zone), (wanted, zone)) in seen.iter().zip(expected) {
        assert!(source.contains(wanted) && *of_zone == format!("\"{zone}.\""), "{seen:?}");
    }
    assert_eq!(seen.len(), 4);
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn an_unsigned_update_is_refused_and_the_text_says_what_to_do() -> Scenario {
    let lab = Directory::take()?;
    for [source, destination] in WAYS {
        let zone = lab.get("ZONE")?;
        let outcome = lab.run(&["--unsigned", "--probe-type", "a", source, destination, &zone])?.exits(2)?;
        outcome.says("REFUSED")?.says("sign with Kerberos (-g)")?;
    }
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn a_wrong_password_is_told_before_anything_is_written() -> Scenario {
    let lab = Directory::take()?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), "wrong")?;
    let (path, admin, zone) = (file.path().to_string_lossy(), lab.get("ADMIN")?, lab.get("ZONE")?);
    let outcome = lab.run(&line(&WAYS[0], &zone, &["--principal", &admin, "--password-file", &path]))?.exits(2)?;
    assert!(!outcome.says("does not accept the password")?.mentions("planting"), "nothing was sent");
    Ok(())
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn zones_are_compared_where_transfers_are_offered_and_otherwise_not_compared() -> Scenario {
    let lab = Directory::take()?;
    let offers = [lab.backend("dc1")?, lab.backend("dc2")?] == [Backend::Bind, Backend::Bind];
    for zone in [lab.get("ZONE")?, format!("_msdcs.{}", lab.get("ZONE")?)] {
        let rest = [AMPLE.as_slice(), &["--format", "json"]].concat();
        let outcome = lab.run(&line(&WAYS[0], &zone, &rest))?;
        let report = outcome.report()?;
        assert_eq!(report["propagation"], "converged", "{report:#}");
        let outcome = if offers {
            assert_eq!(report["comparison"]["verdict"], "equal", "{report:#}");
            outcome.exits(0)?
        } else {
            assert_eq!(report["comparison"]["verdict"], "not_compared", "{report:#}");
            outcome.exits(2)?.says("does not offer transfers")?
        };
        drop(outcome);
    }
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn g5_samba_s_own_way_of_signing_is_noted_and_nothing_is_repeated() -> Scenario {
    let lab = Directory::take()?;
    for servers in &WAYS {
        let zone = lab.get("ZONE")?;
        let outcome = lab.run(&line(servers, &zone, &[AMPLE.as_slice(), &["--no-compare"]].concat()))?.exits(0)?;
        let is_odd = outcome.mentions("signed as Samba does it");
        // Later versions of Samba may sign as everybody does: what must not be is BIND signing oddly, or doubt.
        assert!(!is_odd || lab.backend(servers[0])? == Backend::Internal, "{outcome:#?}");
        assert!(!outcome.mentions("unknown:") && !outcome.mentions("removing (attempt 2)"), "{outcome:#?}");
    }
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn g4_questions_and_transfers_are_signed_too_where_that_is_asked() -> Scenario {
    let lab = Directory::take()?;
    for servers in &WAYS {
        let capture = Capture::begin(&lab)?;
        let rest = [AMPLE.as_slice(), &["--gss-queries", "--format", "json"]].concat();
        let outcome = lab.run(&line(servers, &lab.get("ZONE")?, &rest))?;
        let wire = capture.end()?;
        let report = outcome.report()?;
        assert_eq!(report["propagation"], "converged", "{report:#}");
        let (signed, unsigned) = wire.signed_and_unsigned();
        assert!(signed > 10 && unsigned == 0, "{signed} signed, {unsigned} not: {report:#}");
        if [lab.backend("dc1")?, lab.backend("dc2")?] == [Backend::Bind, Backend::Bind] {
            assert_eq!(report["comparison"]["verdict"], "equal", "{report:#}");
            let account = format!("gss-tsig:{}@{}", lab.get("ADMIN")?, lab.get("REALM")?);
            assert_eq!(report["comparison"]["sides"][0]["authenticated_by"], account, "{report:#}");
            outcome.exits(0)?;
        } else {
            outcome.exits(2)?.says("does not offer transfers")?;
        }
    }
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn g4_bind_gives_a_zone_to_a_principal_and_to_nobody_else() -> Scenario {
    let lab = Directory::take()?;
    let zone = lab.get("KEPT_ZONE")?;
    let file = lab.get("KEPT_FILE")?;
    let refusal = match lab.backend("dc1")? {
        Backend::Bind => {
            lab.run(&["diff", "-g", &file, "dc1", &zone])?.exits(0)?;
            // BIND lets no address stand at such a name (check-names), but for zones of the directory.
            let rest = [AMPLE.as_slice(), &["--gss-queries", "--no-compare", "--probe-type", "txt"]].concat();
            lab.run(&line(&["dc1", "dc1:5353"], &zone, &rest))?.exits(0)?;
            "REFUSED"
        }
        // Samba's own server knows no zones but those of the directory.
        Backend::Internal => "does not answer for the zone",
    };
    lab.run(&["diff", &file, "dc1", &zone])?.exits(2)?.says(refusal)?;
    Ok(())
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn l4_the_wire_shows_no_secret_and_no_unsigned_update() -> Scenario {
    let lab = Directory::take()?;
    let (password, file) = (lab.get("PASS")?, tempfile::NamedTempFile::new()?);
    std::fs::write(file.path(), &password)?;
    let (keytab, path, admin) = (lab.get("KEYTAB")?, file.path().to_string_lossy(), lab.get("ADMIN")?);
    let capture = Capture::begin(&lab)?;
    for servers in &WAYS {
        let zone = lab.get("ZONE")?;
        for who in [vec!["--principal", &admin, "--password-file", &path], vec!["--keytab", &keytab], vec![]] {
            lab.run(&line(servers, &zone, &[who.as_slice(), &AMPLE, &["--no-compare"]].concat()))?.exits(0)?;
        }
    }
    let wire = capture.end()?;
    assert_eq!(wire.updates(), [true; 12], "an add and a deletion in each of six runs, each once and signed");
    assert!(wire.shows(b"_dnsconverge"), "it is the wire");
    let as_windows_has_it: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!wire.shows(password.as_bytes()) && !wire.shows(&as_windows_has_it), "the password");
    assert!(!wire.shows_part_of(&std::fs::read(keytab)?), "a key");
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn rc4_serves_where_it_is_allowed_and_nowhere_else() -> Scenario {
    let lab = Directory::take()?;
    let (file, zone, admin) = (tempfile::NamedTempFile::new()?, lab.get("ZONE")?, lab.get("ADMIN")?);
    std::fs::write(file.path(), lab.get("PASS")?)?;
    let path = file.path().to_string_lossy();
    let who = ["--principal", &admin, "--password-file", &path, "--no-compare"];
    // The directory has better: so the client is told to want nothing else.
    let only_rc4 = "permitted_enctypes = rc4-hmac";
    let capture = Capture::begin(&lab)?;
    let allowed = [&who, AMPLE.as_slice(), &["--allow-rc4"]].concat();
    lab.run_with_defaults(only_rc4, &line(&WAYS[0], &zone, &allowed))?.exits(0)?;
    // RFC 4757 section 7.2: the beginning of a signature.
    assert!(capture.end()?.shows(&[1, 1, 0x11, 0, 0xFF, 0xFF, 0xFF, 0xFF]), "signed by RC4's HMAC");
    let refused = lab.run_with_defaults(only_rc4, &line(&WAYS[0], &zone, &who))?.exits(2)?;
    assert!(!refused.says("permitted_enctypes")?.mentions("planting"), "nothing was sent");
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn without_replication_nothing_converges_and_the_probe_is_taken_back() -> Scenario {
    let lab = Directory::take()?;
    lab.cut()?;
    let zone = lab.get("ZONE")?;
    let rest = [SHORT.as_slice(), &["--no-compare", "--format", "json"]].concat();
    let report = lab.run(&line(&WAYS[0], &zone, &rest))?.exits(1)?.report()?;
    assert_eq!(report["propagation"], "not_converged", "{report:#}");
    assert_eq!(report["cleanup"], "removed", "{report:#}");
    lab.mend()?;
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn replication_that_comes_back_in_the_middle_converges_after_all() -> Scenario {
    let lab = Directory::take()?;
    lab.cut()?;
    let zone = lab.get("ZONE")?;
    let mut running = lab.start(&line(&WAYS[1], &zone, &[AMPLE.as_slice(), &["--no-compare"]].concat()))?;
    running.wait_for("waiting ")?;
    lab.mend()?;
    running.finish()?.exits(0)?.says("confirmed")?;
    lab.assert_no_probe()
}

#[test]
#[ignore = "real domain controllers: run scripts/test"]
fn u14_sweep_takes_back_with_kerberos_what_a_run_has_left() -> Scenario {
    let lab = Directory::take()?;
    lab.cut()?;
    let zone = lab.get("ZONE")?;
    let mut running = lab.start(&line(&WAYS[0], &zone, &[AMPLE.as_slice(), &["--no-compare"]].concat()))?;
    running.wait_for("planted ")?;
    // The third signal ends the program at once.
    for _ in 0..3 {
        running.signal("TERM")?;
    }
    let outcome = running.finish()?;
    lab.mend()?;
    if outcome.mentions("removed ") {
        // It was quicker than the signals.
        return lab.assert_no_probe();
    }
    outcome.exits(3)?;
    // The deletion of the run may have gone through behind it; the sweep's own are sent and accepted in any case.
    let swept = lab.run(&["sweep", "-g"])?.exits(0)?;
    assert!(swept.mentions("removed ") || swept.mentions("gone already "), "{swept:#?}");
    lab.assert_no_probe()
}

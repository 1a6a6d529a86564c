//! Servers that give no zone away, tell of their changes, and take updates for others: BIND, Knot and NSD as they are.

use super::lab::Server::{Bind, Knot, Nsd, Primary};
use super::lab::{Key, Lab, Server, variable};
use super::{AMPLE, Scenario};
use std::collections::BTreeSet;

/// Asks for every record set, and not too slowly.
const ASK: [&str; 3] = ["--without-axfr", "--max-qps", "5000"];

#[test]
#[ignore = "real servers: run scripts/test"]
fn v4_servers_that_refuse_transfers_are_asked_and_nothing_is_called_equal() -> Scenario {
    let lab = Lab::shared()?;
    let ask = || Ok::<_, Box<dyn std::error::Error>>(lab.run("diff", Knot, &[Bind, Nsd], "refused.test")?.with(&ASK));
    ask()?.finish()?.exits(2)?.says("no difference found")?;
    let report = ask()?.with(&["--accept-partial", "--format", "json"]).finish()?.exits(0)?.report()?;
    assert_eq!(report["comparison"]["verdict"], "no_difference_found", "{report:#}");
    for side in [1, 2] {
        let asked = &report["comparison"]["sides"][side]["asked"];
        assert!(asked["asked"].as_u64() > Some(50) && asked["answered"] == asked["asked"], "{asked:#}");
        assert_eq!(asked["from_wildcards"]["count"], 0, "{asked:#}");
    }
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn v2_what_a_wildcard_of_a_real_server_answers_is_not_held() -> Scenario {
    let lab = Lab::shared()?;
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("refused.zone");
    let gone = "gone.wild.refused.test. 300 IN A 192.0.2.90";
    let mut held: Vec<String> = lab.zone(Knot, "refused.test")?.into_iter().chain([gone.to_owned()]).collect();
    held.sort_by_key(|record| !record.contains(" IN SOA "));
    // The lab's view of it is in small letters, and in NAPTR there are some that count.
    held.retain(|record| !record.contains(" IN NAPTR "));
    std::fs::write(&file, held.join("\n") + "\n")?;
    let file = file.display().to_string();
    for server in Server::SECONDARIES {
        let run = lab.bare_run("diff")?.with(&[&file, &server.address()?, "refused.test"]).with(&ASK);
        let outcome = run.key(Key::Transfer).finish()?.exits(1)?;
        assert_eq!(outcome.changes(), BTreeSet::from([format!("-{gone}")]), "{server:?}: {}", outcome.chatter());
    }
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn a_planted_difference_is_found_by_asking_and_what_nobody_names_by_its_name() -> Scenario {
    let lab = Lab::alone()?;
    let directory = tempfile::tempdir()?;
    let names = directory.path().join("names");
    std::fs::write(&names, "planted-added TXT\n")?;
    let names = names.display().to_string();
    for server in [Bind, Knot] {
        let planted = lab.plant_difference(server, "planted.test")?;
        let ask = lab.run("diff", Primary, &[server], "planted.test")?.with(&ASK).with(&["--names", &names]);
        assert_eq!(ask.finish()?.exits(1)?.changes(), planted, "{server:?}");
        lab.heal()?;
    }
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn n1_the_notify_of_a_real_primary_is_heard() -> Scenario {
    let lab = Lab::alone()?;
    let listener = variable("LAB_LISTENER")?;
    lab.freeze(Knot)?;
    let check = super::check(&lab, &[Knot], "second.test")?.with(&AMPLE).with(&["--listen", &listener]);
    let mut running = check.start()?;
    running.wait_for(&format!("notify from {}", Primary.address()?))?;
    lab.heal()?;
    let report = running.finish()?.exits(0)?.report()?;
    assert_eq!(report["propagation"], "converged", "{report:#}");
    assert_eq!(report["listening"], listener.replace('#', ":"), "{report:#}");
    lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "second.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn both_ways_between_real_servers_each_is_the_source_in_turn() -> Scenario {
    let lab = Lab::alone()?;
    let key = variable("LAB_UPDATE_KEY")?;
    // BIND's and Knot's secondaries forward what they are sent, and show it when it has come back; NSD takes no updates.
    for (other, status) in [(Bind, 0), (Knot, 0), (Nsd, 2)] {
        let run = super::check(&lab, &[other], "both.test")?.with(&AMPLE);
        let run = run.with(&["--both-ways", "--destination-update-key", &key]);
        let outcome = run.finish()?.exits(status)?;
        let reports: Vec<serde_json::Value> =
            outcome.data().lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let [there, back] = reports.as_slice() else { panic!("{other:?}: {}", outcome.data()) };
        assert_eq!((&there["propagation"], &there["cleanup"]), (&"converged".into(), &"removed".into()), "{there:#}");
        if other == Nsd {
            assert_eq!(back["cleanup"], "not_planted", "{back:#}");
        } else {
            assert_eq!((&back["outcome"], &back["cleanup"]), (&"ok".into(), &"removed".into()), "{back:#}");
            assert!(back["source"]["address"].as_str().unwrap_or_default().starts_with(&other.address()?), "{back:#}");
        }
        lab.assert_no_probe(&[Primary, Bind, Knot, Nsd], "both.test")?;
    }
    Ok(())
}

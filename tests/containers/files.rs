//! Zone files, read by us and by BIND; and a record of every type, as a file and as BIND, Knot and NSD give it away.

use super::Scenario;
use super::lab::Server::{Bind, Knot, Nsd, Primary};
use super::lab::{Answer, Key, Lab};
use std::path::{Path, PathBuf};

/// The files of the lab below this directory.
fn below(directory: &str) -> Answer<Vec<PathBuf>> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/containers").join(directory);
    let files: Result<Vec<PathBuf>, _> = std::fs::read_dir(place)?.map(|entry| Ok(entry?.path())).collect();
    let zones = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "zone");
    Ok(files.map_err(|error: std::io::Error| error)?.into_iter().filter(zones).collect())
}

/// The file of the zone that has a record of every type.
fn every_type() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/containers/zones/types.zone").display().to_string()
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn f1_a_zone_file_says_to_us_what_it_says_to_bind() -> Scenario {
    let lab = Lab::shared()?;
    let room = tempfile::tempdir()?;
    let files = [below("files")?, below("zones")?].concat();
    assert!(files.len() > 6, "{files:?}");
    for file in files {
        let compiled = room.path().join("compiled.zone");
        std::fs::write(&compiled, lab.compiled(&file, "files.test")?)?;
        let sides = [file.display().to_string(), compiled.display().to_string()];
        let outcome = lab.bare_run("diff")?.with(&[&sides[0], &sides[1], "files.test"]).finish()?.exits(0)?;
        assert_eq!(outcome.data(), "", "{}", file.display());
    }
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn f5_a_record_of_every_type_is_the_same_in_its_file_and_on_every_server() -> Scenario {
    let lab = Lab::shared()?;
    for server in [Primary, Bind, Knot, Nsd] {
        let sides = [every_type(), server.address()?];
        let run = lab.bare_run("diff")?.with(&[&sides[0], &sides[1], "types.test"]).key(Key::Transfer);
        assert_eq!(run.finish()?.exits(0)?.data(), "", "{server:?}");
    }
    Ok(())
}

//! Digests of zones: ZONEMD records that are right, wrong, late; and digests that are asked for.

use super::lab::{Fault, Lab, TransferFault, Zone};
use super::{name, peers, quick, run, serve, transfers};
use data_encoding::HEXLOWER;
use dnsconverge::compare::{Compare, Compared, Side};
use dnsconverge::fs::ZoneFile;
use dnsconverge::net::Server as Peer;
use dnsconverge::report::ComparisonVerdict::{Different, Equal};
use dnsconverge::report::{Outcome, ZonemdStatus};
use std::fmt::Write;

/// The number of the type ZONEMD.
const ZONEMD: u16 = 63;

/// The zone of these scenarios.
fn zone() -> Zone {
    Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]).a("www", [192, 0, 2, 1])
}

/// RDATA of a ZONEMD record: serial, SIMPLE, SHA-384, digest.
fn zonemd(serial: u32, digest: &[u8]) -> Vec<u8> {
    [&serial.to_be_bytes(), [1, 1].as_slice(), digest].concat()
}

/// Compares with digests.
async fn digested(sides: impl IntoIterator<Item = Side>) -> Compared {
    let compare = Compare::new(&name(), sides).digests();
    compare.run_until(std::future::pending(), |_| ()).await.unwrap()
}

/// The digest of this zone as a comparison computes it.
async fn digest_of(zone: Zone) -> Vec<u8> {
    let (one, other) = (serve(zone.clone()).await, serve(zone).await);
    let compared = digested(peers(&[&one, &other]).into_iter().map(Side::from)).await;
    let digests: Vec<_> = compared.comparison().sides.iter().map(|side| side.digest.clone().unwrap()).collect();
    assert_eq!(digests[0], digests[1]);
    HEXLOWER.decode(digests[0].as_bytes()).unwrap()
}

/// What became of the ZONEMD records of each side.
fn statuses(compared: &Compared) -> Vec<Option<ZonemdStatus>> {
    compared.comparison().sides.iter().map(|side| side.zonemd).collect()
}

#[tokio::test]
async fn z7_a_right_zonemd_is_verified_without_being_asked_and_called_a_checksum() {
    let digest = digest_of(zone()).await;
    let with = || zone().unknown("@", ZONEMD, zonemd(7, &digest));
    let (one, other) = (serve(with()).await, serve(with()).await);
    let compared = run(&quick(peers(&[&one, &other]))).await;
    assert_eq!((compared.verdict(), compared.report().outcome()), (Equal, Outcome::Ok));
    assert_eq!(statuses(&compared), [Some(ZonemdStatus::Matches); 2]);
    assert_eq!(compared.comparison().sides[0].digest, None, "verified, not asked for");
    let text = compared.report().to_string();
    assert!(text.contains("ZONEMD checksum matches; not authenticated"), "{text}");
    assert_eq!(transfers(&one), 1);
}

#[tokio::test]
async fn z8_a_wrong_zonemd_on_both_equal_sides_is_a_finding_and_no_ok() {
    for (serial, digest, wanted) in [
        (7, vec![0; 48], "a server has lowered TTLs"),
        (6, digest_of(zone()).await, "another serial"),
        (7, vec![0; 47], "shorter or longer"),
    ] {
        let with = || zone().unknown("@", ZONEMD, zonemd(serial, &digest));
        let (one, other) = (serve(with()).await, serve(with()).await);
        let compared = run(&quick(peers(&[&one, &other]))).await;
        assert_eq!(compared.verdict(), Equal, "they do hold the same");
        assert_eq!((compared.report().outcome(), compared.report().exit_status()), (Outcome::Faulty, 1));
        assert_eq!(statuses(&compared), [Some(ZonemdStatus::Fails); 2]);
        for (finding, server) in compared.comparison().findings.iter().zip([&one, &other]) {
            assert!(finding.starts_with(&server.address().to_string()) && finding.contains(wanted), "{finding}");
        }
        let text = compared.report().to_string();
        assert!(text.starts_with("example.test.: FAULTY (exit status 1)") && text.contains("FINDING: "), "{text}");
    }
}

#[tokio::test]
async fn z8_a_secondary_that_changes_the_zone_is_different_and_found_out_by_its_digest() {
    let digest = digest_of(zone()).await;
    let with = |zone: Zone| zone.unknown("@", ZONEMD, zonemd(7, &digest));
    let (base, clamped) = (serve(with(zone())).await, serve(with(zone().ttl(60).a("www", [192, 0, 2, 2]))).await);
    let compared = run(&quick(peers(&[&base, &clamped]))).await;
    assert_eq!((compared.verdict(), compared.report().outcome()), (Different, Outcome::Different));
    assert_eq!(statuses(&compared), [Some(ZonemdStatus::Matches), Some(ZonemdStatus::Fails)]);
    let findings = &compared.comparison().findings;
    assert_eq!(findings.iter().filter(|finding| !finding.contains("split brain")).count(), 1, "{findings:?}");
}

#[tokio::test]
async fn z8_a_zonemd_that_comes_last_is_verified_by_another_pull() {
    let server = serve(zone().unknown("@", ZONEMD, zonemd(7, &[1; 48]))).await;
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("zone.db");
    let soa = server_soa(&server).await;
    let text =
        format!("{soa}$TTL 3600\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.1\n@ ZONEMD 7 1 1 {}\n", "01".repeat(48));
    std::fs::write(&path, text).unwrap();
    let sides: [Side; 2] = [Peer::at(server.address()).into(), ZoneFile::at(&path).into()];
    let compare = Compare::new(&name(), sides);
    let compared = compare.run_until(std::future::pending(), |_| ()).await.unwrap();
    assert_eq!((compared.verdict(), transfers(&server)), (Equal, 4), "two for its SOA, two for this");
    assert_eq!(statuses(&compared), [Some(ZonemdStatus::Fails); 2]);
}

/// The SOA of a server as a line of a zone file.
async fn server_soa(server: &super::lab::Server) -> String {
    let empty = serve(Zone::new("example.test.").soa(1)).await;
    let compared = run(&quick(peers(&[&empty, server]))).await;
    let changes = super::changes(&compared);
    let soa = changes.iter().find(|change| change.rtype == dnsconverge::wire::Rtype::SOA).unwrap();
    format!("{}\n", soa.added[0])
}

#[tokio::test]
async fn v5_digests_are_of_what_is_held_whatever_its_order_and_the_json_is_golden() {
    let soa = "@ SOA ns root 7 2 3 4 5\n";
    let files = tempfile::tempdir().unwrap();
    let (one, other) = (files.path().join("one"), files.path().join("other"));
    std::fs::write(&one, format!("$TTL 1h\n{soa}@ NS ns\nwww A 192.0.2.1\nns A 192.0.2.53\nNS A 192.0.2.53\n"))
        .unwrap();
    std::fs::write(&other, format!("$TTL 60m\n{soa}ns A 192.0.2.53\n@ NS NS\nwww A 192.0.2.1\n")).unwrap();
    let compared = digested([ZoneFile::at(&one).into(), ZoneFile::at(&other).into()]).await;
    let mut json = compared.report().to_json()["comparison"].clone();
    for (row, name) in json["sides"].as_array_mut().unwrap().iter_mut().zip(["one", "other"]) {
        row["side"] = name.into();
    }
    json["notes"] = json["notes"].to_string().replace(files.path().to_str().unwrap(), "DIR").into();
    let mut golden = String::new();
    for name in ["one", "other"] {
        let comma = if name == "one" { "," } else { "" };
        let digest = GOLDEN_DIGEST;
        write!(
            golden,
            r#"{{"side":"{name}","address":null,"serial":7,"records":4,"authenticated_by":null,"transport":"file","basis":null,"zonemd":"absent","digest":"{digest}","error":null}}{comma}"#
        )
        .unwrap();
    }
    let golden = format!(
        r#"{{"verdict":"equal","wanted":true,"sides":[{golden}],"changes":[],"changes_total":0,"left_out":[],"basis":null,"findings":[],"notes":"[\"DIR/one: 1 records were sent more than once and counted once\"]"}}"#
    );
    assert_eq!(json, serde_json::from_str::<serde_json::Value>(&golden).unwrap());
}

/// SHA-384 over the four records as RFC 8976 orders them, computed by a few lines of Python.
const GOLDEN_DIGEST: &str =
    "cfa0acb8e69b63973e72241dc0eb3a85c50ee47c10f66ad08a83e0682a2995f79087388f0c872d51683451e1fe109579";

#[tokio::test]
async fn v5_a_digest_of_a_shuffled_transfer_and_of_strict_comparison_is_the_same() {
    let digest = HEXLOWER.encode(&digest_of(zone()).await);
    let shuffled = Lab::primary(zone()).fault(Fault::transfer(TransferFault::Shuffled(3))).start().await.unwrap();
    let upper = serve(
        Zone::new("EXAMPLE.test.")
            .soa_data(soa_of(&zone()))
            .ns("@", "NS")
            .a("ns", [192, 0, 2, 53])
            .a("WWW", [192, 0, 2, 1]),
    )
    .await;
    let strict = dnsconverge::diff::DiffPolicy::exact().form(dnsconverge::canonical::Form::Bitwise);
    let compared = run(&quick(peers(&[&shuffled, &upper])).policy(strict).digests()).await;
    assert_eq!(compared.verdict(), Different, "letters count in a strict comparison");
    assert!(compared.comparison().sides.iter().all(|side| side.digest.as_ref() == Some(&digest)));
}

/// The SOA of a zone.
fn soa_of(zone: &Zone) -> hickory_proto::rr::rdata::SOA {
    match zone.soa_record().data {
        hickory_proto::rr::RData::SOA(soa) => soa,
        other => panic!("{other}"),
    }
}

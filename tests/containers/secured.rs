//! Transfers and updates over TLS from real servers, with TSIG inside: BIND 9.18, Knot 3.4, and NSD old and new.

use super::algorithms;
use super::lab::{self, Key, Lab, Server};
use super::{AMPLE, Scenario};
use dnsconverge::fs::read_key_file;
use dnsconverge::net::Tls;
use dnsconverge::tsig::WeakKeys;
use std::path::Path;

/// The authority that signed the certificate of the lab's servers.
const AUTHORITY: &str = concat!("--tls-ca=", env!("CARGO_MANIFEST_DIR"), "/tests/tls/certificates/authority.pem");
/// The pin of their key.
const PIN: &str = include_str!("../tls/certificates/server.pin");

/// A server over TLS, under the name of its certificate.
fn secured(server: Server) -> Result<String, Box<dyn std::error::Error>> {
    Ok(format!("{}?tls-hostname=ns1.example.test", server.address()?))
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn x1_x3_bind_gives_the_zone_over_tls_with_tsig_inside() -> Scenario {
    let lab = Lab::shared()?;
    let (primary, bind) = (secured(Server::Primary)?, Server::Bind.address()?);
    let diff = |source: &str, option: &str| -> super::lab::Answer<super::lab::Outcome> {
        let words = [source, &bind, "example.test", "--format", "json", option];
        lab.bare_run("diff")?.with(&words).key(Key::Transfer).finish()
    };
    let report = diff(&primary, AUTHORITY)?.exits(0)?.report()?;
    let side = &report["comparison"]["sides"][0];
    assert_eq!(side["transport"], "tls", "{report:#}");
    assert_eq!(side["authenticated_by"], "transfer-key. and TLS name ns1.example.test", "{report:#}");
    let pinned = format!("{}?tls-pin={}", Server::Primary.address()?, PIN.trim());
    let report = diff(&pinned, "--ignore-ttl")?.exits(0)?.report()?;
    assert_eq!(report["comparison"]["sides"][0]["authenticated_by"], "transfer-key. and pinned TLS key");
    // Its certificate does not hold the address that it was given by.
    let by_address = format!("{}?tls", Server::Primary.address()?);
    diff(&by_address, AUTHORITY)?.exits(2)?.says("not for 198.")?.says("ns1.example.test")?;
    diff(&primary, "--tls-ca")?.exits(2)?.says("not trusted")?;
    Ok(())
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn x3_bind_takes_the_probe_over_tls_and_its_taking_back() -> Scenario {
    let lab = Lab::shared()?;
    let (primary, bind) = (secured(Server::Primary)?, Server::Bind.address()?);
    let words = [primary.as_str(), &bind, "second.test", "--format", "json", AUTHORITY];
    let run = lab.bare_run("check")?.with(&words).with(&AMPLE).key(Key::Transfer).update_key(Key::Update);
    let report = run.finish()?.exits(0)?.report()?;
    assert_eq!(report["cleanup"], "removed");
    assert_eq!(report["comparison"]["sides"][0]["transport"], "tls", "{report:#}");
    lab.assert_no_probe(&[Server::Primary, Server::Bind], "second.test")
}

#[test]
#[ignore = "real servers: run scripts/test"]
fn x1_x3_an_old_nsd_gives_the_zone_over_tls_with_tsig_inside() -> Scenario {
    let lab = Lab::shared()?;
    let (primary, nsd) = (secured(Server::Primary)?, secured(Server::Nsd)?);
    let words = [primary.as_str(), &nsd, "example.test", "--format", "json", AUTHORITY];
    let run = || -> super::lab::Answer<super::lab::Run> { Ok(lab.bare_run("diff")?.with(&words).key(Key::Transfer)) };
    // NSD 4.6 is too old to choose a protocol.
    run()?.finish()?.exits(2)?.says("ALPN")?;
    let report = run()?.with(&["--tls-without-alpn"]).finish()?.exits(0)?.report()?;
    let transports: Vec<_> =
        report["comparison"]["sides"].as_array().into_iter().flatten().map(|side| side["transport"].clone()).collect();
    assert_eq!(transports, ["tls", "tls"], "{report:#}");
    Ok(())
}

#[tokio::test]
#[ignore = "real servers: run scripts/test"]
async fn x1_x3_knot_and_nsd_give_the_zone_over_tls_with_tsig_inside_and_knot_takes_updates() -> Scenario {
    let lab = Lab::shared()?;
    let key_file = format!("{}/hmac-sha256.key", lab::variable("LAB_KEYS")?);
    let (knot, nsd) = (lab::variable("LAB_KNOT_TLS")?, lab::variable("LAB_NSD_TLS")?);
    let named = |address: &str| format!("{address}?tls-hostname=ns1.example.test");
    let (source, destination) = (named(&knot), named(&nsd));
    let words = [source.as_str(), &destination, "algorithms.test", "--format", "json", AUTHORITY, "-k", &key_file];
    let report = lab.bare_run("diff")?.with(&words).finish()?.exits(0)?.report()?;
    for side in report["comparison"]["sides"].as_array().into_iter().flatten() {
        assert_eq!(side["transport"], "tls", "{report:#}");
        assert_eq!(side["authenticated_by"], "hmac-sha256-key. and TLS name ns1.example.test");
    }
    let tls = Tls::builder().pin(PIN.trim())?.build()?;
    let peer = dnsconverge::Server::at(knot.parse::<dnsconverge::ServerAddress>()?).tls(tls);
    let peer = peer.peer(format!("{knot}:853").parse()?);
    let key = read_key_file(Path::new(&key_file), None, WeakKeys::Refuse)?.key;
    algorithms::updates(&peer, &key, 99).await
}

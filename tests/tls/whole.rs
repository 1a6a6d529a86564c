//! A whole check and a whole comparison over TLS: the probe goes there and back, and nothing of it is seen on the wire.

use super::{Front, PIN, RECORDS, key, lab, pem, pinned, strict, zone};
use dnsconverge::compare::Compare;
use dnsconverge::fs::Journal;
use dnsconverge::net::unix_now;
use dnsconverge::probe::{JournalEntry, Probe, RANDOM_OCTETS, RunId};
use dnsconverge::report::{ComparisonVerdict, Propagation};
use dnsconverge::sweep::{Sweep, Swept};
use dnsconverge::tsig::TsigKey;
use dnsconverge::{Check, Name, Schedule, Server};
use lab::{Access, Lab, Transport};
use std::time::Duration;
use tempfile::TempDir;

/// The zone's name.
fn apex() -> Name {
    Name::from_ascii("example.test.").unwrap()
}

/// The key of the scenarios, for us.
fn own_key() -> TsigKey {
    let theirs = key("update.key").0;
    TsigKey::parse(&format!("{}:{}:{}", theirs.algorithm().mnemonic(), theirs.name(), theirs.base64())).unwrap()
}

#[tokio::test]
async fn v5_r2_a_check_over_tls_converges_and_says_what_authenticated_each_side() {
    let theirs = key("update.key").0;
    let only = || Access::key(&theirs);
    let primary = Lab::primary(zone()).key(&theirs).update_by(only()).query_by(only()).start().await.unwrap();
    let secondary = Lab::secondary_of(&primary).start().await.unwrap();
    let (first, second) =
        (Front::before(primary.address()).start().await, Front::before(secondary.address()).start().await);
    let source = Server::at(first.address()).key(own_key()).tls(strict());
    let destination = Server::at(second.address()).tls(pinned(PIN));
    let journal = TempDir::new().unwrap();
    let schedule = Schedule::every(Duration::from_millis(20)).for_at_most(Duration::from_secs(60));
    let check = Check::new(&apex(), source, destination).schedule(schedule).journal(journal.path());
    let report = check.run_until(std::future::pending::<()>(), |_| ()).await.unwrap();
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::Converged, 0), "{report}");
    let by = |name: &dnsconverge::report::ServerName| name.authenticated_by.clone().unwrap();
    assert_eq!(by(&report.source().unwrap().name), "update.key. and TLS name 127.0.0.1");
    assert_eq!(by(&report.destinations()[0].name), "pinned TLS key");
    assert_eq!((first.plain(), second.plain()), (0, 0), "nothing went without TLS");
    for server in [&primary, &secondary] {
        assert_eq!(
            server.count(|request| request.transport == Transport::Udp),
            0,
            "and nothing by UDP behind the fronts"
        );
    }
    assert!(primary.connections() < primary.count(|_| true), "a handshake serves for several exchanges");
    for front in [&first, &second] {
        for secret in [&b"an octet string of 32 octets ..."[..], theirs.base64().as_bytes(), b"update\x03key"] {
            assert!(!front.has_seen(secret), "a secret, or the name of a key, is on the wire");
        }
        assert!(!front.has_seen(b"\x0c_dnsconverge") && !front.has_seen(b"\x07example\x04test"));
    }
}

/// Whether this is padded, and to whole blocks: its signature comes on top.
fn is_padded(request: &lab::Request) -> bool {
    let padding = request.message.edns.as_ref().and_then(|edns| edns.option(12.into()));
    assert!(padding.is_none() || request.message.to_vec().unwrap().len().is_multiple_of(128));
    padding.is_some()
}

#[tokio::test]
async fn x8_the_update_and_its_taking_back_are_padded_over_tls_and_nowhere_else() {
    for over_tls in [true, false] {
        let theirs = key("update.key").0;
        let primary = Lab::primary(zone()).key(&theirs).update_by(Access::key(&theirs)).start().await.unwrap();
        let secondary = Lab::secondary_of(&primary).start().await.unwrap();
        let front = Front::before(primary.address()).start().await;
        let in_the_clear = Server::at(primary.address()).key(own_key());
        let source = if over_tls { Server::at(front.address()).key(own_key()).tls(strict()) } else { in_the_clear };
        let journal = TempDir::new().unwrap();
        let schedule = Schedule::every(Duration::from_millis(20)).for_at_most(Duration::from_secs(60));
        let check = Check::new(&apex(), source, Server::at(secondary.address()));
        let check = check.schedule(schedule).journal(journal.path());
        let report = check.run_until(std::future::pending::<()>(), |_| ()).await.unwrap();
        assert_eq!(report.exit_status(), 0, "{report}");
        let updates: Vec<_> = primary.requests().into_iter().filter(lab::Request::is_update).collect();
        assert_eq!(updates.iter().map(is_padded).collect::<Vec<_>>(), [over_tls; 2]);
    }
}

#[tokio::test]
async fn v5_a_comparison_over_tls_says_how_the_records_came() {
    let (one, other) = (Lab::primary(zone()).start().await.unwrap(), Lab::primary(zone()).start().await.unwrap());
    let front = Front::before(one.address()).start().await;
    let sides = [Server::at(front.address()).tls(strict()), Server::at(other.address())];
    let compared = Compare::new(&apex(), sides).run_until(std::future::pending::<()>(), |_| ()).await.unwrap();
    assert_eq!(compared.verdict(), ComparisonVerdict::Equal);
    let sides = &compared.comparison().sides;
    assert_eq!((sides[0].transport.as_deref(), sides[1].transport.as_deref()), (Some("tls"), Some("tcp")));
    assert_eq!(sides[0].authenticated_by.as_deref(), Some("TLS name 127.0.0.1"));
    assert_eq!((sides[0].records, sides[1].authenticated_by.as_deref()), (Some(RECORDS), None));
}

#[tokio::test]
async fn x3_a_source_that_cannot_prove_its_name_is_found_before_anything_is_written() {
    let primary = Lab::primary(zone()).start().await.unwrap();
    let front = Front::before(primary.address()).certificate("elsewhere.pem").start().await;
    let source = Server::at(front.address()).key(own_key()).tls(strict());
    let other = Lab::secondary_of(&primary).start().await.unwrap();
    let journal = TempDir::new().unwrap();
    let schedule = Schedule::every(Duration::from_millis(20)).timeout(Duration::from_secs(2));
    let check = Check::new(&apex(), source, Server::at(other.address())).schedule(schedule).journal(journal.path());
    let error = check.run_until(std::future::pending::<()>(), |_| ()).await.unwrap_err().to_string();
    assert!(error.contains("not for 127.0.0.1, but for"), "{error}");
    assert!(primary.requests().is_empty() && front.plain() == 0);
    assert!(pem("server.pem").starts_with(b"-----BEGIN"));
}

#[tokio::test]
async fn x3_a_probe_that_went_over_tls_is_taken_back_over_tls_or_not_at_all() {
    let theirs = key("update.key").0;
    let primary = Lab::primary(zone()).key(&theirs).update_by(Access::key(&theirs)).start().await.unwrap();
    let front = Front::before(primary.address()).start().await;
    let journal = TempDir::new().unwrap();
    let probe = Probe::new(&super::apex(), &[7; RANDOM_OCTETS], RunId([9; 8]), unix_now() - 3600).unwrap();
    let given = front.address().to_string();
    let entry = JournalEntry::new(&probe, front.address(), &given, Some("update.key.")).secured(true);
    drop(Journal::at(journal.path()).write(&entry).unwrap());
    let network = dnsconverge::Network::new();
    let peer = Server::at(front.address()).tls(strict()).peer(front.address());
    let plant = dnsconverge::update::plant(7, &probe, None).to_vec().unwrap();
    network.update(&peer, &plant, Some(&key("update.key").1)).await.unwrap();
    assert_eq!(primary.zone().below("_dnsconverge").len(), 1);

    let sweep = || Sweep::journal(journal.path()).key(own_key());
    for blind in [sweep(), sweep().list_only()] {
        let report = blind.run_until(std::future::pending(), |_| ()).await.unwrap();
        assert!(matches!(&report.probes[0].outcome, Swept::Left { why, .. } if why.contains("over TLS")), "{report:?}");
    }
    assert_eq!((front.connections(), front.plain()), (1, 0), "nothing was asked without TLS");
    let report = sweep().tls(strict()).run_until(std::future::pending(), |_| ()).await.unwrap();
    assert_eq!((report.exit_status(), front.plain()), (0, 0), "{report:?}");
    assert!(primary.requests().iter().filter(|request| request.is_update()).skip(1).all(is_padded), "X8");
    assert_eq!(primary.zone().below("_dnsconverge").len(), 0);
}

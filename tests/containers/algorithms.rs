//! TSIG against what real servers make of it: each algorithm that a server has signs a transfer, a question, and (where the
//! server takes them) an update and its taking back; and a wrong secret is told as such.

use super::Scenario;
use super::lab::{self, Lab};
use dnsconverge::fs::read_key_file;
use dnsconverge::net::{Network, Peer, Query, Transfer, unix_now};
use dnsconverge::probe::{Probe, RANDOM_OCTETS, RunId};
use dnsconverge::tsig::{Algorithm, Signer, TsigKey, WeakKeys};
use dnsconverge::update::{self, Lease, Outcome};
use dnsconverge::wire::{Message, Rcode, WireName};
use dnsconverge::xfr::{Limits, TransferTimes};
use hickory_proto::rr::Name;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What all four have.
const WHOLE: [&str; 6] = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"];
/// What BIND alone has: MACs that are cut.
const TRUNCATED: [&str; 4] = ["hmac-sha1-80", "hmac-sha256-128", "hmac-sha384-192", "hmac-sha512-256"];
/// How many records the zone has.
const RECORDS: u64 = 9;

/// A server, and what it can do.
struct Against {
    /// As the lab's variables name it.
    server: &'static str,
    /// Its algorithms.
    algorithms: Vec<&'static str>,
    /// Whether it takes updates.
    takes_updates: bool,
    /// What it says of a wrong secret.
    refusal: &'static str,
}

/// The zone that every primary has on its own.
fn zone() -> Result<WireName, Box<dyn std::error::Error>> {
    Ok(WireName::from_name(&Name::from_ascii("algorithms.test.")?))
}

impl Against {
    /// Goes through all algorithms.
    async fn holds(self) -> Scenario {
        let _lab = Lab::shared()?;
        let address = lab::variable(&format!("LAB_{}", self.server))?;
        let peer = Peer::plain(format!("{address}:53").parse()?);
        let keys = lab::variable("LAB_KEYS")?;
        for (number, algorithm) in (0..).zip(&self.algorithms) {
            let key = read_key_file(&Path::new(&keys).join(format!("{algorithm}.key")), None, WeakKeys::Allow)?.key;
            assert_eq!(key.algorithm().to_string(), *algorithm);
            let says = |error: &dyn std::fmt::Display| format!("{} with {algorithm}: {error}", self.server);
            transfers(&peer, &key).await.map_err(|error| says(&*error))?;
            if self.takes_updates {
                updates(&peer, &key, number).await.map_err(|error| says(&*error))?;
            }
            refuses_another_secret(&peer, &key, self.refusal).await.map_err(|error| says(&*error))?;
        }
        Ok(())
    }
}

/// What all exchanges go over.
fn network() -> Network {
    Network::new().timeout(Duration::from_secs(20))
}

/// The zone comes whole and signed.
async fn transfers(peer: &Peer, key: &TsigKey) -> Scenario {
    let transfer = Transfer { zone: zone()?, limits: Limits::new(), times: TransferTimes::new() };
    let signer: Arc<dyn Signer> = Arc::new(key.clone());
    let received = network().transfer(peer, &transfer, Some(&signer), &mut |_| Ok(())).await?;
    assert_eq!((received.zone.records, received.signatures.is_some()), (RECORDS, true));
    Ok(())
}

/// A probe goes there, is shown, and is taken back, each by a signed answer.
pub(crate) async fn updates(peer: &Peer, key: &TsigKey, number: u8) -> Scenario {
    let signer: Arc<dyn Signer> = Arc::new(key.clone());
    let probe = Probe::new(&zone()?, &[number; RANDOM_OCTETS], RunId([number; 8]), unix_now())?;
    // None of them grants leases; each must take the update all the same (RFC 6891 section 6.1.2).
    let lease = Lease::lasting(Duration::from_secs(3600));
    let query = Query::new(*probe.owner(), probe.rtype());
    for (id, message, rcode) in
        [(7, update::plant(7, &probe, Some(lease)), Rcode::NOERROR), (8, update::remove(8, &probe), Rcode::NXDOMAIN)]
    {
        let answer = network().update(peer, &message.to_vec()?, Some(&signer)).await?;
        let outcome = Outcome::of_reply(&Message::parse(&answer.octets)?, id, &zone()?);
        assert!(answer.authenticated && matches!(outcome, Outcome::Applied), "{outcome:?}");
        // Some servers publish what they have accepted a moment later: it is asked until it shows.
        loop {
            let answer = network().query(peer, &query, Some(&signer)).await?;
            assert!(answer.authenticated);
            if Message::parse(&answer.octets)?.rcode() == rcode {
                break;
            }
        }
    }
    Ok(())
}

/// The right name with another secret is refused, in the server's word, and nothing comes.
async fn refuses_another_secret(peer: &Peer, key: &TsigKey, refusal: &str) -> Scenario {
    let other = TsigKey::new(&key.key_name().to_name(), key.algorithm(), b"another secret".to_vec())?;
    let signer: Arc<dyn Signer> = Arc::new(other);
    let transfer = Transfer { zone: zone()?, limits: Limits::new(), times: TransferTimes::new() };
    let error = network().transfer(peer, &transfer, Some(&signer), &mut |_| Ok(())).await.expect_err("a wrong secret");
    assert!(error.to_string().contains(refusal), "{error}");
    Ok(())
}

#[test]
fn t13_the_table_holds_every_registered_algorithm() {
    for text in WHOLE.iter().chain(&TRUNCATED) {
        assert_eq!(Algorithm::parse(text, WeakKeys::Allow).unwrap().to_string(), *text);
    }
}

#[tokio::test]
#[ignore = "real servers: run scripts/test"]
async fn t13_every_algorithm_of_bind() -> Scenario {
    let algorithms = WHOLE.into_iter().chain(TRUNCATED).collect();
    Against { server: "PRIMARY", algorithms, takes_updates: true, refusal: "BADSIG" }.holds().await
}

#[tokio::test]
#[ignore = "real servers: run scripts/test"]
async fn t13_every_algorithm_of_knot() -> Scenario {
    Against { server: "KNOT", algorithms: WHOLE.into(), takes_updates: true, refusal: "BADSIG" }.holds().await
}

#[tokio::test]
#[ignore = "real servers: run scripts/test"]
async fn t13_every_algorithm_of_nsd() -> Scenario {
    Against { server: "NSD", algorithms: WHOLE.into(), takes_updates: false, refusal: "BADSIG" }.holds().await
}

#[tokio::test]
#[ignore = "real servers: run scripts/test"]
async fn t13_every_algorithm_of_powerdns() -> Scenario {
    // It answers without a TSIG, and so without a reason (T9).
    let refusal = "NOTAUTH";
    Against { server: "POWERDNS", algorithms: WHOLE.into(), takes_updates: true, refusal }.holds().await
}

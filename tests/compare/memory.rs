//! L1: what a comparison may hold, and what becomes of the rest.

use super::lab::{Fault, Lab, Server, TransferFault, Zone};
use super::{changes, peers, quick, run, zone};
use dnsconverge::compare::{Compare, Compared, LEAST_MEMORY};
use dnsconverge::net::Network;
use dnsconverge::report::ComparisonVerdict::{Different, Equal, NotCompared};
use hickory_proto::rr::RecordType;
use std::time::Duration;
use tempfile::TempDir;

/// So many hosts take more memory than the least, if they come in two orders.
const MANY: u32 = 30_000;

/// A zone of them in canonical order, and another one in an order of its own.
async fn servers(other: Zone) -> [Server; 2] {
    let shuffled = Lab::primary(other).fault(Fault::transfer(TransferFault::Shuffled(7)));
    [Lab::primary(zone().hosts(MANY)).start().await.unwrap(), shuffled.start().await.unwrap()]
}

/// A comparison of large zones: server and comparison share one thread here, so that an answer may take its time.
fn patient(servers: &[Server; 2]) -> Compare {
    quick(peers(&servers.each_ref())).network(Network::new().timeout(Duration::from_secs(60)))
}

/// A comparison that must put records on disk.
fn small(servers: &[Server; 2], directory: &TempDir) -> Compare {
    patient(servers).memory(LEAST_MEMORY).spill_directory(directory.path())
}

/// How many files there are.
fn files(directory: &TempDir) -> usize {
    directory.path().read_dir().unwrap().count()
}

#[tokio::test]
async fn l1_a_zone_larger_than_memory_is_compared_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let servers = servers(zone().hosts(MANY)).await;
    assert_eq!(run(&small(&servers, &directory)).await.verdict(), Equal);
    assert_eq!(files(&directory), 0);
}

#[tokio::test]
async fn l1_a_difference_is_found_on_disk_and_confirmed() {
    let directory = tempfile::tempdir().unwrap();
    let mut other = zone().hosts(MANY).a("h17", [10, 9, 9, 9]);
    other.remove("h29999", RecordType::A);
    let compared = run(&small(&servers(other).await, &directory)).await;
    assert_eq!(compared.verdict(), Different);
    let shown: Vec<String> = changes(&compared).iter().map(ToString::to_string).collect();
    let lines = ["+h17.example.test.\t3600\tIN\tA\t10.9.9.9", "-h29999.example.test.\t3600\tIN\tA\t10.0.117.47"];
    assert_eq!(shown, lines);
    drop(compared);
    assert_eq!(files(&directory), 0);
}

#[tokio::test]
async fn l1_without_a_place_for_the_rest_nothing_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let servers = servers(zone().hosts(MANY)).await;
    let missing = directory.path().join("missing");
    let compared = run(&small(&servers, &directory).spill_directory(&missing)).await;
    assert_eq!(compared.verdict(), NotCompared);
    let note = compared.comparison().notes.concat();
    for part in [missing.to_str().unwrap(), "--memory", "TMPDIR"] {
        assert!(note.contains(part), "{note}");
    }
    let enough = patient(&servers).memory(64 << 20).spill_directory(&missing);
    assert_eq!(run(&enough).await.verdict(), Equal, "nothing is put there that fits");
}

#[tokio::test]
async fn l1_l3_a_report_lists_what_fits_and_counts_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    let servers = servers(zone().ttl(60).hosts(MANY)).await;
    let compared = run(&small(&servers, &directory)).await;
    assert_eq!(compared.verdict(), Different);
    let comparison = compared.comparison();
    assert_eq!(comparison.changes_total, u64::from(MANY));
    assert!((100..MANY as usize).contains(&comparison.changes.len()), "{} rows", comparison.changes.len());
    assert_eq!(compared.changes().count(), MANY as usize);
}

#[tokio::test]
async fn l1_zones_larger_than_memory_are_digested_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let servers = servers(zone().hosts(MANY)).await;
    let digests = |compared: &Compared| -> Vec<_> {
        compared.comparison().sides.iter().map(|side| side.digest.clone().unwrap()).collect()
    };
    let (small, large) = (run(&small(&servers, &directory).digests()).await, run(&patient(&servers).digests()).await);
    assert_eq!((small.verdict(), digests(&small)), (Equal, digests(&large)));
    assert_eq!(files(&directory), 0);
}

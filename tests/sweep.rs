//! Leftovers of runs that were killed: found in the journal or in the zone, taken back exactly, and nothing else touched.

#[path = "lab/mod.rs"]
mod lab;

use dnsconverge::fs::Journal;
use dnsconverge::net::{Server as Peer, unix_now};
use dnsconverge::probe::{JournalEntry, Probe, RANDOM_OCTETS, RunId};
use dnsconverge::sweep::{Sweep, SweepError, SweepReport, Swept};
use dnsconverge::tsig::TsigKey;
use dnsconverge::wire::WireName;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use lab::{Access, Act, Algorithm, Fault, Key, Lab, On, Request, Server, Signature, Zone};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// An hour.
const HOUR: Duration = Duration::from_secs(3600);

/// The zone of these scenarios.
fn zone() -> Zone {
    Zone::new("example.test.").soa(1).ns("@", "ns").a("ns", [192, 0, 2, 53])
}

/// A probe of a run that began so many seconds ago; `seed` makes it another one.
fn probe(seed: u8, age: u64) -> Probe {
    let zone = WireName::from_labels([b"example".as_slice(), b"test"]).unwrap();
    Probe::new(&zone, &[seed; RANDOM_OCTETS], RunId([seed; 8]), unix_now() - age).unwrap()
}

/// The probe as a record of the lab.
fn record(probe: &Probe) -> Record {
    let mut strings = Vec::new();
    let mut rdata = probe.rdata();
    while let Some((&length, rest)) = rdata.split_first() {
        let (string, rest) = rest.split_at(usize::from(length));
        strings.push(string);
        rdata = rest;
    }
    let owner = Name::from_ascii(probe.owner_text()).unwrap();
    Record::from_rdata(owner, 60, RData::TXT(TXT::from_bytes(strings)))
}

/// A journal in which a run that was killed left this entry.
fn journal_of(probe: &Probe, server: &Server, key: Option<&str>) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    remember(&directory, probe, server, key);
    directory
}

/// One more entry of a run that was killed.
fn remember(directory: &tempfile::TempDir, probe: &Probe, server: &Server, key: Option<&str>) {
    let entry = JournalEntry::new(probe, server.address(), "ns1", key);
    drop(Journal::at(directory.path()).write(&entry).unwrap());
}

/// How many entries the journal has.
fn entries(directory: &tempfile::TempDir) -> usize {
    std::fs::read_dir(directory.path()).unwrap().count()
}

/// Runs it to the end.
async fn run(sweep: Sweep) -> Result<SweepReport, SweepError> {
    let mut told = Vec::new();
    let sweep = sweep.patience(Duration::from_millis(900));
    let report = sweep.run_until(std::future::pending(), |probe| told.push(probe.clone())).await?;
    assert_eq!(told, report.probes, "everything is told as it happens");
    Ok(report)
}

/// What became of each leftover.
fn outcomes(report: &SweepReport) -> Vec<&Swept> {
    report.probes.iter().map(|probe| &probe.outcome).collect()
}

/// A sweep of the zone at this server, unsigned.
fn of_zone(server: &Server, older_than: Duration) -> Sweep {
    Sweep::zone(Peer::at(server.address()), &Name::from_ascii("example.test.").unwrap(), older_than).unsigned()
}

#[tokio::test]
async fn u14_what_the_journal_names_is_taken_back() {
    let left = probe(1, 20);
    let server = Lab::primary(zone().record(record(&left))).start().await.unwrap();
    let journal = journal_of(&left, &server, None);
    let report = run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
    assert_eq!((outcomes(&report), report.exit_status()), (vec![&Swept::Removed], 0));
    assert!(server.zone().below("_dnsconverge").is_empty());
    assert_eq!((entries(&journal), server.count(Request::is_update)), (0, 1));
    assert!((20..60).contains(&report.probes[0].age_seconds));
}

#[tokio::test]
async fn u14_an_add_still_on_its_way_is_barred() {
    // Killed between journal and add, just now: the server may still take the add, so a deletion goes behind it.
    let server = Lab::primary(zone()).start().await.unwrap();
    let journal = journal_of(&probe(1, 1), &server, None);
    let report = run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
    assert_eq!((outcomes(&report), report.exit_status()), (vec![&Swept::AlreadyGone], 0));
    assert_eq!(
        (server.count(Request::is_delete), entries(&journal)),
        (2, 0),
        "and a second one, for an add unread so far"
    );
}

#[tokio::test]
async fn u14_an_add_that_is_taken_after_the_first_deletion_is_removed() {
    let late = probe(1, 1);
    let server = Arc::new(Lab::primary(zone()).start().await.unwrap());
    let (taken_late, add) = (Arc::clone(&server), record(&late));
    let looks = AtomicUsize::new(0);
    let late_add = On::request(move |request| {
        // The server reads the connection of the killed run only after the first deletion and the looks behind it.
        if request.is_query() && looks.fetch_add(1, Ordering::SeqCst) == 4 {
            taken_late.apply(|zone| zone.insert(add.clone()));
        }
        false
    });
    server.inject(Fault::new(late_add, Act::Pretend));
    let journal = journal_of(&late, &server, None);
    let sweep = Sweep::journal(journal.path()).unsigned();
    let report = sweep.run_until(std::future::pending(), |_| ()).await.unwrap();
    assert_eq!((outcomes(&report), entries(&journal)), (vec![&Swept::Removed], 0));
    assert!(server.zone().below("_dnsconverge").is_empty());
}

#[tokio::test]
async fn u14_an_entry_stays_while_the_server_takes_no_deletion() {
    // Who does not show it need not be the server that has it: another view, another of several servers.
    let server = Lab::primary(zone()).update_by(Access::Nobody).start().await.unwrap();
    for age in [1, 2 * 3600] {
        let journal = journal_of(&probe(1, age), &server, None);
        let report = run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
        assert_eq!((report.exit_status(), entries(&journal)), (3, 1), "{report:?}");
    }
}

#[tokio::test]
async fn u14_an_old_entry_is_deleted_behind_once_and_forgotten() {
    let server = Lab::primary(zone()).start().await.unwrap();
    let journal = journal_of(&probe(1, 2 * 3600), &server, None);
    let report = run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
    assert_eq!((outcomes(&report), entries(&journal)), (vec![&Swept::AlreadyGone], 0), "no add lives that long");
    assert_eq!(server.count(Request::is_delete), 1);
}

#[tokio::test]
async fn u14_a_first_answer_without_it_hides_no_probe() {
    let left = probe(1, 2 * 3600);
    let without = Fault::new(On::QueryOf(RecordType::TXT), Act::answer_from(zone())).first(1);
    let server = Lab::primary(zone().record(record(&left))).fault(without).start().await.unwrap();
    let journal = journal_of(&left, &server, None);
    run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
    assert_eq!((server.zone().below("_dnsconverge").len(), entries(&journal)), (0, 0));
}

#[tokio::test]
async fn u14_entries_of_living_runs_are_left_alone() {
    let living = probe(1, 5);
    let server = Lab::primary(zone().record(record(&living))).start().await.unwrap();
    let journal = tempfile::tempdir().unwrap();
    let entry = JournalEntry::new(&living, server.address(), "ns1", None);
    let lock = Journal::at(journal.path()).write(&entry).unwrap();
    let report = run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
    assert!(report.probes.is_empty() && report.notes[0].contains("still lives"), "{report:?}");
    assert_eq!((entries(&journal), server.requests().len(), report.exit_status()), (1, 0, 0));
    drop(lock);
    assert_eq!(run(Sweep::journal(journal.path()).unsigned()).await.unwrap().probes.len(), 1);
}

#[tokio::test]
async fn u14_an_entry_that_cannot_be_read_hides_no_other() {
    let left = probe(1, 20);
    let server = Lab::primary(zone().record(record(&left))).start().await.unwrap();
    let journal = journal_of(&left, &server, None);
    std::fs::write(journal.path().join("probe-broken.json"), "{").unwrap();
    let report = run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
    assert_eq!((outcomes(&report), report.exit_status()), (vec![&Swept::Removed], 2), "and the status says so");
    assert_eq!(entries(&journal), 1, "the broken one stays for a person to look at");
}

#[tokio::test]
async fn u14_list_only_changes_neither_zone_nor_journal() {
    let (there, gone) = (probe(1, 20), probe(2, 10));
    let server = Lab::primary(zone().record(record(&there))).start().await.unwrap();
    let journal = journal_of(&there, &server, None);
    remember(&journal, &gone, &server, None);
    let report = run(Sweep::journal(journal.path()).list_only()).await.unwrap();
    assert_eq!(outcomes(&report), [&Swept::Listed, &Swept::AlreadyGone], "oldest first");
    assert_eq!((entries(&journal), server.count(Request::is_update)), (2, 0));
}

#[tokio::test]
async fn u15_what_cannot_be_removed_is_left_with_the_lines_that_do() {
    let refused = Act::Rcode(ResponseCode::Refused);
    for (act, most) in [(refused, 1), (Act::Pretend, 3), (Act::Rcode(ResponseCode::ServFail), 3)] {
        let left = probe(1, 20);
        let zone = zone().record(record(&left));
        let server = Lab::primary(zone).fault(Fault::new(On::Delete, act)).start().await.unwrap();
        let journal = journal_of(&left, &server, None);
        let report = run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
        let [Swept::Left { nsupdate, .. }] = outcomes(&report)[..] else { panic!("{report:?}") };
        assert!(nsupdate.contains(&left.owner_text()) && nsupdate.contains("update delete"), "{nsupdate}");
        assert_eq!((report.exit_status(), entries(&journal)), (3, 1));
        assert!((1..=most).contains(&server.count(Request::is_update)), "no hammering, and a refusal is a word");
    }
}

#[tokio::test]
async fn u15_one_absence_between_two_presences_proves_nothing() {
    // Two servers behind one address, one of which never had the probe; deletions are accepted and not done.
    for present in [1, 2] {
        let (server, probe) = (Lab::primary(zone()).start().await.unwrap(), probe(1, 7200));
        server.apply(|zone| zone.insert(record(&probe)));
        server.inject(Fault::new(On::Delete, Act::Pretend));
        server.inject(Fault::new(On::QueryOf(RecordType::TXT), Act::answer_from(zone())).after(present).every(2));
        let journal = journal_of(&probe, &server, None);
        let report = run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
        assert!(matches!(outcomes(&report)[..], [Swept::Left { .. }]), "{present}: {report:?}");
        assert_eq!((report.exit_status(), entries(&journal)), (3, 1), "the journal keeps what is left");
    }
}

#[tokio::test]
async fn u13_a_deletion_whose_reply_is_lost_is_read_back() {
    let left = probe(1, 20);
    let zone = zone().record(record(&left));
    let server = Lab::primary(zone).fault(Fault::new(On::Delete, Act::DoneThenClose)).start().await.unwrap();
    let journal = journal_of(&left, &server, None);
    let report = run(Sweep::journal(journal.path()).unsigned()).await.unwrap();
    assert_eq!((outcomes(&report), entries(&journal)), (vec![&Swept::Removed], 0));
    assert_eq!(server.count(Request::is_update), 1);
}

#[tokio::test]
async fn u22_without_a_key_nothing_is_deleted_unless_that_is_allowed() {
    let left = probe(1, 20);
    let server = Lab::primary(zone().record(record(&left))).start().await.unwrap();
    let journal = journal_of(&left, &server, None);
    assert!(matches!(run(Sweep::journal(journal.path())).await, Err(SweepError::NoKey)));
    assert_eq!((server.requests().len(), entries(&journal)), (0, 1));
}

#[tokio::test]
async fn t14_each_entry_is_signed_by_the_key_that_it_names() {
    let keys = ["one.key.", "two.key."].map(|name| Key::new(name, Algorithm::Sha256, name.as_bytes()));
    let (first, second, third) = (probe(1, 30), probe(2, 20), probe(3, 10));
    let serve = |probe: &Probe, key: &Key| {
        Lab::primary(zone().record(record(probe))).key(key).update_by(Access::key(key)).start()
    };
    let one = serve(&first, &keys[0]).await.unwrap();
    let two = serve(&second, &keys[1]).await.unwrap();
    let journal = journal_of(&first, &one, Some("one.key."));
    remember(&journal, &second, &two, Some("two.key."));
    remember(&journal, &third, &two, Some("unknown.key."));
    let sweep = keys
        .iter()
        .fold(Sweep::journal(journal.path()), |sweep, key| sweep.key(TsigKey::parse(&key.argument()).unwrap()));
    let report = run(sweep).await.unwrap();
    let [Swept::Removed, Swept::Removed, Swept::Left { why, .. }] = outcomes(&report)[..] else { panic!("{report:?}") };
    assert!(why.contains("unknown.key."), "{why}");
    for (server, key) in [(&one, &keys[0]), (&two, &keys[1])] {
        let own = Signature::Valid(key.name().clone());
        assert!(server.requests().iter().all(|request| request.signature == own));
    }
    assert_eq!(entries(&journal), 1);
}

#[tokio::test]
async fn u14_a_zone_is_swept_by_age() {
    let (old, young) = (probe(1, 2 * 3600), probe(2, 60));
    let server = Lab::primary(zone().record(record(&old)).record(record(&young))).start().await.unwrap();
    let report = run(of_zone(&server, HOUR)).await.unwrap();
    assert_eq!((outcomes(&report), report.exit_status()), (vec![&Swept::Removed], 0));
    let left = server.zone().below("_dnsconverge");
    assert!(left.len() == 1 && left[0].name.to_ascii() == young.owner_text(), "its run may still live");
    assert!(report.notes[0].contains("younger"), "{report:?}");
}

#[tokio::test]
async fn u14_nothing_but_exact_probes_is_ever_touched() {
    let old = probe(1, 2 * 3600);
    let exact = record(&old);
    let owner = exact.name.to_ascii();
    let renamed = |owner: &str| Record::from_rdata(Name::from_ascii(owner).unwrap(), 60, exact.data.clone());
    let strangers = zone()
        .record(exact.clone())
        .txt(&owner, &["a stranger at our name"])
        .record(renamed("www.example.test."))
        .record(renamed("short._dnsconverge.example.test."))
        .record(renamed(&format!("{}.www.example.test.", owner.split('.').next().unwrap())))
        .txt("aaaaaaaaaaaaaaaaaaaaaaaaaa._dnsconverge", &["dnsconverge=1"])
        .txt("bbbbbbbbbbbbbbbbbbbbbbbbbb._dnsconverge", &["anything"])
        .a("cccccccccccccccccccccccccc._dnsconverge", [192, 0, 2, 9]);
    let before = strangers.count();
    let server = Lab::primary(strangers).start().await.unwrap();
    let report = run(of_zone(&server, HOUR)).await.unwrap();
    assert_eq!((outcomes(&report), report.exit_status()), (vec![&Swept::Removed], 0));
    assert_eq!(server.zone().count(), before - 1);
}

#[tokio::test]
async fn u14_a_zone_is_only_listed_if_so_wanted() {
    let ages = [2, 9, 4, 7];
    let zone = (1..).zip(ages).fold(zone(), |zone, (seed, hours)| zone.record(record(&probe(seed, hours * 3600))));
    let server = Lab::primary(zone).start().await.unwrap();
    let report = run(of_zone(&server, HOUR).list_only()).await.unwrap();
    assert_eq!((outcomes(&report), server.count(Request::is_update)), (vec![&Swept::Listed; 4], 0));
    let hours: Vec<u64> = report.probes.iter().map(|probe| probe.age_seconds / 3600).collect();
    assert_eq!(hours, [9, 7, 4, 2], "oldest first");
}

#[tokio::test]
async fn u14_a_probe_that_is_not_shown_is_deleted_all_the_same() {
    let gone = Fault::new(On::Query, Act::answer_from(zone()));
    let server = Lab::primary(zone().record(record(&probe(1, 60)))).fault(gone).start().await.unwrap();
    let report = run(of_zone(&server, Duration::ZERO)).await.unwrap();
    assert_eq!((outcomes(&report), server.count(Request::is_update)), (vec![&Swept::AlreadyGone], 1));
    assert!(server.zone().below("_dnsconverge").is_empty(), "the transfer had shown it");
}

#[tokio::test]
async fn u14_a_zone_that_cannot_be_searched_is_an_error() {
    let server = Lab::primary(zone()).transfer_by(Access::Nobody).start().await.unwrap();
    let refused = run(of_zone(&server, HOUR)).await;
    assert!(matches!(refused, Err(SweepError::Transfer(_))), "{refused:?}");
}

#[tokio::test]
async fn u13_a_sweep_that_is_stopped_says_so() {
    let left = probe(1, 20);
    let server = Lab::primary(zone().record(record(&left))).start().await.unwrap();
    let journal = journal_of(&left, &server, None);
    let sweep = Sweep::journal(journal.path()).unsigned();
    let report = sweep.run_until(std::future::ready(()), |_| ()).await.unwrap();
    assert_eq!((report.exit_status(), entries(&journal), server.count(Request::is_update)), (2, 1, 0));
}

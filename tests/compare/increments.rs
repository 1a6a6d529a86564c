//! A source that does not stand still, met by what it tells of its changes (IXFR).

use super::lab::{Act, Fault, Lab, On, Request, ServerBuilder, Zone};
use super::{changes, peers, quick, run, serve};
use dnsconverge::diff::DiffPolicy;
use dnsconverge::report::ComparisonVerdict::{Different, Equal, Moving};
use dnsconverge::report::{Basis, ComparisonVerdict};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, Record, RecordType};
use tokio::task::JoinSet;

/// Version 7.
fn old() -> Zone {
    Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]).a("www", [192, 0, 2, 1]).hosts(20)
}

/// Version 8: one record goes, one comes.
fn new() -> Zone {
    let mut zone = old().soa(8);
    zone.remove("www", RecordType::A);
    zone.a("mail", [192, 0, 2, 25])
}

/// A primary of `now` that changes under its first `times` transfers: each shows `then`, between a SOA that does and one
/// that does not.
fn restless(then: &Zone, now: Zone, times: usize) -> ServerBuilder {
    let shows = |on| Fault::new(on, Act::answer_from(then.clone()));
    let soa = shows(On::QueryOf(RecordType::SOA)).every(2).first(times);
    Lab::primary(now).journal([then.clone()]).fault(soa).fault(shows(On::QueryOf(RecordType::AXFR)).first(times))
}

/// How many transfers of that type a server was asked for.
fn asked(server: &super::Server, rtype: RecordType) -> usize {
    server.count(|request: &Request| request.is_transfer() && request.record_type() == rtype)
}

/// More transfers than any test makes.
const ALWAYS: usize = 1000;

#[tokio::test]
async fn i9_a_moving_source_is_met_by_its_changes_and_only_after_whole_transfers_twice() {
    let (base, target) = (restless(&old(), new(), ALWAYS).start().await.unwrap(), serve(new()).await);
    for sides in [[&base, &target], [&target, &base]] {
        let compared = run(&quick(peers(&sides))).await;
        assert_eq!((compared.verdict(), compared.report().exit_status()), (Equal, 0), "{:?}", compared.comparison());
        assert_eq!(compared.comparison().basis, Some(Basis::AxfrAndIxfr));
        let row = |server: &super::Server| {
            compared.comparison().sides.iter().find(|row| row.address == Some(server.address())).unwrap().clone()
        };
        assert_eq!((row(&base).basis, row(&base).serial), (Some(Basis::AxfrAndIxfr), Some(8)));
        assert_eq!((row(&target).basis, row(&target).serial), (Some(Basis::Axfr), Some(8)));
        assert!(changes(&compared).is_empty() && compared.comparison().changes_total == 0);
        assert!(compared.report().to_string().contains("axfr+ixfr"), "{}", compared.report());
    }
    assert_eq!(
        (asked(&base, RecordType::AXFR), asked(&base, RecordType::IXFR)),
        (12, 4),
        "three and one, twice, twice"
    );
}

#[tokio::test]
async fn i9_a_source_that_then_stands_still_is_confirmed_by_axfr() {
    let (base, target) = (restless(&old(), new(), 3).start().await.unwrap(), serve(new()).await);
    let compared = run(&quick(peers(&[&base, &target]))).await;
    assert_eq!((compared.verdict(), compared.comparison().basis), (Equal, Some(Basis::Axfr)));
    assert_eq!((asked(&base, RecordType::AXFR), asked(&base, RecordType::IXFR)), (4, 1));
}

#[tokio::test]
async fn i9_a_journal_that_leaves_out_a_change_is_found_out_by_axfr() {
    // The change comes with a serial, and the journal has the serial alone; so the secondary has.
    let (truth, told) = (new(), old().soa(8));
    let lie = Fault::new(On::QueryOf(RecordType::IXFR), Act::answer_from(told.clone()));
    let base = restless(&old(), truth, 3).fault(lie).start().await.unwrap();
    let target = serve(told).await;
    let compared = run(&quick(peers(&[&base, &target]))).await;
    assert_eq!((compared.verdict(), changes(&compared).len()), (Different, 2), "{:?}", compared.comparison());
    let (findings, told) = (&compared.comparison().findings, format!("{}: journal inconsistent", base.address()));
    assert!(findings.iter().any(|finding| finding.starts_with(&told)), "{findings:?}");
}

#[tokio::test]
async fn i9_no_equality_rests_on_increments_alone() {
    let (one, other) = (restless(&old(), new(), ALWAYS), restless(&old(), new(), ALWAYS));
    let (one, other) = (one.start().await.unwrap(), other.start().await.unwrap());
    let compared = run(&quick(peers(&[&one, &other]))).await;
    assert_ne!(compared.comparison().basis, Some(Basis::AxfrAndIxfr), "neither has sent version 8");
}

/// Version 9: one more record.
fn newest() -> Zone {
    new().soa(9).a("last", [192, 0, 2, 9])
}

#[tokio::test]
async fn i9_a_side_that_stands_between_two_serials_of_an_account_is_met_there() {
    // The base sends version 7 and has gone on to 9 by way of 8, where the other one is.
    let base = restless(&old(), newest(), ALWAYS).journal([old(), new()]).start().await.unwrap();
    let target = serve(new()).await;
    for sides in [[&base, &target], [&target, &base]] {
        let compared = run(&quick(peers(&sides))).await;
        assert_eq!((compared.verdict(), compared.report().exit_status()), (Equal, 0), "{:?}", compared.comparison());
        assert_eq!(compared.comparison().basis, Some(Basis::AxfrAndIxfr));
        assert!(compared.comparison().sides.iter().all(|row| row.serial == Some(8)), "{:?}", compared.comparison());
    }
}

#[tokio::test]
async fn i9_two_sides_that_both_move_are_met_where_one_of_them_was_sent() {
    let base = restless(&old(), newest(), ALWAYS).journal([old(), new()]).start().await.unwrap();
    let target = restless(&new(), newest(), ALWAYS).journal([new()]).start().await.unwrap();
    let compared = run(&quick(peers(&[&base, &target]))).await;
    assert_eq!((compared.verdict(), compared.comparison().basis), (Equal, Some(Basis::AxfrAndIxfr)));
    let [base, target] = compared.comparison().sides.as_slice() else { panic!("two sides") };
    assert_eq!((base.serial, base.basis), (Some(8), Some(Basis::AxfrAndIxfr)));
    assert_eq!((target.serial, target.basis), (Some(8), Some(Basis::Axfr)), "it sent that version itself");
}

#[tokio::test]
async fn i9_what_differs_between_two_serials_of_an_account_is_no_meeting() {
    let base = restless(&old(), newest(), ALWAYS).journal([old(), new()]).start().await.unwrap();
    let target = serve(new().a("other", [192, 0, 2, 99])).await;
    assert_eq!(run(&quick(peers(&[&base, &target]))).await.verdict(), Moving);
}

#[tokio::test]
async fn i5_changes_of_what_is_not_there_meet_nothing() {
    let ghost = |zone: Zone| zone.a("ghost", [192, 0, 2, 66]);
    // The journal's version 7 has a record that the transfer of version 7 had not.
    let base = restless(&old(), new(), ALWAYS).journal([ghost(old())]).start().await.unwrap();
    let target = serve(new()).await;
    assert_eq!(run(&quick(peers(&[&base, &target]))).await.verdict(), Moving);
    assert!(asked(&base, RecordType::IXFR) > 0);
}

#[tokio::test]
async fn i8_a_server_without_a_journal_is_moving_as_before() {
    let base = restless(&old(), new(), ALWAYS).journal([]).start().await.unwrap();
    let compared = run(&quick(peers(&[&base, &serve(new()).await]))).await;
    assert_eq!((compared.verdict(), asked(&base, RecordType::IXFR)), (Moving, 1));
}

#[tokio::test]
async fn whoever_insists_on_axfr_or_leaves_something_out_has_it_alone() {
    for insist in [true, false] {
        let (base, target) = (restless(&old(), new(), ALWAYS).start().await.unwrap(), serve(new()).await);
        let sides = quick(peers(&[&base, &target]));
        let sides = if insist { sides.whole_transfers_only() } else { sides.policy(DiffPolicy::exact().ignore_ttl()) };
        assert_eq!(run(&sides).await.verdict(), Moving);
        assert_eq!(asked(&base, RecordType::IXFR), 0);
    }
}

#[tokio::test]
async fn a_difference_beside_the_changes_is_no_meeting() {
    let other = new().a("other", [192, 0, 2, 99]);
    let (base, target) = (restless(&old(), new(), ALWAYS).start().await.unwrap(), serve(other).await);
    let compared = run(&quick(peers(&[&base, &target]))).await;
    assert_eq!((compared.verdict(), compared.comparison().changes.len()), (Moving, 0));
}

/// The verdict on this base and a target that holds the zone, what it rests on, and how often the base was asked for IXFR.
async fn verdict(base: ServerBuilder, zone: Zone) -> (ComparisonVerdict, Option<Basis>, usize) {
    let (base, target) = (base.start().await.unwrap(), serve(zone).await);
    let compared = run(&quick(peers(&[&base, &target]))).await;
    assert_eq!(changes(&compared).len(), 0);
    (compared.verdict(), compared.comparison().basis, asked(&base, RecordType::IXFR))
}

/// While the source moves it is never told to be equal on this fault's account of its changes; where it stands still at the
/// third look, its whole zone is what counts.
async fn only_whole_transfers_count(fault: Fault) {
    let moving = verdict(restless(&old(), new(), ALWAYS).fault(fault.clone()), new()).await;
    assert!(moving.0 == Moving && moving.2 > 0, "{moving:?}");
    let still = verdict(restless(&old(), new(), 2).fault(fault), new()).await;
    assert_eq!((still.0, still.1), (Equal, Some(Basis::Axfr)));
}

#[tokio::test]
async fn h094_a_server_that_never_answers_ixfr_is_compared_by_whole_transfers() {
    let codes = [ResponseCode::NotImp, ResponseCode::ServFail, ResponseCode::FormErr, ResponseCode::Refused];
    let refuses = |code| Fault::new(On::QueryOf(RecordType::IXFR), Act::Rcode(code));
    let all: JoinSet<()> = codes.map(refuses).map(only_whole_transfers_count).into_iter().collect();
    all.join_all().await;
}

#[tokio::test]
async fn h095_an_account_of_changes_that_is_wrong_never_makes_two_zones_equal() {
    type Edit = fn(Vec<Record>) -> Vec<Record>;
    let wrong: [Edit; 5] = [
        // A gap between the steps, and a start at another version.
        |records| edited(records, |index, serial| (index == 2).then_some(serial + 1)),
        |records| edited(records, |index, serial| (index == 1).then_some(serial - 1)),
        // A deletion of what is not there, and an addition of what is.
        |records| with(records, "ghost", 2),
        |records| with(records, "ns", 4),
        // Cut off.
        |records| records[..records.len() - 1].to_vec(),
    ];
    let account = |edit: Edit| Fault::new(On::QueryOf(RecordType::IXFR), Act::records(edit));
    let all: JoinSet<()> = wrong.map(account).map(only_whole_transfers_count).into_iter().collect();
    all.join_all().await;
}

/// The records, with what the closure gives for the serial of the SOA of this number.
fn edited(mut records: Vec<Record>, serial: impl Fn(usize, u32) -> Option<u32>) -> Vec<Record> {
    let soas = records.iter_mut().filter_map(|record| match &mut record.data {
        RData::SOA(soa) => Some(soa),
        _ => None,
    });
    for (index, soa) in soas.enumerate() {
        soa.serial = serial(index, soa.serial).unwrap_or(soa.serial);
    }
    records
}

/// The records, with the address of this host once more at this place.
fn with(mut records: Vec<Record>, host: &str, place: usize) -> Vec<Record> {
    let zone = old().a("ghost", [192, 0, 2, 66]);
    records.splice(place..place, zone.rrset(&zone.name(host), RecordType::A));
    records
}

#[tokio::test]
async fn h097_two_histories_of_one_zone_are_one_zone() {
    let last = || new().soa(9);
    let mut half = old().soa(8);
    half.remove("www", RecordType::A);
    let passing = old().soa(8).a("passing", [192, 0, 2, 77]);
    // One tells the whole way in one step, one in two; what came and went between two looks, nobody can say of the whole.
    let histories = [
        (vec![old()], (Equal, Some(Basis::AxfrAndIxfr))),
        (vec![old(), half], (Equal, Some(Basis::AxfrAndIxfr))),
        (vec![old(), passing], (Moving, Some(Basis::Axfr))),
    ];
    let all: JoinSet<()> = histories
        .map(|(journal, expected)| async move {
            let steps = journal.len();
            let moving = verdict(restless(&old(), last(), ALWAYS).journal(journal.clone()), last()).await;
            assert_eq!((moving.0, moving.1), expected, "{steps} steps");
            let still = verdict(restless(&old(), last(), 2).journal(journal), last()).await;
            assert_eq!((still.0, still.1), (Equal, Some(Basis::Axfr)), "{steps} steps: AXFR confirms");
        })
        .into_iter()
        .collect();
    all.join_all().await;
}

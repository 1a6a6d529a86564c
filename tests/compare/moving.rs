//! Sides that do not stand still, contradict themselves, or are behind.

use super::lab::{Act, Fault, Lab, On, Request, ServerBuilder, TransferFault, Zone};
use super::{changes, compare, error_of, other_zone, peers, quick, run, serve, transfers, zone};
use dnsconverge::diff::{ChangeKind, SoaFields};
use dnsconverge::report::ComparisonVerdict::{Different, Equal, Moving, NotCompared};
use dnsconverge::report::EventKind;
use hickory_proto::rr::{RData, RecordType};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A server that shows another zone to as many requests as `act` is hit by.
fn showing(zone: Zone, shown: Zone, on: On, hits: impl Fn(Fault) -> Fault) -> ServerBuilder {
    Lab::primary(zone).fault(hits(Fault::new(on, Act::answer_from(shown))))
}

/// Makes every answer to a question for the SOA show a serial of its own.
fn restless() -> Fault {
    let serial = AtomicU32::new(100);
    let act = Act::each_message(move |_, message| {
        for record in &mut message.answers {
            if let RData::SOA(soa) = &mut record.data {
                soa.serial = serial.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    Fault::new(On::QueryOf(RecordType::SOA), act)
}

#[tokio::test]
async fn s7_a_side_that_changes_under_every_pull_is_moving() {
    for restless_side in [0, 1] {
        let (still, moving) = (serve(zone()).await, Lab::primary(zone()).fault(restless()).start().await.unwrap());
        let sides = if restless_side == 0 { [&moving, &still] } else { [&still, &moving] };
        let compared = compare(&sides).await;
        assert_eq!(compared.verdict(), Moving);
        let error = error_of(&compared, restless_side);
        assert!(error.contains("100") || error.contains("104"), "{error}");
        assert_eq!((transfers(&moving), changes(&compared).len()), (3, 0));
        assert_eq!(moving.connections(), 3, "A20");
    }
}

#[tokio::test]
async fn s7_a_side_that_changed_before_or_after_its_transfer_is_pulled_again() {
    for (earlier, serial) in [(0, 6), (1, 8)] {
        let once = |fault: Fault| fault.after(earlier).first(1);
        let shown = zone().soa(serial);
        let target = showing(zone(), shown, On::QueryOf(RecordType::SOA), once).start().await.unwrap();
        let base = serve(zone()).await;
        assert_eq!(compare(&[&base, &target]).await.verdict(), Equal);
        assert_eq!(transfers(&target), 2);
    }
}

#[tokio::test]
async fn s5_a_serial_that_goes_backward_is_told_with_both_serials() {
    let alternating = |fault: Fault| fault.every(2);
    let target = showing(zone(), zone().soa(9), On::QueryOf(RecordType::SOA), alternating).start().await.unwrap();
    let base = serve(zone()).await;
    let compared = compare(&[&base, &target]).await;
    let error = error_of(&compared, 1);
    assert_eq!(compared.verdict(), Moving);
    assert!(
        error.contains("9 before, 7 in the transfer") && error.contains("two servers behind one address"),
        "{error}"
    );
}

#[tokio::test]
async fn s7_a_zone_that_never_is_the_same_twice_is_moving_and_never_different() {
    let mut base = Lab::primary(zone());
    for round in 0..6_u8 {
        let shown = zone().soa(20 + u32::from(round)).txt("round", &[&round.to_string()]);
        // Each time SOA, transfer, SOA; before the second time, one look whether the first still stands.
        let (hits, asked) = match usize::from(round) {
            0 => (0, 3),
            1 => (3, 4),
            round => (3 * round + 1, 3),
        };
        base = base.fault(Fault::new(On::Any, Act::answer_from(shown)).after(hits).first(asked));
    }
    let (base, target) = (base.start().await.unwrap(), serve(zone().soa(100)).await);
    let compared = compare(&[&base, &target]).await;
    assert_eq!(compared.verdict(), Moving);
    assert!(changes(&compared).is_empty() && compared.comparison().changes.is_empty());
    assert!(compared.comparison().notes.join("\n").contains("6 pulls"), "{:?}", compared.comparison().notes);
}

#[tokio::test]
async fn a_difference_that_vanishes_on_the_second_pull_is_not_reported() {
    let once = |fault: Fault| fault.first(3);
    let target = showing(zone(), other_zone().soa(8), On::Any, once).start().await.unwrap();
    let base = serve(zone()).await;
    let compared = compare(&[&base, &target]).await;
    assert_eq!((compared.verdict(), changes(&compared).len()), (Equal, 0));
    assert_eq!((transfers(&base), transfers(&target)), (2, 2));
}

#[tokio::test]
async fn a31_a_side_with_two_contents_at_one_serial_is_inconsistent() {
    for flipping in [0, 1] {
        let alternating = |fault: Fault| fault.every(2);
        let flip = showing(zone(), other_zone(), On::Transfer, alternating).start().await.unwrap();
        let still = serve(zone()).await;
        let sides = if flipping == 0 { [&flip, &still] } else { [&still, &flip] };
        let compared = compare(&sides).await;
        assert_eq!(compared.verdict(), NotCompared);
        assert_eq!(error_of(&compared, flipping), "it showed two different contents at serial 7");
        assert_eq!(error_of(&compared, 1 - flipping), "");
        assert!(changes(&compared).is_empty() && compared.comparison().changes.is_empty());
    }
}

#[tokio::test]
async fn a31_a_server_that_never_sends_the_same_octets_is_confirmed_by_whole_pulls() {
    let mut restless = Lab::primary(other_zone());
    for (number, seed) in (0..4).zip(1..) {
        restless = restless.fault(Fault::transfer(TransferFault::Shuffled(seed)).after(number).first(1));
    }
    let (base, target) = (serve(zone()).await, restless.start().await.unwrap());
    let compared = compare(&[&base, &target]).await;
    assert_eq!((compared.verdict(), changes(&compared).len()), (Different, 1));
    assert!(transfers(&target) > 2, "{}", transfers(&target));
}

// A side that is behind

#[tokio::test]
async fn a_side_that_is_behind_and_advancing_is_waited_for() {
    let base = serve(zone()).await;
    let target = Lab::secondary_of(&base).paused().start().await.unwrap();
    base.publish(|zone| zone.add_txt("new", &["record"]));
    let patient = quick(peers(&[&base, &target])).standstill(Duration::from_secs(30));
    let catch_up = async {
        target.wait_for(Request::is_transfer).await;
        target.resume();
    };
    let (compared, ()) = tokio::join!(run(&patient), catch_up);
    assert_eq!(compared.verdict(), Equal);
    assert_eq!(transfers(&target), 2, "once behind, once there");
}

#[tokio::test]
async fn many_small_steps_of_a_side_that_catches_up_are_one_more_pull() {
    let (base, target) = (serve(zone().soa(12)).await, serve(zone()).await);
    let is_soa = |request: &Request| request.record_type() == RecordType::SOA;
    let follow = async {
        for step in 1..=5 {
            while target.count(is_soa) < 2 + step {
                tokio::task::yield_now().await;
            }
            target.publish(|_| ());
        }
        std::future::pending::<()>().await;
    };
    let patient = quick(peers(&[&base, &target])).standstill(Duration::from_secs(30));
    let mut seen = Vec::new();
    let watching = patient.run_until(std::future::pending(), |event| {
        if let EventKind::SerialSeen { serial, .. } = event.kind {
            seen.push(serial);
        }
    });
    let compared = tokio::select! {
        compared = watching => compared.unwrap(),
        () = follow => unreachable!("it never ends"),
    };
    assert_eq!(seen, [7, 8, 9, 10, 11, 12], "and each is told");
    assert_eq!((compared.verdict(), transfers(&target), transfers(&base)), (Equal, 2, 2));
}

#[tokio::test]
async fn s6_a_side_that_is_behind_and_stands_still_is_compared_as_it_is() {
    for (ahead, behind) in [(7, 6), (1, u32::MAX)] {
        let (base, target) = (serve(zone().soa(ahead)).await, serve(zone().soa(behind)).await);
        let compared = compare(&[&base, &target]).await;
        assert_eq!(compared.verdict(), Different);
        assert_eq!(changes(&compared)[0].kind, ChangeKind::Soa(SoaFields::SERIAL));
        let looks = target.count(|request| request.record_type() == RecordType::SOA);
        assert!(looks > 4, "it was looked at between the pulls: {looks}");
    }
}

#[tokio::test]
async fn a_side_that_is_behind_is_not_waited_for_after_the_deadline() {
    let (base, target) = (serve(zone()).await, serve(zone().soa(6)).await);
    let now = quick(peers(&[&base, &target])).for_at_most(Duration::ZERO).standstill(Duration::MAX);
    assert_eq!(run(&now).await.verdict(), Different);
    assert_eq!(target.count(|request| request.record_type() == RecordType::SOA), 4, "around two pulls, not between");
}

#[tokio::test]
async fn l6_a_side_that_falls_silent_while_it_is_behind_does_not_hold_up_the_others() {
    let base = serve(zone().soa(9)).await;
    let silent = Lab::primary(zone().soa(8)).fault(Fault::new(On::Query, Act::Lose).after(2).first(2)).start().await;
    let (silent, late) = (silent.unwrap(), serve(zone().soa(8)).await);
    let catch_up = async {
        late.wait_for(Request::is_transfer).await;
        late.publish(|_| ());
    };
    let patient = quick(peers(&[&base, &silent, &late]));
    let (compared, ()) = tokio::join!(run(&patient), catch_up);
    let rows = &compared.comparison().changes;
    assert_eq!(rows.iter().map(|row| row.address).collect::<Vec<_>>(), [Some(silent.address())]);
}

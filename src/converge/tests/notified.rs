//! NOTIFY moves the next question forward, and nothing else (N1, N4, N5).

use super::{Drive, plan, truth};
use crate::converge::{Ask, Input, Schedule, Side, UpdateKind};
use crate::report::EventKind;
use crate::update::Outcome;
use std::net::IpAddr;
use std::time::Duration;

/// 192.0.2.`last`, as IPv6 writes it.
fn mapped(last: u8) -> IpAddr {
    IpAddr::V6(std::net::Ipv4Addr::new(192, 0, 2, last).to_ipv6_mapped())
}

/// 192.0.2.`last`.
fn from(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

/// A run with two destinations whose first poll did not show the probe, in the pause after that.
fn pausing() -> Drive {
    let schedule = Schedule::every(Duration::from_secs(10)).for_at_most(Duration::from_secs(600));
    let mut drive = Drive::start(plan(2).schedule(schedule));
    loop {
        drive.answer(&mut honest, &mut |_| Some(Outcome::Applied));
        if drive.told(|kind| matches!(kind, EventKind::Planted { .. })) {
            return drive;
        }
        drive.wait();
    }
}

/// The source shows the probe once it was added; nobody else does.
#[expect(clippy::unnecessary_wraps, reason = "what plays a server may stay silent")]
fn honest(ask: &Ask) -> Option<crate::converge::Answer> {
    let is_before = ask.asked == crate::converge::Asked::Probe && ask.side == Side::Source && ask.request.0 < 6;
    Some(truth(ask, ask.side == Side::Source && !is_before))
}

/// Who is asked because of a NOTIFY from there, so long after the last question.
fn asked(drive: &mut Drive, from: IpAddr, later: Duration) -> Vec<Side> {
    drive.now += later;
    drive.input(Input::Notified { from, serial: Some(8) });
    let mut sides: Vec<Side> = std::mem::take(&mut drive.asks).into_iter().map(|ask| ask.side).collect();
    sides.sort_by_key(|side| format!("{side:?}"));
    sides
}

/// N2: a destination that says that it has something new is asked at once; the source's word is about all of them.
#[test]
fn n2_whom_a_notify_is_about_is_asked_at_once() {
    let both = [Side::Destination(0), Side::Destination(1)];
    for (sender, expected) in [
        (from(2), &both[..1]),
        (mapped(3), &both[1..]),
        (from(1), &both[..]),
        (mapped(1), &both[..]),
        (from(9), &both[..0]),
    ] {
        assert_eq!(asked(&mut pausing(), sender, Duration::from_millis(1)), expected, "{sender}");
    }
}

/// N4: of many within an interval one counts; after it the next one does.
#[test]
fn n4_of_many_within_an_interval_one_counts() {
    let mut drive = pausing();
    assert_eq!(asked(&mut drive, from(2), Duration::from_millis(1)), [Side::Destination(0)]);
    let ask = |drive: &mut Drive| drive.answer(&mut honest, &mut |_| Some(Outcome::Applied));
    // The question is open: it is not asked twice, and what is not answered is not asked again by this.
    assert_eq!(asked(&mut drive, from(2), Duration::from_millis(1)), []);
    ask(&mut drive);
    assert_eq!(asked(&mut drive, from(3), Duration::from_millis(1)), [Side::Destination(1)], "each has its own");
    let mut drive = pausing();
    let first = drive.asks.len();
    drive.input(Input::Notified { from: from(2), serial: None });
    assert_eq!(drive.asks.len(), first + 1);
    ask(&mut drive);
    assert_eq!(asked(&mut drive, from(2), Duration::from_secs(2)), [], "2 s after the last one");
}

/// N1: before there is a change a NOTIFY is about another one; at the end it is about nothing.
#[test]
fn n1_before_the_add_and_after_the_end_it_says_nothing() {
    let mut drive = Drive::start(plan(1));
    let open = drive.asks.len();
    drive.input(Input::Notified { from: from(1), serial: Some(8) });
    assert_eq!((drive.asks.len(), drive.told(|kind| matches!(kind, EventKind::Notified { .. }))), (open, false));
    drive.finish(&mut |ask| Some(truth(ask, false)), &mut |_| {
        Some(Outcome::Refused { rcode: crate::wire::Rcode::REFUSED })
    });
    drive.input(Input::Notified { from: from(1), serial: Some(8) });
    assert!(!drive.told(|kind| matches!(kind, EventKind::Notified { .. })));
}

/// L8: a flood is told fifty times, and the run goes on as it would have.
#[test]
fn l8_a_flood_is_told_fifty_times() {
    let mut drive = pausing();
    for _ in 0..200 {
        drive.input(Input::Notified { from: from(1), serial: Some(8) });
    }
    assert_eq!(drive.events.iter().filter(|event| matches!(event.kind, EventKind::Notified { .. })).count(), 50);
    assert_eq!(drive.asks.len(), 2);
    assert_eq!(drive.sent, [UpdateKind::Plant]);
}

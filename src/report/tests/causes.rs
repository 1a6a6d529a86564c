//! From evidence to causes: each row of the table is one situation, and what is said first about it.

use super::super::evidence::Sample;
use super::super::{AnswerKind, Case, Cause, Evidence, Finding, Heard, Timers, causes, findings};
use crate::wire::Transport;

/// The timers of the zone: an hour, ten minutes, a week.
const TIMERS: Timers = Timers { refresh: 3600, retry: 600, expire: 604_800, negative_ttl: 300 };

/// An answer that shows this.
fn sample(shows: AnswerKind) -> Sample<'static> {
    Sample { transport: Some(Transport::Udp), node: None, shows, serial: None, ttl: None }
}

/// The evidence about a server with this serial before the run, after these answers.
fn evidence(first_serial: u32, answers: &[AnswerKind]) -> Evidence {
    let mut evidence = Evidence { first_serial: Some(first_serial), timers: Some(TIMERS), ..Evidence::default() };
    for shows in answers {
        evidence.count(sample(*shows));
    }
    evidence
}

/// What is said of a destination with this serial that last showed this, its source having gone from serial 10 to 11.
fn said(serial: u32, last: AnswerKind, heard: Heard, waited: u64) -> Vec<&'static str> {
    let (source, destination) = (evidence(10, &[]), evidence(serial, &[last]));
    let case = Case {
        source: &source,
        source_serial: Some(11),
        destination: &destination,
        serial: Some(serial),
        heard,
        waited,
        planted: true,
        lease_over: None,
    };
    causes(&case).iter().map(Cause::word).collect()
}

#[test]
fn the_last_answer_comes_first() {
    for (last, word) in [
        (AnswerKind::Silence, "unreachable"),
        (AnswerKind::Refusal, "refused"),
        (AnswerKind::Failure, "failing"),
        (AnswerKind::NoAuthority, "no_authority"),
        (AnswerKind::Resolver, "resolver"),
        (AnswerKind::Hidden, "hidden"),
        (AnswerKind::OtherCode, "unknown"),
        (AnswerKind::Unusable, "unknown"),
    ] {
        assert_eq!(
            said(10, last, Heard::NotListening, 30),
            [word],
            "{last:?}: a serial says nothing of who does not answer"
        );
    }
    assert_eq!(said(11, AnswerKind::OtherRecords, Heard::NotListening, 30), ["other_records", "same_serial"]);
}

#[test]
fn s1_serials_are_read_on_their_circle() {
    for (serial, words) in [
        (10, &["waits_for_refresh", "transfer_fails"][..]),
        (11, &["same_serial"]),
        (12, &["ahead"]),
        (11_u32.wrapping_add(1 << 31), &["not_comparable"]),
        (11_u32.wrapping_sub((1 << 31) - 1), &["waits_for_refresh", "transfer_fails"]),
    ] {
        assert_eq!(said(serial, AnswerKind::Absence, Heard::NotListening, 30), words, "{serial}");
    }
}

#[test]
fn who_was_told_or_has_had_time_to_look_cannot_fetch() {
    let order = |heard, waited| said(10, AnswerKind::Absence, heard, waited)[0];
    assert_eq!(order(Heard::NotListening, 4200), "waits_for_refresh");
    assert_eq!(order(Heard::NotListening, 4201), "transfer_fails", "REFRESH and RETRY are over");
    assert_eq!(order(Heard::Notify, 30), "transfer_fails", "the source notifies, so it was probably told");
    assert_eq!(order(Heard::Nothing, 30), "waits_for_refresh");
}

#[test]
fn u8_a_serial_that_stands_explains_everything_behind_it() {
    let (source, destination) = (evidence(11, &[]), evidence(11, &[AnswerKind::Absence]));
    let case = Case {
        source: &source,
        source_serial: Some(11),
        destination: &destination,
        serial: Some(11),
        heard: Heard::NotListening,
        waited: 30,
        planted: true,
        lease_over: None,
    };
    assert_eq!(causes(&case), [Cause::SerialStands { serial: 11 }]);
    let watched = Case { planted: false, ..case };
    assert_eq!(causes(&watched), [Cause::SameSerial { serial: 11 }], "what is watched may have been changed before");
}

#[test]
fn who_moved_during_the_run_follows_slowly() {
    let (source, destination) = (evidence(10, &[]), evidence(7, &[AnswerKind::Absence]));
    let case = Case {
        source: &source,
        source_serial: Some(11),
        destination: &destination,
        serial: Some(9),
        heard: Heard::NotListening,
        waited: 30,
        planted: true,
        lease_over: None,
    };
    assert_eq!(causes(&case), [Cause::Advancing { from: 7, serial: 9, source: 11 }]);
    let unknown = Case { serial: None, ..case };
    assert_eq!(causes(&unknown), [Cause::Unknown]);
}

#[test]
fn p2_a_pool_is_counted_from_the_first_answer_with_the_probe() {
    let mut pool = Evidence::default();
    pool.name("a", "NSID");
    pool.name("b", "NSID");
    let answer = |node, shows| Sample { node: Some(node), ..sample(shows) };
    pool.count(answer("b", AnswerKind::Absence));
    for _ in 0..4 {
        pool.count(answer("a", AnswerKind::Current));
        pool.count(answer("b", AnswerKind::Absence));
    }
    pool.count(sample(AnswerKind::Silence));
    assert_eq!((pool.sampling.stale, pool.sampling.since_first_seen), (4, 8), "silence is not stale");
    let mixed = Finding::Mixed { stale: 4, of: 8, nodes: vec!["b".to_owned()] };
    assert_eq!(findings(None, &pool, true), std::slice::from_ref(&mixed));
    assert_eq!(mixed.to_string(), "4 of 8 answers since it first showed the change were stale (nodes b)");
}

#[test]
fn v9_who_calls_itself_as_the_source_does_is_named() {
    let (mut source, mut destination) = (Evidence::default(), Evidence::default());
    source.name("ns1", "NSID");
    destination.name("ns2", "NSID");
    assert_eq!(findings(Some(&source), &destination, true), []);
    destination.name("ns1", "id.server");
    assert_eq!(findings(Some(&source), &destination, true), [Finding::SameAsSource { identity: "ns1".to_owned() }]);
}

/// Case 59: who shows the change at once and does not say who it is may be the source itself.
#[test]
fn v9_who_shows_it_at_once_and_has_no_name_is_told() {
    let (mut source, mut destination) = (Evidence::default(), Evidence::default());
    for shows in [AnswerKind::Current; 3] {
        destination.count(Sample { transport: Some(Transport::Udp), ..sample(shows) });
    }
    assert_eq!(findings(Some(&source), &destination, true), [Finding::AtOnce]);
    assert_eq!(findings(Some(&source), &destination, false), [], "what was there before is no news");
    let mut late = Evidence::default();
    for shows in [AnswerKind::Absence, AnswerKind::Current] {
        late.count(Sample { transport: Some(Transport::Udp), ..sample(shows) });
    }
    assert_eq!(findings(Some(&source), &late, true), []);
    source.name("ns1", "NSID");
    assert_eq!(findings(Some(&source), &destination, true), [Finding::AtOnce], "both must have a name");
    destination.name("ns2", "NSID");
    assert_eq!(findings(Some(&source), &destination, true), []);
    assert_eq!(findings(Some(&source), &Evidence::default(), true), [], "nothing was asked");
}

#[test]
fn p3_only_a_ttl_that_falls_at_one_node_is_a_cache() {
    let falls = |samples: &[(&'static str, AnswerKind, u32)]| {
        let mut evidence = Evidence::default();
        for (node, shows, ttl) in samples {
            evidence.count(Sample { node: Some(node), ttl: Some(*ttl), ..sample(*shows) });
        }
        evidence.sampling.ttl_falls
    };
    assert!(falls(&[("a", AnswerKind::Current, 60), ("a", AnswerKind::Current, 59)]));
    assert!(falls(&[("a", AnswerKind::Absence, 300), ("a", AnswerKind::Absence, 298)]), "of a denial it is the SOA's");
    assert!(!falls(&[("a", AnswerKind::Absence, 300), ("a", AnswerKind::Current, 60), ("a", AnswerKind::Current, 60)]));
    assert!(!falls(&[("a", AnswerKind::Current, 300), ("b", AnswerKind::Current, 60)]), "another node may clamp it");
    assert!(!falls(&[("a", AnswerKind::Current, 59), ("a", AnswerKind::Current, 60)]));
}

#[test]
fn l8_names_and_errors_of_an_attacker_do_not_fill_the_report() {
    let mut evidence = Evidence::default();
    for number in 0..1000 {
        evidence.name(&format!("node-{number}"), "NSID");
        evidence.explain(&[format!("EDE {number}")]);
    }
    assert_eq!((evidence.nodes.len(), evidence.extended_errors.len()), (16, 8));
}

#[test]
fn every_cause_has_a_word_a_text_and_an_advice() {
    let timers = TIMERS;
    let (serial, source) = (7, 9);
    let all = [
        Cause::Unreachable,
        Cause::Refused,
        Cause::Failing { expire: Some(604_800) },
        Cause::Failing { expire: None },
        Cause::NoAuthority,
        Cause::Resolver,
        Cause::Hidden,
        Cause::OtherRecords,
        Cause::Mixed { stale: 2, of: 10, nodes: vec!["a".to_owned(), "b".to_owned()] },
        Cause::SerialStands { serial },
        Cause::Ahead { serial, source },
        Cause::NotComparable { serial, source },
        Cause::WaitsForRefresh { serial, source, timers, heard: Heard::Nothing },
        Cause::TransferFails { serial, source },
        Cause::Advancing { from: 5, serial, source },
        Cause::SameSerial { serial },
        Cause::Cache,
        Cause::Unknown,
    ];
    for cause in &all {
        assert!(!cause.word().is_empty() && cause.to_string().len() > 10 && cause.advice().len() > 20, "{cause:?}");
    }
    let waits = all[12].to_string();
    assert!(waits.contains("REFRESH is 3600 s") && waits.contains("no NOTIFY from the source was heard"), "{waits}");
    assert!(all[8].to_string().contains("2 of 10 answers are stale (nodes a, b)"));
}

//! The rules of the report, one scenario each.

mod causes;

use super::*;
use std::net::SocketAddr;
use std::time::Duration;

/// 192.0.2.`last`.
fn address(last: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, last], 53))
}

/// A server with that address.
fn server(last: u8, key: Option<&str>) -> ServerName {
    ServerName {
        server: format!("ns{last}"),
        address: address(last),
        authenticated_by: key.map(str::to_owned),
        secured: false,
    }
}

/// The beginning of a check with one destination.
fn started(compare: bool) -> EventKind {
    EventKind::Started {
        zone: "example.".to_owned(),
        started_unix: 1_700_000_000,
        source: server(1, Some("update-key.")),
        destinations: vec![server(2, None)],
        probe: true,
        observes: None,
        compare,
    }
}

/// A comparison with this verdict.
fn compared(verdict: ComparisonVerdict) -> EventKind {
    let mut comparison = Comparison::not_compared(Vec::new(), "both sides");
    comparison.verdict = verdict;
    EventKind::Compared(Box::new(comparison))
}

#[expect(clippy::fn_params_excessive_bools, reason = "the table of the verdict is over exactly these facts")]
/// A whole run in which these parts went well, or did not.
fn run(planted: bool, confirmed: bool, held: bool, removed: bool, comparison: Option<ComparisonVerdict>) -> Vec<Event> {
    let (owner, samples) = ("token._dnsconverge.example.".to_owned(), 4);
    let mut kinds = vec![
        started(comparison.is_some()),
        EventKind::Fit { address: address(1), serial: 7 },
        EventKind::Fit { address: address(2), serial: 7 },
        EventKind::Planting { owner: owner.clone() },
    ];
    if planted {
        kinds.push(EventKind::Planted { owner: owner.clone(), address: address(1), after_ms: 12 });
    }
    kinds.push(if !planted {
        EventKind::Inconclusive { address: address(2), error: "not visible".to_owned(), samples: 0 }
    } else if confirmed {
        EventKind::Confirmed { address: address(2), seen_after_ms: Some(340), samples }
    } else {
        EventKind::NotConverged { address: address(2), error: "no such name".to_owned(), samples }
    });
    kinds.push(if held {
        EventKind::Held { address: address(1) }
    } else {
        EventKind::NotHeld { address: address(1), error: "no such name".to_owned() }
    });
    kinds.push(if removed {
        EventKind::Removed { owner }
    } else {
        EventKind::ProbeLeft { error: "refused".to_owned(), nsupdate: "server 192.0.2.1 53\nsend\n".to_owned() }
    });
    if removed && confirmed {
        kinds.push(EventKind::Gone { address: address(2), gone_after_ms: 210 });
    }
    kinds.extend(comparison.map(compared));
    let times = (0_u64..).step_by(100);
    kinds.into_iter().zip(times).map(|(kind, at)| Event::new(Duration::from_millis(at), kind)).collect()
}

/// V1, V6: of all combinations of what must go well, one gives OK, and every other has its own exit status.
#[test]
fn v1_only_one_combination_is_ok() {
    let mut ok = 0;
    for bits in 0_u8..32 {
        let [planted, confirmed, held, removed, equal] = std::array::from_fn(|bit| bits & (1 << bit) != 0);
        let verdict = if equal { ComparisonVerdict::Equal } else { ComparisonVerdict::Different };
        let report = Report::from_events(&run(planted, confirmed, held, removed, Some(verdict)));
        let expected = match (removed, planted && held, confirmed, equal) {
            (false, ..) => Outcome::ProbeLeft,
            (_, false, ..) => Outcome::Inconclusive,
            (_, _, false, _) => Outcome::NotConverged,
            (.., false) => Outcome::Different,
            (true, true, true, true) => Outcome::Ok,
        };
        assert_eq!(report.outcome(), expected, "{bits:05b}: {report}");
        assert_eq!(report.exit_status(), expected.exit_status());
        ok += u32::from(report.exit_status() == 0);
    }
    assert_eq!(ok, 1);
}

/// V4: asked to compare and not able to is 2; not asked is no reproach; not reached because nothing converged is 1.
#[test]
fn v4_not_compared_is_a_state_of_its_own() {
    let status = |confirmed, verdict| Report::from_events(&run(true, confirmed, true, true, verdict)).exit_status();
    assert_eq!(status(true, Some(ComparisonVerdict::NotCompared)), 2);
    assert_eq!(status(true, Some(ComparisonVerdict::Moving)), 2);
    assert_eq!(status(true, Some(ComparisonVerdict::NoDifferenceFound)), 2, "it proves nothing");
    let mut accepted = run(true, true, true, true, Some(ComparisonVerdict::NoDifferenceFound));
    if let Some(EventKind::Compared(comparison)) = accepted.last_mut().map(|event| &mut event.kind) {
        comparison.partial_accepted = true;
    }
    assert_eq!(Report::from_events(&accepted).exit_status(), 0, "unless that is enough for the person");
    assert_eq!(status(true, None), 0);
    let skipped = |confirmed| {
        let mut events = run(true, confirmed, true, true, Some(ComparisonVerdict::Equal));
        events.pop();
        Report::from_events(&events)
    };
    assert_eq!((skipped(false).outcome(), skipped(false).exit_status()), (Outcome::NotConverged, 1));
    assert_eq!(skipped(true).exit_status(), 2, "converged, but the comparison that was asked for is missing");
}

/// What was not checked from a source that takes no updates is not called OK; it is no reproach either.
#[test]
fn a_source_that_was_passed_over_has_a_word_of_its_own() {
    let why = "it is read-only".to_owned();
    let mut report = Report::from_events(&[Event::new(Duration::ZERO, EventKind::Skipped { why })]);
    assert_eq!(
        (report.outcome(), report.exit_status(), report.notes()),
        (Outcome::Skipped, 0, &["it is read-only".to_owned()][..])
    );
    report.apply(&Event::new(Duration::ZERO, EventKind::Aborted { error: "broken".to_owned() }));
    assert_eq!(report.outcome(), Outcome::Inconclusive);
}

/// V3: the total is the worst of all addresses.
#[test]
fn v3_the_worst_address_counts() {
    let mut events = run(true, true, true, true, None);
    if let EventKind::Started { destinations, .. } = &mut events[0].kind {
        destinations.push(server(3, None));
    }
    assert_eq!(Report::from_events(&events).propagation(), Propagation::Inconclusive, "nothing is known of the second");
    let late = EventKind::NotConverged { address: address(3), error: "late".to_owned(), samples: 9 };
    events.insert(6, Event::new(Duration::ZERO, late));
    let report = Report::from_events(&events);
    assert_eq!((report.propagation(), report.exit_status()), (Propagation::NotConverged, 1));
}

/// A log cut off anywhere after the update left never says that no probe can be left.
#[test]
fn v1_a_log_that_is_cut_off_promises_nothing() {
    let events = run(true, true, true, true, None);
    let sent = events.iter().position(|event| matches!(event.kind, EventKind::Planting { .. })).unwrap();
    let removed = events.iter().position(|event| matches!(event.kind, EventKind::Removed { .. })).unwrap();
    for length in sent + 1..=removed {
        assert_eq!(Report::from_events(&events[..length]).outcome(), Outcome::ProbeLeft, "after {length} events");
    }
}

/// One truth: the live fold, and the replay of a log that went through JSON, give the same report.
#[test]
fn l5_a_log_replays_to_the_same_report() {
    let events = run(true, true, true, true, Some(ComparisonVerdict::Equal));
    let mut live = Report::default();
    let mut log = String::new();
    for event in &events {
        live.apply(event);
        log.push_str(&serde_json::to_string(event).unwrap());
        log.push('\n');
    }
    let replayed: Vec<Event> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(replayed, events);
    assert_eq!(Report::from_events(&replayed), live);
    assert_eq!(Report::from_events(&replayed).to_json_line(), live.to_json_line());
}

/// V5: the JSON says what was proven; to the letter.
#[test]
fn v5_golden_json() {
    let report = Report::from_events(&run(true, true, true, true, Some(ComparisonVerdict::Equal)));
    let golden = r#"{"schema_version":1,"zone":"example.","outcome":"ok","exit_status":0,"propagation":"converged","cleanup":"removed","started_unix":1700000000,"duration_ms":900,"probe":"token._dnsconverge.example.","observed":null,"error":null,"stopped":false,"source":{"server":"ns1","address":"192.0.2.1:53","serial":7,"authenticated_by":"update-key.","visible_after_ms":12,"lease":null,"held":true,"error":null,"nodes":[],"timers":null},"destinations":[{"server":"ns2","address":"192.0.2.2:53","propagation":"converged","seen_after_ms":340,"gone_after_ms":210,"serial":7,"authenticated_by":null,"samples":4,"error":null,"notes":[],"sampling":{"udp":0,"tcp":0,"current":0,"since_first_seen":0,"stale":0,"in_a_row":0,"ttl_falls":false},"nodes":[],"timers":null,"extended_errors":[],"findings":[],"causes":[]}],"comparison":{"verdict":"equal","wanted":true,"sides":[],"changes":[],"changes_total":0,"partial_accepted":false,"left_out":[],"basis":null,"findings":[],"notes":["both sides"]},"notes":[],"nsupdate":null,"would_plant":null,"listening":null,"cut_over":null}"#;
    assert_eq!(report.to_json_line(), golden);
    assert_eq!(report.to_json(), serde_json::from_str::<serde_json::Value>(golden).unwrap());
}

/// The text puts the answer first.
#[test]
fn golden_text() {
    let report = Report::from_events(&run(true, false, true, false, None));
    let golden = "example.: A PROBE MAY BE LEFT (exit status 3): propagation not converged (0 of 1 addresses), zones not compared
  source ns1 (192.0.2.1:53), serial 7, authenticated by update-key., showed the probe after 12 ms, still held it at the end
  destination ns2 (192.0.2.2:53): not converged, serial 7, not authenticated: no such name
    most likely: the source took the change but kept its serial 7, so secondaries cannot notice it
      to do: see why the source does not raise its serial (a frozen zone, a database behind it, or up to 300 s of patience), raise it, and send NOTIFY
  note: refused
  A PROBE MAY BE LEFT. `sweep` takes it back, or these lines, given to nsupdate with the key:
server 192.0.2.1 53
send
";
    assert_eq!(report.to_string(), golden);
}

/// A comparison with everything in it, hostile text included.
fn full_comparison() -> Comparison {
    let hostile = "\u{1b}]0;owned\u{7}\n\"$(reboot)\" \\".to_owned();
    let side = |last, error| ComparedSide {
        side: format!("ns{last}"),
        address: Some(address(last)),
        serial: Some(u32::MAX),
        records: Some(12),
        authenticated_by: Some(hostile.clone()),
        transport: Some("tcp".to_owned()),
        asked: Some(Asked {
            asked: 9,
            answered: 8,
            unanswered: vec![hostile.clone()],
            not_asked: vec![NotAsked { what: hostile.clone(), count: 2 }],
            from_wildcards: FromWildcards { count: 1, first: vec![hostile.clone()] },
            extras: Some(hostile.clone()),
        }),
        basis: Some(Basis::AxfrAndIxfr),
        zonemd: Some(ZonemdStatus::Fails),
        digest: Some("0123456789ab".repeat(8)),
        error,
    };
    Comparison {
        verdict: ComparisonVerdict::Different,
        sides: vec![side(1, None), side(2, Some(hostile.clone()))],
        changes: vec![ChangeRow {
            owner: hostile.clone(),
            rtype: "TXT".to_owned(),
            side: "ns2".to_owned(),
            address: Some(address(2)),
            kind: "rdata".to_owned(),
            removed: vec![hostile.clone()],
            added: vec![hostile.clone()],
            hints: vec![hostile.clone()],
        }],
        changes_total: 41,
        partial_accepted: false,
        left_out: vec![LeftOut { what: hostile.clone(), side: "ns2".to_owned(), count: 3 }],
        basis: Some(Basis::Axfr),
        findings: vec![hostile.clone()],
        notes: vec![hostile],
    }
}

/// All kinds of reports, each with its name.
fn many_reports() -> Vec<(&'static str, Report)> {
    let mut reports = vec![("nothing", Report::default())];
    for bits in 0_u8..16 {
        let [planted, confirmed, held, removed] = std::array::from_fn(|bit| bits & (1 << bit) != 0);
        reports.push(("run", Report::from_events(&run(planted, confirmed, held, removed, None))));
    }
    let mut hostile = run(true, true, true, true, Some(ComparisonVerdict::Equal));
    hostile.pop();
    hostile.push(Event::new(Duration::ZERO, EventKind::Compared(Box::new(full_comparison()))));
    reports.push(("different", Report::from_events(&hostile)));
    let aborted = [started(true), EventKind::Aborted { error: "unfit\u{1b}[2J".to_owned() }];
    let aborted = aborted.map(|kind| Event::new(Duration::ZERO, kind));
    reports.push(("aborted", Report::from_events(&aborted)));
    let dry = [started(true), EventKind::WouldPlant { update: "UPDATE\n  add".to_owned() }];
    reports.push(("dry", Report::from_events(&dry.map(|kind| Event::new(Duration::ZERO, kind)))));
    reports
}

/// V5: every report keeps to the published schema, and the schema refuses what is not a report.
#[test]
fn v5_reports_keep_to_the_schema() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../schema/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, report) in many_reports() {
        let json = report.to_json();
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?} in {json}");
        for field in json.as_object().unwrap().keys() {
            let mut broken = json.clone();
            broken.as_object_mut().unwrap().remove(field);
            assert!(!validator.is_valid(&broken), "without {field}");
        }
        let mut broken = json.clone();
        broken["exit_status"] = 4.into();
        assert!(!validator.is_valid(&broken));
    }
}

/// L2: no octet of a terminal's language gets through, in text, in event lines or in JSON.
#[test]
fn l2_text_from_the_network_is_escaped() {
    for (name, report) in many_reports() {
        for text in [report.to_string(), report.to_json_line()] {
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{name}: {text:?}");
            assert!(!text.contains('\u{1b}') && text.lines().all(|line| !line.starts_with("\"$(")), "{name}");
        }
    }
    let note = EventKind::Note { address: None, text: "a\u{1b}[31m\nb\u{9b}".to_owned() };
    assert_eq!(Event::new(Duration::ZERO, note).to_string(), r"note: a\027[31m\010b\194\155");
}

/// L8: a server that shows something else every time fills no report, and what is left out is counted (L3).
#[test]
fn l8_a_flood_of_notes_is_cut_with_its_count() {
    let server = |last| ServerName {
        server: format!("ns{last}"),
        address: address(last),
        authenticated_by: None,
        secured: false,
    };
    let started = EventKind::Started {
        zone: "example.".to_owned(),
        started_unix: 0,
        source: server(1),
        destinations: vec![server(2)],
        probe: true,
        observes: None,
        compare: false,
    };
    let flap = |shows: String| EventKind::Flapped { address: address(2), times: 1, shows };
    let same = (0..100).map(|_| flap("no such name".to_owned()));
    let other = (0..1000).map(|index| flap(format!("a redirection at x{index}")));
    let mut events: Vec<Event> =
        std::iter::once(started).chain(same).chain(other).map(|kind| Event::new(Duration::ZERO, kind)).collect();
    let report = Report::from_events(&events);
    let notes = &report.destinations()[0].notes;
    assert_eq!((notes.len(), notes[0].as_str()), (21, "showed it 1 times, then no such name"));
    assert_eq!(notes[20], "981 more notes are left out here");
    events.truncate(101);
    assert_eq!(Report::from_events(&events).destinations()[0].notes.len(), 1, "the same note is one");
}

/// The failed pre-flight and the dry run.
#[test]
fn v6_early_ends() {
    let status = |wanted: &str| {
        many_reports()
            .into_iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, report)| (report.outcome(), report.propagation(), report.cleanup(), report.exit_status()))
    };
    let inconclusive = (Outcome::Inconclusive, Propagation::Inconclusive, Cleanup::NotPlanted, 2);
    assert_eq!(status("aborted"), Some(inconclusive));
    assert_eq!(status("dry"), Some((Outcome::Ok, Propagation::NotTested, Cleanup::NotPlanted, 0)));
}

/// A finding makes ok worse, and what proves nothing no better.
#[test]
fn v6_a_finding_does_not_lower_the_exit_status_of_what_proves_nothing() {
    let comparing = EventKind::Comparing { zone: "example.".to_owned(), started_unix: 1, sides: Vec::new() };
    let status = |finding: Option<&str>, accepted| {
        let mut comparison = Comparison::not_compared(Vec::new(), "");
        comparison.verdict = ComparisonVerdict::NoDifferenceFound;
        comparison.partial_accepted = accepted;
        comparison.findings.extend(finding.map(str::to_owned));
        let events = [comparing.clone(), EventKind::Compared(Box::new(comparison))];
        let report = Report::from_events(&events.map(|kind| Event::new(Duration::ZERO, kind)));
        (report.outcome(), report.exit_status())
    };
    let finding = Some("ns1: ZONEMD FAILS");
    assert_eq!((status(None, false), status(finding, false)), ((Outcome::Inconclusive, 2), (Outcome::Inconclusive, 2)));
    assert_eq!((status(None, true), status(finding, true)), ((Outcome::Ok, 0), (Outcome::Faulty, 1)));
}

/// The lines that scripts look for.
#[test]
fn plain_lines_begin_with_their_verb() {
    let line = |kind| Event::new(Duration::ZERO, kind).to_string();
    let owner = "token._dnsconverge.example.".to_owned();
    let planted = EventKind::Planted { owner: owner.clone(), address: address(1), after_ms: 3 };
    assert!(line(planted).starts_with("planted token._dnsconverge.example. "));
    let confirmed = EventKind::Confirmed { address: address(2), seen_after_ms: Some(3), samples: 3 };
    assert!(line(confirmed).starts_with("confirmed 192.0.2.2:53 "));
    assert_eq!(line(EventKind::Removed { owner }), "removed token._dnsconverge.example.");
    assert!(line(EventKind::Gone { address: address(2), gone_after_ms: 9 }).starts_with("gone 192.0.2.2:53"));
}

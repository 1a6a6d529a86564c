//! Sides that cannot be read or believed: not compared, named, and no hindrance to the others.

use super::lab::{Access, Act, Fault, Gate, Key, Lab, On, Request, Signature, Step, TransferFault, TsigFault};
use super::{changes, compare, error_of, key, other_zone, peers, quick, run, serve, transfers, zone};
use dnsconverge::net::Server as Peer;
use dnsconverge::report::ComparisonVerdict::{Equal, NotCompared};
use dnsconverge::report::EventKind;
use dnsconverge::xfr::TransferTimes;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test]
async fn v4_a_refused_transfer_is_not_compared_and_the_others_still_are() {
    let (base, other) = (serve(zone()).await, serve(other_zone()).await);
    let refusing = Lab::primary(zone()).transfer_by(Access::Nobody).start().await.unwrap();
    let compared = compare(&[&base, &refusing, &other]).await;
    assert_eq!(compared.verdict(), NotCompared);
    let error = error_of(&compared, 1);
    assert!(error.contains("REFUSED") && error.contains(&refusing.address().to_string()), "{error}");
    assert_eq!(compared.comparison().changes[0].address, Some(other.address()), "the third side was compared");
    assert_eq!(refusing.connections(), 1, "asked once, not in every round");
}

#[tokio::test]
async fn v4_without_the_base_nothing_is_different() {
    let refusing = Lab::primary(zone()).transfer_by(Access::Nobody).start().await.unwrap();
    let compared = compare(&[&refusing, &serve(zone()).await, &serve(other_zone()).await]).await;
    assert_eq!((compared.verdict(), changes(&compared).len()), (NotCompared, 0));
}

#[tokio::test]
async fn a20_a_transfer_that_breaks_off_is_tried_three_times_whatever_the_others_need() {
    let (base, other) = (serve(zone()).await, serve(other_zone()).await);
    for fault in [TransferFault::CutAfter(1), TransferFault::ResetAfter(0), TransferFault::CutInside(2, 5)] {
        let broken = Lab::primary(zone()).records_per_message(5).fault(Fault::transfer(fault)).start().await.unwrap();
        let compared = compare(&[&base, &broken, &other]).await;
        assert_eq!((compared.verdict(), broken.connections()), (NotCompared, 3));
        assert!(!error_of(&compared, 1).is_empty());
        assert_eq!(compared.comparison().changes.len(), 1, "what had come of it is no difference");
    }
}

#[tokio::test]
async fn a20_a_transfer_that_breaks_off_once_is_made_again() {
    let fault = Fault::transfer(TransferFault::CutAfter(0)).first(1);
    let (base, target) = (serve(zone()).await, Lab::primary(zone()).fault(fault).start().await.unwrap());
    assert_eq!(compare(&[&base, &target]).await.verdict(), Equal);
    assert_eq!(target.connections(), 2);
}

#[tokio::test]
async fn s3_every_answer_that_is_no_soa_of_the_zone_is_refused() {
    type Edit = fn(&mut hickory_proto::op::Message);
    let cases: [(&str, Edit, &str); 8] = [
        ("no authority", |message| message.metadata.authoritative = false, "AA=0"),
        ("refused", |message| message.metadata.response_code = ResponseCode::Refused, "REFUSED"),
        ("failed", |message| message.metadata.response_code = ResponseCode::ServFail, "SERVFAIL"),
        ("no name", |message| message.metadata.response_code = ResponseCode::NXDomain, "no zone begins"),
        ("nothing", |message| message.answers.clear(), "no zone begins"),
        ("twice", |message| message.answers.push(zone().soa(8).soa_record()), "more than one SOA"),
        ("elsewhere", |message| message.answers[0].name = Name::from_ascii("test.").unwrap(), "no zone begins"),
        ("in authority", |message| message.authorities = std::mem::take(&mut message.answers), "no zone begins"),
    ];
    let base = serve(zone()).await;
    for (case, edit, words) in cases {
        let act = Act::each_message(move |_, message| edit(message));
        let fault = Fault::new(On::QueryOf(RecordType::SOA), act);
        let target = Lab::primary(zone()).fault(fault).start().await.unwrap();
        let compared = compare(&[&base, &target]).await;
        let error = error_of(&compared, 1);
        assert_eq!((compared.verdict(), transfers(&target)), (NotCompared, 0), "{case}");
        assert!(error.contains(words), "{case}: {error}");
    }
}

#[tokio::test]
async fn s3_p3_a_resolver_is_told_apart_from_an_authority() {
    let act = Act::each_message(|_, message| {
        message.metadata.authoritative = false;
        message.metadata.recursion_available = true;
    });
    let (base, resolver) = (serve(zone()).await, Lab::primary(zone()).fault(Fault::new(On::Query, act)));
    let compared = compare(&[&base, &resolver.start().await.unwrap()]).await;
    assert!(error_of(&compared, 1).contains("resolver or cache"), "{}", error_of(&compared, 1));
}

#[tokio::test]
#[cfg_attr(target_os = "macos", ignore = "only 127.0.0.1 is this machine's own there")]
async fn r6_a_side_that_is_not_there_is_named_with_its_address() {
    // An address of its own, so that no other test can take the port.
    let target = Lab::primary(zone()).on([127, 0, 0, 5]).start().await.unwrap();
    let base = serve(zone()).await;
    let sides = quick(peers(&[&base, &target]));
    let address = target.address();
    drop(target);
    let compared = run(&sides).await;
    let error = error_of(&compared, 1);
    assert_eq!(compared.verdict(), NotCompared);
    assert!(error.contains(&address.to_string()) && error.contains("TCP"), "{error}");
}

#[tokio::test]
async fn v8_l6_a_stalled_side_does_not_keep_the_others_from_being_pulled() {
    let gate = Gate::new();
    let stalled = Lab::primary(zone()).fault(Fault::new(On::Transfer, Act::Hold(gate.clone())));
    let (stalled, other, third) = (stalled.start().await.unwrap(), serve(zone()).await, serve(zone()).await);
    let sides = quick(peers(&[&stalled, &other, &third]));
    let open = async {
        for server in [&other, &third] {
            server.wait_for(Request::is_transfer).await;
        }
        gate.open();
    };
    let (compared, ()) = tokio::join!(run(&sides), open);
    assert_eq!(compared.verdict(), Equal);
}

#[tokio::test]
async fn v8_l6_a_readable_side_is_read_to_its_end_while_another_stalls() {
    let gate = Gate::new();
    let large = || zone().hosts(10_000);
    let stalled = Lab::primary(large()).fault(Fault::new(On::Transfer, Act::Hold(gate.clone())));
    let (stalled, readable) = (stalled.start().await.unwrap(), serve(large()).await);
    let mut done = Vec::new();
    let sides = quick(peers(&[&stalled, &readable]));
    let watching = sides.run_until(std::future::pending(), |event| {
        if let EventKind::ReadDone { side, .. } = &event.kind {
            gate.open();
            done.push(side.clone());
        }
    });
    assert_eq!(watching.await.unwrap().verdict(), Equal);
    assert_eq!(
        done,
        [&readable, &stalled].map(|server| server.address().to_string()),
        "nothing opened the gate but the end of the other"
    );
}

#[tokio::test]
async fn l6_a_readable_side_is_read_to_its_end_while_another_sends_steadily() {
    const MANY: u32 = 20_000;
    let done = Arc::new(Mutex::new(Vec::new()));
    let steady = Lab::primary(zone().hosts(MANY)).records_per_message(2000).fault(repeating_until_one_is(&done));
    // In another order, so that it is ahead from its first block on.
    let ahead = Lab::primary(zone().hosts(MANY)).fault(Fault::transfer(TransferFault::Shuffled(7)));
    let (steady, ahead) = (steady.start().await.unwrap(), ahead.start().await.unwrap());
    let sides = quick(peers(&[&steady, &ahead]));
    let watching = sides.run_until(std::future::pending(), |event| {
        if let EventKind::ReadDone { side, .. } = &event.kind {
            done.lock().unwrap().push(side.clone());
        }
    });
    assert_eq!(watching.await.unwrap().verdict(), Equal);
    assert_eq!(*done.lock().unwrap(), [&ahead, &steady].map(|server| server.address().to_string()));
}

/// Sends the second message of a transfer again and again until a side is done, but not for ever.
fn repeating_until_one_is(done: &Arc<Mutex<Vec<String>>>) -> Fault {
    let done = Arc::clone(done);
    let act = Act::steps(move |steps| {
        let done = Arc::clone(&done);
        Box::new(steps.enumerate().flat_map(move |(number, step)| {
            let done = Arc::clone(&done);
            let more = move |count: &usize| number == 1 && *count < 300 && done.lock().unwrap().is_empty();
            let again = step.clone();
            let repeated =
                (0..).take_while(more).flat_map(move |_| [Step::Pause(Duration::from_millis(2)), again.clone()]);
            std::iter::once(step).chain(repeated)
        }))
    });
    Fault::new(On::Transfer, act)
}

#[tokio::test]
async fn v2_a_side_that_breaks_off_late_is_no_difference_to_those_that_went_on() {
    let large = || zone().hosts(3000);
    let fault = Fault::transfer(TransferFault::CutAfter(20));
    let broken = Lab::primary(large()).records_per_message(100).fault(fault).start().await.unwrap();
    let (base, same, other) = (serve(large()).await, serve(large()).await, serve(large().txt("new", &["x"])).await);
    let compared = compare(&[&base, &broken, &same, &other]).await;
    assert_eq!(compared.verdict(), NotCompared);
    assert!(!error_of(&compared, 1).is_empty());
    let rows = &compared.comparison().changes;
    assert_eq!(rows.iter().map(|row| row.address).collect::<Vec<_>>(), [Some(other.address())]);
    let records: Vec<_> = compared.comparison().sides.iter().map(|side| side.records).collect();
    assert_eq!(records, [Some(3004), None, Some(3004), Some(3005)]);
}

#[tokio::test]
async fn v8_a_side_that_stalls_for_ever_ends_by_the_idle_limit() {
    let stalled = Lab::primary(zone()).fault(Fault::transfer(TransferFault::StallAfter(1))).records_per_message(5);
    let (stalled, base) = (stalled.start().await.unwrap(), serve(zone()).await);
    let times = TransferTimes::new().idle(Duration::from_millis(200));
    let compared = run(&quick(peers(&[&base, &stalled])).times(times)).await;
    assert_eq!(compared.verdict(), NotCompared);
    assert!(error_of(&compared, 1).contains("stood still for 0.2 s"), "{}", error_of(&compared, 1));
    assert_eq!(stalled.connections(), 1);
}

// Keys

#[tokio::test]
async fn t14_each_side_is_asked_with_its_own_key_and_no_other() {
    let ((lab_a, own_a), (lab_b, own_b)) = (key("a.", &[1; 32]), key("b.", &[2; 32]));
    let signed = |key: &Key| Lab::primary(zone()).key(key).query_by(Access::AnyKey).transfer_by(Access::AnyKey);
    let (base, target) = (signed(&lab_a).start().await.unwrap(), signed(&lab_b).start().await.unwrap());
    let open = serve(zone()).await;
    let sides = [Peer::at(base.address()).key(own_a), Peer::at(target.address()).key(own_b), Peer::at(open.address())];
    let compared = run(&quick(sides.into())).await;
    assert_eq!(compared.verdict(), Equal);
    for (server, signature) in [
        (&base, Signature::Valid(lab_a.name().clone())),
        (&target, Signature::Valid(lab_b.name().clone())),
        (&open, Signature::Unsigned),
    ] {
        assert!(server.requests().iter().all(|request| request.signature == signature), "{signature:?}");
    }
    let by: Vec<_> = compared.comparison().sides.iter().map(|side| side.authenticated_by.is_some()).collect();
    assert_eq!(by, [true, true, false]);
}

#[tokio::test]
async fn t11_a_wrong_key_is_not_compared_and_nothing_is_asked_unsigned() {
    let ((lab_key, own), (_, wrong)) = (key("k.", &[1; 32]), key("k.", &[2; 32]));
    let signed = || Lab::primary(zone()).key(&lab_key);
    let (base, target) = (signed().start().await.unwrap(), signed().start().await.unwrap());
    let sides = vec![Peer::at(base.address()).key(own), Peer::at(target.address()).key(wrong)];
    let compared = run(&quick(sides)).await;
    assert_eq!(compared.verdict(), NotCompared);
    assert!(error_of(&compared, 1).contains("BADSIG"), "{}", error_of(&compared, 1));
    assert_eq!(target.count(|request| request.signature == Signature::Unsigned), 0);
    assert_eq!(compared.comparison().sides[1].authenticated_by, None, "V5: nothing was authenticated");
}

#[tokio::test]
async fn t5_a_transfer_that_is_not_signed_to_its_end_is_not_compared() {
    let (lab_key, own) = key("k.", &[1; 32]);
    let fault = Fault::new(On::Transfer, Act::Tsig(TsigFault::UnsignedLast));
    let target = Lab::primary(zone()).records_per_message(5).key(&lab_key).fault(fault).start().await.unwrap();
    let base = serve(zone()).await;
    let compared = run(&quick(vec![Peer::at(base.address()), Peer::at(target.address()).key(own)])).await;
    assert_eq!((compared.verdict(), target.connections()), (NotCompared, 1));
    assert!(error_of(&compared, 1).contains("not authenticated"), "{}", error_of(&compared, 1));
}

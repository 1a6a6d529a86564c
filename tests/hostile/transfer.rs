//! Section 3: a transfer that is wrong in any way is no zone. Never "equal", never "different": not compared, and why.

use crate::fault;
use crate::lab::{Act, Algorithm, Fault, Key, Lab, On, Request, Server, ServerBuilder, Step, Zone};
use crate::scene::name;
use dnsconverge::compare::{Compare, Compared};
use dnsconverge::net::{Network, Server as Peer};
use dnsconverge::report::ComparisonVerdict::{Different, Equal, NotCompared};
use dnsconverge::report::Outcome::Faulty;
use dnsconverge::tsig::TsigKey;
use std::time::Duration;

/// The zone of these scenarios; it takes five messages.
fn zone() -> Zone {
    Zone::new("example.test.").soa(7).ns("@", "ns").a("ns", [192, 0, 2, 53]).hosts(20)
}

/// A server that sends it, in messages of five records.
fn primary() -> ServerBuilder {
    Lab::primary(zone()).records_per_message(5)
}

/// Compares these, and does not wait long.
async fn compare(sides: Vec<Peer>) -> Compared {
    let network = Network::new().timeout(Duration::from_millis(1500));
    let times = dnsconverge::xfr::TransferTimes::new().idle(Duration::from_millis(400));
    let compare = Compare::new(&name(), sides).network(network).times(times);
    let compare = compare.every(Duration::from_millis(10)).standstill(Duration::from_millis(80));
    compare.run_until(std::future::pending(), |_| ()).await.unwrap()
}

/// The reason why a side was not compared.
fn reason(compared: &Compared, side: usize) -> String {
    compared.comparison().sides[side].error.clone().unwrap_or_default()
}

/// One side sends its zone with this fault, the other as it should. Whichever of them is the base, nothing is compared,
/// nothing is called a difference, and the reason has these words.
async fn is_refused(text: &str, words: &str) {
    let (good, bad) = (primary().start().await.unwrap(), primary().fault(fault(text)).start().await.unwrap());
    for (base, target, side) in [(&good, &bad, 1), (&bad, &good, 0)] {
        let compared = compare(vec![Peer::at(base.address()), Peer::at(target.address())]).await;
        assert_eq!((compared.verdict(), compared.changes().count()), (NotCompared, 0), "{text}");
        let reason = reason(&compared, side);
        assert!(reason.contains(words) && reason.contains(&bad.address().to_string()), "{text}: {reason}");
        assert_eq!(compared.report().exit_status(), 2, "{text}");
    }
}

/// One side sends its zone in this way, which is odd and allowed.
async fn is_equal(builder: ServerBuilder) {
    let (good, odd) = (primary().start().await.unwrap(), builder.start().await.unwrap());
    let compared = compare(vec![Peer::at(good.address()), Peer::at(odd.address())]).await;
    assert_eq!(compared.verdict(), Equal, "{}", reason(&compared, 1));
}

/// A key as both sides have it.
fn key() -> (Key, TsigKey) {
    let key = Key::new("k.", Algorithm::Sha256, b"an octet string of 32 octets ...");
    let own = TsigKey::parse(&key.argument()).unwrap();
    (key, own)
}

/// A side whose transfers are signed, and which we ask with the key.
async fn signed(configure: impl FnOnce(ServerBuilder) -> ServerBuilder) -> (Server, Peer) {
    let (key, own) = key();
    let server = configure(primary().key(&key)).start().await.unwrap();
    let peer = Peer::at(server.address()).key(own);
    (server, peer)
}

/// The same as [`is_refused`] with signed transfers, and nothing was asked unsigned.
async fn is_not_authenticated(text: &str, words: &str) {
    let good = primary().start().await.unwrap();
    let (bad, peer) = signed(|it| it.fault(fault(text))).await;
    let compared = compare(vec![Peer::at(good.address()), peer]).await;
    assert_eq!((compared.verdict(), compared.changes().count()), (NotCompared, 0), "{text}");
    let reason = reason(&compared, 1);
    assert!(reason.contains(words), "{text}: {reason}");
    assert!(bad.requests().iter().all(Request::is_signed), "{text}: never asked unsigned");
    assert_eq!(compared.comparison().sides[1].authenticated_by, None, "{text}");
}

#[tokio::test]
async fn h062_the_stream_ends_at_a_message_boundary() {
    for messages in 0..5 {
        is_refused(&format!("cut-after-{messages}"), "closed").await;
    }
    is_refused("no-final-soa", "").await;
}

#[tokio::test]
async fn h063_the_stream_breaks_anywhere_else() {
    is_refused("reset-after-2", "").await;
    for octets in [1, 2, 3, 40] {
        is_refused(&format!("cut-inside-{octets}"), "").await;
    }
    is_refused("empty-frame-2", "").await;
    is_refused("eleven-2", "").await;
}

#[tokio::test]
async fn h064_the_stream_stalls() {
    is_refused("stall-after-1", "stood still").await;
    is_refused("stall-after-0", "").await;
}

#[tokio::test]
async fn h067_h068_h070_any_grouping_padding_and_order_is_the_same_zone() {
    is_equal(Lab::primary(zone()).records_per_message(1)).await;
    is_equal(primary().soa_alone()).await;
    for text in ["empty-between", "shuffled-7", "question-once"] {
        is_equal(primary().fault(fault(text))).await;
    }
}

#[tokio::test]
async fn h069_duplicates_are_no_difference_and_are_noted() {
    let (good, odd) = (primary().start().await.unwrap(), primary().fault(fault("duplicates")).start().await.unwrap());
    let compared = compare(vec![Peer::at(good.address()), Peer::at(odd.address())]).await;
    assert_eq!(compared.verdict(), Equal);
    assert!(compared.comparison().notes.iter().any(|note| note.contains("more than once")));
}

#[tokio::test]
async fn h071_another_id_throughout_or_from_any_message() {
    for message in 1..=5 {
        is_refused(&format!("transfer wrong-id-from-{message}"), "ID").await;
    }
}

#[tokio::test]
async fn h072_another_question_or_two() {
    for message in [1, 2, 5] {
        is_refused(&format!("transfer other-question-{message}"), "question").await;
    }
    is_refused("transfer two-questions-1", "question").await;
}

#[tokio::test]
async fn h073_an_rcode_in_a_later_message_though_the_records_are_complete() {
    for message in 1..=5 {
        is_refused(&format!("servfail-in-{message}"), "SERVFAIL").await;
    }
}

#[tokio::test]
async fn h074_an_rcode_that_stands_in_opt_alone() {
    for message in [1, 3, 5] {
        is_refused(&format!("transfer rcode-in-opt-{message}"), "BADVERS").await;
    }
}

#[tokio::test]
async fn h075_the_zone_changed_on_the_way() {
    is_refused("final-serial-8", "").await;
    is_refused("final-serial-6", "").await;
}

#[tokio::test]
async fn h076_the_last_soa_is_another_at_the_same_serial() {
    is_refused("final-minimum", "SOA").await;
}

#[tokio::test]
async fn h077_h078_h079_a_soa_where_none_may_be_or_another_one() {
    for text in ["soa-in-the-middle", "soa-below", "soa-below-last", "no-first-soa", "soa-of-another-zone"] {
        is_refused(text, "").await;
    }
}

/// The SOA stands at the end of the first message as well, and all messages lie ready at once.
fn soa_ends_a_message(builder: ServerBuilder) -> ServerBuilder {
    let middle = Act::records(|mut records| {
        records.insert(4, records[0].clone());
        records
    });
    let at_once = Act::steps(|steps| {
        let framed = |step| match step {
            Step::Message(octets) => [&u16::try_from(octets.len()).unwrap().to_be_bytes()[..], &octets].concat(),
            other => panic!("no message: {other:?}"),
        };
        Box::new(std::iter::once(Step::Raw(steps.flat_map(framed).collect())))
    });
    [middle, at_once].into_iter().fold(builder, |it, act| it.fault(Fault::new(On::Transfer, act)))
}

#[tokio::test]
async fn h077_h088_a_soa_in_the_middle_that_ends_a_message_ends_no_zone_that_goes_on() {
    let (one, other) = (soa_ends_a_message(primary()), soa_ends_a_message(primary()));
    let (one, other) = (one.start().await.unwrap(), other.start().await.unwrap());
    let compared = compare(vec![Peer::at(one.address()), Peer::at(other.address())]).await;
    assert_eq!((compared.verdict(), compared.report().exit_status()), (NotCompared, 2));
    for side in [0, 1] {
        assert!(reason(&compared, side).contains("5 records follow the SOA"), "{}", reason(&compared, side));
    }
}

#[tokio::test]
async fn h080_counts_that_lie_and_octets_after_the_end() {
    for message in [1, 5] {
        for text in ["count-low", "count-high", "trailing", "cut-short"] {
            is_refused(&format!("transfer {text}-{message}"), "").await;
        }
    }
}

#[tokio::test]
async fn h081_a_record_of_another_zone() {
    is_refused("out-of-zone", "www.another.invalid").await;
}

#[tokio::test]
async fn h082_half_of_it_in_the_authority_section() {
    is_refused("half-in-authority", "").await;
}

#[tokio::test]
async fn h083_another_class_and_types_that_are_no_data() {
    is_refused("other-class", "class").await;
    is_refused("meta-type", "").await;
}

#[tokio::test]
async fn h084_a_query_or_a_notify_instead_of_a_response() {
    for message in [1, 3, 5] {
        is_refused(&format!("transfer query-bit-{message}"), "").await;
        is_refused(&format!("transfer opcode-notify-{message}"), "").await;
    }
}

#[tokio::test]
async fn h085_names_that_loop_or_lead_nowhere() {
    for text in ["pointer-loop", "pointer-beyond", "pointer-header", "label-type"] {
        is_refused(&format!("transfer {text}-2"), "").await;
    }
}

#[tokio::test]
async fn h086_rdata_that_is_not_as_long_as_its_type() {
    is_refused("short-address", "").await;
    is_refused("slack-after-ns", "").await;
}

#[tokio::test]
async fn h087_a_complete_and_empty_zone_is_different_and_said_to_be_empty() {
    let (good, empty) = (primary().start().await.unwrap(), primary().fault(fault("only-soas")).start().await.unwrap());
    let compared = compare(vec![Peer::at(good.address()), Peer::at(empty.address())]).await;
    assert_eq!((compared.verdict(), compared.changes().count()), (Different, 22), "every set but the SOA is missing");
    let notes = compared.comparison().notes.join("\n");
    assert!(notes.contains(&format!("{}: the zone holds nothing but its SOA", empty.address())), "{notes}");
    assert!(compared.comparison().findings.iter().all(|finding| !finding.contains("no side")), "one of them is full");
}

#[tokio::test]
async fn h087_zones_that_are_complete_and_empty_on_all_sides_are_faulty() {
    let empty = || primary().fault(fault("only-soas"));
    let (one, other) = (empty().start().await.unwrap(), empty().start().await.unwrap());
    let compared = compare(vec![Peer::at(one.address()), Peer::at(other.address())]).await;
    assert_eq!((compared.verdict(), compared.report().outcome(), compared.report().exit_status()), (Equal, Faulty, 1));
    let findings = &compared.comparison().findings;
    assert!(matches!(&findings[..], [only] if only.contains("no side shows anything but the SOA")), "{findings:?}");
    assert!(compared.comparison().summary().contains("and yet: no side"), "{}", compared.comparison().summary());
}

#[tokio::test]
async fn h088_a_last_message_that_comes_twice_changes_nothing() {
    is_equal(primary().fault(fault("trailing-message"))).await;
}

#[tokio::test]
async fn h090_a_transfer_quota_is_waited_out() {
    let good = primary().start().await.unwrap();
    let full = primary().fault(fault("transfer servfail first-1")).start().await.unwrap();
    let compared = compare(vec![Peer::at(good.address()), Peer::at(full.address())]).await;
    assert_eq!(compared.verdict(), Equal, "{}", reason(&compared, 1));
    let never = primary().fault(fault("transfer servfail")).start().await.unwrap();
    let compared = compare(vec![Peer::at(good.address()), Peer::at(never.address())]).await;
    assert_eq!(compared.verdict(), NotCompared);
    assert!((2..=4).contains(&never.count(Request::is_transfer)), "a few times, and not for ever");
}

#[tokio::test]
async fn h091_the_first_pull_breaks_and_the_second_does_not() {
    is_equal(primary().fault(fault("cut-after-2 first-1"))).await;
}

#[tokio::test]
async fn h098_sparse_signatures_are_right() {
    let good = primary().start().await.unwrap();
    let (_server, peer) = signed(|it| it.sign_every(4)).await;
    let compared = compare(vec![Peer::at(good.address()), peer]).await;
    assert_eq!(compared.verdict(), Equal, "{}", reason(&compared, 1));
    assert!(compared.comparison().sides[1].authenticated_by.is_some());
}

#[tokio::test]
async fn h099_every_way_in_which_a_signature_is_wrong() {
    for text in [
        "transfer unsigned",
        "transfer unsigned-in-1",
        "transfer unsigned-last",
        "transfer tampered-3",
        "transfer wrong-mac",
        "transfer wrong-mac-in-4",
        "transfer tsig-not-last-2",
        "transfer tsig-twice-2",
        "transfer other-key",
        "transfer no-mac",
        "transfer short-mac-8",
        "transfer replayed after-0",
        "transfer signed-ago-3600",
        "transfer signed-ahead-in-2",
        "transfer without-request-mac",
    ] {
        if text.contains("replayed") {
            replayed_transfer().await;
        } else {
            is_not_authenticated(text, "").await;
        }
    }
}

/// The transfer that somebody recorded, sent again to the next who asks.
async fn replayed_transfer() {
    let good = primary().start().await.unwrap();
    let (_server, peer) = signed(|it| it.records_per_message(500).fault(fault("transfer replayed"))).await;
    let first = compare(vec![Peer::at(good.address()), peer.clone()]).await;
    assert_eq!(first.verdict(), Equal, "{}", reason(&first, 1));
    let second = compare(vec![Peer::at(good.address()), peer]).await;
    assert_eq!(second.verdict(), NotCompared, "the signature belongs to another question");
}

#[tokio::test]
async fn h100_a_first_message_that_is_signed_as_if_it_were_a_later_one() {
    is_not_authenticated("transfer timers-only-first", "").await;
}

#[tokio::test]
async fn h101_what_a_refusal_of_the_key_says() {
    for (text, words) in [
        ("transfer unsigned refused", "unauthenticated"),
        ("transfer badsig", "BADSIG"),
        ("transfer badkey", "BADKEY"),
        ("transfer badtime", "BADTIME"),
    ] {
        let good = primary().start().await.unwrap();
        let faults: Vec<_> = match text.strip_prefix("transfer unsigned ") {
            Some(rcode) => vec![fault("transfer unsigned"), fault(&format!("transfer {rcode}"))],
            None => vec![fault(text)],
        };
        let (_server, peer) = signed(|it| faults.into_iter().fold(it, ServerBuilder::fault)).await;
        let compared = compare(vec![Peer::at(good.address()), peer]).await;
        let reason = reason(&compared, 1);
        assert_eq!(compared.verdict(), NotCompared, "{text}");
        assert!(reason.contains(words), "{text}: {reason}");
    }
}

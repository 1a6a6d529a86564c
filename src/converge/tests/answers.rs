//! The reading of answers: each rule negated once.

use super::{probe, zone};
use crate::converge::{Observation, Soa, SoaObservation, Trouble, destination, soa};
use crate::wire::tests::reply::{Reply, name, record};
use crate::wire::{CLASS_IN, Message, Question, Rcode, Rtype, WireName};

/// The ID of all questions here.
const ID: u16 = 0x1234;
/// QR and AA.
const ANSWER: u16 = 0x8400;

/// SOA RDATA with this serial.
fn soa_rdata(serial: u32) -> Vec<u8> {
    let mut octets = vec![0, 0];
    octets.extend([serial, 3600, 600, 86400, 300].into_iter().flat_map(u32::to_be_bytes));
    octets
}

impl Reply {
    /// An authoritative answer to the question for the probe, still empty.
    fn to_probe() -> Self {
        Self::to(ID, *probe().owner(), Rtype::TXT)
    }

    /// An authoritative answer to the question for the SOA, still empty.
    fn to_soa() -> Self {
        Self::to(ID, zone(), Rtype::SOA)
    }

    /// What it shows about the probe.
    fn shows(&self) -> Observation {
        let octets = self.octets();
        let question = Question { name: *probe().owner(), rtype: Rtype::TXT, class: CLASS_IN };
        destination::observe(&Message::parse(&octets).expect("well-formed"), ID, &question, &probe())
    }

    /// What it shows about the SOA.
    fn shows_soa(&self) -> SoaObservation {
        let octets = self.octets();
        soa::observe(&Message::parse(&octets).expect("well-formed"), ID, &zone())
    }
}

/// The probe's own record.
fn exact() -> Vec<u8> {
    record(probe().owner(), Rtype::TXT, probe().rdata())
}

/// P1: the exact record with authority, whatever case the owner has and whatever else explains it (U20: any TTL).
#[test]
fn p1_exact() {
    let good = Reply::to_probe().and(0, exact());
    assert_eq!(good.shows(), Observation::Exact);
    let ns = record(&zone(), Rtype::NS, &[0]);
    assert_eq!(good.clone().and(1, ns).shows(), Observation::Exact, "authority and additional sections do not matter");
    let upper = WireName::from_octets(&probe().owner().as_octets().to_ascii_uppercase()).expect("the same name");
    let mut folded = Reply::to_probe().and(0, record(&upper, Rtype::TXT, probe().rdata()));
    folded.questions[0].0 = upper;
    assert_eq!(folded.shows(), Observation::Exact, "P12: middleboxes change the case");
    let mut clamped = exact();
    let at = clamped.len() - probe().rdata().len() - 3;
    clamped[at] = 0xFF;
    assert_eq!(Reply::to_probe().and(0, clamped).shows(), Observation::Exact, "U20: another TTL");
}

/// P1: each condition negated, with the probe's record in the answer all the while.
#[test]
fn p1_each_condition_negated() {
    let good = Reply::to_probe().and(0, exact());
    let not_ours = Observation::Trouble(Trouble::NotOurs);
    let cases: Vec<(&str, Reply, Observation)> = vec![
        ("ID", Reply { id: ID ^ 1, ..good.clone() }, not_ours.clone()),
        ("QR=0", good.clone().flags(0x0400), not_ours.clone()),
        ("opcode NOTIFY", good.clone().flags(0xA400), not_ours.clone()),
        ("no question", Reply { questions: vec![], ..good.clone() }, not_ours.clone()),
        ("two questions", Reply { questions: good.questions.repeat(2), ..good.clone() }, not_ours.clone()),
        ("another name", Reply { questions: vec![(zone(), Rtype::TXT, 1)], ..good.clone() }, not_ours.clone()),
        ("another type", Reply { questions: vec![(*probe().owner(), Rtype::A, 1)], ..good.clone() }, not_ours.clone()),
        ("another class", Reply { questions: vec![(*probe().owner(), Rtype::TXT, 3)], ..good.clone() }, not_ours),
        ("TC", good.clone().flags(ANSWER | 0x0200), Observation::Trouble(Trouble::Truncated)),
        ("SERVFAIL", good.clone().flags(ANSWER | 2), Observation::Trouble(Trouble::Rcode(Rcode::SERVFAIL))),
        ("REFUSED", good.clone().flags(ANSWER | 5), Observation::Trouble(Trouble::Rcode(Rcode::REFUSED))),
        ("NXDOMAIN with an answer", good.clone().flags(ANSWER | 3), Observation::Contradictory),
        ("AA=0", good.clone().flags(0x8000), Observation::Trouble(Trouble::NotAuthoritative { resolver: false })),
        ("AA=0 RA=1", good.flags(0x8080), Observation::Trouble(Trouble::NotAuthoritative { resolver: true })),
    ];
    for (what, reply, expected) in cases {
        assert_eq!(reply.shows(), expected, "{what}");
    }
}

/// P1, U18: the right octets in the wrong place, and the wrong octets in the right place.
#[test]
fn p1_the_answer_must_be_exactly_the_record() {
    let (probe, other) = (probe(), b"\x05other".as_slice());
    let elsewhere = record(&name("x.example"), Rtype::TXT, probe.rdata());
    let foreign = record(probe.owner(), Rtype::TXT, other);
    let upper = record(probe.owner(), Rtype::TXT, &probe.rdata().to_ascii_uppercase());
    let mut chaos = exact();
    let class_at = probe.owner().as_octets().len() + 3;
    chaos[class_at] = 3;
    let to = Reply::to_probe;
    let cases: Vec<(&str, Reply, Observation)> = vec![
        ("another owner", to().and(0, elsewhere.clone()), Observation::Contradictory),
        ("beside another owner", to().and(0, exact()).and(0, elsewhere), Observation::Contradictory),
        ("authority section", to().and(1, exact()), Observation::NoData),
        ("additional section", to().and(2, exact()), Observation::NoData),
        ("another class", to().and(0, chaos), Observation::Contradictory),
        ("wildcard text", to().and(0, foreign.clone()), Observation::OtherRecords { with_probe: false, count: 1 }),
        ("upper case", to().and(0, upper), Observation::OtherRecords { with_probe: false, count: 1 }),
        (
            "beside a stranger's",
            to().and(0, exact()).and(0, foreign),
            Observation::OtherRecords { with_probe: true, count: 2 },
        ),
    ];
    for (what, reply, expected) in cases {
        assert_eq!(reply.shows(), expected, "{what}");
        assert_ne!(expected, Observation::Exact);
    }
}

/// P1, U19: aliases and redirections, even with the right TXT at their end.
#[test]
fn u19_aliases_and_redirections() {
    let target = name("t.example");
    let text = record(&target, Rtype::TXT, probe().rdata());
    let alias = record(probe().owner(), Rtype::CNAME, target.as_octets());
    let chain = Reply::to_probe().and(0, alias.clone()).and(0, text);
    assert_eq!(chain.shows(), Observation::Alias);
    assert_eq!(Reply::to_probe().and(0, alias.clone()).flags(ANSWER | 3).shows(), Observation::Alias, "to nowhere");
    let dname = record(&name("_dnsconverge.example"), Rtype::DNAME, target.as_octets());
    let redirected = Reply::to_probe().and(0, dname).and(0, alias);
    assert_eq!(redirected.shows(), Observation::Redirected("_dnsconverge.example.".to_owned()));
}

/// P1: what may stand beside the record in the answer, and what makes it contradict itself.
#[test]
fn p1_what_stands_beside_the_record() {
    let probe = probe();
    let good = Reply::to_probe().and(0, exact());
    let signature = |owner: &WireName| {
        let fields = [&[0, 16, 13, 2, 0, 0, 0, 60, 0x69, 0, 0, 0, 0x68, 0, 0, 0, 0x30, 0x39, 0][..], &[7; 64]];
        record(owner, Rtype::RRSIG, &fields.concat())
    };
    assert_eq!(good.clone().and(0, signature(probe.owner())).shows(), Observation::Exact, "its signature");
    let below = name(&format!("x.{}", probe.owner_text().trim_end_matches('.')));
    let beside = [
        ("a signature of another name", signature(&name("x.example"))),
        ("an alias of another name", record(&name("x.example"), Rtype::CNAME, &[0])),
        ("a DNAME of another name", record(&name("x.example"), Rtype::DNAME, &[0])),
        ("a DNAME of the name itself", record(probe.owner(), Rtype::DNAME, &[0])),
        ("a DNAME below it", record(&below, Rtype::DNAME, &[0])),
    ];
    for (what, record) in beside {
        assert_eq!(good.clone().and(0, record).shows(), Observation::Contradictory, "{what}");
    }
}

/// P5, U19: a referral names its cut; so does a negative answer from a zone below on the same server.
#[test]
fn p5_referrals_name_the_cut() {
    let child = name("_dnsconverge.example");
    let cut = Observation::Trouble(Trouble::Cut("_dnsconverge.example.".to_owned()));
    let referral = Reply::to_probe().flags(0x8000).and(1, record(&child, Rtype::NS, &[0]));
    assert_eq!(referral.shows(), cut);
    let with_answer = referral.clone().and(0, exact());
    let resolver = Observation::Trouble(Trouble::NotAuthoritative { resolver: false });
    assert_eq!(with_answer.shows(), resolver, "who answers does not refer");
    let from_child = Reply::to_probe().flags(ANSWER | 3).and(1, record(&child, Rtype::SOA, &soa_rdata(1)));
    assert_eq!(from_child.shows(), cut);
    let upward = Reply::to_probe().flags(0x8000).and(1, record(&WireName::ROOT, Rtype::NS, &[0]));
    assert_eq!(upward.shows(), Observation::Trouble(Trouble::NotAuthoritative { resolver: false }), "lame");
}

/// Absence is what proves a deletion: only these are.
#[test]
fn u16_what_counts_as_absence() {
    let soa = record(&zone(), Rtype::SOA, &soa_rdata(1));
    let no_name = Reply::to_probe().flags(ANSWER | 3).and(1, soa.clone());
    assert_eq!(no_name.shows(), Observation::NoName);
    let no_data = Reply::to_probe().and(1, soa);
    assert_eq!(no_data.shows(), Observation::NoData);
    let absent = [no_name.shows(), no_data.shows(), Observation::OtherRecords { with_probe: false, count: 1 }];
    assert!(absent.iter().all(Observation::is_absence));
    let present = [
        Observation::Exact,
        Observation::OtherRecords { with_probe: true, count: 2 },
        Observation::Alias,
        Observation::Redirected(String::new()),
        Observation::Contradictory,
        Observation::Trouble(Trouble::Truncated),
        Observation::Trouble(Trouble::Rcode(Rcode::SERVFAIL)),
        Observation::Trouble(Trouble::NotAuthoritative { resolver: true }),
        Observation::Trouble(Trouble::NoAnswer(String::new())),
    ];
    assert!(!present.iter().any(Observation::is_absence));
}

/// S3: exactly one SOA of exactly this zone, in the answer section, with authority; each negated.
#[test]
fn s3_the_soa_answer() {
    let apex = record(&zone(), Rtype::SOA, &soa_rdata(7));
    let good = Reply::to_soa().and(0, apex.clone());
    let times = Soa { serial: 7, refresh: 3600, retry: 600, expire: 86_400, minimum: 300, ttl: 3600 };
    assert_eq!(good.shows_soa(), SoaObservation::Found(times));
    let parent = record(&WireName::ROOT, Rtype::SOA, &soa_rdata(7));
    let no_authority = SoaObservation::Trouble(Trouble::NotAuthoritative { resolver: false });
    let no_zone = |within: Option<&str>| SoaObservation::NoZone { within: within.map(str::to_owned) };
    let cases: Vec<(&str, Reply, SoaObservation)> = vec![
        ("ID", Reply { id: ID ^ 1, ..good.clone() }, SoaObservation::Trouble(Trouble::NotOurs)),
        ("QR", good.clone().flags(0x0400), SoaObservation::Trouble(Trouble::NotOurs)),
        (
            "question",
            Reply { questions: vec![(zone(), Rtype::A, 1)], ..good.clone() },
            SoaObservation::Trouble(Trouble::NotOurs),
        ),
        ("RCODE", good.clone().flags(ANSWER | 9), SoaObservation::Trouble(Trouble::Rcode(Rcode::NOTAUTH))),
        ("AA", good.clone().flags(0x8000), no_authority),
        ("TC", good.clone().flags(ANSWER | 0x0200), SoaObservation::Trouble(Trouble::Truncated)),
        ("two", good.clone().and(0, apex.clone()), SoaObservation::Several),
        ("another zone's", Reply::to_soa().and(0, parent.clone()), no_zone(Some("."))),
        ("none", Reply::to_soa(), no_zone(None)),
        ("a denial", Reply::to_soa().and(1, parent), no_zone(Some("."))),
        ("authority section", Reply::to_soa().and(1, apex), no_zone(None)),
        ("NXDOMAIN", good.flags(ANSWER | 3), no_zone(None)),
    ];
    for (what, reply, expected) in cases {
        assert_eq!(reply.shows_soa(), expected, "{what}");
    }
}

/// An error without a question section is still told as what it is; an answer without one is not ours.
#[test]
fn p10_an_error_may_lack_the_question() {
    let bare = |flags| Reply { questions: vec![], ..Reply::to_probe() }.flags(flags).shows();
    assert_eq!(bare(0x8001), Observation::Trouble(Trouble::Rcode(Rcode::FORMERR)));
    assert_eq!(bare(ANSWER), Observation::Trouble(Trouble::NotOurs));
}

/// L2, P3: what is told is for people, and cannot speak to their terminal.
#[test]
fn p3_what_is_shown_is_told_in_words() {
    let text = Trouble::NotAuthoritative { resolver: true }.to_string();
    assert!(text.contains("this is a resolver or cache, not an authoritative server"), "{text}");
    let hostile = Trouble::NoAnswer("\u{1b}[2J".to_owned()).to_string();
    assert!(hostile.chars().all(|c| !c.is_control()), "{hostile:?}");
}

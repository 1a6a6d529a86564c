//! What a policy leaves out, and that it is counted.

use super::{a, changes, compare, left_out, name, only_change, record, rrsig, serial, soa};
use crate::diff::{ChangeKind, DiffPolicy, Filter, Hint, OwnedRecord, SideVerdict, SoaFields};
use crate::wire::Rtype;

/// C11: the signer's types are left out by name, with their numbers; what is left is compared.
#[test]
fn c11_unsigned_leaves_out_the_signers_types_by_name() {
    let plain = [serial(1), a("www.example.com", 300, 1)];
    let mut signed = plain.to_vec();
    signed.extend(crate::diff::SIGNER_MADE.map(|rtype| record("example.com", rtype, 300, &[1, 2, 3])));
    signed.push(rrsig("www.example.com", 300, Rtype::A, 1000, 1, 1));
    assert_eq!(compare(DiffPolicy::exact(), &[&plain, &signed]).tally(1).dnssec_managed, 9);
    let diff = compare(DiffPolicy::unsigned(), &[&plain, &signed]);
    assert!(diff.is_equal());
    assert_eq!((diff.compared(0), diff.compared(1)), (2, 2));
    let counted = [
        "RRSIG on 1: 2",
        "NSEC on 1: 1",
        "DNSKEY on 1: 1",
        "NSEC3 on 1: 1",
        "NSEC3PARAM on 1: 1",
        "CDS on 1: 1",
        "CDNSKEY on 1: 1",
        "ZONEMD on 1: 1",
    ];
    assert_eq!(left_out(&diff), counted);
    assert_eq!(diff.policy().filters().len(), 9, "the eight types, and probes");
}

/// C11: no preset hides SOA, NS or DS.
#[test]
fn c11_presets_never_hide_soa_ns_and_ds() {
    let base = [serial(1), record("example.com", Rtype::NS, 300, &name("ns1.example.com"))];
    let target = [
        soa("ns1.example.com", [1, 7200, 900, 86400, 301]),
        record("example.com", Rtype::NS, 300, &name("ns2.example.com")),
        record("sub.example.com", Rtype::DS, 300, &[0, 1, 13, 2, 9]),
    ];
    for policy in [DiffPolicy::unsigned(), DiffPolicy::multi_primary(), DiffPolicy::resigned(), DiffPolicy::exact()] {
        let types: Vec<Rtype> =
            changes(&compare(policy, &[&base, &target])).iter().map(|change| change.rtype).collect();
        assert_eq!(types, [Rtype::NS, Rtype::SOA, Rtype::DS]);
    }
}

/// C11: a zone signed again is the same; a signature by another key or over another type is not.
#[test]
fn c11_resigned_compares_what_is_signed_by_which_key() {
    let signed =
        |covered, expiration, key_tag, last| [rrsig("www.example.com", 300, covered, expiration, key_tag, last)];
    let base = signed(Rtype::A, 1000, 5, 1);
    let with = |target: &[OwnedRecord]| compare(DiffPolicy::resigned(), &[&base, target]);
    let again = with(&signed(Rtype::A, 2000, 5, 2));
    assert!(again.is_equal());
    assert_eq!(left_out(&again), ["RRSIG signature and times on 1: 1"]);
    assert_eq!(left_out(&with(&base)), [""; 0]);
    assert!(!with(&signed(Rtype::A, 1000, 6, 1)).is_equal(), "another key");
    assert!(!with(&signed(Rtype::AAAA, 1000, 5, 1)).is_equal(), "another type covered");
    let other_key = with(&signed(Rtype::A, 2000, 6, 2));
    assert_eq!(changes(&other_key)[0].added, signed(Rtype::A, 2000, 6, 2), "shown as it was received");
    assert!(!compare(DiffPolicy::exact(), &[&base, &signed(Rtype::A, 2000, 5, 2)]).is_equal());
}

/// C11: RDATA that is no RRSIG is compared whole, and is the same as no blanked one.
#[test]
fn c11_resigned_keeps_malformed_signatures_whole() {
    let broken = |octets: &[u8]| [record("www.example.com", Rtype::RRSIG, 300, octets)];
    let diff = compare(DiffPolicy::resigned(), &[&broken(&[0, 1, 13, 2, 5]), &broken(&[0, 1, 13, 2, 6])]);
    assert_eq!(diff.verdict(1), SideVerdict::Different);
}

/// C12: servers that are all primaries have their own MNAME and serial; only these are left out, and counted.
#[test]
fn c12_multi_primary_leaves_out_serial_and_mname() {
    let (one, two) = ([soa("dc1.example.com", [1, 7, 8, 9, 10])], [soa("dc2.example.com", [2, 7, 8, 9, 10])]);
    let diff = compare(DiffPolicy::multi_primary(), &[&one, &two]);
    assert!(diff.is_equal());
    assert_eq!(left_out(&diff), ["SOA mname on 1: 1", "SOA serial on 1: 1"]);
    let three = [soa("dc3.example.com", [3, 7, 8, 9, 11])];
    let diff = compare(DiffPolicy::multi_primary(), &[&one, &three]);
    let [change] = changes(&diff).try_into().expect("one change");
    assert_eq!(change.kind, ChangeKind::Soa(SoaFields::MINIMUM));
    assert_eq!((&change.removed[..], &change.added[..]), (&one[..], &three[..]), "shown as received");
    assert_eq!(left_out(&diff), ["SOA mname on 1: 1", "SOA serial on 1: 1"]);
    let hints = only_change(&one, &two).hints;
    assert_eq!(hints, [Hint::OwnSoaPerServer]);
}

/// C12: WINS records are compared, named, and left out by name only.
#[test]
fn c12_wins_is_named_and_filterable() {
    let (base, wins) = ([serial(1)], [serial(1), record("example.com", Rtype::WINS, 0, &[0, 0, 0, 0, 1])]);
    let change = only_change(&base, &wins);
    assert_eq!((change.kind, change.hints), (ChangeKind::Added, vec![Hint::Wins]));
    let policy = DiffPolicy::exact().leave_out_types([Rtype::WINS, Rtype::WINS_R]);
    let diff = compare(policy, &[&base, &wins]);
    assert!(diff.is_equal());
    assert_eq!(left_out(&diff), ["WINS on 1: 1"]);
    assert_eq!(diff.policy().filters(), [Filter::Type(Rtype::WINS), Filter::Type(Rtype::WINS_R), Filter::Probe]);
}

/// Case 23: the probe of another run is left out by its exact format and counted; what deviates in one octet is a record.
#[test]
fn h023_probes_of_other_runs_are_left_out_and_counted() {
    let zone = crate::wire::tests::reply::name("example.com");
    let random = [0x5A; crate::probe::RANDOM_OCTETS];
    let probe = crate::probe::Probe::new(&zone, &random, crate::probe::RunId([1; 8]), 1_700_000_000).unwrap();
    let owner = probe.owner_text();
    let (base, other) = ([serial(1)], [serial(1), record(&owner, probe.rtype(), 60, probe.rdata())]);
    let diff = compare(DiffPolicy::exact(), &[&base, &other]);
    assert!(diff.is_equal());
    let [told] = left_out(&diff).try_into().expect("one exception");
    assert!(told.starts_with("probes of runs of this program") && told.ends_with(" on 1: 1"), "{told}");
    assert!(!compare(DiffPolicy::exact().count_probes(), &[&base, &other]).is_equal());
    let mut strange = probe.rdata().to_vec();
    strange.push(0);
    let strange = [serial(1), record(&owner, probe.rtype(), 60, &strange)];
    assert!(!compare(DiffPolicy::exact(), &[&base, &strange]).is_equal());
}

/// S4, D4: another serial differs by default; left out it is a note.
#[test]
fn s4_the_serial_alone_differs_unless_left_out() {
    assert!(!compare(DiffPolicy::exact(), &[&[serial(1)], &[serial(2)]]).is_equal());
    let diff = compare(DiffPolicy::exact().ignore_serial(), &[&[serial(1)], &[serial(2)]]);
    assert!(diff.is_equal());
    assert_eq!(left_out(&diff), ["SOA serial on 1: 1"]);
}

/// C11: what is left out of an SOA is blanked field by field, and what is blanked still is an SOA.
#[test]
fn c11_a_masked_soa_is_still_one() {
    let own = serial(7);
    let masked = |policy: DiffPolicy| {
        let mut out = Vec::new();
        policy.write_masked(Rtype::SOA, own.view().rdata(), &mut out);
        out
    };
    let all = SoaFields::RDATA.into_iter().fold(SoaFields::NONE, SoaFields::with);
    assert_eq!(masked(DiffPolicy::exact().leave_out_soa(all)), [0; 22]);
    let numbers = [0_u32, 7200, 900, 86400, 300].map(u32::to_be_bytes).concat();
    let named = [name("ns1.example.com"), name("hostmaster.example.com"), numbers].concat();
    assert_eq!(masked(DiffPolicy::exact().ignore_serial()), named);
}

/// C11: a policy says what it leaves out.
#[test]
fn c11_a_policy_says_whether_signatures_count() {
    assert!(!DiffPolicy::exact().leaves_out_signatures());
    assert!(DiffPolicy::resigned().leaves_out_signatures());
}

//! What a person reads.

use super::super::{KeyError, MacError, TsigError};
use super::*;
use crate::wire::Rcode;

/// The words of what an answer signed in this manner comes to.
fn words(manner: &Manner) -> String {
    verdict_of(manner).unwrap_err().to_string()
}

/// An error reply without a signature.
fn unsigned(error: u16) -> Manner {
    Manner { error, mac_octets: Some(0), ..Manner::default() }
}

#[test]
fn t10_badtime_in_words() {
    let other = (NOW + 3600).to_be_bytes()[2..].to_vec();
    let signed = Manner { error: 18, other, ..Manner::default() };
    let wanted = "BADTIME: the server's clock says 2023-11-14 23:13:20 UTC, 3600 s ahead of ours: set both clocks";
    assert_eq!(words(&signed), wanted);
    let hint = " (an unauthenticated hint: the reply is not signed)";
    let unsigned = Manner { mac_octets: Some(0), ..signed };
    assert_eq!(words(&unsigned), format!("{wanted}{hint}"));
    let silent = Manner { error: 18, ..Manner::default() };
    let wanted = "BADTIME: the server's clock differs from ours, it does not say by how much: set both clocks";
    assert_eq!(words(&silent), wanted);
}

#[test]
fn t11_badsig_in_words() {
    let wanted = "BADSIG: the server cannot verify our signature; its secret for key xfr.example. differs from ours \
                  (an unauthenticated hint: the reply is not signed)";
    assert_eq!(words(&unsigned(16)), wanted);
}

#[test]
fn t11_badkey_in_words() {
    let wanted = "BADKEY: the server does not know key xfr.example. with hmac-sha256 \
                  (an unauthenticated hint: the reply is not signed)";
    assert_eq!(words(&unsigned(17)), wanted);
}

#[test]
fn t11_badtrunc_in_words() {
    let wanted = "BADTRUNC: the server wants a longer MAC; use hmac-sha256 without truncation";
    assert_eq!(words(&Manner { error: 22, ..Manner::default() }), wanted);
}

#[test]
fn t11_an_unknown_error_in_words() {
    assert_eq!(words(&Manner { error: 4711, ..Manner::default() }), "the server reports TSIG error 4711");
}

#[test]
fn t8_the_time_in_words() {
    let wanted = "the reply was signed at 2023-11-14 21:13:20 UTC, 3600 s behind our clock; 300 s are allowed: \
                  set both clocks";
    assert_eq!(words(&Manner { time: NOW - 3600, ..Manner::default() }), wanted);
}

#[test]
fn t6_t7_t12_the_others_in_words() {
    let (wanted, found) = (Box::new(*key(Algorithm::HMAC_SHA1).key_name()), Box::new(WireName::ROOT));
    let cases: [(TsigError, &str); 9] = [
        (
            TsigError::Missing { rcode: Rcode::REFUSED },
            "the reply (REFUSED) carries no TSIG although the request did: it may be forged, or the server does not do TSIG",
        ),
        (TsigError::Unrequested, "the reply carries a TSIG although the request did not: nobody can verify it"),
        (
            TsigError::OtherKey { wanted, found },
            "the reply is signed with key ., not with key xfr.example. as the request",
        ),
        (
            MacError::Mismatch.into(),
            "the signature of the reply is wrong: the server's secret differs from ours, \
             or the reply was altered or answers another request",
        ),
        (
            MacError::Truncated { octets: 16, wanted: 32 }.into(),
            "the server truncates its MAC to 16 octets where the key's algorithm has 32; \
             if that is meant, name the truncated form in the key (as hmac-sha256-128)",
        ),
        (
            TsigError::TooManyUnsigned,
            "100 messages in a row carry no TSIG; a server has to sign at least every hundredth",
        ),
        (TsigError::NotEveryMessage, "a message carries no TSIG, and every message was asked to"),
        (
            TsigError::LastUnsigned { messages: 2 },
            "the last message carries no TSIG: nothing vouches for the last 2 message(s)",
        ),
        (
            TsigError::TimeWentBack { seconds: 60 },
            "a message was signed 60 s earlier than the message before it: perhaps a replay",
        ),
    ];
    for (error, wanted) in cases {
        assert_eq!(error.to_string(), wanted);
    }
}

#[test]
fn t13_md5_in_words() {
    let wanted = "hmac-md5 is broken and must not be used (RFC 8945 section 6): make a new key, as with tsig-keygen, or allow weak keys";
    assert_eq!(KeyError::Md5.to_string(), wanted);
}

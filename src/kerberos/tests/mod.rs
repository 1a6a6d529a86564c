//! Kerberos held to the vectors of its RFCs and to an independent implementation.

mod ciphers;

use super::*;

#[test]
fn l2_the_realm_that_a_kdc_names_is_escaped() {
    let hostile = "\u{1b}]0;owned\u{7}\nerror: all is well";
    let client = Principal::parse("admin@CORP.TEST", None).unwrap();
    let secret = Secret::Password(zeroize::Zeroizing::new("x".to_owned()));
    let mut exchange = InitialExchange::new(client, secret, &Etype::SOUND).unwrap();
    let _ = exchange.begin(UnixTime::from_secs(1_700_000_000), &[7; 64]);
    let error = Writer::new().around(application(30), |outer| {
        outer.sequence(|error| {
            error.integer(0, 5).integer(1, 30).time(4, 1_700_000_000).integer(5, 0).integer(6, 68).string(7, hostile)
        })
    });
    let wrong = exchange.answer(&error.finish(), UnixTime::from_secs(1_700_000_000), &[7; 64]).unwrap_err();
    assert!(matches!(&wrong, KerberosError::WrongRealm { realm, .. } if realm == hostile), "{wrong:?}");
    for error in [wrong, KerberosError::Referrals { realm: hostile.to_owned() }] {
        let text = error.to_string();
        assert!(text.contains("owned") && !text.contains(char::is_control), "{text:?}");
    }
}

#[test]
fn what_would_divide_a_name_is_shown_behind_a_backslash() {
    for (parts, shown) in [
        (vec!["admin"], "admin@CORP.TEST"),
        (vec!["DNS", "dc1.corp.test"], "DNS/dc1.corp.test@CORP.TEST"),
        (vec!["adom/"], "adom\\/@CORP.TEST"),
        (vec!["user@example.com"], "user\\@example.com@CORP.TEST"),
        (vec!["a\\b", "@"], "a\\\\b/\\@@CORP.TEST"),
    ] {
        let principal = Principal::new(parts.into_iter().map(str::to_owned).collect(), "CORP.TEST").unwrap();
        assert_eq!((principal.to_string(), Principal::parse(shown, None)), (shown.to_owned(), Ok(principal)));
    }
}

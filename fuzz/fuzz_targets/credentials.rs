//! Any octets as a credential cache, a keytab, and a krb5.conf. What must hold: no panic, room and time bounded by the
//! length; only names that can be written and read again; nothing that is printed shows a key.
#![no_main]

use dnsconverge::kerberos::{Config, CredentialCache, Etype, Keytab, Principal, UnixTime};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(cache) = CredentialCache::read(octets) {
        names_itself(cache.client());
        if let Ok(granting) = cache.granting(UnixTime::ZERO) {
            names_itself(&granting.service);
            assert!(granting.ends > 0 && granting.client == *cache.client());
            shows_no_key(&format!("{cache:?} {granting:?}"), granting.key.reveal());
        }
    }
    if let Ok(keytab) = Keytab::read(octets) {
        let first = keytab.first().expect("a keytab without a key is an error");
        names_itself(first);
        for etype in Etype::SOUND {
            if let Some(key) = keytab.key(first, etype) {
                shows_no_key(&format!("{keytab:?} {key:?}"), key.reveal());
            }
        }
    }
    if let Ok(text) = std::str::from_utf8(octets) {
        let mut config = Config::new();
        let includes = config.read(text);
        assert!(includes.len() <= text.lines().count());
        assert!(config.kdcs("EXAMPLE.COM").len() <= text.len());
        let _ = config.realm_of("host.example.com");
    }
});

/// What is shown has no control characters, and read and shown again it is the same, unless it has what cannot be shown.
fn names_itself(principal: &Principal) {
    let shown = principal.to_string();
    assert!(!shown.chars().any(char::is_control));
    let can_be_shown = |text: &str| text.bytes().all(|octet| (b' '..=b'~').contains(&octet));
    if principal.parts().iter().all(|part| can_be_shown(part)) && can_be_shown(principal.realm()) {
        assert_eq!(Principal::parse(&shown, None).map(|read| read.to_string()), Ok(shown));
    }
}

/// The octets are not there, neither as numbers nor in hexadecimal.
fn shows_no_key(text: &str, key: &[u8]) {
    let hexadecimal: String = key.iter().map(|octet| format!("{octet:02x}")).collect();
    assert!(!text.contains(&hexadecimal) && !text.contains(&format!("{key:?}")));
}

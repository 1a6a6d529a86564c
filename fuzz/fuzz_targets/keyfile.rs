//! Any text as a key file, as the argument of `-k`, and as the name of a key file: read or refused, never a panic. No
//! error repeats a secret, and every error is one line that a terminal can be shown.
#![no_main]

use dnsconverge::Name;
use dnsconverge::tsig::{KeyFile, Signer, TsigKey, WeakKeys};
use libfuzzer_sys::fuzz_target;

/// The secret that is put into the text wherever it says `SECRET`.
const SECRET: &str = "dGhpcyBpcyBhIHNlY3JldCB0aGF0IG5vYm9keSBzZWVz";

fuzz_target!(|text: &str| {
    let text = text.replace("SECRET", SECRET);
    let wanted = Name::from_ascii("k.").expect("a name");
    for name in ["key.private", "Kexample.+165+12345.private", text.lines().next().unwrap_or_default()] {
        for weak in [WeakKeys::Refuse, WeakKeys::Allow] {
            let file = KeyFile::new(&text).named(name).weak(weak);
            for wanted in [None, Some(&wanted)] {
                match file.key(wanted) {
                    Ok(key) => hold(&key),
                    Err(error) => show(&format!("{error}"), &format!("{error:?}")),
                }
            }
            file.keys().into_iter().flatten().for_each(|key| hold(&key));
        }
    }
    match TsigKey::parse_allowing(&text, WeakKeys::Allow) {
        Ok(key) => hold(&key),
        Err(error) => show(&format!("{error}"), &format!("{error:?}")),
    }
});

/// A key that was read has a name that can be sent, and does not show its secret.
fn hold(key: &TsigKey) {
    let name = key.key_name().as_octets();
    assert!((1..=255).contains(&name.len()));
    let named_so = name.windows(16).any(|window| window.eq_ignore_ascii_case(&SECRET.as_bytes()[..16]));
    assert!(named_so || !format!("{key:?}").contains(SECRET), "{key:?}");
}

/// What people are shown.
fn show(text: &str, debug: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
    // The names of keys are the one thing that is repeated, and a fuzzer may well put the secret there.
    let names_keys = debug.contains("NotFound") || debug.contains("Several");
    assert!(names_keys || !(text.contains(SECRET) || debug.contains(SECRET)), "{text:?} {debug}");
}

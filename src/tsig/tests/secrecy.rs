//! A secret is nowhere to be read.

use super::super::{KeyFile, WeakKeys};
use super::*;
use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

/// Fails if a text holds the secret, or a good part of it, in any of the forms in which somebody could print it.
fn holds_no_secret(text: &str) {
    let part = &SECRET[..8];
    let decimal = format!("{part:?}");
    let forms = [
        String::from_utf8_lossy(part).into_owned(),
        BASE64.encode(&SECRET[..6]),
        HEXLOWER.encode(part),
        HEXUPPER.encode(part),
        decimal.trim_matches(['[', ']']).to_owned(),
    ];
    for form in &forms {
        assert!(!text.contains(form.as_str()), "{form} in {text}");
    }
}

#[test]
fn t13_no_public_type_shows_the_secret() {
    let base64 = BASE64.encode(SECRET);
    let (signer, mac, mut peer) = request(Algorithm::HMAC_SHA256);
    let mut sequence = Sequence::new(Arc::clone(&signer), &mac);
    let octets = peer.signed(response(1));
    next(&mut sequence, &octets).unwrap();
    let record = TsigRecord::read(Message::parse(&octets).unwrap().tsig().unwrap()).unwrap();
    let transaction = Transaction::new(Arc::clone(&signer), mac.clone());
    let key = TsigKey::parse(&format!("k:{base64}")).unwrap();
    let text = format!("key k {{ algorithm hmac-sha256; secret \"{base64}\"; }};");
    let file = KeyFile::new(&text);
    for shown in [
        format!("{signer:?} {key:?} {key:#?} {key}"),
        format!("{:?} {}", key.algorithm(), key.algorithm()),
        format!("{file:?} {file:#?}"),
        format!("{mac:?} {transaction:?} {sequence:?} {record:?}"),
        format!("{:?}", verdict(&transaction, &octets)),
    ] {
        holds_no_secret(&shown);
    }
    assert_eq!(format!("{key:?}"), "TsigKey(k., hmac-sha256, secret not shown)");
}

#[test]
fn t13_no_error_of_a_key_repeats_what_was_given() {
    let base64 = BASE64.encode(SECRET);
    let private = format!("Private-key-format: v1.3\nAlgorithm: 163 (HMAC_SHA256)\nKey: {base64}\n");
    let statement = format!("key \"k\" {{\n\talgorithm hmac-sha256;\n\tsecret \"{base64}\";\n}};\n");
    let line = format!("hmac-sha256:k:{base64}");
    let mut errors = 0;
    for text in [private, statement, line] {
        for at in 0..text.len() {
            for inserted in ["", "*", "\"", "}", ";", ":", " "] {
                // One character replaced; an empty one is a character lost.
                let broken = format!("{}{inserted}{}", &text[..at], &text[at + 1..]);
                let file = KeyFile::new(&broken).named("Kk.+163+1.private").weak(WeakKeys::Allow);
                let shown = match (file.key(None), TsigKey::parse(&broken)) {
                    (Err(file), Err(argument)) => format!("{file} {file:?} {argument} {argument:?}"),
                    (Err(file), Ok(key)) => format!("{file} {file:?} {key:?}"),
                    (Ok(key), Err(argument)) => format!("{key:?} {argument} {argument:?}"),
                    (Ok(_), Ok(_)) => continue,
                };
                errors += 1;
                holds_no_secret(&shown);
            }
        }
    }
    assert!(errors > 1000, "{errors}");
}

#[test]
fn t13_the_state_that_took_the_secret_in_is_wiped_on_drop() {
    /// Compiles only for what is wiped: the two hash states that an HMAC consists of (it has no marker of its own).
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    wiped::<md5::Md5>();
    wiped::<sha1::Sha1>();
    wiped::<sha2::Sha224>();
    wiped::<sha2::Sha256>();
    wiped::<sha2::Sha384>();
    wiped::<sha2::Sha512>();
}

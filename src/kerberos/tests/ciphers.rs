//! Keys and ciphers: the vectors of RFC 3961, 3962, 4757 and 8009, then picky-krb.

use crate::kerberos::cipher::Etype;
use crate::kerberos::{By, KerberosError, Key, Signature};
use data_encoding::HEXLOWER_PERMISSIVE;
use picky_krb::crypto::CipherSuite;
use zeroize::Zeroizing;

/// Octets from hexadecimal.
fn hex(text: &str) -> Vec<u8> {
    HEXLOWER_PERMISSIVE.decode(text.replace(' ', "").as_bytes()).unwrap()
}

/// A key from hexadecimal.
fn key(etype: Etype, text: &str) -> Key {
    Key::new(etype, Zeroizing::new(hex(text))).unwrap()
}

/// A key of octets that all differ.
fn some_key(etype: Etype) -> Key {
    let octets = (0..etype.key_octets()).map(|index| u8::try_from(index * 7 + 3).unwrap());
    Key::new(etype, Zeroizing::new(octets.collect())).unwrap()
}

const ALL: [Etype; 5] = [Etype::Aes128Sha1, Etype::Aes256Sha1, Etype::Aes128Sha2, Etype::Aes256Sha2, Etype::Rc4];

#[test]
fn rfc_8009_appendix_a_keys_from_passwords() {
    let salt = [hex("10DF9DD783E5BC8ACEA1730E74355F61"), b"ATHENA.MIT.EDUraeburn".to_vec()].concat();
    for (etype, expected) in [
        (Etype::Aes128Sha2, "089BCA48B105EA6EA77CA5D2F39DC5E7"),
        (Etype::Aes256Sha2, "45BD806DBF6A833A9CFFC1C94589A222367A79BC21C413718906E9F578A78467"),
    ] {
        let rounds = 32_768_u32.to_be_bytes();
        let key = Key::from_password(etype, "password", &salt, Some(&rounds)).unwrap();
        assert_eq!(key.reveal(), hex(expected), "{etype}");
        assert_eq!(Key::from_password(etype, "password", &salt, None).unwrap().reveal(), hex(expected), "the default");
    }
}

#[test]
fn rfc_8009_appendix_a_encryption_and_checksums() {
    let short = key(Etype::Aes128Sha2, "3705D96080C17728A0E800EAB6E0D23C");
    let long = key(Etype::Aes256Sha2, "6D404D37FAF79F9DF0D33568D320669800EB4836472EA8A026D16B7182460C52");
    let text: Vec<u8> = (0..21).collect();
    for (key, plain, confounder, expected) in [
        (
            &short,
            0,
            "7E5895EAF2672435BAD817F545A37148",
            "EF85FB890BB8472F4DAB20394DCA781D AD877EDA39D50C870C0D5A0A8E48C718",
        ),
        (
            &long,
            0,
            "F764E9FA15C276478B2C7D0C4E5F58E4",
            "41F53FA5BFE7026D91FAF9BE959195A0 58707273A96A40F0A01960621AC612748B9BBFBE7EB4CE3C",
        ),
    ] {
        let cipher = key.encrypt(2, &hex(confounder).try_into().unwrap(), &text[..plain]);
        assert_eq!(cipher, hex(expected));
        assert_eq!(*key.decrypt(2, &cipher).unwrap(), text[..plain]);
    }
    assert_eq!(short.checksum(2, &text), hex("D78367186643D67B411CBA9139FC1DEE"));
    assert_eq!(long.checksum(2, &text), hex("45EE791567EEFCA37F4AC1E0222DE80D43C3BFA06699672A"));
}

#[test]
fn rfc_3962_appendix_b_keys_from_passwords() {
    for (etype, expected) in [
        (Etype::Aes128Sha1, "4c01cd46d632d01e6dbe230a01ed642a"),
        (Etype::Aes256Sha1, "55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a"),
    ] {
        // The vector has fewer rounds than are accepted from a KDC.
        let key = crate::kerberos::cipher::sha1_string_to_key(etype, "password", b"ATHENA.MIT.EDUraeburn", 1200);
        assert_eq!(*key, hex(expected), "{etype}");
    }
}

#[test]
fn rfc_4757_section_2_a_key_from_a_password() {
    let key = Key::from_password(Etype::Rc4, "foo", b"no salt counts", None).unwrap();
    assert_eq!(key.reveal(), hex("ac8e657f83df82beea5d43bdaf7800cc"));
}

#[test]
fn too_few_or_too_many_rounds_are_refused() {
    for rounds in [0, 1, 4095, 1_000_001, u32::MAX] {
        let made = Key::from_password(Etype::Aes256Sha1, "x", b"salt", Some(&rounds.to_be_bytes()));
        assert_eq!(made.unwrap_err(), KerberosError::Iterations, "{rounds}");
    }
    let made = Key::from_password(Etype::Aes128Sha2, "x", b"salt", Some(&[1]));
    assert_eq!(made.unwrap_err(), KerberosError::Iterations);
}

#[test]
fn what_is_encrypted_comes_back_and_nothing_else_does() {
    for etype in ALL {
        let key = some_key(etype);
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 100] {
            let plain: Vec<u8> = (0..length).collect();
            let cipher = key.encrypt(11, &[0x5A; 16], &plain);
            assert_eq!(*key.decrypt(11, &cipher).unwrap(), plain, "{etype} {length}");
            assert!(key.decrypt(7, &cipher).is_none(), "{etype}: another usage");
            for at in 0..cipher.len() {
                let mut altered = cipher.clone();
                altered[at] ^= 1;
                assert!(key.decrypt(11, &altered).is_none(), "{etype} {length}: octet {at}");
                assert!(key.decrypt(11, &cipher[..at]).is_none(), "{etype} {length}: cut at {at}");
            }
        }
    }
}

#[test]
fn picky_krb_reads_what_we_write_and_writes_what_we_read() {
    for (etype, suite) in
        [(Etype::Aes128Sha1, CipherSuite::Aes128CtsHmacSha196), (Etype::Aes256Sha1, CipherSuite::Aes256CtsHmacSha196)]
    {
        let (ours, theirs) = (some_key(etype), suite.cipher());
        for length in [0, 1, 15, 16, 17, 32, 47, 300] {
            let plain: Vec<u8> = (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect();
            for usage in [1, 3, 8, 11, 12, 1024] {
                let cipher = ours.encrypt(usage, &[9; 16], &plain);
                let number = i32::try_from(usage).unwrap();
                assert_eq!(theirs.decrypt(ours.reveal(), number, &cipher).unwrap(), plain);
                let cipher = theirs.encrypt(ours.reveal(), number, &plain).unwrap();
                assert_eq!(*ours.decrypt(usage, &cipher).unwrap(), plain);
                let checksum = theirs.checksum_type().hasher().checksum(ours.reveal(), number, &plain).unwrap();
                assert_eq!(ours.checksum(usage, &plain), checksum);
            }
        }
        let made = theirs.generate_key_from_password(b"Passw0rd", b"CORP.TESTuser").unwrap();
        assert_eq!(Key::from_password(etype, "Passw0rd", b"CORP.TESTuser", None).unwrap().reveal(), made);
    }
}

#[test]
fn a_signature_is_of_one_side_one_text_and_one_key() {
    let begin = |key: &Key, by, text: &[u8]| {
        let mut signature = Signature::begin(key, by, true);
        signature.update(text);
        signature
    };
    for etype in ALL {
        let key = some_key(etype);
        let token = begin(&key, By::Acceptor, b"text").sign(7);
        assert!(begin(&key, By::Acceptor, b"text").verify(&token), "{etype}");
        assert!(!begin(&key, By::Initiator, b"text").verify(&token), "{etype}: our own is not theirs");
        assert!(!begin(&key, By::Acceptor, b"texT").verify(&token), "{etype}");
        for at in 0..token.len() {
            let mut altered = token.clone();
            altered[at] ^= 1;
            // The sequence number of RC4 is not under the checksum; it is not looked at either.
            let covered = etype != Etype::Rc4 || !(21..25).contains(&at);
            assert_eq!(!begin(&key, By::Acceptor, b"text").verify(&altered), covered, "{etype}: octet {at}");
            assert!(!begin(&key, By::Acceptor, b"text").verify(&token[..at]), "{etype}: cut at {at}");
        }
    }
}

#[test]
fn l4_no_key_is_shown() {
    let key = some_key(Etype::Aes256Sha1);
    assert_eq!(format!("{key:?}"), "Key(aes256-cts-hmac-sha1-96, not shown)");
}

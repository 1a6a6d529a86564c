//! Keys as people write them: `-y` and key files.

use super::super::{KeyError, KeyFile, KeyFileError, KeyFileErrorKind, WeakKeys};
use super::*;

/// A key file as `tsig-keygen` writes it, with all comments that BIND has.
const FILE: &str = r#"
# one /* two
/* three
 * // */ key "First.Example" { // four
    algorithm hmac-sha512;   # five
    secret "Zmlyc3Qgc2VjcmV0";
};
key second { secret c2Vjb25k/+8=; algorithm "HMAC-SHA256-128"; };
update-policy { grant first.example zonesub ANY; };
"#;

/// What a key shows: name, algorithm, and the MAC over nothing, which tells its secret.
fn shown(key: &TsigKey) -> (String, Vec<u8>) {
    (key.to_string(), key.sign(&[]).unwrap())
}

/// The same for a key made from its parts.
fn wanted(key_name: &str, algorithm: Algorithm, secret: &[u8]) -> (String, Vec<u8>) {
    shown(&TsigKey::new(&name(key_name), algorithm, secret.to_vec()).unwrap())
}

/// The error of a key file, as text.
fn complaint(text: &str) -> String {
    TsigKey::key_file(text, None).unwrap_err().to_string()
}

#[test]
fn t13_algorithms_by_their_names() {
    for text in [
        "hmac-sha1",
        "hmac-sha224",
        "hmac-sha256",
        "hmac-sha384",
        "hmac-sha512",
        "hmac-sha1-80",
        "hmac-sha224-112",
        "hmac-sha256-128",
        "hmac-sha384-192",
        "hmac-sha512-256",
        "hmac-sha256-136",
    ] {
        assert_eq!(Algorithm::parse(text, WeakKeys::Allow).unwrap().to_string(), text);
        let upper = format!("{}.", text.to_ascii_uppercase());
        assert_eq!(Algorithm::parse(&upper, WeakKeys::Allow).unwrap().to_string(), text);
    }
    assert_eq!(Algorithm::default(), Algorithm::HMAC_SHA256);
    assert_eq!(Algorithm::parse("hmac-sha256-256", WeakKeys::Refuse), Ok(Algorithm::HMAC_SHA256));
    for text in ["", "hmac-", "hmac-sha2560", "hmac-sha256-", "hmac-sha256-x", "sha256", "hmac-sha3", "gss-tsig"] {
        assert_eq!(Algorithm::parse(text, WeakKeys::Refuse), Err(KeyError::UnknownAlgorithm), "{text}");
    }
    for text in ["hmac-sha256-120", "hmac-sha256-129", "hmac-sha256-264", "hmac-sha256-0"] {
        let error = KeyError::Truncation { least: 128, most: 256 };
        assert_eq!(Algorithm::parse(text, WeakKeys::Refuse), Err(error), "{text}");
    }
}

#[test]
fn t13_sha1_only_if_asked_for() {
    for text in ["hmac-sha1", "HMAC-SHA1.", "hmac-sha1-80"] {
        assert_eq!(Algorithm::parse(text, WeakKeys::Refuse), Err(KeyError::Sha1));
        assert!(Algorithm::parse(text, WeakKeys::Allow).unwrap().is_weak());
        assert!(!Algorithm::HMAC_SHA256.is_weak());
    }
    assert_eq!(TsigKey::parse("hmac-sha1:k:QUJD").unwrap_err(), KeyError::Sha1);
    // Whoever writes its name into a program has asked for it.
    assert!(TsigKey::new(&name("k."), Algorithm::HMAC_SHA1, b"ABC".to_vec()).is_ok());
    assert!(KeyError::Sha1.to_string().contains("hmac-sha1 rests on a broken hash"));
}

#[test]
fn t13_md5_only_if_asked_for() {
    for text in ["hmac-md5", "HMAC-MD5.SIG-ALG.REG.INT.", "hmac-md5-80"] {
        assert_eq!(Algorithm::parse(text, WeakKeys::Refuse), Err(KeyError::Md5));
        assert!(Algorithm::parse(text, WeakKeys::Allow).is_ok());
    }
    // Half of it would be 8 octets; 10 is the floor.
    let error = KeyError::Truncation { least: 80, most: 128 };
    assert_eq!(Algorithm::parse("hmac-md5-72", WeakKeys::Allow), Err(error));
    assert_eq!(TsigKey::parse("hmac-md5:k:QUJD").unwrap_err(), KeyError::Md5);
    let key = TsigKey::parse_allowing("hmac-md5:k:QUJD", WeakKeys::Allow).unwrap();
    assert_eq!(key.algorithm_name().as_octets(), b"\x08hmac-md5\x07sig-alg\x03reg\x03int\x00");
    let file = "key k { algorithm hmac-md5; secret \"QUJD\"; };";
    assert_eq!(TsigKey::key_file(file, None).unwrap_err().kind, KeyFileErrorKind::Key(KeyError::Md5));
    assert!(KeyFile::new(file).weak(WeakKeys::Allow).key(None).is_ok());
}

#[test]
fn t13_the_form_of_y() {
    let key = |text| TsigKey::parse(text).map(|key| shown(&key));
    assert_eq!(key("xfr.example:QUJD"), Ok(wanted("xfr.example", Algorithm::HMAC_SHA256, b"ABC")));
    assert_eq!(key("hmac-sha512:Xfr.Example.:QUJD"), Ok(wanted("xfr.example", Algorithm::HMAC_SHA512, b"ABC")));
    assert_eq!(key(r"a\.b\032c:QUJD").unwrap().0, r"a\.b\032c. (hmac-sha256)");
    for text in ["", "QUJD", "name"] {
        assert_eq!(key(text), Err(KeyError::Form));
    }
    let long = format!("{}:QUJD", "a".repeat(64));
    for text in [":QUJD", "a..b:QUJD", ".a:QUJD", "a b:QUJD", r"a\25:QUJD", r"a\256:QUJD", "ä:QUJD", &long] {
        assert_eq!(key(text), Err(KeyError::Name), "{text}");
    }
    for text in ["k:QUJ", "k:QUJ*", "k:QUJDR=", "k:QR=="] {
        assert_eq!(key(text), Err(KeyError::Base64), "{text}");
    }
    assert_eq!(key("k:"), Err(KeyError::EmptySecret));
    assert_eq!(key("hmac-sha9:k:QUJD"), Err(KeyError::UnknownAlgorithm));
}

#[test]
fn t13_bind_key_statements() {
    let keys = KeyFile::new(FILE).keys().unwrap();
    let first = wanted("first.example", Algorithm::HMAC_SHA512, b"first secret");
    let second = wanted("second", Algorithm::HMAC_SHA256_128, b"second\xFF\xEF");
    assert_eq!(keys.iter().map(shown).collect::<Vec<_>>(), [first, second.clone()]);
    let named = TsigKey::key_file(FILE, Some(&name("SECOND."))).unwrap();
    assert_eq!(shown(&named), second);
}

#[test]
fn t13_a_file_from_windows() {
    let windows = format!("\u{FEFF}{}", FILE.replace('\n', "\r\n"));
    assert_eq!(KeyFile::new(&windows).keys().unwrap().len(), 2);
    let line = "\u{FEFF}hmac-sha512:xfr.example:QUJD\r\n";
    assert_eq!(shown(&TsigKey::key_file(line, None).unwrap()).0, "xfr.example. (hmac-sha512)");
}

#[test]
fn t13_which_of_several_keys_has_to_be_said() {
    assert_eq!(complaint(FILE), "line 1, column 1: several keys here, name one of them: first.example., second.");
    let error = TsigKey::key_file(FILE, Some(&name("third."))).unwrap_err();
    assert_eq!(error.to_string(), "line 1, column 1: no key third. here; there is: first.example., second.");
}

#[test]
fn t13_the_one_line_of_kdig() {
    let key = TsigKey::key_file("# made by hand\n\nhmac-sha512:xfr.example:QUJD\n", None).unwrap();
    assert_eq!(shown(&key), wanted("xfr.example", Algorithm::HMAC_SHA512, b"ABC"));
    assert!(complaint("\n  k:QUJ*\n").starts_with("line 2, column 3: the secret is not valid base64"));
}

#[test]
fn t13_the_old_private_files() {
    let text =
        "Private-key-format: v1.3\nAlgorithm: 163 (HMAC_SHA256)\nKey: QUJD\nBits: AAA=\nCreated: 20120101000000\n";
    let file = KeyFile::new(text).named("Kxfr.example.+163+12345.private");
    assert_eq!(shown(&file.key(None).unwrap()), wanted("xfr.example", Algorithm::HMAC_SHA256, b"ABC"));
    assert!(file.key(Some(&name("other."))).is_err());
    let cut = text.replace("AAA=", "AIA=");
    let cut = KeyFile::new(&cut).named("Kxfr.example.+163+12345.private").key(None).unwrap();
    assert_eq!(shown(&cut), wanted("xfr.example", Algorithm::HMAC_SHA256_128, b"ABC"));
    for (number, algorithm) in [(161, "hmac-sha1"), (162, "hmac-sha224"), (164, "hmac-sha384"), (165, "hmac-sha512")] {
        let text = text.replace("163 ", &format!("{number} "));
        let key = KeyFile::new(&text).named("Kk.+1+1.private").weak(WeakKeys::Allow).key(None).unwrap();
        assert_eq!(key.algorithm().to_string(), algorithm);
    }
}

#[test]
fn t13_the_old_key_files() {
    let secret = "QUJD REVG\tR0hJ";
    for line in [
        format!("xfr.example. IN KEY 512 3 163 {secret}"),
        format!("xfr.example. 3600 IN KEY 512 3 163 {secret}\n"),
        format!("; made in 2012\n\nXfr.Example. key 512 3 163 {secret}\r\n"),
    ] {
        let key = TsigKey::key_file(&line, None).unwrap();
        assert_eq!(shown(&key), wanted("xfr.example", Algorithm::HMAC_SHA256, b"ABCDEFGHI"), "{line}");
    }
    assert!(complaint("\nk. IN KEY 512 3 8 QUJD").starts_with("line 2, column 1: the algorithm is not known"));
    assert!(complaint("k. IN KEY 512 3 163 QUJ").starts_with("line 1, column 1: the secret is not valid base64"));
    assert!(complaint("k. IN KEY 512 3 157 QUJD").contains("hmac-md5 is broken"));
    assert!(complaint("k. IN KEY 512 3 163 ").contains("empty"));
    assert!(complaint("k. IN KEY 512 3").contains("this is no key file"));
}

#[test]
fn t13_what_is_wrong_in_a_private_file() {
    let text = "Private-key-format: v1.3\nAlgorithm: 163 (HMAC_SHA256)\nKey: QUJD\n";
    let error = |text: &str, file_name| KeyFile::new(text).named(file_name).key(None).unwrap_err();
    for file_name in ["key", "K.private", "Kk.+163.private", "Kk.+163+x.private", "K+1+1.private", "Kk.+163+1.key"] {
        assert_eq!(error(text, file_name).kind, KeyFileErrorKind::FileName, "{file_name}");
    }
    assert_eq!(TsigKey::key_file(text, None).unwrap_err().kind, KeyFileErrorKind::FileName);
    let usual = "Kk.+163+1.private";
    let at = |line, kind| KeyFileError { line, column: 1, kind };
    let rsa = text.replace("163 ", "8 ");
    assert_eq!(error(&rsa, usual), at(2, KeyError::UnknownAlgorithm.into()));
    assert_eq!(error(&text.replace("QUJD", "QUJ"), usual), at(3, KeyError::Base64.into()));
    assert_eq!(error("Private-key-format: v1.3\nKey: QUJD", usual), at(2, KeyFileErrorKind::Lacks("algorithm")));
    assert_eq!(error("Private-key-format: v1.3\nAlgorithm: 163", usual), at(2, KeyFileErrorKind::Lacks("secret")));
}

#[test]
fn t13_what_is_wrong_in_a_key_file_and_where() {
    let cases = [
        ("", "line 1, column 1: this is no key file"),
        ("options { directory \"/\"; };", "line 1, column 1: this is no key file"),
        ("key {", "line 1, column 5: wanted the key's name"),
        ("key", "line 1, column 4: wanted the key's name"),
        ("key a..b { };", "line 1, column 5: the key's name is not a domain name"),
        ("key k;", "line 1, column 6: wanted { after the key's name"),
        ("key k {\n\tsecret \"QUJD\";", "line 1, column 7: the block that starts here does not end"),
        ("key k {\n\tsecret \"QUJD;\n};", "line 2, column 9: the string that starts here does not end"),
        ("/* key k {", "line 1, column 1: the comment that starts here does not end"),
        ("key k {\n\tsecret QUJD\n};", "line 3, column 1: wanted ; after the value"),
        ("key k {\n\tsecret ;\n};", "line 2, column 9: wanted a value"),
        ("key k {\n\tsecrets \"QUJD\";\n};", "line 2, column 2: wanted algorithm, secret or }"),
        ("key k {\n\tsecret \"QUJD\"; secret \"QUJD\";\n};", "line 2, column 17: secret twice"),
        ("key k { secret \"QUJD\"; };", "line 1, column 5: this key has no algorithm"),
        ("key k { algorithm hmac-sha256; };", "line 1, column 5: this key has no secret"),
        ("key k { algorithm hmac-sha256; secret \"Q*\"; };", "line 1, column 39: the secret is not valid base64"),
        ("key k { algorithm rsa; secret \"QUJD\"; };", "line 1, column 19: the algorithm is not known"),
        ("key k { algorithm hmac-sha256; secret \"QUJD\"; }", "line 1, column 48: wanted ; after the }"),
        ("view v { key k { algorithm hmac-sha256; secret \"QUJD\"; };", "line 1, column 1: the block that starts here"),
        ("};", "line 1, column 1: wanted a statement"),
    ];
    for (text, wanted) in cases {
        let complaint = complaint(text);
        assert!(complaint.starts_with(wanted), "{text:?} gave {complaint:?}");
    }
    let twice =
        "key k { algorithm hmac-sha256; secret \"QUJD\"; };\nkey K { algorithm hmac-sha256; secret \"QUJD\"; };";
    assert_eq!(complaint(twice), "line 2, column 1: a key of this name twice");
}

#[test]
fn t13_statements_before_a_key_are_passed_over() {
    let key = "key k { algorithm hmac-sha256; secret c2VjcmV0; };";
    for before in ["include \"other\";", "acl all { any; };", "options { listen-on { any; }; };"] {
        assert!(TsigKey::key_file(&format!("{before}\n{key}\n{before}"), None).is_ok(), "{before}");
    }
}

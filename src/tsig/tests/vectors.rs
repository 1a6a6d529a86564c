//! Messages of BIND and dnspython: `vectors.txt`, made by `make_vectors.py`, which says how.

use super::super::{FUDGE, MacError, Summary, TsigError, WeakKeys};
use super::*;

/// The octets of one vector.
fn vector(name: &str) -> Vec<u8> {
    let line = include_str!("vectors.txt").lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    data_encoding::HEXLOWER.decode(line.unwrap_or_else(|| panic!("no vector {name}")).as_bytes()).unwrap()
}

/// The key of this name with the secret of the vectors.
fn signer(key_name: &str, algorithm: &str) -> Arc<dyn Signer> {
    let algorithm = Algorithm::parse(algorithm, WeakKeys::Allow).unwrap();
    Arc::new(TsigKey::new(&name(key_name), algorithm, vector("secret")).unwrap())
}

/// Takes a vector's TSIG off, signs it again at the same time, and demands the same MAC; returns MAC and time.
fn resigned(signer: &Arc<dyn Signer>, vector_name: &str) -> (RequestMac, u64) {
    let octets = vector(vector_name);
    let message = Message::parse(&octets).unwrap();
    let view = message.tsig().unwrap();
    let record = TsigRecord::read(view).unwrap();
    assert_eq!(record.fudge, FUDGE);
    let mut stripped = octets[..view.position()].to_vec();
    stripped[11] -= 1;
    let mac = sign_request(signer, &mut stripped, record.time_signed).unwrap();
    assert_eq!(mac.as_octets(), record.mac, "{vector_name}");
    assert!(stripped.eq_ignore_ascii_case(&octets), "{vector_name}");
    (mac, record.time_signed)
}

/// What becomes of the vector `named.CASE.answer`, when the request was sent as it is in the vector.
fn named(case: &str, key_name: &str) -> TsigError {
    let request = vector(&format!("named.{case}.request"));
    let message = Message::parse(&request).unwrap();
    let record = TsigRecord::read(message.tsig().unwrap()).unwrap();
    let transaction = Transaction::new(signer(key_name, "hmac-sha256"), RequestMac::new(record.mac.to_vec()));
    let answer = vector(&format!("named.{case}.answer"));
    transaction.verify(&Message::parse(&answer).unwrap(), record.time_signed).unwrap_err()
}

#[test]
fn t1_t2_t13_requests_and_answers_of_bind_with_every_algorithm() {
    let whole = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"];
    let cut = ["hmac-sha1-80", "hmac-sha256-128", "hmac-sha384-192", "hmac-sha512-256"];
    for algorithm in whole.into_iter().chain(cut) {
        let signer = signer(&format!("{algorithm}.Example"), algorithm);
        let (mac, time) = resigned(&signer, &format!("bind.{algorithm}.request"));
        let answer = vector(&format!("bind.{algorithm}.answer"));
        let verified = Transaction::new(signer, mac).verify(&Message::parse(&answer).unwrap(), time);
        assert!(verified.unwrap().time_signed.abs_diff(time) < 60, "{algorithm}");
    }
}

#[test]
fn t3_a_transfer_of_bind_every_message_signed() {
    let signer = signer("hmac-sha256.Example", "hmac-sha256");
    let (mac, time) = resigned(&signer, "bind.axfr.request");
    let mut sequence = Sequence::new(signer, &mac).every_message();
    for index in 0..6 {
        let octets = vector(&format!("bind.axfr.{index}"));
        sequence.message(&Message::parse(&octets).unwrap(), time).unwrap();
    }
    assert_eq!(sequence.finish(), Ok(Summary { signed: 6, unsigned: 0 }));
}

#[test]
fn t3_t4_a_transfer_of_dnspython_two_of_five_messages_unsigned() {
    let signer = signer("Xfr.Example", "hmac-sha512");
    let (mac, time) = resigned(&signer, "python.request");
    let messages: Vec<_> = (0..5).map(|index| vector(&format!("python.axfr.{index}"))).collect();
    let mut sequence = Sequence::new(Arc::clone(&signer), &mac);
    for octets in &messages {
        sequence.message(&Message::parse(octets).unwrap(), time).unwrap();
    }
    assert_eq!(sequence.finish(), Ok(Summary { signed: 3, unsigned: 2 }));

    let mut sequence = Sequence::new(signer, &mac);
    let mut altered = messages;
    *altered[1].last_mut().unwrap() ^= 1;
    let results: Vec<_> = altered.iter().map(|o| sequence.message(&Message::parse(o).unwrap(), time)).collect();
    assert_eq!(results[..3], [Ok(()), Ok(()), Err(MacError::Mismatch.into())]);
}

#[test]
fn t10_badtime_of_named_is_signed_and_tells_its_time() {
    let error = named("badtime", "hmac-sha256.example");
    let TsigError::BadTime { skew: Some(skew), authenticated: true, .. } = error else { panic!("{error:?}") };
    assert!((3600..3660).contains(&skew), "{skew}");
}

#[test]
fn t11_badkey_badsig_and_badtrunc_of_named() {
    let badkey = named("badkey", "nobody.example");
    assert!(matches!(badkey, TsigError::BadKey { authenticated: false, .. }), "{badkey:?}");
    let badsig = named("badsig", "hmac-sha256.example");
    assert!(matches!(badsig, TsigError::BadSig { authenticated: false, .. }), "{badsig:?}");
    let badtrunc = named("badtrunc", "hmac-sha256.example");
    assert!(matches!(badtrunc, TsigError::BadTrunc { authenticated: true, .. }), "{badtrunc:?}");
}

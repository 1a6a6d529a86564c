//! Section T of the rules, one scenario each, against a peer that puts its digests together by hand; and the vectors of
//! two other implementations.

mod answers;
mod keys;
mod odd;
mod secrecy;
mod sequences;
mod vectors;
mod wording;

use super::{Algorithm, RequestMac, Sequence, Signer, Transaction, TsigError, TsigKey, TsigRecord, sign_request};
use crate::wire::{Message, WireName};
use hickory_proto::rr::Name;
use std::sync::Arc;

/// The time at which the tests take place.
const NOW: u64 = 1_700_000_000;
/// The secret of both sides.
const SECRET: &[u8] = b"a secret that both sides know!!!";

/// The key `Xfr.Example` with this algorithm.
fn key(algorithm: Algorithm) -> TsigKey {
    TsigKey::new(&name("Xfr.Example."), algorithm, SECRET.to_vec()).unwrap()
}

/// A name from text.
fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// A query for a transfer of `vector.test`, not signed.
fn query() -> Vec<u8> {
    let mut message = vec![0xBE, 0xEF, 0x00, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend_from_slice(b"\x06vector\x04test\x00\x00\xFC\x00\x01");
    message
}

/// A response to [`query`] with one A record, whose last octet is `octet`; not signed.
fn response(octet: u8) -> Vec<u8> {
    let mut message = query();
    message[2] = 0x84;
    message[7] = 1;
    message.extend_from_slice(b"\x01a\xC0\x0C\x00\x01\x00\x01\x00\x00\x01\x2C\x00\x04\xC0\x00\x02");
    message.push(octet);
    message
}

/// How a peer signs one message.
#[derive(Clone)]
struct Manner {
    time: u64,
    fudge: u16,
    error: u16,
    other: Vec<u8>,
    /// The length to which the MAC is cut, or extended with zeros.
    mac_octets: Option<usize>,
    key_name: Option<&'static [u8]>,
    algorithm: Option<&'static [u8]>,
    /// Overrides whether the variables are digested, or only the timers.
    timers_only: Option<bool>,
}

impl Default for Manner {
    fn default() -> Self {
        let (key_name, algorithm, timers_only) = (None, None, None);
        Self { time: NOW, fudge: 300, error: 0, other: vec![], mac_octets: None, key_name, algorithm, timers_only }
    }
}

/// The other side of one request.
struct Peer {
    key: TsigKey,
    prior_mac: Vec<u8>,
    unsigned: Vec<u8>,
    first: bool,
}

impl Peer {
    /// A peer that got the request with this MAC.
    fn answering(key: &TsigKey, request: &RequestMac) -> Self {
        Self { key: key.clone(), prior_mac: request.as_octets().to_vec(), unsigned: vec![], first: true }
    }

    /// The next message, not signed.
    fn unsigned(&mut self, message: Vec<u8>) -> Vec<u8> {
        self.unsigned.extend_from_slice(&message);
        message
    }

    /// The next message, signed as is usual.
    fn signed(&mut self, message: Vec<u8>) -> Vec<u8> {
        self.signed_so(message, &Manner::default())
    }

    /// The next message, signed in this manner.
    fn signed_so(&mut self, mut message: Vec<u8>, manner: &Manner) -> Vec<u8> {
        let mut digest = u16::try_from(self.prior_mac.len()).unwrap().to_be_bytes().to_vec();
        digest.extend(&self.prior_mac);
        digest.append(&mut self.unsigned);
        digest.extend(&message);
        let mut variables = b"\x03xfr\x07example\x00\x00\xFF\x00\x00\x00\x00".to_vec();
        variables.extend(self.key.algorithm_name().to_lowercase().as_octets());
        let mut timers = manner.time.to_be_bytes()[2..].to_vec();
        timers.extend(manner.fudge.to_be_bytes());
        if manner.timers_only.unwrap_or(!self.first) {
            digest.extend(&timers);
        } else {
            digest.extend(&variables);
            digest.extend(&timers);
            digest.extend(manner.error.to_be_bytes());
            digest.extend(u16::try_from(manner.other.len()).unwrap().to_be_bytes());
            digest.extend(&manner.other);
        }
        let mut mac = self.key.sign(&[&digest]).unwrap();
        mac.resize(manner.mac_octets.unwrap_or(mac.len()), 0);
        let record = TsigRecord {
            key_name: manner.key_name.map_or(*self.key.key_name(), |n| WireName::from_octets(n).unwrap()),
            algorithm: manner.algorithm.map_or(*self.key.algorithm_name(), |n| WireName::from_octets(n).unwrap()),
            time_signed: manner.time,
            fudge: manner.fudge,
            mac: &mac,
            original_id: u16::from_be_bytes([message[0], message[1]]),
            error: manner.error,
            other: &manner.other,
        };
        record.append_to(&mut message).unwrap();
        self.prior_mac = mac;
        self.first = false;
        message
    }
}

/// Our signer and the MAC of a request that it signed, with the peer that got it.
fn request(algorithm: Algorithm) -> (Arc<dyn Signer>, RequestMac, Peer) {
    let key = key(algorithm);
    let signer: Arc<dyn Signer> = Arc::new(key.clone());
    let mac = sign_request(&signer, &mut query(), NOW).unwrap();
    let peer = Peer::answering(&key, &mac);
    (signer, mac, peer)
}

/// A transaction with its peer.
fn transaction(algorithm: Algorithm) -> (Transaction, Peer) {
    let (signer, mac, peer) = request(algorithm);
    (Transaction::new(signer, mac), peer)
}

/// A sequence with its peer, HMAC-SHA256.
fn sequence() -> (Sequence, Peer) {
    let (signer, mac, peer) = request(Algorithm::HMAC_SHA256);
    (Sequence::new(signer, &mac), peer)
}

/// What a transaction says of a message, now.
fn verdict(transaction: &Transaction, octets: &[u8]) -> Result<(), TsigError> {
    transaction.verify(&Message::parse(octets).unwrap(), NOW).map(drop)
}

/// What a sequence says of the next message, now.
fn next(sequence: &mut Sequence, octets: &[u8]) -> Result<(), TsigError> {
    sequence.message(&Message::parse(octets).unwrap(), NOW)
}

/// What a transaction with HMAC-SHA256 says of an answer signed in this manner.
fn verdict_of(manner: &Manner) -> Result<(), TsigError> {
    let (transaction, mut peer) = transaction(Algorithm::HMAC_SHA256);
    verdict(&transaction, &peer.signed_so(response(1), manner))
}

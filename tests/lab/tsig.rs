//! TSIG (RFC 8945) as a server speaks it: verify one request, sign one or many messages of the reply.
//!
//! Written apart from the crate's own, so that the two check each other.

use std::fmt;

use data_encoding::BASE64;
use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};
use hmac::{Hmac, KeyInit, Mac};

use super::fault::TsigFault;
use super::wire::{self, TsigRecord};
use super::zone::wire_name;

/// RFC 8945 section 10: the recommended fudge, in seconds.
const FUDGE: u16 = 300;
/// TSIG error: the MAC is wrong.
pub const BADSIG: u16 = 16;
/// TSIG error: the key is not known.
pub const BADKEY: u16 = 17;
/// TSIG error: the time is out of the window.
pub const BADTIME: u16 = 18;
/// TSIG error: the MAC is shorter than this server wants.
pub const BADTRUNC: u16 = 22;

/// The digests of RFC 8945 section 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `hmac-md5.sig-alg.reg.int`
    Md5,
    /// `hmac-sha1`
    Sha1,
    /// `hmac-sha224`
    Sha224,
    /// `hmac-sha256`
    Sha256,
    /// `hmac-sha384`
    Sha384,
    /// `hmac-sha512`
    Sha512,
}

/// # The registry
impl Algorithm {
    /// Every algorithm, for tests that try them all.
    pub const ALL: [Self; 6] = [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name on the wire, without the final dot.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "hmac-md5.sig-alg.reg.int",
            Self::Sha1 => "hmac-sha1",
            Self::Sha224 => "hmac-sha224",
            Self::Sha256 => "hmac-sha256",
            Self::Sha384 => "hmac-sha384",
            Self::Sha512 => "hmac-sha512",
        }
    }

    /// The name as key files and command lines have it.
    pub fn mnemonic(self) -> &'static str {
        if self == Self::Md5 { "hmac-md5" } else { self.name() }
    }

    /// The name in wire form.
    fn wire(self) -> Vec<u8> {
        let mut octets = Vec::new();
        for label in self.name().split('.') {
            octets.push(u8::try_from(label.len()).unwrap_or(0));
            octets.extend_from_slice(label.as_bytes());
        }
        octets.push(0);
        octets
    }
}

/// A shared secret with its name and algorithm.
#[derive(Clone)]
pub struct Key {
    /// The name of the key.
    name: Name,
    /// The digest.
    algorithm: Algorithm,
    /// The secret.
    secret: Vec<u8>,
}

/// # Making and showing
impl Key {
    /// A key; panics when the name is not one.
    #[track_caller]
    pub fn new(name: &str, algorithm: Algorithm, secret: &[u8]) -> Self {
        match Name::from_ascii(name) {
            Ok(mut name) => {
                name.set_fqdn(true);
                Self { name, algorithm, secret: secret.to_vec() }
            }
            Err(error) => panic!("not a key name: {name:?}: {error}"),
        }
    }

    /// The name of the key.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The secret, raw.
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The secret in base64, as key files hold it.
    pub fn base64(&self) -> String {
        BASE64.encode(&self.secret)
    }

    /// `hmac-sha256:name:secret`, as `dig -y` and our `-y` take it.
    pub fn argument(&self) -> String {
        format!("{}:{}:{}", self.algorithm.mnemonic(), self.name.to_ascii().trim_end_matches('.'), self.base64())
    }

    /// A key file in the syntax of BIND.
    pub fn file(&self) -> String {
        let (name, algorithm) = (self.name.to_ascii(), self.algorithm.mnemonic());
        format!("key \"{name}\" {{\n\talgorithm {algorithm};\n\tsecret \"{}\";\n}};\n", self.base64())
    }

    /// The MAC over the parts, in full length.
    fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        match self.algorithm {
            Algorithm::Md5 => mac_with::<Hmac<md5::Md5>>(&self.secret, parts),
            Algorithm::Sha1 => mac_with::<Hmac<sha1::Sha1>>(&self.secret, parts),
            Algorithm::Sha224 => mac_with::<Hmac<sha2::Sha224>>(&self.secret, parts),
            Algorithm::Sha256 => mac_with::<Hmac<sha2::Sha256>>(&self.secret, parts),
            Algorithm::Sha384 => mac_with::<Hmac<sha2::Sha384>>(&self.secret, parts),
            Algorithm::Sha512 => mac_with::<Hmac<sha2::Sha512>>(&self.secret, parts),
        }
    }

    /// How many octets a TSIG record of this key takes, a BADTIME reply included.
    pub fn record_size(&self) -> usize {
        const FIXED: usize = 10 + 16 + 6;
        FIXED + wire_name(&self.name).len() + self.algorithm.wire().len() + self.mac(&[]).len()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({} {})", self.name, self.algorithm.mnemonic())
    }
}

/// One HMAC; a key of any length is taken (RFC 2104), so a refusal cannot happen and would give an empty MAC.
fn mac_with<M: Mac + KeyInit>(secret: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else { return Vec::new() };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// What a request's TSIG came to.
pub enum Verified {
    /// There was none.
    Unsigned,
    /// It is right; the reply is signed with the same key over the request's MAC.
    Signed {
        /// The key.
        key: Key,
        /// The MAC as received.
        mac: Vec<u8>,
    },
    /// It is wrong; the reply says so.
    Rejected(Rejection),
}

/// Why a request's TSIG was refused, and what the reply needs.
pub struct Rejection {
    /// The TSIG error code.
    pub error: u16,
    /// The TSIG of the request.
    request: TsigRecord,
    /// The key to sign a BADTIME reply with.
    key: Option<Key>,
    /// The server's time, seconds since 1970.
    now: u64,
}

/// RFC 8945 section 5.2: key, then MAC, then time; truncation last.
pub fn verify(unsigned: &[u8], tsig: Option<TsigRecord>, keys: &[Key], now: u64) -> Verified {
    let Some(request) = tsig else { return Verified::Unsigned };
    let named = |key: &&Key| {
        wire_name(&key.name.to_lowercase()) == request.key_name && key.algorithm.wire() == request.algorithm
    };
    let Some(key) = keys.iter().find(named).cloned() else {
        return Verified::Rejected(Rejection { error: BADKEY, request, key: None, now });
    };
    let variables = variables(&key, request.time_signed, request.fudge, request.error, &request.other);
    let expected = key.mac(&[unsigned, &variables]);
    let shortest = 10.max(expected.len() / 2);
    let genuine = expected.starts_with(&request.mac) && request.mac.len() >= shortest;
    if !genuine {
        return Verified::Rejected(Rejection { error: BADSIG, request, key: None, now });
    }
    if now.abs_diff(request.time_signed) > u64::from(request.fudge) {
        return Verified::Rejected(Rejection { error: BADTIME, request, key: Some(key), now });
    }
    if request.mac.len() < expected.len() {
        return Verified::Rejected(Rejection { error: BADTRUNC, request, key: Some(key), now });
    }
    Verified::Signed { key, mac: request.mac }
}

/// # The reply to a wrong signature
impl Rejection {
    /// Adds the TSIG that says why; RFC 8945 section 5.2: BADKEY and BADSIG unsigned, BADTIME and BADTRUNC signed.
    pub fn attach(&self, octets: &mut Vec<u8>) {
        let other = if self.error == BADTIME { be48(self.now) } else { Vec::new() };
        let mut record = TsigRecord { mac: Vec::new(), error: self.error, other, ..self.request.clone() };
        if let Some(key) = &self.key {
            let variables = variables(key, record.time_signed, record.fudge, record.error, &record.other);
            record.mac = key.mac(&[&counted(&self.request.mac), octets, &variables]);
        }
        append(octets, &record);
    }
}

/// Signs the messages of one reply.
pub struct ReplySigner {
    /// The key.
    key: Key,
    /// The MAC that goes into the next digest: the request's, then the last one sent.
    prior_mac: Vec<u8>,
    /// Messages sent without TSIG since the last MAC.
    pending: Vec<u8>,
    /// Messages seen so far.
    number: usize,
    /// Whether a MAC was already sent.
    signed_before: bool,
    /// Every how many-th message is signed; first and last always.
    every: usize,
    /// Seconds since 1970.
    now: u64,
    /// What is done wrong.
    faults: Vec<TsigFault>,
}

/// # Signing
impl ReplySigner {
    /// A signer for the reply to a request with this MAC.
    pub fn new(key: Key, request_mac: Vec<u8>, every: usize, now: u64, faults: Vec<TsigFault>) -> Self {
        let without_request = faults.iter().any(|fault| matches!(fault, TsigFault::WithoutRequestMac));
        let prior_mac = if without_request { Vec::new() } else { request_mac };
        let other = faults.iter().find_map(|fault| match fault {
            TsigFault::OtherKey(key) => Some(key.clone()),
            _ => None,
        });
        let key = other.unwrap_or(key);
        Self { key, prior_mac, pending: Vec::new(), number: 0, signed_before: false, every: every.max(1), now, faults }
    }

    /// Signs the next message of the reply, or remembers it for the next digest.
    pub fn sign(&mut self, octets: &mut Vec<u8>, last: bool) {
        self.number += 1;
        if !self.is_due(last) {
            self.pending.extend_from_slice(octets);
            return;
        }
        let time_signed = self.time_signed();
        let fudge = self.faults.iter().find_map(|fault| match fault {
            TsigFault::Fudge(seconds) => Some(*seconds),
            _ => None,
        });
        let fudge = fudge.unwrap_or(FUDGE);
        let error = self.faults.iter().find_map(|fault| match fault {
            TsigFault::Error(code) => Some(*code),
            _ => None,
        });
        let mac = if error.is_some() { Vec::new() } else { self.next_mac(octets, time_signed, fudge) };
        let record = TsigRecord {
            key_name: wire_name(&self.key.name),
            algorithm: self.key.algorithm.wire(),
            time_signed,
            fudge,
            mac: self.spoil(mac),
            original_id: wire::be16(octets, 0).unwrap_or(0),
            error: error.unwrap_or(0),
            other: Vec::new(),
        };
        self.prior_mac.clone_from(&record.mac);
        append(octets, &record);
    }

    /// The MAC of the next message.
    ///
    /// RFC 8945 section 5.3.1: the first is digested with all variables; later ones take the prior MAC, the messages
    /// since, and the timers only.
    fn next_mac(&mut self, octets: &[u8], time_signed: u64, fudge: u16) -> Vec<u8> {
        let timers_first = self.faults.iter().any(|fault| matches!(fault, TsigFault::TimersOnlyFirst));
        let tail = if self.signed_before || timers_first {
            timers(time_signed, fudge)
        } else {
            variables(&self.key, time_signed, fudge, 0, &[])
        };
        self.signed_before = true;
        let pending = std::mem::take(&mut self.pending);
        let prior = if self.prior_mac.is_empty() { Vec::new() } else { counted(&self.prior_mac) };
        self.key.mac(&[&prior, &pending, octets, &tail])
    }

    /// Whether this message gets a TSIG.
    fn is_due(&self, last: bool) -> bool {
        let skipped = self.faults.iter().any(|fault| match fault {
            TsigFault::Unsigned => true,
            TsigFault::UnsignedIn(number) => *number == self.number,
            TsigFault::UnsignedLast => last,
            _ => false,
        });
        !skipped && (last || (self.number - 1).is_multiple_of(self.every))
    }

    /// The time that the record claims.
    fn time_signed(&self) -> u64 {
        let shifts = self.faults.iter().map(|fault| match fault {
            TsigFault::Shifted(seconds) => *seconds,
            TsigFault::ShiftedIn(number, seconds) if *number == self.number => *seconds,
            _ => 0,
        });
        self.now.saturating_add_signed(shifts.sum())
    }

    /// The MAC as it is sent.
    fn spoil(&self, mut mac: Vec<u8>) -> Vec<u8> {
        for fault in &self.faults {
            match fault {
                TsigFault::WrongMac => flip(&mut mac),
                TsigFault::WrongMacIn(number) if *number == self.number => flip(&mut mac),
                TsigFault::ShortMac(octets) => mac.truncate(*octets),
                _ => {}
            }
        }
        mac
    }
}

/// Turns one bit of a MAC.
fn flip(mac: &mut [u8]) {
    if let Some(octet) = mac.first_mut() {
        *octet ^= 1;
    }
}

/// RFC 8945 section 4.3.3: the variables, names in canonical form.
fn variables(key: &Key, time_signed: u64, fudge: u16, error: u16, other: &[u8]) -> Vec<u8> {
    let mut octets = wire_name(&key.name.to_lowercase());
    octets.extend_from_slice(&[0, 255, 0, 0, 0, 0]);
    octets.extend_from_slice(&key.algorithm.wire());
    octets.extend_from_slice(&timers(time_signed, fudge));
    octets.extend_from_slice(&error.to_be_bytes());
    octets.extend_from_slice(&counted(other));
    octets
}

/// Time signed and fudge.
fn timers(time_signed: u64, fudge: u16) -> Vec<u8> {
    let mut octets = be48(time_signed);
    octets.extend_from_slice(&fudge.to_be_bytes());
    octets
}

/// The low 48 bits of a time.
fn be48(time: u64) -> Vec<u8> {
    time.to_be_bytes().into_iter().skip(2).collect()
}

/// Octets with their count in two octets before them.
fn counted(octets: &[u8]) -> Vec<u8> {
    let count = u16::try_from(octets.len()).unwrap_or(u16::MAX);
    [&count.to_be_bytes(), octets].concat()
}

/// Puts a TSIG record at the end of a message and counts it.
pub fn append(message: &mut Vec<u8>, record: &TsigRecord) {
    let mut rdata = record.algorithm.clone();
    rdata.extend_from_slice(&timers(record.time_signed, record.fudge));
    rdata.extend_from_slice(&counted(&record.mac));
    rdata.extend_from_slice(&record.original_id.to_be_bytes());
    rdata.extend_from_slice(&record.error.to_be_bytes());
    rdata.extend_from_slice(&counted(&record.other));
    message.extend_from_slice(&record.key_name);
    message.extend_from_slice(&[0, 250, 0, 255, 0, 0, 0, 0]);
    message.extend_from_slice(&counted(&rdata));
    let additional = wire::be16(message, 10).unwrap_or(0);
    wire::put16(message, 10, additional.saturating_add(1));
}

/// The name of a key that a record carries, for people.
pub fn readable(key_name: &[u8]) -> Name {
    Name::read(&mut BinDecoder::new(key_name)).unwrap_or_else(|_| Name::root())
}

/// # The client's side, for the lab's own tests
impl Key {
    /// Signs a request at this time (seconds since 1970) and gives its MAC.
    pub fn sign_request(&self, octets: &mut Vec<u8>, now: u64) -> Vec<u8> {
        let mac = self.mac(&[octets, &variables(self, now, FUDGE, 0, &[])]);
        let record = TsigRecord {
            key_name: wire_name(&self.name),
            algorithm: self.algorithm.wire(),
            time_signed: now,
            fudge: FUDGE,
            mac: mac.clone(),
            original_id: wire::be16(octets, 0).unwrap_or(0),
            error: 0,
            other: Vec::new(),
        };
        append(octets, &record);
        mac
    }

    /// Whether the messages of a reply are signed as RFC 8945 section 5.3.1 wants: first, last, and unbroken.
    pub fn is_genuine(&self, request_mac: &[u8], reply: &[Vec<u8>]) -> bool {
        let (mut prior, mut pending, mut signed_before, mut open) = (request_mac.to_vec(), Vec::new(), false, true);
        for octets in reply {
            let Some(split) = wire::split(octets) else { return false };
            let Some(tsig) = split.tsig else {
                if !signed_before {
                    return false;
                }
                pending.extend_from_slice(octets);
                open = true;
                continue;
            };
            let tail = if signed_before {
                timers(tsig.time_signed, tsig.fudge)
            } else {
                variables(self, tsig.time_signed, tsig.fudge, tsig.error, &tsig.other)
            };
            if self.mac(&[&counted(&prior), &pending, &split.unsigned, &tail]) != tsig.mac {
                return false;
            }
            (prior, signed_before, open) = (tsig.mac, true, false);
            pending.clear();
        }
        !open
    }
}

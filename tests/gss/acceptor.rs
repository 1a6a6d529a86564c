//! The side of a DNS server: it accepts the token with picky-krb, signs, and does wrong what it is told to.

use super::der;
use super::realm::{SERVICE_KEY, checksum, decrypt, encrypt};
use dnsconverge::tsig::TsigRecord;
use dnsconverge::wire::{Header, Message, Rtype, Section, WireName};
use picky_asn1_der::from_bytes;
use picky_krb::data_types::Authenticator;
use picky_krb::messages::ApReq;

/// How the negotiation and the replies to updates go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They do not.
    None,
    /// The server answers without a token.
    NoToken,
    /// SPNEGO says that it is complete, and holds no token of Kerberos.
    EmptyResponse,
    /// AP-REP holds another time than was sent.
    OtherTime,
    /// AP-REP is encrypted with another key.
    OtherKey,
    /// The last answer is not signed.
    UnsignedLast,
    /// There are two TKEY records.
    TwoRecords,
    /// The TKEY record has another name.
    OtherName,
    /// The TKEY record holds an error.
    TkeyError(u16),
    /// The message holds a response code.
    Rcode(u16),
    /// SPNEGO wants our signature over the mechanisms too.
    WantsSignature,
    /// Replies to updates: the length of the request's MAC is left out (Samba 4.17).
    WithoutLength,
    /// Replies to updates: our own MAC comes back (Windows).
    Echo,
    /// Replies to updates: a MAC that nobody can verify (Windows).
    Unverifiable,
}

/// What the client asked for.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// RFC 4121 section 4.1.1: the flags.
    pub flags: u32,
    /// Whether AP-REP was demanded.
    pub mutual: bool,
    /// The principal of the ticket.
    pub service: Vec<String>,
}

const KERBEROS: [u8; 11] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];
/// The acceptor's own key.
const SUBKEY: [u8; 32] = [0x3C; 32];

/// Accepts a token, bare or inside SPNEGO; returns what was asked and the token that answers.
pub fn accept(token: &[u8], fault: Fault) -> (Accepted, Vec<u8>) {
    // The frame of Kerberos ends with its OID and the number of AP-REQ.
    let frame = [KERBEROS.as_slice(), &[1, 0]].concat();
    let at = token.windows(frame.len()).position(|window| window == frame).expect("a token of Kerberos") + frame.len();
    let request: ApReq = from_bytes(&token[at..]).expect("AP-REQ");
    let plain = decrypt(&SERVICE_KEY, 11, &request.0.authenticator.0).expect("the key of the ticket");
    let Authenticator { 0: authenticator, .. } = from_bytes(&plain).expect("Authenticator");
    let sum = &authenticator.cksum.0.as_ref().expect("a checksum").0;
    assert_eq!(sum.cksumtype.0.0, [0, 0x80, 3], "RFC 4121 section 4.1.1");
    let flags = <[u8; 4]>::try_from(&sum.checksum.0.0[20..24]).map(u32::from_le_bytes).expect("flags");
    let accepted = Accepted {
        flags,
        mutual: request.0.ap_options.0.0.is_set(2),
        service: request.0.ticket.0.0.sname.0.name_string.0.0.iter().map(|part| part.to_string()).collect(),
    };
    let ctime = picky_asn1_der::to_vec(&authenticator.ctime.0).expect("a time");
    let ctime = String::from_utf8(ctime[2..].to_vec()).expect("digits");
    let ctime = if fault == Fault::OtherTime { "20200101000000Z".to_owned() } else { ctime };
    let cusec = picky_asn1_der::to_vec(&authenticator.cusec.0).expect("a number");
    let part = [der::time(0, &ctime), der::field(1, &cusec), der::key(2, &SUBKEY), der::integer(3, 7)];
    let part = der::message(27, &part);
    let key = if fault == Fault::OtherKey { [1; 32] } else { SERVICE_KEY };
    let answer = [der::integer(0, 5), der::integer(1, 15), der::encrypted(2, &encrypt(&key, 12, &part))];
    let framed = der::value(0x60, &[KERBEROS.as_slice(), &[2, 0], &der::message(15, &answer)].concat());
    let is_spnego = token.get(3..11).is_some_and(|octets| octets.windows(2).any(|pair| pair == [0x06, 0x06]));
    let token = match fault {
        Fault::NoToken => Vec::new(),
        Fault::EmptyResponse => response(0, &[]),
        Fault::WantsSignature => response(1, &der::octets(2, &framed)),
        _ if is_spnego => response(0, &der::octets(2, &framed)),
        _ => framed,
    };
    (accepted, token)
}

/// `NegTokenResp`.
fn response(state: u8, rest: &[u8]) -> Vec<u8> {
    let fields = [der::field(0, &der::value(0x0A, &[state])), der::field(1, &KERBEROS), rest.to_vec()];
    der::field(1, &der::sequence(&fields))
}

/// RFC 4121 section 4.2.6.1: the signature of the acceptor, which uses its own key.
pub fn sign(parts: &[&[u8]], sequence: u64) -> Vec<u8> {
    let mut header = vec![0x04, 0x04, 0x05, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    header.extend(sequence.to_be_bytes());
    let text = [parts.concat(), header.clone()].concat();
    [header, checksum(&SUBKEY, 23, &text)].concat()
}

/// Whether this is the initiator's signature.
pub fn is_initiators(parts: &[&[u8]], token: &[u8]) -> bool {
    let Some((header, sum)) = token.split_at_checked(16) else { return false };
    header[..3] == [4, 4, 4] && sum == checksum(&SUBKEY, 25, &[parts.concat(), header.to_vec()].concat())
}

/// The TKEY record of a request: the name, the mode and the token.
pub fn tkey(request: &Message<'_>) -> Option<(WireName, u16, Vec<u8>)> {
    let record = request.section(Section::Additional).find(|record| record.rtype() == Rtype::TKEY)?;
    let mut rdata = record.rdata();
    rdata.name().ok()?;
    rdata.take(8).ok()?;
    let mode = rdata.u16().ok()?;
    rdata.u16().ok()?;
    let length = rdata.u16().ok()?;
    Some((record.owner().ok()?, mode, rdata.take(length.into()).ok()?.to_vec()))
}

/// The answer to a request for TKEY, signed with the new context unless the fault says otherwise.
pub fn tkey_answer(request: &Message<'_>, token: &[u8], fault: Fault, now: u64) -> Vec<u8> {
    let (name, ..) = tkey(request).expect("a TKEY record");
    let (rcode, error) = match fault {
        Fault::Rcode(rcode) => (rcode, 0),
        Fault::TkeyError(error) => (0, error),
        _ => (0, 0),
    };
    let records = if fault == Fault::TwoRecords { 2 } else { 1 };
    let mut message: Vec<u8> =
        [request.header().id, 0x8000 | rcode, 1, records, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    message.extend(name.as_octets());
    message.extend([0, 249, 0, 255]);
    let owner = if fault == Fault::OtherName { WireName::ROOT } else { name };
    for _ in 0..records {
        let length = u16::try_from(token.len()).expect("short");
        let mut rdata = b"\x08gss-tsig\0".to_vec();
        rdata.extend([0; 8]);
        rdata.extend([3, error, length].into_iter().flat_map(u16::to_be_bytes));
        rdata.extend(token);
        rdata.extend([0, 0]);
        message.extend(owner.as_octets());
        message.extend([0, 249, 0, 255, 0, 0, 0, 0]);
        message.extend(u16::try_from(rdata.len()).expect("short").to_be_bytes());
        message.extend(rdata);
    }
    let is_signed =
        !matches!(fault, Fault::UnsignedLast | Fault::WantsSignature | Fault::Rcode(_) | Fault::TkeyError(_));
    if is_signed {
        append_signature(&mut message, &name, now, |message, variables| sign(&[message, variables], 1));
    }
    message
}

/// Signs a reply to a request that was signed with this MAC.
pub fn sign_reply(message: &mut Vec<u8>, name: &WireName, request_mac: &[u8], fault: Fault, now: u64) {
    append_signature(message, name, now, |message, variables| {
        let length = u16::try_from(request_mac.len()).expect("short").to_be_bytes();
        match fault {
            Fault::WithoutLength => sign(&[request_mac, message, variables], 2),
            Fault::Echo => request_mac.to_vec(),
            Fault::Unverifiable => sign(&[b"something else"], 2),
            _ => sign(&[&length, request_mac, message, variables], 2),
        }
    });
}

/// Appends a TSIG record whose MAC is made of the message and the variables.
fn append_signature(message: &mut Vec<u8>, name: &WireName, now: u64, mac: impl Fn(&[u8], &[u8]) -> Vec<u8>) {
    let id = Header::read(message).expect("a header").id;
    let algorithm = WireName::from_labels([b"gss-tsig".as_slice()]).expect("a name");
    let mut record = TsigRecord {
        key_name: *name,
        algorithm,
        time_signed: now,
        fudge: 300,
        mac: &[],
        original_id: id,
        error: 0,
        other: &[],
    };
    let mac = mac(message, &record.variables());
    record.mac = &mac;
    record.append_to(message).expect("room for a signature");
}

/// A message that was signed, taken apart.
pub struct Stripped {
    /// As it was when it was signed.
    pub message: Vec<u8>,
    /// The name of the key.
    pub name: WireName,
    /// The MAC.
    pub mac: Vec<u8>,
    /// The TSIG variables.
    pub variables: Vec<u8>,
}

impl Stripped {
    /// Whether the client's side has signed it.
    pub fn is_initiators(&self) -> bool {
        is_initiators(&[&self.message, &self.variables], &self.mac)
    }
}

/// The message without its TSIG record, and what stood in that; none if it is not signed.
pub fn strip(request: &Message<'_>) -> Option<Stripped> {
    let view = request.tsig()?;
    let record = TsigRecord::read(view).ok()?;
    let mut message = request.octets()[..view.position()].to_vec();
    let count = request.header().counts[3] - 1;
    message[10..12].copy_from_slice(&count.to_be_bytes());
    Some(Stripped { message, name: record.key_name, mac: record.mac.to_vec(), variables: record.variables() })
}

/// NOTAUTH with TSIG error BADKEY, unsigned: the server does not know the context (any more).
pub fn unknown_key(request: &Message<'_>, name: &WireName, now: u64) -> Vec<u8> {
    let mut reply: Vec<u8> = [request.header().id, 0xA809, 0, 0, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    let algorithm = WireName::from_labels([b"gss-tsig".as_slice()]).expect("a name");
    let record = TsigRecord {
        key_name: *name,
        algorithm,
        time_signed: now,
        fudge: 300,
        mac: &[],
        original_id: request.header().id,
        error: 17,
        other: &[],
    };
    record.append_to(&mut reply).expect("room");
    reply
}

/// Signs a later message of a transfer: the MAC before it, the message, the timers alone.
pub fn sign_next(message: &mut Vec<u8>, name: &WireName, mac: &[u8], now: u64) {
    append_signature(message, name, now, |message, _| {
        let length = u16::try_from(mac.len()).expect("short").to_be_bytes();
        let timers = (now << 16 | 0x12C).to_be_bytes();
        sign(&[&length, mac, message, &timers], 3)
    });
}

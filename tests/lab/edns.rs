//! What a server says of itself in EDNS and in class CH: its identifier, its cookies, extended errors, and nodes of a pool.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;

use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::fault::{Act, Fault, On};
use super::log::{Request, Transport};
use super::zone::Zone;

/// The code of the COOKIE option (RFC 7873).
const COOKIE: u16 = 10;
/// The code of the extended error option (RFC 8914).
const EXTENDED_ERROR: u16 = 15;
/// Octets of a client cookie.
const CLIENT: usize = 8;

/// What a server does with cookies (RFC 7873).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cookies {
    /// It does not know them; the default.
    #[default]
    Unknown,
    /// It gives one to whoever sends one.
    Offered,
    /// Over UDP it answers BADCOOKIE to whoever does not send the one that it gave.
    Demanded,
    /// Over UDP it answers BADCOOKIE whatever is sent.
    NeverRight,
    /// It answers with another client cookie than the one that came.
    Mangled,
    /// It answers with an option of five octets.
    Short,
}

/// The cookie of this client that the server would recognise.
fn server_cookie(client: &[u8], address: IpAddr) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    (client, address).hash(&mut hasher);
    hasher.finish().to_be_bytes()
}

/// Puts what the server does with cookies into the reply's OPT record; whether the request may be answered.
pub fn bake(cookies: Cookies, request: &Request, reply: &mut Message) -> bool {
    let came = request.message.edns.as_ref().and_then(|edns| match edns.option(EdnsCode::Cookie) {
        Some(EdnsOption::Unknown(COOKIE, octets)) => Some(octets.clone()),
        _ => None,
    });
    let (Some(came), Some(edns)) = (came, reply.edns.as_mut()) else { return true };
    let Some(client) = came.get(..CLIENT) else {
        reply.metadata.response_code = ResponseCode::FormErr;
        return false;
    };
    let own = server_cookie(client, request.source.ip());
    let both = match cookies {
        Cookies::Unknown => return true,
        Cookies::Short => vec![1; 5],
        Cookies::Mangled => client.iter().map(|octet| !octet).chain(own).collect(),
        _ => [client, own.as_slice()].concat(),
    };
    edns.options_mut().insert(EdnsOption::Unknown(COOKIE, both));
    let is_right = came.get(CLIENT..) == Some(own.as_slice());
    let is_refused = match cookies {
        Cookies::Demanded => !is_right,
        Cookies::NeverRight => true,
        _ => false,
    };
    if request.transport == Transport::Udp && is_refused {
        reply.metadata.response_code = ResponseCode::BADCOOKIE;
        return false;
    }
    true
}

/// Answers `id.server` and `hostname.bind` in class CH with this text, as RFC 4892 has it; REFUSED where there is none.
pub fn chaos(reply: &mut Message, question: &Query, identity: Option<&str>) {
    let known = ["id.server.", "hostname.bind."].contains(&question.name().to_ascii().to_ascii_lowercase().as_str());
    match identity {
        Some(text) if known && question.query_type() == RecordType::TXT => {
            let data = RData::TXT(TXT::new(vec![text.to_owned()]));
            let mut record = Record::from_rdata(question.name().clone(), 0, data);
            record.dns_class = DNSClass::CH;
            reply.metadata.authoritative = true;
            reply.add_answer(record);
        }
        _ => reply.metadata.response_code = ResponseCode::Refused,
    }
}

/// The reply carries this extended error.
pub fn extended_error(code: u16, text: &str) -> Act {
    let octets = [&code.to_be_bytes(), text.as_bytes()].concat();
    Act::each_message(move |_, message| {
        if let Some(edns) = message.edns.as_mut() {
            edns.options_mut().insert(EdnsOption::Unknown(EXTENDED_ERROR, octets.clone()));
        }
    })
}

/// Another node of the pool, with this identifier and this zone, takes every `every`-th question.
pub fn node(identifier: &str, zone: Zone, every: usize) -> [Fault; 2] {
    let octets = identifier.as_bytes().to_vec();
    let named = Act::each_message(move |_, message| {
        if let Some(edns) = message.edns.as_mut().filter(|edns| edns.option(EdnsCode::NSID).is_some()) {
            edns.options_mut().remove(EdnsCode::NSID);
            edns.options_mut().insert(EdnsOption::Unknown(3, octets.clone()));
        }
    });
    [Act::answer_from(zone), named].map(|act| Fault::new(On::Query, act).every(every))
}

/// A cache before the server: with every answer the TTLs are lower by `step`, down to 1.
pub fn ageing(step: u32) -> Act {
    let answers = std::sync::atomic::AtomicU32::new(0);
    Act::each_message(move |_, message| {
        let age = step * answers.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let records = message.answers.iter_mut().chain(&mut message.authorities);
        records.for_each(|record| record.ttl = record.ttl.saturating_sub(age).max(1));
    })
}

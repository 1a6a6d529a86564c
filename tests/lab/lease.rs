//! Update leases (RFC 9664), the server's side: granted, and over.

use std::time::{Duration, Instant};

use hickory_proto::op::Message;
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{DNSClass, Record};

use super::zone::Zone;

/// The code of the UPDATE-LEASE option.
const UPDATE_LEASE: u16 = 2;

/// The lease that an update asks for, in seconds.
pub fn asked(request: &Message) -> Option<u32> {
    let edns = request.edns.as_ref()?;
    let octets = edns.options().as_ref().iter().find_map(|(code, option)| match option {
        EdnsOption::Unknown(_, octets) if u16::from(*code) == UPDATE_LEASE => Some(octets.clone()),
        _ => None,
    })?;
    Some(u32::from_be_bytes(octets.get(..4)?.try_into().ok()?))
}

/// Grants what is asked for, `longest` at most; puts it into the reply and gives the seconds.
pub fn grant(longest: Option<u32>, request: &Message, reply: &mut Message) -> Option<u32> {
    let seconds = longest?.min(asked(request)?);
    let option = EdnsOption::Unknown(UPDATE_LEASE, seconds.to_be_bytes().to_vec());
    reply.edns.as_mut()?.options_mut().insert(option);
    Some(seconds)
}

/// What has a lease, and until when.
#[derive(Default)]
pub struct Leases(Vec<(Instant, Record)>);

/// # Bookkeeping
impl Leases {
    /// What this update added has a lease from now on.
    pub fn add(&mut self, request: &Message, seconds: u32) {
        let end = Instant::now() + Duration::from_secs(seconds.into());
        let added = request.authorities.iter().filter(|record| record.dns_class == DNSClass::IN);
        self.0.extend(added.map(|record| (end, record.clone())));
    }

    /// Removes from a zone what is in it and has no lease any more; says whether there was anything.
    pub fn expire(&mut self, zone: &mut Zone) -> bool {
        let over = |(end, record): &(Instant, Record)| *end <= Instant::now() && zone.apex().zone_of(&record.name);
        let (over, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.0).into_iter().partition(over);
        self.0 = left;
        let changed = over.iter().fold(false, |changed, (_, record)| {
            zone.remove_where(&record.name, |held| held.data == record.data) | changed
        });
        if changed {
            zone.bump_serial();
        }
        changed
    }
}

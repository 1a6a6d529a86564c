//! DNS cookies (RFC 7873): what was sent to whom, and which replies they rule out.
//!
//! A cookie makes a forged datagram harder; it never makes an answer right. Servers that know none are asked as before.

use crate::wire::{COOKIE, Message, Rcode};
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// RFC 7873 section 4: a client cookie has eight octets.
const CLIENT: usize = 8;
/// RFC 7873 section 4: a server cookie has 8 to 32 octets, so that with the client's the option has 16 to 40.
const BOTH: std::ops::RangeInclusive<usize> = 16..=40;

/// The cookies of all servers; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Cookies(Arc<Mutex<HashMap<SocketAddr, Cookie>>>);

/// What goes to one server: our cookie for it, and its own once it gave one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Cookie(Vec<u8>);

/// A cookie is a small secret between two machines.
impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookie(..)")
    }
}

impl Cookies {
    /// What to send to this server. RFC 7873 section 4.1: another client cookie for each server, drawn at random.
    pub(super) fn for_server(&self, server: SocketAddr) -> Cookie {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(server).or_insert_with(|| Cookie(rand::random::<[u8; CLIENT]>().to_vec())).clone()
    }

    /// Keeps the server's cookie of a reply that was [accepted](Cookie::accepts).
    pub(super) fn learn(&self, server: SocketAddr, reply: &[u8]) {
        let Ok(message) = Message::parse(reply) else { return };
        if let Some(both) = option(&message).filter(|octets| BOTH.contains(&octets.len())) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(server, Cookie(both.to_vec()));
        }
    }
}

impl Cookie {
    /// The octets of the option.
    pub(super) fn as_octets(&self) -> &[u8] {
        &self.0
    }

    /// Whether a reply may belong to a question that carried this cookie.
    ///
    /// RFC 7873 section 5.3: with a COOKIE option of a wrong length, or another client cookie than ours, "the response MUST
    /// be discarded"; without one the server may know no cookies.
    pub(super) fn accepts(&self, message: &Message<'_>) -> bool {
        option(message).is_none_or(|octets| {
            let is_long_enough = octets.len() == CLIENT || BOTH.contains(&octets.len());
            is_long_enough && octets.get(..CLIENT) == self.0.get(..CLIENT)
        })
    }
}

/// The COOKIE option of a reply.
fn option<'m>(message: &Message<'m>) -> Option<&'m [u8]> {
    message.opt().and_then(|opt| opt.option(COOKIE))
}

/// Whether the server wants its own cookie back before it answers (RFC 7873 section 5.2.3).
pub(super) fn wants_cookie(reply: &[u8]) -> bool {
    Message::parse(reply).is_ok_and(|message| message.rcode() == Rcode::BADCOOKIE)
}

//! What all answers amount to.

use super::roll::Candidate;
use crate::converge::Soa;
use crate::cutover::{Asked, Serves, Term, Unknown, What};
use crate::present;
use crate::wire::WireName;
use std::net::{IpAddr, SocketAddr};

/// What all answers amount to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Who was asked.
    pub(super) asked: Vec<Asked>,
    /// What is kept, and how long.
    pub(super) terms: Vec<Term>,
    /// Who still names the old server.
    pub(super) named_by: Vec<String>,
    /// What is not known.
    pub(super) unknown: Vec<Unknown>,
    /// The longest REFRESH and RETRY.
    pub(super) timers: Option<(u32, u32)>,
    /// The longest EXPIRE.
    pub(super) expire: Option<u32>,
    /// Whether the zone has servers that nobody gave.
    pub(super) has_others: bool,
}

impl Found {
    /// This server is being asked.
    pub(super) fn asked(&mut self, about: Serves, server: &Candidate) {
        let host = server.host.map(|host| present::name(&host).to_string());
        self.asked.push(Asked { serves: about, at: server.address.to_string(), host });
    }

    /// A server gave no answer that could be used.
    pub(super) fn no_answer(&mut self, server: &impl ToString, why: impl Into<String>) {
        self.not_known(Unknown::Server { server: server.to_string(), why: why.into() });
    }

    /// It is not known where this host leads.
    pub(super) fn host_not_known(&mut self, host: &WireName) {
        self.not_known(Unknown::Host { host: present::name(host).to_string() });
    }

    /// This is not known; said once.
    pub(super) fn not_known(&mut self, unknown: Unknown) {
        if !self.unknown.contains(&unknown) {
            self.unknown.push(unknown);
        }
    }

    /// The old server is named there; said once.
    pub(super) fn named(&mut self, who: String) {
        if !self.named_by.contains(&who) {
            self.named_by.push(who);
        }
    }

    /// This is kept for so long.
    pub(super) fn term(&mut self, what: What, at: SocketAddr, seconds: u32) {
        let at = at.to_string();
        match self.terms.iter_mut().find(|term| term.what == what && term.at == at) {
            Some(term) => term.seconds = term.seconds.max(seconds),
            None => self.terms.push(Term { what, at, seconds }),
        }
    }

    /// For how long the addresses of a host are kept, if there are any.
    pub(super) fn term_of_addresses(&mut self, what: What, at: SocketAddr, addresses: &[(IpAddr, u32)]) {
        if let Some(seconds) = addresses.iter().map(|(_, ttl)| *ttl).max() {
            self.term(what, at, seconds);
        }
    }

    /// What a server of the zone has as its SOA.
    pub(super) fn soa(&mut self, soa: &Soa, at: SocketAddr) {
        let Soa { refresh, retry, expire, minimum, ttl, .. } = *soa;
        let (longest, again) = self.timers.unwrap_or((0, 0));
        self.timers = Some((longest.max(refresh), again.max(retry)));
        self.expire = Some(self.expire.unwrap_or(0).max(expire));
        self.term(What::Absence { ttl, minimum }, at, ttl.min(minimum));
    }
}

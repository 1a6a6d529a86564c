//! How servers are asked where there is no transfer, and for what beyond that which is known.

use super::listing::{Listing, Wanted};
use crate::diff::DiffPolicy;
use crate::net::DEFAULT_MAX_QPS;
use crate::wire::{Rtype, WireName};
use hickory_proto::rr::{Name, RecordType};
use std::collections::HashSet;
use std::sync::Arc;

/// Types that are asked for at a name of which nothing else is said; an alias is shown by any of them.
const COMMON_TYPES: [Rtype; 5] = [Rtype::A, Rtype::AAAA, Rtype(15), Rtype::TXT, Rtype(33)];

/// How servers are asked where there is no transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// See [`Asking::max_qps`].
    pub(super) max_qps: u32,
    /// See [`Asking::accept_partial`].
    pub(super) accept_partial: bool,
    /// See [`Asking::name`].
    named: Arc<Vec<Wanted>>,
}

impl Default for Asking {
    fn default() -> Self {
        Self { max_qps: DEFAULT_MAX_QPS, accept_partial: false, named: Arc::default() }
    }
}

impl Asking {
    /// With [`DEFAULT_MAX_QPS`], without names of the caller's, and without taking "no difference found" for enough.
    pub fn new() -> Self {
        Self::default()
    }

    /// So many questions a second to one server at most, at least 1; default [`DEFAULT_MAX_QPS`].
    #[must_use]
    pub const fn max_qps(mut self, questions: u32) -> Self {
        self.max_qps = if questions == 0 { 1 } else { questions };
        self
    }

    /// That no difference was found is enough: exit status 0. Default: it is 2, since it proves nothing.
    #[must_use]
    pub const fn accept_partial(mut self) -> Self {
        self.accept_partial = true;
        self
    }

    /// Asks for these types at this name too, whether or not a side names it; with no types for A, AAAA, MX, TXT and SRV. A
    /// name outside the zone is left out. May be said of many names. Where no side gives the zone as a whole, all sides are
    /// asked for the names that were given, and for SOA and NS of the zone. Default: no names.
    #[must_use]
    pub fn name(mut self, name: &Name, types: &[RecordType]) -> Self {
        let owner = WireName::from_name(name);
        let types = types.iter().map(|rtype| Rtype(u16::from(*rtype)));
        let types: Vec<Rtype> = if types.len() == 0 { COMMON_TYPES.into() } else { types.collect() };
        Arc::make_mut(&mut self.named).extend(types.into_iter().map(|rtype| Wanted { owner, rtype }));
        self
    }

    /// Whether there are names of the caller's.
    pub(super) fn has_names(&self) -> bool {
        !self.named.is_empty()
    }

    /// What is asked for beyond `known`, which is what the listing gives.
    pub(super) fn beyond(&self, known: &[Wanted], listing: &Listing, policy: &DiffPolicy) -> Vec<Wanted> {
        let zone = listing.zone();
        let apex = [Rtype::SOA, Rtype::NS].map(|rtype| Wanted { owner: zone, rtype });
        let mut seen: HashSet<&Wanted> = known.iter().collect();
        let all = apex.iter().filter(|_| self.has_names()).chain(self.named.iter());
        let new = all.filter(|wanted| {
            let is_askable = listing.not_askable(&wanted.owner, wanted.rtype).is_none();
            wanted.owner.is_at_or_below(&zone)
                && is_askable
                && !policy.leaves_out_type(wanted.rtype)
                && seen.insert(wanted)
        });
        new.cloned().collect()
    }
}

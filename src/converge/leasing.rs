//! The lease on the probe (RFC 9664): asked for where the server knows options, never relied on, and never the reason for a blind
//! repetition.
//!
//! A server that minds the option says so by the codes with which it refuses what it cannot read. They are defined to mean that
//! nothing was done; still the add is repeated, without the option, only after the source has shown that. Whoever loses the
//! probe because its lease was over has lost nothing: that is told, so that it is not taken for a rollback.

use super::exchange::RequestId;
use super::machine::Machine;
use super::phase::{Phase, Purpose};
use crate::report::EventKind;
use crate::update::Lease;
use crate::wire::Rcode;
use std::time::Duration;

/// What is known of a lease.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Leasing {
    /// What the add asks for; nothing where it must not, or where the server minds.
    pub(super) asked: Option<Lease>,
    /// What the server granted.
    granted: Option<Lease>,
    /// Before this the probe does not go by itself.
    ends: Option<Duration>,
    /// Whether it was told that the lease is over.
    is_over: bool,
    /// Whether an add that asked for one was refused and no other was sent.
    pub(super) is_refused: bool,
    /// Whether the add was sent again without any option because of that.
    pub(super) is_minded: bool,
}

impl Leasing {
    /// What is to be said of a probe that is gone.
    pub(super) fn epitaph(&self) -> String {
        match self.granted.filter(|_| self.is_over) {
            Some(lease) => format!("; its lease of {lease} was over, so it may have gone by itself"),
            None => String::new(),
        }
    }
}

/// # The lease
impl Machine {
    /// The lease that the add is to ask for: one that is longer than the run, of a server whose answers carry options.
    pub(super) fn lease_to_ask(&self) -> Option<Lease> {
        (self.plan.asks_for_lease && self.source.has_edns).then(|| self.plan.schedule.lease())
    }

    /// The server granted a lease. It began when the server took the add, which is not before the add was sent.
    pub(super) fn leased(&mut self, request: RequestId, lease: Lease) {
        let is_ours = self.open.get(&request).is_some_and(|open| open.purpose == Purpose::Plant);
        let Some(asked) = self.leasing.asked.filter(|_| is_ours) else { return };
        self.leasing.granted = Some(lease);
        self.leasing.ends = Some(self.planted_at.saturating_add(lease.duration()));
        let address = self.plan.source.address;
        self.tell(EventKind::Leased { address, asked_s: asked.seconds(), granted_s: lease.seconds() });
    }

    /// Tells once that the probe may go by itself from here on, before anything that shows it.
    pub(super) fn tell_lease_over(&mut self) {
        let counts = matches!(self.phase, Phase::ReadingBack { .. } | Phase::Polling | Phase::Holding { .. });
        let is_over = self.leasing.ends.is_some_and(|ends| ends <= self.now);
        if counts && is_over && !self.leasing.is_over {
            self.leasing.is_over = true;
            self.tell(EventKind::LeaseOver { address: self.plan.source.address });
        }
    }

    /// Whether a refusal by this code may be about the lease and not about the add.
    pub(super) fn may_mind_lease(&self, rcode: Rcode) -> bool {
        self.leasing.asked.is_some() && matches!(rcode, Rcode::FORMERR | Rcode::NOTIMP)
    }

    /// U9: before the add is sent again, the source is read.
    pub(super) fn doubt_refusal(&mut self, why: &str) {
        self.leasing.is_refused = true;
        self.tell(EventKind::PlantUnknown { error: format!("{why}; it may mind the lease that was asked for") });
    }

    /// The server refused the add, and shows that it did not do it. What is sent now has the same prerequisite and adds the same
    /// record, so that even then nothing could be there twice.
    pub(super) fn plant_without_lease(&mut self) {
        self.leasing = Leasing { is_minded: true, ..Leasing::default() };
        let text = "does not take an update that asks for a lease (RFC 9664); it is sent once more without".to_owned();
        self.tell(EventKind::Note { address: Some(self.plan.source.address), text });
        self.plant();
    }
}

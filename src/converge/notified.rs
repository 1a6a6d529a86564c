//! A NOTIFY came: whoever may have something new is asked now instead of later, and not more often for it.
//!
//! N1: it is never evidence. It brings no serial into the machine, settles nothing and starts nothing; without any, the
//! polls find the same, later (N5).

use super::machine::Machine;
use super::phase::Phase;
use crate::report::EventKind;
use std::net::IpAddr;

/// Events about NOTIFY messages of one run (L8); the polls that they bring forward are not limited by this.
const MAX_TOLD: u32 = 50;

/// # NOTIFY
impl Machine {
    /// Brings the next questions forward: to the sender if it is a destination, to all destinations if it is the source,
    /// for a source that notifies us has notified its secondaries too.
    pub(super) fn notified(&mut self, from: IpAddr, serial: Option<u32>) {
        // Before there is a change a NOTIFY is about another one.
        if matches!(self.phase, Phase::Waiting | Phase::Preflight | Phase::Journaling { .. } | Phase::Done) {
            return;
        }
        if self.notifies_told < MAX_TOLD {
            self.notifies_told += 1;
            self.tell(EventKind::Notified { address: from, serial });
        }
        let (now, pause) = (self.now, self.plan.schedule.interval);
        let of_source = is_same(self.plan.source.address.ip(), from);
        for (row, name) in self.rows.iter_mut().zip(&self.plan.destinations) {
            if !of_source && !is_same(name.address.ip(), from) {
                continue;
            }
            // N4: of many within an interval one counts, so that nobody can make us ask more often than we do anyhow.
            let is_soon = row.hurried.is_some_and(|before| now.saturating_sub(before) < pause);
            if let Some(next) = row.next.as_mut().filter(|_| !is_soon) {
                *next = now.min(*next);
                row.hurried = Some(now);
                // Knot says so before it answers with the new version: the questions after this one come soon too.
                row.backoff.restart();
            }
        }
    }
}

/// Whether both are one host; IPv4 may be written as IPv6 (RFC 4291 section 2.5.5.2).
fn is_same(one: IpAddr, other: IpAddr) -> bool {
    one.to_canonical() == other.to_canonical()
}

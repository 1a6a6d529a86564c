//! Which servers of a zone can be compared once all directions of a check are through.
//!
//! That is where a change was seen to arrive, or nothing was seen to change. A later direction that fails takes nothing of
//! it back: servers that do not even take the same updates are those that may hold different zones.

use crate::name::ZoneName;
use dnsconverge::net::Server;
use dnsconverge::report::{Cleanup, DestinationRow, Propagation, Report};
use std::cell::RefCell;
use std::collections::HashMap;

/// The servers of each zone, the source first, as the last direction that allows a comparison has left them.
#[derive(Debug, Default)]
pub(crate) struct Comparable(RefCell<HashMap<String, Vec<Server>>>);

impl Comparable {
    /// One more direction allows a comparison of these.
    pub(crate) fn add(&self, zone: &ZoneName, servers: Vec<Server>) {
        self.0.borrow_mut().insert(zone.to_string(), servers);
    }

    /// What is to be compared; nothing if no direction allows it.
    pub(crate) fn of(&self, zone: &ZoneName) -> Vec<Server> {
        self.0.borrow().get(&zone.to_string()).cloned().unwrap_or_default()
    }
}

/// The destinations that can be compared after this check, if any: what has not converged is different, or says nothing.
pub(crate) fn destinations(report: &Report) -> impl Iterator<Item = &DestinationRow> {
    let is_settled = report.propagation() != Propagation::NotConverged
        && (report.cleanup() == Cleanup::Removed || report.observed().is_some());
    let rows = report.destinations().iter().filter(move |_| is_settled);
    rows.filter(|row| row.propagation == Propagation::Converged || report.saw_no_change(row))
}

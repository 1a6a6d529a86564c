//! A look at the records of a side on their way out, for the digest of its zone.

use super::snapshot::SideError;
use super::stream::Outlet;
use crate::canonical::{self, Form};
use crate::net::Intake;
use crate::wire::{RecordView, WireError};
use crate::zonemd::{Collector, Digested};

/// Hands records on, and to the one who may digest them.
pub(super) struct Digesting<'o> {
    /// Where they go.
    pub(super) outlet: &'o mut Outlet,
    /// Who may digest them.
    pub(super) collector: Collector,
}

impl Intake for Digesting<'_> {
    fn record(&mut self, record: &RecordView<'_>) -> Result<(), WireError> {
        if self.collector.wants(record.rtype()) {
            self.collector.record(|out| canonical::write_record(record, Form::Canonical, out))?;
        }
        self.outlet.record(record)
    }

    async fn rest(&mut self) {
        self.outlet.rest().await;
    }
}

/// Sorts and digests what was collected, which takes its time, where that holds up nobody.
pub(super) async fn finish(collector: Collector) -> Result<Box<Digested>, SideError> {
    blocking(move || Box::new(collector.finish())).await
}

/// Does what may block, or take long, where it may.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SideError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| SideError::Fault)
}

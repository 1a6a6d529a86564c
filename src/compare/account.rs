//! What a server tells of its changes since it sent its zone (IXFR), step by step: so it can be met at every version on the way.

use crate::canonical::{CanonicalRecord, Form, write_record};
use crate::serial::Serial;
use crate::wire::{RecordView, Rtype, WireError};
use crate::xfr::{Delta, Effects, HeldVersion, Sign};

/// The changes in the order in which they were told; they make sense in themselves.
#[derive(Debug)]
pub(super) struct Account {
    /// Each change: whether it is an addition, in one octet, and the record in the layout of `canonical`.
    log: Vec<u8>,
    /// The versions on the way, each with the length of the log up to there.
    versions: Vec<(Serial, usize)>,
}

impl Account {
    /// The length of the log up to this version, if it leads there; the version that was sent is none of its own.
    fn end_of(&self, version: Serial) -> Option<usize> {
        self.versions.iter().find(|(serial, _)| *serial == version).map(|(_, end)| *end)
    }

    /// Whether it leads through this version.
    pub(super) fn passes(&self, version: Serial) -> bool {
        self.end_of(version).is_some()
    }

    /// What has changed up to this version; `None` if it does not lead there.
    pub(super) fn effects_to(&self, version: Serial) -> Option<Effects> {
        let mut rest = self.log.get(..self.end_of(version)?)?;
        let mut delta = Delta::new(Delta::OCTETS);
        while let Some((sign, octets)) = rest.split_first() {
            let (record, after) = CanonicalRecord::split_first(octets).ok()?;
            delta.take(if *sign == 0 { Sign::Removed } else { Sign::Added }, &record);
            rest = after;
        }
        delta.finish().ok()
    }
}

/// An account that is being told.
#[derive(Debug)]
pub(super) struct Telling {
    /// As far as it was told.
    account: Account,
    /// The version that the step at hand leads to, once its SOA has come.
    reached: Option<Serial>,
    /// Whether it has become too long to be kept.
    is_too_long: bool,
}

impl Telling {
    /// Nothing was told yet.
    pub(super) fn new() -> Self {
        Self { account: Account { log: Vec::new(), versions: Vec::new() }, reached: None, is_too_long: false }
    }

    /// Takes a change. A step begins with the deletion of a SOA, and its additions with that of the version it leads to (RFC 1995
    /// section 4).
    ///
    /// # Errors
    /// The record cannot be written in canonical form.
    pub(super) fn note(&mut self, sign: Sign, record: &RecordView<'_>) -> Result<(), WireError> {
        if self.is_too_long {
            return Ok(());
        }
        if record.rtype() == Rtype::SOA && sign == Sign::Removed {
            self.end_step();
        }
        let log = &mut self.account.log;
        let start = log.len();
        log.push(u8::from(sign == Sign::Added));
        write_record(record, Form::Canonical, log)?;
        let written = log.get(start.saturating_add(1)..).unwrap_or_default();
        if record.rtype() == Rtype::SOA && sign == Sign::Added {
            let soa = CanonicalRecord::split_first(written).ok();
            self.reached = soa.and_then(|(soa, _)| HeldVersion::of_soa(&soa)).map(|version| version.serial());
        }
        self.is_too_long = log.len() > Delta::OCTETS;
        Ok(())
    }

    /// The step at hand is over.
    fn end_step(&mut self) {
        let end = self.account.log.len();
        self.account.versions.extend(self.reached.take().map(|serial| (serial, end)));
    }

    /// The account, which leads to this version; `None` if it makes no sense or is too long, whereupon the whole zone is due
    /// (I5, I8).
    pub(super) fn finish(mut self, to: Serial) -> Option<Account> {
        self.end_step();
        let whole = self.account.versions.last().is_some_and(|(serial, _)| *serial == to) && !self.is_too_long;
        self.account.effects_to(to).filter(|_| whole).map(|_| self.account)
    }
}

#[cfg(test)]
mod tests;

//! The SOA that begins a transfer, and how another one is held against it.

use super::{Fault, SoaField};
use crate::canonical::{self, Form};
use crate::serial::Serial;
use crate::wire::{RecordView, WireError, WireName};

/// The first SOA: what the last one has to equal.
#[derive(Debug, Clone)]
pub(super) struct Soa {
    /// As sent.
    ttl: u32,
    /// The primary.
    mname: WireName,
    /// The mailbox.
    rname: WireName,
    /// The serial.
    pub(super) serial: Serial,
    /// REFRESH, RETRY, EXPIRE, MINIMUM.
    timers: [u32; 4],
    /// In canonical form.
    pub(super) octets: Vec<u8>,
}

impl Soa {
    /// RFC 1035 section 3.3.13.
    pub(super) fn read(record: &RecordView<'_>) -> Result<Self, WireError> {
        let mut rdata = record.rdata();
        let (mname, rname, serial) = (rdata.name()?, rdata.name()?, Serial(rdata.u32()?));
        let timers = [rdata.u32()?, rdata.u32()?, rdata.u32()?, rdata.u32()?];
        let mut octets = Vec::new();
        canonical::write_record(record, Form::Canonical, &mut octets)?;
        Ok(Self { ttl: record.ttl(), mname, rname, serial, timers, octets })
    }

    /// RFC 5936 section 2.2: the transfer ends with "the same SOA RR" with which it began; `records` came before it.
    pub(super) fn check_last(&self, last: &Self, records: u64) -> Result<(), Fault> {
        if self.serial != last.serial && records == 1 {
            return Err(Fault::Incremental { second: last.serial });
        }
        if self.serial != last.serial {
            return Err(Fault::SerialMoved { first: self.serial, last: last.serial });
        }
        self.check_same(last)
    }

    /// RFC 5936 section 2.2, RFC 1995 section 4: equal in all fields; the serial was looked at before.
    pub(super) fn check_same(&self, other: &Self) -> Result<(), Fault> {
        use SoaField::{Expire, Minimum, Mname, Refresh, Retry, Rname, Ttl};
        let timers = self.timers.iter().zip(&other.timers).map(|(own, other)| own == other);
        let equal =
            [self.ttl == other.ttl, self.mname == other.mname, self.rname == other.rname].into_iter().chain(timers);
        let fields = [Ttl, Mname, Rname, Refresh, Retry, Expire, Minimum];
        match equal.zip(fields).find(|(equal, _)| !equal) {
            Some((_, field)) => Err(Fault::SoaDiffers { serial: self.serial, field }),
            None => Ok(()),
        }
    }
}

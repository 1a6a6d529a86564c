//! A zone file as a side: read between two looks at it that must show the same file.

use super::digest::{self, blocking};
use super::snapshot::{SideError, Snapshot, Terms};
use super::stream::Outlet;
use crate::canonical::{CanonicalRecord, Form};
use crate::fs::{OpenZoneFile, ZoneFile};
use crate::serial::Serial;
use crate::wire::{Rtype, WireName};
use crate::xfr::Notes;
use crate::zonemd::Collector;

/// How many octets are read from a file before others have their turn.
const BLOCK: usize = 1 << 16;
/// What is said of such a file, since another dialect reads other octets.
const WINDOWS: &str = "it is read as a file of the Windows DNS server (\\DDD is octal)";

/// Reads a zone file to its end; the records go out as they come, and are worth nothing if this fails.
///
/// The disk is waited for on a thread of its own, a block at a time, so that a run that is given up ends soon.
pub(super) async fn pull(file: &ZoneFile, terms: &Terms, outlet: &mut Outlet) -> Result<Snapshot, SideError> {
    outlet.tell_started();
    let (zone, form, opening) = (terms.transfer.zone, outlet.form(), file.clone());
    let open = blocking(move || opening.open(&zone, form)).await?.map_err(SideError::File)?;
    let collector = terms.share.collector(&zone, terms.digest);
    let notes = Notes { no_apex_ns: true, ..Notes::default() };
    let mut reading = Reading { open, form, collector, apex: zone.to_lowercase(), serial: None, records: 0, notes };
    loop {
        let (read, block);
        (reading, read, block) = blocking(move || {
            let mut block = Vec::with_capacity(BLOCK + BLOCK / 2);
            let read = reading.fill(&mut block);
            (reading, read, block)
        })
        .await?;
        let records = match read {
            Ok(records) => records,
            Err(problem) => return Err(reading.changed().unwrap_or(problem)),
        };
        if records == 0 {
            break;
        }
        outlet.send_block(block, records).await;
    }
    if let Some(changed) = reading.changed() {
        return Err(changed);
    }
    // The reader ends well only if there was a SOA.
    let serial = reading.serial.ok_or(SideError::Fault)?;
    reading.open.verify(serial).map_err(SideError::File)?;
    outlet.tell_done(serial).await;
    let notes = Notes { soa_only: reading.records == 1, ..reading.notes };
    let remarks = if reading.open.is_windows() { vec![WINDOWS] } else { Vec::new() };
    let transport = if file.is_standard_input() { "standard_input" } else { "file" };
    let digested = digest::finish(reading.collector).await?;
    let identities = Vec::new();
    Ok(Snapshot { serial, notes, identities, transport, remarks, sent: None, since: None, basis: None, digested })
}

/// A file on its way.
struct Reading {
    /// The file.
    open: OpenZoneFile,
    /// How its records are written.
    form: Form,
    /// Who may digest them.
    collector: Collector,
    /// The name of the zone, in lower case.
    apex: WireName,
    /// The serial of its SOA.
    serial: Option<Serial>,
    /// Records so far.
    records: u64,
    /// What is odd and yet no error.
    notes: Notes,
}

impl Reading {
    /// Appends records until there is a block of them; how many there are, none at the end of the file.
    fn fill(&mut self, block: &mut Vec<u8>) -> Result<u64, SideError> {
        let before = self.records;
        while block.len() < BLOCK {
            let Some(record) = self.open.next_record().map_err(|error| SideError::File(error.into()))? else { break };
            record.write(block);
            if self.collector.wants(record.rtype()) {
                let written = self.collector.record(|out| match self.form {
                    Form::Canonical => {
                        record.write(out);
                        Ok(())
                    }
                    Form::Bitwise => record.write_folded(out),
                });
                written.map_err(|_| SideError::Fault)?;
            }
            self.records += 1;
            if self.apex.as_octets().eq_ignore_ascii_case(record.owner()) {
                note_apex(&record, &mut self.serial, &mut self.notes);
            }
        }
        Ok(self.records - before)
    }

    /// The error that the file did not stand still, if so.
    fn changed(&self) -> Option<SideError> {
        self.open.changed().map(|file| SideError::FileChanged { file: file.display().to_string() })
    }
}

/// What a record of the apex tells of the zone.
fn note_apex(record: &CanonicalRecord<'_>, serial: &mut Option<Serial>, notes: &mut Notes) {
    match record.rtype() {
        Rtype::SOA => *serial = serial.or_else(|| Serial::of_soa(record.rdata())),
        Rtype::NS => notes.no_apex_ns = false,
        Rtype::CNAME => notes.apex_cname = true,
        _ => {}
    }
}

//! The records of a transfer in the layout of [`write_record`](super::write_record), message by message.
//!
//! What is not written the quick way (RDATA with more than one name, or with more octets than there is room) goes through
//! the table of grammars, as a single record does.

use super::{Form, HEAD, effective_ttl, write_rest};
use crate::wire::{Folding, RecordView, WireError, case, copy, folding};
use std::ops::Range;

/// Room for an owner, the numbers, and RDATA as large as that of nearly all records.
const ROOM: usize = 1024;

/// Writes records; an owner that goes on is read once.
#[derive(Debug)]
pub(crate) struct RecordWriter {
    /// How they are written.
    form: Form,
    /// The record at hand, from its owner on: the next one may have the same.
    room: Box<[u8; ROOM]>,
    /// How long the owner is.
    owner: usize,
    /// Where it is in the message.
    place: Option<usize>,
}

impl RecordWriter {
    /// Writes in this form.
    pub(crate) fn new(form: Form) -> Self {
        Self { form, room: Box::new([0; ROOM]), owner: 0, place: None }
    }

    /// The form.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// The next record is of another message, where the same place is another owner.
    pub(crate) fn end_message(&mut self) {
        self.place = None;
    }

    /// Appends a record; after an error `out` is as it was.
    pub(crate) fn write(&mut self, record: &RecordView<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        if self.place != Some(record.owner_place()) {
            self.place = None;
            self.read_owner(record)?;
            self.place = Some(record.owner_place());
        }
        if let Some(written) = self.fill(record).and_then(|end| self.room.get(..end)) {
            out.extend_from_slice(written);
            return Ok(());
        }
        let start = out.len();
        out.extend_from_slice(self.room.get(..self.owner).unwrap_or_default());
        let written = write_rest(record, self.form, out);
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    /// Puts the owner where it belongs.
    fn read_owner(&mut self, record: &RecordView<'_>) -> Result<(), WireError> {
        self.owner = record.copy_owner(&mut *self.room)?;
        self.fold(0..self.owner);
        Ok(())
    }

    /// Puts the record behind its owner, and says where it ends; `None` if that is to be done the slow way.
    fn fill(&mut self, record: &RecordView<'_>) -> Option<usize> {
        let start = self.owner + HEAD;
        record.copy_rdata(self.room.get_mut(start..)?)?;
        let mut end = start + record.rdata_len();
        match folding(record.rtype()) {
            Folding::Nothing => {}
            Folding::LastName { behind } => {
                let (name, last) = (start + usize::from(behind), record.names().last);
                copy(last, last.len(), self.room.get_mut(name..)?)?;
                end = name + last.len();
                self.fold(name..end);
                // Not expanded: that is not done here.
                (!last.is_empty()).then_some(())?;
            }
            Folding::PlainName { behind } => {
                let name = start + usize::from(behind);
                let length = plain_name_length(self.room.get(name..end)?)?;
                self.fold(name..name + length);
            }
            Folding::Fields => return None,
        }
        let ([t1, t2], [c1, c2]) = (record.rtype().0.to_be_bytes(), record.class().to_be_bytes());
        let [l1, l2, l3, l4] = effective_ttl(record.ttl()).to_be_bytes();
        let [r1, r2] = u16::try_from(end - start).ok()?.to_be_bytes();
        *self.room.get_mut(self.owner..)?.first_chunk_mut()? = [t1, t2, c1, c2, l1, l2, l3, l4, r1, r2];
        Some(end)
    }

    /// Turns names there into the form.
    fn fold(&mut self, names: Range<usize>) {
        if let Some(names) = self.room.get_mut(names).filter(|_| self.form == Form::Canonical) {
            case::fold(names);
        }
    }
}

/// How long the name without pointers is with which these octets begin.
fn plain_name_length(octets: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match usize::from(*octets.get(at)?) {
            0 => return Some(at + 1),
            label => at += label + 1,
        }
    }
}

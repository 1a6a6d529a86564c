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

#[cfg(test)]
mod tests {
    use super::super::write_record;
    use super::*;
    use crate::wire::{Message, Names};
    use proptest::prelude::*;

    /// A name: as it is, as a pointer to the first owner or into it, or as a label before one.
    fn name() -> impl Strategy<Value = Vec<u8>> {
        let names: [&[u8]; 6] =
            [b"\x03wWw\x02eX\0", b"\0", b"\xC0\x0C", b"\xC0\x0E", b"\x01B\xC0\x0C", b"\x02Zz\xC0\x0E"];
        prop::sample::select(names.map(<[u8]>::to_vec).to_vec())
    }

    /// A name without a pointer.
    fn plain() -> impl Strategy<Value = Vec<u8>> {
        prop::sample::select(vec![b"\x03nO1\x01X\0".to_vec(), b"\0".to_vec(), b"\x01q\0".to_vec()])
    }

    /// A type, and RDATA of it.
    fn data() -> impl Strategy<Value = (u16, Vec<u8>)> {
        let with = |rtype: u16, head: &'static [u8], tail: &'static [u8]| {
            name().prop_map(move |name| (rtype, [head, &name, tail].concat()))
        };
        let with_plain = |rtype: u16, head: &'static [u8], tail: &'static [u8]| {
            plain().prop_map(move |name| (rtype, [head, &name, tail].concat()))
        };
        let two = |rtype: u16, tail: &'static [u8]| {
            (name(), name()).prop_map(move |(one, other)| (rtype, [&one, &other, tail].concat()))
        };
        prop_oneof![
            prop::sample::select(vec![2, 5, 12]).prop_flat_map(move |rtype| with(rtype, b"", b"")),
            with(15, b"\x00\x0A", b""),
            with(33, b"ABCDEF", b""),
            two(6, b"AAAABBBBCCCCDDDDEEEE"),
            two(17, b""),
            with_plain(39, b"", b""),
            with_plain(46, b"\x00\x01\x0D\x02\x00\x00\x00\x3CAAAABBBB\x00\x07", b"SIGNATURE"),
            with_plain(47, b"", b"\x00\x01\x40"),
            Just((1, b"AbCd".to_vec())),
            Just((16, b"\x03AbC".to_vec())),
            proptest::collection::vec(any::<u8>(), 0..1100).prop_map(|octets| (65_280, octets)),
        ]
    }

    /// A message of such records.
    fn message() -> impl Strategy<Value = Vec<u8>> {
        let record = (name(), data(), any::<u32>());
        (any::<bool>(), proptest::collection::vec(record, 1..8)).prop_map(|(other, records)| {
            let count = u8::try_from(records.len()).expect("few");
            let mut octets = vec![0, 0, 0x80, 0, 0, 0, 0, count, 0, 0, 0, 0];
            for (index, (owner, (rtype, rdata), ttl)) in records.into_iter().enumerate() {
                octets.extend(match (index, other) {
                    (0, false) => b"\x01A\x02bC\0".to_vec(),
                    (0, true) => b"\x01D\x02eF\0".to_vec(),
                    _ => owner,
                });
                octets.extend([rtype.to_be_bytes(), [0, 1]].concat());
                octets.extend(ttl.to_be_bytes());
                octets.extend(u16::try_from(rdata.len()).expect("short").to_be_bytes());
                octets.extend(rdata);
            }
            octets
        })
    }

    proptest! {
        /// C1, C2: written one after the other, messages behind each other, records are what each is by itself.
        #[test]
        fn c1_a_transfer_is_written_as_its_records_are(messages in proptest::collection::vec(message(), 1..4)) {
            for form in [Form::Canonical, Form::Bitwise] {
                let (mut names, mut writer) = (Names::default(), RecordWriter::new(form));
                let (mut quick, mut alone) = (Vec::new(), Vec::new());
                for octets in &messages {
                    Message::walk(octets, &mut names, &mut |record, names| {
                        writer.write(&RecordView::with_names(record, names), &mut quick).expect("it was walked");
                    })
                    .expect("well-formed");
                    writer.end_message();
                    for record in Message::parse(octets).expect("well-formed").records() {
                        write_record(record, form, &mut alone).expect("it was walked");
                    }
                }
                prop_assert_eq!(&quick, &alone);
            }
        }
    }
}

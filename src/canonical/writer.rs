//! The records of a transfer in the layout of [`write_record`], block by block.
//!
//! What is not written the quick way (RDATA with more than one name, or more octets than there is room; names as they were
//! received) goes through the table of grammars, as a single record does.

use super::{Form, HEAD, effective_ttl, write_record};
use crate::wire::{Folding, RecordView, WireError, case, folding};

/// Room for an owner, the numbers, and RDATA as large as that of nearly all records.
const ROOM: usize = 1024;

/// Writes records.
#[derive(Debug)]
pub(crate) struct RecordWriter {
    /// How they are written.
    form: Form,
    /// How large a block is when it is begun.
    size: usize,
    /// The records since the last block was taken, and room behind them.
    block: Vec<u8>,
    /// How many octets of it are in use.
    used: usize,
    /// A record that is written the slow way.
    slow: Vec<u8>,
}

impl RecordWriter {
    /// Writes in this form, into blocks of this size, which grow if need be.
    pub(crate) fn new(form: Form, size: usize) -> Self {
        Self { form, size, block: Vec::new(), used: 0, slow: Vec::new() }
    }

    /// The form.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// How many octets were written since the last block was taken.
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Takes what was written.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let mut block = std::mem::take(&mut self.block);
        block.truncate(std::mem::take(&mut self.used));
        block
    }

    /// Writes a record; after an error there is none.
    #[inline]
    pub(crate) fn write(&mut self, record: &RecordView<'_>) -> Result<(), WireError> {
        self.make_room(ROOM);
        match self.fill(record) {
            Some(length) => {
                self.used += length;
                Ok(())
            }
            None => self.write_slowly(record),
        }
    }

    /// Makes room for so many octets.
    #[inline]
    fn make_room(&mut self, octets: usize) {
        if self.block.len() < self.used + octets {
            self.block.resize(self.size.max(2 * self.block.len()).max(self.used + octets), 0);
        }
    }

    /// Puts the record into the room, and says how long it is; `None` if that is to be done the slow way.
    #[inline]
    fn fill(&mut self, record: &RecordView<'_>) -> Option<usize> {
        let room: &mut [u8; ROOM] = self.block.get_mut(self.used..)?.first_chunk_mut()?;
        let names = record.names();
        if self.form != Form::Canonical || names.owner.is_empty() {
            return None;
        }
        names.owner.copy_to(room)?;
        let numbers = names.owner.len();
        let rdata = room.get_mut(numbers + HEAD..)?;
        let length = match folding(record.rtype()) {
            Folding::Nothing => {
                record.copy_rdata(record.rdata_len(), rdata)?;
                record.rdata_len()
            }
            Folding::LastName { behind } => {
                let behind = usize::from(behind);
                // Not expanded: that is not done here.
                (!names.last.is_empty()).then_some(())?;
                record.copy_rdata(behind, rdata)?;
                names.last.copy_to(rdata.get_mut(behind..)?)?;
                behind + names.last.len()
            }
            Folding::PlainName { behind } => {
                record.copy_rdata(record.rdata_len(), rdata)?;
                let name = rdata.get_mut(usize::from(behind)..record.rdata_len())?;
                let length = plain_name_length(name)?;
                case::fold(name.get_mut(..length)?);
                record.rdata_len()
            }
            Folding::Fields => return None,
        };
        let ([t1, t2], [c1, c2]) = (record.rtype().0.to_be_bytes(), record.class().to_be_bytes());
        let [l1, l2, l3, l4] = effective_ttl(record.ttl()).to_be_bytes();
        let [r1, r2] = u16::try_from(length).ok()?.to_be_bytes();
        *room.get_mut(numbers..)?.first_chunk_mut()? = [t1, t2, c1, c2, l1, l2, l3, l4, r1, r2];
        Some(numbers + HEAD + length)
    }

    /// Writes any record.
    fn write_slowly(&mut self, record: &RecordView<'_>) -> Result<(), WireError> {
        self.slow.clear();
        write_record(record, self.form, &mut self.slow)?;
        self.make_room(self.slow.len());
        let room = self.block.get_mut(self.used..).and_then(|room| room.get_mut(..self.slow.len()));
        room.unwrap_or_default().copy_from_slice(&self.slow);
        self.used += self.slow.len();
        Ok(())
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
                let (mut names, mut writer) = (Names::default(), RecordWriter::new(form, 0));
                let mut alone = Vec::new();
                for octets in &messages {
                    Message::walk(octets, &mut names, &mut |record| writer.write(record).expect("it was walked"))
                        .expect("well-formed");
                    for record in Message::parse(octets).expect("well-formed").records() {
                        write_record(record, form, &mut alone).expect("it was walked");
                    }
                }
                prop_assert_eq!(writer.len(), alone.len());
                prop_assert_eq!(&writer.take(), &alone);
            }
        }
    }
}

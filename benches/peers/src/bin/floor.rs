//! What two transfers cost at the least: both streams walked and merged in step, nothing kept, nothing checked.
//!
//! `floor ORIGIN HOST:PORT HOST:PORT` prints one line of JSON: the records that one side alone has, how many records and
//! octets came. It trusts what it reads and must only ever be pointed at servers of one's own.
//!
//! With `again` behind it both are transferred once more, and all octets of that are read and hashed, but not looked at:
//! the least that anything costs which does not say of a difference what one transfer alone has shown.

use std::cmp::Ordering;
use std::io::{Read, Result, Write};
use std::net::TcpStream;

/// One octet pair as a number.
fn number(octets: &[u8], at: usize) -> usize {
    usize::from(octets[at]) << 8 | usize::from(octets[at + 1])
}

/// The offset after the name at `at`.
fn after_name(message: &[u8], mut at: usize) -> usize {
    loop {
        match message[at] {
            0 => return at + 1,
            0xC0.. => return at + 2,
            length => at += 1 + usize::from(length),
        }
    }
}

/// Writes the name at `at`, expanded, to `out` from `length` on; returns the new length.
fn expand(message: &[u8], mut at: usize, out: &mut [u8], mut length: usize) -> usize {
    loop {
        let label = usize::from(message[at]);
        match label {
            0 => {
                out[length] = 0;
                return length + 1;
            }
            0xC0.. => at = number(message, at) & 0x3FFF,
            // Most labels are short: one wide copy costs less than one of just the right length.
            1..32 if at + 33 <= message.len() && length + 33 <= out.len() => {
                let (from, to) = (&message[at..at + 32], &mut out[length..length + 32]);
                to.copy_from_slice(from);
                at += 1 + label;
                length += 1 + label;
            }
            _ => {
                out[length..=length + label].copy_from_slice(&message[at..=at + label]);
                at += 1 + label;
                length += 1 + label;
            }
        }
    }
}

/// One record of a group: type, TTL, and where its RDATA is.
#[derive(Clone, Copy)]
struct Record {
    rtype: usize,
    ttl: [u8; 4],
    at: usize,
    length: usize,
}

/// All records in a row that have one owner.
struct Group {
    owner: [u8; 512],
    owner_length: usize,
    records: Vec<Record>,
    rdata: Vec<u8>,
}

impl Group {
    fn new() -> Self {
        Self { owner: [0; 512], owner_length: 0, records: Vec::new(), rdata: Vec::new() }
    }

    fn owner(&self) -> &[u8] {
        &self.owner[..self.owner_length]
    }

    fn rdata(&self, record: &Record) -> &[u8] {
        &self.rdata[record.at..record.at + record.length]
    }

    /// Whether both have the same octets in the same order.
    fn is_same(&self, other: &Self) -> bool {
        let numbers = |record: &Record| (record.rtype, record.ttl, record.length);
        self.rdata == other.rdata && self.records.iter().map(numbers).eq(other.records.iter().map(numbers))
    }

    /// Every record as type, TTL and RDATA, names in lower case, sorted.
    fn folded(&self) -> Vec<(usize, [u8; 4], Vec<u8>)> {
        let fold = |record: &Record| {
            let mut rdata = self.rdata(record).to_vec();
            let names = match record.rtype {
                2 | 5 | 12 => 0..rdata.len(),
                6 => 0..rdata.len() - 20,
                15 => 2..rdata.len(),
                33 => 6..rdata.len(),
                _ => 0..0,
            };
            rdata[names].make_ascii_lowercase();
            (record.rtype, record.ttl, rdata)
        };
        let mut records: Vec<_> = self.records.iter().map(fold).collect();
        records.sort_unstable();
        records.dedup();
        records
    }
}

/// One transfer.
struct Stream {
    socket: TcpStream,
    buffer: Vec<u8>,
    /// Octets of the buffer that are filled, and those that were taken.
    filled: usize,
    taken: usize,
    /// The message at hand, the next record in it, and how many are left.
    message: std::ops::Range<usize>,
    at: usize,
    left: usize,
    /// The owner of the next record, if it was read already, and where it was in the message.
    next_owner: [u8; 512],
    next_length: usize,
    owner_place: usize,
    soas: u32,
    done: bool,
    records: u64,
    octets: u64,
}

impl Stream {
    /// Asks for the zone.
    fn open(server: &str, origin: &str) -> Result<Self> {
        let mut query = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in origin.split('.').filter(|label| !label.is_empty()) {
            query.push(label.len() as u8);
            query.extend_from_slice(label.as_bytes());
        }
        query.extend([0, 0, 252, 0, 1]);
        let mut socket = TcpStream::connect(server)?;
        socket.write_all(&[&(query.len() as u16).to_be_bytes()[..], &query].concat())?;
        Ok(Self {
            socket,
            buffer: vec![0; 1 << 19],
            filled: 0,
            taken: 0,
            message: 0..0,
            at: 0,
            left: 0,
            next_owner: [0; 512],
            next_length: 0,
            owner_place: usize::MAX,
            soas: 0,
            done: false,
            records: 0,
            octets: 0,
        })
    }

    /// Reads until so many octets are there that were not taken.
    fn fill(&mut self, wanted: usize) -> Result<bool> {
        while self.filled - self.taken < wanted {
            if self.buffer.len() - self.filled < 1 << 16 {
                self.buffer.copy_within(self.taken..self.filled, 0);
                (self.filled, self.taken) = (self.filled - self.taken, 0);
            }
            let read = self.socket.read(&mut self.buffer[self.filled..])?;
            if read == 0 {
                return Ok(false);
            }
            self.filled += read;
        }
        Ok(true)
    }

    /// Goes to the next message.
    fn next_message(&mut self) -> Result<bool> {
        if !self.fill(2)? {
            return Ok(false);
        }
        let length = number(&self.buffer, self.taken);
        if !self.fill(2 + length)? {
            return Ok(false);
        }
        self.message = self.taken + 2..self.taken + 2 + length;
        self.taken = self.message.end;
        self.octets += length as u64;
        let message = &self.buffer[self.message.clone()];
        self.at = (0..number(message, 4)).fold(12, |at, _| after_name(message, at) + 4);
        self.left = number(message, 6);
        self.owner_place = usize::MAX;
        Ok(true)
    }

    /// Takes all records of the next owner; `false` at the end.
    fn next_group(&mut self, group: &mut Group) -> Result<bool> {
        group.records.clear();
        group.rdata.clear();
        let mut open = self.next_length > 0;
        if open {
            group.owner[..self.next_length].copy_from_slice(&self.next_owner[..self.next_length]);
            group.owner_length = self.next_length;
        }
        while !self.done {
            while self.left == 0 {
                if !self.next_message()? {
                    self.done = true;
                    return Ok(open);
                }
            }
            let message = &self.buffer[self.message.clone()];
            let compressed = message[self.at] >= 0xC0;
            let place = if compressed { number(message, self.at) & 0x3FFF } else { self.at };
            if !(open && place == self.owner_place) && self.next_length == 0 {
                let length = expand(message, place, &mut self.next_owner, 0);
                let owner = &self.next_owner[..length];
                if open && !owner.eq_ignore_ascii_case(group.owner()) {
                    (self.next_length, self.owner_place) = (length, place);
                    return Ok(true);
                }
                group.owner[..length].copy_from_slice(owner);
                (group.owner_length, open) = (length, true);
            }
            (self.next_length, self.owner_place) = (0, place);
            let fixed = if compressed { self.at + 2 } else { after_name(message, self.at) };
            let (rtype, length, rdata) = (number(message, fixed), number(message, fixed + 8), fixed + 10);
            let start = group.rdata.len();
            let names: &[usize] = match rtype {
                6 => {
                    self.soas += 1;
                    if self.soas == 2 {
                        self.done = true;
                        return Ok(!group.records.is_empty());
                    }
                    &[rdata, after_name(message, rdata)]
                }
                2 | 5 | 12 => &[rdata],
                15 => &[rdata + 2],
                _ => &[],
            };
            if let [first, ..] = names {
                group.rdata.resize(start + 1024, 0);
                let numbers = first - rdata;
                group.rdata[start..start + numbers].copy_from_slice(&message[rdata..*first]);
                let end = names.iter().fold(start + numbers, |end, at| expand(message, *at, &mut group.rdata, end));
                group.rdata.truncate(end);
                if rtype == 6 {
                    group.rdata.extend_from_slice(&message[rdata + length - 20..rdata + length]);
                }
            } else {
                group.rdata.extend_from_slice(&message[rdata..rdata + length]);
            }
            let ttl = [message[fixed + 4], message[fixed + 5], message[fixed + 6], message[fixed + 7]];
            group.records.push(Record { rtype, ttl, at: start, length: group.rdata.len() - start });
            self.records += 1;
            self.at = rdata + length;
            self.left -= 1;
        }
        Ok(open && !group.records.is_empty())
    }
}

/// Reads so many octets of messages, and hashes them.
fn read_again(server: &str, origin: &str, octets: u64) -> Result<u64> {
    let mut stream = Stream::open(server, origin)?;
    let mut hash = 0_u64;
    while stream.octets < octets && stream.next_message()? {
        // The ID is another each time, in any server that is asked with another.
        let message = &stream.buffer[stream.message.clone()][2..];
        let (words, rest) = message.as_chunks::<8>();
        let step = |hash: u64, word: u64| (hash.rotate_left(29) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash = words.iter().fold(hash, |hash, word| step(hash, u64::from_le_bytes(*word)));
        hash = rest.iter().fold(hash, |hash, octet| step(hash, u64::from(*octet)));
    }
    Ok(hash)
}

/// RFC 4034 section 6.1.
fn order(a: &[u8], b: &[u8]) -> Ordering {
    let labels = |name: &[u8]| {
        let (mut labels, mut at) = (Vec::new(), 0);
        while name[at] != 0 {
            let end = at + 1 + usize::from(name[at]);
            labels.push(name[at + 1..end].to_ascii_lowercase());
            at = end;
        }
        labels.reverse();
        labels
    };
    labels(a).cmp(&labels(b))
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (origin, one, other, again) = match arguments.as_slice() {
        [origin, one, other] => (origin, one, other, false),
        [origin, one, other, word] if word == "again" => (origin, one, other, true),
        _ => {
            eprintln!("usage: floor ORIGIN HOST:PORT HOST:PORT [again]");
            std::process::exit(2);
        }
    };
    let (mut base, mut target) = (Stream::open(one, origin)?, Stream::open(other, origin)?);
    let (mut left, mut right, nothing) = (Group::new(), Group::new(), Group::new());
    let (mut removed, mut added) = (0, 0);
    let mut count = |one: &Group, other: &Group| {
        let (one, other) = (one.folded(), other.folded());
        removed += one.iter().filter(|record| other.binary_search(record).is_err()).count();
        added += other.iter().filter(|record| one.binary_search(record).is_err()).count();
    };
    let (mut more_left, mut more_right) = (base.next_group(&mut left)?, target.next_group(&mut right)?);
    while more_left || more_right {
        let order = match (more_left, more_right) {
            (true, false) => Ordering::Less,
            (false, _) => Ordering::Greater,
            _ if left.owner().eq_ignore_ascii_case(right.owner()) => Ordering::Equal,
            _ => order(left.owner(), right.owner()),
        };
        match order {
            Ordering::Equal => {
                if !left.is_same(&right) {
                    count(&left, &right);
                }
                (more_left, more_right) = (base.next_group(&mut left)?, target.next_group(&mut right)?);
            }
            Ordering::Less => {
                count(&left, &nothing);
                more_left = base.next_group(&mut left)?;
            }
            Ordering::Greater => {
                count(&nothing, &right);
                more_right = target.next_group(&mut right)?;
            }
        }
    }
    if again {
        let (left, right) = (read_again(one, origin, base.octets)?, read_again(other, origin, target.octets)?);
        std::hint::black_box((left, right));
    }
    let (records, octets) = (base.records + target.records, base.octets + target.octets);
    println!("{{\"removed\": {removed}, \"added\": {added}, \"records\": {records}, \"octets\": {octets}}}");
    Ok(())
}

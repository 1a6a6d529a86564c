//! What went over the wire between the client and the controllers, as tcpdump saw it on the client's side.

use super::directory::{Answer, Directory, Running};
use dnsconverge::wire::{Message, Opcode};
use std::collections::{BTreeMap, HashSet};
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// A capture under way.
pub struct Capture {
    /// tcpdump.
    running: Running,
    /// Where it writes.
    file: PathBuf,
    /// Kept until it is read.
    _directory: tempfile::TempDir,
    /// Who sends.
    client: Ipv4Addr,
}

/// What was captured.
pub struct Wire {
    /// The file as a whole.
    octets: Vec<u8>,
    /// What the client sent to port 53, by TCP or UDP, in its order within a connection.
    sent: Vec<Sent>,
}

/// One message that the client sent to a DNS server.
pub struct Sent {
    /// Whether by UDP.
    is_datagram: bool,
    /// The message.
    octets: Vec<u8>,
}

impl Capture {
    /// Begins; what is sent after this is seen.
    pub fn begin(lab: &Directory) -> Answer<Self> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("wire.pcap");
        let path = file.to_string_lossy().into_owned();
        // It would give up root, and then could not write here.
        // And what it has only buffered for a moment would be lost: a whole run is over in less than that.
        let how = ["-i", "br0", "-Z", "root", "-U", "--immediate-mode", "-s", "0", "-w", &path];
        let mut running = lab.start_other(&[["tcpdump"].as_slice(), &how].concat())?;
        running.wait_for("tcpdump: listening")?;
        Ok(Self { running, file, _directory: directory, client: lab.get("CLIENT_IP")?.parse()? })
    }

    /// Ends, once the last packet is written.
    pub fn end(self) -> Answer<Wire> {
        self.running.signal("INT")?;
        self.running.finish()?.exits(0)?;
        let octets = std::fs::read(&self.file)?;
        let sent = sent(&octets, self.client).ok_or("the capture cannot be read")?;
        Ok(Wire { octets, sent })
    }
}

impl Wire {
    /// Whether these octets were on the wire, in either direction.
    pub fn shows(&self, octets: &[u8]) -> bool {
        self.octets.windows(octets.len()).any(|window| window == octets)
    }

    /// Whether any 16 octets of a file were.
    pub fn shows_part_of(&self, file: &[u8]) -> bool {
        let parts: HashSet<&[u8]> = file.windows(16).collect();
        self.octets.windows(16).any(|window| parts.contains(window))
    }

    /// The updates, and whether each was signed. None went by UDP, and none was sent twice.
    pub fn updates(&self) -> Vec<bool> {
        let mut updates = Vec::new();
        for Sent { is_datagram, octets } in &self.sent {
            let message = Message::parse(octets).expect("what we send can be read");
            if message.header().opcode() == Opcode::UPDATE {
                assert!(!is_datagram, "an update by UDP");
                updates.push(message.tsig().is_some());
            }
        }
        updates
    }

    /// How many messages of the client were signed, and how many not; negotiations left out.
    pub fn signed_and_unsigned(&self) -> (usize, usize) {
        let is_negotiation = |message: &Message<'_>| message.question().is_some_and(|question| question.rtype.0 == 249);
        let messages = self.sent.iter().map(|sent| Message::parse(&sent.octets).expect("what we send can be read"));
        let (signed, unsigned): (Vec<_>, Vec<_>) =
            messages.filter(|message| !is_negotiation(message)).partition(|message| message.tsig().is_some());
        (signed.len(), unsigned.len())
    }
}

/// What an address sent to port 53, out of a file of tcpdump (classic format, little-endian, Ethernet).
fn sent(file: &[u8], client: Ipv4Addr) -> Option<Vec<Sent>> {
    let mut rest = file.strip_prefix(&0xA1B2_C3D4_u32.to_le_bytes())?.get(20..)?;
    let mut streams: BTreeMap<u16, BTreeMap<u32, Vec<u8>>> = BTreeMap::new();
    let mut all = Vec::new();
    while let Some((header, after)) = rest.split_first_chunk::<16>() {
        let length = u32::from_le_bytes(*header[8..].first_chunk()?);
        let (frame, after) = after.split_at_checked(length.try_into().ok()?)?;
        rest = after;
        let Some(packet) = frame.get(14..).filter(|_| frame.get(12..14) == Some(&[8, 0])) else { continue };
        // IPv4's own length: short frames are filled up.
        let (start, end) = (usize::from(packet[0] & 0xF) * 4, usize::from(u16::from_be_bytes([packet[2], packet[3]])));
        let Some(segment) = packet.get(start..end).filter(|_| packet[12..16] == client.octets()) else { continue };
        if segment.get(2..4) != Some(&[0, 53]) {
            continue;
        }
        match packet[9] {
            17 => all.push(Sent { is_datagram: true, octets: segment[8..].to_vec() }),
            6 => {
                let (port, number) = (segment.first_chunk::<2>()?, segment[4..].first_chunk::<4>()?);
                let payload = segment.get(usize::from(segment[12] >> 4) * 4..)?;
                let stream = streams.entry(u16::from_be_bytes(*port)).or_default();
                if !payload.is_empty() {
                    stream.insert(u32::from_be_bytes(*number), payload.to_vec());
                }
            }
            _ => {}
        }
    }
    for stream in streams.into_values() {
        let octets: Vec<u8> = stream.into_values().flatten().collect();
        let mut rest = octets.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let (message, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
            all.push(Sent { is_datagram: false, octets: message.to_vec() });
            rest = after;
        }
    }
    Some(all)
}

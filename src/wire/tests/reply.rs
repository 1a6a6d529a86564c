//! Responses under construction, for the tests of all rooms that read them. Nothing is compressed.

use crate::wire::{CLASS_IN, Rtype, WireName};

/// QR and AA.
const ANSWER: u16 = 0x8400;

/// A name from text without escapes.
pub(crate) fn name(text: &str) -> WireName {
    WireName::from_labels(text.split('.').filter(|label| !label.is_empty()).map(str::as_bytes)).expect("a name")
}

/// A record of class IN and TTL 3600 in wire form.
pub(crate) fn record(owner: &WireName, rtype: Rtype, rdata: &[u8]) -> Vec<u8> {
    record_of_class(owner, rtype, CLASS_IN, 3600, rdata)
}

/// A record in wire form.
pub(crate) fn record_of_class(owner: &WireName, rtype: Rtype, class: u16, ttl: u32, rdata: &[u8]) -> Vec<u8> {
    let mut record = owner.as_octets().to_vec();
    record.extend(rtype.0.to_be_bytes());
    record.extend(class.to_be_bytes());
    record.extend(ttl.to_be_bytes());
    record.extend(u16::try_from(rdata.len()).expect("short RDATA").to_be_bytes());
    record.extend(rdata);
    record
}

/// A response under construction.
#[derive(Clone)]
pub(crate) struct Reply {
    /// The ID.
    pub(crate) id: u16,
    /// All flags.
    pub(crate) flags: u16,
    /// The questions.
    pub(crate) questions: Vec<(WireName, Rtype, u16)>,
    /// Answer, authority, additional.
    pub(crate) sections: [Vec<Vec<u8>>; 3],
}

impl Reply {
    /// An authoritative answer to this question, still empty.
    pub(crate) fn to(id: u16, name: WireName, rtype: Rtype) -> Self {
        Self { id, flags: ANSWER, questions: vec![(name, rtype, CLASS_IN)], sections: [const { Vec::new() }; 3] }
    }

    /// With other flags.
    pub(crate) fn flags(mut self, flags: u16) -> Self {
        self.flags = flags;
        self
    }

    /// With this record at the end of this section.
    pub(crate) fn and(mut self, section: usize, record: Vec<u8>) -> Self {
        self.sections[section].push(record);
        self
    }

    /// With an OPT record: upper bits of RCODE, and options.
    pub(crate) fn opt(self, extended_rcode: u8, options: &[u8]) -> Self {
        let ttl = u32::from_be_bytes([extended_rcode, 0, 0, 0]);
        self.and(2, record_of_class(&WireName::ROOT, Rtype::OPT, 1232, ttl, options))
    }

    /// In wire form.
    pub(crate) fn octets(&self) -> Vec<u8> {
        let counts = [self.questions.len(), self.sections[0].len(), self.sections[1].len(), self.sections[2].len()];
        let mut octets = [self.id.to_be_bytes(), self.flags.to_be_bytes()].concat();
        octets.extend(counts.iter().flat_map(|count| u16::try_from(*count).expect("a count").to_be_bytes()));
        for (name, rtype, class) in &self.questions {
            octets.extend(name.as_octets());
            octets.extend(rtype.0.to_be_bytes());
            octets.extend(class.to_be_bytes());
        }
        octets.extend(self.sections.iter().flatten().flatten());
        octets
    }
}

//! A zone as a server holds it: one SOA, and records by owner in canonical order.
//!
//! The builder methods take `self` and panic on wrong test data, with the place of the caller; everything that an
//! UPDATE reaches returns a value instead.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, NULL, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// The TTL of records that are built without one, in seconds.
const DEFAULT_TTL: u32 = 3600;

/// One zone: its apex, SOA and records.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The name at the top.
    apex: Name,
    /// The start of authority, kept apart from the other records.
    soa: SOA,
    /// The TTL of the SOA record.
    soa_ttl: u32,
    /// The TTL that the builder gives to new records.
    ttl: u32,
    /// All records but the SOA. `Name` orders canonically (RFC 4034 section 6.1) and without regard to case.
    nodes: BTreeMap<Name, Vec<Record>>,
}

/// # Building
impl Zone {
    /// An empty zone with serial 1; `apex` such as `"example.test."`.
    #[track_caller]
    pub fn new(apex: &str) -> Self {
        let apex = absolute(apex, None);
        let name = |label: &str| absolute(label, Some(&apex));
        let soa = SOA::new(name("ns"), name("hostmaster"), 1, 7200, 900, 1_209_600, 300);
        Self { soa, soa_ttl: DEFAULT_TTL, ttl: DEFAULT_TTL, nodes: BTreeMap::new(), apex }
    }

    /// Gives the zone this serial.
    pub fn soa(mut self, serial: u32) -> Self {
        self.soa.serial = serial;
        self
    }

    /// Replaces the whole SOA RDATA.
    pub fn soa_data(mut self, soa: SOA) -> Self {
        self.soa = soa;
        self
    }

    /// The TTL, in seconds, of the records added after this call.
    pub fn ttl(mut self, ttl: u32) -> Self {
        self.ttl = ttl;
        self
    }

    /// Adds any record as it is, owner inside the zone or not.
    pub fn record(mut self, record: Record) -> Self {
        self.insert(record);
        self
    }

    /// Adds RDATA at an owner: relative to the apex, `"@"` for the apex, or absolute with a final dot.
    #[track_caller]
    pub fn data(self, owner: &str, data: RData) -> Self {
        let record = Record::from_rdata(self.name(owner), self.ttl, data);
        self.record(record)
    }

    /// Adds an IPv4 address.
    #[track_caller]
    pub fn a(self, owner: &str, address: [u8; 4]) -> Self {
        self.data(owner, RData::A(A(address.into())))
    }

    /// Adds an IPv6 address.
    #[track_caller]
    pub fn aaaa(self, owner: &str, address: [u16; 8]) -> Self {
        self.data(owner, RData::AAAA(AAAA(address.into())))
    }

    /// Adds one TXT record of these character-strings.
    #[track_caller]
    pub fn txt(self, owner: &str, strings: &[&str]) -> Self {
        let strings = strings.iter().map(|string| string.as_bytes()).collect();
        self.data(owner, RData::TXT(TXT::from_bytes(strings)))
    }

    /// Adds a name server: at the apex one of the zone's own, below it a zone cut.
    #[track_caller]
    pub fn ns(self, owner: &str, host: &str) -> Self {
        let host = self.name(host);
        self.data(owner, RData::NS(NS(host)))
    }

    /// Adds an alias.
    #[track_caller]
    pub fn cname(self, owner: &str, target: &str) -> Self {
        let target = self.name(target);
        self.data(owner, RData::CNAME(CNAME(target)))
    }

    /// Adds a mail exchange.
    #[track_caller]
    pub fn mx(self, owner: &str, preference: u16, exchange: &str) -> Self {
        let exchange = self.name(exchange);
        self.data(owner, RData::MX(MX::new(preference, exchange)))
    }

    /// Adds a DNAME, which hickory-proto knows by number only.
    #[track_caller]
    pub fn dname(self, owner: &str, target: &str) -> Self {
        let target = wire_name(&self.name(target));
        self.unknown(owner, RecordType::DNAME, target)
    }

    /// Adds RDATA of any type as octets (RFC 3597), zero octets included.
    #[track_caller]
    pub fn unknown(self, owner: &str, code: impl Into<RecordType>, octets: impl Into<Vec<u8>>) -> Self {
        let octets = octets.into();
        // `NULL::with` refuses to be empty.
        let rdata = if octets.is_empty() { NULL::new() } else { NULL::with(octets) };
        self.data(owner, RData::Unknown { code: code.into(), rdata })
    }

    /// Adds `count` hosts `h0`, `h1`, ... with one address each: bulk for transfers of several messages.
    #[track_caller]
    pub fn hosts(self, count: u32) -> Self {
        (0..count).fold(self, |zone, index| {
            let [_, high, middle, low] = index.to_be_bytes();
            zone.a(&format!("h{index}"), [10, high, middle, low])
        })
    }
}

/// # Changing
impl Zone {
    /// Adds a record; one with equal RDATA only has its TTL replaced. Says whether the zone changed.
    ///
    /// A SOA at the apex replaces the zone's.
    pub fn insert(&mut self, record: Record) -> bool {
        if let (RData::SOA(soa), true) = (&record.data, record.name == self.apex) {
            let changed = self.soa != *soa || self.soa_ttl != record.ttl;
            (self.soa, self.soa_ttl) = (soa.clone(), record.ttl);
            return changed;
        }
        let node = self.nodes.entry(record.name.clone()).or_default();
        let Some(held) = node.iter_mut().find(|held| held.data == record.data) else {
            node.push(record);
            return true;
        };
        let changed = held.ttl != record.ttl;
        held.ttl = record.ttl;
        changed
    }

    /// Removes the records of `owner` that `doomed` picks; says whether there were any.
    pub fn remove_where(&mut self, owner: &Name, doomed: impl Fn(&Record) -> bool) -> bool {
        let Some(node) = self.nodes.get_mut(owner) else { return false };
        let before = node.len();
        node.retain(|record| !doomed(record));
        let changed = node.len() != before;
        if node.is_empty() {
            self.nodes.remove(owner);
        }
        changed
    }

    /// Removes a whole record set; says whether it was there.
    #[track_caller]
    pub fn remove(&mut self, owner: &str, record_type: RecordType) -> bool {
        let owner = self.name(owner);
        self.remove_where(&owner, |record| record.record_type() == record_type)
    }

    /// Adds a record by hand, as [`Zone::data`] does.
    #[track_caller]
    pub fn add(&mut self, owner: &str, data: RData) -> bool {
        let record = Record::from_rdata(self.name(owner), self.ttl, data);
        self.insert(record)
    }

    /// Adds one TXT record by hand.
    #[track_caller]
    pub fn add_txt(&mut self, owner: &str, strings: &[&str]) -> bool {
        let strings = strings.iter().map(|string| string.as_bytes()).collect();
        self.add(owner, RData::TXT(TXT::from_bytes(strings)))
    }

    /// RFC 2136 section 3.6: after a change the serial goes up by one, in serial number space, and never becomes 0.
    pub fn bump_serial(&mut self) {
        self.soa.serial = self.soa.serial.checked_add(1).unwrap_or(1);
    }

    /// Sets the serial as it is told, backwards too.
    pub fn set_serial(&mut self, serial: u32) {
        self.soa.serial = serial;
    }
}

/// # Looking
impl Zone {
    /// The name at the top.
    pub fn apex(&self) -> &Name {
        &self.apex
    }

    /// The serial of the SOA.
    pub fn serial(&self) -> u32 {
        self.soa.serial
    }

    /// The SOA as a record.
    pub fn soa_record(&self) -> Record {
        Record::from_rdata(self.apex.clone(), self.soa_ttl, RData::SOA(self.soa.clone()))
    }

    /// RFC 2308 section 3: the SOA of a negative answer has the lesser of its own TTL and MINIMUM.
    pub fn negative_soa(&self) -> Record {
        let mut record = self.soa_record();
        record.ttl = record.ttl.min(self.soa.minimum);
        record
    }

    /// All records but the SOA, in canonical order of their owners.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.nodes.values().flatten()
    }

    /// The number of records, SOA included.
    pub fn count(&self) -> usize {
        1 + self.nodes.values().map(Vec::len).sum::<usize>()
    }

    /// All records at a name, SOA included at the apex; empty when the name owns none.
    pub fn node(&self, owner: &Name) -> Vec<Record> {
        let soa = (*owner == self.apex).then(|| self.soa_record());
        soa.into_iter().chain(self.nodes.get(owner).into_iter().flatten().cloned()).collect()
    }

    /// One record set; empty when there is none.
    pub fn rrset(&self, owner: &Name, record_type: RecordType) -> Vec<Record> {
        self.node(owner).into_iter().filter(|record| record.record_type() == record_type).collect()
    }

    /// Whether a name, as the builder takes it, owns any record.
    #[track_caller]
    pub fn holds(&self, owner: &str) -> bool {
        !self.node(&self.name(owner)).is_empty()
    }

    /// Whether the name exists: it owns records, or a name below it does (RFC 4592 section 2.2.2).
    pub fn exists(&self, name: &Name) -> bool {
        let below = (Bound::Excluded(name.clone()), Bound::Unbounded);
        *name == self.apex
            || self.nodes.contains_key(name)
            || self.nodes.range(below).next().is_some_and(|(next, _)| name.zone_of(next))
    }

    /// The TXT records below `_dnsconverge`, or any other subtree: what a probe may have left.
    #[track_caller]
    pub fn below(&self, subtree: &str) -> Vec<Record> {
        let subtree = self.name(subtree);
        self.records().filter(|record| subtree.zone_of(&record.name)).cloned().collect()
    }

    /// Reads a name as the builder does: relative, `"@"`, or absolute.
    #[track_caller]
    pub fn name(&self, text: &str) -> Name {
        absolute(text, Some(&self.apex))
    }
}

/// All zones of one server: cheap to clone, a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Zones(Vec<Arc<Zone>>);

/// # Zones of a server
impl Zones {
    /// Adds a zone, or replaces the one of the same apex.
    pub fn put(&mut self, zone: Zone) {
        match self.0.iter_mut().find(|held| held.apex == zone.apex) {
            Some(held) => *held = Arc::new(zone),
            None => self.0.push(Arc::new(zone)),
        }
    }

    /// The zone given first, which most tests mean by "the zone".
    pub fn first(&self) -> Option<&Arc<Zone>> {
        self.0.first()
    }

    /// The zone with exactly this apex.
    pub fn exactly(&self, apex: &Name) -> Option<&Arc<Zone>> {
        self.0.iter().find(|zone| zone.apex == *apex)
    }

    /// The zone with exactly this apex, to be changed; snapshots held elsewhere keep the old one.
    pub fn exactly_mut(&mut self, apex: &Name) -> Option<&mut Zone> {
        self.0.iter_mut().find(|zone| zone.apex == *apex).map(Arc::make_mut)
    }

    /// The first zone, to be changed.
    pub fn first_mut(&mut self) -> Option<&mut Zone> {
        self.0.first_mut().map(Arc::make_mut)
    }

    /// RFC 1034 section 4.3.2 step 2: the nearest ancestor zone of a name.
    pub fn nearest(&self, name: &Name) -> Option<&Arc<Zone>> {
        self.0.iter().filter(|zone| zone.apex.zone_of(name)).max_by_key(|zone| zone.apex.num_labels())
    }

    /// Every zone, to be changed.
    pub fn each_mut(&mut self) -> impl Iterator<Item = &mut Zone> {
        self.0.iter_mut().map(Arc::make_mut)
    }
}

/// A name as it stands on the wire, uncompressed, its case kept.
pub fn wire_name(name: &Name) -> Vec<u8> {
    let mut octets = Vec::with_capacity(name.len() + 1);
    for label in name {
        octets.push(u8::try_from(label.len()).unwrap_or(0));
        octets.extend_from_slice(label);
    }
    octets.push(0);
    octets
}

/// Reads a name of test data; panics where it is wrong, since the test is.
#[track_caller]
fn absolute(text: &str, origin: Option<&Name>) -> Name {
    // `Name::parse` would put the text into lower case.
    let parsed = match origin {
        Some(origin) if text == "@" => Ok(origin.clone()),
        Some(origin) if !text.ends_with('.') => {
            Name::from_ascii(format!("{text}.{}", origin.to_ascii().trim_start_matches('.')))
        }
        _ => Name::from_ascii(text),
    };
    match parsed {
        Ok(mut name) => {
            name.set_fqdn(true);
            name
        }
        Err(error) => panic!("not a name: {text:?}: {error}"),
    }
}

//! Who is really answering: the identifiers that a server gives, by NSID or, asked once, in class CH, and the serials that
//! it shows, which tell two nodes behind one address apart where they have no names.

use super::aside::{self, Aside};
use super::exchange::{Asked, ChaosName, Side};
use super::machine::Machine;
use super::phase::{Phase, Purpose};
use crate::report::EventKind;
use crate::serial::{Serial, SerialOrder};
use crate::wire::{CLASS_CH, Message, Opcode, Rcode, Rtype, Section};

/// Identifiers of one server that are told; a pool has a few nodes, an attacker as many as he likes.
pub(super) const MAX_NODES: usize = 16;

/// # Who answers
impl Machine {
    /// Takes note of who answered.
    pub(super) fn hear_node(&mut self, side: Side, aside: &Aside) {
        if let Some(server) = self.server(side) {
            server.has_edns |= aside.has_edns;
            if aside.primary.is_some() {
                server.primary.clone_from(&aside.primary);
            }
        }
        if let Some(node) = &aside.node {
            self.name_node(side, node, "NSID");
        }
    }

    /// Tells an identifier the first time that it is heard of a server.
    fn name_node(&mut self, side: Side, node: &str, by: &str) {
        let address = self.name(side).address;
        let Some(server) = self.server(side) else { return };
        if server.nodes.len() >= MAX_NODES || server.nodes.iter().any(|known| known == node) {
            return;
        }
        server.nodes.push(node.to_owned());
        self.tell(EventKind::Named { address, identity: node.to_owned(), by: by.to_owned() });
    }

    /// Takes note of a serial that a server showed, and tells what is odd about it.
    pub(super) fn hear_serial(&mut self, side: Side, serial: Option<u32>) {
        let address = self.name(side).address;
        let is_fresh = self.phase == Phase::Polling && self.plan.task.probe().is_some();
        let Some(server) = self.server(side) else { return };
        let (Some(after), Some(soa)) = (serial, server.soa.as_mut()) else { return };
        let before = std::mem::replace(&mut soa.serial, after);
        let text = match (Serial(after).compare(Serial(before)), side) {
            // RFC 2136 section 3.6: a server may leave the serial as it is for up to 300 seconds.
            (SerialOrder::Equal, Side::Source) if is_fresh => format!(
                "the serial is still {before} although the zone has changed: secondaries cannot notice the change by it"
            ),
            (SerialOrder::Older, _) if !server.told_backward => {
                server.told_backward = true;
                format!("the serial went backward ({before} to {after}): two servers behind one address, or a rollback")
            }
            _ => return,
        };
        self.tell(EventKind::Note { address: Some(address), text });
    }

    /// A server that gave no NSID is asked in class CH who it is, once, and never for anything else.
    pub(super) fn ask_identity(&mut self, side: Side, name: ChaosName) {
        let Some(server) = self.server(side).filter(|server| server.nodes.is_empty()) else { return };
        let transport = server.transport;
        self.ask(side, Asked::Identity(name), transport, Purpose::Identity(side, name));
    }

    /// What it said.
    pub(super) fn identified(&mut self, side: Side, name: ChaosName, identity: Option<&str>) {
        match (identity, name) {
            (Some(identity), _) => self.name_node(side, identity, name.text()),
            (None, ChaosName::IdServer) => self.ask_identity(side, ChaosName::HostnameBind),
            (None, ChaosName::HostnameBind) => {}
        }
    }
}

/// Reads the answer to a question of TXT at one of these names: its first string, or nothing.
///
/// RFC 4892 section 2.3: the identifier is "a TXT record"; a server that gives none refuses.
pub(super) fn observe(message: &Message<'_>, id: u16) -> Option<String> {
    let header = message.header();
    let is_answer = header.id == id && header.is_response() && header.opcode() == Opcode::QUERY;
    if !is_answer || message.rcode() != Rcode::NOERROR {
        return None;
    }
    let is_text = |record: &&crate::wire::RecordView<'_>| record.rtype() == Rtype::TXT && record.class() == CLASS_CH;
    let record = message.section(Section::Answer).find(is_text)?;
    let (length, text) = record.rdata_octets().split_first()?;
    text.get(..usize::from(*length)).filter(|text| !text.is_empty()).map(aside::identity)
}

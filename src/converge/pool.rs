//! An address is not a server: what a few answers are worth where several servers may answer behind one.

use super::Observation;
use super::identity::MAX_NODES;
use super::machine::Machine;
use super::phase::{LastLook, Row, Standing};

/// How often the number of confirmations is doubled at most (P2).
const MAX_DOUBLINGS: u32 = 3;

impl Row {
    /// How often in a row it must show the probe: as often as was asked for, and twice as often after each time that it was
    /// shown and then was not (P2). By then at least two answer there, one of them stale, and a few answers in a row that all
    /// come from the other are no wonder.
    pub(super) fn needed(&self, confirmations: u32) -> u32 {
        confirmations.saturating_mul(1 << self.flaps.min(MAX_DOUBLINGS))
    }

    /// Takes note of who answers: whether one that does not know the probe is among them, and which nodes answered without it when
    /// they were last heard. Each of those has to be heard again.
    ///
    /// Where answers come without a name, as from a server that is asked without EDNS after a silence, nobody can be told from
    /// another any more; then it counts as one that was shown and then was not.
    pub(super) fn hear_who_answers(&mut self, node: Option<&str>, observation: &Observation) {
        let (is_exact, is_answer) = (*observation == Observation::Exact, observation.kind().is_answer());
        if self.streak > 0 && is_answer && !is_exact {
            self.flaps = self.flaps.saturating_add(1);
        }
        match node {
            Some(node) if is_exact => {
                self.stale_nodes.remove(node);
            }
            Some(node) if is_answer && self.stale_nodes.len() < MAX_NODES => {
                self.stale_nodes.insert(node.to_owned());
            }
            None if is_answer && !self.stale_nodes.is_empty() => {
                self.stale_nodes.clear();
                self.flaps = self.flaps.saturating_add(1);
            }
            _ => {}
        }
    }
}

/// # The last look
impl Machine {
    /// Asks each destination once more that confirmed the probe longer ago than an interval (case 34); whether an answer is
    /// waited for.
    pub(super) fn look_again(&mut self) -> bool {
        let (now, interval) = (self.now, self.plan.schedule.interval);
        let mut is_open = false;
        for row in self.rows.iter_mut().filter(|row| row.standing == Standing::Confirmed) {
            if row.last_look == LastLook::Due && row.confirmed_at.saturating_add(interval) <= now {
                (row.last_look, row.next) = (LastLook::Open, Some(now));
            }
            is_open |= row.last_look == LastLook::Open;
        }
        is_open
    }

    /// Takes an answer to the last look, if it is one: a destination loses its verdict by one without the probe, and with authority.
    /// Whoever is silent then has confirmed it all the same. Whether it has no verdict now.
    pub(super) fn stays_open(&mut self, index: usize, observation: &Observation) -> bool {
        let Some(row) = self.rows.get_mut(index) else { return false };
        if row.last_look == LastLook::Open {
            row.last_look = LastLook::Done;
            let has_lost_it = *observation != Observation::Exact && observation.kind().is_answer();
            row.standing = if has_lost_it { Standing::Open } else { Standing::Confirmed };
        }
        row.standing == Standing::Open
    }
}

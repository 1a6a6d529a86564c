//! Polling: the destinations confirm the probe, and the source still holds it.

use super::exchange::{Asked, Connection, Side};
use super::machine::Machine;
use super::phase::{LastLook, Phase, Purpose, Row, Standing, TcpSample};
use super::{Aside, Observation, Trouble};
use crate::report::{EventKind, millis};
use crate::wire::Transport;

/// After so many of the same refusals in a row a destination is given up before the deadline (P5).
pub(super) const PERSISTENT: u32 = 5;
/// How often the source is asked whether it still holds the probe.
const HOLD_TRIES: u32 = 3;

/// # Polling
impl Machine {
    /// Takes the answer of a destination.
    pub(super) fn polled(&mut self, index: usize, transport: Transport, observation: &Observation, aside: &Aside) {
        let side = Side::Destination(index);
        if self.misses_tcp(index, transport, observation) {
            return;
        }
        if self.heard(side, transport, observation) {
            return self.ask(side, Asked::Probe, Transport::Tcp, Purpose::Poll(index));
        }
        if !self.stays_open(index, observation) {
            return self.hold_if_all_told();
        }
        let (now, address) = (self.now, self.name(side).address);
        let has_arrived = self.has_arrived();
        let Some(row) = self.rows.get_mut(index).filter(|row| row.standing == Standing::Open) else { return };
        row.samples = row.samples.saturating_add(1);
        self.tell(EventKind::Sampled {
            address,
            transport: aside.transport,
            node: aside.node.clone(),
            shows: observation.kind(),
            serial: aside.serial,
            ttl: aside.ttl,
            extended_errors: aside.extended_errors.clone(),
        });
        self.hear_serial(side, aside.serial);
        let Some(row) = self.rows.get_mut(index) else { return };
        row.hear_who_answers(aside.node.as_deref(), observation);
        if *observation == Observation::Exact {
            row.count_exact(now);
            let (times, samples, of) = (row.streak, row.samples, row.needed(self.plan.schedule.confirmations));
            if times < of {
                row.next = Some(now.saturating_add(row.backoff.confirm()));
                return self.tell(EventKind::Seen { address, times, of });
            }
            if !has_arrived || !row.stale_nodes.is_empty() {
                row.next = Some(now.saturating_add(row.backoff.keep_pace()));
                return;
            }
            (row.standing, row.confirmed_at) = (Standing::Confirmed, now);
            let seen_after_ms = millis(row.streak_began.saturating_sub(self.planted_at));
            let seen_after_ms = self.is_news().then_some(seen_after_ms);
            self.tell(EventKind::Confirmed { address, seen_after_ms, samples });
            self.ask_serial(index);
            return self.hold_if_all_told();
        }
        let shows = observation.to_string();
        let (times, is_new) = (row.streak, row.shows != shows);
        let refuses = is_refusal(observation);
        row.count_other(&shows, refuses, is_new);
        let wait = match (times, refuses) {
            (0, false) => row.backoff.keep_pace(),
            // P5: few refusals are enough for a verdict, so they have to span some time.
            (0, true) => row.backoff.grow(),
            _ => row.backoff.restart(),
        };
        row.next = Some(now.saturating_add(wait));
        let (refusals, samples) = (row.refusals, row.samples);
        if times > 0 {
            // P2: a flap resets the count, and both answers are told.
            self.tell(EventKind::Flapped { address, times, shows: shows.clone() });
        } else if is_new {
            self.tell(EventKind::Waiting { address, shows: shows.clone() });
        }
        if refusals >= PERSISTENT {
            self.fail(index);
            let error = format!("{shows} ({refusals} times in a row)");
            self.tell(EventKind::Inconclusive { address, error, samples });
            self.hold_if_all_told();
        }
    }

    /// How this destination is asked now: its last confirmation comes over TCP (P2), if it is to be had by that.
    pub(super) fn poll_transport(&self, row: &Row) -> Transport {
        let needed = row.needed(self.plan.schedule.confirmations);
        let is_last = row.streak.saturating_add(1) == needed && row.streak > 0;
        if is_last && row.tcp == TcpSample::Due { Transport::Tcp } else { row.server.transport }
    }

    /// P2: each confirmation is asked for anew, and so is each absence after a deletion. A connection that was kept would show
    /// one node of a pool again and again.
    pub(super) fn connection(&self, purpose: Purpose) -> Connection {
        let counts_in_a_row = match (purpose, &self.phase) {
            (Purpose::Poll(index), _) => self.rows.get(index).is_some_and(|row| row.streak > 0),
            (Purpose::Verify, Phase::Retiring(state)) => state.absences > 0,
            _ => false,
        };
        if counts_in_a_row { Connection::New } else { Connection::Any }
    }

    /// Whether this was the question over TCP, and nothing came that is an answer: then UDP alone confirms, from the
    /// beginning, and it is told.
    fn misses_tcp(&mut self, index: usize, transport: Transport, observation: &Observation) -> bool {
        let (now, address) = (self.now, self.name(Side::Destination(index)).address);
        let Some(row) = self.rows.get_mut(index).filter(|row| row.standing == Standing::Open) else { return false };
        let Observation::Trouble(trouble @ (Trouble::NoAnswer(_) | Trouble::Malformed(_) | Trouble::NotOurs)) =
            observation
        else {
            return false;
        };
        if row.server.transport != Transport::Udp || transport != Transport::Tcp || row.tcp != TcpSample::Due {
            return false;
        }
        row.tcp = TcpSample::Unanswered;
        row.streak = 0;
        row.samples = row.samples.saturating_add(1);
        row.next = Some(now.saturating_add(row.backoff.restart()));
        let why = match trouble {
            Trouble::NoAnswer(why) => why.clone(),
            other => other.to_string(),
        };
        let text = format!("answers over UDP, but not over TCP: {why}; large answers and transfers need TCP");
        self.tell(EventKind::Note { address: Some(address), text });
        true
    }

    /// Asks for the present serial, for the report.
    fn ask_serial(&mut self, index: usize) {
        let side = Side::Destination(index);
        let transport = self.rows.get(index).map_or(Transport::Udp, |row| row.server.transport);
        self.ask(side, Asked::Soa, transport, Purpose::Serial(side));
    }

    /// Gives a destination up.
    fn fail(&mut self, index: usize) {
        if let Some(row) = self.rows.get_mut(index) {
            row.standing = Standing::Failed;
            row.next = None;
        }
        self.forget(|purpose| purpose == Purpose::Poll(index));
    }

    /// The destinations whose verdict has not been given.
    fn open_rows(&self) -> Vec<usize> {
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, row)| row.standing == Standing::Open).map(|(index, _)| index).collect()
    }

    /// The time is over: who has not confirmed has not converged.
    pub(super) fn deadline_passes(&mut self) {
        self.tell(EventKind::DeadlinePassed);
        let nothing = self.nothing_to_arrive();
        for index in self.open_rows() {
            let address = self.name(Side::Destination(index)).address;
            let Some(row) = self.rows.get(index) else { continue };
            let (error, samples) = (row.lateness(), row.samples);
            let agreed = nothing.filter(|_| row.streak > 0 || row.samples == 0);
            self.fail(index);
            match agreed {
                Some(why) => self.tell(EventKind::Inconclusive { address, error: why.to_owned(), samples }),
                None => self.tell(EventKind::NotConverged { address, error, samples }),
            }
            self.ask_serial(index);
        }
        // A source may be late with its new serial (RFC 2136 section 3.6): what it is now explains more.
        self.ask(Side::Source, Asked::Soa, self.source.transport, Purpose::Serial(Side::Source));
        match nothing {
            Some(why) => self.conclude(why),
            None => self.hold(),
        }
    }

    /// Nothing more can be said about who has no verdict yet.
    pub(super) fn leave_open_rows(&mut self, why: &str) {
        for index in self.open_rows() {
            let address = self.name(Side::Destination(index)).address;
            let samples = self.rows.get(index).map_or(0, |row| row.samples);
            self.fail(index);
            self.tell(EventKind::Inconclusive { address, error: why.to_owned(), samples });
        }
    }

    /// When every destination has its verdict, and those that had it long ago were looked at again, the source is asked again.
    fn hold_if_all_told(&mut self) {
        if self.phase == Phase::Polling && self.open_rows().is_empty() && !self.look_again() {
            self.hold();
        }
    }

    /// U7: "the source still has the token when the destination is confirmed".
    fn hold(&mut self) {
        self.phase = Phase::Holding { tries: HOLD_TRIES, until: self.now.saturating_add(self.plan.schedule.timeout) };
        // Past the deadline no last look is waited for.
        self.rows.iter_mut().for_each(|row| (row.last_look, row.next) = (LastLook::Done, None));
        self.forget(|purpose| matches!(purpose, Purpose::Poll(_)));
        self.watch.next = None;
        self.ask(Side::Source, Asked::Probe, self.source.transport, Purpose::Hold);
    }

    /// The source answers.
    pub(super) fn held(&mut self, transport: Transport, observation: &Observation) {
        let repeat = self.heard(Side::Source, transport, observation);
        let transport = if repeat { Transport::Tcp } else { self.source.transport };
        let Phase::Holding { tries, .. } = &mut self.phase else { return };
        if *observation == Observation::Exact {
            self.tell(EventKind::Held { address: self.plan.source.address });
            return self.conclude("");
        }
        *tries = tries.saturating_sub(1);
        if *tries > 0 {
            return self.ask(Side::Source, Asked::Probe, transport, Purpose::Hold);
        }
        self.not_held(&observation.to_string());
    }

    /// The source lost it: a rollback, or somebody else's deletion.
    pub(super) fn not_held(&mut self, error: &str) {
        let error = format!("{error}{}", self.leasing.epitaph());
        self.tell(EventKind::NotHeld { address: self.plan.source.address, error });
        self.conclude("");
    }
}

impl Row {
    /// What it showed when the time was over; why that is so is for the report, which has all the evidence.
    fn lateness(&self) -> String {
        let shows = if self.shows.is_empty() { "nothing" } else { &self.shows };
        match (self.streak, self.stale_nodes.first()) {
            (0, _) => format!("by the deadline it showed: {shows}"),
            (times, None) => format!("by the deadline it had shown it only {times} times in a row"),
            (_, Some(node)) => format!("by the deadline not all that answer there had shown it: {node} had not"),
        }
    }

    /// One more answer that shows exactly the probe.
    fn count_exact(&mut self, now: std::time::Duration) {
        if self.streak == 0 {
            self.streak_began = now;
        }
        self.streak = self.streak.saturating_add(1);
        self.has_shown = true;
        self.refusals = 0;
        "exactly the probe".clone_into(&mut self.shows);
    }

    /// An answer that shows anything else: the count starts again.
    fn count_other(&mut self, shows: &str, is_refusal: bool, is_new: bool) {
        self.streak = 0;
        self.refusals = match (is_refusal, is_new) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => self.refusals.saturating_add(1),
        };
        shows.clone_into(&mut self.shows);
    }
}

/// Whether this answer, given again and again, will not become the probe by waiting.
fn is_refusal(observation: &Observation) -> bool {
    match observation {
        Observation::Alias | Observation::Redirected(_) => true,
        Observation::Trouble(trouble) => matches!(
            trouble,
            Trouble::Rcode(_)
                | Trouble::NotAuthoritative { .. }
                | Trouble::Cut(_)
                | Trouble::Distrusted(_)
                | Trouble::Truncated
        ),
        _ => false,
    }
}

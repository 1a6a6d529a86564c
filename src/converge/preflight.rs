//! The pre-flight: every server is looked at before anything is written (U17).

use super::exchange::{Answer, Asked, ChaosName, Ending, Output, Side, Unchanged};
use super::machine::Machine;
use super::phase::{Fitness, Phase, Purpose, Standing};
use super::{Observation, OnUnfit, SoaObservation, Task, Trouble, Writes};
use crate::present;
use crate::probe::JournalEntry;
use crate::report::EventKind;
use crate::update;
use crate::wire::Transport;

/// How often a question of the pre-flight is asked: twice as a datagram, then over TCP.
const ATTEMPTS: u32 = 3;

/// What an answer means for the pre-flight.
enum Finding {
    /// The same question again, over TCP.
    OverTcp,
    /// The same question again, as long as attempts are left.
    Again(String),
    /// The next question.
    Next(Asked),
    /// Nothing wrong with this server.
    Fit,
    /// Not to be used.
    Unfit(String),
}

/// # Pre-flight
impl Machine {
    /// Asks all servers at once.
    pub(super) fn start(&mut self) {
        if self.phase != Phase::Waiting {
            return;
        }
        self.phase = Phase::Preflight;
        let zone = present::name(self.plan.task.zone()).to_string();
        self.tell(EventKind::Started {
            zone,
            started_unix: self.plan.task.started_unix(),
            source: self.plan.source.clone(),
            destinations: self.plan.destinations.clone(),
            probe: self.plan.task.probe().is_some(),
            observes: self.plan.task.watched().map(ToString::to_string),
            compare: self.plan.compare,
        });
        let destinations = (0..self.rows.len()).map(Side::Destination);
        for side in std::iter::once(Side::Source).chain(destinations) {
            self.ask_fitness(side, Asked::Soa, 0, Transport::Udp);
        }
    }

    /// Asks this question, which was asked so many times before.
    fn ask_fitness(&mut self, side: Side, asked: Asked, attempts: u32, transport: Transport) {
        if let Some(server) = self.server(side) {
            server.fitness = Fitness::Asking { asked, attempts: attempts.saturating_add(1) };
        }
        self.ask(side, asked, transport, Purpose::Fitness(side));
    }

    /// Takes an answer of the pre-flight.
    pub(super) fn examine(&mut self, side: Side, transport: Transport, answer: &Answer) {
        let Some(Fitness::Asking { asked, attempts }) = self.server(side).map(|server| server.fitness.clone()) else {
            return;
        };
        let finding = match answer {
            Answer::Soa(observation) => self.judge_soa(side, transport, observation),
            Answer::Probe(observation) => self.judge_name(side, asked, transport, observation),
            // Only asked for when the pre-flight is over, or beside it.
            Answer::Watched(_) | Answer::Identity(_) => return,
        };
        let is_silent = matches!(finding, Finding::Again(_));
        if transport == Transport::Tcp && attempts >= ATTEMPTS && !is_silent {
            // Only TCP was answered: it stays with that.
            self.server(side).into_iter().for_each(|server| server.transport = Transport::Tcp);
        }
        match finding {
            Finding::OverTcp => self.ask_fitness(side, asked, attempts, Transport::Tcp),
            Finding::Again(_) if attempts < ATTEMPTS => {
                let transport = if attempts.saturating_add(1) < ATTEMPTS { transport } else { Transport::Tcp };
                self.ask_fitness(side, asked, attempts, transport);
            }
            Finding::Next(asked) => {
                let transport = self.server(side).map_or(Transport::Udp, |server| server.transport);
                self.ask_fitness(side, asked, 0, transport);
            }
            Finding::Fit => self.set_fitness(side, Fitness::Fit),
            Finding::Again(why) | Finding::Unfit(why) => self.set_fitness(side, Fitness::Unfit(why)),
        }
    }

    /// The server must have authority for exactly this zone.
    ///
    /// At the source the probe's own name is asked next. At destinations its sibling: the name itself could be kept as
    /// absent by a cache that sits before the server (P4), and would then be missed for as long.
    fn judge_soa(&mut self, side: Side, transport: Transport, observation: &SoaObservation) -> Finding {
        match observation {
            SoaObservation::Found(soa) => {
                if let Some(server) = self.server(side) {
                    server.soa = Some(*soa);
                }
                match side {
                    // What is watched is there already, and nothing of ours can be hidden.
                    _ if self.plan.task.watched().is_some() => Finding::Fit,
                    Side::Source => Finding::Next(Asked::Probe),
                    Side::Destination(_) => Finding::Next(Asked::Sibling),
                }
            }
            SoaObservation::Trouble(trouble) => Self::judge_trouble(trouble, transport),
            SoaObservation::NoZone { .. } | SoaObservation::Several => Finding::Unfit(observation.to_string()),
        }
    }

    /// Nothing may hide the probe: no alias, redirection, cut or data at its name. A wildcard is noted (U18).
    fn judge_name(&mut self, side: Side, asked: Asked, transport: Transport, observation: &Observation) -> Finding {
        match observation {
            Observation::NoName => Finding::Fit,
            // Nobody can have this random name; but only a wildcard gives its sibling the same.
            Observation::OtherRecords { with_probe: false, .. } | Observation::NoData if asked == Asked::Probe => {
                Finding::Next(Asked::Sibling)
            }
            Observation::OtherRecords { with_probe: false, .. } => {
                self.note_wildcard(
                    side,
                    "a wildcard answers with records of the probe's type; only the exact probe counts",
                );
                Finding::Fit
            }
            Observation::NoData => {
                self.note_wildcard(
                    side,
                    "names that do not exist are said to exist: a wildcard, or denials that are computed",
                );
                Finding::Fit
            }
            Observation::Trouble(trouble) => Self::judge_trouble(trouble, transport),
            Observation::Exact
            | Observation::OtherRecords { with_probe: true, .. }
            | Observation::Alias
            | Observation::Redirected(_)
            | Observation::Differs(_)
            | Observation::Contradictory => Finding::Unfit(format!("at the probe's name it shows {observation}")),
        }
    }

    /// What may be different next time is asked again.
    fn judge_trouble(trouble: &Trouble, transport: Transport) -> Finding {
        match trouble {
            Trouble::Truncated if transport == Transport::Udp => Finding::OverTcp,
            Trouble::NoAnswer(_) | Trouble::Malformed(_) | Trouble::NotOurs => Finding::Again(trouble.to_string()),
            _ => Finding::Unfit(trouble.to_string()),
        }
    }

    /// Tells of a wildcard.
    fn note_wildcard(&mut self, side: Side, text: &str) {
        let address = Some(self.name(side).address);
        self.tell(EventKind::Note { address, text: text.to_owned() });
    }

    /// The last word about one server; when it is about the last server, the pre-flight is over.
    fn set_fitness(&mut self, side: Side, fitness: Fitness) {
        let address = self.name(side).address;
        let soa = self.server(side).and_then(|server| server.soa);
        match &fitness {
            Fitness::Fit => {
                self.tell(EventKind::Fit { address, serial: soa.map(|soa| soa.serial).unwrap_or_default() });
                if let Some(soa) = soa {
                    self.tell(EventKind::Timers { address, timers: soa.timers() });
                }
                self.ask_identity(side, ChaosName::IdServer);
            }
            Fitness::Unfit(error) => self.tell(EventKind::Unfit { address, error: error.clone() }),
            Fitness::Asking { .. } => {}
        }
        if let Some(server) = self.server(side) {
            server.fitness = fitness;
        }
        let mut servers = std::iter::once(&self.source).chain(self.rows.iter().map(|row| &row.server));
        if servers.all(|server| !matches!(server.fitness, Fitness::Asking { .. })) {
            self.preflight_ends();
        }
    }

    /// The deadline came first: whoever has not been told yet is not fit.
    pub(super) fn preflight_ends_late(&mut self) {
        let destinations = (0..self.rows.len()).map(Side::Destination);
        for side in std::iter::once(Side::Source).chain(destinations) {
            let address = self.name(side).address;
            let is_open = self.server(side).is_some_and(|server| matches!(server.fitness, Fitness::Asking { .. }));
            if is_open {
                self.tell(EventKind::Unfit { address, error: "no answer by the deadline".to_owned() });
            }
        }
        self.abort(Unchanged::Deadline);
    }

    /// Every server has been looked at.
    fn preflight_ends(&mut self) {
        let unfit = |side, fitness: &Fitness| match fitness {
            Fitness::Unfit(why) => {
                let name = self.name(side);
                Some(Unchanged::Unfit { server: name.server.clone(), address: name.address, why: why.clone() })
            }
            _ => None,
        };
        let mut rows = self.rows.iter().enumerate();
        let of_source = unfit(Side::Source, &self.source.fitness);
        let of_row = rows.find_map(|(index, row)| unfit(Side::Destination(index), &row.server.fitness));
        match (of_source, of_row, self.plan.on_unfit) {
            (Some(why), ..) | (None, Some(why), OnUnfit::Abort) => return self.abort(why),
            _ => {}
        }
        for row in self.rows.iter_mut().filter(|row| row.server.fitness != Fitness::Fit) {
            row.standing = Standing::Failed;
        }
        if self.rows.iter().all(|row| row.standing == Standing::Failed) {
            return self.abort(Unchanged::NoDestinationLeft);
        }
        let Task::Probe(probe) = &self.plan.task else { return self.watch() };
        match self.plan.writes {
            Writes::DryRun => {
                let update = update::describe(self.plan.source.address, probe, self.lease_to_ask());
                self.tell(EventKind::WouldPlant { update });
                self.finish(Ending::Reported);
            }
            Writes::Probe => {
                let source = &self.plan.source;
                let key = self.plan.update_key.as_deref();
                let entry = JournalEntry::new(probe, source.address, &source.server, key).secured(source.secured);
                self.phase = Phase::Journaling { until: self.now.saturating_add(self.plan.schedule.cleanup_timeout) };
                self.put(Output::WriteJournal(Box::new(entry)));
            }
        }
    }
}

//! The machine in scenarios, the reading of answers rule by rule, and the explorer.

mod answers;
mod asides;
mod clean_up;
mod edges;
mod explorer;
mod identity;
mod leasing;
mod notified;
mod pools;
mod remedy;
mod scenarios;
mod waiting;
mod watching;

use super::{
    Answer, Aside, Ask, Asked, Ending, Input, Machine, Observation, Output, Plan, Send, Soa, SoaObservation, Task,
    UpdateKind,
};
use crate::probe::{Probe, RANDOM_OCTETS, RunId};
use crate::report::{Event, EventKind, Report, ServerName};
use crate::update::Outcome;
use crate::wire::WireName;
use std::time::Duration;

/// `example.`
fn zone() -> WireName {
    WireName::from_labels([b"example".as_slice()]).unwrap_or(WireName::ROOT)
}

/// A probe of that zone with fixed octets.
fn probe() -> Probe {
    let random: [u8; RANDOM_OCTETS] = std::array::from_fn(|index| u8::try_from(index * 7 % 251).unwrap_or_default());
    Probe::new(&zone(), &random, RunId(*b"12345678"), 1_700_000_000).expect("a short zone")
}

/// 192.0.2.`last`.
fn server(last: u8) -> ServerName {
    let address = std::net::SocketAddr::from(([192, 0, 2, last], 53));
    ServerName { server: format!("ns{last}.example"), address, authenticated_by: None, secured: false }
}

/// A plan with the source 192.0.2.1 and so many destinations from 192.0.2.2 on.
fn plan(destinations: u8) -> Plan {
    Plan::new(Task::Probe(probe()), server(1), (0..destinations).map(|index| server(index + 2)), 1)
        .expect("a sound plan")
}

/// An SOA with this serial.
fn soa(serial: u32) -> Answer {
    let times = Soa { serial, refresh: 3600, retry: 600, expire: 86_400, minimum: 300, ttl: 600 };
    Answer::Soa(SoaObservation::Found(times))
}

/// Drives a machine with servers that a closure plays, and keeps what it put out.
struct Drive {
    /// The machine.
    machine: Machine,
    /// The time of the run.
    now: Duration,
    /// What every answer says besides what was asked.
    aside: Aside,
    /// What it told.
    events: Vec<Event>,
    /// Questions not answered yet.
    asks: Vec<Ask>,
    /// Updates not answered yet.
    sends: Vec<Send>,
    /// All updates that it sent.
    sent: Vec<UpdateKind>,
    /// Whether a journal entry exists.
    journal: bool,
    /// How it ended.
    ending: Option<Ending>,
}

impl Drive {
    /// Starts the machine.
    fn start(plan: Plan) -> Self {
        Self::hearing(plan, Aside::default())
    }

    /// Starts the machine; every answer says this besides.
    fn hearing(plan: Plan, aside: Aside) -> Self {
        let machine = Machine::new(plan);
        let mut drive = Self {
            machine,
            now: Duration::ZERO,
            aside,
            events: Vec::new(),
            asks: Vec::new(),
            sends: Vec::new(),
            sent: Vec::new(),
            journal: false,
            ending: None,
        };
        drive.input(Input::Start);
        drive
    }

    /// One input, then all outputs; the journal always works.
    fn input(&mut self, input: Input) {
        self.machine.handle(input, self.now);
        let mut follow = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            assert!(self.ending.is_none(), "an output after Done: {output:?}");
            match output {
                Output::Ask(ask) => self.asks.push(ask),
                Output::Send(send) => {
                    self.sent.push(send.kind);
                    self.sends.push(send);
                }
                Output::WriteJournal(_) => {
                    self.journal = true;
                    follow.push(Input::JournalWritten);
                }
                Output::RemoveJournal => {
                    self.journal = false;
                    follow.push(Input::JournalRemoved);
                }
                Output::Event(event) => self.events.push(event),
                Output::Done(ending) => self.ending = Some(ending),
            }
        }
        for input in follow {
            self.input(input);
        }
    }

    /// Answers everything that is open until nothing is; `servers` plays the questions, `updates` the updates.
    /// What they answer with `None` stays without an answer.
    fn answer(
        &mut self,
        servers: &mut dyn FnMut(&Ask) -> Option<Answer>,
        updates: &mut dyn FnMut(UpdateKind) -> Option<Outcome>,
    ) {
        while !(self.asks.is_empty() && self.sends.is_empty()) {
            for ask in std::mem::take(&mut self.asks) {
                if let Some(answer) = servers(&ask) {
                    self.input(Input::Answered { request: ask.request, answer, aside: self.aside.clone() });
                }
            }
            for send in std::mem::take(&mut self.sends) {
                if let Some(outcome) = updates(send.kind) {
                    self.input(Input::Updated { request: send.request, outcome });
                }
            }
        }
    }

    /// Lets the time pass to the next wake-up.
    fn wait(&mut self) {
        self.now = self.machine.next_wakeup().expect("a machine that is not done waits for something");
        self.input(Input::Timer);
    }

    /// Answers and waits until the machine is done.
    fn finish(
        &mut self,
        servers: &mut dyn FnMut(&Ask) -> Option<Answer>,
        updates: &mut dyn FnMut(UpdateKind) -> Option<Outcome>,
    ) -> Report {
        for _ in 0..10_000 {
            self.answer(servers, updates);
            if self.ending.is_some() {
                return self.report();
            }
            self.wait();
        }
        panic!("the machine does not end: {:?}", self.machine);
    }

    /// The report so far.
    fn report(&self) -> Report {
        Report::from_events(&self.events)
    }

    /// Whether something like this was told.
    fn told(&self, is_it: impl Fn(&EventKind) -> bool) -> bool {
        self.events.iter().any(|event| is_it(&event.kind))
    }
}

/// The answer of a server that works and shows the probe as given.
fn truth(ask: &Ask, has_probe: bool) -> Answer {
    match ask.asked {
        Asked::Soa => soa(7),
        Asked::Probe if has_probe => Answer::Probe(Observation::Exact),
        Asked::Probe | Asked::Sibling => Answer::Probe(Observation::NoName),
        Asked::Identity(_) => Answer::Identity(None),
    }
}

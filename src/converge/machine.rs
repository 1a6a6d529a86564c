//! The machine's frame: requests, time, and which phase takes which input.

use super::exchange::{Answer, Ask, Asked, Ending, Input, Output, RequestId, Send, Side, Unchanged, UpdateKind};
use super::leasing::Leasing;
use super::phase::{LastLook, Open, Phase, Purpose, RetireStep, Retirement, Row, Server, Standing, TcpSample};
use super::schedule::Backoff;
use super::watching::Watch;
use super::{Aside, Observation, Plan, Shown, SoaObservation, Trouble};
use crate::report::{Event, EventKind, ServerName};
use crate::update::{Outcome, Uncertainty};
use crate::wire::Transport;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// The life of one probe. One input, then drain outputs; see the [module](super) for the diagram.
#[derive(Debug, Clone)]
pub struct Machine {
    /// What is to be done.
    pub(super) plan: Plan,
    /// Where it stands.
    pub(super) phase: Phase,
    /// The latest time that an input brought.
    pub(super) now: Duration,
    /// Whether the person wants to stop.
    pub(super) stopping: bool,
    /// What is known of the source.
    pub(super) source: Server,
    /// What is known of the destinations, in the order of the plan.
    pub(super) rows: Vec<Row>,
    /// When the update that adds the probe went out.
    pub(super) planted_at: Duration,
    /// When the first deletion went out.
    pub(super) removed_at: Duration,
    /// Whether the source ever showed the probe.
    pub(super) source_has_shown: bool,
    /// Whether the server may still take or store the add as long as it does not show it: unless it said that it did not.
    pub(super) add_is_pending: bool,
    /// What is known of a lease on the probe.
    pub(super) leasing: Leasing,
    /// What the source showed last instead of it.
    pub(super) source_showed: String,
    /// What is known where nothing is written.
    pub(super) watch: Watch,
    /// Requests without an answer.
    pub(super) open: BTreeMap<RequestId, Open>,
    /// NOTIFY messages that were told.
    pub(super) notifies_told: u32,
    /// The next request's name.
    next_request: u64,
    /// What is to be done next.
    outputs: VecDeque<Output>,
}

impl Machine {
    /// A machine that has not started: it waits for [`Input::Start`].
    pub fn new(plan: Plan) -> Self {
        let row = |index: usize| {
            let seed = plan.jitter.wrapping_add(u64::try_from(index).unwrap_or(0).wrapping_mul(0x5851_F42D_4C95_7F2D));
            Row {
                server: Server::new(),
                standing: Standing::Open,
                next: None,
                backoff: Backoff::new(plan.schedule.interval, seed),
                streak: 0,
                streak_began: Duration::ZERO,
                confirmed_at: Duration::ZERO,
                last_look: LastLook::Due,
                flaps: 0,
                stale_nodes: BTreeSet::new(),
                has_shown: false,
                samples: 0,
                shows: String::new(),
                refusals: 0,
                tcp: TcpSample::Due,
                hurried: None,
            }
        };
        Self {
            rows: (0..plan.destinations.len()).map(row).collect(),
            plan,
            phase: Phase::Waiting,
            now: Duration::ZERO,
            stopping: false,
            source: Server::new(),
            planted_at: Duration::ZERO,
            removed_at: Duration::ZERO,
            source_has_shown: false,
            add_is_pending: false,
            leasing: Leasing::default(),
            source_showed: String::new(),
            watch: Watch::default(),
            open: BTreeMap::new(),
            notifies_told: 0,
            next_request: 0,
            outputs: VecDeque::new(),
        }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Takes one input; afterwards [`poll_output`](Self::poll_output) must be called until it gives nothing, and then
    /// [`next_wakeup`](Self::next_wakeup). `now` is the time since the run began; a time that goes back counts as none.
    pub fn handle(&mut self, input: Input, now: Duration) {
        self.give_time_back(now);
        self.now = self.now.max(now);
        self.tell_lease_over();
        match input {
            Input::Start => self.start(),
            Input::Answered { request, answer, aside } => {
                if let Some(open) = self.open.remove(&request) {
                    self.answered(open, answer, &aside);
                }
            }
            Input::UdpSilent { request } => self.udp_is_silent(request),
            Input::Leased { request, lease } => self.leased(request, lease),
            Input::Updated { request, outcome } => {
                if let Some(open) = self.open.remove(&request) {
                    self.updated(open, &outcome);
                }
            }
            Input::JournalWritten => self.journal_written(),
            Input::JournalFailed(why) => self.journal_failed(why),
            Input::JournalRemoved => self.journal_removed(),
            Input::JournalNotRemoved(why) => self.journal_not_removed(&why),
            Input::Notified { from, serial } => self.notified(from, serial),
            Input::Timer => {}
            Input::Stop => self.stop(),
        }
        self.expire();
        self.tick();
    }

    /// U13: the clean-up has a time of its own, and none of it while nothing can be done: a machine that was asleep, or a process
    /// that got no turn, comes later than it wanted to be woken.
    fn give_time_back(&mut self, now: Duration) {
        let due = self.next_wakeup().map_or(now, |due| due.max(self.now));
        let slept = now.saturating_sub(due);
        if let (Phase::Retiring(Retirement { until, .. }), true) = (&mut self.phase, slept > OVERSLEPT) {
            *until = until.saturating_add(slept);
        }
    }

    /// The next thing to be done; `None` until the next input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timer`] is due, since the run began; may change with every input, `None` when the machine is done.
    pub fn next_wakeup(&self) -> Option<Duration> {
        let rows = self.rows.iter().filter_map(|row| row.next);
        let requests = self.open.values().map(|open| open.expires);
        let phase = match &self.phase {
            Phase::Done | Phase::Waiting => return None,
            Phase::Planting => None,
            Phase::Preflight | Phase::Polling => Some(self.plan.schedule.deadline),
            Phase::Journaling { until }
            | Phase::Holding { until, .. }
            | Phase::Unjournaling { until, .. }
            | Phase::Vanishing { until } => Some(*until),
            Phase::ReadingBack { next, until } => Some(next.map_or(*until, |next| next.min(*until))),
            Phase::Retiring(state) => Some(state.next.map_or(state.until, |(next, _)| next.min(state.until))),
        };
        rows.chain(requests).chain(phase).chain(self.watch.next).min()
    }
}

/// # Inputs
impl Machine {
    /// An answer that was waited for.
    fn answered(&mut self, open: Open, answer: Answer, aside: &Aside) {
        if let Some(side) = open.purpose.side() {
            self.hear_node(side, aside);
        }
        match (open.purpose, answer) {
            (Purpose::Fitness(side), answer) => self.examine(side, open.transport, &answer),
            (Purpose::Serial(side), Answer::Soa(SoaObservation::Found(soa))) => {
                let address = self.name(side).address;
                self.tell(EventKind::SerialSeen { address, serial: soa.serial });
                self.hear_serial(side, Some(soa.serial));
            }
            (Purpose::ReadBack, Answer::Probe(observation)) => self.read_back(open.transport, &observation),
            (Purpose::Poll(index), Answer::Probe(observation)) => {
                self.polled(index, open.transport, &observation, aside);
            }
            (Purpose::Hold, Answer::Probe(observation)) => self.held(open.transport, &observation),
            (Purpose::Verify, Answer::Probe(observation)) => self.verified(open.transport, &observation),
            (Purpose::Vanish(index), Answer::Probe(observation)) => self.vanished(index, open.transport, &observation),
            (Purpose::Identity(side, name), Answer::Identity(identity)) => {
                self.identified(side, name, identity.as_deref());
            }
            (purpose, Answer::Watched(shown)) => self.watched(purpose, open.transport, &shown, aside),
            // The serial is for the report alone; and the shell answers what was asked, so nothing else comes here.
            _ => {}
        }
    }

    /// The outcome of an update.
    fn updated(&mut self, open: Open, outcome: &Outcome) {
        match open.purpose {
            Purpose::Plant => self.plant_outcome(outcome),
            Purpose::Remove => self.remove_outcome(outcome),
            _ => {}
        }
    }

    /// Requests whose time is over count as unanswered; what still comes to them is ignored.
    fn expire(&mut self) {
        let over: Vec<RequestId> =
            self.open.iter().filter(|(_, open)| open.expires <= self.now).map(|(request, _)| *request).collect();
        for open in over.iter().filter_map(|request| self.open.remove(request)).collect::<Vec<_>>() {
            let silence = Trouble::NoAnswer("timed out".to_owned());
            match open.purpose {
                Purpose::Plant | Purpose::Remove => self.updated(open, &Outcome::Unknown(Uncertainty::TimedOut)),
                // The pre-flight judges silence alike, whatever was asked.
                Purpose::Fitness(_) => {
                    self.answered(open, Answer::Soa(SoaObservation::Trouble(silence)), &Aside::default());
                }
                Purpose::Identity(..) => self.answered(open, Answer::Identity(None), &Aside::default()),
                _ if self.plan.task.watched().is_some() => {
                    self.answered(open, Answer::Watched(Shown::Trouble(silence)), &Aside::default());
                }
                _ => self.answered(open, Answer::Probe(Observation::Trouble(silence)), &Aside::default()),
            }
        }
    }

    /// Does what is due by now.
    fn tick(&mut self) {
        let is_late = self.is_late();
        match &self.phase {
            Phase::Preflight if is_late => self.preflight_ends_late(),
            Phase::Journaling { until } if *until <= self.now => {
                self.journal_failed("the disk did not answer in time".to_owned());
            }
            Phase::ReadingBack { until, .. } if *until <= self.now => self.give_up_reading_back(),
            Phase::ReadingBack { next: Some(next), .. } if *next <= self.now => self.ask_read_back(),
            Phase::Polling if is_late => self.deadline_passes(),
            Phase::Polling => {
                self.ask_watched_source();
                self.ask_due_rows(Purpose::Poll);
            }
            Phase::Holding { until, .. } if *until <= self.now => self.not_held("no answer in time"),
            Phase::Retiring(state) if state.until <= self.now => self.give_up_retiring(),
            Phase::Retiring(state) => match state.next {
                Some((next, step)) if next <= self.now => self.retire_step(step),
                _ => {}
            },
            Phase::Unjournaling { until, .. } if *until <= self.now => {
                self.journal_not_removed("the disk did not answer in time");
            }
            Phase::Vanishing { until } if *until <= self.now => self.stop_watching("not within the time given to it"),
            Phase::Vanishing { .. } => self.ask_due_rows(Purpose::Vanish),
            _ => {}
        }
    }

    /// The person wants to stop.
    fn stop(&mut self) {
        if !self.stopping && !matches!(self.phase, Phase::Done) {
            self.stopping = true;
            self.tell(EventKind::Stopping);
        }
        match self.phase {
            Phase::Waiting | Phase::Preflight => self.abort(Unchanged::Stopped),
            Phase::ReadingBack { .. } | Phase::Polling | Phase::Holding { .. } => {
                self.conclude("stopped before it was told");
            }
            Phase::Vanishing { .. } => self.stop_watching("stopped"),
            // What is in flight cannot be recalled, and the clean-up is what stopping waits for: these see the flag.
            Phase::Journaling { .. }
            | Phase::Planting
            | Phase::Retiring(_)
            | Phase::Unjournaling { .. }
            | Phase::Done => {}
        }
    }
}

/// # What all phases use
impl Machine {
    /// Whether the time for convergence is over.
    pub(super) fn is_late(&self) -> bool {
        self.plan.schedule.deadline <= self.now
    }

    /// Puts out an event.
    pub(super) fn tell(&mut self, kind: EventKind) {
        self.outputs.push_back(Output::Event(Event::new(self.now, kind)));
    }

    /// Puts out something to be done.
    pub(super) fn put(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// Who this is.
    pub(super) fn name(&self, side: Side) -> &ServerName {
        match side {
            Side::Source => &self.plan.source,
            // An index comes from the plan itself; the source stands in so that nothing can panic.
            Side::Destination(index) => self.plan.destinations.get(index).unwrap_or(&self.plan.source),
        }
    }

    /// What is known of this server.
    pub(super) fn server(&mut self, side: Side) -> Option<&mut Server> {
        match side {
            Side::Source => Some(&mut self.source),
            Side::Destination(index) => self.rows.get_mut(index).map(|row| &mut row.server),
        }
    }

    /// Registers a request that waits this long at most.
    fn register(&mut self, purpose: Purpose, transport: Transport, patience: Duration) -> RequestId {
        let request = RequestId(self.next_request);
        self.next_request = self.next_request.saturating_add(1);
        self.open.insert(
            request,
            Open { purpose, transport, expires: self.now.saturating_add(patience.saturating_add(REPORT_GRACE)) },
        );
        request
    }

    /// Puts out a question.
    pub(super) fn ask(&mut self, side: Side, asked: Asked, transport: Transport, purpose: Purpose) {
        let patience = self.plan.schedule.timeout;
        let ServerName { address, secured, .. } = *self.name(side);
        let transport = if secured { Transport::Tls } else { transport };
        let connection = self.connection(purpose);
        let request = self.register(purpose, transport, patience);
        self.put(Output::Ask(Ask { request, side, address, asked, transport, connection, patience }));
    }

    /// Puts out an update.
    pub(super) fn send(&mut self, kind: UpdateKind, patience: Duration) {
        let purpose = match kind {
            UpdateKind::Plant => Purpose::Plant,
            UpdateKind::Remove => Purpose::Remove,
        };
        let lease = self.leasing.asked.filter(|_| kind == UpdateKind::Plant);
        let request = self.register(purpose, Transport::Tcp, patience);
        let edns = self.source.has_edns && !self.leasing.is_minded;
        self.put(Output::Send(Send { request, kind, lease, edns, patience }));
    }

    /// Forgets requests for this reason: their answers do not matter any more.
    pub(super) fn forget(&mut self, is_over: impl Fn(Purpose) -> bool) {
        self.open.retain(|_, open| !is_over(open.purpose));
    }

    /// Notes whether a server answered, and chooses how it is asked next.
    ///
    /// P8: TC=1 means the same question over TCP, at once; two silences in a row mean the other transport.
    /// Returns whether the question must be repeated over TCP now.
    pub(super) fn heard(&mut self, side: Side, transport: Transport, observation: &Observation) -> bool {
        let Some(server) = self.server(side) else { return false };
        match observation {
            Observation::Trouble(Trouble::Truncated) if transport == Transport::Udp => return true,
            Observation::Trouble(Trouble::NoAnswer(_)) => {
                server.silent = server.silent.saturating_add(1);
                if server.silent >= SILENCES {
                    server.silent = 0;
                    server.transport = match server.transport {
                        Transport::Udp => Transport::Tcp,
                        Transport::Tcp | Transport::Tls => Transport::Udp,
                    };
                }
            }
            _ => {
                server.silent = 0;
                if transport == Transport::Tcp && server.transport == Transport::Tcp {
                    self.tell_tcp_only(side);
                }
            }
        }
        false
    }

    /// From here on this server is asked over TCP, without waiting for UDP first.
    fn udp_is_silent(&mut self, request: RequestId) {
        let Some(side) = self.open.get(&request).and_then(|open| open.purpose.side()) else { return };
        if let Some(server) = self.server(side) {
            server.transport = Transport::Tcp;
        }
        self.tell_tcp_only(side);
    }

    /// Says once that a server answers over TCP alone.
    fn tell_tcp_only(&mut self, side: Side) {
        let address = self.name(side).address;
        let Some(server) = self.server(side).filter(|server| !server.told_transport) else { return };
        server.told_transport = true;
        let text = "does not answer over UDP, but does over TCP".to_owned();
        self.tell(EventKind::Note { address: Some(address), text });
    }

    /// The end, with the zone as it was.
    pub(super) fn abort(&mut self, why: Unchanged) {
        self.tell(EventKind::Aborted { error: why.to_string() });
        self.finish(Ending::Unchanged(why));
    }

    /// The end.
    pub(super) fn finish(&mut self, ending: Ending) {
        self.phase = Phase::Done;
        self.open.clear();
        self.rows.iter_mut().for_each(|row| row.next = None);
        self.watch.next = None;
        self.put(Output::Done(ending));
    }

    /// Asks every destination that is due.
    fn ask_due_rows(&mut self, purpose: fn(usize) -> Purpose) {
        let now = self.now;
        let due = self.rows.iter_mut().enumerate().filter(|(_, row)| row.next.is_some_and(|next| next <= now));
        let due: Vec<usize> = due
            .map(|(index, row)| {
                row.next = None;
                index
            })
            .collect();
        for index in due {
            let transport = match (self.rows.get(index), purpose(index)) {
                (Some(row), Purpose::Poll(_)) => self.poll_transport(row),
                (Some(row), _) => row.server.transport,
                (None, _) => continue,
            };
            self.ask(Side::Destination(index), Asked::Probe, transport, purpose(index));
        }
    }

    /// The step that is due in a retirement.
    fn retire_step(&mut self, step: RetireStep) {
        match step {
            RetireStep::Remove => self.send_remove(),
            RetireStep::Verify => self.ask_verify(),
        }
    }
}

/// The shell's own word on why nothing came says more than ours, so it gets this much longer to be heard.
const REPORT_GRACE: Duration = Duration::from_millis(250);

/// Who is woken so much later than he wanted was asleep; a busy machine is not that late.
const OVERSLEPT: Duration = Duration::from_secs(1);

/// After so many exchanges in a row without an answer, the other transport is tried.
const SILENCES: u32 = 2;

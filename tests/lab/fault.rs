//! How a server misbehaves: which requests, how often, and what then happens.
//!
//! [`Act`] names the common faults. Whatever it does not name is done by one of its three hooks, which rewrite the
//! reply at the level of records, of messages before they are signed, or of octets after.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Record, RecordType};
use tokio::sync::watch;

use super::log::{Request, Transport};
use super::tsig::Key;
use super::zone::Zone;

/// The messages of a reply, before they are signed and framed.
pub type Messages = Box<dyn Iterator<Item = Message> + Send>;
/// What goes to the socket, in order.
pub type Steps = Box<dyn Iterator<Item = Step> + Send>;
/// Rewrites the records of a transfer, SOA first and last.
type EditRecords = Arc<dyn Fn(Vec<Record>) -> Vec<Record> + Send + Sync>;
/// Rewrites the messages of a reply.
type EditMessages = Arc<dyn Fn(Messages) -> Messages + Send + Sync>;
/// Rewrites what goes to the socket.
type EditSteps = Arc<dyn Fn(Steps) -> Steps + Send + Sync>;
/// Picks requests.
type Chosen = Arc<dyn Fn(&Request) -> bool + Send + Sync>;

/// One thing that a server does with its socket.
#[derive(Clone, Debug)]
pub enum Step {
    /// Send one message: a datagram, or a frame with its length before it.
    Message(Vec<u8>),
    /// Send octets as they are: on TCP without a length of our own.
    Raw(Vec<u8>),
    /// Wait so long.
    Pause(Duration),
    /// Wait until the gate opens.
    Wait(Gate),
    /// Keep the connection and never say another word.
    Stall,
    /// Close the connection.
    Close,
    /// Reset the connection (RST).
    Reset,
}

/// A reply waits here until the test opens it: order without sleeping.
#[derive(Clone, Debug)]
pub struct Gate(watch::Sender<bool>);

/// # Waiting
impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Lets everything through, now and later.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the gate is open.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn passed(&self) {
        // The sender lives as long as `self`, so the wait cannot fail.
        let _ = self.0.subscribe().wait_for(|open| *open).await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

/// Which requests a fault is about.
#[derive(Clone)]
pub enum On {
    /// All of them.
    Any,
    /// Queries, transfers not included.
    Query,
    /// Queries for one type.
    QueryOf(RecordType),
    /// UPDATEs of any kind.
    Update,
    /// UPDATEs that add.
    Add,
    /// UPDATEs that delete.
    Delete,
    /// AXFR and IXFR.
    Transfer,
    /// Whatever the closure picks.
    Where(Chosen),
}

/// # Picking
impl On {
    /// Picks requests by a closure.
    pub fn request(chosen: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        Self::Where(Arc::new(chosen))
    }

    /// Whether the request is one of those meant.
    fn covers(&self, request: &Request) -> bool {
        match self {
            Self::Any => true,
            Self::Query => request.is_query() && !request.is_transfer(),
            Self::QueryOf(record_type) => request.is_query() && request.record_type() == *record_type,
            Self::Update => request.is_update(),
            Self::Add => request.is_add(),
            Self::Delete => request.is_delete(),
            Self::Transfer => request.is_transfer(),
            Self::Where(chosen) => chosen(request),
        }
    }
}

/// What happens to a request that a fault covers.
#[derive(Clone)]
pub enum Act {
    /// The request is lost: nothing is done, nothing is answered.
    Lose,
    /// Nothing is done and the connection is closed; a datagram is lost.
    Close,
    /// Nothing is done; this RCODE is answered, as an UPDATE refused.
    Rcode(ResponseCode),
    /// Nothing is done; NOERROR is answered: an UPDATE that was accepted and not applied.
    Pretend,
    /// It is done, and this RCODE is answered all the same: SERVFAIL, but applied.
    DoneBut(ResponseCode),
    /// It is done, and the reply is lost.
    LoseReply,
    /// It is done, and the connection is closed instead of a reply.
    DoneThenClose,
    /// It is done; the reply comes so much later.
    Delay(Duration),
    /// It is done; the reply waits for the gate.
    Hold(Gate),
    /// The answer comes from this zone instead of the server's: stale, alternating, another view.
    AnswerFrom(Arc<Zone>),
    /// The answer comes from the zone that the server held at its start.
    AsAtStart,
    /// The reply over UDP carries TC=1 and nothing but the question.
    Truncate,
    /// The reply has AA=0, as a resolver's would.
    NotAuthoritative,
    /// The reply has another ID.
    WrongId,
    /// The reply is sent twice.
    Twice,
    /// The signature of the reply is wrong in this way.
    Tsig(TsigFault),
    /// The transfer is wrong in this way.
    Transfer(TransferFault),
    /// Rewrites the records of a transfer.
    Records(EditRecords),
    /// Rewrites the messages of a reply; what comes out is signed properly.
    Messages(EditMessages),
    /// Rewrites what goes to the socket, after signing.
    Steps(EditSteps),
}

/// # Hooks
impl Act {
    /// Answers from another version of a zone.
    pub fn answer_from(zone: Zone) -> Self {
        Self::AnswerFrom(Arc::new(zone))
    }

    /// Rewrites the list of records of a transfer, SOA first and last.
    pub fn records(edit: impl Fn(Vec<Record>) -> Vec<Record> + Send + Sync + 'static) -> Self {
        Self::Records(Arc::new(edit))
    }

    /// Rewrites each message before it is signed; the first of a reply is number 1.
    pub fn each_message(edit: impl Fn(usize, &mut Message) + Send + Sync + 'static) -> Self {
        let edit = Arc::new(edit);
        Self::Messages(Arc::new(move |messages| {
            let edit = Arc::clone(&edit);
            Box::new((1..).zip(messages).map(move |(number, mut message)| {
                edit(number, &mut message);
                message
            }))
        }))
    }

    /// Rewrites the octets of each message after it is signed; the first of a reply is number 1.
    pub fn each_frame(edit: impl Fn(usize, &mut Vec<u8>) + Send + Sync + 'static) -> Self {
        let edit = Arc::new(edit);
        Self::steps(move |steps| {
            let edit = Arc::clone(&edit);
            let mut number = 0;
            Box::new(steps.map(move |mut step| {
                if let Step::Message(octets) = &mut step {
                    number += 1;
                    edit(number, octets);
                }
                step
            }))
        })
    }

    /// Rewrites everything that goes to the socket: the general escape hatch.
    pub fn steps(edit: impl Fn(Steps) -> Steps + Send + Sync + 'static) -> Self {
        Self::Steps(Arc::new(edit))
    }
}

/// What is wrong with the signature of a reply. Messages are counted from 1.
#[derive(Clone, Debug)]
pub enum TsigFault {
    /// No message is signed.
    Unsigned,
    /// Message `n` is not signed, whatever the rhythm.
    UnsignedIn(usize),
    /// The last message is not signed.
    UnsignedLast,
    /// Every MAC has one bit wrong.
    WrongMac,
    /// The MAC of message `n` has one bit wrong.
    WrongMacIn(usize),
    /// Every MAC is cut to so many octets.
    ShortMac(usize),
    /// Signed by a key other than the request's.
    OtherKey(Key),
    /// The first message is digested with timers only, as RFC 8945 section 5.3.1 has it for the later ones.
    TimersOnlyFirst,
    /// The request's MAC is left out of the digest.
    WithoutRequestMac,
    /// Time signed is shifted by so many seconds.
    Shifted(i64),
    /// Time signed is shifted by so many seconds in message `n` alone.
    ShiftedIn(usize, i64),
    /// Fudge is this many seconds.
    Fudge(u16),
    /// An unsigned TSIG with this error code, as anybody could have sent it; [`Act::DoneBut`] gives the RCODE beside it.
    Error(u16),
}

/// What is wrong with a transfer. Messages are counted from 1.
#[derive(Clone)]
pub enum TransferFault {
    /// The connection closes after `n` messages.
    CutAfter(usize),
    /// The connection is reset after `n` messages.
    ResetAfter(usize),
    /// Nothing more comes after `n` messages, and the connection stays open.
    StallAfter(usize),
    /// The connection closes so many octets into message `n`, its length included.
    CutInside(usize, usize),
    /// Message `n` has this RCODE, its records stay.
    RcodeIn(usize, ResponseCode),
    /// Message `n` and all later ones have another ID.
    WrongIdFrom(usize),
    /// This record comes just before the final SOA: out of zone, a SOA of another name, another class ...
    Stray(Record),
    /// The final SOA is missing.
    NoFinalSoa,
    /// The final SOA has this serial.
    FinalSerial(u32),
    /// This record follows the final SOA in the same message.
    TrailingRecord(Record),
    /// One more message follows the end, with this record.
    TrailingMessage(Record),
    /// Every record but the SOAs comes twice.
    Duplicates,
    /// The records between the SOAs come in an order drawn from this seed.
    Shuffled(u64),
    /// A message without records precedes every message but the first.
    EmptyBetween,
    /// Every message but the first has no question.
    QuestionOnce,
}

/// A fault, ready to be injected.
#[derive(Clone)]
pub struct Fault {
    /// Which requests.
    on: On,
    /// Only those that came this way.
    transport: Option<Transport>,
    /// How many of them pass unharmed first.
    spared: usize,
    /// How many are then hit.
    times: usize,
    /// Of those, every how many-th.
    every: usize,
    /// What happens.
    act: Act,
}

/// # Choosing
impl Fault {
    /// Always does `act` to the requests that `on` covers.
    pub fn new(on: On, act: Act) -> Self {
        Self { on, transport: None, spared: 0, times: usize::MAX, every: 1, act }
    }

    /// Every transfer is wrong in this way.
    pub fn transfer(fault: TransferFault) -> Self {
        Self::new(On::Transfer, Act::Transfer(fault))
    }

    /// Every reply is signed wrongly in this way.
    pub fn tsig(fault: TsigFault) -> Self {
        Self::new(On::Any, Act::Tsig(fault))
    }

    /// Hits at most `times` requests.
    pub fn first(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Lets `spared` requests pass before the first hit.
    pub fn after(mut self, spared: usize) -> Self {
        self.spared = spared;
        self
    }

    /// Hits every `every`-th request: 2 makes a server that alternates.
    pub fn every(mut self, every: usize) -> Self {
        self.every = every.max(1);
        self
    }

    /// Hits only what arrives this way.
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fault").field("times", &self.times).field("every", &self.every).finish_non_exhaustive()
    }
}

/// Names an injected fault, to count its hits or to withdraw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultId(usize);

/// An injected fault and its history.
struct Injected {
    /// Its name.
    id: FaultId,
    /// The fault.
    fault: Fault,
    /// Requests that it covered.
    seen: usize,
    /// Requests that it hit.
    hits: usize,
    /// Whether it still acts.
    active: bool,
}

/// All faults of one server.
#[derive(Default)]
pub struct Faults(Vec<Injected>);

/// # Bookkeeping
impl Faults {
    /// Adds a fault.
    pub fn inject(&mut self, fault: Fault) -> FaultId {
        let id = FaultId(self.0.len());
        self.0.push(Injected { id, fault, seen: 0, hits: 0, active: true });
        id
    }

    /// Ends one fault; its hits stay countable.
    pub fn withdraw(&mut self, id: FaultId) {
        self.0.iter_mut().filter(|injected| injected.id == id).for_each(|injected| injected.active = false);
    }

    /// Ends all faults.
    pub fn withdraw_all(&mut self) {
        self.0.iter_mut().for_each(|injected| injected.active = false);
    }

    /// How many requests a fault has hit.
    pub fn hits(&self, id: FaultId) -> usize {
        self.0.iter().find(|injected| injected.id == id).map_or(0, |injected| injected.hits)
    }

    /// What happens to this request: the acts of all faults that hit it, in the order of injection.
    pub fn strike(&mut self, request: &Request) -> Vec<Act> {
        let covers = |fault: &Fault| {
            fault.on.covers(request) && fault.transport.is_none_or(|transport| transport == request.transport)
        };
        let covered = self.0.iter_mut().filter(|injected| injected.active && covers(&injected.fault));
        let struck = covered.filter_map(|injected| {
            injected.seen += 1;
            let position = injected.seen.checked_sub(injected.fault.spared + 1)?;
            let hit = position % injected.fault.every == 0 && injected.hits < injected.fault.times;
            injected.hits += usize::from(hit);
            hit.then(|| injected.fault.act.clone())
        });
        struck.collect()
    }
}

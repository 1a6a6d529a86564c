//! The sockets of a server, and the way of one request from octets to the reply.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::answer;
use super::edns;
use super::fault::{Act, Faults, Messages, Step, Steps};
use super::lease::{self, Leases};
use super::log::{Request, Signature, Transport};
use super::named::{self, Control};
use super::reply::{self, Signing};
use super::server::{Access, Settings};
use super::transfer;
use super::tsig::{self, Verified};
use super::update;
use super::wire;
use super::zone::{Zone, Zones};

/// How often a new port is tried when the kernel's choice for one transport is taken for the other.
const PORT_ATTEMPTS: usize = 64;
/// The length of the queue of connections not yet accepted.
const BACKLOG: u32 = 256;

/// What the tasks of a server share with its handle.
pub struct Shared {
    /// How it was configured.
    pub settings: Settings,
    /// What it holds.
    pub zones: watch::Sender<Zones>,
    /// What it held at its start.
    origin: Zones,
    /// What it saw.
    pub requests: watch::Sender<Vec<Request>>,
    /// How it misbehaves.
    faults: Mutex<Faults>,
    /// What is to be removed, and when.
    leases: Mutex<Leases>,
    /// TCP connections accepted so far.
    pub connections: AtomicUsize,
    /// TCP connections that are open.
    open: AtomicUsize,
    /// The most that were open at once.
    pub most_open: AtomicUsize,
}

/// # State
impl Shared {
    /// A server that has seen nothing yet.
    pub fn new(settings: Settings, zones: Zones, faults: Faults) -> Self {
        let (origin, requests) = (zones.clone(), watch::Sender::new(Vec::new()));
        let zones = watch::Sender::new(zones);
        let (faults, leases) = (Mutex::new(faults), Mutex::default());
        let [connections, open, most_open] = [(); 3].map(|()| AtomicUsize::new(0));
        Self { settings, zones, origin, requests, faults, leases, connections, open, most_open }
    }

    /// The faults; a test that panicked elsewhere does not matter here.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes what has no lease any more.
    fn expire(&self) {
        let mut leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        self.zones
            .send_if_modified(|zones| zones.each_mut().fold(false, |changed, zone| leases.expire(zone) | changed));
    }

    /// The server's clock: seconds since 1970, shifted as configured.
    fn now(&self) -> u64 {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        real.saturating_add_signed(self.settings.clock_offset)
    }
}

/// A UDP and a TCP socket on one port.
pub struct Sockets {
    /// The datagrams.
    udp: UdpSocket,
    /// The connections; a socket that does not listen refuses them.
    tcp: Stream,
    /// Where both are.
    pub address: SocketAddr,
}

/// The TCP side of a server.
enum Stream {
    /// It accepts connections.
    Listening(TcpListener),
    /// It holds the port and refuses connections.
    Refusing(TcpSocket),
}

/// # Binding
impl Sockets {
    /// Binds a port that the kernel chooses for TCP, and the same for UDP.
    pub async fn bind(address: IpAddr, listen: bool) -> io::Result<Self> {
        let mut outcome = Err(io::Error::from(io::ErrorKind::AddrInUse));
        for _ in 0..PORT_ATTEMPTS {
            outcome = Self::attempt(SocketAddr::new(address, 0), listen).await;
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    /// Binds one port, which the kernel chooses for the first, at all of these addresses, each of which may listen.
    pub async fn bind_together(places: &[(IpAddr, bool)]) -> io::Result<Vec<Self>> {
        let mut outcome = Err(io::Error::from(io::ErrorKind::AddrInUse));
        for _ in 0..PORT_ATTEMPTS {
            outcome = Self::attempt_together(places).await;
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    /// One attempt at all of them.
    async fn attempt_together(places: &[(IpAddr, bool)]) -> io::Result<Vec<Self>> {
        let mut bound: Vec<Self> = Vec::new();
        for (address, listen) in places {
            let port = bound.first().map_or(0, |first| first.address.port());
            bound.push(Self::attempt(SocketAddr::new(*address, port), *listen).await?);
        }
        Ok(bound)
    }

    /// One attempt.
    async fn attempt(address: SocketAddr, listen: bool) -> io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.bind(address)?;
        let address = socket.local_addr()?;
        let udp = UdpSocket::bind(address).await?;
        let tcp = if listen { Stream::Listening(socket.listen(BACKLOG)?) } else { Stream::Refusing(socket) };
        Ok(Self { udp, tcp, address })
    }

    /// Serves until dropped. Everything that it spawns ends with it.
    pub async fn serve(self, shared: Arc<Shared>) {
        let datagrams = serve_datagrams(self.udp, &shared);
        match self.tcp {
            Stream::Listening(listener) => {
                tokio::join!(datagrams, serve_connections(listener, &shared));
            }
            Stream::Refusing(_held) => datagrams.await,
        }
    }
}

/// Answers datagrams, each in a task of its own, so that a delayed reply delays no other.
async fn serve_datagrams(socket: UdpSocket, shared: &Arc<Shared>) {
    let socket = Arc::new(socket);
    let mut tasks = JoinSet::new();
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        while tasks.try_join_next().is_some() {}
        // An ICMP error of an earlier datagram shows up here; it concerns nobody any more.
        let Ok((length, source)) = socket.recv_from(&mut buffer).await else { continue };
        let octets = buffer.get(..length).unwrap_or_default();
        let steps = respond(shared, octets, Transport::Udp, source, 0);
        let socket = Arc::clone(&socket);
        tasks.spawn(async move { send_datagrams(&socket, steps, source).await });
    }
}

/// Sends a reply as datagrams; anything about connections ends it.
async fn send_datagrams(socket: &UdpSocket, steps: Steps, peer: SocketAddr) {
    for step in steps {
        match step {
            Step::Message(octets) | Step::Raw(octets) => {
                // A client that has gone is no concern of the server.
                let _ = socket.send_to(&octets, peer).await;
            }
            Step::Pause(time) => tokio::time::sleep(time).await,
            Step::Wait(gate) => gate.passed().await,
            Step::Stall | Step::Close | Step::Reset => return,
        }
    }
}

/// Accepts connections, each in a task of its own.
async fn serve_connections(listener: TcpListener, shared: &Arc<Shared>) {
    let mut tasks = JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        let Ok((stream, source)) = listener.accept().await else { continue };
        let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
        let shared = Arc::clone(shared);
        tasks.spawn(async move {
            let open = shared.open.fetch_add(1, Ordering::SeqCst) + 1;
            shared.most_open.fetch_max(open, Ordering::SeqCst);
            // The client closed or broke the connection: nothing is left to do.
            let _ = serve_connection(stream, &shared, source, number).await;
            shared.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// Answers the requests of one connection in order until either side closes it.
async fn serve_connection(mut stream: TcpStream, shared: &Shared, source: SocketAddr, number: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let length = stream.read_u16().await?;
        let mut octets = vec![0; usize::from(length)];
        stream.read_exact(&mut octets).await?;
        for step in respond(shared, &octets, Transport::Tcp, source, number) {
            match step {
                Step::Message(message) => {
                    // RFC 7766 section 8: length and message in one write.
                    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
                    stream.write_all(&[&length.to_be_bytes(), message.as_slice()].concat()).await?;
                }
                Step::Raw(octets) => stream.write_all(&octets).await?,
                Step::Pause(time) => tokio::time::sleep(time).await,
                Step::Wait(gate) => gate.passed().await,
                Step::Stall => std::future::pending().await,
                Step::Close => return stream.shutdown().await,
                Step::Reset => return stream.set_zero_linger(),
            }
        }
    }
}

/// The whole way of one request; octets that cannot be read get no reply.
fn respond(shared: &Shared, octets: &[u8], transport: Transport, source: SocketAddr, connection: usize) -> Steps {
    let read = wire::split(octets).and_then(|split| {
        let message = Message::from_vec(&split.unsigned).ok()?;
        (message.metadata.message_type == MessageType::Query).then_some((message, split))
    });
    let Some((message, split)) = read else { return Box::new(std::iter::empty()) };
    let now = shared.now();
    let verified = tsig::verify(&split.unsigned, split.tsig, &shared.settings.keys, now);
    let signature = match &verified {
        Verified::Unsigned => Signature::Unsigned,
        Verified::Signed { key, .. } => Signature::Valid(key.name().clone()),
        Verified::Rejected(rejection) => Signature::Rejected(rejection.error),
    };
    let request = Request { message, octets: octets.to_vec(), transport, source, connection, signature };
    if let Some(control) = named::control(&request) {
        return reply::steps(obey(shared, &request, control), &request, Signing::No, &[]);
    }
    shared.expire();
    let acts = shared.faults().strike(&request);
    let outcome = decide(shared, &request, &acts);
    shared.requests.send_modify(|requests| requests.push(request.clone()));
    match outcome {
        Outcome::Reply(messages) => {
            let signing = Signing::answering(verified, shared.settings.sign_every, now);
            reply::steps(messages, &request, signing, &acts)
        }
        Outcome::Silence => Box::new(std::iter::empty()),
        Outcome::Close => Box::new(std::iter::once(Step::Close)),
    }
}

/// Does what a control query says; the answer is a TXT record, or NXDOMAIN where it cannot be read.
fn obey(shared: &Shared, request: &Request, control: Control) -> Messages {
    let mut reply = reply::template(&request.message, None);
    let done = match control {
        Control::Inject(fault) => Some(format!("{:?}", shared.faults().inject(*fault))),
        Control::Withdraw => {
            shared.faults().withdraw_all();
            Some("no faults".to_owned())
        }
        Control::Rollback => {
            shared.zones.send_replace(shared.origin.clone());
            Some("as at the start".to_owned())
        }
        Control::Unknown => None,
    };
    match done {
        Some(text) => {
            let data = RData::TXT(TXT::new(vec![text]));
            reply.add_answer(Record::from_rdata(request.name(), 0, data));
        }
        None => reply.metadata.response_code = ResponseCode::NXDomain,
    }
    Box::new(std::iter::once(reply))
}

/// What is done about a request.
enum Outcome {
    /// These messages are sent.
    Reply(Messages),
    /// Nothing is sent.
    Silence,
    /// The connection is closed.
    Close,
}

/// # Shorthands
impl Outcome {
    /// One message.
    fn one(message: Message) -> Self {
        Self::Reply(Box::new(std::iter::once(message)))
    }

    /// The empty reply with an RCODE.
    fn rcode(mut reply: Message, rcode: ResponseCode) -> Self {
        reply.metadata.response_code = rcode;
        Self::one(reply)
    }
}

/// Does what the request asks for, unless a fault or the policy forbids it.
fn decide(shared: &Shared, request: &Request, acts: &[Act]) -> Outcome {
    let mut reply = reply::template(&request.message, shared.settings.nsid.as_deref());
    for act in acts {
        match act {
            Act::Lose => return Outcome::Silence,
            Act::Close => return Outcome::Close,
            Act::Rcode(rcode) => return Outcome::rcode(reply, *rcode),
            Act::Pretend => return Outcome::rcode(reply, ResponseCode::NoError),
            _ => {}
        }
    }
    // RFC 8945 section 5.2: a request whose TSIG fails is answered NOTAUTH and nothing else is done.
    if let Signature::Rejected(_) = request.signature {
        return Outcome::rcode(reply, ResponseCode::NotAuth);
    }
    let may_go_on = edns::bake(shared.settings.cookies, request, &mut reply);
    if !may_go_on || reply.metadata.response_code != ResponseCode::NoError {
        return Outcome::one(reply);
    }
    match request.opcode() {
        OpCode::Query => query(shared, request, reply, acts),
        OpCode::Update => {
            let outcome = change(shared, request);
            let granted = outcome.is_ok().then(|| lease::grant(shared.settings.leases, &request.message, &mut reply));
            if let Some(seconds) = granted.flatten() {
                shared.leases.lock().unwrap_or_else(PoisonError::into_inner).add(&request.message, seconds);
            }
            Outcome::rcode(reply, outcome.err().unwrap_or(ResponseCode::NoError))
        }
        _ => Outcome::rcode(reply, ResponseCode::NotImp),
    }
}

/// Answers a query, or starts a transfer.
fn query(shared: &Shared, request: &Request, mut reply: Message, acts: &[Act]) -> Outcome {
    let [question] = request.message.queries.as_slice() else { return Outcome::rcode(reply, ResponseCode::FormErr) };
    if question.query_class() == DNSClass::CH {
        edns::chaos(&mut reply, question, shared.settings.identity.as_deref());
        return Outcome::one(reply);
    }
    if request.is_transfer() {
        return transfer(shared, request, reply, acts);
    }
    let zones = shared.zones.borrow().clone();
    let held = served_zone(&zones, question.name(), question.query_type());
    let substitute = acts.iter().find_map(|act| match act {
        Act::AnswerFrom(zone) if zone.apex().zone_of(question.name()) => Some(zone),
        Act::AsAtStart => served_zone(&shared.origin, question.name(), question.query_type()),
        _ => None,
    });
    match substitute.or(held) {
        Some(zone) if shared.settings.query.admits(&request.signature) => {
            answer::fill(&mut reply, zone, question);
            Outcome::one(reply)
        }
        _ => Outcome::rcode(reply, ResponseCode::Refused),
    }
}

/// The zone that answers; RFC 4035 section 3.1.4.1: DS belongs to the parent, when that is served here too.
fn served_zone<'zones>(zones: &'zones Zones, name: &Name, wanted: RecordType) -> Option<&'zones Arc<Zone>> {
    let nearest = zones.nearest(name)?;
    let parent = (wanted == RecordType::DS && zones.exactly(name).is_some() && !name.is_root())
        .then(|| zones.nearest(&name.base_name()))
        .flatten();
    Some(parent.unwrap_or(nearest))
}

/// AXFR, and IXFR answered by what the journal has, by the whole zone or, where nothing is newer or one datagram must
/// do, by the SOA alone.
fn transfer(shared: &Shared, request: &Request, mut reply: Message, acts: &[Act]) -> Outcome {
    let incremental = request.record_type() == RecordType::IXFR;
    // RFC 5936 section 4.2: AXFR over UDP is not defined.
    if request.transport == Transport::Udp && !incremental {
        return Outcome::rcode(reply, ResponseCode::FormErr);
    }
    let zones = shared.zones.borrow().clone();
    let substitute = acts.iter().find_map(|act| match act {
        Act::AnswerFrom(zone) if *zone.apex() == request.name() => Some(zone),
        Act::AsAtStart => shared.origin.exactly(&request.name()),
        _ => None,
    });
    let Some(zone) = substitute.or_else(|| zones.exactly(&request.name())) else {
        return Outcome::rcode(reply, ResponseCode::NotAuth);
    };
    if !shared.settings.transfer.admits(&request.signature) {
        return Outcome::rcode(reply, ResponseCode::Refused);
    }
    reply.metadata.authoritative = true;
    let held = request.message.authorities.iter().find_map(|record| match &record.data {
        RData::SOA(soa) => Some(soa.serial),
        _ => None,
    });
    // RFC 1995 section 2: "the same or newer version".
    let known = held.is_some_and(|held| held.wrapping_sub(zone.serial()) < 1 << 31);
    if incremental && (known || request.transport == Transport::Udp) {
        reply.add_answer(zone.soa_record());
        return Outcome::one(reply);
    }
    let journal = held.filter(|_| incremental).and_then(|held| transfer::changes(&shared.settings.journal, zone, held));
    let records = transfer::spoiled(journal.unwrap_or_else(|| transfer::records(zone)), acts);
    Outcome::Reply(transfer::messages(records, reply, shared.settings.grouping, acts))
}

/// Processes an UPDATE (RFC 2136 section 3) in one step that no other request can see half done.
fn change(shared: &Shared, request: &Request) -> Result<(), ResponseCode> {
    let apex = update::zone_of(&request.message)?;
    if shared.zones.borrow().exactly(apex).is_none() {
        return Err(ResponseCode::NotAuth);
    }
    if !shared.settings.update.admits(&request.signature) {
        return Err(ResponseCode::Refused);
    }
    let mut outcome = Ok(());
    shared.zones.send_if_modified(|zones| {
        let Some(zone) = zones.exactly_mut(apex) else { return false };
        outcome = update::check(zone, &request.message);
        outcome.is_ok() && update::apply(zone, &request.message)
    });
    outcome
}

/// # Policy
impl Access {
    /// Whether a request with this signature may do it.
    fn admits(&self, signature: &Signature) -> bool {
        match (self, signature) {
            (Self::Anyone, _) => true,
            (Self::AnyKey, signature) => matches!(signature, Signature::Valid(_)),
            (Self::Keys(names), Signature::Valid(name)) => names.contains(name),
            (Self::Nobody | Self::Keys(_), _) => false,
        }
    }
}

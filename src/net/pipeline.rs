//! Many questions over one connection at a time, in flight together, the answers in whatever order (RFC 7766 section
//! 6.2.1.1), at a bounded rate.
//!
//! An answer is matched by ID and question. A server that closes after some answers is normal: what it has not answered
//! is asked again over the next connection, a bounded number of times.

use super::clock::after;
use super::stream::{connect, send};
use super::udp::{sign, verify};
use super::{Answer, ExchangeError, Network, Peer, Query, rejects_edns};
use crate::tsig::{Signer, Transaction};
use crate::wire::Message;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, sleep_until, timeout_at};

/// So many questions to one server a second, unless the caller says otherwise: a tenth of what a small server answers.
pub const DEFAULT_MAX_QPS: u32 = 500;
/// So many questions are in flight at once; more would only wait in the server's buffers.
const WINDOW: usize = 32;
/// How often one question may have cost a connection before it counts as not answered.
const ATTEMPTS: u32 = 3;
/// After so many connections in a row without an answer the server counts as silent.
const FRUITLESS: u32 = 3;
/// Questions that could not be sent in time are caught up with for so long, and no more: the rate is a limit.
const CATCH_UP: Duration = Duration::from_millis(20);
/// The room for reading: two of the longest messages.
const BUFFER: usize = 2 << 16;

/// When the next question may go out.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The time between two.
    gap: Duration,
    /// When the next may leave.
    next: Instant,
}

impl Pace {
    /// So many a second, at least one.
    pub(crate) fn per_second(count: u32) -> Self {
        Self { gap: Duration::from_secs(1) / count.max(1), next: Instant::now() }
    }

    /// Counts one that leaves now.
    fn count(&mut self) {
        let earliest = Instant::now().checked_sub(CATCH_UP).unwrap_or(self.next);
        self.next = self.next.max(earliest) + self.gap;
    }

    /// Waits for the turn of one question, and counts it.
    pub(crate) async fn turn(&mut self) {
        sleep_until(self.next).await;
        self.count();
    }
}

/// One question that waits for its turn, or for its answer.
struct Waiting {
    /// Its number among the questions.
    index: usize,
    /// How often it may have been the reason why a connection gave nothing more.
    failures: u32,
}

/// One question that was sent.
struct InFlight {
    /// Which.
    waiting: Waiting,
    /// As it was sent.
    query: Query,
    /// What verifies the answer.
    transaction: Option<Transaction>,
    /// When it counts as not answered.
    until: Instant,
}

/// What is not answered yet.
struct Backlog {
    /// In their order.
    queue: VecDeque<Waiting>,
    /// By ID.
    in_flight: HashMap<u16, InFlight>,
    /// So many may be in flight: fewer after a connection that broke, since what a server has not read when it closes may
    /// take along what it has answered (RST); more again as answers come.
    window: usize,
    /// How many answers the present connection has given.
    answered: usize,
    /// Whether the server wants no more questions over it.
    is_ending: bool,
}

impl Backlog {
    /// Counts an answer.
    fn count(&mut self) {
        self.answered += 1;
        if self.answered.is_multiple_of(self.window) {
            self.window = self.window.saturating_mul(2).min(WINDOW);
        }
    }

    /// The connection broke: what it has not answered goes to the end of the queue.
    ///
    /// A connection that gave some answers was worth it, whatever ended it; only where it gave none, or where the time of a
    /// question is over, is that held against the questions in flight. So every connection answers, or comes nearer to the
    /// end.
    fn give_back(&mut self, timed_out: bool) {
        let (now, in_vain) = (Instant::now(), self.answered == 0);
        let unanswered = self.in_flight.drain().map(|(_, mut sent)| {
            let is_charged = if timed_out { sent.until <= now } else { in_vain };
            sent.waiting.failures += u32::from(is_charged);
            sent.waiting
        });
        let mut unanswered: Vec<Waiting> = unanswered.collect();
        unanswered.sort_by_key(|waiting| waiting.index);
        self.queue.extend(unanswered);
        self.window = self.answered.clamp(1, WINDOW);
    }
}

impl Network {
    /// Asks all of these, over one connection after another, and hands out each answer as it comes, with the number of
    /// its question; what has none in the end is handed out with the reason.
    ///
    /// # Cancel safety
    /// Dropping the future closes its connection; a question has no effect on a server.
    pub(crate) async fn query_many(
        &self,
        peer: &Peer,
        questions: &[Query],
        signer: Option<&Arc<dyn Signer>>,
        pace: &mut Pace,
        mut each: impl FnMut(usize, Result<Answer, ExchangeError>),
    ) {
        let queue = (0..questions.len()).map(|index| Waiting { index, failures: 0 }).collect();
        let mut backlog = Backlog { queue, in_flight: HashMap::new(), window: WINDOW, answered: 0, is_ending: false };
        let mut fruitless = 0;
        while !backlog.queue.is_empty() {
            (backlog.answered, backlog.is_ending) = (0, false);
            let mut take = |index, answer| each(index, Ok(answer));
            let ended = self.one_connection(peer, questions, signer, pace, &mut backlog, &mut take).await;
            fruitless = if backlog.answered > 0 { 0 } else { fruitless + 1 };
            let Err(error) = ended else { continue };
            let is_over = fruitless >= FRUITLESS || error.is_final();
            backlog.give_back(matches!(error, ExchangeError::Timeout { .. }));
            let (server, error) = (peer.address(), Arc::new(error));
            backlog.queue.retain(|waiting| {
                let goes_on = !is_over && waiting.failures < ATTEMPTS;
                if !goes_on {
                    each(waiting.index, Err(ExchangeError::Repeated { server, source: Arc::clone(&error) }));
                }
                goes_on
            });
        }
    }

    /// Asks over one connection until everything is answered, or something goes wrong with the connection.
    async fn one_connection(
        &self,
        peer: &Peer,
        questions: &[Query],
        signer: Option<&Arc<dyn Signer>>,
        pace: &mut Pace,
        backlog: &mut Backlog,
        take: &mut impl FnMut(usize, Answer),
    ) -> Result<(), ExchangeError> {
        let (server, transport, begun) = (peer.address(), peer.stream_transport(), Instant::now());
        let closed = |source| ExchangeError::Closed { server, transport, source };
        let timeout = || ExchangeError::Timeout { server, transport, within: self.timeout, junk: 0 };
        let stream = connect(self.local_address(server), peer, after(begun, self.timeout)).await?;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut buffer = Vec::with_capacity(BUFFER);
        let mut is_first = true;
        loop {
            while let Some(octets) = take_frame(&mut buffer) {
                self.take_answer(peer, octets, backlog, take)?;
            }
            let Backlog { queue, in_flight, window, is_ending, .. } = &mut *backlog;
            if (queue.is_empty() || *is_ending) && in_flight.is_empty() {
                return Ok(());
            }
            let oldest = in_flight.values().map(|sent| sent.until).min();
            let may_send = in_flight.len() < *window && !queue.is_empty() && !*is_ending;
            tokio::select! {
                read = reader.read_buf(&mut buffer) => match read.map_err(closed)? {
                    0 => return Err(closed(io::ErrorKind::UnexpectedEof.into())),
                    _ => continue,
                },
                () = sleep_until(pace.next), if may_send => pace.count(),
                () = sleep_until(oldest.unwrap_or(begun)), if oldest.is_some() => return Err(timeout()),
            }
            let Some(waiting) = queue.pop_front() else { continue };
            let Some(question) = questions.get(waiting.index) else { continue };
            let query = question.clone().edns(self.cookie(server, self.may_use_edns(server)));
            let query = query.over(transport).first_of_many(std::mem::take(&mut is_first));
            let until = after(Instant::now(), self.timeout);
            // R3: "MUST NOT re-use" the ID of a question that is in flight on the connection.
            let id = loop {
                let id = rand::random();
                if !in_flight.contains_key(&id) {
                    break id;
                }
            };
            let mut octets = query.to_octets(id).map_err(ExchangeError::Question)?;
            let transaction = sign(signer, &mut octets)?;
            in_flight.insert(id, InFlight { waiting, query, transaction, until });
            // A server that does not read while we write is given up like one that does not answer.
            timeout_at(until, send(&mut writer, &octets)).await.map_err(|_| timeout())?.map_err(closed)?;
        }
    }

    /// Takes one message that came: the answer to one of the questions in flight, or the end of the connection.
    fn take_answer(
        &self,
        peer: &Peer,
        octets: Vec<u8>,
        backlog: &mut Backlog,
        take: &mut impl FnMut(usize, Answer),
    ) -> Result<(), ExchangeError> {
        let server = peer.address();
        let message = Message::parse(&octets).map_err(|source| ExchangeError::Malformed { server, source })?;
        let id = message.header().id;
        let known = backlog.in_flight.get(&id).filter(|sent| sent.query.is_answered_by(&message, id));
        let sent = known.ok_or(ExchangeError::NotOurs { server })?;
        let verified = verify(sent.transaction.as_ref(), &message);
        let trust = match verified {
            Ok(trust) => trust,
            Err(source) => {
                let error = ExchangeError::Tsig { server, source };
                if error.may_mind_edns() {
                    self.forget_edns(server);
                }
                return Err(error);
            }
        };
        self.cookies.learn(server, &octets);
        backlog.is_ending |= message.opt().is_some_and(crate::wire::Opt::ends_connection);
        let answer = Answer::new(octets, peer.stream_transport(), trust);
        let Some(sent) = backlog.in_flight.remove(&id) else { return Ok(()) };
        if sent.query.has_edns() && rejects_edns(&answer) {
            self.forget_edns(server);
            backlog.queue.push_front(sent.waiting);
            return Ok(());
        }
        backlog.count();
        take(sent.waiting.index, answer);
        Ok(())
    }
}

/// Takes the first whole message out of what was read.
fn take_frame(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let (length, rest) = buffer.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let frame = rest.get(..length)?.to_vec();
    buffer.drain(..length + 2);
    Some(frame)
}

#[cfg(test)]
mod tests {
    use super::{Pace, WINDOW};
    use crate::net::{Network, Peer, Query};
    use crate::wire::tests::reply::{Reply, name};
    use crate::wire::{KEEPALIVE, Message, Rtype};
    use std::collections::HashSet;
    use std::net::SocketAddr;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::Instant;

    /// A server on a port that the system chooses; `serve` plays each of its connections, numbered from 0.
    async fn server<F: Future<Output = ()> + Send>(
        serve: impl Fn(usize, TcpStream) -> F + Send + 'static,
    ) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                serve(number, stream).await;
            }
        });
        address
    }

    /// The next question, as its ID and the answer to it; none when the client has closed.
    async fn next(stream: &mut TcpStream) -> Option<(u16, Vec<u8>)> {
        let mut octets = vec![0; usize::from(stream.read_u16().await.ok()?)];
        stream.read_exact(&mut octets).await.ok()?;
        let message = Message::parse(&octets).unwrap();
        let (id, question) = (message.header().id, *message.question().unwrap());
        Some((id, Reply::to(id, question.name, question.rtype).octets()))
    }

    /// Sends an answer.
    async fn send(stream: &mut TcpStream, answer: &[u8]) {
        let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length, answer].concat()).await.unwrap();
    }

    /// Asks so many questions; the numbers of those that were answered for, and of those that were not.
    async fn ask(address: SocketAddr, count: usize, rate: u32) -> (Vec<usize>, Vec<usize>) {
        let network = Network::new().timeout(Duration::from_millis(500));
        let questions: Vec<Query> =
            (0..count).map(|number| Query::new(name(&format!("h{number}.example")), Rtype::A)).collect();
        let (mut answered, mut failed) = (Vec::new(), Vec::new());
        let each = |index: usize, answer: Result<crate::net::Answer, _>| match answer {
            Ok(answer) => {
                let message = Message::parse(&answer.octets).unwrap();
                assert_eq!(message.question().unwrap().name, name(&format!("h{index}.example")), "each gets its own");
                answered.push(index);
            }
            Err(_) => failed.push(index),
        };
        network.query_many(&Peer::plain(address), &questions, None, &mut Pace::per_second(rate), each).await;
        answered.sort_unstable();
        failed.sort_unstable();
        (answered, failed)
    }

    #[tokio::test]
    async fn r3_answers_in_any_order_are_matched_by_id_and_question() {
        let address = server(|_, mut stream| async move {
            let mut waiting = Vec::new();
            let mut ids = HashSet::new();
            for _ in 0..WINDOW {
                let (id, answer) = next(&mut stream).await.unwrap();
                assert!(ids.insert(id), "no ID twice in flight");
                waiting.push(answer);
            }
            for answer in waiting.iter().rev() {
                send(&mut stream, answer).await;
            }
            while let Some((_, answer)) = next(&mut stream).await {
                send(&mut stream, &answer).await;
            }
        });
        let (answered, failed) = ask(address.await, WINDOW + 5, 100_000).await;
        assert_eq!((answered.len(), failed.len()), (WINDOW + 5, 0));
    }

    #[tokio::test]
    async fn r2_r5_a_server_that_closes_after_one_answer_is_asked_to_the_end() {
        let address = server(|_, mut stream| async move {
            if let Some((_, answer)) = next(&mut stream).await {
                send(&mut stream, &answer).await;
            }
        });
        let (answered, failed) = ask(address.await, 9, 100_000).await;
        assert_eq!((answered.len(), failed.len()), (9, 0));
    }

    #[tokio::test]
    async fn r5_one_question_that_is_never_answered_costs_the_others_nothing() {
        let address = server(|_, mut stream| async move {
            while let Some((_, answer)) = next(&mut stream).await {
                if Message::parse(&answer).unwrap().question().unwrap().name != name("h3.example") {
                    send(&mut stream, &answer).await;
                }
            }
        });
        let (answered, failed) = ask(address.await, 8, 100_000).await;
        assert_eq!((answered, failed), (vec![0, 1, 2, 4, 5, 6, 7], vec![3]));
    }

    #[tokio::test]
    async fn x8_a_connection_is_asked_to_stay_by_its_first_question_and_left_when_the_server_wants_no_more() {
        let address = server(|_, mut stream| async move {
            let mut asked = 0;
            while let Ok(length) = stream.read_u16().await {
                let mut octets = vec![0; usize::from(length)];
                stream.read_exact(&mut octets).await.unwrap();
                let message = Message::parse(&octets).unwrap();
                let keepalive = message.opt().unwrap().option(KEEPALIVE);
                assert_eq!(keepalive, (asked == 0).then_some(&[][..]), "question {asked}");
                asked += 1;
                let (id, question) = (message.header().id, *message.question().unwrap());
                // The window at most had left before the server said that it wants no more.
                assert!(asked <= WINDOW);
                let last = [&KEEPALIVE.to_be_bytes()[..], &[0, 2, 0, 0]].concat();
                send(&mut stream, &Reply::to(id, question.name, question.rtype).opt(0, &last).octets()).await;
            }
        });
        let (answered, failed) = ask(address.await, 3 * WINDOW, 100_000).await;
        assert_eq!((answered.len(), failed.len()), (3 * WINDOW, 0));
    }

    #[tokio::test]
    async fn r3_an_answer_to_another_question_is_never_taken() {
        let address = server(|_, mut stream| async move {
            while let Some((id, _)) = next(&mut stream).await {
                send(&mut stream, &Reply::to(id, name("other.example"), Rtype::A).octets()).await;
            }
        });
        let (answered, failed) = ask(address.await, 3, 100_000).await;
        assert_eq!((answered.len(), failed), (0, vec![0, 1, 2]));
    }

    #[tokio::test]
    async fn l7_the_rate_is_kept() {
        let address = server(|_, mut stream| async move {
            while let Some((_, answer)) = next(&mut stream).await {
                send(&mut stream, &answer).await;
            }
        });
        let (address, begun) = (address.await, Instant::now());
        assert_eq!(ask(address, 40, 100).await.0.len(), 40);
        // 39 gaps of 10 ms, less what may be caught up with.
        assert!(begun.elapsed() >= Duration::from_millis(350), "{:?}", begun.elapsed());
    }
}

//! A DNS server with Kerberos on loopback: it negotiates, checks and makes signatures, and lets a server of the lab behind it
//! do the rest. What came is kept.

use super::acceptor::{self, Accepted, Fault};
use dnsconverge::net::unix_now;
use dnsconverge::wire::{Message, Opcode, Rtype, Section, WireName};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What the server knows and does.
#[derive(Default)]
struct State {
    /// Its contexts.
    contexts: HashMap<WireName, Accepted>,
    /// What it does wrong.
    fault: Option<Fault>,
    /// Whether it answers principals alone.
    is_guarded: bool,
    /// After so many signed requests it forgets all contexts, once.
    forgets_after: Option<usize>,
    /// Signed requests that were let through.
    signed: usize,
    /// Contexts that were deleted by TKEY mode 5 under a right signature.
    deleted: usize,
    /// How many were negotiated.
    negotiated: usize,
    /// Everything that came over TCP.
    seen: Vec<Vec<u8>>,
    /// Everything that came by UDP.
    datagrams: Vec<Vec<u8>>,
}

/// The server.
#[derive(Clone)]
pub struct Front {
    /// Where it is.
    pub address: SocketAddr,
    /// What it knows.
    state: Arc<Mutex<State>>,
}

impl Front {
    /// Starts before a server that takes unsigned updates.
    pub async fn before(backend: SocketAddr, fault: Fault) -> Self {
        let (listener, socket) = loop {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            // UDP and TCP at one port; if somebody has the other half, another port.
            if let Ok(socket) = UdpSocket::bind(listener.local_addr().unwrap()).await {
                break (listener, socket);
            }
        };
        let state = State { fault: Some(fault), ..State::default() };
        let front = Self { address: listener.local_addr().unwrap(), state: Arc::new(Mutex::new(state)) };
        tokio::spawn(front.clone().answer_datagrams(socket, backend));
        let accepting = front.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accepting.clone().serve(stream, backend));
            }
        });
        front
    }

    /// Answers nobody but principals from now on, whatever is asked.
    pub fn guard(&self) {
        self.state.lock().unwrap().is_guarded = true;
    }

    /// Forgets all contexts once so many signed requests have gone through, as after a restart.
    pub fn forget_after(&self, requests: usize) {
        self.state.lock().unwrap().forgets_after = Some(requests);
    }

    /// How many contexts were negotiated, and how many deleted.
    pub fn contexts(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap();
        (state.negotiated, state.deleted)
    }

    /// Everything that came over TCP.
    pub fn seen(&self) -> Vec<Vec<u8>> {
        self.state.lock().unwrap().seen.clone()
    }

    /// Everything that came by UDP.
    pub fn datagrams(&self) -> Vec<Vec<u8>> {
        self.state.lock().unwrap().datagrams.clone()
    }

    /// One connection.
    async fn serve(self, mut stream: TcpStream, backend: SocketAddr) {
        while let Ok(request) = read(&mut stream).await {
            self.state.lock().unwrap().seen.push(request.clone());
            let Some(replies) = self.answer(&request, backend).await else { return };
            for reply in replies {
                write(&mut stream, &reply).await;
            }
        }
    }

    /// Datagrams.
    async fn answer_datagrams(self, socket: UdpSocket, backend: SocketAddr) {
        let socket = Arc::new(socket);
        let mut buffer = vec![0; 65535];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let (request, socket, front) = (buffer[..length].to_vec(), Arc::clone(&socket), self.clone());
            front.state.lock().unwrap().datagrams.push(request.clone());
            tokio::spawn(async move {
                for reply in front.answer(&request, backend).await.into_iter().flatten() {
                    let _ = socket.send_to(&reply, from).await;
                }
            });
        }
    }

    /// The answer to one request: many messages, if it is a transfer.
    async fn answer(&self, request: &[u8], backend: SocketAddr) -> Option<Vec<Vec<u8>>> {
        let now = unix_now();
        let message = Message::parse(request).ok()?;
        let fault = self.state.lock().unwrap().fault.unwrap_or(Fault::None);
        match acceptor::tkey(&message) {
            Some((name, 3, token)) => {
                let (accepted, token) = acceptor::accept(&token, fault);
                let mut state = self.state.lock().unwrap();
                state.negotiated += 1;
                state.contexts.insert(name, accepted);
                return Some(vec![acceptor::tkey_answer(&message, &token, fault, now)]);
            }
            Some((name, 5, _)) => {
                let signed = acceptor::strip(&message)?;
                let mut state = self.state.lock().unwrap();
                if signed.name == name && signed.is_initiators() && state.contexts.remove(&name).is_some() {
                    state.deleted += 1;
                }
                return Some(vec![acceptor::tkey_answer(&message, &[], Fault::None, now)]);
            }
            _ => {}
        }
        let is_guarded = message.header().opcode() == Opcode::UPDATE || self.state.lock().unwrap().is_guarded;
        let Some(signed) = acceptor::strip(&message) else {
            return if is_guarded { Some(vec![refused(&message)]) } else { forward(request, backend).await };
        };
        {
            let mut state = self.state.lock().unwrap();
            if state.forgets_after.is_some_and(|requests| state.signed >= requests) {
                state.forgets_after = None;
                state.contexts.clear();
            }
            if !state.contexts.contains_key(&signed.name) {
                return Some(vec![acceptor::unknown_key(&message, &signed.name, now)]);
            }
            assert!(signed.is_initiators(), "G4: signed by the client's side");
            state.signed += 1;
        }
        let mut replies = forward(&signed.message, backend).await?;
        let mut mac = signed.mac;
        for (number, reply) in replies.iter_mut().enumerate() {
            match number {
                0 => acceptor::sign_reply(reply, &signed.name, &mac, fault, now),
                _ => acceptor::sign_next(reply, &signed.name, &mac, now),
            }
            mac = acceptor::strip(&Message::parse(reply).ok()?)?.mac;
        }
        Some(replies)
    }
}

/// REFUSED, as a directory answers what is not signed.
fn refused(request: &Message<'_>) -> Vec<u8> {
    let flags = if request.header().opcode() == Opcode::UPDATE { 0xA805 } else { 0x8005 };
    let mut reply: Vec<u8> = [request.header().id, flags, 0, 0, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    if let Some(question) = request.question().filter(|_| flags == 0x8005) {
        reply[5] = 1;
        reply.extend(question.name.as_octets());
        reply.extend([question.rtype.0, question.class].into_iter().flat_map(u16::to_be_bytes));
    }
    reply
}

/// The server's answer by TCP, up to the second SOA if it is a transfer.
async fn forward(request: &[u8], backend: SocketAddr) -> Option<Vec<Vec<u8>>> {
    let asked = Message::parse(request).ok()?.question().map(|question| question.rtype);
    let mut stream = TcpStream::connect(backend).await.ok()?;
    write(&mut stream, request).await;
    let (mut replies, mut soas) = (Vec::new(), 0);
    loop {
        let reply = read(&mut stream).await.ok()?;
        let message = Message::parse(&reply).ok()?;
        soas += message.section(Section::Answer).filter(|record| record.rtype() == Rtype::SOA).count();
        let is_last = asked != Some(Rtype::AXFR) || soas != 1;
        replies.push(reply);
        if is_last {
            return Some(replies);
        }
    }
}

/// One message.
async fn read(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

/// One message.
async fn write(stream: &mut TcpStream, message: &[u8]) {
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    let _ = stream.write_all(&[&length, message].concat()).await;
}

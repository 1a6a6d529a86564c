//! A DNS server with Kerberos on loopback: it negotiates, checks and makes signatures, and lets a server of the lab behind it
//! do the rest. Everything that came over TCP is kept.

use super::acceptor::{self, Accepted, Fault};
use dnsconverge::net::unix_now;
use dnsconverge::wire::{Message, Opcode, WireName};
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
    /// After so many updates it forgets all contexts, once.
    forgets_after: Option<usize>,
    /// Updates that were let through.
    updates: usize,
    /// Contexts that were deleted by TKEY mode 5 under a right signature.
    deleted: usize,
    /// How many were negotiated.
    negotiated: usize,
    /// Everything that came over TCP.
    seen: Vec<Vec<u8>>,
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
        tokio::spawn(relay(socket, backend));
        let accepting = front.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accepting.clone().serve(stream, backend));
            }
        });
        front
    }

    /// Forgets all contexts once so many updates have gone through, as after a restart.
    pub fn forget_after(&self, updates: usize) {
        self.state.lock().unwrap().forgets_after = Some(updates);
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

    /// One connection.
    async fn serve(self, mut stream: TcpStream, backend: SocketAddr) {
        while let Ok(request) = read(&mut stream).await {
            self.state.lock().unwrap().seen.push(request.clone());
            let Some(reply) = self.answer(&request, backend).await else { return };
            write(&mut stream, &reply).await;
        }
    }

    /// The answer to one request.
    async fn answer(&self, request: &[u8], backend: SocketAddr) -> Option<Vec<u8>> {
        let now = unix_now();
        let message = Message::parse(request).ok()?;
        let fault = self.state.lock().unwrap().fault.unwrap_or(Fault::None);
        match acceptor::tkey(&message) {
            Some((name, 3, token)) => {
                let (accepted, token) = acceptor::accept(&token, fault);
                let mut state = self.state.lock().unwrap();
                state.negotiated += 1;
                state.contexts.insert(name, accepted);
                return Some(acceptor::tkey_answer(&message, &token, fault, now));
            }
            Some((name, 5, _)) => {
                let signed = acceptor::strip(&message)?;
                let mut state = self.state.lock().unwrap();
                if signed.name == name && signed.is_initiators() && state.contexts.remove(&name).is_some() {
                    state.deleted += 1;
                }
                return Some(acceptor::tkey_answer(&message, &[], Fault::None, now));
            }
            _ => {}
        }
        if message.header().opcode() != Opcode::UPDATE {
            return forward(request, backend).await;
        }
        let Some(signed) = acceptor::strip(&message) else { return Some(refused(message.header().id)) };
        {
            let mut state = self.state.lock().unwrap();
            if state.forgets_after.is_some_and(|updates| state.updates >= updates) {
                state.forgets_after = None;
                state.contexts.clear();
            }
            if !state.contexts.contains_key(&signed.name) {
                return Some(acceptor::unknown_key(&message, &signed.name, now));
            }
            assert!(signed.is_initiators(), "G4: signed by the client's side");
            state.updates += 1;
        }
        let mut reply = forward(&signed.message, backend).await?;
        acceptor::sign_reply(&mut reply, &signed.name, &signed.mac, fault, now);
        Some(reply)
    }
}

/// REFUSED, as a directory answers an update that is not signed.
fn refused(id: u16) -> Vec<u8> {
    [id, 0xA805, 0, 0, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect()
}

/// The server's answer by TCP.
async fn forward(request: &[u8], backend: SocketAddr) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(backend).await.ok()?;
    write(&mut stream, request).await;
    read(&mut stream).await.ok()
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

/// Datagrams go to the server behind and come back to whoever asked.
async fn relay(socket: UdpSocket, backend: SocketAddr) {
    let socket = Arc::new(socket);
    let mut buffer = vec![0; 65535];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let (request, socket) = (buffer[..length].to_vec(), Arc::clone(&socket));
        tokio::spawn(async move {
            let behind = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            behind.send_to(&request, backend).await.unwrap();
            let mut reply = vec![0; 65535];
            let length = behind.recv(&mut reply).await.unwrap();
            let _ = socket.send_to(&reply[..length], from).await;
        });
    }
}

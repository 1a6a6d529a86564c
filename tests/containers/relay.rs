//! A relay before a real server: what comes through it is untouched, and when it comes is the scenario's to say.
//!
//! Its threads end with the connections, and the two that wait for clients with the test binary.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::lab::Answer;

/// AXFR as a type of a question.
const AXFR: u16 = 252;
/// How long the server may take for a datagram.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often another port is tried when the one of TCP is taken for UDP.
const ATTEMPTS: usize = 64;

/// What a relay does at the moments that it knows; it may take its time.
pub(crate) trait Manner: Send + Sync + 'static {
    /// A datagram has come and is not sent on yet.
    fn datagram(&self) {}
    /// The server has begun to send a zone, so that it is fixed which, and nothing was sent on yet.
    fn begins(&self) {}
    /// So many octets of a zone were sent on; the server is read all the while.
    fn sent(&self, _octets: usize) {}
}

/// Begins to relay to port 53 of this address, until the test binary ends; gives where to.
pub(crate) fn relay(server: &str, manner: Arc<dyn Manner>) -> Answer<SocketAddr> {
    let server: SocketAddr = format!("{server}:53").parse()?;
    let (listener, socket) = sockets()?;
    let address = listener.local_addr()?;
    let own = Arc::clone(&manner);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let manner = Arc::clone(&own);
            // A connection that breaks is the business of those at its ends.
            thread::spawn(move || carry(client, server, manner).ok());
        }
    });
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            let (Ok(socket), datagram, manner) = (socket.try_clone(), buffer[..length].to_vec(), Arc::clone(&manner))
            else {
                break;
            };
            thread::spawn(move || exchange(&socket, client, server, &datagram, &*manner).ok());
        }
    });
    Ok(address)
}

/// TCP and UDP on one port.
fn sockets() -> io::Result<(TcpListener, UdpSocket)> {
    let mut failed = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..ATTEMPTS {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        match UdpSocket::bind(listener.local_addr()?) {
            Ok(socket) => return Ok((listener, socket)),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// One question and its answer.
fn exchange(
    socket: &UdpSocket,
    client: SocketAddr,
    server: SocketAddr,
    datagram: &[u8],
    manner: &dyn Manner,
) -> io::Result<()> {
    manner.datagram();
    let own = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    own.set_read_timeout(Some(PATIENCE))?;
    own.connect(server)?;
    own.send(datagram)?;
    let mut buffer = [0; 4096];
    let length = own.recv(&mut buffer)?;
    socket.send_to(&buffer[..length], client).map(drop)
}

/// One connection. The server is read as fast as it sends, whatever the client is given.
fn carry(mut client: TcpStream, server: SocketAddr, manner: Arc<dyn Manner>) -> io::Result<()> {
    let mut up = TcpStream::connect(server)?;
    let (mut from_server, mut to_client) = (up.try_clone()?, client.try_clone()?);
    let (asked, to_be_asked) = (Arc::new(AtomicBool::new(false)), channel());
    let (chunks, arrived) = to_be_asked;
    let begins = Arc::clone(&asked);
    thread::spawn(move || {
        let mut buffer = [0; 1 << 14];
        while let Ok(length @ 1..) = from_server.read(&mut buffer) {
            let chunk = (begins.swap(false, Ordering::SeqCst), buffer[..length].to_vec());
            if chunks.send(chunk).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || -> io::Result<()> {
        let mut octets = 0;
        for (is_first, chunk) in arrived {
            if is_first {
                octets = 0;
                manner.begins();
            }
            to_client.write_all(&chunk)?;
            octets += chunk.len();
            manner.sent(octets);
        }
        to_client.shutdown(Shutdown::Both)
    });
    loop {
        let mut length = [0; 2];
        if client.read_exact(&mut length).is_err() {
            return up.shutdown(Shutdown::Both);
        }
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        client.read_exact(&mut message)?;
        if type_of(&message) == Some(AXFR) {
            asked.store(true, Ordering::SeqCst);
        }
        up.write_all(&[&length[..], &message].concat())?;
    }
}

/// The type that a message asks for; the name in a question is not compressed.
fn type_of(message: &[u8]) -> Option<u16> {
    let mut rest = message.get(12..)?;
    while let [length, after @ ..] = rest
        && *length > 0
    {
        rest = after.get(usize::from(*length)..)?;
    }
    Some(u16::from_be_bytes(*rest.get(1..)?.first_chunk()?))
}

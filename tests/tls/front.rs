//! A TLS front before a name server of the lab: it ends TLS as it is told to, and passes the octets on.
//!
//! It keeps what came over the wire as it came, and counts what came without TLS: nothing ever should.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A file of the tests' certificates.
pub(crate) fn pem(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls/certificates").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A `close_notify` under keys of another connection, as its record looks on the wire: application data (RFC 8446 section 5.2).
const GOODBYE_OF_ANOTHER: &[u8] = b"\x17\x03\x03\x00\x13...................";

/// How the front ends a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// When the name server does, with `close_notify`.
    Properly,
    /// When the name server does, without.
    Cut,
    /// After so many octets of the answers, without `close_notify`.
    CutAfter(usize),
    /// After so many octets of the answers, with `close_notify`.
    ProperlyAfter(usize),
    /// With octets that are no TLS in place of the answer.
    Garbled,
}

/// How a front behaves.
pub(crate) struct FrontBuilder {
    /// The name server.
    backend: SocketAddr,
    /// The certificate that it shows.
    certificate: &'static str,
    /// The protocols that it knows.
    alpn: &'static [&'static [u8]],
    /// Whether clients must show a certificate.
    asks_who: bool,
    /// How it ends.
    end: End,
    /// How many connections begin with what belongs on another.
    mistaken: usize,
}

impl FrontBuilder {
    /// Shows this certificate.
    pub(crate) fn certificate(mut self, name: &'static str) -> Self {
        self.certificate = name;
        self
    }

    /// Knows these protocols.
    pub(crate) fn alpn(mut self, protocols: &'static [&'static [u8]]) -> Self {
        self.alpn = protocols;
        self
    }

    /// Takes only clients with a certificate of the tests' authority.
    pub(crate) fn asks_who(mut self) -> Self {
        self.asks_who = true;
        self
    }

    /// Ends so.
    pub(crate) fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// Begins that many connections with the goodbye of another one.
    pub(crate) fn mistaken(mut self, connections: usize) -> Self {
        self.mistaken = connections;
        self
    }

    /// Begins to listen, by TCP and, to see what should not come, by UDP on the same port.
    pub(crate) async fn start(self) -> Front {
        let (listener, datagrams) = sockets().await;
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let acceptor = TlsAcceptor::from(Arc::new(self.config()));
        let (backend, end, mistaken) = (self.backend, self.end, self.mistaken);
        let mut tasks = JoinSet::new();
        let junk = Arc::clone(&seen);
        tasks.spawn(async move {
            let mut buffer = [0; 512];
            while datagrams.recv_from(&mut buffer).await.is_ok() {
                junk.plain.fetch_add(1, Ordering::SeqCst);
            }
        });
        let noted = Arc::clone(&seen);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                if noted.connections.fetch_add(1, Ordering::SeqCst) < mistaken {
                    stream.write_all(GOODBYE_OF_ANOTHER).await.unwrap();
                }
                connections.spawn(serve(stream, acceptor.clone(), backend, end, Arc::clone(&noted)));
            }
        });
        Front { address, seen, _tasks: tasks }
    }

    /// The configuration for rustls; early data would be taken.
    fn config(&self) -> ServerConfig {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let builder = if self.asks_who {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(&pem("authority.pem")).unwrap()).unwrap();
            let provider = Arc::new(ring::default_provider());
            builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap(),
            )
        } else {
            builder.with_no_client_auth()
        };
        let certificate = CertificateDer::from_pem_slice(&pem(self.certificate)).unwrap();
        let key = PrivateKeyDer::from_pem_slice(&pem("server.key")).unwrap();
        let mut config = builder.with_single_cert(vec![certificate], key).unwrap();
        config.alpn_protocols = self.alpn.iter().map(|protocol| protocol.to_vec()).collect();
        config.max_early_data_size = u32::MAX;
        config
    }
}

/// What a front has seen.
#[derive(Default)]
struct Seen {
    /// TCP connections.
    connections: AtomicUsize,
    /// TLS connections that were made.
    handshakes: AtomicUsize,
    /// Datagrams, and connections that did not begin with a handshake of TLS.
    plain: AtomicUsize,
    /// Connections that brought early data.
    early: AtomicUsize,
    /// Connections that the client ended with `close_notify`.
    goodbyes: AtomicUsize,
    /// Everything that came from clients, as it came.
    wire: Mutex<Vec<u8>>,
}

/// A running front.
pub(crate) struct Front {
    /// Where it listens.
    address: SocketAddr,
    /// What it has seen.
    seen: Arc<Seen>,
    /// Its tasks.
    _tasks: JoinSet<()>,
}

impl Front {
    /// Before this name server; with a good certificate and `dot`.
    pub(crate) fn before(backend: SocketAddr) -> FrontBuilder {
        FrontBuilder {
            backend,
            certificate: "server.pem",
            alpn: &[b"dot"],
            asks_who: false,
            end: End::Properly,
            mistaken: 0,
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// TCP connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// TLS connections so far.
    pub(crate) fn handshakes(&self) -> usize {
        self.seen.handshakes.load(Ordering::SeqCst)
    }

    /// Datagrams and connections without TLS so far.
    pub(crate) fn plain(&self) -> usize {
        self.seen.plain.load(Ordering::SeqCst)
    }

    /// Connections with early data so far.
    pub(crate) fn early(&self) -> usize {
        self.seen.early.load(Ordering::SeqCst)
    }

    /// Connections that the client has ended with `close_notify` so far.
    pub(crate) fn goodbyes(&self) -> usize {
        self.seen.goodbyes.load(Ordering::SeqCst)
    }

    /// Whether these octets went over the wire as they are.
    pub(crate) fn has_seen(&self, octets: &[u8]) -> bool {
        self.seen.wire.lock().unwrap().windows(octets.len()).any(|window| window == octets)
    }
}

/// One port for both transports.
async fn sockets() -> (TcpListener, UdpSocket) {
    loop {
        let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).await.unwrap();
        if let Ok(datagrams) = UdpSocket::bind(listener.local_addr().unwrap()).await {
            return (listener, datagrams);
        }
    }
}

/// One connection from its beginning to its end.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, backend: SocketAddr, end: End, seen: Arc<Seen>) {
    // RFC 8446 section 5.1: a record of a handshake begins with 22.
    let mut first = [0];
    if stream.peek(&mut first).await.is_ok_and(|length| length == 1 && first != [22]) {
        seen.plain.fetch_add(1, Ordering::SeqCst);
        return;
    }
    let recorded = Recorded { stream, seen: Arc::clone(&seen) };
    let Ok(mut client) = acceptor.accept(recorded).await else { return };
    seen.handshakes.fetch_add(1, Ordering::SeqCst);
    if client.get_mut().1.early_data().is_some_and(|mut early| {
        let mut octets = Vec::new();
        io::Read::read_to_end(&mut early, &mut octets).is_ok() && !octets.is_empty()
    }) {
        seen.early.fetch_add(1, Ordering::SeqCst);
    }
    let Ok(mut server) = TcpStream::connect(backend).await else { return };
    let (mut question, mut answer, mut sent) = ([0; 4096], [0; 4096], 0);
    loop {
        tokio::select! {
            read = client.read(&mut question) => match read {
                Ok(length @ 1..) => {
                    if server.write_all(&question[..length]).await.is_err() {
                        return;
                    }
                }
                Ok(0) => {
                    seen.goodbyes.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                Err(_) => return,
            },
            read = server.read(&mut answer) => {
                let length = read.unwrap_or(0);
                if end == End::Garbled {
                    let _ = client.get_mut().0.stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                    let _ = client.read(&mut question).await;
                    return;
                }
                let (most, properly) = match end {
                    End::CutAfter(most) => (most, false),
                    End::ProperlyAfter(most) => (most, true),
                    End::Cut | End::Garbled => (usize::MAX, false),
                    End::Properly => (usize::MAX, true),
                };
                let now = length.min(most - sent);
                if client.write_all(&answer[..now]).await.and(client.flush().await).is_err() {
                    return;
                }
                sent += now;
                if length == 0 || sent == most {
                    if properly {
                        let _ = client.shutdown().await;
                    } else {
                        // The octets arrive, and then the stream ends under TLS, as from somebody on the way.
                        let _ = client.get_mut().0.stream.shutdown().await;
                        let _ = client.read(&mut question).await;
                    }
                    return;
                }
            },
        }
    }
}

/// A stream that keeps what it reads.
struct Recorded {
    /// The stream.
    stream: TcpStream,
    /// Where that is kept.
    seen: Arc<Seen>,
}

impl AsyncRead for Recorded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.seen.wire.lock().unwrap().extend_from_slice(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Recorded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, octets)
    }

    // An alert goes out in one write with what was queued before it, or not at all.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! Messages to the KDCs of a realm: found by configuration or in the DNS, asked one after the other.

use super::super::{Network, Peer, Query, after};
use super::ContextError;
use crate::kerberos::Config;
use crate::present::name_from_text;
use crate::wire::{Message, Rtype, Section};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

/// RFC 4120 section 7.2.2: the port of Kerberos.
const KERBEROS_PORT: u16 = 88;
/// No KDC sends a longer message; Windows' largest tickets have 48,000 octets.
const MAX_MESSAGE: usize = 128 * 1024;
/// RFC 4120 section 7.5.9: `KDC_ERR_SVC_UNAVAILABLE`.
const UNAVAILABLE: [u8; 5] = [0xA6, 0x03, 0x02, 0x01, 29];
/// RFC 4120 section 7.5.9: `KRB_ERR_RESPONSE_TOO_BIG`.
const TOO_BIG: [u8; 5] = [0xA6, 0x03, 0x02, 0x01, 52];
/// How long a datagram is waited for before TCP is tried.
const UDP_PATIENCE: Duration = Duration::from_secs(1);
/// How many KDCs of a realm are tried.
const MAX_KDCS: usize = 16;

/// Who can be asked.
pub(super) struct Kdcs<'k> {
    /// How the DNS is asked.
    pub(super) network: &'k Network,
    /// What is written about realms.
    pub(super) config: &'k Config,
    /// The DNS server that is to be updated, which in a directory is an authority for the domain named as the realm. It is
    /// asked where neither the configuration nor the system's resolvers say anything; none where it may not choose the KDC.
    pub(super) peer: Option<&'k Peer>,
    /// When all of it must be over.
    pub(super) deadline: Instant,
}

/// A KDC: host and port.
type Kdc = (String, u16);

impl<'k> Kdcs<'k> {
    /// For logging in with a secret: what a KDC is sent for that (PA-ENC-TIMESTAMP) is made with the key of the account, so
    /// that whoever gets it can try passwords on it at leisure. So nobody may name a KDC whom the person does not trust with
    /// names anyhow, the DNS server that is only to be updated least of all. Nothing like that is in the messages by which a
    /// ticket is shown: they are made with random keys.
    pub(super) fn for_secret(&self) -> Kdcs<'k> {
        Kdcs { network: self.network, config: self.config, peer: None, deadline: self.deadline }
    }

    /// Sends a message to the realm's KDCs, one after the other, until one answers.
    ///
    /// # Cancel safety
    /// Safe: a ticket that nobody has read is of no use to anyone.
    pub(super) async fn ask(&self, realm: &str, message: &[u8]) -> Result<Vec<u8>, ContextError> {
        let kdcs = self.find(realm).await?;
        let mut why = String::new();
        for (left, (host, port)) in (1..=u32::try_from(kdcs.len()).unwrap_or(1)).rev().zip(&kdcs) {
            let begun = Instant::now();
            let until = begun + self.deadline.saturating_duration_since(begun) / left;
            let addresses = match timeout_at(until, self.addresses(host, *port)).await {
                Ok(Ok(addresses)) => addresses,
                Ok(Err(error)) => {
                    why = format!("{host}: {error}");
                    continue;
                }
                Err(_) => {
                    why = format!("{host}: its address was not found in time");
                    continue;
                }
            };
            for address in addresses {
                match self.ask_one(address, message, until).await {
                    Ok(reply) if !contains(&reply, UNAVAILABLE) => return Ok(reply),
                    Ok(_) => why = format!("{host} ({address}) says that it is not available"),
                    Err(error) => why = format!("{host} ({address}): {error}"),
                }
            }
        }
        Err(ContextError::KdcSilent { realm: realm.to_owned(), why })
    }

    /// The realm's KDCs.
    async fn find(&self, realm: &str) -> Result<Vec<Kdc>, ContextError> {
        let written = self.config.kdcs(realm).iter().map(|kdc| split(kdc));
        let mut kdcs: Vec<Kdc> = written.take(MAX_KDCS).collect();
        let mut why = String::new();
        if kdcs.is_empty() && !self.config.no_dns_lookup {
            match self.look_up(realm).await {
                Ok(found) => kdcs = found,
                Err(error) => why = error,
            }
        }
        if kdcs.is_empty() { Err(ContextError::NoKdc { realm: realm.to_owned(), why }) } else { Ok(kdcs) }
    }

    /// RFC 4120 section 7.2.3.2: the DNS knows KDCs by SRV records. Nobody vouches for them; who answers in their place
    /// cannot make a ticket that the DNS server accepts.
    async fn look_up(&self, realm: &str) -> Result<Vec<Kdc>, String> {
        let name = name_from_text(&format!("_kerberos._tcp.{realm}.")).map_err(|error| error.to_string())?;
        let query = Query::new(name, Rtype::SRV);
        let resolvers =
            self.config.resolvers.iter().map(|address| (Peer::plain(*address), query.clone().of_resolver()));
        let servers: Vec<_> = resolvers.chain(self.peer.map(|peer| (peer.clone(), query.clone()))).collect();
        let mut why = String::new();
        for (left, (server, query)) in (1..=u32::try_from(servers.len()).unwrap_or(1)).rev().zip(&servers) {
            let begun = Instant::now();
            let until = begun + self.deadline.saturating_duration_since(begun) / (left + 1);
            match timeout_at(until, self.look_up_at(server, query)).await {
                Ok(Ok(found)) if !found.is_empty() => return Ok(found),
                Ok(Ok(_)) => why = format!("{server} has none"),
                Ok(Err(error)) => why = error,
                Err(_) => why = format!("{server} did not answer in time"),
            }
        }
        if self.config.resolvers.is_empty() { self.look_up_domain(realm).await.map_err(|_| why) } else { Err(why) }
    }

    /// Where the system's resolvers are not known they can still be asked for addresses: in a directory, the domain's name has
    /// those of all its controllers, and each is a KDC.
    async fn look_up_domain(&self, realm: &str) -> io::Result<Vec<Kdc>> {
        let domain = realm.to_ascii_lowercase();
        let found = timeout_at(self.deadline, tokio::net::lookup_host((domain.as_str(), KERBEROS_PORT))).await??;
        Ok(found.take(MAX_KDCS).map(|address| (address.ip().to_string(), KERBEROS_PORT)).collect())
    }

    /// One DNS server's answer.
    async fn look_up_at(&self, server: &Peer, query: &Query) -> Result<Vec<Kdc>, String> {
        let answer = self.network.query(server, query, None).await.map_err(|error| error.to_string())?;
        let message = Message::parse(&answer.octets).map_err(|error| error.to_string())?;
        let mut found = Vec::new();
        for record in message.section(Section::Answer).filter(|record| record.rtype() == Rtype::SRV).take(MAX_KDCS) {
            let mut rdata = record.rdata();
            let (Ok(priority), Ok(weight), Ok(port), Ok(target)) =
                (rdata.u16(), rdata.u16(), rdata.u16(), rdata.name())
            else {
                continue;
            };
            // RFC 2782: "A Target of '.' means that the service is decidedly not available at this domain."
            let target = target.to_name();
            if !target.is_root() {
                found.push((priority, std::cmp::Reverse(weight), (target.to_ascii(), port)));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, _, kdc)| kdc).collect())
    }

    /// The addresses of a host: the system's resolver knows, or else the DNS server does, if it may be asked.
    async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let bare = host.trim_end_matches('.');
        let failed = match tokio::net::lookup_host((bare, port)).await {
            Ok(found) => return Ok(found.take(MAX_KDCS).collect()),
            Err(error) => error,
        };
        let (Ok(name), Some(peer)) = (name_from_text(&format!("{bare}.")), self.peer) else { return Err(failed) };
        let Ok(answer) = self.network.query(peer, &Query::new(name, Rtype::A), None).await else {
            return Err(failed);
        };
        let Ok(message) = Message::parse(&answer.octets) else { return Err(failed) };
        let of_host = message.section(Section::Answer).filter(|record| record.rtype() == Rtype::A);
        let four = of_host.filter_map(|record| <[u8; 4]>::try_from(record.rdata_octets()).ok());
        let found: Vec<_> = four.map(|four| SocketAddr::new(IpAddr::from(four), port)).take(MAX_KDCS).collect();
        if found.is_empty() { Err(failed) } else { Ok(found) }
    }

    /// One KDC: TCP, which no answer is too big for; or a datagram first, where the configuration wants it.
    async fn ask_one(&self, address: SocketAddr, message: &[u8], until: Instant) -> io::Result<Vec<u8>> {
        if message.len() <= self.config.udp_preference_limit {
            let patience = until.min(after(Instant::now(), UDP_PATIENCE));
            match timeout_at(patience, by_udp(self.network, address, message)).await {
                Ok(Ok(reply)) if !contains(&reply, TOO_BIG) => return Ok(reply),
                _ => {}
            }
        }
        match timeout_at(until, by_tcp(self.network, address, message)).await {
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                // A KDC without TCP; whether its answer fits it will say itself.
                timeout_at(until, by_udp(self.network, address, message)).await.unwrap_or(Err(error))
            }
            Ok(result) => result,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// RFC 4120 section 7.2.2: four octets of length, then the message.
async fn by_tcp(network: &Network, address: SocketAddr, message: &[u8]) -> io::Result<Vec<u8>> {
    let local = SocketAddr::new(network.local_address(address).ip(), 0);
    let socket = if address.is_ipv4() { tokio::net::TcpSocket::new_v4() } else { tokio::net::TcpSocket::new_v6() }?;
    if !local.ip().is_unspecified() {
        socket.bind(local)?;
    }
    let mut stream: TcpStream = socket.connect(address).await?;
    let length = u32::try_from(message.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    stream.write_all(&[&length.to_be_bytes(), message].concat()).await?;
    let length = stream.read_u32().await?;
    let length = usize::try_from(length).ok().filter(|length| *length <= MAX_MESSAGE);
    let mut reply = vec![0; length.ok_or(io::Error::from(io::ErrorKind::InvalidData))?];
    stream.read_exact(&mut reply).await?;
    Ok(reply)
}

/// RFC 4120 section 7.2.1: one datagram each way.
async fn by_udp(network: &Network, address: SocketAddr, message: &[u8]) -> io::Result<Vec<u8>> {
    let socket = UdpSocket::bind(SocketAddr::new(network.local_address(address).ip(), 0)).await?;
    socket.connect(address).await?;
    socket.send(message).await?;
    let mut reply = vec![0; usize::from(u16::MAX)];
    let length = socket.recv(&mut reply).await?;
    reply.truncate(length);
    Ok(reply)
}

/// Whether a KRB-ERROR holds this error code: only a way to choose another KDC or transport, never a result.
fn contains(reply: &[u8], code: [u8; 5]) -> bool {
    reply.first() == Some(&0x7E) && reply.windows(code.len()).any(|window| window == code.as_slice())
}

/// `host`, `host:port` or `[v6]:port`.
fn split(kdc: &str) -> Kdc {
    if let Some((host, rest)) = kdc.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let port = rest.strip_prefix(':').and_then(|port| port.parse().ok());
        return (host.to_owned(), port.unwrap_or(KERBEROS_PORT));
    }
    match kdc.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) if !host.contains(':') => (host.to_owned(), port),
        _ => (kdc.to_owned(), KERBEROS_PORT),
    }
}

#[cfg(test)]
mod tests {
    use super::{TOO_BIG, contains, split};

    #[test]
    fn every_spelling_of_a_kdc() {
        for (text, host, port) in [
            ("dc1.corp.test", "dc1.corp.test", 88),
            ("dc1.corp.test:750", "dc1.corp.test", 750),
            ("192.0.2.1", "192.0.2.1", 88),
            ("[2001:db8::1]:750", "2001:db8::1", 750),
            ("2001:db8::1", "2001:db8::1", 88),
        ] {
            assert_eq!(split(text), (host.to_owned(), port), "{text}");
        }
    }

    #[test]
    fn an_error_is_recognised_by_its_code() {
        assert!(contains(&[0x7E, 9, 0xA6, 3, 2, 1, 52], TOO_BIG));
        assert!(!contains(&[0x7E, 9, 0xA6, 3, 2, 1, 25], TOO_BIG));
        assert!(!contains(&[0x6B, 9, 0xA6, 3, 2, 1, 52], TOO_BIG));
    }
}

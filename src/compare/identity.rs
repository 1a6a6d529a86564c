//! What servers call themselves (NSID): sides with one name may be one server, which always agrees with itself (V9).
//!
//! That is told and decides nothing: nodes of a pool may share a name, and nobody vouches for it.

use super::server::SoaSeen;
use super::side::Endpoint;
use super::snapshot::Pulled;

/// What a server called itself before it was read and after, each name once: behind one address there may be two.
pub(super) fn of(seen: [SoaSeen; 2]) -> Vec<String> {
    let mut identities: Vec<String> = seen.into_iter().filter_map(|seen| seen.identity).collect();
    identities.dedup();
    identities
}

/// What is told of the sides that call themselves as one before them does.
///
/// The addresses of a server that the person gave by one name are meant to be one server, unless nothing else is compared.
pub(super) fn shared(all: &[&Endpoint], sides: &[Pulled]) -> Vec<String> {
    let is_one_name = all.windows(2).all(|pair| matches!(pair, [one, other] if one.name.side == other.name.side));
    let mut known: Vec<(&Endpoint, &[String])> = Vec::new();
    let mut told = Vec::new();
    for (endpoint, side) in all.iter().zip(sides) {
        let Ok(snapshot) = side else { continue };
        let mut others = known.iter().filter(|(other, _)| is_one_name || other.name.side != endpoint.name.side);
        let of_both = |(other, theirs): &(&Endpoint, &[String])| {
            let identity = snapshot.identities.iter().find(|identity| theirs.contains(identity))?;
            Some((other.name.label(), identity))
        };
        if let Some((other, identity)) = others.find_map(of_both) {
            let label = endpoint.name.label();
            told.push(format!(
                "{label}: it calls itself {identity}, as {other} does: if this is one server under two addresses, that \
                 both hold the same proves nothing"
            ));
        }
        known.push((endpoint, &snapshot.identities));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::shared;
    use crate::compare::side::{Endpoint, Side};
    use crate::compare::snapshot::{Pulled, Snapshot};
    use crate::net::{Network, Server};
    use crate::serial::Serial;
    use crate::xfr::Notes;
    use std::net::SocketAddr;

    /// What is told of sides that the person gave by these names, and that call themselves so.
    async fn told(sides: &[(&str, &[&str])]) -> Vec<String> {
        let (mut endpoints, mut pulled) = (Vec::<Endpoint>::new(), Vec::<Pulled>::new());
        for (number, (side, identities)) in (1..).zip(sides) {
            let server = Side::from(Server::at(SocketAddr::from(([192, 0, 2, number], 53))));
            let mut endpoint = Endpoint::of(&server, &Network::new()).await.unwrap().remove(0);
            (*side).clone_into(&mut endpoint.name.side);
            endpoints.push(endpoint);
            pulled.push(Ok(Snapshot {
                serial: Serial(7),
                notes: Notes::default(),
                identities: identities.iter().map(|identity| (*identity).to_owned()).collect(),
                transport: "tcp",
                remarks: Vec::new(),
                basis: None,
                digested: Box::default(),
                sent: None,
                since: None,
            }));
        }
        shared(&endpoints.iter().collect::<Vec<_>>(), &pulled)
    }

    #[tokio::test]
    async fn v9_nodes_behind_one_address_are_each_known() {
        let notes = told(&[("ns1", &["a", "b"]), ("ns2", &["c"]), ("ns3", &["d", "b"])]).await;
        let [note] = &notes[..] else { panic!("{notes:?}") };
        assert!(
            note.contains("192.0.2.3") && note.contains("calls itself b, as") && note.contains("192.0.2.1"),
            "{note}"
        );
        assert!(
            told(&[("ns1", &[]), ("ns2", &[]), ("ns3", &["a"])]).await.is_empty(),
            "without names nothing is known"
        );
    }

    #[tokio::test]
    async fn v9_the_addresses_of_one_server_are_told_where_nothing_else_is_compared() {
        assert!(told(&[("ns1", &["a"]), ("ns1", &["a"]), ("ns2", &["b"]), ("ns2", &["b"])]).await.is_empty());
        assert_eq!(told(&[("ns1", &["a"]), ("ns1", &["a"])]).await.len(), 1);
    }
}

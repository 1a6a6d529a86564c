//! What yields the records of a zone, and how it is pulled.
//!
//! Every side covers the whole zone. One more kind of side is one more variant of [`Side`] and of `Source`, and what
//! [`Endpoint`] does with it.

use super::server::ServerSource;
use super::snapshot::{Shown, SideError, Snapshot, Terms};
use super::stream::Outlet;
use super::{CompareError, file};
use crate::diff::{DiffError, MAX_SIDES};
use crate::fs::ZoneFile;
use crate::net::{Network, Server};
use crate::report::SideName;
use crate::serial::Serial;

/// Something that yields the records of a zone.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Side {
    /// A server that is asked for the zone by AXFR, at every address that it has.
    Server(Box<Server>),
    /// A zone file, or standard input that holds one.
    File(Box<ZoneFile>),
}

impl From<Server> for Side {
    fn from(server: Server) -> Self {
        Self::Server(Box::new(server))
    }
}

impl From<ZoneFile> for Side {
    fn from(file: ZoneFile) -> Self {
        Self::File(Box::new(file))
    }
}

impl Side {
    /// As the person gave it.
    fn given(&self) -> String {
        match self {
            Self::Server(server) => server.address().to_string(),
            Self::File(file) => file.name(),
        }
    }

    /// Everything of it that is pulled by itself.
    async fn sources(&self, network: &Network) -> Result<Vec<Source>, CompareError> {
        match self {
            Self::Server(server) => {
                let failed = |source| CompareError::Resolve { server: self.given(), source };
                let addresses = network.addresses_of(server).await.map_err(failed)?;
                Ok(addresses.into_iter().map(|address| Source::Server(ServerSource::new(server, address))).collect())
            }
            Self::File(file) => Ok(vec![Source::File(file.clone())]),
        }
    }
}

/// One thing that is pulled.
#[derive(Debug, Clone)]
enum Source {
    /// A server at one of its addresses.
    Server(ServerSource),
    /// A file.
    File(Box<ZoneFile>),
}

impl Source {
    /// Whether both are one and the same, so that they always agree (V9).
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Server(one), Self::Server(other)) => one.is_same(other),
            (Self::File(one), Self::File(other)) => one.is_same(other),
            (Self::Server(_), Self::File(_)) | (Self::File(_), Self::Server(_)) => false,
        }
    }

    /// Its name, as the person gave it.
    fn name(&self, side: String) -> SideName {
        match self {
            Self::Server(server) => {
                SideName { side, address: Some(server.address()), authenticated_by: server.authenticated_by() }
            }
            Self::File(_) => SideName { side, address: None, authenticated_by: None },
        }
    }
}

/// One thing that is pulled, with its name.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    /// Who it is.
    pub(super) name: SideName,
    /// Where its records come from.
    source: Source,
}

/// # What a side is made of
impl Endpoint {
    /// Everything of a side that is pulled by itself.
    pub(super) async fn of(side: &Side, network: &Network) -> Result<Vec<Self>, CompareError> {
        let sources = side.sources(network).await?;
        Ok(sources.into_iter().map(|source| Self { name: source.name(side.given()), source }).collect())
    }
}

/// # Reading
impl Endpoint {
    /// Reads the zone while it stands still; the records go out as they come, and are worth nothing if this fails.
    pub(super) async fn pull(&self, terms: &Terms, outlet: &mut Outlet) -> Result<Snapshot, SideError> {
        match &self.source {
            Source::Server(server) => server.pull(terms, outlet).await,
            Source::File(file) => file::pull(file, terms, outlet).await,
        }
    }

    /// The server that can be asked, if it is one.
    pub(super) fn server(&self) -> Option<&ServerSource> {
        match &self.source {
            Source::Server(server) => Some(server),
            Source::File(_) => None,
        }
    }

    /// Whether its SOA is still the one that it has shown; what sends no octets is read by its records alone.
    pub(super) async fn stands(&self, terms: &Terms, shown: &Shown) -> Result<bool, SideError> {
        match &self.source {
            Source::Server(server) => server.stands(terms, shown).await,
            Source::File(_) => Ok(false),
        }
    }

    /// Whether it sends the very same zone again; `each` is given the records and octets that come, now and then.
    pub(super) async fn sends_again(
        &self,
        terms: &Terms,
        shown: &Shown,
        each: &mut (dyn FnMut(u16, usize) + Send),
    ) -> Result<bool, SideError> {
        match &self.source {
            Source::Server(server) => server.sends_again(terms, shown, each).await,
            Source::File(_) => Ok(false),
        }
    }

    /// Its serial now; `None` if it does not say, or cannot move.
    pub(super) async fn serial_now(&self, terms: &Terms) -> Option<Serial> {
        match &self.source {
            Source::Server(server) => server.serial_now(terms).await,
            Source::File(_) => None,
        }
    }
}

/// All sides: the base, and at least one target.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    /// What the others are compared with.
    base: Endpoint,
    /// The others.
    targets: Vec<Endpoint>,
}

impl Endpoints {
    /// Everything that these sides have to be pulled.
    pub(super) async fn of(sides: &[Side], network: &Network) -> Result<Self, CompareError> {
        let mut found: Vec<Endpoint> = Vec::new();
        for side in sides {
            for endpoint in Endpoint::of(side, network).await? {
                if let Some(same) = found.iter().find(|same| same.source.is_same(&endpoint.source)) {
                    return Err(CompareError::Twice {
                        one: same.name.side.clone(),
                        other: side.given(),
                        label: same.name.label(),
                    });
                }
                found.push(endpoint);
            }
        }
        if found.len() > MAX_SIDES {
            return Err(DiffError::TooManySides.into());
        }
        let mut found = found.into_iter();
        let base = found.next().ok_or(CompareError::OneSide)?;
        let targets: Vec<Endpoint> = found.collect();
        if targets.is_empty() { Err(CompareError::OneSide) } else { Ok(Self { base, targets }) }
    }

    /// The base, then the targets.
    pub(super) fn all(&self) -> impl Iterator<Item = &Endpoint> {
        std::iter::once(&self.base).chain(&self.targets)
    }

    /// Their names in the same order.
    pub(super) fn names(&self) -> Vec<SideName> {
        self.all().map(|endpoint| endpoint.name.clone()).collect()
    }
}

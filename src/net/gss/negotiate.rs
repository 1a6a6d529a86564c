//! From an account to a context: tickets from the KDCs, then the negotiation with the DNS server over one connection.

use super::super::stream::{connect, send};
use super::super::{ExchangeError, Network, Peer};
use super::kdc::Kdcs;
use super::{ContextError, KerberosLogin, now, random};
use crate::gss::{Account, Context, Login, Negotiation, NegotiationError, Next};
use crate::kerberos::{Credential, InitialExchange, KerberosError, Principal, ServiceExchange, Step};
use crate::wire::Message;
use std::io;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout_at};

/// How many questions one exchange with KDCs may take: proof and referrals have limits of their own.
const MAX_QUESTIONS: usize = 16;

/// A ticket for this service.
///
/// Whoever logs in first does it for all that share the login; the others wait for that, and take what came of it.
pub(super) async fn ticket(
    login: &KerberosLogin,
    service: &Principal,
    kdcs: &Kdcs<'_>,
) -> Result<Credential, ContextError> {
    let account = login.account();
    let granting = {
        let mut state = login.state().lock().await;
        if let Some(refused) = &state.refused {
            return Err(refused.clone().into());
        }
        match &state.granting {
            Some(credential) if credential.require_valid(now()).is_ok() => credential.clone(),
            _ => {
                let made = granting(account, kdcs).await;
                if let Err(ContextError::Kerberos(refused)) = &made {
                    // A cache may hold nothing but the ticket that is wanted.
                    if let Some(credential) = in_cache(account, service) {
                        return Ok(credential);
                    }
                    state.refused = Some(refused.clone());
                }
                state.granting.insert(made?).clone()
            }
        }
    };
    let mut exchange = ServiceExchange::new(granting, service.clone(), &account.service_etypes()?);
    let first = exchange.begin(now(), &random())?;
    exchange_with(kdcs, first, |reply| exchange.answer(reply, now(), &random())).await
}

/// The ticket-granting ticket.
async fn granting(account: &Account, kdcs: &Kdcs<'_>) -> Result<Credential, ContextError> {
    match account.login() {
        Login::Secret(secret) => {
            let principal = account.principal().clone();
            let mut exchange = InitialExchange::new(principal, secret.clone(), &account.login_etypes()?)?;
            let first = exchange.begin(now(), &random());
            exchange_with(&kdcs.for_secret(), first, |reply| exchange.answer(reply, now(), &random())).await
        }
        Login::Cache(cache) => Ok(cache.granting(now())?.clone()),
    }
}

/// The ticket for the service itself, if a cache holds it.
fn in_cache(account: &Account, service: &Principal) -> Option<Credential> {
    match account.login() {
        Login::Cache(cache) => cache.service(service, now()).cloned(),
        Login::Secret(_) => None,
    }
}

/// Asks until the exchange is over.
async fn exchange_with(
    kdcs: &Kdcs<'_>,
    first: Step<Credential>,
    mut answer: impl FnMut(&[u8]) -> Result<Step<Credential>, KerberosError>,
) -> Result<Credential, ContextError> {
    let mut step = first;
    for _ in 0..MAX_QUESTIONS {
        step = match step {
            Step::Done(credential) => return Ok(credential),
            Step::Ask { realm, message } => answer(&kdcs.ask(&realm, &message).await?)?,
        };
    }
    Err(KerberosError::NotOurs { what: "end" }.into())
}

/// Negotiates a context with this server, before the deadline.
pub(super) async fn negotiate(
    network: &Network,
    account: &Account,
    peer: &Peer,
    credential: &Credential,
    deadline: Instant,
) -> Result<Arc<Context>, ContextError> {
    let server = peer.address();
    let refused = |source| ContextError::Negotiation { server, source };
    let begun = Instant::now();
    let unique: [u8; 16] = rand::random();
    let opened = Negotiation::begin(account, credential, rand::random(), now(), (&random(), &unique));
    let (mut message, mut negotiation) = opened.map_err(refused)?;
    let mut stream = connect(network.local_address(server), peer, deadline).await?;
    let transport = peer.stream_transport();
    // What to say if nothing better than what was not believed comes.
    let mut doubt: Option<NegotiationError> = None;
    loop {
        let both = async {
            if !message.is_empty() {
                send(&mut stream, &message).await?;
            }
            let length = stream.read_u16().await?;
            let mut reply = vec![0; usize::from(length)];
            stream.read_exact(&mut reply).await?;
            Ok::<_, io::Error>(reply)
        };
        let reply = match timeout_at(deadline, both).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(source)) => {
                return Err(doubt.map_or(ExchangeError::Closed { server, transport, source }.into(), refused));
            }
            Err(_) => {
                let silence = ExchangeError::Timeout { server, transport, within: begun.elapsed(), junk: 0 };
                return Err(doubt.map_or(silence.into(), refused));
            }
        };
        let parsed = Message::parse(&reply).map_err(|source| ExchangeError::Malformed { server, source })?;
        match negotiation.answer(&parsed, rand::random(), now()).map_err(refused)? {
            Next::Done(context) => {
                stream.close().await;
                return Ok(context);
            }
            Next::Send(next) => message = next,
            Next::Wait(why) => {
                message = Vec::new();
                doubt = Some(why);
            }
        }
    }
}

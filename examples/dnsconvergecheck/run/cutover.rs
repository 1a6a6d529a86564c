//! `cutover`, and the clock at the end of a check.

use super::{nothing_told, require_own_address, sockets};
use crate::args::{ClockArguments, CutoverArguments, Format, NetworkArguments, Target};
use crate::kerberos;
use crate::keys::Keys;
use crate::name::ZoneName;
use crate::stop::{self, Stop};
use crate::terminal::{Output, Terminal};
use anyhow::bail;
use dnsconverge::SwitchOff;
use dnsconverge::cutover::Readiness;
use std::rc::Rc;

/// `cutover`: exit status 0 says that the old server can go, 1 that it is needed, 2 that it cannot be told.
///
/// # Errors
/// A key cannot be read, a server has no address, or the result cannot be written.
pub(crate) async fn cutover(arguments: CutoverArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let format = arguments.output.format;
    ask(arguments, terminal).await.map_err(|error| nothing_told(format, error))
}

/// Asks, and writes the answer.
async fn ask(arguments: CutoverArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    require_own_address(&arguments.network).await?;
    let account = kerberos::account(&arguments.kerberos, terminal)?;
    let keys = Keys::read(&arguments.keys, terminal)?.with_query_account(account);
    let keys = keys.with_own(arguments.servers(), (&arguments.keys, &arguments.network), terminal)?;
    let stop = Stop::listen(terminal, stop::NOTHING_WRITTEN)?;
    let mut question =
        clock(&arguments.zone, &keys, &arguments.old, arguments.stay(), &arguments.clock, &arguments.network);
    if let Some(lag) = arguments.lag {
        question = question.lag(lag.0);
    }
    let clock = tokio::select! {
        clock = question.ask() => clock?,
        () = stop.requested() => bail!("stopped before it was told"),
    };
    let mut output = Output::default();
    match arguments.output.format {
        Format::Text => output.write(&clock.to_string()),
        Format::Json => output.write(&format!("{}\n", serde_json::to_string(&clock)?)),
    }
    if let Some(error) = output.failure() {
        bail!("the result cannot be written: {error}");
    }
    Ok(match clock.readiness {
        Readiness::Now => 0,
        Readiness::Later | Readiness::StillNamed => 1,
        Readiness::Unknown => crate::COULD_NOT_TELL,
    })
}

/// The question, in terms of the library. A key for the servers of the zone is not shown to the parent's.
pub(super) fn clock<'a>(
    zone: &ZoneName,
    keys: &Keys,
    old: &Target,
    new: impl Iterator<Item = &'a Target>,
    clock: &ClockArguments,
    network: &NetworkArguments,
) -> SwitchOff {
    let new = new.map(|server| keys.destination(network.with_port(server)));
    let old = keys.source(network.with_port(old));
    let mut question = SwitchOff::new(&zone.0, old, new).port(network.plain_port()).network(sockets(network));
    for parent in &clock.parent {
        question = question.parent(keys.other(network.with_port(parent)));
    }
    if let Some(seconds) = clock.ttl_before {
        question = question.ttl_before(seconds);
    }
    match clock.changed {
        Some(ago) => question.changed(ago.0),
        None => question,
    }
}

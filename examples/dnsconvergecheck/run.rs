//! The verbs, in terms of the library.

use crate::args::{CheckArguments, DemoArguments, DiffArguments, SubjectArguments, SweepArguments};
use crate::keys::{self, Keys};
use crate::name::ZoneName;
use crate::stop::Stop;
use crate::terminal::Terminal;
use crate::zones;
use anyhow::bail;
use std::rc::Rc;

/// The zones of the command line.
fn subjects(arguments: &SubjectArguments) -> anyhow::Result<Vec<ZoneName>> {
    match (&arguments.zone, &arguments.zones) {
        (_, Some(list)) => zones::read(list),
        (Some(zone), None) => Ok(vec![zone.clone()]),
        (None, None) => bail!("no zone was named"),
    }
}

/// `check`.
pub(crate) async fn check(arguments: CheckArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let zones = subjects(&arguments.subject)?;
    let keys = Keys::read(&arguments.keys, arguments.source_update_key.as_deref(), terminal)?;
    if !keys.sign_updates() && !arguments.unsigned && !arguments.dry_run {
        bail!(
            "a check writes a probe into the zone, and there is no key to sign the update with: name one with -k FILE, \
             or say --unsigned if the server accepts updates by address, or compare without writing: \
             dnsconvergecheck diff SOURCE DESTINATION ZONE"
        );
    }
    let _stop = Stop::listen(terminal)?;
    bail!("not yet: {zones:?}")
}

/// `diff`.
pub(crate) async fn diff(arguments: DiffArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let zones = subjects(&arguments.subject)?;
    let _keys = Keys::read(&arguments.keys, None, terminal)?;
    bail!("not yet: {zones:?}")
}

/// `sweep`.
pub(crate) async fn sweep(arguments: SweepArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let _key = keys::for_all(arguments.key_file.as_deref(), arguments.key_text.as_ref(), terminal)?;
    bail!("not yet")
}

/// `demo`.
pub(crate) async fn demo(_arguments: DemoArguments, _terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    bail!("not yet")
}

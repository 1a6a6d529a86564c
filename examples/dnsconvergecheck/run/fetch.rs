//! `fetch`: the zone of one side as a canonical zone file.

use super::diff::{configured, explain};
use super::{require_own_address, sockets};
use crate::args::{ChosenSide, FetchArguments};
use crate::kerberos;
use crate::keys::Keys;
use crate::live::{Progress, plain};
use crate::stop::{self, Stop};
use crate::terminal::Terminal;
use anyhow::{Context, anyhow};
use dnsconverge::compare::{Fetch, FetchError, Side};
use dnsconverge::fs::{ZoneFile, write_whole};
use dnsconverge::net::unix_now;
use dnsconverge::report::ZonemdStatus;
use std::io::{self, Write};
use std::rc::Rc;

/// `fetch`.
///
/// # Errors
/// Nothing was fetched, or it cannot be written: then the file is as it was.
pub(crate) async fn fetch(arguments: FetchArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let servers = arguments.side.server().into_iter();
    require_own_address(&arguments.network).await?;
    let account = kerberos::account(&arguments.kerberos, terminal)?;
    let keys = Keys::read(&arguments.keys, terminal)?.with_query_account(account);
    let keys = keys.with_own(servers, (&arguments.keys, &arguments.network), terminal)?;
    if let Some(ambiguity) = arguments.side.ambiguity() {
        terminal.step(&format!("note: {}", plain(&ambiguity)));
    }
    let side: Side = match arguments.side.chosen() {
        ChosenSide::Server(target) => keys.source(arguments.network.with_port(target)).into(),
        ChosenSide::File(path) => configured(ZoneFile::at(path), &arguments.files).into(),
        ChosenSide::StandardInput => configured(ZoneFile::standard_input(), &arguments.files).into(),
    };
    let stop = Stop::listen(terminal, stop::NOTHING_WRITTEN)?;
    let fetch = Fetch::new(&arguments.zone.0, side).network(sockets(&arguments.network));
    let fetch = fetch.memory(arguments.memory.for_each_of(1));
    let progress = Progress::new(terminal, String::new());
    let fetched =
        fetch.run_until(stop.requested(), |event| progress.event(event)).await.map_err(|error| match error {
            FetchError::Side(error) => explain(error),
            FetchError::Unread { side, why } if why.contains(&side) => anyhow!(why),
            other => other.into(),
        })?;
    drop(progress);
    let now = unix_now();
    if arguments.output.as_os_str() == "-" {
        let mut out = io::BufWriter::new(io::stdout().lock());
        fetched.write(now, &mut out).and_then(|()| out.flush()).context("standard output cannot be written")?;
    } else {
        let place = arguments.output.display();
        write_whole(&arguments.output, |out| fetched.write(now, out))
            .with_context(|| format!("{place} cannot be written, and is as it was"))?;
    }
    let header = fetched.header();
    let said = fetched.zonemd().and_then(ZonemdStatus::said).map(|said| format!(", {said}")).unwrap_or_default();
    terminal.step(&format!("fetched {} records, serial {}{said}", header.records, header.serial));
    match fetched.finding() {
        Some(finding) => {
            terminal.error(&plain(finding));
            Ok(1)
        }
        None => Ok(0),
    }
}

//! `sweep`: what earlier runs left behind is listed and taken back. Standard output has one line a probe.

use crate::args::{Format, SweepArguments};
use crate::kerberos;
use crate::keys;
use crate::run::{nothing_told, require_own_address, sockets};
use crate::stop::{self, Stop};
use crate::terminal::{Output, Terminal};
use dnsconverge::fs::default_journal_directory;
use dnsconverge::net::KerberosLogin;
use dnsconverge::net::Server;
use dnsconverge::present::one_line;
use dnsconverge::sweep::{Sweep, SweepError, SweepReport, Swept};
use dnsconverge::tsig::TsigKey;
use std::rc::Rc;

/// `sweep`.
///
/// # Errors
/// Nothing was deleted: a wrong key or none, a journal or a zone that cannot be read.
pub(crate) async fn sweep(arguments: SweepArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let format = arguments.output.format;
    perform(arguments, terminal).await.map_err(|error| nothing_told(format, error))
}

/// Sweeps, and writes what became of each.
async fn perform(arguments: SweepArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    require_own_address(&arguments.network).await?;
    let weak = keys::weak(arguments.allow_weak_keys);
    let key = keys::for_all(arguments.key_file.as_deref(), arguments.key_text.as_ref(), weak, terminal)?;
    let update_key = keys::for_updates("--source-update-key", arguments.source_update_key.as_deref(), weak, terminal)?;
    let stop = Stop::listen(terminal, stop::PROBE_MAY_BE_LEFT)?;
    let account = kerberos::account(&arguments.kerberos, terminal)?;
    let sweep = prepare(&arguments, (key, update_key, account), terminal)?;
    let searches_a_zone = arguments.server.is_some();
    if searches_a_zone && !arguments.dry_run {
        // What is of other runs is shown before it goes.
        let list = sweep.clone().list_only();
        list.run_until(stop.clone().requested(), |probe| terminal.step(&probe.to_string())).await.map_err(explain)?;
    }
    let sweep = if arguments.dry_run { sweep.list_only() } else { sweep };
    let mut output = Output::default();
    let as_text = arguments.output.format == Format::Text;
    let report = sweep.run_until(stop.requested(), |probe| {
        if as_text {
            output.write(&format!("{probe}\n"));
        }
    });
    let report = report.await.map_err(explain)?;
    if !as_text {
        output.write(&format!("{}\n", serde_json::to_string(&report)?));
    }
    tell(&report, terminal);
    Ok(report.exit_status().max(output.tell_failure(terminal)))
}

/// The sweep of the journal, or of a zone.
fn prepare(
    arguments: &SweepArguments,
    (key, update_key, account): (Option<TsigKey>, Option<TsigKey>, Option<KerberosLogin>),
    terminal: &Terminal,
) -> anyhow::Result<Sweep> {
    let query_account = account.clone().filter(|_| arguments.signed.gss_queries);
    let zone = (&arguments.server, &arguments.zone, arguments.all_older_than);
    let mut sweep = if let (Some(server), Some(zone), Some(age)) = zone {
        let weak = keys::weak(arguments.allow_weak_keys);
        let update_key = update_key.filter(|_| server.update_key.is_none());
        let server = keys::one_server(server, &arguments.network, (key.as_ref(), weak), terminal)?;
        let server = update_key.into_iter().fold(server, Server::update_key);
        let server = query_account.into_iter().fold(server, Server::query_account);
        let server = account.into_iter().fold(server, Server::account);
        Sweep::zone(server, &zone.0, age.0)
    } else {
        let directory = match &arguments.journal.journal_dir {
            // A directory that is not there has no entries, which would read like a clean zone.
            Some(directory) if !directory.is_dir() => {
                anyhow::bail!(
                    "{}: there is no such directory: name that of the runs with --journal-dir",
                    directory.display()
                )
            }
            Some(directory) => directory.clone(),
            None => default_journal_directory()?,
        };
        let sweep = update_key.or(key).into_iter().fold(Sweep::journal(directory), Sweep::key);
        let sweep = query_account.into_iter().fold(sweep, Sweep::query_account);
        let sweep = account.into_iter().fold(sweep, Sweep::account);
        #[cfg(feature = "tls")]
        let sweep = if arguments.network.tls.tls {
            sweep.tls(crate::tls::towards(None, &arguments.network.tls, terminal)?)
        } else {
            sweep
        };
        sweep
    };
    if arguments.unsigned {
        sweep = sweep.unsigned();
    }
    Ok(sweep.network(sockets(&arguments.network)).patience(arguments.cleanup_timeout.0))
}

/// What is missing, in the words of the command line.
fn explain(error: SweepError) -> anyhow::Error {
    match error {
        SweepError::NoKey => anyhow::anyhow!(
            "probes are left, and there is no key to sign their deletion with: name one with -k FILE, or an account with -g, or say --unsigned \
             if the server accepts updates by address; --dry-run lists them"
        ),
        // It says its causes itself.
        SweepError::Transfer(cause) => anyhow::anyhow!("the zone cannot be searched for probes: {cause}"),
        other => other.into(),
    }
}

/// What a person should know besides the probes; where something is not known, why that is, even when quiet.
fn tell(report: &SweepReport, terminal: &Terminal) {
    if report.incomplete {
        terminal.error("not all is known of what may be left:");
    }
    for note in &report.notes {
        let note = format!("note: {}", one_line(note));
        if report.incomplete { terminal.line(&note) } else { terminal.step(&note) }
    }
    if report.probes.is_empty() && report.notes.is_empty() {
        terminal.step("no probe is known to be left");
    }
    for probe in &report.probes {
        if let Swept::Left { why, nsupdate } = &probe.outcome {
            let (owner, why) = (one_line(&probe.owner), one_line(why));
            terminal.error(&format!("{owner} may be left: {why}; these lines for nsupdate remove it:"));
            terminal.line(nsupdate.trim_end());
        }
    }
}

//! The verbs that ask, in terms of the library: the one place where options become a `Check` or a `Compare`.

mod check;
mod cutover;
mod diff;
mod fetch;

pub(crate) use self::check::check;
pub(crate) use self::cutover::cutover;
pub(crate) use self::diff::diff;
pub(crate) use self::fetch::fetch;

use crate::args::{BasisAllowed, Format, KerberosArguments, NetworkArguments, Policy, PolicyArguments};
use crate::name::ZoneName;
use crate::names::Names;
use crate::terminal::Output;
use crate::zones;
use anyhow::{Context, bail};
use dnsconverge::compare::{Asking, Compare, Compared};
use dnsconverge::diff::DiffPolicy;
use dnsconverge::net::{Network, can_send_from, unix_now};
use dnsconverge::report::{Event, EventKind, Report};
use std::path::Path;
use std::time::Duration;

/// What one zone came to.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The zone.
    pub(crate) zone: ZoneName,
    /// Everything that was observed.
    pub(crate) report: Report,
    /// What `--format text` writes to standard output.
    pub(crate) text: String,
    /// What it writes in place of that, record by record, since it may be longer than memory.
    pub(crate) difference: Option<Compared>,
    /// What belongs to the result and has no place in that text.
    pub(crate) remarks: Vec<String>,
    /// Why it ended early, in full.
    pub(crate) error: Option<String>,
}

/// An error that is that of every zone: who reads JSON gets one object for each of them all the same.
pub(super) fn nothing_done(zones: &[ZoneName], format: Format, error: anyhow::Error) -> anyhow::Error {
    if format == Format::Json {
        let failed =
            |zone: &ZoneName| format!("{}\n", Finished::failed(zone.clone(), Report::default(), &error).json());
        Output::default().write(&zones.iter().map(failed).collect::<String>());
    }
    error
}

/// An error of a verb whose result is one object: who reads JSON gets an object all the same.
pub(crate) fn nothing_told(format: Format, error: anyhow::Error) -> anyhow::Error {
    if format == Format::Json {
        let object = serde_json::json!({ "error": crate::describe(&error) });
        Output::default().write(&format!("{object}\n"));
    }
    error
}

/// The zones of the command line.
pub(super) fn subjects(zone: Option<&ZoneName>, zones: Option<&Path>) -> anyhow::Result<Vec<ZoneName>> {
    match (zone, zones) {
        (_, Some(list)) => zones::read(list),
        (Some(zone), None) => Ok(vec![zone.clone()]),
        // The parser lets no line without either through.
        (None, None) => bail!("no zone was named"),
    }
}

/// # Results
impl Finished {
    /// Nothing could be told.
    pub(super) fn failed(zone: ZoneName, mut report: Report, error: &anyhow::Error) -> Self {
        let error = crate::describe(error);
        if report.error().is_none() {
            let now = Duration::from_millis(report.lasted_ms());
            report.apply(&Event::new(now, EventKind::Aborted { error: error.clone() }));
        }
        Self { zone, report, text: String::new(), difference: None, remarks: Vec::new(), error: Some(error) }
    }

    /// It ended by a fault of this program: nobody knows what was written, except the journal.
    pub(crate) fn broken(zone: ZoneName, fault: &anyhow::Error) -> Self {
        let mut report = Report::default();
        let error = "a fault of this program ended the run; if it had planted a probe, `sweep` takes it back";
        let left = EventKind::ProbeLeft { error: error.to_owned(), nsupdate: String::new() };
        report.apply(&Event::new(Duration::ZERO, left));
        Self::failed(zone, report, &anyhow::anyhow!("{error}: {fault}"))
    }

    /// The report as JSON; a run that ended before it began has a zone and a time too.
    pub(crate) fn json(&self) -> String {
        let mut value = self.report.to_json();
        if let Some(zone) = value.get_mut("zone").filter(|_| self.report.zone().is_empty()) {
            *zone = self.zone.to_string().into();
        }
        if let Some(started) = value.get_mut("started_unix").filter(|started| **started == 0) {
            *started = unix_now().into();
        }
        value.to_string()
    }

    /// The exit status of this zone; an error is never 0 or 1.
    pub(crate) fn exit_status(&self) -> u8 {
        let least = if self.error.is_some() { crate::COULD_NOT_TELL } else { 0 };
        self.report.exit_status().max(least)
    }
}

/// How servers are reached.
pub(crate) fn sockets(arguments: &NetworkArguments) -> Network {
    let network = Network::new().families(arguments.families()).timeout(arguments.timeout.0);
    match arguments.bind {
        Some(address) => network.bind(address),
        None => network,
    }
}

/// The address to send from must be this machine's: else every server would be blamed.
pub(crate) async fn require_own_address(arguments: &NetworkArguments) -> anyhow::Result<()> {
    let Some(address) = arguments.bind.map(|address| address.ip()) else { return Ok(()) };
    let why = || format!("-b {address}: nothing can be sent from there; name an address of this machine");
    can_send_from(address).await.with_context(why)
}

/// The same comparison with what the command line says of digests and of the basis.
pub(super) fn with_options(compare: Compare, arguments: &PolicyArguments) -> Compare {
    let compare = if arguments.zonemd { compare.digests() } else { compare };
    match arguments.basis {
        BasisAllowed::Any => compare,
        BasisAllowed::Axfr => compare.whole_transfers_only(),
    }
}

/// What is not a difference.
///
/// Servers that want Kerberos are those of a directory, each of which has an SOA of its own.
pub(super) fn policy(arguments: &PolicyArguments, kerberos: Option<&KerberosArguments>) -> DiffPolicy {
    let is_directory = arguments.ad || kerberos.is_some_and(|kerberos| kerberos.gss);
    let default = if is_directory { Policy::MultiPrimary } else { Policy::Exact };
    let mut policy = match arguments.policy.unwrap_or(default) {
        Policy::Exact => DiffPolicy::exact(),
        Policy::Unsigned => DiffPolicy::unsigned(),
        Policy::MultiPrimary => DiffPolicy::multi_primary(),
    };
    if arguments.ignore_ttl {
        policy = policy.ignore_ttl();
    }
    if arguments.ignore_serial {
        policy = policy.ignore_serial();
    }
    if arguments.count_probes {
        policy = policy.count_probes();
    }
    if arguments.strict {
        policy = policy.form(dnsconverge::canonical::Form::Bitwise);
    }
    policy
}

/// The comparison, by asking if that was said.
pub(super) fn with_asking(compare: Compare, arguments: &PolicyArguments, names: &Names, zone: &ZoneName) -> Compare {
    if !arguments.without_axfr {
        return compare;
    }
    let asking = names.asked_in(zone, Asking::new().max_qps(arguments.max_qps));
    compare.without_axfr(if arguments.accept_partial { asking.accept_partial() } else { asking })
}

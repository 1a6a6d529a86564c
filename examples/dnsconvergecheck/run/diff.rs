//! `diff`.

use super::{Finished, nothing_done, policy, require_own_address, sockets, subjects, with_asking, with_options};
use crate::args::{ChosenSide, DiffArguments, FileArguments, SideArgument};
use crate::diff_text;
use crate::kerberos;
use crate::keys::Keys;
use crate::live::{Progress, plain};
use crate::many::{self, Job};
use crate::name::ZoneName;
use crate::names::Names;
use crate::stop::{self, Stop};
use crate::terminal::Terminal;
use dnsconverge::compare::{Compare, CompareError, Compared, Side};
use dnsconverge::fs::ZoneFile;
use dnsconverge::report::{ComparisonVerdict, Event, EventKind, Report};
use std::rc::Rc;
use std::time::Duration;

/// `diff`.
///
/// # Errors
/// Before anything was asked of a server: wrong lists or keys.
pub(crate) async fn diff(arguments: DiffArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let (zones, format) =
        (subjects(arguments.sides.zone.as_ref(), arguments.sides.zones.as_deref())?, arguments.output.format);
    let is_own = require_own_address(&arguments.network).await;
    is_own.map_err(|error| nothing_done(&zones, format, error))?;
    let keys = keys(&arguments, terminal).map_err(|error| nothing_done(&zones, format, error))?;
    let names = Names::read(arguments.policy.names.as_deref(), &zones);
    let names = names.map_err(|error| nothing_done(&zones, format, error))?;
    for ambiguity in arguments.sides.all().filter_map(SideArgument::ambiguity) {
        terminal.step(&format!("note: {}", plain(&ambiguity)));
    }
    let stop = Stop::listen(terminal, stop::NOTHING_WRITTEN)?;
    let memory = arguments.memory.for_each_of(zones.len());
    Ok(many::each(Rc::new(DiffJob { arguments, keys, names, memory }), zones, format, stop, terminal).await)
}

/// The keys of a comparison.
fn keys(arguments: &DiffArguments, terminal: &Terminal) -> anyhow::Result<Keys> {
    let account = kerberos::account(&arguments.kerberos, terminal)?;
    let keys = Keys::read(&arguments.keys, terminal)?.with_query_account(account);
    keys.with_own(arguments.sides.servers(), (&arguments.keys, &arguments.network), terminal)
}

/// Compares zones.
struct DiffJob {
    /// The options.
    arguments: DiffArguments,
    /// The keys, read.
    keys: Keys,
    /// What is asked for beyond what a side names.
    names: Names,
    /// How much memory each comparison may take.
    memory: usize,
}

impl Job for DiffJob {
    async fn run(&self, zone: ZoneName, stop: Stop, progress: Progress<'_>) -> Finished {
        let network = &self.arguments.network;
        let sides = self.arguments.sides.all().enumerate().map(|(number, side)| self.side(number, side));
        let compare = Compare::new(&zone.0, sides)
            .policy(policy(&self.arguments.policy, None))
            .memory(self.memory)
            .network(sockets(network))
            .for_at_most(self.arguments.deadline.0);
        let compare = with_asking(compare, &self.arguments.policy, &self.names, &zone);
        let compare = with_options(compare, &self.arguments.policy);
        let mut report = Report::default();
        let compared = compare.run_until(stop.requested(), |event| {
            report.apply(event);
            progress.event(event);
        });
        match compared.await {
            Ok(compared) => {
                let mut report = compared.report().clone();
                if let Some(caveat) = untested(&report) {
                    report.apply(&caveat);
                    progress.event(&caveat);
                }
                finished(zone, report, compared)
            }
            Err(error) => Finished::failed(zone, report, &explain(error)),
        }
    }
}

impl DiffJob {
    /// A side; the first one has the keys of the source.
    fn side(&self, number: usize, side: &SideArgument) -> Side {
        let address = match side.chosen() {
            ChosenSide::Server(address) => self.arguments.network.with_port(address),
            ChosenSide::File(path) => return configured(ZoneFile::at(path), &self.arguments.sides.files).into(),
            ChosenSide::StandardInput => {
                return configured(ZoneFile::standard_input(), &self.arguments.sides.files).into();
            }
        };
        if number == 0 { self.keys.source(address).into() } else { self.keys.destination(address).into() }
    }
}

/// The result; its text is made when it is written.
fn finished(zone: ZoneName, report: Report, compared: Compared) -> Finished {
    let mut remarks = diff_text::left_out(compared.comparison());
    remarks.extend(diff_text::asked(compared.comparison()));
    remarks.extend(diff_text::digests(compared.comparison()));
    let error = diff_text::why_not_compared(compared.comparison());
    Finished { zone, report, text: String::new(), difference: Some(compared), remarks, error }
}

/// A zone file with what the command line says of all zone files.
pub(super) fn configured(file: ZoneFile, arguments: &FileArguments) -> ZoneFile {
    let file = file.dialect(arguments.dialect.into());
    arguments.include_dir.iter().fold(file, ZoneFile::include_directory)
}

/// Whoever mistyped the name of a file has named a server that does not exist.
pub(super) fn explain(error: CompareError) -> anyhow::Error {
    match error {
        CompareError::Resolve { .. } => anyhow::anyhow!("{error}; nor is there a zone file of this name here"),
        other => other.into(),
    }
}

/// U21: what equal or different contents do not say, if there are any.
fn untested(report: &Report) -> Option<Event> {
    let compared = !matches!(report.comparison_verdict(), ComparisonVerdict::Moving | ComparisonVerdict::NotCompared);
    let text = "content compared, propagation not tested".to_owned();
    compared.then(|| Event::new(Duration::from_millis(report.lasted_ms()), EventKind::Note { address: None, text }))
}

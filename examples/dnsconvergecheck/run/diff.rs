//! `diff`.

use super::{Finished, nothing_done, policy, sockets, subjects, with_asking};
use crate::args::{DiffArguments, Format};
use crate::diff_text;
use crate::keys::Keys;
use crate::live::Progress;
use crate::many::{self, Job};
use crate::name::ZoneName;
use crate::stop::{self, Stop};
use crate::terminal::Terminal;
use dnsconverge::compare::{Compare, Compared};
use dnsconverge::report::{ComparisonVerdict, Event, EventKind, Report};
use std::rc::Rc;
use std::time::Duration;

/// `diff`.
///
/// # Errors
/// Before anything was asked of a server: wrong lists or keys.
pub(crate) async fn diff(arguments: DiffArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let (zones, format) = (subjects(&arguments.subject)?, arguments.output.format);
    let keys = Keys::read(&arguments.keys, None, terminal).map_err(|error| nothing_done(&zones, format, error))?;
    let stop = Stop::listen(terminal, stop::NOTHING_WRITTEN)?;
    many::each(Rc::new(DiffJob { arguments, keys }), zones, format, stop, terminal).await
}

/// Compares zones.
struct DiffJob {
    /// The options.
    arguments: DiffArguments,
    /// The keys, read.
    keys: Keys,
}

impl Job for DiffJob {
    async fn run(&self, zone: ZoneName, stop: Stop, progress: Progress<'_>) -> Finished {
        let network = &self.arguments.network;
        let source = self.keys.source(network.with_port(&self.arguments.subject.source));
        let destinations = self.arguments.subject.destinations();
        let destinations = destinations.map(|destination| self.keys.destination(network.with_port(destination)));
        let compare = Compare::new(&zone.0, std::iter::once(source).chain(destinations))
            .policy(policy(&self.arguments.policy))
            .network(sockets(network))
            .families(network.families())
            .for_at_most(self.arguments.deadline.0);
        let compare = with_asking(compare, &self.arguments.policy);
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
                self.finished(zone, report, &compared)
            }
            Err(error) => Finished::failed(zone, report, &error.into()),
        }
    }
}

impl DiffJob {
    /// The result, its text made only if it is wanted.
    fn finished(&self, zone: ZoneName, report: Report, compared: &Compared) -> Finished {
        let text = match self.arguments.output.format {
            Format::Text => diff_text::unified(compared),
            Format::Json => Ok(String::new()),
        };
        let mut remarks = diff_text::left_out(compared.comparison());
        remarks.extend(diff_text::asked(compared.comparison()));
        let error = diff_text::why_not_compared(compared.comparison());
        match text {
            Ok(text) => Finished { zone, report, text, remarks, error },
            Err(error) => Finished::failed(zone, report, &error.into()),
        }
    }
}

/// U21: what equal or different contents do not say, if there are any.
fn untested(report: &Report) -> Option<Event> {
    let compared = !matches!(report.comparison_verdict(), ComparisonVerdict::Moving | ComparisonVerdict::NotCompared);
    let text = "content compared, propagation not tested".to_owned();
    compared.then(|| Event::new(Duration::from_millis(report.lasted_ms()), EventKind::Note { address: None, text }))
}

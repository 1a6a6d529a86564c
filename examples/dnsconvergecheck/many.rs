//! One zone or a list of them: each with its own budget of time, a bounded number at once, results in the list's order.

use crate::args::Format;
use crate::diff_text;
use crate::live::Progress;
use crate::name::ZoneName;
use crate::run::Finished;
use crate::stop::Stop;
use crate::terminal::{Output, Terminal};
use dnsconverge::report::Outcome;
use std::rc::Rc;
use tokio::sync::Semaphore;

/// So many zones at once: they ask the same servers, which should not feel it.
pub(crate) const AT_ONCE: usize = 4;

/// What is done with each zone.
pub(crate) trait Job: 'static {
    /// Deals with one zone; every way that it can go is a result.
    async fn run(&self, zone: ZoneName, stop: Stop, progress: Progress<'_>) -> Finished;
}

/// Does the job for every zone and writes each result; the exit status is the worst. A result that cannot be written is an
/// error and hides nothing worse.
pub(crate) async fn each<J: Job>(
    job: Rc<J>,
    zones: Vec<ZoneName>,
    format: Format,
    stop: Stop,
    terminal: &Rc<Terminal>,
) -> u8 {
    let several = zones.len() > 1;
    let turns = Rc::new(Semaphore::new(AT_ONCE));
    let begin = |zone: ZoneName| {
        let (job, turns, stop, terminal) = (Rc::clone(&job), Rc::clone(&turns), stop.clone(), Rc::clone(terminal));
        let named = zone.clone();
        let task = tokio::task::spawn_local(async move {
            let _turn = turns.acquire().await;
            let prefix = if several { format!("{zone} ") } else { String::new() };
            job.run(zone, stop, Progress::new(&terminal, prefix)).await
        });
        (named, task)
    };
    let under_way: Vec<_> = zones.into_iter().map(begin).collect();
    let (mut output, mut worst) = (Output::default(), 0);
    for (zone, task) in under_way {
        // A fault of ours in one zone must not end the others, whose probes would stay behind.
        let finished = task.await.unwrap_or_else(|fault| Finished::broken(zone, &fault.into()));
        worst = worst.max(finished.exit_status());
        worst = worst.max(write(&finished, format, several, &mut output, terminal));
    }
    worst.max(output.tell_failure(terminal))
}

/// Writes one result: data to standard output, what went wrong and the summary to standard error; an exit status if it
/// could not be read to its end.
fn write(finished: &Finished, format: Format, several: bool, output: &mut Output, terminal: &Terminal) -> u8 {
    let zone = if several { format!("{}: ", finished.zone) } else { String::new() };
    let mut status = 0;
    match (format, &finished.difference) {
        (Format::Json, _) => output.write(&format!("{}\n", finished.json())),
        (Format::Text, None) => output.write(&finished.text),
        (Format::Text, Some(compared)) => {
            if let Err(error) = diff_text::unified(compared, |text| output.write(text)) {
                status = crate::COULD_NOT_TELL;
                terminal.error(&format!("{zone}the list of differences ends early: {error}"));
            }
        }
    }
    if let Some(error) = &finished.error {
        terminal.error(&format!("{zone}{error}"));
    }
    for remark in &finished.remarks {
        terminal.line(&format!("{zone}{remark}"));
    }
    if finished.report.outcome() == Outcome::ProbeLeft {
        terminal.error(&format!("{zone}a probe may be left; `sweep` takes it back, or these lines for nsupdate:"));
        terminal.line(finished.report.nsupdate().unwrap_or_default().trim_end());
    }
    status
}

#[cfg(test)]
mod tests {
    use super::{Job, each};
    use crate::args::Format;
    use crate::live::Progress;
    use crate::name::ZoneName;
    use crate::run::Finished;
    use crate::stop::{self, Stop};
    use crate::terminal::Terminal;
    use dnsconverge::report::Report;
    use std::cell::RefCell;
    use std::rc::Rc;

    /// Breaks on the first zone and remembers the others that came to their end.
    #[derive(Default)]
    struct Breaks(RefCell<Vec<String>>);

    impl Job for Breaks {
        async fn run(&self, zone: ZoneName, _: Stop, _: Progress<'_>) -> Finished {
            assert_ne!(zone.to_string(), "first.example.", "the fault");
            tokio::task::yield_now().await;
            self.0.borrow_mut().push(zone.to_string());
            Finished {
                zone,
                report: Report::default(),
                text: String::new(),
                difference: None,
                remarks: Vec::new(),
                error: None,
            }
        }
    }

    #[test]
    fn u13_a_fault_in_one_zone_ends_no_other() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (job, terminal) = (Rc::new(Breaks::default()), Rc::new(Terminal::new(true)));
        let status = tokio::task::LocalSet::new().block_on(&runtime, async {
            let zones = ["first.example", "second.example"].map(|zone| zone.parse().unwrap()).to_vec();
            let stop = Stop::listen(&terminal, stop::NOTHING_WRITTEN).unwrap();
            each(Rc::clone(&job), zones, Format::Json, stop, &terminal).await
        });
        assert_eq!((status, job.0.take()), (3, vec!["second.example.".to_owned()]));
    }
}

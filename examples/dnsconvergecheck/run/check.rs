//! `check`.

use super::{Finished, nothing_done, policy, require_own_address, sockets, subjects, with_asking, with_options};
use crate::args::{CheckArguments, Target};
use crate::comparable::{self, Comparable};
use crate::diff_text;
use crate::direction::{self, Direction};
use crate::directory;
use crate::kerberos;
use crate::keys::Keys;
use crate::live::Progress;
use crate::many::{self, Job};
use crate::name::ZoneName;
use crate::names::Names;
use crate::stop::{self, Stop};
use crate::terminal::Terminal;
use anyhow::{Context, anyhow, bail};
use dnsconverge::check::Check;
use dnsconverge::compare::Compare;
use dnsconverge::converge::Schedule;
use dnsconverge::net::Server;
use dnsconverge::observe::Watched;
use dnsconverge::present::{name_from_text, rtype_from_text};
use dnsconverge::report::{Comparison, Event, EventKind, Report};
use std::rc::Rc;
use std::time::Duration;

/// `check`.
///
/// # Errors
/// Before anything was asked of a server: wrong lists, keys, or no key.
pub(crate) async fn check(arguments: CheckArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let (mut zones, format) =
        (subjects(arguments.subject.zone.as_ref(), arguments.subject.zones.as_deref())?, arguments.output.format);
    let is_own = require_own_address(&arguments.network).await;
    is_own.map_err(|error| nothing_done(&zones, format, error))?;
    let keys = check_keys(&arguments, terminal).map_err(|error| nothing_done(&zones, format, error))?;
    let nothing = arguments.dry_run || !arguments.observe.is_empty();
    let writes = if nothing { stop::NOTHING_WRITTEN } else { stop::PROBE_MAY_BE_LEFT };
    let stop = Stop::listen(terminal, writes)?;
    let mut directions = direction::all(&arguments);
    if arguments.policy.ad && arguments.observe.is_empty() {
        zones = directory::look(&arguments, &keys, &zones, &mut directions, terminal).await;
    }
    if !direction::compare_after_the_last(&mut directions) {
        let error = anyhow!("none of the servers takes updates: all of them are read-only");
        return Err(nothing_done(&zones, format, error));
    }
    let names = Names::read(arguments.policy.names.as_deref(), &zones);
    let names = Rc::new(names.map_err(|error| nothing_done(&zones, format, error))?);
    let (arguments, keys, comparable) = (Rc::new(arguments), Rc::new(keys), Rc::default());
    let mut worst = 0;
    for direction in directions {
        let memory = arguments.memory.for_each_of(zones.len());
        let (arguments, keys, names) = (Rc::clone(&arguments), Rc::clone(&keys), Rc::clone(&names));
        let job = CheckJob { arguments, direction, keys, names, comparable: Rc::clone(&comparable), memory };
        worst = worst.max(many::each(Rc::new(job), zones.clone(), format, stop.clone(), terminal).await);
    }
    Ok(worst)
}

/// The keys of a check.
fn check_keys(arguments: &CheckArguments, terminal: &Terminal) -> anyhow::Result<Keys> {
    let account = kerberos::account(&arguments.kerberos, terminal)?;
    let query_account = account.clone().filter(|_| arguments.signed.gss_queries);
    let keys = Keys::read(&arguments.keys, terminal)?.with_updates(arguments, terminal)?;
    let keys = keys.with_account(account).with_query_account(query_account);
    let (subject, network) = (&arguments.subject, &arguments.network);
    let keys = keys.with_own(subject.all().chain(&arguments.clock.parent), (&arguments.keys, network), terminal)?;
    if arguments.unsigned || arguments.dry_run || !arguments.observe.is_empty() {
        return Ok(keys);
    }
    let is_source = |server: &Target| arguments.is_both_ways() || *server == subject.source;
    let Some(server) = subject.all().find(|server| is_source(server) && !keys.sign_updates(server, arguments)) else {
        return Ok(keys);
    };
    if *server != subject.source {
        bail!(
            "every server is the source in turn, and there is no key to sign the update at {server} with: name one with \
             -k FILE, --destination-update-key FILE or {server}?update-key=FILE, or say --unsigned if it accepts updates by \
             address"
        );
    }
    bail!(
        "a check writes a probe into the zone, and there is no key to sign the update with: name one with -k FILE, \
         or say -g where the server wants Kerberos (Active Directory), \
         or say --unsigned if the server accepts updates by address, or watch a change that you make by hand: \
         --observe NAME TYPE, or compare without writing: dnsconvergecheck diff SOURCE DESTINATION ZONE"
    );
}

/// Checks zones.
struct CheckJob {
    /// The options.
    arguments: Rc<CheckArguments>,
    /// The servers, one of them the source.
    direction: Direction,
    /// The keys, read.
    keys: Rc<Keys>,
    /// What is asked for beyond what a side names.
    names: Rc<Names>,
    /// What the directions so far allow to be compared.
    comparable: Rc<Comparable>,
    /// How much memory each comparison may take.
    memory: usize,
}

impl Job for CheckJob {
    async fn run(&self, zone: ZoneName, stop: Stop, progress: Progress<'_>) -> Finished {
        if let Some(skipped) = &self.direction.skipped {
            let (report, text) = self.direction.passed_over(&zone, skipped);
            return Finished { zone, report, text, difference: None, remarks: Vec::new(), error: None };
        }
        let mut report = Report::default();
        if stop.is_requested() {
            report.apply(&Event::new(Duration::ZERO, EventKind::Stopping));
            let error = anyhow!("stopped before the check from {} began", self.direction.subject.source);
            return Finished::failed(zone, report, &error);
        }
        let check = match self.watched(&zone) {
            Ok(Some(watched)) => self.check(&zone).observe(watched),
            Ok(None) => self.check(&zone),
            Err(error) => return Finished::failed(zone, report, &error),
        };
        let outcome = check
            .run_until(stop.clone().requested(), |event| {
                report.apply(event);
                progress.event(event);
            })
            .await;
        let error = match outcome {
            Ok(finished) => {
                report = finished;
                self.remember(&zone, &report);
                None
            }
            Err(error) => Some(error.into()),
        };
        if self.compares() && !stop.is_requested() {
            self.compare(&zone, &mut report, &stop, &progress).await;
        }
        if let Some(error) = error {
            let failed = Finished::failed(zone, report, &error);
            // Where servers were asked, what each of them said is worth having.
            let is_told = failed.report.source().is_some() || failed.report.comparison().is_some();
            let text = if is_told { failed.report.to_string() } else { String::new() };
            return Finished { text, ..failed };
        }
        // It is about the source that was named as such, and the lag from there.
        let is_from_source = self.direction.subject.source == self.arguments.subject.source;
        if self.arguments.cutover && is_from_source && !stop.is_requested() {
            self.reckon(&zone, &mut report, &progress, stop).await;
        }
        let text = match report.would_plant() {
            Some(update) => format!("{}\n", update.trim_end()),
            None => report.to_string(),
        };
        let error = report.comparison().and_then(diff_text::why_not_compared);
        Finished { zone, report, text, difference: None, remarks: Vec::new(), error }
    }
}

impl CheckJob {
    /// The check of one zone.
    fn check(&self, zone: &ZoneName) -> Check {
        let arguments = &self.arguments;
        let network = &arguments.network;
        let (source, destination) = (&self.direction.subject.source, &self.direction.subject.destination);
        let schedule = Schedule::every(arguments.interval.0)
            .for_at_most(arguments.deadline.0)
            .confirmations(arguments.confirmations)
            .timeout(network.timeout.0)
            .cleanup_timeout(arguments.cleanup_timeout.0);
        let mut check = Check::new(&zone.0, self.server(source), self.server(destination))
            .schedule(schedule)
            .network(sockets(network))
            .probe_type(arguments.probe_type());
        for destination in &self.direction.subject.more_destinations {
            check = check.destination(self.server(destination));
        }
        if let Some(directory) = &arguments.journal.journal_dir {
            check = check.journal(directory);
        }
        if arguments.keep_going {
            check = check.keep_going();
        }
        if arguments.unsigned {
            check = check.unsigned();
        }
        if arguments.no_lease {
            check = check.without_lease();
        }
        if arguments.dry_run {
            check = check.dry_run();
        }
        if let Some(address) = arguments.listen {
            check = check.listen(address);
        }
        if self.compares() {
            check = check.before_comparison();
        }
        check
    }

    /// A server with the keys that are for it.
    fn server(&self, target: &Target) -> Server {
        self.keys.of_check(target, &self.arguments)
    }

    /// Whether a comparison is wanted after the check.
    fn compares(&self) -> bool {
        self.direction.compares && !self.arguments.no_compare
    }

    /// When the source can be switched off; that it cannot be asked is a note, and no verdict depends on it.
    async fn reckon(&self, zone: &ZoneName, report: &mut Report, progress: &Progress<'_>, stop: Stop) {
        let (subject, network) = (&self.arguments.subject, &self.arguments.network);
        let clock = &self.arguments.clock;
        let mut question =
            super::cutover::clock(zone, &self.keys, &subject.source, subject.destinations(), clock, network);
        // Only where all have it is the slowest of them the lag.
        let times: Option<Vec<u64>> = report.destinations().iter().map(|row| row.seen_after_ms).collect();
        if let Some(slowest) = times.and_then(|times| times.into_iter().max()) {
            question = question.lag(Duration::from_millis(slowest));
        }
        let note = |why: String| EventKind::Note { address: None, text: format!("the cut-over clock: {why}") };
        // A delegation may have many servers that do not answer.
        let kind = tokio::select! {
            asked = question.ask() => match asked {
                Ok(clock) => EventKind::CutOver(Box::new(clock)),
                Err(error) => note(error.to_string()),
            },
            () = stop.requested() => note("stopped before it was told".to_owned()),
        };
        let event = Event::new(Duration::from_millis(report.lasted_ms()), kind);
        report.apply(&event);
        progress.event(&event);
    }

    /// What is watched in this zone, if nothing is to be written.
    fn watched(&self, zone: &ZoneName) -> anyhow::Result<Option<Watched>> {
        let [name, rtype] = self.arguments.observe.as_slice() else { return Ok(None) };
        let zone_text = zone.to_string();
        let absolute = match name.as_str() {
            "@" => zone_text,
            name if name.ends_with('.') && !name.ends_with("\\.") => name.to_owned(),
            name => format!("{name}.{}", zone_text.trim_start_matches('.')),
        };
        let owner = name_from_text(&absolute).with_context(|| format!("--observe {}", absolute.escape_debug()))?;
        let unknown = || format!("--observe: \"{}\" is no type of records", rtype.escape_debug());
        let rtype = rtype_from_text(rtype).with_context(unknown)?;
        let mut watched = Watched::new(&owner.to_name(), rtype.0.into())?;
        if let Some(rdata) = &self.arguments.rdata {
            let wrong = || format!("--rdata \"{}\"", rdata.escape_debug());
            watched = watched.holding(rdata, &zone.0).with_context(wrong)?;
        }
        Ok(Some(if self.arguments.policy.ignore_ttl { watched.ignore_ttl() } else { watched }))
    }

    /// Takes note of what can be compared after this check, at the addresses that were checked: another look-up may find
    /// others.
    fn remember(&self, zone: &ZoneName, report: &Report) {
        let (subject, network) = (&self.direction.subject, &self.arguments.network);
        let destinations = comparable::destinations(report).filter_map(|row| {
            let target = subject.all().find(|server| network.with_port(server).to_string() == row.name.server)?;
            Some(self.server(target).pinned(row.name.address))
        });
        let destinations: Vec<Server> = destinations.collect();
        if let (Some(source), false) = (report.source(), destinations.is_empty()) {
            let source = self.server(&subject.source).pinned(source.name.address);
            self.comparable.add(zone, std::iter::once(source).chain(destinations).collect());
        }
    }

    /// Compares one zone on all servers on which some direction allows it, and puts what came of it into the report.
    async fn compare(&self, zone: &ZoneName, report: &mut Report, stop: &Stop, progress: &Progress<'_>) {
        let sides = self.comparable.of(zone);
        if sides.is_empty() {
            return;
        }
        let compare = Compare::new(&zone.0, sides)
            .policy(policy(&self.arguments.policy, Some(&self.arguments.kerberos)))
            .memory(self.memory)
            .network(sockets(&self.arguments.network))
            .every(self.arguments.interval.0)
            .for_at_most(self.arguments.deadline.0);
        let compare = with_asking(compare, &self.arguments.policy, &self.names, zone);
        let compare = with_options(compare, &self.arguments.policy);
        let mut lasted = report.lasted_ms();
        let compared = compare.run_until(stop.clone().requested(), |event| {
            // A check that ended before it knew its servers has a zone and a time from here.
            if report.zone().is_empty() {
                report.apply(event);
            }
            progress.event(event);
        });
        let comparison = match compared.await {
            Ok(compared) => {
                lasted = lasted.saturating_add(compared.report().lasted_ms());
                compared.comparison().clone()
            }
            Err(error) => Comparison::not_compared(Vec::new(), error.to_string()),
        };
        report.apply(&Event::new(Duration::from_millis(lasted), EventKind::Compared(Box::new(comparison))));
    }
}

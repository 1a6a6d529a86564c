//! Comparison without a transfer: every record set that is known is asked for.
//!
//! What is known comes from the sides that give the zone as a whole: a file, or the first server that can be transferred.
//! The other servers are asked for each of those record sets, with authority, and for what nobody named (`extras`).
//! The answers go into the differ like any records, so that the policy means the same; authority (AA) rules out caches, so
//! that a TTL counts as in a transfer. A difference is said when asking again shows the same.
//!
//! An answer that a wildcard has made is no record of the name (`synthesis`). The zone of one side is held in memory for all
//! that, and the answers of the others, within the bound that the comparison has (`bound`).
//!
//! It can find a difference and can never prove that there is none. So its verdict is "no difference found": a record that
//! an asked side alone holds may not have been asked for, and glue and the NS of a zone cut are answered without authority
//! and are left aside.

mod asking;
mod bound;
mod extras;
mod listing;
mod questioning;
mod synthesis;
mod tasks;

pub use self::asking::Asking;

use self::bound::Bound;
use self::listing::{Listing, NotAskable, Wanted};
use self::questioning::{Answers, Manner, question};
use self::tasks::Tasks;
use super::side::{Endpoint, Endpoints};
use super::snapshot::{PULLS, Pulled, SideError, Terms};
use super::stream::{Outlet, Sent};
use super::wait::{self, Lag};
use super::{Compare, CompareError, render};
use crate::canonical::CanonicalRecord;
use crate::diff::{DiffError, Differ, SoaFields, ZoneDiff};
use crate::net::{Clock, Signers, Transfer};
use crate::report::{Asked, Comparison, ComparisonVerdict, EventKind, FromWildcards, NotAsked};
use crate::wire::{Rtype, WireName};
use crate::zonemd::Wanted as Digests;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tokio::sync::mpsc;

/// How many pairs of rounds may disagree before the zone counts as moving.
const MAX_ROUNDS: u32 = 3;
/// So many record sets that were not answered, or by a wildcard, are listed.
const LISTED: usize = 20;
/// What such a comparison cannot say.
const CAVEAT: &str = "asked for record set by record set: records that an asked side alone holds may be there unseen, and \
    what cannot be asked for was not compared";
/// Why nobody could be asked.
const NOTHING_KNOWN: &str = "no side gives the names to ask for: allow the transfer from one server, name a zone file as a side, or give \
     names (--names)";

/// Asks and compares until the answer is known.
pub(super) async fn run(
    compare: &Compare,
    asking: Asking,
    clock: &Clock,
    (endpoints, signers): (&Endpoints, &Signers),
    tell: &mut impl FnMut(EventKind),
) -> Result<(Option<ZoneDiff>, Comparison), CompareError> {
    let transfer = Transfer { zone: compare.zone, limits: compare.limits, times: compare.times };
    let digest = if compare.digest == Digests::Always { Digests::Always } else { Digests::WhereverPresent };
    let (network, signers) = (compare.network.clone(), signers.clone());
    let share = compare.room.share(endpoints.all().count());
    let terms = Terms { network, signers, transfer, digest, share, increments: false, contents: false };
    let bound = Bound::of(compare.room.octets, endpoints.all().count());
    let look = Look { compare, asking: &asking, endpoints, terms: &terms, bound };
    let mut wait = wait::Wait::new(clock, compare.deadline, compare.interval, compare.standstill);
    let mut disagreements = 0;
    loop {
        let round = look.round(None, tell).await?;
        let verdict = round.verdict();
        let again = match verdict {
            ComparisonVerdict::Different => {
                let serials_count = !compare.policy.soa_fields_left_out().contains(SoaFields::SERIAL);
                let lags = round.behind();
                if serials_count && wait.for_those_behind(&terms, endpoints, lags, tell).await {
                    continue;
                }
                let again = look.round(Some(&round.differing(compare.zone)?), tell).await?;
                match (&again.diff, &round.diff) {
                    (Some(again), Some(diff)) => again.same_changes(diff)?,
                    _ => false,
                }
            }
            ComparisonVerdict::Moving => false,
            _ => true,
        };
        if again {
            return round.finish(compare, &asking, endpoints, verdict);
        }
        disagreements += 1;
        if disagreements >= MAX_ROUNDS {
            return round.finish(compare, &asking, endpoints, ComparisonVerdict::Moving);
        }
    }
}

/// What is the same in all rounds.
struct Look<'a> {
    /// The comparison.
    compare: &'a Compare,
    /// How servers are asked.
    asking: &'a Asking,
    /// The sides.
    endpoints: &'a Endpoints,
    /// What is read from every side.
    terms: &'a Terms,
    /// What may be held.
    bound: Bound,
}

/// A side that gave the zone as a whole: its number, and its records.
type Whole = (usize, Vec<u8>);

/// What all sides showed.
#[derive(Default)]
struct Round {
    /// The base, then the targets.
    sides: Vec<Pulled>,
    /// What was asked of each side, if it was asked.
    asked: Vec<Option<Asked>>,
    /// The difference; none if nothing was known to ask for.
    diff: Option<ZoneDiff>,
    /// Whether something was not answered.
    is_incomplete: bool,
    /// What can be done where nothing was asked.
    advice: Option<&'static str>,
}

/// # Looking
impl Look<'_> {
    /// All sides once; only these record sets, if some are given, and then nothing beyond them is looked for.
    async fn round(
        &self,
        only: Option<&HashSet<Wanted>>,
        tell: &mut impl FnMut(EventKind),
    ) -> Result<Round, CompareError> {
        let policy = &self.compare.policy;
        let mut sides: Vec<Option<Pulled>> = self.endpoints.all().map(|_| None).collect();
        let whole = self.pull_whole(&mut sides, tell).await;
        let mut listing = Listing::new(self.terms.transfer.zone);
        let most = self.bound.sets();
        for record in whole.iter().flat_map(|(_, octets)| records(octets)) {
            listing.add(&record?);
            if listing.sets() > most {
                return Ok(Round::unread(sides, SideError::TooManyToAsk { most }, None));
            }
        }
        if whole.is_empty() && !self.asking.has_names() {
            return Ok(Round::unread(sides, SideError::Unlisted, Some(NOTHING_KNOWN)));
        }
        let (mut known, not_askable) = listing.questions(policy);
        known.extend(self.asking.beyond(&known, &listing, policy));
        if known.len() > most {
            return Ok(Round::unread(sides, SideError::TooManyToAsk { most }, None));
        }
        let questions: Arc<[Wanted]> = only.map_or(known, |only| only.iter().cloned().collect()).into();
        let listing = Arc::new(listing);
        let seeks = only.is_none().then_some(&listing);
        let is_whole = |side: usize| whole.iter().any(|(number, _)| *number == side);
        let asked = self.ask_others(&is_whole, &questions, seeks, tell).await;
        let mut round = Round { asked: sides.iter().map(|_| None).collect(), is_incomplete: false, ..Round::default() };
        let differ = Differ::new(sides.len(), policy.clone(), rand::random())?;
        let mut differ = self.compare.room.half().keep(differ, sides.len());
        let answers = asked.iter().filter_map(|(_, answers)| answers.as_ref().ok());
        let unanswered: HashSet<&Wanted> =
            answers.flat_map(|answers| answers.unanswered.iter().map(|(wanted, _)| wanted)).collect();
        let takes_part = |record: &CanonicalRecord<'_>| {
            let wanted = Wanted { owner: record.owner_name(), rtype: record.rtype() };
            let is_known = only.is_none_or(|only| only.contains(&wanted));
            let is_askable = listing.not_askable(&wanted.owner, wanted.rtype).is_none();
            policy.leaves_out_type(wanted.rtype) || (is_known && is_askable && !unanswered.contains(&wanted))
        };
        let mut feed = |side: usize, octets: &[u8]| {
            for record in records(octets) {
                let record = record?;
                if takes_part(&record) {
                    differ.add(side, record)?;
                }
            }
            Ok::<_, CompareError>(())
        };
        whole.iter().try_for_each(|(side, octets)| feed(*side, octets))?;
        for (side, answers) in &asked {
            if let Ok(answers) = answers {
                feed(*side, &answers.records)?;
            }
        }
        round.is_incomplete = !unanswered.is_empty();
        for (side, answers) in asked {
            let Some(place) = sides.get_mut(side) else { continue };
            match answers {
                Ok(answers) => {
                    if let Some(row) = round.asked.get_mut(side) {
                        *row = Some(told(&answers, questions.len(), &not_askable));
                    }
                    *place = Some(Ok(answers.snapshot));
                }
                Err(error) => {
                    differ.drop_side(side);
                    *place = Some(Err(Arc::new(error)));
                }
            }
        }
        let pulled = sides.into_iter().enumerate().map(|(side, pulled)| {
            // Nobody has said what it holds, which is not that it holds nothing.
            pulled.unwrap_or_else(|| {
                differ.drop_side(side);
                Err(Arc::new(SideError::Fault))
            })
        });
        round.sides = pulled.collect();
        round.diff = Some(differ.finish()?);
        Ok(round)
    }

    /// Reads the sides that are no servers; if there are none, the first server that can be transferred.
    async fn pull_whole(&self, sides: &mut [Option<Pulled>], tell: &mut impl FnMut(EventKind)) -> Vec<Whole> {
        let mut whole = Vec::new();
        let numbered = || self.endpoints.all().enumerate();
        for (side, endpoint) in numbered().filter(|(_, endpoint)| endpoint.server().is_none()) {
            self.pull(side, endpoint, sides, &mut whole, tell).await;
        }
        if numbered().any(|(_, endpoint)| endpoint.server().is_none()) {
            return whole;
        }
        for (side, endpoint) in numbered() {
            self.pull(side, endpoint, sides, &mut whole, tell).await;
            if !whole.is_empty() {
                break;
            }
        }
        whole
    }

    /// Reads one side as a whole, if it can be.
    async fn pull(
        &self,
        side: usize,
        endpoint: &Endpoint,
        sides: &mut [Option<Pulled>],
        whole: &mut Vec<Whole>,
        tell: &mut impl FnMut(EventKind),
    ) {
        for attempt in 1..=PULLS {
            let (events, mut told) = mpsc::unbounded_channel();
            let (mut outlet, mut receiver) =
                Outlet::new(endpoint.name.label(), self.compare.policy.record_form(), events);
            let pull = async {
                let pulled = endpoint.pull(self.terms, &mut outlet).await;
                outlet.end(pulled).await;
            };
            let gather = async {
                let mut octets = Vec::new();
                let (most, mut is_too_much) = (self.bound.records(), false);
                while let Some(sent) = receiver.recv().await {
                    match sent {
                        Sent::Ended(Ok(_)) if is_too_much => {
                            return Some((octets, Err(SideError::TooMuchToAsk { most })));
                        }
                        Sent::Ended(result) => return Some((octets, result)),
                        Sent::Records(records) if !is_too_much && octets.len() + records.len() <= most => {
                            octets.extend(records);
                        }
                        // The rest is read and forgotten, since that ends the transfer in good order.
                        Sent::Records(_) => (octets, is_too_much) = (Vec::new(), true),
                    }
                }
                None
            };
            let ((), gathered) = tokio::join!(pull, gather);
            while let Ok(kind) = told.try_recv() {
                tell(kind);
            }
            let (Some((octets, result)), Some(place)) = (gathered, sides.get_mut(side)) else { return };
            match result {
                Err(error) if attempt < PULLS && error.is_worth_a_retry() => {}
                Err(error) => {
                    *place = Some(Err(Arc::new(error)));
                    return;
                }
                Ok(snapshot) => {
                    *place = Some(Ok(snapshot));
                    whole.push((side, octets));
                    return;
                }
            }
        }
    }

    /// Asks the servers that did not give the zone as a whole, all at once.
    async fn ask_others(
        &self,
        is_whole: &impl Fn(usize) -> bool,
        questions: &Arc<[Wanted]>,
        seeks: Option<&Arc<Listing>>,
        tell: &mut impl FnMut(EventKind),
    ) -> Vec<(usize, Result<Answers, SideError>)> {
        let mut tasks = Tasks::default();
        let form = self.compare.policy.record_form();
        for (side, endpoint) in self.endpoints.all().enumerate().filter(|(side, _)| !is_whole(*side)) {
            let Some(server) = endpoint.server().cloned() else { continue };
            tell(EventKind::ReadStarted { side: endpoint.name.label() });
            let terms = self.terms.clone();
            let (questions, seeks) = (Arc::clone(questions), seeks.cloned());
            let manner = Manner { max_qps: self.asking.max_qps, form, bound: self.bound };
            tasks.spawn(side, async move {
                let (listing, total) = (seeks.as_deref(), terms.transfer.times.total);
                let work = question(&server, &terms, manner, &questions, listing);
                let answers = tokio::time::timeout(total, work).await;
                answers.unwrap_or(Err(SideError::AskedTooLong { total }))
            });
        }
        let mut answers = Vec::new();
        while let Some((side, answer)) = tasks.next().await {
            if let (Ok(answer), Some(endpoint)) = (&answer, self.endpoints.all().nth(side)) {
                let (side, serial) = (endpoint.name.label(), answer.snapshot.serial.0);
                let records = records(&answer.records).count();
                tell(EventKind::ReadDone { side, serial, records: u64::try_from(records).unwrap_or(u64::MAX) });
            }
            answers.push((side, answer));
        }
        answers.sort_by_key(|(side, _)| *side);
        answers
    }
}

/// # Judging
impl Round {
    /// Nothing was asked: what failed has its own reason, the others this one.
    fn unread(sides: Vec<Option<Pulled>>, why: SideError, advice: Option<&'static str>) -> Self {
        let (why, asked) = (Arc::new(why), sides.iter().map(|_| None).collect());
        let failed = |side: Option<Pulled>| side.filter(Result::is_err).unwrap_or_else(|| Err(Arc::clone(&why)));
        Self { sides: sides.into_iter().map(failed).collect(), asked, diff: None, is_incomplete: true, advice }
    }

    /// The worst of all sides; what was only asked for is never equal.
    fn verdict(&self) -> ComparisonVerdict {
        let failed = |side: &Pulled| side.as_ref().is_err_and(|error| !error.is_moving());
        let has_changes = self.diff.as_ref().is_some_and(|diff| diff.changes().next().is_some());
        match &self.diff {
            None => ComparisonVerdict::NotCompared,
            Some(_) if self.sides.iter().any(failed) => ComparisonVerdict::NotCompared,
            Some(_) if self.sides.iter().any(Result::is_err) => ComparisonVerdict::Moving,
            Some(_) if has_changes => ComparisonVerdict::Different,
            Some(_) if self.is_incomplete => ComparisonVerdict::NotCompared,
            Some(_) => ComparisonVerdict::NoDifferenceFound,
        }
    }

    /// The sides whose serial is older than the base's.
    fn behind(&self) -> Vec<Lag> {
        wait::behind(&self.sides)
    }

    /// The record sets that differ, and the SOA, by which the zone is told.
    fn differing(&self, zone: WireName) -> Result<HashSet<Wanted>, DiffError> {
        let changes = self.diff.iter().flat_map(ZoneDiff::changes);
        let differing = changes.map(|change| change.map(|change| Wanted { owner: change.owner, rtype: change.rtype }));
        differing.chain(std::iter::once(Ok(Wanted { owner: zone, rtype: Rtype::SOA }))).collect()
    }

    /// The result, with this verdict.
    fn finish(
        self,
        compare: &Compare,
        asking: &Asking,
        endpoints: &Endpoints,
        verdict: ComparisonVerdict,
    ) -> Result<(Option<ZoneDiff>, Comparison), CompareError> {
        let listed = compare.room.listed();
        let Some(diff) = self.diff else {
            let mut comparison = render::unread(endpoints, &self.sides);
            comparison.notes.extend(self.advice.map(str::to_owned));
            return Ok((None, comparison));
        };
        let mut comparison = render::comparison(verdict, endpoints, &self.sides, &diff, listed)?;
        for (row, asked) in comparison.sides.iter_mut().zip(self.asked) {
            row.asked = asked;
        }
        comparison.notes.push(CAVEAT.to_owned());
        comparison.partial_accepted = asking.accept_partial;
        if verdict == ComparisonVerdict::NotCompared && self.is_incomplete {
            let unanswered = comparison.sides.iter().find_map(|side| side.asked.as_ref()?.unanswered.first());
            let why = unanswered.map(|first| format!("not every record set was answered for: {first}"));
            comparison.notes.splice(0..0, why);
        }
        match verdict {
            // Nothing that one round alone has shown is told.
            ComparisonVerdict::Moving => {
                (comparison.changes, comparison.changes_total) = (Vec::new(), 0);
                Ok((None, comparison))
            }
            _ => Ok((Some(diff), comparison)),
        }
    }
}

/// What was asked of a side and what came of it, for the report.
fn told(answers: &Answers, questions: usize, not_askable: &BTreeMap<NotAskable, u64>) -> Asked {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let unanswered = answers.unanswered.iter().take(LISTED).map(|(wanted, why)| format!("{wanted}: {why}"));
    Asked {
        asked: count(questions),
        answered: count(questions.saturating_sub(answers.unanswered.len())),
        unanswered: unanswered.collect(),
        not_asked: not_askable
            .iter()
            .map(|(why, count)| NotAsked { what: why.describe().to_owned(), count: *count })
            .collect(),
        from_wildcards: FromWildcards {
            count: count(answers.made.len()),
            first: answers.made.iter().take(LISTED).map(Wanted::to_string).collect(),
        },
        extras: answers.extras.clone(),
    }
}

/// Records in the layout of `canonical`, one after the other.
fn records(mut octets: &[u8]) -> impl Iterator<Item = Result<CanonicalRecord<'_>, DiffError>> {
    std::iter::from_fn(move || {
        if octets.is_empty() {
            return None;
        }
        let split = CanonicalRecord::split_first(octets).map_err(|_| DiffError::Lost);
        octets = split.as_ref().map_or(&[], |(_, rest)| *rest);
        Some(split.map(|(record, _)| record))
    })
}

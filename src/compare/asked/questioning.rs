//! One side that is asked: its answers as records, and what was not answered.

use super::bound::{BATCH, Bound};
use super::extras;
use super::listing::{Listing, Wanted};
use super::synthesis::{self, Origin};
use crate::canonical::{CanonicalRecord, Form};
use crate::compare::identity;
use crate::compare::server::ServerSource;
use crate::compare::snapshot::{SideError, Snapshot, Terms};
use crate::converge::Trouble;
use crate::converge::shown::{self, Shown};
use crate::net::{Answer, ExchangeError, Network, Pace, Query, Signers};
use crate::observe::Rrset;
use crate::present;
use crate::wire::{CLASS_IN, Message, Question, Rtype, Transport, WireName};
use crate::xfr::Notes;
use std::collections::HashSet;

/// What a side answered.
#[derive(Debug)]
pub(super) struct Answers {
    /// What is known of the side as a whole.
    pub(super) snapshot: Snapshot,
    /// Its records, in the layout of `canonical`.
    pub(super) records: Vec<u8>,
    /// The record sets of which nothing is known, with the reason.
    pub(super) unanswered: Vec<(Wanted, String)>,
    /// The record sets for which a wildcard answered.
    pub(super) made: Vec<Wanted>,
    /// How what nobody named was looked for.
    pub(super) extras: Option<String>,
}

/// In what manner servers are asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// So many questions a second at most.
    pub(super) max_qps: u32,
    /// How records are written.
    pub(super) form: Form,
    /// What may be held.
    pub(super) bound: Bound,
}

/// A side while it is asked.
pub(super) struct Questioning<'a> {
    /// The server.
    server: &'a ServerSource,
    /// How it is asked.
    network: &'a Network,
    /// The contexts of this run.
    signers: &'a Signers,
    /// The zone.
    zone: WireName,
    /// In what manner it is asked.
    manner: Manner,
    /// When the next question may leave.
    pace: Pace,
    /// Records so far.
    records: Vec<u8>,
    /// The record sets that are among them.
    held: HashSet<(WireName, Rtype)>,
    /// The record sets for which a wildcard answered instead.
    made: Vec<Wanted>,
    /// The record sets of which nothing is known, with the reason.
    unanswered: Vec<(Wanted, String)>,
}

/// Asks a server for all of these, and for what nobody named, while its SOA stays the same.
pub(super) async fn question(
    server: &ServerSource,
    terms: &Terms,
    manner: Manner,
    questions: &[Wanted],
    listing: Option<&Listing>,
) -> Result<Answers, SideError> {
    let before = server.ask_soa(terms).await?;
    let mut side = Questioning {
        server,
        network: &terms.network,
        signers: &terms.signers,
        zone: terms.transfer.zone,
        manner,
        pace: Pace::per_second(manner.max_qps),
        records: Vec::new(),
        held: HashSet::new(),
        made: Vec::new(),
        unanswered: Vec::new(),
    };
    side.ask_known(questions).await;
    let extras = match listing {
        Some(listing) => Some(extras::seek(&mut side, listing).await),
        None => None,
    };
    let most = manner.bound.records();
    if side.records.len() > most {
        return Err(SideError::TooMuchToAsk { most });
    }
    let after = server.ask_soa(terms).await?;
    if before.rdata != after.rdata {
        return Err(SideError::MovedWhileAsked { before: before.serial, after: after.serial });
    }
    let (serial, transport) = (before.serial, server.transport());
    let snapshot = Snapshot {
        serial,
        notes: Notes::default(),
        identities: identity::of([before, after]),
        transport,
        remarks: Vec::new(),
        basis: None,
        digested: Box::default(),
        sent: None,
        since: None,
    };
    let Questioning { records, unanswered, made, .. } = side;
    Ok(Answers { snapshot, records, unanswered, made, extras })
}

/// # Asking
impl Questioning<'_> {
    /// The zone.
    pub(super) fn zone(&self) -> WireName {
        self.zone
    }

    /// How many names and types may be kept.
    pub(super) fn room(&self) -> usize {
        self.manner.bound.sets()
    }

    /// Asks for what is known to exist.
    async fn ask_known(&mut self, questions: &[Wanted]) {
        for batch in questions.chunks(BATCH) {
            for (wanted, shown, origin) in self.ask_whence(batch).await {
                let why = match (&shown, origin) {
                    (Shown::Set(_) | Shown::Alias(_), Origin::Wildcard) => {
                        self.made.push(wanted);
                        continue;
                    }
                    (Shown::Set(_) | Shown::Alias(_), Origin::Unknown(why)) => {
                        self.unanswered.push((wanted, format!("a wildcard may have made the answer: {why}")));
                        continue;
                    }
                    (Shown::Set(_) | Shown::Alias(_) | Shown::NoName | Shown::NoData, _) => None,
                    (Shown::Redirected(dname), _) => {
                        Some(format!("it is hidden by a DNAME at {}", present::name(dname.owner())))
                    }
                    (Shown::Contradictory, _) => Some("the answer contradicts itself".to_owned()),
                    (Shown::Trouble(trouble), _) => Some(trouble.to_string()),
                };
                self.take(shown);
                self.unanswered.extend(why.map(|why| (wanted, why)));
            }
        }
    }

    /// Asks for what may exist; returns the names that do.
    pub(super) async fn ask_extras(&mut self, questions: &[Wanted]) -> Vec<WireName> {
        let mut there = Vec::new();
        for batch in questions.chunks(BATCH) {
            for (wanted, shown, origin) in self.ask_whence(batch).await {
                let has_records = matches!(shown, Shown::Set(_) | Shown::Alias(_));
                if has_records && origin != Origin::Name {
                    continue;
                }
                if has_records || shown == Shown::NoData {
                    there.push(wanted.owner);
                }
                self.take(shown);
            }
        }
        there
    }

    /// Asks many questions; what each answer shows, and where its records come from.
    async fn ask_whence(&mut self, questions: &[Wanted]) -> Vec<(Wanted, Shown, Origin)> {
        let answers = self.ask(questions).await;
        let mut origins = synthesis::origins(self, &answers).await;
        let whence = |(wanted, shown)| {
            let origin = origins.remove(&wanted).unwrap_or(Origin::Name);
            (wanted, shown, origin)
        };
        answers.into_iter().map(whence).collect()
    }

    /// Asks one question by itself.
    pub(super) async fn ask_one(&mut self, owner: &WireName, rtype: Rtype) -> Shown {
        self.pace.turn().await;
        let query = Query::new(*owner, rtype);
        let (signing, peer) = (self.server.signing(), self.server.peer());
        let answer = self.signers.query(self.network, &signing, &peer, &query, Transport::Udp).await;
        read(&Wanted { owner: *owner, rtype }, answer, &self.zone, self.manner.form)
    }

    /// Asks many questions; what each answer shows, in the order of the questions.
    pub(super) async fn ask(&mut self, questions: &[Wanted]) -> Vec<(Wanted, Shown)> {
        let queries: Vec<Query> = questions.iter().map(|wanted| Query::new(wanted.owner, wanted.rtype)).collect();
        let mut shown: Vec<Option<Shown>> = vec![None; questions.len()];
        let (zone, form) = (self.zone, self.manner.form);
        let each = |index: usize, answer| {
            if let (Some(place), Some(wanted)) = (shown.get_mut(index), questions.get(index)) {
                *place = Some(read(wanted, answer, &zone, form));
            }
        };
        let signer = match self.server.signer(self.network, self.signers).await {
            Ok(signer) => signer,
            Err(error) => {
                let why = Shown::Trouble(Trouble::NoAnswer(error.to_string()));
                return questions.iter().map(|wanted| (wanted.clone(), why.clone())).collect();
            }
        };
        self.network.query_many(&self.server.peer(), &queries, signer.as_ref(), &mut self.pace, each).await;
        questions.iter().cloned().zip(shown).filter_map(|(wanted, shown)| Some((wanted, shown?))).collect()
    }

    /// Keeps what an answer shows, each record set once.
    fn take(&mut self, shown: Shown) {
        if let Shown::Set(set) | Shown::Alias(set) | Shown::Redirected(set) = shown {
            self.keep(&set);
        }
    }

    /// Keeps a record set.
    fn keep(&mut self, set: &Rrset) {
        // What is too much already ends the comparison: no more of it is needed.
        let is_too_much = self.records.len() > self.manner.bound.records();
        if !is_too_much && self.held.insert((*set.owner(), set.rtype())) {
            set.records().for_each(|record: CanonicalRecord<'_>| record.write(&mut self.records));
        }
    }
}

/// What an exchange shows.
fn read(wanted: &Wanted, answer: Result<Answer, ExchangeError>, zone: &WireName, form: Form) -> Shown {
    let octets = match answer {
        Ok(answer) => answer.octets,
        Err(error) => return Shown::Trouble(Trouble::NoAnswer(error.to_string())),
    };
    match Message::parse(&octets) {
        Ok(message) => {
            let question = Question { name: wanted.owner, rtype: wanted.rtype, class: CLASS_IN };
            // The network has held the ID against the question's already.
            shown::read(&message, message.header().id, &question, zone, form)
        }
        Err(error) => Shown::Trouble(Trouble::Malformed(error)),
    }
}

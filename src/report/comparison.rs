//! What a comparison of zones found, in the neutral form that all renderings share.
//!
//! It holds texts, not records: the comparing room fills it, nothing is compared here.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// What the comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the published JSON has these five")]
pub enum ComparisonVerdict {
    /// The same records on all sides, less what was left out.
    Equal,
    /// Not the same records.
    Different,
    /// Sides that were not transferred were asked for every record set that is known, and no difference was found; that
    /// there is none is not proven.
    NoDifferenceFound,
    /// A side did not stand still long enough to be compared.
    Moving,
    /// Not compared: see the sides' errors and the notes.
    NotCompared,
}

/// What a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(clippy::exhaustive_enums, reason = "the published JSON has these two")]
pub enum Basis {
    /// Whole transfers.
    #[serde(rename = "axfr")]
    Axfr,
    /// A whole transfer, and the server's own account of what has changed since (RFC 1995).
    #[serde(rename = "axfr+ixfr")]
    AxfrAndIxfr,
}

/// What became of the ZONEMD records of a side (RFC 8976).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the published JSON has these four")]
pub enum ZonemdStatus {
    /// There are none: the zone makes no claim.
    Absent,
    /// One matches: a checksum, authenticated by nobody.
    Matches,
    /// None can be checked here.
    NotVerifiable,
    /// The zone is not what its own record says.
    Fails,
}

/// One comparison of all sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Comparison {
    /// What it says.
    pub verdict: ComparisonVerdict,
    /// Every side in the order of the command, the base first.
    pub sides: Vec<ComparedSide>,
    /// The differences in canonical order (L5).
    pub changes: Vec<ChangeRow>,
    /// How many differences there are, which may be more than are listed (L3).
    pub changes_total: u64,
    /// Whether [`ComparisonVerdict::NoDifferenceFound`] is enough for the person.
    pub partial_accepted: bool,
    /// What was not taken into account, by kind and side, with its count: never silent.
    pub left_out: Vec<LeftOut>,
    /// What the verdict rests on; none if nothing was compared or no server took part.
    pub basis: Option<Basis>,
    /// What is wrong with a zone in itself, whether or not the sides agree, with two that claim to be one version (M1), or
    /// with all of them, which hold nothing but their SOA: never "ok".
    pub findings: Vec<String>,
    /// What else a person should know, the error of a failed comparison among it.
    pub notes: Vec<String>,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ComparedSide {
    /// As the person gave it.
    pub side: String,
    /// Its address; none for what is no server.
    pub address: Option<SocketAddr>,
    /// The serial of what was compared.
    pub serial: Option<u32>,
    /// How many records were compared.
    pub records: Option<u64>,
    /// What authenticated them: the name of a TSIG key, or nothing.
    pub authenticated_by: Option<String>,
    /// How they came: `tcp` from a server, `file` or `standard_input` from a zone file.
    pub transport: Option<String>,
    /// What it was asked for, if it was asked instead of read as a whole.
    pub asked: Option<Asked>,
    /// What is said of this side rests on this; none for what is no server.
    pub basis: Option<Basis>,
    /// What became of its ZONEMD records; none if they were not looked at.
    pub zonemd: Option<ZonemdStatus>,
    /// The digest of its records in hexadecimal: SIMPLE with SHA-384 (RFC 8976), if it was asked for.
    pub digest: Option<String>,
    /// Why this side could not be read.
    pub error: Option<String>,
}

impl ComparedSide {
    /// What is wrong with it, and whose fault that is.
    fn trouble(&self) -> Option<String> {
        let error = self.error.as_deref()?;
        let is_named = error.contains(&self.side);
        Some(if is_named { error.to_owned() } else { format!("{}: {error}", self.side) })
    }
}

/// What a side was asked for, record set by record set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Asked {
    /// How many record sets.
    pub asked: u64,
    /// How many of them it answered for with authority, or said that there is none.
    pub answered: u64,
    /// The others, with the reason; of many the first.
    pub unanswered: Vec<String>,
    /// What is known to exist elsewhere and cannot be asked for.
    pub not_asked: Vec<NotAsked>,
    /// Answers that a wildcard made: such a record set is not held.
    pub from_wildcards: FromWildcards,
    /// How records that no other side named were looked for; none if they were not.
    pub extras: Option<String>,
}

impl Asked {
    /// What this proves and what it does not, in lines for people, not escaped.
    pub fn lines(&self) -> Vec<String> {
        let head = format!("asked for {} record sets, {} answered with authority", self.asked, self.answered);
        let unanswered = self.unanswered.iter().map(|row| format!("not answered: {row}"));
        let not_asked = self.not_asked.iter().map(|row| format!("could not be asked for: {} {}", row.count, row.what));
        let made = (self.from_wildcards.count > 0).then(|| {
            let (count, first) = (self.from_wildcards.count, self.from_wildcards.first.join(", "));
            format!("answered by a wildcard and so not held: {count} record sets ({first})")
        });
        let extras = match &self.extras {
            Some(how) => format!("records that nobody named were looked for {how}"),
            None => "records that nobody named were not looked for".to_owned(),
        };
        std::iter::once(head).chain(unanswered).chain(not_asked).chain(made).chain(std::iter::once(extras)).collect()
    }
}

/// Record sets for which a wildcard answered: they were asked for and are not held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromWildcards {
    /// How many.
    pub count: u64,
    /// Name and type of the first ones.
    pub first: Vec<String>,
}

/// Record sets that cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotAsked {
    /// What they are.
    pub what: String,
    /// How many.
    pub count: u64,
}

/// One `RRset` that is not the same on a side as on the base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangeRow {
    /// The owner, absolute, as text.
    pub owner: String,
    /// The type's mnemonic.
    #[serde(rename = "type")]
    pub rtype: String,
    /// The side that differs from the base, as the person gave it.
    pub side: String,
    /// Its address.
    pub address: Option<SocketAddr>,
    /// What kind of change it is: `added`, `removed`, `ttl`, `rdata`, ...
    pub kind: String,
    /// Records of the base that this side does not have, in presentation form.
    pub removed: Vec<String>,
    /// Records of this side that the base does not have, in presentation form.
    pub added: Vec<String>,
    /// What may have caused it.
    pub hints: Vec<String>,
}

/// Records that were not taken into account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// What was left out, and by which rule.
    pub what: String,
    /// The side.
    pub side: String,
    /// How many records.
    pub count: u64,
}

impl ZonemdStatus {
    /// The words for people; none where there is nothing to say.
    pub const fn said(self) -> Option<&'static str> {
        match self {
            Self::Absent => None,
            Self::Matches => Some("ZONEMD checksum matches; not authenticated"),
            Self::NotVerifiable => Some("ZONEMD not verifiable"),
            Self::Fails => Some("ZONEMD FAILS"),
        }
    }
}

impl Comparison {
    /// A comparison that was asked for and could not be made.
    pub fn not_compared(sides: Vec<ComparedSide>, why: impl Into<String>) -> Self {
        let verdict = ComparisonVerdict::NotCompared;
        Self {
            verdict,
            sides,
            changes: Vec::new(),
            changes_total: 0,
            partial_accepted: false,
            left_out: Vec::new(),
            basis: None,
            findings: Vec::new(),
            notes: vec![why.into()],
        }
    }

    /// One line for people, not escaped; of several reasons it says the first.
    pub fn summary(&self) -> String {
        let left_out: u64 = self.left_out.iter().map(|row| row.count).fold(0, u64::saturating_add);
        let line = match self.verdict {
            ComparisonVerdict::Equal => match self.findings.first() {
                None => "equal".to_owned(),
                Some(finding) => format!("equal, and yet: {finding}"),
            },
            ComparisonVerdict::Different => format!("{} different record sets", self.changes_total),
            ComparisonVerdict::NoDifferenceFound => {
                let sides = self.sides.iter().filter_map(|side| side.asked.as_ref());
                let answered = sides.map(|asked| asked.answered).fold(0, u64::saturating_add);
                format!("no difference found in {answered} answers, which does not prove that there is none")
            }
            ComparisonVerdict::Moving => "the zone kept changing, nothing can be said".to_owned(),
            ComparisonVerdict::NotCompared => {
                let mut errors = self.sides.iter().filter_map(ComparedSide::trouble);
                let first = errors.next().or(self.notes.first().cloned());
                let first = first.unwrap_or_else(|| "no side could be read".to_owned());
                match errors.count() {
                    0 => format!("not compared: {first}"),
                    1 => format!("not compared: {first} (and 1 more reason)"),
                    more => format!("not compared: {first} (and {more} more reasons)"),
                }
            }
        };
        if left_out > 0 { format!("{line} ({left_out} records left out)") } else { line }
    }
}

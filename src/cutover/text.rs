//! The clock in words: the answer first, then the sum line by line, then what is not known.

use super::{Asked, CutOver, Lag, Readiness, Serves, Term, Unknown, What};
use crate::present::{one_line, utc};
use std::fmt;

impl fmt::Display for CutOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.facts;
        writeln!(f, "{}: {}", one_line(&facts.zone), self.headline())?;
        for name in &facts.named_by {
            writeln!(f, "  still named by {}", one_line(name))?;
        }
        let since = match facts.changed_ago {
            Some(ago) => format!("since the change, {} ago", span(ago)),
            None => "from the change on".to_owned(),
        };
        writeln!(f, "  {since}, caches may lead to it, or keep others from the new servers, for")?;
        for term in &facts.terms {
            writeln!(f, "  {:>10} s  {}", term.seconds, one_line(&term.to_string()))?;
        }
        if let Some(before) = facts.ttl_before {
            writeln!(f, "  {before:>10} s  TTL of these NS records and addresses before it was lowered, as was said")?;
        }
        match (self.longest, self.total) {
            (Some(longest), Some(total)) => {
                writeln!(f, "  {longest:>10} s  the longest of these")?;
                writeln!(f, "+ {:>10} s  {}", self.lag_seconds, facts.lag)?;
                writeln!(f, "= {total:>10} s  {}", span(total))?;
            }
            _ => writeln!(f, "           ? s  who names it was not learnt, so there is no sum")?,
        }
        if let Some(expire) = facts.expire {
            writeln!(
                f,
                "  a secondary that transfers from it goes on for its EXPIRE ({expire} s, {}) and then fails: give it another primary first",
                span(u64::from(expire))
            )?;
        }
        f.write_str(match facts.ttl_before {
            Some(_) => "  assumed: no TTL was longer than that before; where it was lowered well before the change, less may do\n",
            None => {
                "  assumed: no TTL was longer before the change; if one was, that one counts (--ttl-before), for caches may hold \
                 what was replaced\n"
            }
        })?;
        writeln!(
            f,
            "  assumed: no name server with a name outside the zone has changed its address; where one has, the TTL of that counts too"
        )?;
        for serves in [Serves::Parent, Serves::Zone] {
            let asked: Vec<String> =
                facts.asked.iter().filter(|asked| asked.serves == serves).map(ToString::to_string).collect();
            if !asked.is_empty() {
                writeln!(f, "  asked about {serves}: {}", one_line(&asked.join(", ")))?;
            }
        }
        for unknown in &facts.unknown {
            writeln!(f, "  not known: {}", one_line(&unknown.to_string()))?;
        }
        writeln!(
            f,
            "  never known: who keeps answers longer than their TTL, and who has its address configured: read its query log before it goes"
        )
    }
}

impl CutOver {
    /// The answer in one line.
    pub fn headline(&self) -> String {
        let old = one_line(&self.facts.old).to_string();
        match (self.readiness, self.earliest_unix) {
            (Readiness::Now, Some(earliest)) => format!("{old} can be switched off, since {}", utc(earliest)),
            (Readiness::Later, Some(earliest)) => {
                format!("{old} is needed until {} ({} more) at least", utc(earliest), span(self.remaining.unwrap_or(0)))
            }
            (Readiness::StillNamed, _) => {
                format!(
                    "{old} is still named, so the clock has not begun; from the change on it takes {}",
                    self.total.map_or_else(|| "a time that is not known".to_owned(), span)
                )
            }
            _ => format!("it cannot be said when {old} can be switched off"),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::ParentNs => write!(f, "TTL of the delegation's NS records, at the parent {}", self.at),
            What::ParentAddress { host } => write!(f, "TTL of the glue of {host}, at the parent {}", self.at),
            What::ZoneNs => write!(f, "TTL of the zone's own NS records, at {}", self.at),
            What::ZoneAddress { host } => write!(f, "TTL of the addresses of {host}, at {}", self.at),
            What::Absence { ttl, minimum } => {
                write!(f, "an absence: the lesser of the SOA's TTL {ttl} and its MINIMUM {minimum}, at {}", self.at)
            }
        }
    }
}

impl fmt::Display for Serves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parent => "the delegation",
            Self::Zone => "the zone",
        })
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "{} ({host})", self.at),
            None => f.write_str(&self.at),
        }
    }
}

impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured { milliseconds } => {
                write!(f, "until every server that was given has a change: measured, {milliseconds} ms")
            }
            Self::MeasuredInPart { milliseconds, refresh, retry } => write!(
                f,
                "until every server has a change: {milliseconds} ms, measured at those that were given; of the others not, so \
                 REFRESH {refresh} and RETRY {retry} if that is longer"
            ),
            Self::Timers { refresh, retry } => {
                write!(f, "until every server has a change: not measured, so REFRESH {refresh} and RETRY {retry}")
            }
            Self::Unknown => f.write_str("until every server has a change: not known"),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parent => f.write_str(
                "the delegation, which the parent has (--parent SERVER asks it): its TTL is 172800 s at many registries",
            ),
            Self::Server { server, why } => write!(f, "what {server} holds: {why}"),
            Self::Host { host } => write!(f, "whether {host} leads to the old server: not all of its addresses were found"),
            Self::Rest { serves, more } => {
                write!(f, "what {more} more name servers say about {serves}: they are too many to be asked")
            }
            Self::Change => f.write_str(
                "when the last record that named it was changed (--changed TIME says how long ago): counted from now",
            ),
            Self::Lag => f.write_str("how long a change takes to reach every server: `check --cutover` measures it"),
        }
    }
}

/// Seconds as people say them, the two largest units.
fn span(seconds: u64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (size, unit) in units {
        if left >= size || (size == 1 && parts.is_empty()) {
            parts.push(format!("{} {unit}", left / size));
            left %= size;
        }
    }
    parts.truncate(2);
    parts.join(" ")
}

//! What the answers of a destination say about who it is, whatever the verdict: it may not be what it is taken for.

use super::evidence::Evidence;
use std::fmt;

/// Something that a person should know about who answers at a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// It calls itself what the source calls itself.
    SameAsSource {
        /// The identifier of both.
        identity: String,
    },
    /// It showed the change from its first answer on, and it or the source does not say who it is.
    AtOnce,
    /// Its TTLs fall.
    Cache,
    /// Some of its answers were stale.
    Mixed {
        /// Answers without what was first shown before.
        stale: u32,
        /// Answers since then.
        of: u32,
        /// The nodes that gave them, if they have names.
        nodes: Vec<String>,
    },
    /// Several nodes answer there.
    Pool {
        /// The last answers in a row that showed the change.
        in_a_row: u32,
        /// How likely, in percent, so many are where every tenth answer is stale.
        luck: u32,
    },
}

/// What the evidence shows; `is_new` if what it is about did not exist before.
pub fn findings(source: Option<&Evidence>, destination: &Evidence, is_new: bool) -> Vec<Finding> {
    let names = |evidence: &Evidence| evidence.nodes.iter().map(|node| node.identity.clone()).collect::<Vec<_>>();
    let of_source = source.map(names).unwrap_or_default();
    let same = names(destination).into_iter().find(|identity| of_source.contains(identity));
    let sampling = destination.sampling;
    let mixed = (sampling.stale > 0).then(|| Finding::Mixed {
        stale: sampling.stale,
        of: sampling.since_first_seen,
        nodes: destination.stale_nodes().map(|node| node.identity.clone()).collect(),
    });
    let pool = (destination.nodes.len() > 1 && sampling.in_a_row > 0)
        .then(|| Finding::Pool { in_a_row: sampling.in_a_row, luck: sampling.luck() });
    let is_named = |evidence: &Evidence| !evidence.nodes.is_empty();
    let at_once =
        is_new && sampling.is_current_throughout() && !(source.is_some_and(is_named) && is_named(destination));
    let same = same.map(|identity| Finding::SameAsSource { identity });
    let same = same.or(at_once.then_some(Finding::AtOnce));
    same.into_iter().chain(mixed).chain(pool).chain(sampling.ttl_falls.then_some(Finding::Cache)).collect()
}

impl Finding {
    /// The word for it in JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::SameAsSource { .. } => "same_as_source",
            Self::AtOnce => "at_once",
            Self::Cache => "cache",
            Self::Mixed { .. } => "mixed",
            Self::Pool { .. } => "pool",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameAsSource { identity } => write!(
                f,
                "it calls itself {identity}, as the source does: if this is the source by another address, what it shows proves nothing"
            ),
            Self::AtOnce => f.write_str(
                "it showed the change from its first answer on, and names do not tell it from the source (not both give an NSID or \
                 id.server): if this is the source by another address, what it shows proves nothing",
            ),
            Self::Cache => f.write_str(
                "the TTL falls from one answer to the next: a packet cache or proxy answers, which may lag behind its server by one TTL",
            ),
            Self::Mixed { stale, of, nodes } => {
                write!(f, "{stale} of {of} answers since it first showed the change were stale")?;
                if nodes.is_empty() { Ok(()) } else { write!(f, " (nodes {})", nodes.join(", ")) }
            }
            Self::Pool { in_a_row, luck } => write!(
                f,
                "several nodes answer there: if one answer of ten were stale, {in_a_row} in a row would still show the change \
                 in {luck} runs of 100; more --confirmations leave less to luck"
            ),
        }
    }
}

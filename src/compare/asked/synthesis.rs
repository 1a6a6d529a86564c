//! Which answers a wildcard has made: they are no records of the name that was asked for.
//!
//! A name that does not exist is answered from the asterisk below its closest encloser (RFC 4592), and nothing in the answer
//! says so. Two other names do, which nobody can have. One *beside* the name has the same closest encloser, so that it gets
//! what the name would get from a wildcard: only an answer that is the same can have been made. One *below* the name is then
//! answered the same if the name does not exist, and not otherwise (RFC 1034 section 4.3.3: wildcards "do not apply [...] when
//! the query name or a name between the wildcard domain and the query name is known to exist").
//!
//! A wildcard that is below the name as well, or a server that minds none of this (tinydns), is not seen through.

use super::listing::Wanted;
use super::questioning::Questioning;
use crate::converge::shown::Shown;
use crate::wire::WireName;
use std::collections::{HashMap, HashSet};

/// Where an answer with records comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// The records of the name itself.
    Name,
    /// A wildcard above it.
    Wildcard,
    /// Nobody knows, for this reason.
    Unknown(String),
}

/// Where those of these answers come from that may come from a wildcard; all others are of the name itself.
pub(super) async fn origins(side: &mut Questioning<'_>, answers: &[(Wanted, Shown)]) -> HashMap<Wanted, Origin> {
    let (label, zone) = (format!("{:016x}", rand::random::<u64>()), side.zone());
    let with_records = answers.iter().filter(|(_, shown)| matches!(shown, Shown::Set(_) | Shown::Alias(_)));
    let mut candidates: Vec<(&Wanted, &Shown, Wanted)> = Vec::new();
    for (wanted, shown) in with_records {
        let beside = encloser(&wanted.owner, &zone).and_then(|above| below(&label, &above));
        candidates.extend(beside.map(|owner| (wanted, shown, Wanted { owner, rtype: wanted.rtype })));
    }
    let besides: HashSet<Wanted> = candidates.iter().map(|(.., beside)| beside.clone()).collect();
    let besides: HashMap<Wanted, Shown> = side.ask(&Vec::from_iter(besides)).await.into_iter().collect();
    candidates.retain(|(_, shown, beside)| besides.get(beside).is_none_or(|other| may_be_same(shown, other)));
    let under = |wanted: &Wanted| Some(Wanted { owner: below(&label, &wanted.owner)?, rtype: wanted.rtype });
    let unders: Vec<Wanted> = candidates.iter().filter_map(|(wanted, ..)| under(wanted)).collect();
    let unders: HashMap<Wanted, Shown> = side.ask(&unders).await.into_iter().collect();
    let origin = |(wanted, shown, _): (&Wanted, &Shown, Wanted)| {
        let other = under(wanted).and_then(|under| unders.get(&under));
        let origin = match other {
            Some(other) if is_same(shown, other) => Origin::Wildcard,
            Some(Shown::NoName | Shown::NoData | Shown::Set(_) | Shown::Alias(_)) => Origin::Name,
            Some(Shown::Trouble(trouble)) => Origin::Unknown(trouble.to_string()),
            _ => Origin::Unknown("the name below it cannot be asked for".to_owned()),
        };
        (wanted.clone(), origin)
    };
    candidates.into_iter().map(origin).collect()
}

/// The name whose children a wildcard must be among that can have made this name; none at the apex, and none for a wildcard
/// just below it, which is the highest that there can be.
fn encloser(owner: &WireName, zone: &WireName) -> Option<WireName> {
    let parent = |name: &WireName| name.parent().filter(|above| name != zone && above.is_at_or_below(zone));
    let above = parent(owner)?;
    if owner.is_wildcard() { parent(&above) } else { Some(above) }
}

/// The name with this label below another, if it is not too long.
fn below(label: &str, name: &WireName) -> Option<WireName> {
    WireName::from_labels(std::iter::once(label.as_bytes()).chain(name.labels()))
}

/// Whether both show the same records with the same TTL, under whatever names.
fn is_same(one: &Shown, other: &Shown) -> bool {
    match (one, other) {
        (Shown::Set(one), Shown::Set(other)) | (Shown::Alias(one), Shown::Alias(other)) => {
            one.has_records_of(other) && one.ttl() == other.ttl()
        }
        _ => false,
    }
}

/// The same, where what was not answered may be anything.
fn may_be_same(one: &Shown, other: &Shown) -> bool {
    is_same(one, other) || matches!(other, Shown::Trouble(_) | Shown::Contradictory)
}

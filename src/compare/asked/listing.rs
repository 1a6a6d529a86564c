//! What is known of the zone from the sides that gave it as a whole: which record sets there are, and which of them
//! another server can be asked for.

use crate::canonical::CanonicalRecord;
use crate::diff::DiffPolicy;
use crate::present;
use crate::wire::{Rtype, WireName};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

/// A name and a type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    /// The name, in the case in which it was first seen.
    pub(super) owner: WireName,
    /// The type.
    pub(super) rtype: Rtype,
}

/// As people write it.
impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", present::name(&self.owner), present::rtype(self.rtype))
    }
}

/// Why a record set cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum NotAskable {
    /// RFC 1034 section 4.3.2: what lies below a zone cut is the child's, and below a DNAME there is nothing.
    Hidden,
    /// At a zone cut the parent answers with a referral, without authority.
    AtCut,
    /// RFC 4035 section 2.2: signatures belong to what they sign, and are no record set.
    Signature,
    /// RFC 5155 section 7.2.8: nobody answers for the owners of NSEC3 records.
    Hashed,
}

impl NotAskable {
    /// What it is, in words.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Hidden => "below a zone cut or a DNAME: glue and what is hidden there",
            Self::AtCut => "at a zone cut, where the parent answers with a referral: NS and the like",
            Self::Signature => "signatures (RRSIG), which are no record sets of their own",
            Self::Hashed => "NSEC3, for whose owners no server answers",
        }
    }
}

/// The record sets of a zone.
#[derive(Debug)]
pub(super) struct Listing {
    /// The zone.
    zone: WireName,
    /// All names with their types.
    names: HashMap<WireName, BTreeSet<Rtype>>,
    /// The names in the order in which they came.
    order: Vec<WireName>,
    /// How many record sets there are.
    sets: usize,
    /// Names below which nothing is answered for: those with NS, the apex aside, and those with a DNAME.
    cuts: HashSet<WireName>,
}

impl Listing {
    /// Nothing is known.
    pub(super) fn new(zone: WireName) -> Self {
        Self { zone, names: HashMap::new(), order: Vec::new(), sets: 0, cuts: HashSet::new() }
    }

    /// One more record of a side that gave all of them.
    pub(super) fn add(&mut self, record: &CanonicalRecord<'_>) {
        let owner = record.owner_name();
        if matches!(record.rtype(), Rtype::NS | Rtype::DNAME) && owner != self.zone {
            self.cuts.insert(owner);
        }
        let is_new = if let Some(types) = self.names.get_mut(&owner) {
            types.insert(record.rtype())
        } else {
            self.order.push(owner);
            self.names.insert(owner, BTreeSet::from([record.rtype()])).is_none()
        };
        self.sets += usize::from(is_new);
    }

    /// The zone.
    pub(super) fn zone(&self) -> WireName {
        self.zone
    }

    /// How many record sets there are.
    pub(super) fn sets(&self) -> usize {
        self.sets
    }

    /// How many names there are.
    pub(super) fn names(&self) -> usize {
        self.order.len()
    }

    /// All names, with their types.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (&WireName, &BTreeSet<Rtype>)> {
        self.order.iter().filter_map(|owner| Some((owner, self.names.get(owner)?)))
    }

    /// Whether this record set is among them.
    pub(super) fn holds(&self, owner: &WireName, rtype: Rtype) -> bool {
        self.names.get(owner).is_some_and(|types| types.contains(&rtype))
    }

    /// Whether this name is among them.
    pub(super) fn has_name(&self, owner: &WireName) -> bool {
        self.names.contains_key(owner)
    }

    /// Why this record set cannot be asked for, if so.
    pub(super) fn not_askable(&self, owner: &WireName, rtype: Rtype) -> Option<NotAskable> {
        let is_cut = |name: &WireName| self.cuts.contains(name);
        let mut above = owner.parent();
        while let Some(name) = above.filter(|name| *owner != self.zone && *name != self.zone) {
            if is_cut(&name) {
                return Some(NotAskable::Hidden);
            }
            above = name.parent();
        }
        let delegated = is_cut(owner) && self.holds(owner, Rtype::NS);
        match rtype {
            Rtype::RRSIG => Some(NotAskable::Signature),
            Rtype::NSEC3 => Some(NotAskable::Hashed),
            // RFC 4035 section 3.1.4.1: DS is the one type at a cut that is the parent's to answer.
            Rtype::DS => None,
            _ if delegated => Some(NotAskable::AtCut),
            _ => None,
        }
    }

    /// What can be asked for, less what the policy leaves out, and what cannot, with its count.
    pub(super) fn questions(&self, policy: &DiffPolicy) -> (Vec<Wanted>, BTreeMap<NotAskable, u64>) {
        let (mut questions, mut not_askable) = (Vec::new(), BTreeMap::new());
        for (owner, types) in self.nodes() {
            for rtype in types.iter().copied().filter(|rtype| !policy.leaves_out_type(*rtype)) {
                match self.not_askable(owner, rtype) {
                    Some(why) => *not_askable.entry(why).or_default() += 1,
                    None => questions.push(Wanted { owner: *owner, rtype }),
                }
            }
        }
        (questions, not_askable)
    }
}

#[cfg(test)]
mod tests {
    use super::{Listing, NotAskable};
    use crate::canonical::CanonicalRecord;
    use crate::diff::DiffPolicy;
    use crate::wire::Rtype;
    use crate::wire::tests::reply::name;

    /// A zone with these record sets.
    fn listing(sets: &[(&str, Rtype)]) -> Listing {
        let mut listing = Listing::new(name("example"));
        for (owner, rtype) in sets {
            listing.add(&CanonicalRecord::new(name(owner).as_octets(), *rtype, 1, 60, &[]));
        }
        listing
    }

    /// What a parent does not answer with authority is not asked for, and counted by its reason.
    #[test]
    fn v4_what_cannot_be_asked_for_is_counted() {
        let listing = listing(&[
            ("example", Rtype::SOA),
            ("example", Rtype::NS),
            ("example", Rtype::RRSIG),
            ("child.example", Rtype::NS),
            ("child.example", Rtype::DS),
            ("ns.child.example", Rtype::A),
            ("notchild.example", Rtype::A),
            ("moved.example", Rtype::DNAME),
            ("old.moved.example", Rtype::TXT),
            ("hash.example", Rtype::NSEC3),
            ("*.example", Rtype::TXT),
        ]);
        let (questions, not_askable) = listing.questions(&DiffPolicy::exact());
        let asked: Vec<_> =
            questions.iter().map(|wanted| (crate::present::name(&wanted.owner).to_string(), wanted.rtype)).collect();
        let expected = [
            ("example.", Rtype::NS),
            ("example.", Rtype::SOA),
            ("child.example.", Rtype::DS),
            ("notchild.example.", Rtype::A),
            ("moved.example.", Rtype::DNAME),
            ("*.example.", Rtype::TXT),
        ];
        assert_eq!(asked, expected.map(|(owner, rtype)| (owner.to_owned(), rtype)));
        let expected =
            [(NotAskable::Hidden, 2), (NotAskable::AtCut, 1), (NotAskable::Signature, 1), (NotAskable::Hashed, 1)];
        assert_eq!(not_askable.into_iter().collect::<Vec<_>>(), expected);
    }

    /// What the policy leaves out is not asked for at all.
    #[test]
    fn c11_what_is_left_out_is_not_asked_for() {
        let listing = listing(&[("example", Rtype::SOA), ("example", Rtype::DNSKEY)]);
        let (questions, not_askable) = listing.questions(&DiffPolicy::unsigned());
        assert_eq!((questions.len(), questions[0].rtype, not_askable.len()), (1, Rtype::SOA, 0));
    }
}

//! How large an `RRset` may be while it is looked at.

use super::{Changes, Listed, ListingWriter, Rrset};
use crate::canonical::CanonicalRecord;
use crate::diff::leftovers::{Leftovers, hash_of};
use crate::diff::merge::Past;
use crate::diff::ordered::{BASE, HeldRecord, InOrder, RrsetKey, Ttls};
use crate::diff::{DiffError, DiffPolicy};
use crate::wire::Rtype;

/// What one record takes beside its octets.
const OF_RECORD: usize = size_of::<Listed>() + 2 * size_of::<CanonicalRecord<'_>>();

/// Takes so many records of ten octets that only the base has, within so many octets.
fn take(records: u8, limit: usize) -> Result<usize, DiffError> {
    let (policy, apexes, past) = (DiffPolicy::exact(), [None, None], Past::Nothing);
    let listing = ListingWriter::new(0, None, hash_of([0; 4]));
    let mut changes = Changes::new(&policy, 2, &apexes, &past, limit, listing, Leftovers::new([0; 4], 0));
    let key = RrsetKey { owner: &[0], rtype: Rtype::TXT, class: 1, covered: 0 };
    changes.rrset(&key, &Ttls { first: 300, at_first: BASE, others: Vec::new() })?;
    for number in 0..records {
        changes.record(&HeldRecord { payload: &[number; 10], sides: BASE, originals: &[] })?;
    }
    Ok(changes.rrset.size())
}

/// L1: all octets count twice, since a change is written from them, and each record its place.
#[test]
fn l1_an_rrset_may_take_its_limit_and_no_more() {
    let size = 3 * (2 * 10 + OF_RECORD);
    assert_eq!(Rrset::default().size(), 0);
    assert_eq!(take(3, size).expect("room"), size);
    assert!(matches!(take(3, size - 1), Err(DiffError::RrsetTooLarge { rtype: Rtype::TXT, .. })));
    assert!(take(3, size + 1).is_ok());
}

//! How much memory asking may take: half of what the comparison may, since the differ takes the rest and can spill. What is
//! asked for cannot be put on disk, so that a zone which is too large is not compared in this way, and it is said.
//!
//! The figures are reckoned from what is allocated; names are held in place, and a table that grows needs twice its size.

/// What a record set takes while it is known and asked for: its name in the listing, in its order and in the question.
const PER_SET: usize = 1500;
/// What it takes at each side that is asked: its name among those that are held.
const PER_SET_AND_SIDE: usize = 700;
/// So many questions are asked, and their answers held whole, at a time.
pub(super) const BATCH: usize = 2048;
/// What a question and its answer take meanwhile, unless the answer is a long one.
const PER_QUESTION: usize = 2000;

/// So many octets for all that asking holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    /// The octets.
    octets: usize,
    /// How many sides are asked, or may be.
    sides: usize,
}

impl Bound {
    /// Of a comparison of so many sides that may take so much memory.
    pub(super) fn of(memory: usize, sides: usize) -> Self {
        Self { octets: memory / 2, sides: sides.max(1) }
    }

    /// How many octets of records one side may send, as a whole or in its answers: beside the record sets, and while a vector
    /// grows.
    pub(super) fn records(self) -> usize {
        self.octets / 4 / self.sides
    }

    /// How many record sets may be known and asked for.
    pub(super) fn sets(self) -> usize {
        let batches = self.sides.saturating_mul(BATCH.saturating_mul(PER_QUESTION)).min(self.octets / 2);
        (self.octets / 4 * 3).saturating_sub(batches)
            / PER_SET.saturating_add(self.sides.saturating_mul(PER_SET_AND_SIDE))
    }
}

#[cfg(test)]
mod tests {
    use super::Bound;
    use crate::diff::DEFAULT_MEMORY;

    /// The figure that the documentation gives, and that more sides or less memory make it smaller, never nothing.
    #[test]
    fn l1_some_sixty_thousand_record_sets_unless_the_caller_says_otherwise() {
        let two = Bound::of(DEFAULT_MEMORY, 2).sets();
        assert!((60_000..70_000).contains(&two), "{two}");
        assert!(Bound::of(DEFAULT_MEMORY, 5).sets() < two);
        assert!(Bound::of(crate::compare::LEAST_MEMORY, 2).sets() > 100);
    }
}

//! The exact difference of record sets.

//! The rules of the walk, one scenario each.

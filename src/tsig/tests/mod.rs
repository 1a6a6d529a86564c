//! Section T of the rules, one scenario each.

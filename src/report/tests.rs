//! The rules of the report, one scenario each.

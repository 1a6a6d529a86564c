//! The rules of a transfer, one scenario each.

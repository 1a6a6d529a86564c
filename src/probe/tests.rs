//! The rules of this room, one scenario each.

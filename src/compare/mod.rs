//! Are these zones the same?

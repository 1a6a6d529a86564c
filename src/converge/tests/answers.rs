//! The reading of answers.

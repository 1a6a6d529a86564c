//! The life of a probe as a state machine.

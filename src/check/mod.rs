//! Did a change arrive?

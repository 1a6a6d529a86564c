//! Whole lives of a probe.

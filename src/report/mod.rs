//! Events folded into one report, and its renderings.

//! One scenario for each rule.

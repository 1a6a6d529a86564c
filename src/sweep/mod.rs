//! Is a probe left behind?

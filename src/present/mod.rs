//! Names and RDATA as people read them.

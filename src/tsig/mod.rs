//! TSIG (RFC 8945): messages signed and verified, one answer or many.

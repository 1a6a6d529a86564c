//! The rules of zone transfers (RFC 5936): messages in, record views out.

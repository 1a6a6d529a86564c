//! Dynamic updates (RFC 2136): requests, and what each response code means to a person.

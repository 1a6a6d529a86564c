//! Sockets and deadlines.

//! Kerberos held to the vectors of its RFCs and to an independent implementation.

mod ciphers;

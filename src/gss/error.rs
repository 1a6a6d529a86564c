//! Why no security context came about, in the words that a person will read.

use crate::kerberos::KerberosError;
use crate::tsig::TsigError;
use crate::wire::{Rcode, WireError};

/// Why the negotiation with a DNS server failed. Nothing was sent under a context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NegotiationError {
    /// The server answers TKEY with a response code.
    #[error("the server does not negotiate a security context: {0}{meaning}", meaning = refusal(*.0))]
    Rcode(Rcode),
    /// The server's TKEY record holds an error.
    #[error("the server refuses the security context: TKEY error {0}{meaning}", meaning = tkey_error(*.0))]
    Tkey(u16),
    /// RFC 2930 section 3: exactly one TKEY record answers.
    #[error("the server's answer holds {0} TKEY records, where one belongs")]
    Records(usize),
    /// The record speaks of something else.
    #[error("the server's TKEY record has another {0} than the request")]
    Other(&'static str),
    /// The record cannot be read.
    #[error("the server's TKEY record cannot be read: {0}")]
    Malformed(#[from] WireError),
    /// What the token says cannot be taken.
    #[error(transparent)]
    Kerberos(#[from] KerberosError),
    /// SPNEGO: the server wants another mechanism, or rejects ours.
    #[error("the server rejects Kerberos in the negotiation of the mechanism (SPNEGO)")]
    Mechanism,
    /// SPNEGO: the list of mechanisms is not what we sent.
    #[error("the negotiation of the mechanism (SPNEGO) was tampered with: its signature is wrong")]
    Tampered,
    /// RFC 3645 section 3.1.1: mutual authentication was demanded.
    #[error("the server ends the negotiation without having proved who it is")]
    NotMutual,
    /// RFC 3645 section 3.1.3.2.
    #[error("the negotiation is not over after {} rounds", super::MAX_ROUNDS)]
    Rounds,
    /// RFC 3645 section 3.1.3.1: the last answer is signed with the new context.
    #[error("the server's last word in the negotiation is not to be believed: {0}")]
    LastUnsigned(#[source] TsigError),
    /// The message does not fit.
    #[error("the message cannot be built")]
    Unbuildable,
}

/// What a response code means here.
fn refusal(rcode: Rcode) -> &'static str {
    match rcode {
        Rcode::REFUSED | Rcode::NOTIMP | Rcode::FORMERR => " (no GSS-TSIG is set up there)",
        Rcode::NOTAUTH => " (it cannot read the ticket: is its keytab up to date?)",
        Rcode::SERVFAIL => " (an internal failure: its keytab, or its clock?)",
        _ => "",
    }
}

/// RFC 2930 section 2.6.
fn tkey_error(code: u16) -> &'static str {
    match code {
        16 => " (BADSIG)",
        17 => " (BADKEY: it does not accept the ticket; its key may have changed, or its clock differs)",
        18 => " (BADTIME: set both clocks)",
        19 => " (BADMODE: it does not do GSS-API)",
        20 => " (BADNAME: the context's name is taken)",
        21 => " (BADALG: it does not do gss-tsig)",
        _ => "",
    }
}

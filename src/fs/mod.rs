//! Files: the journal of planted probes, key files, and what Kerberos keeps in files. The only room that touches a disk.
//!
//! It does not know what a probe means or how a key signs.

mod journal;
#[cfg(feature = "gss-tsig")]
mod kerberos;
mod keyfile;

pub use self::journal::{Found, Journal, JournalError, Written, default_journal_directory};
#[cfg(feature = "gss-tsig")]
pub use self::kerberos::{
    Kept, KerberosFileProblem, read_credential_cache, read_keytab, read_krb5_config, read_password,
};
pub use self::keyfile::{KeyFile, KeyFileProblem, read_key_file};

//! Files: the journal of planted probes, key files, zone files, what Kerberos keeps in files, and what a comparison cannot hold
//! in memory. The only room that touches a disk.
//!
//! It does not know what a probe means, how a key signs, or what stands in a zone file.

mod include;
mod journal;
#[cfg(feature = "gss-tsig")]
mod kerberos;
mod keyfile;
mod look;
#[cfg(feature = "gss-tsig")]
mod resolvers;
mod runs;
mod spool;
mod whole;
mod zonefile;

pub use self::journal::{Found, Journal, JournalError, Written, default_journal_directory};
#[cfg(feature = "gss-tsig")]
pub use self::kerberos::{
    Kept, KerberosFileProblem, read_credential_cache, read_keytab, read_krb5_config, read_password,
};
pub use self::keyfile::{KeyFile, KeyFileProblem, Secret, read_key_file, read_secret};
#[cfg(feature = "gss-tsig")]
pub use self::resolvers::system_resolvers;
pub use self::runs::{TemporaryRuns, default_run_directory};
pub use self::whole::write_whole;
pub use self::zonefile::{OpenZoneFile, ZoneFile, ZoneFileProblem};

//! Who signs with Kerberos, as the command line names it.

use super::headings::KERBEROS;
use clap::Args;
use std::path::PathBuf;

/// Who we are towards servers that want Kerberos.
#[derive(Debug, Default, Args)]
pub(crate) struct KerberosArguments {
    /// Sign with Kerberos (GSS-TSIG), as Active Directory wants it, by the tickets of kinit unless told otherwise: updates;
    /// questions and transfers where nothing is written
    #[arg(short = 'g', help_heading = KERBEROS)]
    pub(crate) gss: bool,
    /// Who logs in; the password is asked for unless there is a keytab, a password file or a cache
    #[arg(long, value_name = "NAME[@REALM]", requires = "gss", help_heading = KERBEROS)]
    pub(crate) principal: Option<String>,
    /// Log in with the keys of this keytab
    #[arg(long, value_name = "FILE", requires = "gss", conflicts_with_all = ["password_file", "ccache"], help_heading = KERBEROS)]
    pub(crate) keytab: Option<PathBuf>,
    /// Log in with the password in the first line of this file
    #[arg(long, value_name = "FILE", requires_all = ["gss", "principal"], conflicts_with = "ccache", help_heading = KERBEROS)]
    pub(crate) password_file: Option<PathBuf>,
    /// Take the tickets of this credential cache
    #[arg(long, value_name = "FILE", requires = "gss", help_heading = KERBEROS)]
    pub(crate) ccache: Option<PathBuf>,
    /// The realm of a principal that names none
    #[arg(long, value_name = "REALM", requires = "gss", help_heading = KERBEROS)]
    pub(crate) realm: Option<String>,
    /// A KDC of that realm; may be given several times. Without it krb5.conf tells, or the DNS servers of this
    /// system (resolv.conf) do; the servers named here are asked with tickets of kinit alone
    #[arg(long, value_name = "HOST[:PORT]", requires = "gss", help_heading = KERBEROS)]
    pub(crate) kdc: Vec<String>,
    /// Let RC4 be used, which is broken, where the directory has nothing better
    #[arg(long, requires = "gss", help_heading = KERBEROS)]
    pub(crate) allow_rc4: bool,
}

/// What else is signed by verbs that write.
#[derive(Debug, Default, Args)]
pub(crate) struct SignedQueries {
    /// With -g: sign questions and transfers too, for servers that answer principals alone
    #[arg(long, requires = "gss", help_heading = KERBEROS)]
    pub(crate) gss_queries: bool,
}

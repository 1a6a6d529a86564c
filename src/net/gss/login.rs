//! An account as servers share it: it logs in once, whoever needs a ticket first.

use crate::gss::Account;
use crate::kerberos::{Credential, KerberosError};
use std::sync::Arc;
use tokio::sync::Mutex;

/// An account that logs in when it is first needed. Clones share the ticket that came of it, and a refusal too: directories
/// lock accounts that try wrong passwords, so what was refused is not tried again, whatever number of zones is checked.
#[derive(Debug, Clone)]
pub struct KerberosLogin {
    /// Who, and with what.
    account: Arc<Account>,
    /// What has come of it.
    state: Arc<Mutex<LoginState>>,
}

/// What a login has come to.
#[derive(Debug, Default)]
pub(super) struct LoginState {
    /// The ticket-granting ticket.
    pub(super) granting: Option<Credential>,
    /// Why there will be none.
    pub(super) refused: Option<KerberosError>,
}

impl From<Account> for KerberosLogin {
    fn from(account: Account) -> Self {
        Self { account: Arc::new(account), state: Arc::default() }
    }
}

impl KerberosLogin {
    /// Who, and with what.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// What has come of it; who comes while somebody logs in waits for that.
    pub(super) fn state(&self) -> &Mutex<LoginState> {
        &self.state
    }

    /// Whether the two are clones of one.
    pub(in crate::net) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
    }
}

//! What would let an add through that was refused: the right that is missing, or the server that takes updates.

use super::machine::Machine;
use crate::report::ServerName;
use crate::update::{Outcome, grant};
use crate::wire::Rcode;

/// # Remedies
impl Machine {
    /// What to do about this refusal of the add, to be appended to what it means; nothing if there is nothing to say.
    pub(super) fn remedy(&self, outcome: &Outcome) -> String {
        let Outcome::Refused { rcode } = outcome else { return String::new() };
        let mut text = String::new();
        if let Some(probe) = self.plan.task.probe().filter(|_| *rcode == Rcode::REFUSED) {
            text = format!("; a right to `{}` is enough", grant(probe));
        }
        if matches!(*rcode, Rcode::REFUSED | Rcode::NOTAUTH | Rcode::NOTIMP) {
            text.push_str(&self.elsewhere());
        }
        text
    }

    /// Who is the primary, as the source's own SOA has it, if that is somebody else.
    ///
    /// It is a hint: MNAME may be hidden, wrong, or an address's other name, so nothing is decided by it.
    fn elsewhere(&self) -> String {
        let Some(primary) = self.source.primary.as_deref().filter(|primary| *primary != ".") else {
            return String::new();
        };
        if is_called(&self.plan.source, primary) {
            return String::new();
        }
        match self.plan.destinations.iter().find(|destination| is_called(destination, primary)) {
            Some(destination) => format!(
                "; the zone's SOA names {primary} as its primary, which is the destination {}: are source and destination swapped?",
                destination.server
            ),
            None => format!("; updates go to the primary, which is {primary} by the zone's SOA"),
        }
    }
}

/// Whether a server was given by this name; one without a dot may be any that begins so.
pub(super) fn is_called(server: &ServerName, name: &str) -> bool {
    let host = server.server.rsplit_once(':').map_or(server.server.as_str(), |(host, _)| host);
    let (host, name) =
        (host.trim_end_matches('.').to_ascii_lowercase(), name.trim_end_matches('.').to_ascii_lowercase());
    host == name || (!host.contains('.') && name.split('.').next() == Some(host.as_str()))
}

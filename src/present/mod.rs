//! Names, types and RDATA as people read them, and names as they type them.
//!
//! Everything that came from the network passes through here before it is shown: octets outside `!` to `~` become
//! `\DDD` and what means something to a zone file is escaped, so that no name or text can steer a terminal, end a quoted
//! string or begin a line. RDATA is shown in the presentation form of its type; where a type is unknown, or octets do
//! not follow its grammar, in that of RFC 3597 section 5. What is shown reads back as the same octets.
//!
//! No text takes part in equality (see `canonical`), and zone files are not read here.

mod date;
mod name;
mod rdata;
mod rtype;
mod structures;
#[cfg(test)]
mod tests;
mod text;

pub use self::date::utc;
pub use self::name::{NameTextError, NameTextErrorKind, name, name_from_text};
pub use self::rdata::rdata;
pub use self::rtype::{class, class_from_text, rtype, rtype_from_text};
pub(crate) use self::structures::service_key_from_text;
pub use self::text::{escape_text, one_line};

use crate::canonical::CanonicalRecord;
use std::fmt;

/// One line without its end: owner, TTL, class, type and RDATA, with tabs between them.
pub fn record(record: &CanonicalRecord<'_>) -> impl fmt::Display {
    let record = *record;
    Shown(move |f: &mut fmt::Formatter<'_>| {
        let owner = record.owner_name();
        let (owner, class, rtype) = (name(&owner), class(record.class()), rtype(record.rtype()));
        write!(f, "{owner}\t{}\t{class}\t{rtype}\t{}", record.ttl(), rdata(record.rtype(), record.rdata()))
    })
}

/// Something shown by a function.
struct Shown<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Shown<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

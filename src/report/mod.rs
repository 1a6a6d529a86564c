//! Events folded into one report, and its renderings.
//!
//! A [`Report`] knows nothing but the events that it was given: the live fold and the replay of a log give the same
//! report. Text and JSON are renderings of it. It does not decide when something has converged (that is `converge`) and
//! does not compare zones.

mod cause;
mod comparison;
mod event;
mod evidence;
mod finding;
mod fold;
mod json;
mod notes;
#[cfg(test)]
mod tests;
mod text;
mod verdict;
mod watch;

pub use self::cause::{Case, Cause, Heard, causes};
pub use self::comparison::{
    Asked, Basis, ChangeRow, ComparedSide, Comparison, ComparisonVerdict, FromWildcards, LeftOut, NotAsked,
    ZonemdStatus,
};
pub(crate) use self::event::millis;
pub use self::event::{Event, EventKind, ServerName, SideName};
pub use self::evidence::{AnswerKind, Evidence, LeaseRow, NodeRow, Sampling, Timers};
pub use self::finding::{Finding, findings};
pub use self::fold::{DestinationRow, Report, SourceRow};
pub use self::json::SCHEMA_VERSION;
pub(crate) use self::text::Named;
pub use self::verdict::{Cleanup, Outcome, Propagation};

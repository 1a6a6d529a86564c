//! The life of a probe as a state machine.

pub mod destination;
mod exchange;
mod machine;
mod plan;
mod schedule;
pub mod soa;
mod trouble;

pub use self::destination::Observation;
pub use self::exchange::{
    Answer, Ask, Asked, Ending, Input, Output, RequestId, Send, Side, Transport, Unchanged, UpdateKind,
};
pub use self::machine::Machine;
pub use self::plan::{OnUnfit, Plan, PlanError, Writes};
pub use self::schedule::{
    DEFAULT_CLEANUP_TIMEOUT, DEFAULT_CONFIRMATIONS, DEFAULT_DEADLINE, DEFAULT_INTERVAL, DEFAULT_TIMEOUT, GONE_GRACE,
    MAX_INTERVAL, Schedule, VISIBLE_WITHIN,
};
pub use self::soa::{Soa, SoaObservation};
pub use self::trouble::Trouble;

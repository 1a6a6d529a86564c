//! The life of a probe as a state machine.
//!
//! ```text
//! Waiting --> Preflight --> Journaling --> Planting --> ReadingBack --> Polling --> Holding
//!                 |              |            |  |           |             |           |
//!                 v              v            |  +-----------+------+------+-----------+
//!               Done <-- Unjournaling <-------+                     v
//!            (unchanged)         ^        definite              Retiring --> Done (probe left)
//!                                |        refusal                   |
//!               Done <-- Vanishing <-- Unjournaling <---------------+ removal proven
//!            (reported)
//! ```
//!
//! | state | leaves it | for |
//! | --- | --- | --- |
//! | Waiting | `Start` | Preflight |
//! | Preflight | all servers fit (or enough, if it keeps going) | Journaling, or Done for a dry run |
//! | | a server unfit, `Stop`, deadline | Done, zone unchanged |
//! | Journaling | entry written | Planting; Unjournaling if stopped or late |
//! | | entry not written | Done, zone unchanged |
//! | Planting | applied, or unknown | Reading back; Retiring if stopped. `Stop` and deadline only set a flag: what is in flight cannot be recalled |
//! | | refused, or never sent | Unjournaling, then Done, zone unchanged |
//! | | refused as if its lease were minded (FORMERR, NOTIMP) | Reading back; where the source then shows that nothing was done, Planting once more, without |
//! | Reading back | the source shows exactly the probe | Polling |
//! | | not in time, `Stop`, deadline | Retiring |
//! | Polling | every destination has its verdict, deadline | Holding |
//! | | `Stop` | Retiring |
//! | Holding | the source answered whether it still holds the probe, `Stop` | Retiring |
//! | Retiring | removal proven at the source | Unjournaling, then Vanishing |
//! | | clean-up out of time | Done, and the report says that a probe may be left; the journal entry stays |
//! | Vanishing | no destination shows it, or the time for that is over, `Stop` | Done |
//!
//! Where nothing is written, [`Task::Observe`] goes from Preflight to Polling and Holding and ends there; `watching.rs` has
//! what is special about it.
//!
//! So once `Send` of [`UpdateKind::Plant`] was put out, `Done` is reached only through Retiring, unless the server
//! definitely refused or nothing was sent. `tests.rs` explores every order of replies, losses, stops and time to a
//! stated depth against a model of the zone.
//!
//! It does not send, sleep, draw random numbers or read a clock: a shell carries out its [`Output`]s and feeds it
//! [`Input`]s. It does not compare zones, which comes after it, and it does not keep what it found: that is the fold of
//! its events (`report`).

mod aside;
pub mod destination;
mod exchange;
mod identity;
mod leasing;
mod machine;
mod notified;
mod phase;
mod plan;
mod planting;
mod polling;
mod pool;
mod preflight;
mod remedy;
mod retiring;
mod schedule;
pub mod shown;
pub mod soa;
mod task;
#[cfg(test)]
mod tests;
mod trouble;
mod watching;

pub use self::aside::Aside;
pub use self::destination::Observation;
pub use self::exchange::{
    Answer, Ask, Asked, ChaosName, Connection, Ending, Input, Output, RequestId, Send, Side, Unchanged, UpdateKind,
};
pub use self::machine::Machine;
pub use self::plan::{OnUnfit, Plan, PlanError, Writes};
pub use self::retiring::MAX_UPDATES;
pub use self::schedule::{
    DEFAULT_CLEANUP_TIMEOUT, DEFAULT_CONFIRMATIONS, DEFAULT_DEADLINE, DEFAULT_INTERVAL, DEFAULT_TIMEOUT, GONE_GRACE,
    MAX_INTERVAL, SHORTEST_LEASE, Schedule, VISIBLE_WITHIN,
};
pub use self::shown::Shown;
pub use self::soa::{Soa, SoaObservation};
pub use self::task::Task;
pub use self::trouble::Trouble;

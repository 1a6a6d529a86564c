//! Has a change made on this DNS server arrived on those? Do these servers hold exactly the same records?
//!
//! Two questions that come up in the middle of a migration, before the old server is switched off; a wrong "yes" costs an
//! outage. This library answers them with proof:
//!
//! - [`Check`] plants a probe record by dynamic update (RFC 2136), watches every address of every destination until the exact
//!   record is there, takes it back, and proves that too.
//! - [`Compare`] pulls the zone from all sides, servers by AXFR (RFC 5936) or zone files, while each stands still, and
//!   reports the exact difference, `RRset` by `RRset`.
//! - [`Sweep`] takes back the probes of runs that were killed.
//!
//! ```no_run
//! use dnsconverge::{Check, Compare, DiffPolicy, Name, Schedule, Server, ServerAddress, TsigKey};
//! use std::time::Duration;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let zone = Name::from_ascii("example.com.")?;
//! let key = TsigKey::parse("hmac-sha256:probe-key:c2VjcmV0IHNlY3JldCBzZWNyZXQ=")?;
//! let source = Server::at("192.0.2.1".parse::<ServerAddress>()?).key(key);
//! let destination = Server::at("ns2.example.com:5353".parse::<ServerAddress>()?);
//! let ctrl_c = || async { tokio::signal::ctrl_c().await.unwrap_or_default() };
//!
//! let schedule = Schedule::every(Duration::from_secs(2)).for_at_most(Duration::from_secs(600));
//! let check = Check::new(&zone, source.clone(), destination.clone()).schedule(schedule);
//! let report = check.run_until(ctrl_c(), |event| eprintln!("{event}")).await?; // Err: the zone is unchanged
//! println!("{:?}, exit status {}", report.propagation(), report.exit_status());
//!
//! let compare = Compare::new(&zone, [source, destination]).policy(DiffPolicy::exact());
//! let compared = compare.run_until(ctrl_c(), |_| ()).await?;
//! for change in compared.changes() {
//!     println!("{}", change?);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `net` | yes | sockets, files and the three questions above; without it the library is pure logic: no tokio, no clock |
//! | `gss-tsig` | yes | updates, and where asked queries and transfers, signed with Kerberos (RFC 3645), as Active Directory wants them; pure Rust |
//! | `tls` | no | everything over TLS 1.3 (RFC 9103); its cryptography needs a C compiler |
//!
//! # Limits
//!
//! - Two to 64 sides are compared at once. What differs, and what only some sides have sent so far, is held in memory:
//!   little for servers that send in the same order, whole zones for those that do not. [`Compare::memory`] bounds it; the
//!   rest is kept on disk, in files without a name. One differing `RRset` must fit into an eighth of it.
//! - That zones are equal is proven by AXFR alone. A server that does not offer it can be asked for what is known of the
//!   zone ([`Compare::without_axfr`]), which finds differences and proves no equality.
//!
//! The floors of the library and the reasons for them stand in `ARCHITECTURE.md`.

// Nothing that a packet or a file can say may end in a panic. Sums are left to review: each is bounded by a length.
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

pub mod canonical;
#[cfg(feature = "net")]
pub mod check;
#[cfg(feature = "net")]
pub mod compare;
pub mod converge;
pub mod cutover;
pub mod diff;
#[cfg(feature = "net")]
pub mod fs;
#[cfg(feature = "gss-tsig")]
pub mod gss;
#[cfg(feature = "gss-tsig")]
pub mod kerberos;
#[cfg(feature = "net")]
pub mod net;
pub mod notify;
pub mod observe;
pub mod present;
pub mod probe;
pub mod report;
pub mod serial;
#[cfg(feature = "net")]
pub mod sweep;
#[cfg(feature = "net")]
pub mod switchoff;
pub mod tsig;
pub mod update;
pub mod wire;
pub mod xfr;
pub mod zonefile;
pub mod zonemd;

#[cfg(feature = "net")]
pub use self::check::{Check, CheckError};
#[cfg(feature = "net")]
pub use self::compare::{Compare, CompareError, Compared, Fetch, FetchError, Fetched, Side};
pub use self::converge::Schedule;
pub use self::diff::{DiffPolicy, RrsetChange, ZoneDiff};
#[cfg(feature = "net")]
pub use self::net::{Network, Server, ServerAddress};
pub use self::probe::Probe;
pub use self::report::{Event, Report};
pub use self::serial::Serial;
#[cfg(feature = "net")]
pub use self::sweep::{Sweep, SweepError, SweepReport};
#[cfg(feature = "net")]
pub use self::switchoff::{SwitchOff, SwitchOffError};
pub use self::tsig::TsigKey;
pub use hickory_proto::rr::{Name, RecordType};

/// The example in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

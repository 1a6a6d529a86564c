//! How much a transfer may cost: every number in one place.
//!
//! RFC 5936 sets no bound, so a server could send for ever. What this room itself keeps is under 200 KiB for any
//! transfer (two fixed tables and two SOAs) beside the message at hand; the numbers below bound what it hands on, which
//! its consumer keeps in memory or spills under a budget of its own.

use std::time::Duration;

/// The limits that are counted in what was received. None can be switched off: the largest value is a number too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// See [`Limits::messages`].
    pub(super) messages: u64,
    /// See [`Limits::octets`].
    pub(super) octets: u64,
    /// See [`Limits::records`].
    pub(super) records: u64,
    /// See [`Limits::records_per_rrset`].
    pub(super) records_per_rrset: u32,
    /// See [`Limits::records_per_owner`].
    pub(super) records_per_owner: u32,
    /// See [`Limits::empty_messages`].
    pub(super) empty_messages: u64,
}

impl Limits {
    /// Messages: as many as [`Self::RECORDS`] and [`Self::EMPTY_MESSAGES`], since a server may send one record in each.
    pub const MESSAGES: u64 = Self::RECORDS + Self::EMPTY_MESSAGES;
    /// Octets of all messages: [`Self::RECORDS`] of some 80 octets each.
    pub const OCTETS: u64 = 4 << 30;
    /// Records, duplicates included: above all but the largest top-level domains.
    pub const RECORDS: u64 = 50_000_000;
    /// Records of one `RRset`, duplicates included. One message could answer for 5,460 of them, but zones with 300,000 in
    /// an `RRset` are in use; what they cost here grows with their number and no faster, so that [`Self::OCTETS`] and
    /// [`Self::RECORDS`] bound the rest.
    pub const RECORDS_PER_RRSET: u32 = 1_000_000;
    /// Records of one owner, all types together: as many as of one `RRset`, which may be all there is of the owner.
    pub const RECORDS_PER_OWNER: u32 = Self::RECORDS_PER_RRSET;
    /// Messages without a record: enough to pad a tiny zone to 600 MB.
    pub const EMPTY_MESSAGES: u64 = 10_000;

    /// The defaults.
    pub const fn new() -> Self {
        Self {
            messages: Self::MESSAGES,
            octets: Self::OCTETS,
            records: Self::RECORDS,
            records_per_rrset: Self::RECORDS_PER_RRSET,
            records_per_owner: Self::RECORDS_PER_OWNER,
            empty_messages: Self::EMPTY_MESSAGES,
        }
    }

    /// The most messages of one transfer; default [`Self::MESSAGES`].
    #[must_use]
    pub const fn messages(mut self, messages: u64) -> Self {
        self.messages = messages;
        self
    }

    /// The most octets of all messages together, without their length prefixes; default [`Self::OCTETS`].
    #[must_use]
    pub const fn octets(mut self, octets: u64) -> Self {
        self.octets = octets;
        self
    }

    /// The most records, duplicates and both SOAs included; default [`Self::RECORDS`].
    #[must_use]
    pub const fn records(mut self, records: u64) -> Self {
        self.records = records;
        self
    }

    /// The most records with one owner and type, duplicates included; default [`Self::RECORDS_PER_RRSET`].
    ///
    /// Exact while they follow each other, as servers send them; when they are scattered, the limit acts a little later
    /// (by 64 records, and one in 4,096 of all records sent).
    #[must_use]
    pub const fn records_per_rrset(mut self, records: u32) -> Self {
        self.records_per_rrset = records;
        self
    }

    /// The most records with one owner, counted like [`Self::records_per_rrset`]; default [`Self::RECORDS_PER_OWNER`].
    #[must_use]
    pub const fn records_per_owner(mut self, records: u32) -> Self {
        self.records_per_owner = records;
        self
    }

    /// The most messages without a record in the answer section; default [`Self::EMPTY_MESSAGES`].
    #[must_use]
    pub const fn empty_messages(mut self, messages: u64) -> Self {
        self.empty_messages = messages;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// The limits that need a clock. They are stated here and held by the one who reads the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferTimes {
    /// The longest silence: time without a single octet.
    pub idle: Duration,
    /// The longest a transfer may take, from the query to the last SOA.
    pub total: Duration,
    /// The fewest octets in each [`Self::rate_window`]; it ends a drip that never is silent for long.
    pub octets_per_window: u64,
    /// The time over which [`Self::octets_per_window`] is measured.
    pub rate_window: Duration,
}

impl TransferTimes {
    /// Silence: servers that read a large zone from a database think long before the first message.
    pub const IDLE: Duration = Duration::from_secs(30);
    /// In total: [`Limits::OCTETS`] at ten megabits a second.
    pub const TOTAL: Duration = Duration::from_secs(3_600);
    /// Ten kilobits a second over the window.
    pub const OCTETS_PER_WINDOW: u64 = 75_000;
    /// Twice [`Self::IDLE`], so that one long pause is no drip.
    pub const RATE_WINDOW: Duration = Duration::from_secs(60);

    /// The defaults.
    pub const fn new() -> Self {
        Self {
            idle: Self::IDLE,
            total: Self::TOTAL,
            octets_per_window: Self::OCTETS_PER_WINDOW,
            rate_window: Self::RATE_WINDOW,
        }
    }

    /// The longest silence; default [`Self::IDLE`].
    #[must_use]
    pub const fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// The longest transfer; default [`Self::TOTAL`].
    #[must_use]
    pub const fn total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// The slowest transfer: fewer than `octets` in any `window` end it; defaults [`Self::OCTETS_PER_WINDOW`] and
    /// [`Self::RATE_WINDOW`].
    #[must_use]
    pub const fn slowest(mut self, octets: u64, window: Duration) -> Self {
        self.octets_per_window = octets;
        self.rate_window = window;
        self
    }
}

impl Default for TransferTimes {
    fn default() -> Self {
        Self::new()
    }
}

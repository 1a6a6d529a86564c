//! How much a comparison, or a zone that is fetched, may hold.

use super::headings::COMPARISON;
use crate::defaults;
use crate::size::Size;
use clap::Args;

/// How much a comparison may hold.
#[derive(Debug, Args)]
pub(crate) struct MemoryArguments {
    /// How much memory comparisons may take together, or a zone that is fetched; what needs more is kept in temporary files meanwhile
    #[arg(long, value_name = "SIZE", default_value_t = defaults::MEMORY, help_heading = COMPARISON)]
    pub(crate) memory: Size,
}

impl MemoryArguments {
    /// Octets for one comparison, when so many zones are to be compared.
    pub(crate) fn for_each_of(&self, zones: usize) -> usize {
        self.memory.0 / zones.clamp(1, crate::many::AT_ONCE)
    }
}

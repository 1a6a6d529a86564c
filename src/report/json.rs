//! The JSON rendering: the published schema, apart from the logic (`schema/report.schema.json`).

use super::Report;

/// The version of the published JSON.
pub const SCHEMA_VERSION: u32 = 1;

impl Report {
    /// The report as one JSON value, to the published schema.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "schema_version": SCHEMA_VERSION, "zone": self.zone() })
    }
}

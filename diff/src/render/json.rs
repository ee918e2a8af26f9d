//! For programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::compare::Report;

/// The JSON that `--format json` writes. What is added to it later is no
/// change of the format; what is removed or means something else is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The format: 1.
    pub format: u8,
    /// A report for each pair of versions.
    pub reports: Vec<Report>,
}

/// The JSON Schema of [`Document`], to lie in `schemas/diff.schema.json`.
#[must_use]
pub fn format_schema() -> String {
    let generator = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let value = generator.into_root_schema_for::<Document>().to_value();
    format!("{value:#}\n")
}

pub(super) fn json(reports: &[Report]) -> String {
    let document = Document {
        format: 1,
        reports: reports.to_vec(),
    };
    // Through a value, so that keys are sorted.
    let value = serde_json::to_value(&document).unwrap_or_default();
    format!("{value:#}\n")
}

//! Corrections of schemas that differ from what servers really send:
//! `schemas/corrections.json`, one fact a line, each with its reason.
//!
//! The files in `schemas/` say what a release publishes. Everything that is
//! derived from them (bindings, simulator, comparison) starts from the result
//! of [`correct`]. A correction whose place does not exist, or that changes
//! nothing, is an error, so that the file stays up to date.

mod operation;
mod place;

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::model::ApiVersion;

/// The corrections file.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Corrections {
    /// The corrections, in the order in which they are applied.
    pub corrections: Vec<Correction>,
    /// Models that no schema has, by name. A version gets those that its
    /// corrections refer to.
    pub models: BTreeMap<String, Schema>,
}

/// A place where a schema differs from what servers send or accept.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The API versions to correct: `v25.10.0`, or `v25.10.*` for a whole
    /// series.
    pub versions: Vec<String>,
    /// The places: `method pool.query result [].expand`, `method pool.create
    /// parameter options`, `event alert.list ADDED fields.id`, or
    /// `model PoolEntry expand`. A path goes through references, so it changes
    /// the model for everything that refers to it; `[]` are the items of a
    /// list, `{}` the values of a map.
    pub at: Vec<String>,
    /// The change to make there.
    pub change: Operation,
    /// The reason, in a few words.
    pub reason: String,
    /// The origin of the fact: the sender's file in the middleware, or a
    /// recorded answer.
    pub source: String,
}

/// A change to a schema.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Allows null.
    Nullable,
    /// Allows the key to be missing.
    Optional,
    /// Requires the key.
    Required,
    /// Replaces the schema. `{"$ref": "#/models/Name"}` refers to a model of
    /// the version, or to one in this file. An event or a kind of event that no
    /// schema has is added.
    Schema(Schema),
    /// Adds an optional key that no schema has.
    Add(Schema),
    /// Renames the key.
    Rename(String),
    /// Removes the key, the kind of event, or the event.
    Remove,
}

/// A correction that cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionError {
    place: String,
    message: String,
}

impl fmt::Display for CorrectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "corrections.json: `{}`: {}", self.place, self.message)
    }
}

impl std::error::Error for CorrectionError {}

/// Applies the corrections of a version.
///
/// # Errors
///
/// An error if the place of a correction does not exist in the version, or the
/// correction changes nothing.
pub fn correct(version: &mut ApiVersion, corrections: &Corrections) -> Result<(), CorrectionError> {
    for correction in &corrections.corrections {
        if correction.applies_to(&version.api) {
            let mut changed = false;
            for place in &correction.at {
                changed |=
                    operation::apply(version, place, &correction.change, &corrections.models)
                        .map_err(|message| CorrectionError {
                            place: place.clone(),
                            message: format!("{}: {message}", version.api),
                        })?;
            }
            if !changed {
                return Err(CorrectionError {
                    place: correction.at.join(", "),
                    message: format!(
                        "{}: the schema already has this; remove the correction",
                        version.api
                    ),
                });
            }
        }
    }
    Ok(())
}

impl Corrections {
    /// Checks that these versions include every version that a correction
    /// names.
    ///
    /// # Errors
    ///
    /// An error if a named version is not included.
    pub fn check_versions<'a>(
        &self,
        apis: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<(), CorrectionError> {
        for correction in &self.corrections {
            for name in &correction.versions {
                if !apis.clone().any(|api| covers(name, api)) {
                    return Err(CorrectionError {
                        place: correction.at.join(", "),
                        message: format!("version {name} does not exist; remove it"),
                    });
                }
            }
        }
        Ok(())
    }
}

impl Correction {
    /// Returns whether the correction is for this version.
    #[must_use]
    pub fn applies_to(&self, api: &str) -> bool {
        self.versions.iter().any(|name| covers(name, api))
    }
}

/// Returns whether `v25.10.*` or `v25.10.5` includes this version.
pub(crate) fn covers(name: &str, api: &str) -> bool {
    match name.strip_suffix('*') {
        Some(series) => api.starts_with(series),
        None => name == api,
    }
}

//! A line of the input or of the corpus.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use truenas_api::runtime::from_str;

use crate::find::{Kind, Subject};

/// A value of the API with its place.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// The version.
    pub api: String,
    /// The part of the method or event.
    pub kind: Part,
    /// The method or event.
    pub name: String,
    /// The kind of event.
    pub event: Option<Kind>,
    /// The parameters of the call that was answered.
    pub params: Option<Value>,
    /// The value.
    pub value: Value,
}

/// A part of a method or event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The array of a method's parameters.
    Params,
    /// The result of a method.
    Result,
    /// The payload of an event.
    Event,
}

impl Line {
    /// Parses the text of a line. Integers that a [`Value`] cannot hold as
    /// numbers are strings of their digits.
    ///
    /// # Errors
    ///
    /// An error if the text is not JSON, or a key is missing or has an invalid
    /// value.
    pub fn parse(line: &[u8]) -> Result<Self, String> {
        // Two steps, because only syntax errors have a position in the line.
        let parsed: Result<&RawValue, _> = serde_json::from_slice(line);
        let line = parsed.map_err(|error| {
            let text = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            let reason = text.strip_suffix(&place).unwrap_or(&text);
            format!("not JSON at column {}: {reason}", error.column())
        })?;
        // Parsed like an answer, so that all integers keep their digits.
        let line: Value = from_str(line.get()).map_err(|error| error.message().to_owned())?;
        serde_json::from_value(line).map_err(|error| error.to_string())
    }

    /// Returns the place of the value in the API.
    ///
    /// # Errors
    ///
    /// An error if the line is about an event and does not name its kind.
    pub fn subject(&self) -> Result<Subject<'_>, String> {
        Ok(match (self.kind, self.event) {
            (Part::Params, _) => Subject::Params(&self.name),
            (Part::Result, _) if self.params.as_ref().is_some_and(selects) => {
                Subject::Result(&self.name)
            }
            (Part::Result, _) => Subject::Entries(&self.name),
            (Part::Event, Some(event)) => Subject::Event(&self.name, event),
            (Part::Event, None) => {
                let error = "missing field `event`: `ADDED`, `CHANGED`, `REMOVED` or \
                             `Subscription parameters`";
                return Err(error.to_owned());
            }
        })
    }
}

/// Returns whether one of a call's parameters has options that select columns
/// instead of whole entries.
fn selects(params: &Value) -> bool {
    let options = params.as_array().into_iter().flatten();
    options
        .filter_map(|options| options.get("select")?.as_array())
        .any(|columns| !columns.is_empty())
}

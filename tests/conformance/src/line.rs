//! A line of input, and of the corpus.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use truenas_api::runtime::from_str;

use crate::find::{Kind, Subject};

/// A value of the API, and what it is a value of.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// The version.
    pub api: String,
    /// What part of the method or event it is.
    pub kind: Part,
    /// The method or event.
    pub name: String,
    /// Which message of an event.
    pub event: Option<Kind>,
    /// The parameters of the call that was answered.
    pub params: Option<Value>,
    /// The value.
    pub value: Value,
}

/// What a value is of a method or event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The array of a method's parameters.
    Params,
    /// What a method answers.
    Result,
    /// The payload of an event.
    Event,
}

impl Line {
    /// Parses the text of a line. Integers that a [`Value`] has no number for
    /// are strings of their digits.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or a key is missing or has another value than it
    /// should.
    pub fn parse(line: &[u8]) -> Result<Self, String> {
        // In two steps: only what is no JSON has a place in the line.
        let parsed: Result<&RawValue, _> = serde_json::from_slice(line);
        let line = parsed.map_err(|error| {
            let text = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            let reason = text.strip_suffix(&place).unwrap_or(&text);
            format!("not JSON at column {}: {reason}", error.column())
        })?;
        // Parsed as answers are, with the digits of all integers.
        let line: Value = from_str(line.get()).map_err(|error| error.message().to_owned())?;
        serde_json::from_value(line).map_err(|error| error.to_string())
    }

    /// Returns what the value is a value of.
    ///
    /// # Errors
    ///
    /// The line is about an event and does not say which message it is.
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

/// Whether one of a call's parameters is options that ask for some columns in
/// place of whole entries.
fn selects(params: &Value) -> bool {
    let options = params.as_array().into_iter().flatten();
    options
        .filter_map(|options| options.get("select")?.as_array())
        .any(|columns| !columns.is_empty())
}

//! A line in, a line out.

use serde::Serialize;
use serde_json::Value;

use crate::find::find;
use crate::line::Line;

/// A line of output.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// What the value is after decoding and encoding.
    Value {
        /// `true`
        ok: bool,
        /// The value.
        value: Value,
    },
    /// Why there is no such thing.
    Error {
        /// `false`
        ok: bool,
        /// In words.
        error: String,
    },
}

/// The answer to a line, given its number and text.
///
/// ```
/// let line = r#"{"api": "v25.10.5", "kind": "result", "name": "core.ping", "value": "pong"}"#;
/// let answer = truenas_conformance::answer(1, line.as_bytes());
/// assert_eq!(serde_json::to_string(&answer)?, r#"{"ok":true,"value":"pong"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn answer(number: u64, line: &[u8]) -> Answer {
    let error = match value(line) {
        Ok(value) => return Answer::Value { ok: true, value },
        Err(Failure::Line(error)) => format!("line {number}: {error}"),
        Err(Failure::Value(error)) => error,
    };
    Answer::Error { ok: false, error }
}

enum Failure {
    /// The line asks for nothing that there is.
    Line(String),
    /// The value does not fit its type.
    Value(String),
}

fn value(line: &[u8]) -> Result<Value, Failure> {
    let line = Line::parse(line).map_err(Failure::Line)?;
    let subject = line.subject().map_err(Failure::Line)?;
    let round_trip = find(&line.api, subject).map_err(Failure::Line)?;
    round_trip(&line.value).map_err(|error| Failure::Value(error.to_string()))
}

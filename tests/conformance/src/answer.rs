//! A line in, a line out.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use truenas_api::runtime::from_str;

use crate::find::{Kind, Subject, find};

/// A line of input.
#[derive(Deserialize)]
struct Request {
    api: String,
    kind: RequestKind,
    name: String,
    event: Option<Kind>,
    params: Option<Value>,
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RequestKind {
    Params,
    Result,
    Event,
}

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
    let Request {
        api,
        kind,
        name,
        event,
        params,
        value,
    } = request(line).map_err(Failure::Line)?;
    let subject = match (kind, event) {
        (RequestKind::Params, _) => Subject::Params(&name),
        (RequestKind::Result, _) if params.as_ref().is_some_and(selects) => Subject::Result(&name),
        (RequestKind::Result, _) => Subject::Entries(&name),
        (RequestKind::Event, Some(event)) => Subject::Event(&name, event),
        (RequestKind::Event, None) => {
            let error =
                "missing field `event`: `ADDED`, `CHANGED`, `REMOVED` or `Subscription parameters`";
            return Err(Failure::Line(error.to_owned()));
        }
    };
    let round_trip = find(&api, subject).map_err(Failure::Line)?;
    round_trip(&value).map_err(|error| Failure::Value(error.to_string()))
}

/// Whether one of a call's parameters is options that ask for some columns in
/// place of whole entries.
fn selects(params: &Value) -> bool {
    let options = params.as_array().into_iter().flatten();
    options
        .filter_map(|options| options.get("select")?.as_array())
        .any(|columns| !columns.is_empty())
}

/// In two steps: only what is no JSON has a place in the line.
fn request(line: &[u8]) -> Result<Request, String> {
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

//! `--record`: what was said, as JSON lines, with secrets masked.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::clock;
use crate::engine::Engine;

/// Writes what was said.
pub(crate) struct Recorder {
    file: Mutex<File>,
    engine: Arc<Engine>,
}

/// What stands in the place of a secret.
const MASK: &str = "********";

/// Who said it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Recorder {
    /// Begins a new file.
    pub(crate) fn create(path: &Path, engine: Arc<Engine>) -> io::Result<Self> {
        let file = Mutex::new(File::create(path)?);
        Ok(Self { file, engine })
    }

    /// Writes a message of a connection. What is no JSON is only counted, as
    /// it cannot be known what in it is secret.
    pub(crate) fn message(&self, connection: u64, side: Side, text: &str) {
        let message = match serde_json::from_str(text) {
            Ok(message) => self.masked(message),
            Err(_) => json!({"not JSON, characters": text.chars().count()}),
        };
        self.line(connection, side, "message", &message);
    }

    /// Writes anything else that happened to a connection.
    pub(crate) fn event(&self, connection: u64, side: Side, what: &str) {
        self.line(connection, side, "event", &json!(what));
    }

    fn line(&self, connection: u64, side: Side, key: &str, value: &Value) {
        let from = match side {
            Side::Client => "client",
            Side::Server => "server",
        };
        let line =
            json!({"time": clock::now(), "connection": connection, "from": from, key: value});
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not end a test; what is missing is seen in the file.
        let _ = writeln!(file, "{line}");
    }

    /// A message without its secrets.
    fn masked(&self, mut message: Value) -> Value {
        hide_positional(&mut message);
        if let Some(result) = message.get_mut("result") {
            hide_tokens(result);
        }
        self.engine.without_secrets(message)
    }
}

/// Masks the strings of calls that take secrets by position, and of those that
/// may hold such calls: in the calls themselves, and in what is said of jobs.
fn hide_positional(value: &mut Value) {
    let method = value.get("method").and_then(Value::as_str);
    let method = method.unwrap_or_default();
    // The method's name is none.
    let names = usize::from(matches!(method, "core.bulk" | "core.download"));
    if names > 0 || method.starts_with("auth.") {
        for key in ["params", "arguments"] {
            if let Some(Value::Array(items)) = value.get_mut(key) {
                items.iter_mut().skip(names).for_each(hide_strings);
            }
        }
        if let Some(result) = value.get_mut("result") {
            hide_strings(result);
        }
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_positional),
        Value::Object(object) => object.values_mut().for_each(hide_positional),
        _ => {}
    }
}

/// Masks what may be a token or as good as one, in the result of a call that
/// is no longer known.
fn hide_tokens(result: &mut Value) {
    match result {
        Value::String(text) => MASK.clone_into(text),
        Value::Array(items) => {
            // An address of `core.download`.
            for item in items {
                if item
                    .as_str()
                    .is_some_and(|text| text.contains("auth_token="))
                {
                    *item = MASK.into();
                }
            }
        }
        Value::Object(object) => {
            for key in ["key", "rfc_str"] {
                if let Some(Value::String(text)) = object.get_mut(key) {
                    MASK.clone_into(text);
                }
            }
        }
        _ => {}
    }
}

/// Masks all strings but the words that say what a login is.
fn hide_strings(value: &mut Value) {
    match value {
        Value::String(text) => MASK.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(hide_strings),
        Value::Object(object) => {
            for (key, inner) in object {
                if !matches!(key.as_str(), "mechanism" | "scram_type" | "username") {
                    hide_strings(inner);
                }
            }
        }
        _ => {}
    }
}

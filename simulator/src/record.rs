//! `--record`: what was said, as JSON lines, with secrets masked.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::clock;
use crate::secrets::{MASK, mask};

/// Writes what was said.
pub(crate) struct Recorder(Mutex<File>);

/// Who said it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Recorder {
    /// Begins a new file.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self(Mutex::new(File::create(path)?)))
    }

    /// Writes a message of a connection. What is no JSON is only counted, as
    /// it cannot be known what in it is secret.
    pub(crate) fn message(&self, connection: u64, side: Side, text: &str) {
        let message = match serde_json::from_str(text) {
            Ok(message) => masked(message),
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
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not end a test; what is missing is seen in the file.
        let _ = writeln!(file, "{line}");
    }
}

/// A message without its secrets.
fn masked(mut message: Value) -> Value {
    let method = message.get("method").and_then(Value::as_str);
    let method = method.unwrap_or_default().to_owned();
    // These take their secrets by position; so may what they are wrapped in.
    let positional =
        method.starts_with("auth.") || method == "core.bulk" || method == "core.download";
    if positional && let Some(Value::Array(params)) = message.get_mut("params") {
        let plain = usize::from(method.starts_with("core."));
        params.iter_mut().skip(plain).for_each(hide_strings);
    }
    // A bare string may be a token.
    if let Some(Value::String(result)) = message.get_mut("result") {
        MASK.clone_into(result);
    }
    mask(&mut message);
    message
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

//! JSON-RPC 2.0 as the server speaks it: what a message is, and what a reply.
//!
//! Nothing in here knows a connection, so that any bytes can be tried on it.

use serde_json::{Value, json};

use crate::engine::Failure;
use crate::extended;
use crate::json::write;

/// The message is no JSON, or a batch.
pub(crate) const PARSE_ERROR: i64 = -32700;
/// The message is JSON and no request.
pub(crate) const INVALID_REQUEST: i64 = -32600;
/// Ten calls run and ten more wait.
pub(crate) const TOO_MANY_CALLS: i64 = -32000;

/// What a text message turns out to be.
#[derive(Debug, PartialEq)]
pub(crate) enum Incoming {
    /// A call to be carried out.
    Call(Call),
    /// Not a call; the text is the answer.
    Refused(String),
    /// Not a call, and nobody asked for an answer.
    Ignored,
}

/// A call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// What the reply must carry; without it there is no reply.
    pub(crate) id: Option<Value>,
    /// The method's name.
    pub(crate) method: String,
    /// What it is given.
    pub(crate) params: Vec<Value>,
}

/// Reads a text message.
pub(crate) fn read(text: &str) -> Incoming {
    let refused = |message: &str| Incoming::Refused(error(&Value::Null, PARSE_ERROR, message));
    let message: Value = match serde_json::from_str(text) {
        Ok(message) => message,
        Err(error) => return refused(&error.to_string()),
    };
    if let Err(message) = extended::check(&message) {
        return refused(&message);
    }
    let mut message = match message {
        Value::Object(message) => message,
        Value::Array(_) => return refused("Batch messages are not supported at this time"),
        _ => {
            let text = error(&Value::Null, INVALID_REQUEST, "a message must be an object");
            return Incoming::Refused(text);
        }
    };
    let id = message.remove("id");
    let invalid = |text: &str| match &id {
        Some(id) => Incoming::Refused(error(id, INVALID_REQUEST, text)),
        None => Incoming::Ignored,
    };
    if message.get("jsonrpc") != Some(&json!("2.0")) {
        return invalid("'jsonrpc' member must be exactly \"2.0\"");
    }
    let Some(Value::String(method)) = message.remove("method") else {
        return invalid("'method' member must be of type string");
    };
    let params = match message.remove("params") {
        None => Vec::new(),
        Some(Value::Array(params)) => params,
        Some(_) => return invalid("'params' member must be of type array"),
    };
    match &id {
        None | Some(Value::Null | Value::String(_)) => {}
        Some(Value::Number(number)) if !number.is_f64() => {}
        Some(_) => return invalid("'id' member must be of type null, string or number"),
    }
    Incoming::Call(Call { id, method, params })
}

/// The reply of a call that succeeded.
pub(crate) fn result(id: &Value, result: &Value) -> String {
    write(&json!({"jsonrpc": "2.0", "id": id, "result": result}))
}

/// The reply of a call that was not carried out.
pub(crate) fn error(id: &Value, code: i64, message: &str) -> String {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}).to_string()
}

/// The reply of a call that failed.
pub(crate) fn failure(id: &Value, failure: &Failure) -> String {
    json!({"jsonrpc": "2.0", "id": id, "error": failure.to_error()}).to_string()
}

/// A message that answers no call.
pub(crate) fn notification(method: &str, params: &Value) -> String {
    write(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
}

//! What goes over the socket: JSON-RPC 2.0.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::answer::Answer;

/// A message of the server.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// Answers a call.
    Reply {
        id: u64,
        outcome: Result<Answer, Fault>,
    },
    /// An error that cannot be tied to a call.
    Unassigned(Fault),
    /// A result that answers no call: those of this client all have an id.
    Unclaimed,
    /// `collection_update`
    Update(Update),
    /// `notify_unsubscribed`
    Unsubscribed {
        collection: String,
        error: Option<Fault>,
    },
    /// Another notification, or one that cannot be read: nobody waits for it.
    Unknown(String),
}

/// The error object of a reply.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Fault {
    #[serde(default)]
    pub(crate) code: i64,
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) data: Option<FaultData>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FaultData {
    pub(crate) error: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) trace: Option<Trace>,
    pub(crate) extra: Value,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Trace {
    pub(crate) class: Option<String>,
}

/// A change in a collection, not yet as a type.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) collection: String,
    pub(crate) kind: UpdateKind,
    /// The whole `params`.
    pub(crate) params: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UpdateKind {
    Added,
    Changed,
    Removed,
    #[serde(other)]
    Unknown,
}

impl UpdateKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    id: Option<Value>,
    #[serde(default, borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    result: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
    #[serde(default, borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct UpdateHead {
    #[serde(rename = "msg")]
    kind: UpdateKind,
    collection: String,
}

#[derive(Deserialize)]
struct UnsubscribedParams<'a> {
    collection: String,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
}

/// Why a message cannot be understood; it may be anybody's answer.
#[derive(Debug, thiserror::Error)]
#[error("the server sent what is no message of JSON-RPC: {0}")]
pub(crate) struct Garbage(String);

/// Understands a message as far as the client needs it; results and updates
/// stay text.
pub(crate) fn read(message: Arc<dyn AsRef<str> + Send + Sync>) -> Result<Incoming, Garbage> {
    let text: &str = (*message).as_ref();
    match serde_json::from_str::<Envelope<'_>>(text) {
        Ok(envelope) => Ok(understand(&envelope, text, &message)),
        // The server can write NaN, which is not JSON. What it stands in is
        // spoilt, but nothing else is. Being as long as the original, the text
        // without it has everything at the same place.
        Err(error) => {
            let repaired = without_nan(text);
            match serde_json::from_str::<Envelope<'_>>(&repaired) {
                Ok(envelope) => Ok(understand(&envelope, &repaired, &message)),
                Err(_) => Err(Garbage(without_value(&error))),
            }
        }
    }
}

fn understand(
    envelope: &Envelope<'_>,
    text: &str,
    message: &Arc<dyn AsRef<str> + Send + Sync>,
) -> Incoming {
    // A slice of the text, and so at the same place in the message.
    let answer = |raw: &RawValue| {
        let start = raw
            .get()
            .as_ptr()
            .addr()
            .saturating_sub(text.as_ptr().addr());
        Answer::within(
            message.clone(),
            start..start.saturating_add(raw.get().len()),
        )
    };
    if let Some(method) = &envelope.method {
        let params = envelope.params.unwrap_or(RawValue::NULL);
        let notification = match &**method {
            "collection_update" => update(params, answer),
            "notify_unsubscribed" => unsubscribed(params),
            _ => None,
        };
        return notification.unwrap_or_else(|| Incoming::Unknown(method.to_string()));
    }
    let outcome = match envelope.error {
        // It is an error, whatever else it is: text that is no Unicode must not
        // cost more than this call.
        Some(error) => Err(serde_json::from_str(error.get()).unwrap_or_else(unreadable)),
        None => Ok(match envelope.result {
            Some(result) => answer(result),
            None => Answer::from("null".to_owned()),
        }),
    };
    match (envelope.id.as_ref().and_then(Value::as_u64), outcome) {
        (Some(id), outcome) => Incoming::Reply { id, outcome },
        (None, Err(fault)) => Incoming::Unassigned(fault),
        (None, Ok(_)) => Incoming::Unclaimed,
    }
}

fn update(params: &RawValue, answer: impl Fn(&RawValue) -> Answer) -> Option<Incoming> {
    let head: UpdateHead = serde_json::from_str(params.get()).ok()?;
    Some(Incoming::Update(Update {
        collection: head.collection,
        kind: head.kind,
        params: answer(params),
    }))
}

fn unsubscribed(params: &RawValue) -> Option<Incoming> {
    let UnsubscribedParams { collection, error } = serde_json::from_str(params.get()).ok()?;
    let error = error.map(|error| match serde_json::from_str(error.get()) {
        Ok(data) => Fault {
            code: -32001,
            message: String::new(),
            data: Some(data),
        },
        Err(error) => unreadable(error),
    });
    Some(Incoming::Unsubscribed { collection, error })
}

fn unreadable(error: serde_json::Error) -> Fault {
    Fault {
        message: format!("an error that cannot be read: {}", without_value(&error)),
        ..Fault::default()
    }
}

/// What is wrong with a text, and where. About values that do not fit their
/// type `serde_json` itself says what they are, and they may be secret.
pub(crate) fn without_value(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => format!(
            "a value does not fit its type at line {} column {}",
            error.line(),
            error.column()
        ),
        Category::Syntax | Category::Eof | Category::Io => error.to_string(),
    }
}

/// The text with what Python writes for numbers that JSON does not have
/// replaced by numbers of the same length.
fn without_nan(text: &str) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['"', 'N', 'I']) {
        let (before, from) = rest.split_at(start);
        repaired.push_str(before);
        let length = match from.as_bytes().first() {
            Some(b'"') => string_length(from),
            _ => from
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(from.len()),
        };
        let (token, after) = from.split_at(length);
        match token {
            "NaN" | "Infinity" => repaired.extend(std::iter::repeat_n('1', length)),
            _ => repaired.push_str(token),
        }
        rest = after;
    }
    repaired.push_str(rest);
    repaired
}

/// How long the string is that the text starts with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

/// Writes a call.
pub(crate) fn write(id: u64, method: &str, params: &[Value]) -> String {
    #[derive(serde::Serialize)]
    struct Call<'a> {
        jsonrpc: &'static str,
        id: u64,
        method: &'a str,
        params: &'a [Value],
    }
    let call = Call {
        jsonrpc: "2.0",
        id,
        method,
        params,
    };
    // Nothing in it can fail to be written: its keys are strings.
    serde_json::to_string(&call).unwrap_or_default()
}

//! What a stream of events gives.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::frame::{Update, UpdateKind};
use crate::answer::Answer;
use crate::error::DecodeError;
use crate::event::{Absent, Event, EventInfo, gathered};
use crate::json::{self, Json};
use crate::object::{Field, write_object};
use crate::query;
use crate::reader::Reader;

/// An item of a stream of events.
#[non_exhaustive]
pub enum Notice<E: Event> {
    /// An entry was added.
    Added(E::Added),
    /// An entry has changed.
    Changed(E::Changed),
    /// An entry was removed.
    Removed(E::Removed),
    /// An event that does not fit its type: the server tells less than its
    /// schema says, or something else.
    Partial(Partial),
    /// The connection was lost and is back. Events in between were not heard:
    /// to keep a copy up to date, query everything again.
    Gap,
    /// The number of notices that were dropped because they were not read fast
    /// enough.
    Missed(u64),
}

impl<E: Event> fmt::Debug for Notice<E>
where
    E::Added: fmt::Debug,
    E::Changed: fmt::Debug,
    E::Removed: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(event) => f.debug_tuple("Added").field(event).finish(),
            Self::Changed(event) => f.debug_tuple("Changed").field(event).finish(),
            Self::Removed(event) => f.debug_tuple("Removed").field(event).finish(),
            Self::Partial(partial) => f.debug_tuple("Partial").field(partial).finish(),
            Self::Gap => f.write_str("Gap"),
            Self::Missed(count) => f.debug_tuple("Missed").field(count).finish(),
        }
    }
}

/// JSON whose `Debug` shows nothing, because there can be secrets in it: the
/// events of `api_key.query` and `user.query` carry new keys and passwords.
///
/// Derefs to the JSON.
#[derive(Clone, PartialEq)]
pub struct Hidden<T>(T);

impl<T> Hidden<T> {
    /// Returns the JSON, whose `Debug` shows all of it.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Hidden<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// An event that does not fit its type.
#[derive(Clone)]
pub struct Partial {
    kind: UpdateKind,
    params: Answer,
    error: DecodeError,
}

impl Partial {
    /// Returns `added`, `changed`, `removed`, or `unknown` for another kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind.name()
    }

    /// Returns the id of the entry, if the event has one.
    #[must_use]
    pub fn id(&self) -> Option<Value> {
        self.member("id")
    }

    /// Returns the fields of the entry: often only those that have changed.
    #[must_use]
    pub fn fields(&self) -> Option<Hidden<Map<String, Value>>> {
        object(self.member("fields")?).map(Hidden)
    }

    /// Returns what some events carry in place of fields.
    #[must_use]
    pub fn extra(&self) -> Option<Hidden<Value>> {
        self.member("extra").map(Hidden)
    }

    /// Reads the fields as a type of your own, or what the event carries in
    /// their place. Keys that the type does not have are ignored.
    ///
    /// ```
    /// # use truenas_runtime::client::Partial;
    /// #[derive(serde::Deserialize)]
    /// struct Replicated {
    ///     state: serde_json::Value,
    /// }
    ///
    /// # fn read(partial: &Partial) -> Result<(), truenas_runtime::DecodeError> {
    /// let Replicated { state } = partial.read()?;
    /// # drop(state);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A payload that does not fit the type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        let payload = payload(self.params.value()?);
        query::read_own(&Answer::from(Value::from(payload)))
    }

    /// Returns in which way the event does not fit its type.
    #[must_use]
    pub fn error(&self) -> &DecodeError {
        &self.error
    }

    fn member(&self, key: &str) -> Option<Value> {
        self.params.value().ok()?.get_mut(key).map(Value::take)
    }
}

impl fmt::Debug for Partial {
    /// Without what it holds: that may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partial")
            .field("kind", &self.kind())
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// An event by name, of which no type is known; see
/// [`Session::subscribe_raw`](super::Session::subscribe_raw).
#[derive(Debug)]
pub enum AnyEvent {}

impl Event for AnyEvent {
    const INFO: &'static EventInfo = &EventInfo {
        name: "*",
        roles: &[],
        removed_in: None,
    };
    type Added = RawEvent;
    type Changed = RawEvent;
    type Removed = RawEvent;
    type Params = Absent;
}

/// What an event of no known type carries.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RawEvent {
    /// The id of the entry.
    pub id: Option<Value>,
    /// The entry, or what has changed of it.
    pub fields: Option<Hidden<Value>>,
    /// What some events carry in place of fields.
    pub extra: Option<Hidden<Value>>,
}

impl fmt::Debug for RawEvent {
    /// Without the id: that can be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawEvent")
            .field("fields", &self.fields)
            .field("extra", &self.extra)
            .finish_non_exhaustive()
    }
}

const RAW_EVENT: &[Field] = &[
    Field::optional("id"),
    Field::optional("fields"),
    Field::optional("extra"),
];

impl Json for RawEvent {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(RAW_EVENT);
        Self {
            id: object.next(),
            fields: object.next::<Option<Value>>().map(Hidden),
            extra: object.next::<Option<Value>>().map(Hidden),
        }
    }

    fn write(&self) -> Value {
        let inner = |hidden: &Option<Hidden<Value>>| hidden.clone().map(Hidden::into_inner);
        write_object(
            RAW_EVENT,
            &[&self.id, &inner(&self.fields), &inner(&self.extra)],
        )
    }
}

/// An event as its type, or what is known of one that does not fit.
pub(super) fn read<E: Event>(update: &Arc<Update>) -> Notice<E> {
    let read = match update.kind {
        UpdateKind::Added => event(&update.params).map(Notice::Added),
        UpdateKind::Changed => event(&update.params).map(Notice::Changed),
        UpdateKind::Removed => event(&update.params).map(Notice::Removed),
        UpdateKind::Unknown => Err(DecodeError::new(
            "$.msg".to_owned(),
            "a kind of event that is not known".to_owned(),
        )),
    };
    read.unwrap_or_else(|error| {
        Notice::Partial(Partial {
            kind: update.kind,
            params: update.params.clone(),
            error: error.of_method(E::INFO.name),
        })
    })
}

/// Reads an event as its type, in whichever place the server puts it.
fn event<T: Json>(params: &Answer) -> Result<T, DecodeError> {
    params.read().or_else(|error| {
        let gathered = params.value().ok().and_then(gathered);
        gathered
            .as_ref()
            .map(json::from_value)
            .ok_or_else(|| error.clone())?
            .map_err(|_| error)
    })
}

/// What an event tells of an entry, wherever it is.
fn payload(params: Value) -> Map<String, Value> {
    let mut params = object(params).unwrap_or_default();
    let mut take = |key| params.remove(key).and_then(object);
    if let Some(fields) = take("fields") {
        return fields;
    }
    let Some(mut extra) = take("extra") else {
        // At the top, next to what every event has.
        params.retain(|key, _| key != "msg" && key != "collection");
        return params;
    };
    match extra.remove("fields") {
        Some(Value::Object(fields)) if extra.is_empty() => fields,
        Some(fields) => {
            extra.insert("fields".to_owned(), fields);
            extra
        }
        None => extra,
    }
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

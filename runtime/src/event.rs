//! What the server sends unasked.

use serde_json::Value;

use crate::json::Json;
use crate::object::{Field, write_object};
use crate::reader::Reader;

/// What the API says of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventInfo {
    /// The name that is subscribed to: `pool.dataset.query`.
    pub name: &'static str,
    /// The roles that may subscribe.
    pub roles: &'static [&'static str],
    /// The version that will no longer have it.
    pub removed_in: Option<&'static str>,
}

/// An event of the API, as a type without values; [`Absent`] stands for what
/// it does not have.
///
/// ```
/// use truenas_runtime::{Absent, Change, Event, EventInfo, Map, EntryId, Value};
///
/// enum Alerts {}
///
/// impl Event for Alerts {
///     const INFO: &'static EventInfo =
///         &EventInfo { name: "alert.list", roles: &["ALERT_LIST_READ"], removed_in: None };
///     type Added = Change<String, Map<String, Value>>;
///     type Changed = Change<String, Map<String, Value>>;
///     type Removed = EntryId<String>;
///     type Params = Absent;
/// }
/// ```
pub trait Event: 'static {
    /// What the API says of it.
    const INFO: &'static EventInfo;
    /// What comes when something new is there.
    type Added: Json + Send + 'static;
    /// What comes when something has changed.
    type Changed: Json + Send + 'static;
    /// What comes when something is gone.
    type Removed: Json + Send + 'static;
    /// What a subscription is given.
    type Params: Json;
}

/// A kind of message that an event does not have, or the parameters of one
/// that takes none.
///
/// ```
/// use truenas_runtime::{Absent, from_str};
///
/// assert!(from_str::<Absent>("{}").is_err());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Absent;

impl Json for Absent {
    fn read(reader: &Reader<'_>) -> Self {
        reader.mismatch("nothing");
        Self
    }

    fn write(&self) -> Value {
        Value::Null
    }

    fn absent(_: &Reader<'_>) -> Self {
        Self
    }

    fn is_absent(&self) -> bool {
        true
    }
}

/// An entry that is new or has changed.
///
/// ```
/// use truenas_runtime::{Change, from_str};
///
/// let change: Change<i64, Vec<bool>> = from_str(r#"{"id": 1, "fields": [true]}"#)?;
/// assert_eq!(change, Change { id: 1, fields: vec![true] });
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<Id, Fields> {
    /// What the entry is known by.
    pub id: Id,
    /// The entry.
    pub fields: Fields,
}

const CHANGE: &[Field] = &[Field::required("id"), Field::required("fields")];

impl<Id: Json, Fields: Json> Json for Change<Id, Fields> {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(CHANGE);
        Self {
            id: object.next(),
            fields: object.next(),
        }
    }

    fn write(&self) -> Value {
        write_object(CHANGE, &[&self.id, &self.fields])
    }
}

/// The id of an entry: what comes when one is gone, and in 25.04 of every
/// change.
///
/// ```
/// use truenas_runtime::{EntryId, from_str};
///
/// assert_eq!(from_str::<EntryId<i64>>(r#"{"id": 1}"#)?, EntryId { id: 1 });
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryId<Id> {
    /// The id.
    pub id: Id,
}

const ENTRY_ID: &[Field] = &[Field::required("id")];

impl<Id: Json> Json for EntryId<Id> {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(ENTRY_ID);
        Self { id: object.next() }
    }

    fn write(&self) -> Value {
        write_object(ENTRY_ID, &[&self.id])
    }
}

/// An event with all that it tells at the top as well.
///
/// The schemas describe the payload; where it stands differs. Some senders put
/// it below `extra` or `fields`, and some leave out the id that is among the
/// fields. `None` for what is not an object.
pub(crate) fn gathered(event: Value) -> Option<Value> {
    let object = |value: Value| match value {
        Value::Object(object) => Some(object),
        _ => None,
    };
    let mut event = object(event)?;
    let extra = event.remove("extra").unwrap_or_default();
    let fields = event.get("fields").cloned().unwrap_or_default();
    let nested = extra.get("fields").cloned().unwrap_or_default();
    for source in [extra, nested, fields] {
        for (key, value) in object(source).into_iter().flatten() {
            event.entry(key).or_insert(value);
        }
    }
    Some(event.into())
}

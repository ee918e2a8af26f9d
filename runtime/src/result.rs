//! What a query answers to any options.

use std::fmt;

use serde_json::{Map, Value};

use crate::json::Json;
use crate::kinds::Kinds;
use crate::number;
use crate::reader::{Mode, Reader};
use crate::tape::View;

/// What a query answers, whatever its options said.
///
/// Where the options are known [`QueryRequest`](crate::QueryRequest) gives
/// the one that fits.
///
/// ```
/// use truenas_runtime::{QueryResult, EntryId, Row, from_str};
///
/// type Answer = QueryResult<EntryId<i64>>;
/// assert_eq!(from_str::<Answer>("3")?, QueryResult::Count(3));
/// assert_eq!(
///     from_str::<Answer>(r#"[{"id": 1}]"#)?,
///     QueryResult::List(vec![Row::Full(EntryId { id: 1 })])
/// );
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum QueryResult<E> {
    /// The entries that match.
    List(Vec<Row<E>>),
    /// The first that matches (`get`).
    One(Row<E>),
    /// How many match (`count`).
    Count(i64),
}

impl<E: Json> Json for QueryResult<E> {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.value() {
            View::Array(_) => Self::List(Json::read(reader)),
            View::Object(_) => Self::One(Json::read(reader)),
            value if Kinds::INTEGER.fit(value) => Self::Count(Json::read(reader)),
            _ => {
                reader.mismatch("array, object or integer");
                Self::Count(0)
            }
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::List(rows) => rows.write(),
            Self::One(row) => row.write(),
            Self::Count(count) => count.write(),
        }
    }
}

/// An entry of an answer, as far as it is one: `select` drops and renames keys.
#[derive(Clone, PartialEq)]
pub enum Row<E> {
    /// All keys of the entry, and no others.
    Full(E),
    /// Anything else.
    Partial(Map<String, Value>),
}

/// Of a partial row only the keys: what is not read as its type may be secret.
impl<E: fmt::Debug> fmt::Debug for Row<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(entry) => f.debug_tuple("Full").field(entry).finish(),
            Self::Partial(map) => {
                let keys: Vec<&String> = map.keys().collect();
                f.debug_tuple("Partial").field(&keys).finish()
            }
        }
    }
}

impl<E: Json> Json for Row<E> {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.attempt(Mode::Shape, E::read) {
            Ok(entry) if !reader.failed() && keeps(reader.value(), &entry.write()) => {
                Self::Full(entry)
            }
            _ => Self::Partial(Json::read(reader)),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Full(entry) => entry.write(),
            Self::Partial(map) => map.write(),
        }
    }
}

/// Whether all that was sent is still there; null and a missing key say the same.
fn keeps(sent: View<'_>, kept: &Value) -> bool {
    match (sent, kept) {
        (View::Object(sent), Value::Object(kept)) => {
            sent.sorted().into_iter().all(|(key, value)| {
                let value = value.view();
                matches!(value, View::Null) || kept.get(key).is_some_and(|kept| keeps(value, kept))
            })
        }
        (View::Array(sent), Value::Array(kept)) => {
            sent.len() == kept.len() && sent.zip(kept).all(|(sent, kept)| keeps(sent.view(), kept))
        }
        (View::Number(sent), Value::Number(kept)) => number::same(sent, kept),
        (View::BigInteger(sent), kept) => number::is_integer(kept, sent),
        (View::Text(sent), Value::String(kept)) => sent == kept,
        (View::Bool(sent), Value::Bool(kept)) => sent == *kept,
        (View::Null, Value::Null) => true,
        _ => false,
    }
}

//! The order in which the entries of a query are sorted.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde_json::Value;

use super::error::QueryError;
use super::field::QueryField;

/// A field that entries of type `E` are sorted by, and which way.
///
/// ```
/// use truenas_runtime::{Order, QueryField};
///
/// struct Entry;
/// const SIZE: QueryField<Entry, i64> = QueryField::new("size");
///
/// assert_eq!(SIZE.desc().nulls_last().to_string(), "nulls_last:-size");
/// assert_eq!(Order::<Entry>::asc("a.b").to_string(), "a.b");
/// ```
pub struct Order<E> {
    key: Key,
    entry: PhantomData<fn(&E)>,
}

/// An order without the type of the entries.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) path: Cow<'static, str>,
    descending: bool,
    nulls: Nulls,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nulls {
    Unsaid,
    First,
    Last,
}

impl<E> Order<E> {
    /// Sorts by the value at a path, smallest first.
    #[must_use]
    pub fn asc(path: impl Into<Cow<'static, str>>) -> Self {
        Self::from_key(Key {
            path: path.into(),
            descending: false,
            nulls: Nulls::Unsaid,
        })
    }

    /// Sorts by the value at a path, largest first.
    #[must_use]
    pub fn desc(path: impl Into<Cow<'static, str>>) -> Self {
        let mut order = Self::asc(path);
        order.key.descending = true;
        order
    }

    /// Puts entries where the field is null first. If neither this nor
    /// [`nulls_last`](Self::nulls_last) is set and there are nulls, most
    /// services refuse to sort.
    ///
    /// Only for fields of the entry itself: services that do not filter in SQL
    /// ignore an order by a path with nulls first or last, so such a query is
    /// refused.
    #[must_use]
    pub fn nulls_first(mut self) -> Self {
        self.key.nulls = Nulls::First;
        self
    }

    /// Puts entries where the field is null last; see
    /// [`nulls_first`](Self::nulls_first).
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.key.nulls = Nulls::Last;
        self
    }

    pub(super) fn into_key(self) -> Key {
        self.key
    }

    fn from_key(key: Key) -> Self {
        Self {
            key,
            entry: PhantomData,
        }
    }
}

/// Writes the option `order_by`: the most important key comes first in `keys`.
pub(super) fn write(keys: &[Key], in_sql: bool) -> Result<Vec<Value>, QueryError> {
    if in_sql {
        return Ok(keys.iter().map(Key::write).collect());
    }
    // The server sorts once for each key, so its last key decides first.
    let keys = keys.iter().rev();
    keys.map(|key| {
        // With nulls first or last, the server treats the path as one key of
        // the entry.
        if key.nulls != Nulls::Unsaid && key.path.contains('.') {
            return Err(QueryError::NullsOfPath(key.path.to_string()));
        }
        Ok(key.write())
    })
    .collect()
}

impl Key {
    fn write(&self) -> Value {
        self.to_string().into()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nulls = match self.nulls {
            Nulls::Unsaid => "",
            Nulls::First => "nulls_first:",
            Nulls::Last => "nulls_last:",
        };
        let sign = if self.descending { "-" } else { "" };
        write!(f, "{nulls}{sign}{}", self.path)
    }
}

impl<E, T: ?Sized> From<QueryField<E, T>> for Order<E> {
    fn from(field: QueryField<E, T>) -> Self {
        field.asc()
    }
}

/// The form on the wire.
impl<E> fmt::Display for Order<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

impl<E> Clone for Order<E> {
    fn clone(&self) -> Self {
        Self::from_key(self.key.clone())
    }
}

impl<E> fmt::Debug for Order<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Order").field(&self.to_string()).finish()
    }
}

//! How the entries of a query are sorted.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

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
    path: Cow<'static, str>,
    descending: bool,
    nulls: &'static str,
    entry: PhantomData<fn(&E)>,
}

impl<E> Order<E> {
    /// By what stands at a path, smallest first.
    #[must_use]
    pub fn asc(path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            path: path.into(),
            descending: false,
            nulls: "",
            entry: PhantomData,
        }
    }

    /// By what stands at a path, largest first.
    #[must_use]
    pub fn desc(path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            descending: true,
            ..Self::asc(path)
        }
    }

    /// Entries where the field is null come first. Where nothing is said of
    /// nulls and there are some, most services refuse to sort.
    #[must_use]
    pub fn nulls_first(self) -> Self {
        Self {
            nulls: "nulls_first:",
            ..self
        }
    }

    /// Entries where the field is null come last.
    #[must_use]
    pub fn nulls_last(self) -> Self {
        Self {
            nulls: "nulls_last:",
            ..self
        }
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
        let sign = if self.descending { "-" } else { "" };
        write!(f, "{}{sign}{}", self.nulls, self.path)
    }
}

impl<E> Clone for Order<E> {
    fn clone(&self) -> Self {
        Self {
            path: self.path.clone(),
            entry: PhantomData,
            ..*self
        }
    }
}

impl<E> fmt::Debug for Order<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Order").field(&self.to_string()).finish()
    }
}

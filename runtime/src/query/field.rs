//! A field of what a query answers, to filter, sort and select by.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde_json::Value;

use super::filter::{Filter, Op};
use super::order::Order;
use super::select::Column;
use crate::date::Date;
use crate::date_time::DateTime;
use crate::json::Json;
use crate::raw::Raw;
use crate::set::Set;
use crate::time::Time;

/// A field of the entries `E` that a query answers, and what it holds: `T`, or
/// `str` for text.
///
/// Generated code has one for each field, in the module `field` of the service.
/// What a field is compared with follows from its type. One that holds no single
/// value is a `QueryField<E, Raw>`, which leads further down with
/// [`at`](Self::at).
///
/// ```
/// use truenas_runtime::{DateTime, Filter, QueryField, Raw, Value};
///
/// struct Entry;
/// const NAME: QueryField<Entry, str> = QueryField::new("name");
/// const CREATED: QueryField<Entry, DateTime> = QueryField::new("created");
/// const USED: QueryField<Entry, Raw> = QueryField::new("used");
///
/// let text = |filter: Filter<Entry>| Value::from(filter).to_string();
/// assert_eq!(text(NAME.one_of(["a", "b"])), r#"["name","in",["a","b"]]"#);
/// assert_eq!(text(USED.at::<i64>("parsed").gt(1 << 40)), r#"["used.parsed",">",1099511627776]"#);
/// assert_eq!(
///     text(CREATED.lt(DateTime::from_millis(0))),
///     r#"["created.$date","<","1970-01-01T00:00:00Z"]"#
/// );
/// ```
///
/// A number is not compared with text:
///
/// ```compile_fail
/// # use truenas_runtime::QueryField;
/// # struct Entry;
/// const SIZE: QueryField<Entry, i64> = QueryField::new("size");
/// let filter = SIZE.eq("1");
/// ```
pub struct QueryField<E, T: ?Sized> {
    path: Cow<'static, str>,
    types: PhantomData<fn(&E, &T)>,
}

/// Types whose values the server puts in an order.
pub trait Ordered: Json {}

impl Ordered for i64 {}
impl Ordered for u64 {}
impl Ordered for i128 {}
impl Ordered for f64 {}
impl Ordered for DateTime {}
impl Ordered for Date {}
impl Ordered for Time {}

/// Lists, with or without repetition.
pub trait List {
    /// What a list holds.
    type Item: Json;
}

impl<T: Json> List for Vec<T> {
    type Item = T;
}

impl<T: Json> List for Set<T> {
    type Item = T;
}

impl<E, T: ?Sized> QueryField<E, T> {
    /// The field at a path, in the server's own words: `a.b`, and `a\.b` for a
    /// dot in a key.
    #[must_use]
    pub const fn new(path: &'static str) -> Self {
        Self {
            path: Cow::Borrowed(path),
            types: PhantomData,
        }
    }

    /// The field is null.
    #[must_use]
    pub fn is_null(self) -> Filter<E> {
        self.filter(Op::Eq, Value::Null)
    }

    /// The field is there and not null.
    #[must_use]
    pub fn is_not_null(self) -> Filter<E> {
        self.filter(Op::Ne, Value::Null)
    }

    /// Sorted by this field, smallest first.
    #[must_use]
    pub fn asc(self) -> Order<E> {
        Order::asc(self.path)
    }

    /// Sorted by this field, largest first.
    #[must_use]
    pub fn desc(self) -> Order<E> {
        Order::desc(self.path)
    }

    /// This field as a column that is called otherwise in the answer.
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Column<E> {
        Column::new(self.path).named(name)
    }

    pub(super) fn into_path(self) -> Cow<'static, str> {
        self.path
    }

    fn filter(self, op: Op, value: impl Into<Value>) -> Filter<E> {
        Filter::new(self.path, op, value)
    }

    fn below<U: ?Sized>(self, path: &str) -> QueryField<E, U> {
        QueryField {
            path: Cow::Owned(format!("{}.{path}", self.path)),
            types: PhantomData,
        }
    }
}

/// What holds a single value, other than text.
impl<E, T: Json> QueryField<E, T> {
    /// The field is this value.
    #[must_use]
    pub fn eq(self, value: T) -> Filter<E> {
        self.compare(Op::Eq, &value)
    }

    /// The field is another value.
    #[must_use]
    pub fn ne(self, value: T) -> Filter<E> {
        self.compare(Op::Ne, &value)
    }

    /// The field is one of these values.
    #[must_use]
    pub fn one_of(self, values: impl IntoIterator<Item = T>) -> Filter<E> {
        self.filter(Op::In, written(values))
    }

    /// The field is none of these values.
    #[must_use]
    pub fn none_of(self, values: impl IntoIterator<Item = T>) -> Filter<E> {
        self.filter(Op::NotIn, written(values))
    }

    /// Compares with a value; with a moment in the way the server has for those.
    fn compare(self, op: Op, value: &T) -> Filter<E> {
        let value = value.write();
        match value.get("$date").and_then(Value::as_i64) {
            Some(millis) => {
                let moment = DateTime::from_millis(millis).to_string();
                self.below::<str>("$date").filter(op, moment)
            }
            None => self.filter(op, value),
        }
    }
}

/// Numbers and times.
impl<E, T: Ordered> QueryField<E, T> {
    /// The field is greater; of times, later.
    #[must_use]
    pub fn gt(self, value: T) -> Filter<E> {
        self.compare(Op::Gt, &value)
    }

    /// The field is greater or equal.
    #[must_use]
    pub fn ge(self, value: T) -> Filter<E> {
        self.compare(Op::Ge, &value)
    }

    /// The field is less; of times, earlier.
    #[must_use]
    pub fn lt(self, value: T) -> Filter<E> {
        self.compare(Op::Lt, &value)
    }

    /// The field is less or equal.
    #[must_use]
    pub fn le(self, value: T) -> Filter<E> {
        self.compare(Op::Le, &value)
    }
}

/// Text.
impl<E> QueryField<E, str> {
    /// The field is this text.
    #[must_use]
    pub fn eq(self, text: &str) -> Filter<E> {
        self.filter(Op::Eq, text)
    }

    /// The field is another text.
    #[must_use]
    pub fn ne(self, text: &str) -> Filter<E> {
        self.filter(Op::Ne, text)
    }

    /// The field is one of these texts.
    #[must_use]
    pub fn one_of(self, texts: impl IntoIterator<Item = impl Into<String>>) -> Filter<E> {
        self.filter(Op::In, written(texts.into_iter().map(Into::into)))
    }

    /// The field is none of these texts.
    #[must_use]
    pub fn none_of(self, texts: impl IntoIterator<Item = impl Into<String>>) -> Filter<E> {
        self.filter(Op::NotIn, written(texts.into_iter().map(Into::into)))
    }

    /// The field starts with this text.
    #[must_use]
    pub fn starts_with(self, text: &str) -> Filter<E> {
        self.filter(Op::StartsWith, text)
    }

    /// The field does not start with this text.
    #[must_use]
    pub fn not_starts_with(self, text: &str) -> Filter<E> {
        self.filter(Op::NotStartsWith, text)
    }

    /// The field ends with this text.
    #[must_use]
    pub fn ends_with(self, text: &str) -> Filter<E> {
        self.filter(Op::EndsWith, text)
    }

    /// The field does not end with this text.
    #[must_use]
    pub fn not_ends_with(self, text: &str) -> Filter<E> {
        self.filter(Op::NotEndsWith, text)
    }

    /// The field holds this text anywhere.
    #[must_use]
    pub fn contains(self, text: &str) -> Filter<E> {
        self.filter(Op::Contains, text)
    }

    /// The field holds this text nowhere.
    #[must_use]
    pub fn not_contains(self, text: &str) -> Filter<E> {
        self.filter(Op::NotContains, text)
    }

    /// A regular expression of Python matches from the start of the field.
    #[must_use]
    pub fn matches(self, expression: &str) -> Filter<E> {
        self.filter(Op::Matches, expression)
    }
}

impl<E, T: List> QueryField<E, T> {
    /// The list holds this value.
    #[must_use]
    pub fn contains(self, value: impl Into<T::Item>) -> Filter<E> {
        self.filter(Op::Contains, value.into().write())
    }

    /// The list does not hold this value.
    #[must_use]
    pub fn not_contains(self, value: impl Into<T::Item>) -> Filter<E> {
        self.filter(Op::NotContains, value.into().write())
    }
}

impl<E> QueryField<E, Raw> {
    /// What stands further down, by its type: `at::<i64>("parsed")`,
    /// `at::<str>("name")`.
    #[must_use]
    pub fn at<T: ?Sized>(self, path: &str) -> QueryField<E, T> {
        self.below(path)
    }
}

impl<E> QueryField<E, Vec<Raw>> {
    /// What stands in the items, by its type: `at::<str>("0.name")` in the
    /// first, `at::<str>("*.name")` in any of them.
    #[must_use]
    pub fn at<T: ?Sized>(self, path: &str) -> QueryField<E, T> {
        self.below(path)
    }
}

fn written<T: Json>(values: impl IntoIterator<Item = T>) -> Value {
    values.into_iter().map(|value| value.write()).collect()
}

impl<E, T: ?Sized> Clone for QueryField<E, T> {
    fn clone(&self) -> Self {
        Self {
            path: self.path.clone(),
            types: PhantomData,
        }
    }
}

impl<E, T: ?Sized> fmt::Debug for QueryField<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("QueryField").field(&self.path).finish()
    }
}

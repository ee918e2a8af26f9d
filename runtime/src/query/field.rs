//! A field of the entries of a query, used to filter, sort and select.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde_json::Value;

use super::error::QueryError;
use super::filter::{Condition, Filter, Leaf, Op, has_wildcard};
use super::form::{Form, is_odd_time_of_day, millis};
use super::moment::Moments;
use super::order::Order;
use super::select::Column;
use crate::date::Date;
use crate::date_time::DateTime;
use crate::exact;
use crate::json::{Json, from_value};
use crate::raw::Raw;
use crate::secret::REDACTED;
use crate::secret_value::SecretValue;
use crate::set::Set;
use crate::time::Time;

/// A field of the entries `E` of a query. `T` is the type of its values, or
/// `str` for text.
///
/// Generated code has one for each field, in the module `field` of the service.
/// Its type determines the values that it can be compared with. A field that
/// does not hold a single value is a `QueryField<E, Raw>`; use [`at`](Self::at)
/// to reach the values inside it.
///
/// # Null and missing keys
///
/// A field that is null matches only `is_null` and every `ne`. It does not
/// match the other negative filters (`none_of`, `not_contains`,
/// `not_starts_with`, …). To find null as well, combine them with `is_null` in
/// [`any_of`](Filter::any_of). A missing key matches no filter. Below `*`, the
/// server refuses `gt`, `ge`, `lt` and `le` if one of the items is null.
///
/// # Large integers
///
/// A query cannot send an integer that needs more than 64 bits, such as most
/// serial numbers of certificates: it is refused with
/// [`QueryError::WideInteger`]. Read the entries and compare them in the program.
///
/// # Secrets
///
/// Services that filter in SQL keep secrets encrypted and refuse to compare
/// them. All others compare their content, as with any field of its type.
///
/// # Times
///
/// The server truncates times to whole seconds in its answers, although many of
/// its own values have microseconds. Filters therefore compare whole seconds
/// and ignore the fraction of the time that you give: `eq` with a time that you
/// read from an entry finds that entry. Some of the server's times have no time
/// zone and can only be compared with texts that have none either; the
/// generated constants take care of this.
///
/// The values of [`Filter::new`] and of options are sent unchanged. Be careful
/// with a [`DateTime`] there: up to 26.0.0-BETA.3, the server counts the
/// fraction of a second in a parameter twice.
///
/// ```
/// use truenas_runtime::{DateTime, Filter, QueryField, Raw, Value};
///
/// struct Entry;
/// const NAME: QueryField<Entry, str> = QueryField::new("name");
/// const CREATED: QueryField<Entry, DateTime> = QueryField::naive("created");
/// const USED: QueryField<Entry, Raw> = QueryField::new("used");
///
/// let text = |filter: Filter<Entry>| Value::from(filter).to_string();
/// assert_eq!(text(NAME.one_of(["a", "b"])), r#"["name","in",["a","b"]]"#);
/// assert_eq!(text(USED.at::<i64>("parsed").eq(1 << 40)), r#"["used.parsed","=",1099511627776]"#);
/// assert_eq!(
///     text(CREATED.lt(DateTime::from_millis(0))),
///     r#"[["created","!=",null],["created.$date","<","1970-01-01T00:00:00"]]"#
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
    naive: Naive,
    types: PhantomData<fn(&E, &T)>,
}

/// The times of a field that have no time zone on the server.
#[derive(Debug, Clone, Copy)]
enum Naive {
    /// The field itself.
    This,
    /// The values at these paths.
    At(&'static [&'static str]),
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
    /// dot in a key. If it is a time, it has a time zone on the server.
    #[must_use]
    pub const fn new(path: &'static str) -> Self {
        Self::with_naive_times(path, &[])
    }

    /// Returns the field at a path. The times at `naive` have no time zone on
    /// the server; see [`naive`](QueryField::naive). Their paths start at the
    /// entry.
    #[must_use]
    pub const fn with_naive_times(path: &'static str, naive: &'static [&'static str]) -> Self {
        Self {
            path: Cow::Borrowed(path),
            naive: Naive::At(naive),
            types: PhantomData,
        }
    }

    /// The field is null.
    #[must_use]
    pub fn is_null(self) -> Filter<E> {
        Filter::from(Condition::Leaf(Leaf::null(self.path, Op::Eq)))
    }

    /// The field is present and not null.
    #[must_use]
    pub fn is_not_null(self) -> Filter<E> {
        Filter::from(Condition::Leaf(Leaf::null(self.path, Op::Ne)))
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

    /// Returns this field as a column with another name in the answer.
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Column<E> {
        Column::new(self.path).named(name)
    }

    pub(super) fn into_path(self) -> Cow<'static, str> {
        self.path
    }

    fn filter(self, op: Op, value: impl Into<Value>, form: Form) -> Filter<E> {
        Filter::from(Condition::Leaf(Leaf::new(self.path, op, value).of(form)))
    }

    fn below<U: ?Sized>(self, path: &str) -> QueryField<E, U> {
        QueryField {
            path: Cow::Owned(format!("{}.{path}", self.path)),
            naive: self.naive,
            types: PhantomData,
        }
    }

    fn moments(&self) -> Moments {
        Moments {
            path: self.path.clone(),
            naive: match self.naive {
                Naive::This => true,
                Naive::At(paths) => paths.contains(&self.path.as_ref()),
            },
        }
    }
}

impl<E> QueryField<E, DateTime> {
    /// Returns the time at a path, which has no time zone on the server. Such a
    /// time is UTC. The server refuses to order it against a time that has a
    /// time zone, and never considers the two equal.
    #[must_use]
    pub const fn naive(path: &'static str) -> Self {
        Self {
            path: Cow::Borrowed(path),
            naive: Naive::This,
            types: PhantomData,
        }
    }

    fn without_zone(self) -> Self {
        Self {
            naive: Naive::This,
            ..self
        }
    }
}

/// Fields with a single value other than text.
impl<E, T: Json> QueryField<E, T> {
    /// The field is this value.
    #[must_use]
    pub fn eq(self, value: T) -> Filter<E> {
        Filter::from(self.compare(Op::Eq, &value))
    }

    /// The field is another value or null.
    #[must_use]
    pub fn ne(self, value: T) -> Filter<E> {
        Filter::from(self.compare(Op::Ne, &value))
    }

    /// The field is one of these values.
    #[must_use]
    pub fn one_of(self, values: impl IntoIterator<Item = T>) -> Filter<E> {
        let values: Vec<T> = values.into_iter().collect();
        Filter::from(if Self::has_times(&values) {
            if values.is_empty() {
                Condition::never(self.path)
            } else {
                Condition::any(values.iter().map(|value| self.compare(Op::Eq, value)))
            }
        } else {
            self.list(Op::In, &values)
        })
    }

    /// The field is none of these values and not null.
    #[must_use]
    pub fn none_of(self, values: impl IntoIterator<Item = T>) -> Filter<E> {
        let values: Vec<T> = values.into_iter().collect();
        Filter::from(if !Self::has_times(&values) {
            self.list(Op::NotIn, &values)
        } else if values.len() > 1 && has_wildcard(&self.path) {
            Condition::Refused(QueryError::TimeOfItems(self.path.into_owned()))
        } else {
            let there = Condition::Leaf(Leaf::null(self.path.clone(), Op::Ne));
            let others = values.iter().map(|value| self.compare(Op::Ne, value));
            Condition::all(std::iter::once(there).chain(others))
        })
    }

    fn has_times(values: &[T]) -> bool {
        Form::of::<T>() == Form::Time || values.iter().any(|value| millis(&value.write()).is_some())
    }

    fn compare(&self, op: Op, value: &T) -> Condition {
        let form = Form::of::<T>();
        match checked(value) {
            Err(error) => Condition::Refused(error),
            Ok(value) => match millis(&value) {
                Some(millis) => self.moments().compare(op, millis),
                None if form == Form::Time => Condition::Refused(QueryError::TimeIsText),
                None => Condition::Leaf(Leaf::new(self.path.clone(), op, value).of(form)),
            },
        }
    }

    fn list(&self, op: Op, values: &[T]) -> Condition {
        let values = values.iter().map(checked).collect::<Result<Vec<_>, _>>();
        match values {
            Err(error) => Condition::Refused(error),
            Ok(values) => {
                Condition::Leaf(Leaf::new(self.path.clone(), op, values).of(Form::of::<T>()))
            }
        }
    }
}

/// Returns the value in JSON, unless the server would not find it equal to its
/// own: it never finds the string of digits that stands for a wide integer in a
/// [`Value`] equal to an integer.
fn checked<T: Json>(value: &T) -> Result<Value, QueryError> {
    let written = exact::narrow(|| value.write()).ok_or(QueryError::WideInteger)?;
    if T::SECRET && written == REDACTED {
        return Err(QueryError::RedactedSecret);
    }
    if is_odd_time_of_day(&written) {
        return Err(QueryError::TimeOfDay);
    }
    // NaN is written as a value that is not a number.
    match from_value::<T>(&written) {
        Ok(_) => Ok(written),
        Err(_) => Err(QueryError::NotAValue),
    }
}

/// Numbers and times. Null has no order: it never matches.
impl<E, T: Ordered> QueryField<E, T> {
    /// The field is greater; of times, later.
    #[must_use]
    pub fn gt(self, value: T) -> Filter<E> {
        Filter::from(self.compare(Op::Gt, &value))
    }

    /// The field is greater or equal.
    #[must_use]
    pub fn ge(self, value: T) -> Filter<E> {
        Filter::from(self.compare(Op::Ge, &value))
    }

    /// The field is less; of times, earlier.
    #[must_use]
    pub fn lt(self, value: T) -> Filter<E> {
        Filter::from(self.compare(Op::Lt, &value))
    }

    /// The field is less or equal.
    #[must_use]
    pub fn le(self, value: T) -> Filter<E> {
        Filter::from(self.compare(Op::Le, &value))
    }
}

/// Text.
impl<E> QueryField<E, str> {
    /// The field is this text.
    #[must_use]
    pub fn eq(self, text: &str) -> Filter<E> {
        self.filter(Op::Eq, text, Form::Text)
    }

    /// The field is another text or null.
    #[must_use]
    pub fn ne(self, text: &str) -> Filter<E> {
        self.filter(Op::Ne, text, Form::Text)
    }

    /// The field is one of these texts.
    #[must_use]
    pub fn one_of(self, texts: impl IntoIterator<Item = impl Into<String>>) -> Filter<E> {
        self.filter(Op::In, list_of(texts), Form::Text)
    }

    /// The field is none of these texts and not null.
    #[must_use]
    pub fn none_of(self, texts: impl IntoIterator<Item = impl Into<String>>) -> Filter<E> {
        self.filter(Op::NotIn, list_of(texts), Form::Text)
    }

    /// The field starts with this text.
    #[must_use]
    pub fn starts_with(self, text: &str) -> Filter<E> {
        self.filter(Op::StartsWith, text, Form::Text)
    }

    /// The field is not null and does not start with this text.
    #[must_use]
    pub fn not_starts_with(self, text: &str) -> Filter<E> {
        self.filter(Op::NotStartsWith, text, Form::Text)
    }

    /// The field ends with this text.
    #[must_use]
    pub fn ends_with(self, text: &str) -> Filter<E> {
        self.filter(Op::EndsWith, text, Form::Text)
    }

    /// The field is not null and does not end with this text.
    #[must_use]
    pub fn not_ends_with(self, text: &str) -> Filter<E> {
        self.filter(Op::NotEndsWith, text, Form::Text)
    }

    /// The field contains this text.
    #[must_use]
    pub fn contains(self, text: &str) -> Filter<E> {
        self.filter(Op::Contains, text, Form::Text)
    }

    /// The field is not null and does not contain this text.
    #[must_use]
    pub fn not_contains(self, text: &str) -> Filter<E> {
        self.filter(Op::NotContains, text, Form::Text)
    }

    /// The field matches this Python regular expression from its start. Null
    /// counts as the empty text, except in services that filter in SQL, where
    /// it never matches.
    #[must_use]
    pub fn matches(self, expression: &str) -> Filter<E> {
        self.filter(Op::Matches, expression, Form::Text)
    }
}

impl<E, T: List> QueryField<E, T> {
    /// The list contains this value.
    #[must_use]
    pub fn contains(self, value: impl Into<T::Item>) -> Filter<E> {
        self.holds(Op::Contains, &value.into())
    }

    /// The list is not null and does not contain this value.
    #[must_use]
    pub fn not_contains(self, value: impl Into<T::Item>) -> Filter<E> {
        self.holds(Op::NotContains, &value.into())
    }

    fn holds(self, op: Op, value: &T::Item) -> Filter<E> {
        let form = match Form::of::<T::Item>() {
            Form::Text | Form::Secret => Form::Texts,
            _ => Form::Other,
        };
        match checked(value) {
            Ok(value) => self.filter(op, value, form),
            Err(error) => Filter::from(Condition::Refused(error)),
        }
    }
}

impl<E> QueryField<E, Raw> {
    /// Returns a value inside this one, as the given type:
    /// `at::<i64>("parsed")`, `at::<str>("name")`.
    #[must_use]
    pub fn at<T: ?Sized>(self, path: &str) -> QueryField<E, T> {
        self.below(path)
    }

    /// Returns a time inside this value that has no time zone on the server.
    /// Use this if the generated constant does not take care of it; see
    /// [`naive`](QueryField::naive).
    #[must_use]
    pub fn at_naive(self, path: &str) -> QueryField<E, DateTime> {
        self.below(path).without_zone()
    }
}

impl<E> QueryField<E, SecretValue<Raw>> {
    /// A value inside the secret, by its type; services that filter in SQL
    /// refuse to compare it.
    #[must_use]
    pub fn at<T: ?Sized>(self, path: &str) -> QueryField<E, T> {
        self.below(path)
    }

    /// A time inside the secret that has no time zone on the server, where the
    /// generated constant does not know that; see [`naive`](QueryField::naive).
    #[must_use]
    pub fn at_naive(self, path: &str) -> QueryField<E, DateTime> {
        self.below(path).without_zone()
    }
}

impl<E> QueryField<E, Vec<Raw>> {
    /// Returns a value inside the items, as the given type:
    /// `at::<str>("0.name")` in the first, `at::<str>("*.name")` in any of
    /// them.
    #[must_use]
    pub fn at<T: ?Sized>(self, path: &str) -> QueryField<E, T> {
        self.below(path)
    }

    /// Returns a time inside the items that has no time zone on the server. Use
    /// this if the generated constant does not take care of it; see
    /// [`naive`](QueryField::naive).
    #[must_use]
    pub fn at_naive(self, path: &str) -> QueryField<E, DateTime> {
        self.below(path).without_zone()
    }
}

fn list_of(texts: impl IntoIterator<Item = impl Into<String>>) -> Value {
    texts
        .into_iter()
        .map(Into::into)
        .collect::<Vec<String>>()
        .into()
}

impl<E, T: ?Sized> Clone for QueryField<E, T> {
    fn clone(&self) -> Self {
        Self {
            path: self.path.clone(),
            naive: self.naive,
            types: PhantomData,
        }
    }
}

impl<E, T: ?Sized> fmt::Debug for QueryField<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("QueryField").field(&self.path).finish()
    }
}

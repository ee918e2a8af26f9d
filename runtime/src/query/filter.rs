//! Conditions on the entries that a query answers.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde_json::Value;

use super::error::QueryError;
use super::form::Form;
use crate::raw::Raw;

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`: null differs from every other value.
    Ne,
    /// `>`: most services refuse the query if a value is null.
    Gt,
    /// `>=`: as [`Gt`](Self::Gt).
    Ge,
    /// `<`: as [`Gt`](Self::Gt).
    Lt,
    /// `<=`: as [`Gt`](Self::Gt).
    Le,
    /// `~`: the regular expression matches from the start of the field.
    Matches,
    /// `in`: the field is one of the values.
    In,
    /// `nin`: like all other negative operators except `!=`, it never matches
    /// null.
    NotIn,
    /// `rin`: the field holds the value.
    Contains,
    /// `rnin`
    NotContains,
    /// `^`
    StartsWith,
    /// `!^`
    NotStartsWith,
    /// `$`
    EndsWith,
    /// `!$`
    NotEndsWith,
}

impl Op {
    const fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Matches => "~",
            Self::In => "in",
            Self::NotIn => "nin",
            Self::Contains => "rin",
            Self::NotContains => "rnin",
            Self::StartsWith => "^",
            Self::NotStartsWith => "!^",
            Self::EndsWith => "$",
            Self::NotEndsWith => "!$",
        }
    }

    /// Returns whether the operator needs an order, which null does not have.
    pub(super) const fn is_order(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }
}

/// A condition on entries of type `E`.
///
/// Conditions come from a service's fields, see
/// [`QueryField`](super::QueryField); [`new`](Self::new) makes one from a path
/// in the server's own words. The server accepts `any_of` inside an `all_of` of
/// an `any_of` at most three deep; a deeper query is refused before it is sent.
///
/// A condition can be sent as several filters: null is excluded before an order
/// is compared, and times are compared by whole seconds.
///
/// ```
/// use truenas_runtime::{Filter, Op, QueryField, Raw, Value};
///
/// struct Entry;
/// const NAME: QueryField<Entry, str> = QueryField::new("name");
/// const USED: QueryField<Entry, i64> = QueryField::new("used");
///
/// let filter = Filter::any_of([
///     NAME.starts_with("tank/").ignore_case(),
///     Filter::all_of([Filter::new("children.*.type", Op::Eq, "VOLUME"), USED.eq(0)]),
///     USED.gt(9),
/// ]);
/// assert_eq!(
///     Value::from(filter).to_string(),
///     concat!(
///         r#"["OR",[["name","C^","tank/"],"#,
///         r#"[["children.*.type","=","VOLUME"],["used","=",0]],"#,
///         r#"[["used","!=",null],["used",">",9]]]]"#,
///     )
/// );
/// ```
pub struct Filter<E> {
    condition: Condition,
    entry: PhantomData<fn(&E)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Leaf(Leaf),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// A condition that the server has no form for.
    Refused(QueryError),
}

/// A comparison of a field with a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    pub(super) path: Cow<'static, str>,
    pub(super) op: Op,
    pub(super) ignore_case: bool,
    pub(super) value: Raw,
    pub(super) form: Form,
}

impl<E> Filter<E> {
    /// Compares the value at a path with another value. A path is written
    /// `a.b`, `list.0.x`, `list.*.x`, and `a\.b` for a dot in a key. A missing
    /// key never matches.
    ///
    /// The filter is sent unchanged. If the value can be null, an order
    /// (`Op::Gt` and so on) needs a filter before it that excludes null. A time
    /// is compared as ISO 8601 text at `a.$date`, with `Z` if the server's own
    /// value has a time zone, without it otherwise.
    pub fn new(path: impl Into<Cow<'static, str>>, op: Op, value: impl Into<Value>) -> Self {
        Self::from(Condition::Leaf(Leaf::new(path, op, value)))
    }

    /// Holds if at least one of the conditions does.
    #[must_use]
    pub fn any_of(filters: impl IntoIterator<Item = Self>) -> Self {
        let filters = filters.into_iter();
        Self::from(Condition::any(filters.map(|filter| filter.condition)))
    }

    /// Holds if all of the conditions do.
    #[must_use]
    pub fn all_of(filters: impl IntoIterator<Item = Self>) -> Self {
        let filters = filters.into_iter();
        Self::from(Condition::all(filters.map(|filter| filter.condition)))
    }

    /// Ignores case in fields that hold text. Other fields are not affected.
    ///
    /// A service that filters in SQL can only do this for ASCII; a query with
    /// other text is refused.
    #[must_use]
    pub fn ignore_case(self) -> Self {
        Self::from(self.condition.ignore_case())
    }

    pub(super) fn into_condition(self) -> Condition {
        self.condition
    }

    pub(super) fn from(condition: Condition) -> Self {
        Self {
            condition,
            entry: PhantomData,
        }
    }
}

impl Condition {
    /// Returns the conjunction of the conditions, flattened: the server does
    /// not accept deep nesting.
    pub(super) fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for condition in conditions {
            match condition {
                Self::All(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        Self::All(all)
    }

    /// Returns the disjunction of the conditions, flattened. An empty one
    /// stays, so that it is refused.
    pub(super) fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Vec::new();
        for condition in conditions {
            match condition {
                Self::Any(inner) if !inner.is_empty() => any.extend(inner),
                other => any.push(other),
            }
        }
        Self::Any(any)
    }

    /// Returns a condition that no entry satisfies.
    pub(super) fn never(path: Cow<'static, str>) -> Self {
        let is_null = Self::Leaf(Leaf::null(path.clone(), Op::Eq));
        let is_not_null = Self::Leaf(Leaf::null(path, Op::Ne));
        Self::All(vec![is_null, is_not_null])
    }

    fn ignore_case(self) -> Self {
        let each = |all: Vec<Self>| all.into_iter().map(Self::ignore_case).collect();
        match self {
            Self::Leaf(leaf) => Self::Leaf(Leaf {
                ignore_case: leaf.ignore_case || leaf.is_text(),
                ..leaf
            }),
            Self::All(all) => Self::All(each(all)),
            Self::Any(any) => Self::Any(each(any)),
            refused @ Self::Refused(_) => refused,
        }
    }

    /// Calls `visit` for every comparison.
    pub(super) fn each_leaf(&self, visit: &mut impl FnMut(&Leaf)) {
        match self {
            Self::Leaf(leaf) => visit(leaf),
            Self::All(inner) | Self::Any(inner) => {
                inner.iter().for_each(|inner| inner.each_leaf(visit));
            }
            Self::Refused(_) => {}
        }
    }
}

impl Leaf {
    pub(super) fn new(path: impl Into<Cow<'static, str>>, op: Op, value: impl Into<Value>) -> Self {
        Self {
            path: path.into(),
            op,
            ignore_case: false,
            value: Raw::from(value.into()),
            form: Form::Unknown,
        }
    }

    /// Returns a comparison with null, which every kind of field can be
    /// compared with.
    pub(super) fn null(path: Cow<'static, str>, op: Op) -> Self {
        Self::new(path, op, Value::Null).of(Form::Other)
    }

    pub(super) fn of(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Returns the same field in another comparison.
    pub(super) fn with(&self, op: Op, value: Value) -> Self {
        Self {
            op,
            value: Raw::from(value),
            ..self.clone()
        }
    }

    pub(super) fn is_time(&self) -> bool {
        self.path.ends_with(".$date")
    }

    /// Returns whether text is compared with text: the server can only ignore
    /// the case of text. It does not treat an empty list as a list of texts.
    fn is_text(&self) -> bool {
        let value = match self.value.value() {
            Value::String(_) => true,
            Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_string),
            _ => false,
        };
        let field = self.form.is_text() || self.form == Form::Unknown;
        value && field && !self.is_time()
    }

    pub(super) fn write(&self) -> Value {
        let case = if self.ignore_case { "C" } else { "" };
        Value::Array(vec![
            self.path.as_ref().into(),
            format!("{case}{}", self.op.symbol()).into(),
            self.value.value(),
        ])
    }
}

/// Returns whether a path leads to each item of a list.
pub(super) fn has_wildcard(path: &str) -> bool {
    has_step(path, |step| step == "*")
}

/// Returns whether one of the keys of a path passes the test. A key with a dot
/// in it never does.
pub(super) fn has_step(path: &str, test: impl Fn(&str) -> bool) -> bool {
    let mut after_escape = false;
    path.split('.').any(|step| {
        let escape = step.ends_with('\\');
        let part = std::mem::replace(&mut after_escape, escape) || escape;
        !part && test(step)
    })
}

impl<E> Clone for Filter<E> {
    fn clone(&self) -> Self {
        Self::from(self.condition.clone())
    }
}

impl<E> PartialEq for Filter<E> {
    fn eq(&self, other: &Self) -> bool {
        self.condition == other.condition
    }
}

impl<E> fmt::Debug for Filter<E> {
    /// Without the values: there can be secrets among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.condition).finish()
    }
}

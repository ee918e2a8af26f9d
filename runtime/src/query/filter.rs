//! What entries a query is to answer.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde_json::Value;

use super::DEEPEST;
use super::error::QueryError;
use crate::raw::Raw;

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `~`: the regular expression matches from the start of the field.
    Matches,
    /// `in`: the field is one of the values.
    In,
    /// `nin`
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
}

/// A condition on entries of type `E`.
///
/// Conditions come from a service's fields, see [`QueryField`](super::QueryField);
/// [`new`](Self::new) makes one from a path in the server's own words. The
/// server takes `any_of` in `any_of` at most three deep; a query with more is
/// refused before it is sent.
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
///     Filter::all_of([Filter::new("children.*.type", Op::Eq, "VOLUME"), USED.gt(0)]),
/// ]);
/// assert_eq!(
///     Value::from(filter).to_string(),
///     r#"["OR",[["name","C^","tank/"],[["children.*.type","=","VOLUME"],["used",">",0]]]]"#
/// );
/// ```
pub struct Filter<E> {
    condition: Condition,
    entry: PhantomData<fn(&E)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Leaf {
        path: Cow<'static, str>,
        op: Op,
        ignore_case: bool,
        value: Raw,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

impl<E> Filter<E> {
    /// Compares what stands at a path with a value: `a.b`, `list.0.x`,
    /// `list.*.x`, and `a\.b` for a dot in a key; `a.$date` compares a time
    /// with ISO 8601. A key that is not there never matches.
    pub fn new(path: impl Into<Cow<'static, str>>, op: Op, value: impl Into<Value>) -> Self {
        Self::from(Condition::Leaf {
            path: path.into(),
            op,
            ignore_case: false,
            value: Raw::from(value.into()),
        })
    }

    /// Holds where one of the conditions does.
    #[must_use]
    pub fn any_of(filters: impl IntoIterator<Item = Self>) -> Self {
        let filters = filters.into_iter();
        let any = filters.map(|filter| filter.condition).collect();
        Self::from(Condition::Any(any))
    }

    /// Holds where all of the conditions do.
    #[must_use]
    pub fn all_of(filters: impl IntoIterator<Item = Self>) -> Self {
        // Flat, so that what the server takes is never deep.
        let mut all = Vec::new();
        for filter in filters {
            match filter.condition {
                Condition::All(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        Self::from(Condition::All(all))
    }

    /// The same without regard to upper and lower case of text.
    #[must_use]
    pub fn ignore_case(self) -> Self {
        Self::from(self.condition.ignore_case())
    }

    pub(super) fn into_condition(self) -> Condition {
        self.condition
    }

    fn from(condition: Condition) -> Self {
        Self {
            condition,
            entry: PhantomData,
        }
    }
}

impl Condition {
    fn ignore_case(self) -> Self {
        let each = |all: Vec<Self>| all.into_iter().map(Self::ignore_case).collect();
        match self {
            // The server can do this to text alone, and a time is none.
            Self::Leaf {
                path,
                op,
                ignore_case,
                value,
            } => Self::Leaf {
                ignore_case: ignore_case || (is_text(&value.value()) && !path.ends_with(".$date")),
                path,
                op,
                value,
            },
            Self::All(all) => Self::All(each(all)),
            Self::Any(any) => Self::Any(each(any)),
        }
    }

    /// Whether the server takes the condition, in so many `any_of`.
    pub(super) fn check(&self, depth: usize) -> Result<(), QueryError> {
        match self {
            Self::Leaf {
                op: Op::Matches,
                ignore_case: true,
                ..
            } => Err(QueryError::IgnoreCase),
            Self::Leaf { .. } => Ok(()),
            Self::All(all) if all.is_empty() && depth > 0 => Err(QueryError::Empty),
            Self::All(all) => all.iter().try_for_each(|inner| inner.check(depth)),
            Self::Any(any) if any.is_empty() => Err(QueryError::Empty),
            Self::Any(_) if depth == DEEPEST => Err(QueryError::TooDeep),
            Self::Any(any) => any.iter().try_for_each(|inner| inner.check(depth + 1)),
        }
    }

    /// Adds the condition to a list of which all must hold.
    pub(super) fn write_into(&self, list: &mut Vec<Value>) {
        match self {
            Self::All(all) => all.iter().for_each(|inner| inner.write_into(list)),
            Self::Any(any) => {
                let branches: Vec<Value> = any.iter().map(Self::branch).collect();
                list.push(Value::Array(vec!["OR".into(), branches.into()]));
            }
            Self::Leaf {
                path,
                op,
                ignore_case,
                value,
            } => {
                let case = if *ignore_case { "C" } else { "" };
                let op = format!("{case}{}", op.symbol());
                list.push(Value::Array(vec![
                    path.as_ref().into(),
                    op.into(),
                    value.value(),
                ]));
            }
        }
    }

    /// The form of a branch of "OR": the condition itself, or the list of
    /// those which must hold together.
    fn branch(&self) -> Value {
        let mut list = Vec::new();
        self.write_into(&mut list);
        match (self, list.pop()) {
            (Self::Leaf { .. } | Self::Any(_), Some(only)) => only,
            (_, last) => {
                list.extend(last);
                Value::Array(list)
            }
        }
    }
}

fn is_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        _ => false,
    }
}

/// The form on the wire, for calls by name.
impl<E> From<Filter<E>> for Value {
    fn from(filter: Filter<E>) -> Self {
        filter.condition.branch()
    }
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

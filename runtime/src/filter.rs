//! What entries a query is to answer.

use serde_json::Value;

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

/// A condition on entries.
///
/// A field is a path: `a.b`, `list.0.x`, `list.*.x`, and `a\.b` for a dot in a
/// key; `field.$date` compares times with ISO 8601. A key that is not there
/// never matches. The server takes conditions at most three deep.
///
/// ```
/// use truenas_runtime::{Filter, Op, Value};
///
/// let filter = Filter::any_of([
///     Filter::new("name", Op::StartsWith, "tank/").ignore_case(),
///     Filter::all_of([Filter::new("type", Op::Eq, "VOLUME"), Filter::new("used", Op::Gt, 0)]),
/// ]);
/// assert_eq!(
///     Value::from(filter).to_string(),
///     r#"["OR",[["name","C^","tank/"],[["type","=","VOLUME"],["used",">",0]]]]"#
/// );
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(Condition);

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Leaf {
        field: String,
        op: Op,
        ignore_case: bool,
        value: Raw,
    },
    All(Vec<Filter>),
    Any(Vec<Filter>),
}

impl Filter {
    /// Compares a field with a value.
    pub fn new(field: impl Into<String>, op: Op, value: impl Into<Value>) -> Self {
        Self(Condition::Leaf {
            field: field.into(),
            op,
            ignore_case: false,
            value: Raw(value.into()),
        })
    }

    /// Holds where one of the conditions does.
    #[must_use]
    pub fn any_of(filters: impl IntoIterator<Item = Self>) -> Self {
        Self(Condition::Any(filters.into_iter().collect()))
    }

    /// Holds where all of the conditions do.
    #[must_use]
    pub fn all_of(filters: impl IntoIterator<Item = Self>) -> Self {
        Self(Condition::All(filters.into_iter().collect()))
    }

    /// The same without regard to upper and lower case.
    ///
    /// The server refuses this for [`Op::Matches`] up to release 26.
    #[must_use]
    pub fn ignore_case(self) -> Self {
        let each = |filters: Vec<Self>| filters.into_iter().map(Self::ignore_case).collect();
        Self(match self.0 {
            Condition::Leaf {
                field, op, value, ..
            } => Condition::Leaf {
                field,
                op,
                ignore_case: true,
                value,
            },
            Condition::All(filters) => Condition::All(each(filters)),
            Condition::Any(filters) => Condition::Any(each(filters)),
        })
    }

    /// Adds the condition to a list of which all must hold.
    pub(crate) fn write_into(self, list: &mut Vec<Value>) {
        match self.0 {
            Condition::All(filters) => filters
                .into_iter()
                .for_each(|filter| filter.write_into(list)),
            Condition::Any(filters) => {
                let branches: Vec<_> = filters.into_iter().map(Value::from).collect();
                list.push(Value::Array(vec!["OR".into(), branches.into()]));
            }
            Condition::Leaf {
                field,
                op,
                ignore_case,
                value,
            } => {
                let case = if ignore_case { "C" } else { "" };
                let op = format!("{case}{}", op.symbol());
                list.push(Value::Array(vec![field.into(), op.into(), value.0]));
            }
        }
    }
}

/// The form of a branch of "OR": the condition itself, or the list of those
/// which must hold together.
impl From<Filter> for Value {
    fn from(filter: Filter) -> Self {
        let is_list = matches!(filter.0, Condition::All(_));
        let mut list = Vec::new();
        filter.write_into(&mut list);
        match list.pop() {
            Some(only) if !is_list => only,
            last => {
                list.extend(last);
                Self::Array(list)
            }
        }
    }
}

//! Filters for the services that read their entries first and then filter them.
//! Nearly all services do; see [`sql`](super::sql) for the others.

use serde_json::Value;

use super::error::QueryError;
use super::filter::{Condition, Filter, Leaf, Op, has_wildcard};
use super::form::Form;
use super::limits::DEEPEST;

/// Writes the parameter `filters`: a list of conditions that must all hold.
pub(super) fn write(conditions: &[Condition]) -> Result<Vec<Value>, QueryError> {
    let writer = Writer::new(conditions);
    let mut list = Vec::new();
    for condition in conditions {
        write_into(&writer.lower(condition)?, 0, &mut list)?;
    }
    Ok(list)
}

/// The form on the wire, for calls by name to services that do not filter in
/// SQL. A condition that has no such form becomes one that the server refuses.
impl<E> From<Filter<E>> for Value {
    fn from(filter: Filter<E>) -> Self {
        one(&filter.into_condition()).unwrap_or_else(|_| {
            let none: Vec<Self> = Vec::new();
            Self::Array(vec!["OR".into(), none.into()])
        })
    }
}

/// Writes one condition, in the form of a branch of "OR".
fn one(condition: &Condition) -> Result<Value, QueryError> {
    let writer = Writer::new(std::slice::from_ref(condition));
    branch(&writer.lower(condition)?, 0)
}

/// Rewrites conditions in the forms that the server accepts.
struct Writer {
    /// The texts of all times. The server replaces each of them by the time in
    /// all filters, and has to hash every value to do so.
    times: Vec<String>,
}

impl Writer {
    fn new(conditions: &[Condition]) -> Self {
        let mut times = Vec::new();
        for condition in conditions {
            condition.each_leaf(&mut |leaf| {
                if let (true, Value::String(text)) = (leaf.is_time(), leaf.value.value()) {
                    times.push(text);
                }
            });
        }
        Self { times }
    }

    fn lower(&self, condition: &Condition) -> Result<Condition, QueryError> {
        let each = |inner: &[Condition]| -> Result<Vec<Condition>, QueryError> {
            inner.iter().map(|inner| self.lower(inner)).collect()
        };
        match condition {
            Condition::Leaf(leaf) => self.leaf(leaf),
            Condition::All(all) => Ok(Condition::all(each(all)?)),
            Condition::Any(any) => Ok(Condition::any(each(any)?)),
            Condition::Refused(error) => Err(error.clone()),
        }
    }

    fn leaf(&self, leaf: &Leaf) -> Result<Condition, QueryError> {
        check(leaf)?;
        let value = leaf.value.value();
        if self.times.is_empty() {
            return Ok(guarded(leaf));
        }
        match (leaf.op, &value) {
            (Op::In, Value::Array(values)) if values.is_empty() => {
                return Ok(Condition::never(leaf.path.clone()));
            }
            (Op::In, Value::Array(values)) => return self.each(leaf, Op::Eq, values),
            // With several keys, each could be missing from a different item.
            (Op::NotIn, Value::Array(values)) if values.len() < 2 || !has_wildcard(&leaf.path) => {
                return self.each(leaf, Op::Ne, values);
            }
            _ => {}
        }
        match value {
            Value::String(text) if !leaf.is_time() && self.times.contains(&text) => {
                Err(QueryError::TextIsTime)
            }
            value if is_hashable(&value) => Ok(guarded(leaf)),
            _ => Err(QueryError::ListBesideTime(leaf.path.to_string())),
        }
    }

    /// Returns a comparison with each of several values: any of them, or none
    /// and not null.
    fn each(&self, leaf: &Leaf, op: Op, values: &[Value]) -> Result<Condition, QueryError> {
        let values = values.iter();
        let leaves = values.map(|value| self.leaf(&leaf.with(op, value.clone())));
        let leaves = leaves.collect::<Result<Vec<_>, _>>()?;
        if op == Op::Eq {
            return Ok(Condition::any(leaves));
        }
        let there = Condition::Leaf(Leaf::null(leaf.path.clone(), Op::Ne));
        Ok(Condition::all(std::iter::once(there).chain(leaves)))
    }
}

/// Checks for filters that all services refuse or misunderstand.
pub(super) fn check(leaf: &Leaf) -> Result<(), QueryError> {
    let value = leaf.value.value();
    if leaf.ignore_case && leaf.op == Op::Matches {
        Err(QueryError::IgnoreCase)
    } else if leaf.is_time() && !(leaf.op.is_order() || matches!(leaf.op, Op::Eq | Op::Ne)) {
        Err(QueryError::TimeOperator)
    } else if value.as_str().is_some_and(|text| text.ends_with(".$date")) {
        Err(QueryError::TextEndsInDate)
    } else {
        Ok(())
    }
}

/// Null must not be compared by order.
fn guarded(leaf: &Leaf) -> Condition {
    let comparison = Condition::Leaf(leaf.clone());
    if !leaf.op.is_order() || leaf.form == Form::Unknown {
        return comparison;
    }
    let there = Condition::Leaf(Leaf::null(leaf.path.clone(), Op::Ne));
    Condition::All(vec![there, comparison])
}

/// Returns whether the server's own value for this one can be hashed.
fn is_hashable(value: &Value) -> bool {
    match value {
        Value::Array(_) => false,
        Value::Object(object) => {
            let keys = [
                "$date",
                "$time",
                "$type",
                "$ipv4_interface",
                "$ipv6_interface",
            ];
            keys.iter().any(|key| object.contains_key(*key))
        }
        _ => true,
    }
}

/// Adds a condition to a list of conditions that must all hold.
fn write_into(
    condition: &Condition,
    depth: usize,
    list: &mut Vec<Value>,
) -> Result<(), QueryError> {
    let written = match condition {
        Condition::All(all) if all.is_empty() && depth > 0 => return Err(QueryError::Empty),
        Condition::All(all) => {
            return all
                .iter()
                .try_for_each(|inner| write_into(inner, depth, list));
        }
        Condition::Any(any) if any.is_empty() => return Err(QueryError::Empty),
        Condition::Any(_) if depth == DEEPEST => return Err(QueryError::TooDeep),
        Condition::Any(any) => {
            let branches = any.iter().map(|inner| branch(inner, depth + 1));
            let branches = branches.collect::<Result<Vec<_>, _>>()?;
            Value::Array(vec!["OR".into(), branches.into()])
        }
        Condition::Leaf(leaf) => leaf.write(),
        Condition::Refused(error) => return Err(error.clone()),
    };
    // Two orders of one field share a guard.
    if !list.contains(&written) {
        list.push(written);
    }
    Ok(())
}

/// Returns the form of a branch of "OR": the condition itself, or the list of
/// the conditions that must hold together.
fn branch(condition: &Condition, depth: usize) -> Result<Value, QueryError> {
    let mut list = Vec::new();
    write_into(condition, depth, &mut list)?;
    match (condition, list.pop()) {
        (Condition::Leaf(_) | Condition::Any(_), Some(only)) => Ok(only),
        (_, last) => {
            list.extend(last);
            Ok(Value::Array(list))
        }
    }
}

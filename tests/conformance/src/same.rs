//! Whether two values say the same.

use serde_json::{Map, Number, Value};

/// What a key says that is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Something of its own, as in a request: "clear this".
    Kept,
    /// The same as a key that is not there, as in an answer.
    Absent,
}

/// Whether two values say the same. Numbers are compared by their value, so
/// that `1` is `1.0`.
///
/// ```
/// use serde_json::json;
/// use truenas_conformance::{Nulls, same};
///
/// assert!(same(&json!({"a": 1, "b": null}), &json!({"a": 1.0}), Nulls::Absent));
/// assert!(!same(&json!({"a": 1, "b": null}), &json!({"a": 1.0}), Nulls::Kept));
/// assert!(!same(&json!([null]), &json!([]), Nulls::Absent));
/// ```
#[must_use]
pub fn same(one: &Value, other: &Value, nulls: Nulls) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            covers(one, other, nulls) && covers(other, one, nulls)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same(one, other, nulls))
        }
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        _ => one == other,
    }
}

/// Whether each key of `one` says the same in `other`.
fn covers(one: &Map<String, Value>, other: &Map<String, Value>, nulls: Nulls) -> bool {
    one.iter().all(|(key, value)| match other.get(key) {
        Some(other) => same(value, other, nulls),
        None => nulls == Nulls::Absent && value.is_null(),
    })
}

fn same_number(one: &Number, other: &Number) -> bool {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one == other,
        _ => one.as_f64() == other.as_f64(),
    }
}

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
/// assert!(!same(&json!(9007199254740993_i64), &json!(9007199254740992.0), Nulls::Kept));
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
    match (integer(one), integer(other)) {
        (None, None) => one.as_f64() == other.as_f64(),
        (one, other) => one == other,
    }
}

/// Digit by digit: as `f64`, integers that differ may look the same.
fn integer(number: &Number) -> Option<i128> {
    number.as_i128().or_else(|| {
        let float = number.as_f64()?;
        let whole = float.fract() == 0.0;
        whole.then(|| format!("{float:.0}").parse().ok()).flatten()
    })
}

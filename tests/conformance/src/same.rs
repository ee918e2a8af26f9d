//! Compares two values and finds their differences.

use std::fmt;

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
/// that `1` is `1.0`, and an integer that a [`Value`] has no number for is the
/// string of its digits.
///
/// ```
/// use serde_json::json;
/// use truenas_conformance::{Nulls, same};
///
/// assert!(same(&json!({"a": 1, "b": null}), &json!({"a": 1.0}), Nulls::Absent));
/// assert!(!same(&json!({"a": 1, "b": null}), &json!({"a": 1.0}), Nulls::Kept));
/// assert!(!same(&json!([null]), &json!([]), Nulls::Absent));
/// assert!(same(&json!(1e20), &json!("100000000000000000000"), Nulls::Kept));
/// assert!(!same(&json!(1), &json!("1"), Nulls::Kept));
/// assert!(!same(&json!(9007199254740993_i64), &json!(9007199254740992.0), Nulls::Kept));
/// ```
#[must_use]
pub fn same(one: &Value, other: &Value, nulls: Nulls) -> bool {
    differences(one, other, nulls).is_empty()
}

/// A place where two values differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The path, with `*` for any item of a list: `$[*].name`.
    pub path: String,
    /// The change.
    pub change: Change,
}

/// A change at one place between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A key is missing.
    Dropped,
    /// A key was added.
    Added,
    /// The value is different.
    Changed,
}

impl fmt::Display for Difference {
    /// Writes for example `$[*].name dropped`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match self.change {
            Change::Dropped => "dropped",
            Change::Added => "added",
            Change::Changed => "changed",
        };
        write!(f, "{} {change}", self.path)
    }
}

/// Returns the places where the second value differs from the first, compared
/// as [`same`] does.
///
/// ```
/// use serde_json::json;
/// use truenas_conformance::{Change, Nulls, differences};
///
/// let found = differences(&json!([{"a": 1, "b": 2}]), &json!([{"b": "2"}]), Nulls::Absent);
/// let found: Vec<_> = found.iter().map(|found| (found.path.as_str(), found.change)).collect();
/// assert_eq!(found, [("$[*].a", Change::Dropped), ("$[*].b", Change::Changed)]);
/// ```
#[must_use]
pub fn differences(one: &Value, other: &Value, nulls: Nulls) -> Vec<Difference> {
    let mut walk = Walk {
        nulls,
        path: Vec::new(),
        found: Vec::new(),
    };
    walk.values(one, other);
    walk.found
}

/// A walk through two values in parallel.
struct Walk<'v> {
    nulls: Nulls,
    /// The keys of the current path; `None` is an item of a list.
    path: Vec<Option<&'v str>>,
    found: Vec<Difference>,
}

impl<'v> Walk<'v> {
    fn values(&mut self, one: &'v Value, other: &'v Value) {
        let same = match (one, other) {
            (Value::Object(one), Value::Object(other)) => return self.objects(one, other),
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                self.path.push(None);
                for (one, other) in one.iter().zip(other) {
                    self.values(one, other);
                }
                self.path.pop();
                return;
            }
            (Value::Number(one), Value::Number(other)) => same_number(one, other),
            (Value::Number(number), Value::String(digits))
            | (Value::String(digits), Value::Number(number)) => is_wide(number, digits),
            _ => one == other,
        };
        if !same {
            self.differ(Change::Changed);
        }
    }

    fn objects(&mut self, one: &'v Map<String, Value>, other: &'v Map<String, Value>) {
        for (key, value) in one {
            self.path.push(Some(key));
            match other.get(key) {
                Some(other) => self.values(value, other),
                None => self.alone(value, Change::Dropped),
            }
            self.path.pop();
        }
        for (key, value) in other.iter().filter(|(key, _)| !one.contains_key(*key)) {
            self.path.push(Some(key));
            self.alone(value, Change::Added);
            self.path.pop();
        }
    }

    /// Records a value that only one of the two has.
    fn alone(&mut self, value: &Value, change: Change) {
        if self.nulls == Nulls::Kept || !value.is_null() {
            self.differ(change);
        }
    }

    fn differ(&mut self, change: Change) {
        let steps = self.path.iter().map(|step| match step {
            Some(key) => format!(".{key}"),
            None => "[*]".to_owned(),
        });
        let path = format!("${}", steps.collect::<String>());
        self.found.push(Difference { path, change });
    }
}

fn same_number(one: &Number, other: &Number) -> bool {
    match (integer(one), integer(other)) {
        (None, None) => one.as_f64() == other.as_f64(),
        (one, other) => one == other,
    }
}

/// Whether a number is the integer with these digits, and too large for a
/// `Value` that keeps all digits of its numbers: then types write the digits as
/// a string.
fn is_wide(number: &Number, digits: &str) -> bool {
    let is_small = number.is_i64() || number.is_u64();
    let float = number.as_f64().filter(|float| float.fract() == 0.0);
    !is_small && float.is_some_and(|float| format!("{float:.0}") == digits)
}

/// Digit by digit: as `f64`, integers that differ may look the same.
fn integer(number: &Number) -> Option<i128> {
    number.as_i128().or_else(|| {
        let float = number.as_f64()?;
        let whole = float.fract() == 0.0;
        whole.then(|| format!("{float:.0}").parse().ok()).flatten()
    })
}

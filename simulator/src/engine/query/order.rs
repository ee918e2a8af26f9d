//! What comes before what.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::path::Path;

/// One of the keys to sort by.
#[derive(Debug)]
pub(super) struct OrderBy {
    path: Path,
    reverse: bool,
    nulls: Option<Ordering>,
}

impl OrderBy {
    /// `-x`, `nulls_first:x` or `nulls_last:-x`.
    pub(super) fn parse(text: &str) -> Self {
        let (text, nulls) = if let Some(text) = text.strip_prefix("nulls_first:") {
            (text, Some(Ordering::Less))
        } else if let Some(text) = text.strip_prefix("nulls_last:") {
            (text, Some(Ordering::Greater))
        } else {
            (text, None)
        };
        let (path, reverse) = match text.strip_prefix('-') {
            Some(path) => (path, true),
            None => (text, false),
        };
        Self {
            path: Path::parse(path),
            reverse,
            nulls,
        }
    }

    fn compare(&self, one: &Value, other: &Value) -> Ordering {
        let find = |entry| self.path.first(entry).filter(|value| !value.is_null());
        let (one, other) = (find(one), find(other));
        if let (Some(nulls), true) = (self.nulls, one.is_none() != other.is_none()) {
            return if one.is_none() {
                nulls
            } else {
                nulls.reverse()
            };
        }
        let order = match (one, other) {
            (Some(one), Some(other)) => total(one, other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        };
        if self.reverse { order.reverse() } else { order }
    }
}

/// Sorts by the first key, then by the next; what is equal in all stays in its
/// order.
pub(super) fn sort(entries: &mut [&Value], order_by: &[OrderBy]) {
    for key in order_by.iter().rev() {
        entries.sort_by(|one, other| key.compare(one, other));
    }
}

/// The order of two values of one type; of others there is none.
pub(super) fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (one.as_i128(), other.as_i128()) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
        },
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Value::Object(one), Value::Object(other)) => {
            compare(one.get("$date")?, other.get("$date")?)
        }
        _ => None,
    }
}

/// Below this a float holds every integer: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// An order of all values there are, as sorting needs one: by type first.
fn total(one: &Value, other: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    };
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            // Plus zero: -0 is 0.
            let float = |number: &Number| number.as_f64().unwrap_or(f64::NAN) + 0.0;
            let (left, right) = (float(one), float(other));
            // Integers that no float can tell apart come before the float.
            let exact = |number: &Number| (number.is_f64(), number.as_i128());
            match left.total_cmp(&right) {
                Ordering::Equal if left.abs() >= EXACT => exact(one).cmp(&exact(other)),
                order => order,
            }
        }
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Object(one), Value::Object(other)) => {
            match (one.get("$date"), other.get("$date")) {
                (Some(one), Some(other)) => total(one, other),
                (one, other) => one.is_some().cmp(&other.is_some()),
            }
        }
        _ => rank(one).cmp(&rank(other)),
    }
}

/// Whether two values are equal, `1` and `1.0` among them.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(_), Value::Number(_)) => compare(one, other) == Some(Ordering::Equal),
        _ => one == other,
    }
}

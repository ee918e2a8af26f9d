//! Integers that a `Value` cannot hold as numbers.
//!
//! The client returns them as strings of their digits. This module marks such
//! strings, so that they are written as numbers again.

use serde::ser::{self, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

const KEY: &str = "$xtask::wide";
/// A number with fewer digits fits in a `u64`.
const LEAST: usize = 19;

/// Marks the strings of a value that are numbers in its original text.
pub(super) fn mark(value: Value, text: &str) -> Value {
    match value {
        Value::String(digits)
            if is_integer(&digits) && !text.contains(&format!("\"{digits}\"")) =>
        {
            Value::Object(Map::from_iter([(KEY.to_owned(), digits.into())]))
        }
        Value::Array(items) => items.into_iter().map(|item| mark(item, text)).collect(),
        Value::Object(map) => {
            let entries = map.into_iter();
            entries
                .map(|(key, value)| (key, mark(value, text)))
                .collect()
        }
        other => other,
    }
}

fn is_integer(digits: &str) -> bool {
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    unsigned.len() >= LEAST && unsigned.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the digits of a marked integer.
pub(super) fn digits(value: &mut Value) -> Option<&mut Value> {
    match value {
        Value::Object(map) if map.len() == 1 => map.get_mut(KEY),
        _ => None,
    }
}

/// A value whose marked integers are written as numbers.
pub(super) struct Exact<'v>(pub(super) &'v Value);

impl Serialize for Exact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => match map.get(KEY).and_then(Value::as_str) {
                Some(digits) if map.len() == 1 => RawValue::from_string(digits.to_owned())
                    .map_err(ser::Error::custom)?
                    .serialize(serializer),
                _ => serializer.collect_map(map.iter().map(|(key, value)| (key, Exact(value)))),
            },
            Value::Array(items) => serializer.collect_seq(items.iter().map(Exact)),
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    /// Returns a text as it is written after the client has read it.
    fn written(text: &str) -> String {
        let value: Value = truenas_runtime::from_str(text).unwrap();
        serde_json::to_string(&Exact(&mark(value, text))).unwrap()
    }

    #[test]
    fn numbers_stay_numbers_and_texts_stay_texts() {
        for text in [
            r#"[{"serial":26441955685206552451467058540301855002915353283}]"#,
            r#"{"negative":-18446744073709551616,"small":[1,-2,18446744073709551615]}"#,
            r#"{"guid":"10275963421856912345","serial":"26441955685206552451467058540301855002915353283"}"#,
            "18446744073709551616",
        ] {
            assert_eq!(written(text), text);
        }
    }
}

//! Integers that a `Value` has no number for.
//!
//! Their digits are put into marks before an answer is parsed, so that they are
//! written as the numbers that they were.

use serde::ser::{self, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

const KEY: &str = "$xtask::wide";

/// Returns the same JSON with marks in place of the integers that a `Value` has
/// no number for.
pub(super) fn mark(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (token, after) = rest.split_at(token_length(rest));
        match is_wide(token) {
            true => marked.extend(["{\"", KEY, "\":\"", token, "\"}"]),
            false => marked.push_str(token),
        }
        rest = after;
    }
    marked
}

/// The length of the string, word, number or other character that a text begins
/// with.
fn token_length(text: &str) -> usize {
    if let Some(inside) = text.strip_prefix('"') {
        let mut is_escaped = false;
        let end = inside.bytes().position(|byte| {
            let is_end = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end
        });
        return end.map_or(text.len(), |end| end + 2);
    }
    let is_other = |c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c);
    let first = text.chars().next().map_or(0, char::len_utf8);
    text.find(is_other).unwrap_or(text.len()).max(first)
}

fn is_wide(token: &str) -> bool {
    is_integer(token) && token.parse::<i64>().is_err() && token.parse::<u64>().is_err()
}

/// Whether a text is an integer as JSON writes it.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_padded = digits.len() > 1 && digits.starts_with('0');
    !digits.is_empty() && !is_padded && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the digits of a marked integer.
pub(super) fn digits(value: &mut Value) -> Option<&mut Value> {
    marked(value)?;
    value.get_mut(KEY)
}

/// Replaces the mark by the text that is in it, unless it still has digits.
pub(super) fn settle(value: &mut Value) {
    if marked(value).is_none()
        && let Some(text) = value.get_mut(KEY).map(Value::take)
    {
        *value = text;
    }
}

fn marked(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    let digits = map.get(KEY)?.as_str()?;
    is_integer(digits).then_some(digits)
}

/// A value that is written with marked integers as numbers.
pub(super) struct Exact<'v>(pub(super) &'v Value);

impl Serialize for Exact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(digits) = marked(self.0) {
            let number = RawValue::from_string(digits.to_owned());
            return number.map_err(ser::Error::custom)?.serialize(serializer);
        }
        match self.0 {
            Value::Object(map) => {
                serializer.collect_map(map.iter().map(|(key, value)| (key, Exact(value))))
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Exact)),
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parse(text: &str) -> Value {
        serde_json::from_str(&mark(text)).unwrap()
    }

    fn written(value: &Value) -> String {
        serde_json::to_string(&Exact(value)).unwrap()
    }

    #[test]
    fn numbers_stay_numbers_and_texts_stay_texts() {
        for text in [
            r#"[{"serial":26441955685206552451467058540301855002915353283}]"#,
            r#"{"negative":-18446744073709551616,"small":[1,-2,18446744073709551615]}"#,
            r#"{"guid":"10275963421856912345","serial":"26441955685206552451467058540301855002915353283"}"#,
            r#"[18446744073709551616,"18446744073709551616","\"18446744073709551616","ä\\",true]"#,
            r#"{"$xtask::wide":"text"}"#,
            "18446744073709551616",
        ] {
            assert_eq!(written(&parse(text)), text);
        }
    }

    /// A JSON text without blanks.
    fn json() -> impl Strategy<Value = String> {
        let scalar = prop_oneof![
            "-?[1-9][0-9]{0,40}",
            "\"[1-9][0-9]{17,22}\"",
            any::<String>().prop_map(|text| json!(text).to_string()),
            Just("null".to_owned()),
        ];
        scalar.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
                (any::<String>(), inner)
                    .prop_map(|(key, value)| format!("{{{}:{value}}}", json!(key))),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_json_is_written_as_it_was(text in json()) {
            prop_assert_eq!(written(&parse(&text)), text);
        }

        #[test]
        fn a_text_without_long_numbers_stays_the_same(text in "[^0-9]*") {
            prop_assert_eq!(mark(&text), text);
        }

        #[test]
        fn any_text_is_marked_without_a_panic(text in "[\"\\\\0-9ä-]*") {
            mark(&text);
        }
    }
}

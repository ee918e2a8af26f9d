//! The ways in which the server compares the values of a type.

use serde_json::{Value, json};

use crate::json::{Json, from_value};

/// The kind of value that a field holds on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    /// What some services keep encrypted.
    Secret,
    /// A list of texts.
    Texts,
    Time,
    /// Numbers, other lists, objects, and values of several kinds.
    Other,
    /// Unknown: the program wrote the path itself.
    Unknown,
}

impl Form {
    /// Returns the form of a type's values, derived from the values that the
    /// type can be read from.
    pub(super) fn of<T: Json>() -> Self {
        let reads = |value: Value| from_value::<T>(&value).is_ok();
        if T::SECRET {
            Self::Secret
        } else if reads(json!(0)) || reads(json!({})) {
            Self::Other
        } else if reads(json!({"$date": 0})) {
            Self::Time
        } else if reads(json!("x"))
            && !reads(json!({"$time": "00:00:00"}))
            && !reads(json!({"$type": "date", "$value": "2000-01-01"}))
            && !reads(json!({"$ipv4_interface": "192.0.2.1/24"}))
        {
            Self::Text
        } else if reads(json!(["x"])) && !reads(json!([0])) && !reads(json!({"$set": ["x"]})) {
            Self::Texts
        } else {
            Self::Other
        }
    }

    /// Returns whether the server can ignore upper and lower case.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Texts | Self::Secret)
    }
}

/// Returns the number of milliseconds in `{"$date": …}`.
pub(super) fn millis(value: &Value) -> Option<i64> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get("$date")?.as_i64()
}

/// Returns whether a time of day has a fraction or an offset. The server cannot
/// parse a call that contains one, and never answers it.
pub(super) fn is_odd_time_of_day(value: &Value) -> bool {
    let text = value.as_object().and_then(|object| object.get("$time"));
    text.and_then(Value::as_str).is_some_and(|text| {
        !text
            .bytes()
            .all(|byte| byte == b':' || byte.is_ascii_digit())
    })
}

//! What `serde_json` does only by an index that can panic, or not at all.

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// The key of an integer that is too long for a [`Value`], such as the serial
/// number of a certificate: `{"$integer": "2644…"}`. Clients see the number.
const INTEGER: &str = "$integer";

/// The JSON text of a value, as clients get it.
#[must_use]
pub fn write(value: &Value) -> String {
    // Values have no key that is not a text, so nothing can go wrong.
    serde_json::to_string(&Written(value)).unwrap_or_default()
}

/// Whether a value stands for an integer that is too long for it.
pub(crate) fn is_long_integer(value: &Value) -> bool {
    long_integer(value).is_some()
}

fn long_integer(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let digits = object.get(INTEGER)?.as_str()?;
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit() && first != '0');
    (is_number && digits.bytes().all(|digit| digit.is_ascii_digit())).then_some(digits)
}

struct Written<'v>(&'v Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = long_integer(self.0).map(str::to_owned);
        if let Some(number) = number.and_then(|number| RawValue::from_string(number).ok()) {
            return number.serialize(serializer);
        }
        match self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().map(Written)),
            Value::Object(object) => {
                let pairs = object.iter();
                serializer.collect_map(pairs.map(|(key, value)| (key, Written(value))))
            }
            scalar => scalar.serialize(serializer),
        }
    }
}

/// Sets a key of an object; anything else stays as it is.
pub(crate) fn set(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(object) = object {
        object.insert(key.to_owned(), value);
    }
}

/// Puts keys into an object, at every depth; anything else takes its place.
pub(crate) fn merge(entry: &mut Value, change: &Value) {
    match (entry, change) {
        (Value::Object(entry), Value::Object(change)) => {
            for (key, value) in change {
                merge(entry.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (entry, change) => *entry = change.clone(),
    }
}

//! What `serde_json` does only by an index that can panic, or not at all.

use serde_json::Value;

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

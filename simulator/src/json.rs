//! What `serde_json` does only by an index that can panic.

use serde_json::Value;

/// Sets a key of an object; anything else stays as it is.
pub(crate) fn set(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(object) = object {
        object.insert(key.to_owned(), value);
    }
}

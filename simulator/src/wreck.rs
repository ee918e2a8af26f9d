//! Results as they should not be.

use serde_json::{Value, json};

use crate::rpc;

/// A string that stands where `NaN` is to stand, as JSON has no such number.
const PLACE: &str = "\u{1}the place of a number that is none\u{1}";

/// A reply with `NaN` for the first number in the result, or for all of it.
pub(crate) fn with_nan(id: &Value, mut result: Value) -> String {
    if !replace_number(&mut result) {
        result = json!(PLACE);
    }
    let place = json!(PLACE).to_string();
    rpc::result(id, &result).replace(&place, "NaN")
}

fn replace_number(value: &mut Value) -> bool {
    match value {
        Value::Number(_) => {
            *value = json!(PLACE);
            true
        }
        Value::Array(items) => items.iter_mut().any(replace_number),
        Value::Object(object) => object.values_mut().any(replace_number),
        _ => false,
    }
}

/// Takes a key out of the first object, makes its next value null and that
/// behind it one of another type, and adds a key: what clients of real systems
/// have to live with. Anything but an object becomes one.
pub(crate) fn break_schema(value: &mut Value) {
    if !break_object(value) {
        *value = json!({"broken": value.take()});
    }
}

fn break_object(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().any(break_object),
        Value::Object(object) => {
            let first = object.keys().next().cloned();
            if let Some(first) = first {
                object.remove(&first);
            }
            let mut values = object.values_mut();
            if let Some(next) = values.next() {
                *next = Value::Null;
            }
            if let Some(next) = values.next() {
                *next = match next {
                    Value::String(_) => json!(["of another type"]),
                    _ => json!("of another type"),
                };
            }
            object.insert("not_in_the_schema".to_owned(), json!(true));
            true
        }
        _ => false,
    }
}

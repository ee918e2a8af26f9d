//! Schemas as they are shown: cut out with the models they refer to, and in
//! words.

use serde_json::{Map, Value};
use truenas_codegen::model::ApiVersion;

use crate::schema::model_of;

/// How many references are followed.
const DEPTH: usize = 1;

/// A schema with the models it refers to in place of the references, as far as
/// a reader wants to see.
pub(crate) fn excerpt(version: &ApiVersion, schema: &Value) -> Value {
    fill(version, schema, DEPTH)
}

fn fill(version: &ApiVersion, schema: &Value, depth: usize) -> Value {
    match schema {
        Value::Object(map) => {
            let model = map.get("$ref").and_then(Value::as_str).map(model_of);
            let inner = model.and_then(|name| version.models.get(name));
            if let (Some(inner), Some(depth)) = (inner, depth.checked_sub(1)) {
                let mut filled = fill(version, inner.as_value(), depth);
                if let Value::Object(filled) = &mut filled {
                    let own = map.iter().filter(|(key, _)| *key != "$ref");
                    filled.extend(own.map(|(key, value)| (key.clone(), value.clone())));
                }
                return filled;
            }
            let members = map
                .iter()
                .filter(|(key, value)| *key != "discriminator" || !value.is_object())
                .map(|(key, value)| (key.clone(), fill(version, value, depth)));
            Value::Object(members.collect())
        }
        Value::Array(items) => items
            .iter()
            .map(|item| fill(version, item, depth))
            .collect(),
        other => other.clone(),
    }
}

/// A schema in a few words: `string of at least 1 or null`.
pub(crate) fn words(schema: &Value) -> String {
    let Value::Object(map) = schema else {
        return "anything".to_owned();
    };
    if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
        return model_of(reference).to_owned();
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(cases)) = map.get(key) {
            let mut cases: Vec<String> = cases.iter().map(words).collect();
            let mut seen = Vec::new();
            cases.retain(|case| {
                let new = !seen.contains(case);
                seen.push(case.clone());
                new
            });
            return cases.join(" or ");
        }
    }
    if let Some(value) = map.get("const") {
        return value.to_string();
    }
    if let Some(Value::Array(values)) = map.get("enum") {
        return list(values.iter().map(Value::to_string).collect());
    }
    match map.get("type").and_then(Value::as_str) {
        Some("array") => match map.get("items") {
            Some(Value::Object(items)) if !items.is_empty() => {
                format!("list of {}", words(&Value::Object(items.clone())))
            }
            _ => "list".to_owned(),
        },
        Some("object") => object(map),
        Some(kind) => match map.get("format").and_then(Value::as_str) {
            Some(format) => format!("{kind} ({format})"),
            None => kind.to_owned(),
        },
        None => "anything".to_owned(),
    }
}

fn object(map: &Map<String, Value>) -> String {
    let properties = map.get("properties").and_then(Value::as_object);
    match properties.filter(|properties| !properties.is_empty()) {
        Some(properties) => {
            // What tells it from others comes first.
            let (mut keys, mut others) = (Vec::new(), Vec::new());
            for (key, schema) in properties {
                match schema.get("const") {
                    Some(value) => keys.push(format!("{key} {value}")),
                    None => others.push(key.clone()),
                }
            }
            keys.append(&mut others);
            format!("object with {}", list(keys))
        }
        None => "object".to_owned(),
    }
}

/// A few of many words.
pub(crate) fn list(words: Vec<String>) -> String {
    const SHOWN: usize = 4;
    let more = words.len().saturating_sub(SHOWN);
    let mut text = words
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

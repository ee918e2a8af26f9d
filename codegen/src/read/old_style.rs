//! Rewrites a schema of `core.get_methods` into what pydantic writes.
//!
//! On 25.04 half of the methods are described in the older style of the
//! middleware: `type` as a list, `nullable`, several `items`, `float`. The
//! others, and all methods since, differ only in the keys that the middleware
//! adds: `_name_`, `_required_`, `_attrs_order_`, and `items` in a list.

use serde_json::{Map, Value, json};

use super::position::map_children;

/// The schema as pydantic writes it. In what is sent, a key with a default may
/// be left out even if the old style calls it required.
pub(super) fn modern(schema: Value, is_sent: bool) -> Value {
    let Value::Object(mut schema) = schema else {
        return schema;
    };
    if let Some(items) = schema.get_mut("items") {
        unwrap_items(items);
    }
    require_flagged(&mut schema, is_sent);
    let mut schema = map_children(schema, &mut |child, _| modern(child, is_sent));

    let nullable = schema.remove("nullable") == Some(Value::Bool(true));
    if schema.remove("_name_") == schema.get("title").cloned() {
        schema.remove("title");
    }
    schema.remove("_required_");
    schema.remove("_attrs_order_");
    drop_empty_properties(&mut schema);
    enum_into_branch(&mut schema);
    Value::Object(split_types(schema, nullable))
}

/// `items` is a list of what an element may be, empty for anything.
fn unwrap_items(items: &mut Value) {
    if let Value::Array(list) = items {
        *items = match list.len() {
            0 => json!({}),
            1 => list.remove(0),
            _ => json!({ "anyOf": list }),
        };
    }
}

/// The older style says of each property whether it is required.
fn require_flagged(schema: &mut Map<String, Value>, is_sent: bool) {
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return;
    };
    if schema.contains_key("required") {
        return;
    }
    let required: Vec<Value> = properties
        .iter()
        .filter(|(_, property)| property.get("_required_") == Some(&Value::Bool(true)))
        .filter(|(_, property)| !is_sent || property.get("default").is_none())
        .map(|(key, _)| key.as_str().into())
        .collect();
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
}

/// An object of which nothing is known is written without `properties`.
fn drop_empty_properties(schema: &mut Map<String, Value>) {
    let is_open = schema.get("additionalProperties") == Some(&Value::Bool(true));
    if is_open && schema.get("properties") == Some(&json!({})) {
        schema.remove("properties");
    }
}

/// An `enum` beside an `anyOf` lists what its first branch for strings takes;
/// the other branches take more.
fn enum_into_branch(schema: &mut Map<String, Value>) {
    let Some(values) = schema.get("enum").cloned() else {
        return;
    };
    let Some(Value::Array(branches)) = schema.get_mut("anyOf") else {
        return;
    };
    let branch = branches
        .iter_mut()
        .filter_map(Value::as_object_mut)
        .find(|branch| {
            branch.get("type").and_then(Value::as_str) == Some("string")
                && !branch.contains_key("enum")
        });
    if let Some(branch) = branch {
        branch.insert("enum".to_owned(), values);
        schema.remove("enum");
    }
}

/// Makes a list of types, and `nullable`, branches of an `anyOf`.
fn split_types(mut schema: Map<String, Value>, nullable: bool) -> Map<String, Value> {
    let mut types = match schema.remove("type") {
        Some(Value::Array(types)) => types,
        Some(name) => vec![name],
        None => Vec::new(),
    };
    for name in &mut types {
        if name == "float" {
            *name = "number".into();
        }
    }
    let null = json!({ "type": "null" });
    let nullable = nullable || (types.len() > 1 && types.iter().any(|name| name == "null"));
    if nullable {
        types.retain(|name| name != "null");
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            if !values.contains(&Value::Null) {
                values.push(Value::Null);
            }
            return schema;
        }
        if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
            if !branches.contains(&null) {
                branches.push(null);
            }
            return schema;
        }
    }
    if types.len() > 1 || (nullable && !types.is_empty()) {
        let mut outside = Map::new();
        for keyword in ["title", "default", "description", "examples"] {
            outside.extend(schema.remove_entry(keyword));
        }
        let mut branches: Vec<Value> = Vec::new();
        for name in types {
            let mut branch = schema.clone();
            branch.insert("type".to_owned(), name);
            branches.push(branch.into());
        }
        branches.extend(nullable.then_some(null));
        outside.insert("anyOf".to_owned(), branches.into());
        return outside;
    }
    if let Some(name) = types.pop() {
        schema.insert("type".to_owned(), name);
    }
    schema
}

//! Schemas that need nothing beside them, for validators.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

const MODELS: &str = "#/models/";

/// A schema of the canonical form with the models it refers to, all as what
/// the server sends: a time is `{"$date": …}`.
#[must_use]
pub fn standalone(schema: &Value, models: &Map<String, Value>) -> Value {
    let mut used = BTreeSet::new();
    let mut root = rewritten(schema, &mut used);
    let mut definitions = Map::new();
    while let Some(name) = used.pop_first() {
        if let Some(model) = models.get(&name)
            && !definitions.contains_key(&name)
        {
            let definition = rewritten(model, &mut used);
            definitions.insert(name, definition);
        }
    }
    if let (Value::Object(root), false) = (&mut root, definitions.is_empty()) {
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    root
}

fn rewritten(schema: &Value, used: &mut BTreeSet<String>) -> Value {
    match schema {
        Value::Object(map)
            if map
                .get("format")
                .is_some_and(|format| format == "date-time") =>
        {
            json!({
                "type": "object",
                "properties": {"$date": {"type": "integer"}},
                "required": ["$date"],
                "additionalProperties": false,
            })
        }
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let reference = value.as_str().and_then(|text| text.strip_prefix(MODELS));
                let value = match reference {
                    Some(name) if key == "$ref" => {
                        used.insert(name.to_owned());
                        Value::String(format!("#/$defs/{name}"))
                    }
                    _ => rewritten(value, used),
                };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| rewritten(item, used)).collect(),
        _ => schema.clone(),
    }
}

/// The schema of the array of a method's parameters: for each its schema, and
/// whether a call must give it.
#[must_use]
pub fn parameters<'a>(parameters: impl IntoIterator<Item = (&'a Value, bool)>) -> Value {
    let mut schemas = Vec::new();
    let mut needed = 0;
    for (schema, required) in parameters {
        schemas.push(schema.clone());
        if required {
            needed = schemas.len();
        }
    }
    let most = schemas.len();
    // An empty `prefixItems` is not allowed.
    if schemas.is_empty() {
        return json!({"type": "array", "maxItems": 0});
    }
    json!({"type": "array", "prefixItems": schemas, "minItems": needed, "maxItems": most})
}

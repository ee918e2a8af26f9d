//! Fills in what a caller left out.

use serde_json::Value;

use super::models::{Models, cases, item_schema, properties};

/// The value with the defaults of its schema, at every depth; what is there
/// stays as it is.
pub(crate) fn filled(models: Models<'_>, schema: &Value, value: Value) -> Value {
    // A reference may have a default beside it, but only one of its own counts
    // in here: the value is there.
    let schema = models.resolve(schema);
    if let Some(cases) = cases(schema) {
        return match models.nearest(cases, &value) {
            Some(case) => filled(models, case, value),
            None => value,
        };
    }
    match value {
        Value::Array(items) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| match item_schema(schema, index) {
                Some(schema) => filled(models, schema, item),
                None => item,
            })
            .collect(),
        Value::Object(mut object) => {
            for (key, property) in properties(schema).into_iter().flatten() {
                let value = object.remove(key);
                if let Some(value) = value.or_else(|| property.get("default").cloned()) {
                    object.insert(key.clone(), filled(models, property, value));
                }
            }
            Value::Object(object)
        }
        value => value,
    }
}

/// What stands for a parameter that was left out.
pub(crate) fn default(models: Models<'_>, schema: &Value) -> Value {
    match schema.get("default") {
        Some(default) => filled(models, schema, default.clone()),
        // A model without a default of its own stands for one with all of its
        // own defaults.
        None => match models.resolve(schema) {
            model if properties(model).is_some() => {
                filled(models, model, Value::Object(Default::default()))
            }
            _ => Value::Null,
        },
    }
}

//! Applies one correction to one version.

use std::collections::{BTreeMap, BTreeSet};

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::Operation;
use super::place::{Place, Root, Step, Target, each, model_of};
use crate::model::{ApiVersion, Event};

type Models = BTreeMap<String, Schema>;

/// Applies a change at a place, and returns whether anything changed.
pub(super) fn apply(
    version: &mut ApiVersion,
    place: &str,
    change: &Operation,
    own: &Models,
) -> Result<bool, String> {
    let place = Place::parse(place)?;
    match change {
        Operation::Schema(schema) => {
            add_models(version, schema.as_value(), own)?;
            if let (Root::Kind { event, kind }, []) = (&place.root, place.path.as_slice()) {
                return set_kind(version, event, kind, schema);
            }
            at_schema(version, &place, &mut |found| {
                let mut new = schema.as_value().clone();
                // A default belongs to the place, not to the schema.
                if let (Some(default), Some(new)) = (found.get("default"), new.as_object_mut()) {
                    new.entry("default").or_insert_with(|| default.clone());
                }
                *found = new;
            })
        }
        Operation::Nullable => at_schema(version, &place, &mut allow_null),
        Operation::Optional => at_key(version, &place, &mut |object, key| {
            require(object, key, false);
        }),
        Operation::Required => match &place.root {
            Root::Parameter { method, name } if place.path.is_empty() => {
                require_parameter(version, method, name)
            }
            _ => at_key(version, &place, &mut |object, key| {
                require(object, key, true);
            }),
        },
        Operation::Add(schema) => {
            add_models(version, schema.as_value(), own)?;
            add(version, &place, schema)
        }
        Operation::Rename(name) => at_key(version, &place, &mut |object, key| {
            rename(object, key, name);
        }),
        Operation::Remove => remove(version, &place),
    }
}

/// Changes the schemas at a place, and returns whether anything changed.
/// `change` returns whether it applies to a schema.
fn at(
    version: &mut ApiVersion,
    root: &Root,
    path: &[Step],
    target: Target,
    change: &mut dyn FnMut(&mut Value) -> bool,
) -> Result<bool, String> {
    let (mut found, mut changed) = (false, false);
    let mut watched = |schema: &mut Value| {
        let before = schema.clone();
        found |= change(schema);
        changed |= *schema != before;
    };
    let mut models = std::mem::take(&mut version.models);
    if let Root::Model { name } = root {
        if let (Some(model), [], Target::Schema) = (models.get_mut(name), path, target) {
            edit(model, &mut watched);
        } else {
            let mut reference = json!({"$ref": format!("#/models/{name}")});
            each(&mut models, &mut reference, path, target, &mut watched);
        }
    } else if let Some(schema) = root.schema(version) {
        edit(schema, &mut |value| {
            each(&mut models, value, path, target, &mut watched);
        });
    }
    version.models = models;
    if found {
        Ok(changed)
    } else {
        Err("the place does not exist".to_owned())
    }
}

fn edit(schema: &mut Schema, change: &mut dyn FnMut(&mut Value)) {
    let mut value = schema.clone().to_value();
    change(&mut value);
    if let Ok(value) = Schema::try_from(value) {
        *schema = value;
    }
}

/// Changes the schema at a place.
fn at_schema(
    version: &mut ApiVersion,
    place: &Place,
    change: &mut dyn FnMut(&mut Value),
) -> Result<bool, String> {
    at(
        version,
        &place.root,
        &place.path,
        Target::Schema,
        &mut |schema| {
            change(schema);
            true
        },
    )
}

/// Changes the objects that have the key at the end of the path.
fn at_key(
    version: &mut ApiVersion,
    place: &Place,
    change: &mut dyn FnMut(&mut Map<String, Value>, &str),
) -> Result<bool, String> {
    at_objects(version, place, &mut |object, key| {
        let found = has(object, key);
        if found {
            change(object, key);
        }
        found
    })
}

/// Changes the objects that may hold the key at the end of the path. `change`
/// returns whether it applies to an object.
fn at_objects(
    version: &mut ApiVersion,
    place: &Place,
    change: &mut dyn FnMut(&mut Map<String, Value>, &str) -> bool,
) -> Result<bool, String> {
    let Some((Step::Key(key), parent)) = place.path.split_last() else {
        return Err("the path must end in a key".to_owned());
    };
    at(
        version,
        &place.root,
        parent,
        Target::Objects,
        &mut |schema| {
            schema
                .as_object_mut()
                .is_some_and(|object| change(object, key))
        },
    )
}

fn has(object: &Map<String, Value>, key: &str) -> bool {
    object
        .get("properties")
        .is_some_and(|properties| properties.get(key).is_some())
}

fn allow_null(schema: &mut Value) {
    let null = json!({"type": "null"});
    if *schema == null || *schema == json!({}) {
        return;
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        if !values.contains(&Value::Null) {
            values.push(Value::Null);
        }
        return;
    }
    if let Some(branches) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        if !branches.contains(&null) {
            branches.push(null);
        }
        return;
    }
    let mut inner = schema.take();
    let mut outer = Map::new();
    if let Some(inner) = inner.as_object_mut() {
        outer.extend(inner.remove_entry("default"));
        outer.extend(inner.remove_entry("title"));
    }
    outer.insert("anyOf".to_owned(), Value::Array(vec![inner, null]));
    *schema = Value::Object(outer);
}

fn require(object: &mut Map<String, Value>, key: &str, required: bool) {
    let mut keys: BTreeSet<String> = object
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if required {
        keys.insert(key.to_owned());
    } else {
        keys.remove(key);
    }
    if keys.is_empty() {
        object.remove("required");
    } else {
        object.insert("required".to_owned(), keys.into_iter().collect());
    }
}

fn require_parameter(version: &mut ApiVersion, method: &str, name: &str) -> Result<bool, String> {
    let parameters = version
        .methods
        .get_mut(method)
        .map(|method| &mut method.parameters);
    let parameter = parameters
        .into_iter()
        .flatten()
        .find(|parameter| parameter.name == name)
        .ok_or("the parameter does not exist")?;
    let changed = !parameter.required;
    parameter.required = true;
    Ok(changed)
}

/// Adds a key to the objects that do not have it.
fn add(version: &mut ApiVersion, place: &Place, schema: &Schema) -> Result<bool, String> {
    at_objects(version, place, &mut |object, key| {
        let properties = object.get_mut("properties").and_then(Value::as_object_mut);
        properties.is_some_and(|properties| {
            let held = properties
                .entry(key)
                .or_insert_with(|| schema.as_value().clone());
            held == schema.as_value()
        })
    })
}

fn rename(object: &mut Map<String, Value>, key: &str, name: &str) {
    let properties = object.get_mut("properties").and_then(Value::as_object_mut);
    if let Some(properties) = properties
        && let Some(schema) = properties.remove(key)
    {
        properties.insert(name.to_owned(), schema);
    }
    let required = object.get("required").and_then(Value::as_array);
    if required.is_some_and(|keys| keys.iter().any(|required| required == key)) {
        require(object, key, false);
        require(object, name, true);
    }
}

fn remove(version: &mut ApiVersion, place: &Place) -> Result<bool, String> {
    let gone = match (&place.root, place.path.as_slice()) {
        (Root::Event { event }, _) => version.events.remove(event).is_some(),
        (Root::Kind { event, kind }, []) => version
            .events
            .get_mut(event)
            .is_some_and(|event| event.kinds.remove(kind).is_some()),
        (_, [.., Step::Key(_)]) => {
            return at_key(version, place, &mut |object, key| {
                require(object, key, false);
                if let Some(properties) =
                    object.get_mut("properties").and_then(Value::as_object_mut)
                {
                    properties.remove(key);
                }
            });
        }
        _ => return Err("only a key, an event or a kind of event can be removed".to_owned()),
    };
    if gone {
        Ok(true)
    } else {
        Err("the place does not exist".to_owned())
    }
}

/// Sets the schema of a kind of event, and adds the kind or the event if it
/// does not exist.
fn set_kind(
    version: &mut ApiVersion,
    event: &str,
    kind: &str,
    schema: &Schema,
) -> Result<bool, String> {
    let event = version
        .events
        .entry(event.to_owned())
        .or_insert_with(|| Event {
            roles: Vec::new(),
            removed_in: None,
            doc: None,
            kinds: BTreeMap::new(),
            parameters: None,
            in_no_schema: true,
        });
    let before = event.kinds.insert(kind.to_owned(), schema.clone());
    Ok(before.as_ref() != Some(schema))
}

/// Adds the models of the corrections file that a schema refers to.
fn add_models(version: &mut ApiVersion, schema: &Value, own: &Models) -> Result<(), String> {
    if let Some(name) = model_of(schema) {
        match own.get(name) {
            Some(model) if !version.models.contains_key(name) => {
                version.models.insert(name.to_owned(), model.clone());
                add_models(version, model.as_value(), own)?;
            }
            Some(model) if version.models.get(name) != Some(model) => {
                return Err(format!(
                    "the version has another model `{name}`; rename the model in this file"
                ));
            }
            None if !version.models.contains_key(name) => {
                return Err(format!("the model `{name}` does not exist"));
            }
            _ => {}
        }
    }
    match schema {
        Value::Object(map) => map
            .values()
            .try_for_each(|value| add_models(version, value, own)),
        Value::Array(items) => items
            .iter()
            .try_for_each(|value| add_models(version, value, own)),
        _ => Ok(()),
    }
}

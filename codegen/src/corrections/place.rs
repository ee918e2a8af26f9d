//! Finds the place that a correction names.

use std::collections::BTreeMap;

use schemars::Schema;
use serde_json::Value;

use crate::model::{ApiVersion, Event};

/// A place that a correction names: `method pool.query result [].expand`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) root: Root,
    pub(super) path: Vec<Step>,
}

/// The start of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    Result { method: String },
    Parameter { method: String, name: String },
    Event { event: String },
    Kind { event: String, kind: String },
    Model { name: String },
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    /// `[]`
    Items,
    /// `{}`
    Values,
}

impl Place {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let owned = |word: &&str| (*word).to_owned();
        let (root, path) = match words.as_slice() {
            ["method", method, "result", path @ ..] => {
                let method = owned(method);
                (Root::Result { method }, path)
            }
            ["method", method, "parameter", name, path @ ..] => {
                let (method, name) = (owned(method), owned(name));
                (Root::Parameter { method, name }, path)
            }
            ["event", event] => {
                let event = owned(event);
                (Root::Event { event }, [].as_slice())
            }
            ["event", event, kind, path @ ..] => {
                let (event, kind) = (owned(event), owned(kind));
                (Root::Kind { event, kind }, path)
            }
            ["model", name, path @ ..] => (Root::Model { name: owned(name) }, path),
            _ => {
                return Err(
                    "expected `method NAME result`, `method NAME parameter NAME`, \
                            `event NAME [KIND]` or `model NAME`, and perhaps a path"
                        .to_owned(),
                );
            }
        };
        let path = match path {
            [] => Vec::new(),
            [path] => steps(path)?,
            _ => return Err("the path contains a space".to_owned()),
        };
        Ok(Self { root, path })
    }
}

/// Parses the steps of `[].expand` or `fields.disks`.
fn steps(path: &str) -> Result<Vec<Step>, String> {
    path.split('.')
        .map(|step| match step {
            "" => Err(format!("the path `{path}` has an empty step")),
            "[]" => Ok(Step::Items),
            "{}" => Ok(Step::Values),
            key => Ok(Step::Key(key.to_owned())),
        })
        .collect()
}

impl Root {
    /// Returns the schema at the start of the path.
    pub(super) fn schema<'v>(&self, version: &'v mut ApiVersion) -> Option<&'v mut Schema> {
        match self {
            Self::Result { method } => Some(&mut version.methods.get_mut(method)?.result),
            Self::Parameter { method, name } => {
                let parameters = &mut version.methods.get_mut(method)?.parameters;
                let parameter = parameters
                    .iter_mut()
                    .find(|parameter| parameter.name == *name)?;
                Some(&mut parameter.schema)
            }
            Self::Event { .. } => None,
            Self::Kind { event, kind } => kind_of(version.events.get_mut(event)?, kind),
            Self::Model { name } => version.models.get_mut(name),
        }
    }
}

fn kind_of<'v>(event: &'v mut Event, kind: &str) -> Option<&'v mut Schema> {
    event.kinds.get_mut(kind)
}

/// Returns the name of the model that a reference refers to.
pub(super) fn model_of(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/models/")
}

/// The part of a place to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The schema itself, which can be a reference.
    Schema,
    /// The objects that are possible there, behind references and in branches.
    Objects,
}

/// Calls `change` for everything at the path, in all branches that have it. If
/// the path goes through a reference, `models` has the model.
pub(super) fn each(
    models: &mut BTreeMap<String, Schema>,
    schema: &mut Value,
    path: &[Step],
    target: Target,
    change: &mut dyn FnMut(&mut Value),
) {
    if path.is_empty() && target == Target::Schema {
        change(schema);
        return;
    }
    if let Some(name) = model_of(schema).map(str::to_owned) {
        // The model is taken out while it is changed: a path is finite, but a
        // model can be recursive.
        if let Some(model) = models.remove(&name) {
            let mut value = model.to_value();
            each(models, &mut value, path, target, change);
            if let Ok(model) = Schema::try_from(value) {
                models.insert(name, model);
            }
        }
        return;
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        let branches = schema.get_mut(keyword).and_then(Value::as_array_mut);
        for branch in branches.into_iter().flatten() {
            each(models, branch, path, target, change);
        }
    }
    let Some((step, rest)) = path.split_first() else {
        if schema.get("properties").is_some() {
            change(schema);
        }
        return;
    };
    let child = match step {
        Step::Key(key) => schema
            .get_mut("properties")
            .and_then(|properties| properties.get_mut(key)),
        Step::Items => schema.get_mut("items"),
        Step::Values => schema.get_mut("additionalProperties"),
    };
    if let Some(child) = child {
        each(models, child, rest, target, change);
    }
}

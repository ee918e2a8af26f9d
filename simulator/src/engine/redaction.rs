//! What servers hide from callers with fewer rights: the values that the models
//! of a release mark, whatever their type.
//!
//! Only a schema can tell which values these are, so the value and its schema
//! are walked side by side.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use truenas_codegen::model::{Method, split};

use super::catalog::Catalog;
use super::models::{Models, Others, cases, item_schema, others, properties};
use super::schemas::LoadError;
use super::secrets::HIDDEN;
use crate::number::{Number, V25_10};

/// `redacted.json`: the places that servers mark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redaction {
    /// By model, its marked keys.
    models: BTreeMap<String, BTreeSet<String>>,
    /// Methods whose whole result is marked.
    results: BTreeSet<String>,
    /// Services that 25.04 redacts in an older way: all of a marked value, but
    /// nothing of what `create` and `update` answer.
    old_style: BTreeSet<String>,
}

/// A walk through one value.
#[derive(Clone, Copy)]
struct Walk<'r> {
    models: Models<'r>,
    marked: &'r BTreeMap<String, BTreeSet<String>>,
    /// Whether a default that the server fills in stays as it is.
    keeps_defaults: bool,
}

impl Redaction {
    pub(crate) fn read() -> Result<Self, LoadError> {
        serde_json::from_str(include_str!("redacted.json"))
            .map_err(|error| LoadError::new(format!("redacted.json: {error}")))
    }

    /// A method's result, as callers with fewer rights see it.
    pub(crate) fn result(&self, catalog: &Catalog, name: &str, value: Value) -> Value {
        let Some(method) = catalog.methods().get(name) else {
            return value;
        };
        if self.results.contains(name) {
            return HIDDEN.into();
        }
        let (service, verb) = split(name);
        let is_old_style = Number::new(catalog.api()) < V25_10 && self.old_style.contains(service);
        if is_old_style && matches!(verb, "create" | "update") {
            return value;
        }
        let walk = Walk {
            models: catalog.models(),
            marked: &self.models,
            keeps_defaults: !is_old_style,
        };
        walk.at(method.result.as_value(), value)
    }

    /// A job's arguments, as all callers see them.
    pub(crate) fn arguments(&self, catalog: &Catalog, method: &Method, given: &[Value]) -> Value {
        let walk = Walk {
            models: catalog.models(),
            marked: &self.models,
            keeps_defaults: false,
        };
        let schemas = method
            .parameters
            .iter()
            .map(Some)
            .chain(std::iter::repeat(None));
        let pairs = given.iter().cloned().zip(schemas);
        pairs
            .map(|(value, parameter)| match parameter {
                Some(parameter) => walk.at(parameter.schema.as_value(), value),
                None => value,
            })
            .collect()
    }
}

impl<'r> Walk<'r> {
    fn at(self, schema: &'r Value, value: Value) -> Value {
        let (model, schema) = self.models.named(schema);
        if let Some(cases) = cases(schema) {
            return match self.models.nearest(cases, &value) {
                Some(case) => self.at(case, value),
                None => value,
            };
        }
        match value {
            Value::Array(items) => {
                let items = items.into_iter().enumerate();
                items
                    .map(|(index, item)| match item_schema(schema, index) {
                        Some(schema) => self.at(schema, item),
                        None => item,
                    })
                    .collect()
            }
            Value::Object(object) => {
                let known = properties(schema);
                let pairs = object.into_iter().map(|(key, value)| {
                    let property = known.and_then(|known| known.get(&key));
                    let value = if self.hides(model, &key, property, &value) {
                        HIDDEN.into()
                    } else {
                        match (property, others(schema)) {
                            (Some(schema), _) | (None, Others::Of(schema)) => {
                                self.at(schema, value)
                            }
                            _ => value,
                        }
                    };
                    (key, value)
                });
                Value::Object(pairs.collect())
            }
            other => other,
        }
    }

    /// Whether a key is marked. Null is hidden as well. In the settings of a
    /// cloud provider, of which servers store only what was given, a default
    /// is not.
    fn hides(
        self,
        model: Option<&str>,
        key: &str,
        property: Option<&Value>,
        value: &Value,
    ) -> bool {
        let Some(model) = model else {
            return false;
        };
        let is_marked = self
            .marked
            .get(model)
            .is_some_and(|keys| keys.contains(key));
        let is_filled_in = self.keeps_defaults
            && model.ends_with("CredentialsModel")
            && property.and_then(|property| property.get("default")) == Some(value);
        is_marked && !is_filled_in
    }
}

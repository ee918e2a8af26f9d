//! What `core.get_methods` says of a method.
//!
//! Schemas stand there with all that they refer to inlined, in a dialect with
//! `_name_`, `_required_` and `_attrs_order_`, and with `items` in a list. Where
//! a model is met again, what it refers to is left blank.
//! `cargo xtask import --methods` reads it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use truenas_codegen::model::{ApiVersion, Method, MethodKind};

use crate::auth::{Access, access};
use crate::number::{Number, V25_10};

const MODELS: &str = "#/models/";

/// The keywords that hold one schema, but for `items`.
const SINGLES: [&str; 3] = ["additionalProperties", "propertyNames", "not"];
/// The keywords that hold a list of them.
const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];

/// Describes a method of the version.
pub(crate) fn describe(version: &ApiVersion, name: &str, method: &Method) -> Value {
    let ping_is_free = Number::new(&version.api) >= V25_10;
    let mut inliner = Inliner::new(version);
    let accepts = method.parameters.iter().map(|parameter| {
        let schema = parameter.schema.as_value();
        inliner.named(schema, &parameter.name, parameter.required)
    });
    let accepts: Vec<Value> = accepts.collect();
    let returns = Inliner::new(version).named(method.result.as_value(), "result", true);
    let filterable = name.ends_with(".query");
    json!({
        "description": null,
        "cli_description": "",
        "examples": {},
        "no_auth_required": access(name, ping_is_free) == Access::NoLogin,
        "filterable": filterable,
        "filterable_schema": null,
        "pass_application": false,
        "job": method.kind == MethodKind::Job,
        "downloadable": method.pipes.output,
        "uploadable": method.pipes.input,
        "check_pipes": method.pipes.check,
        "roles": method.roles,
        "accepts": accepts,
        "returns": [returns],
    })
}

/// Schemas that are inlined together: all parameters, or the result.
struct Inliner<'c> {
    version: &'c ApiVersion,
    /// The models that were met.
    seen: BTreeSet<&'c str>,
    /// Whether this is in a model that was met before.
    is_blank: bool,
}

impl<'c> Inliner<'c> {
    fn new(version: &'c ApiVersion) -> Self {
        Self {
            version,
            seen: BTreeSet::new(),
            is_blank: false,
        }
    }

    /// The schema of something with a name: a parameter, a result, a property.
    fn named(&mut self, schema: &'c Value, name: &str, required: bool) -> Value {
        let Value::Object(mut named) = self.schema(schema) else {
            // Anything will do, and only an object can say so by name.
            return json!({"title": name, "_name_": name, "_required_": required});
        };
        let model = schema.get("$ref").is_some();
        if model || !named.contains_key("title") {
            named.insert("title".to_owned(), name.into());
        }
        named.insert("_name_".to_owned(), name.into());
        named.insert("_required_".to_owned(), required.into());
        Value::Object(named)
    }

    /// The schema with all it refers to.
    fn schema(&mut self, schema: &'c Value) -> Value {
        let Value::Object(object) = schema else {
            return schema.clone();
        };
        let reference = object.get("$ref").and_then(Value::as_str);
        let Some(model) = reference.and_then(|reference| reference.strip_prefix(MODELS)) else {
            return Value::Object(self.keywords(object));
        };
        let models = &self.version.models;
        let mut inlined = match models.get(model).map(|schema| schema.as_value()) {
            Some(Value::Object(referred)) if !self.is_blank => {
                self.is_blank = !self.seen.insert(model);
                let mut inlined = self.keywords(referred);
                self.is_blank = false;
                inlined.insert("title".to_owned(), model.into());
                inlined
            }
            _ => Map::new(),
        };
        for (key, value) in object {
            if key != "$ref" {
                inlined.insert(key.clone(), value.clone());
            }
        }
        Value::Object(inlined)
    }

    fn keywords(&mut self, object: &'c Map<String, Value>) -> Map<String, Value> {
        let mut inlined = Map::new();
        for (key, value) in object {
            let value = match (key.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    let order: Vec<&String> = properties.keys().collect();
                    inlined.insert("_attrs_order_".to_owned(), json!(order));
                    let required = object.get("required").and_then(Value::as_array);
                    let properties = properties.iter().map(|(name, schema)| {
                        let must = required.is_some_and(|names| names.contains(&json!(name)));
                        (name.clone(), self.named(schema, name, must))
                    });
                    Value::Object(properties.collect())
                }
                ("patternProperties", Value::Object(patterns)) => {
                    let patterns = patterns.iter();
                    let patterns =
                        patterns.map(|(name, schema)| (name.clone(), self.schema(schema)));
                    Value::Object(patterns.collect())
                }
                ("discriminator", Value::Object(discriminator)) => {
                    Value::Object(definitions(discriminator))
                }
                // The wrong way round, as the server has it.
                ("items", schema) => json!([self.schema(schema)]),
                (key, schema) if SINGLES.contains(&key) => self.schema(schema),
                (key, Value::Array(schemas)) if LISTS.contains(&key) => {
                    schemas.iter().map(|schema| self.schema(schema)).collect()
                }
                (_, value) => value.clone(),
            };
            inlined.insert(key.clone(), value);
        }
        inlined
    }
}

/// A discriminator whose mapping points to where definitions stood.
fn definitions(discriminator: &Map<String, Value>) -> Map<String, Value> {
    let mut discriminator = discriminator.clone();
    if let Some(Value::Object(mapping)) = discriminator.get_mut("mapping") {
        for target in mapping.values_mut() {
            if let Value::String(target) = target {
                *target = target.replace(MODELS, "#/$defs/");
            }
        }
    }
    discriminator
}

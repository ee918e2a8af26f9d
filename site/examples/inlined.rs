//! Writes a version in `schemas/` as a dump with references inlined, the form
//! from which the documentation site is rendered.
//!
//! ```sh
//! cargo run -p truenas-site --example inlined -- schemas/v25.10.0.json > dump.json
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::{env, fs};

use serde_json::{Map, Value, json};
use truenas_codegen::model::{ApiVersion, Event, Method, MethodKind};
use truenas_codegen::read::{Source, parse};

fn main() -> Result<(), Box<dyn Error>> {
    let name = env::args().nth(1).ok_or("usage: inlined FILE")?;
    let text = fs::read_to_string(&name)?;
    let name = name.as_str();
    let text = text.as_str();
    let version: ApiVersion = parse(Source { name, text })?;
    let models = &version.models;
    let methods = version.methods.iter();
    let methods: Vec<Value> = methods
        .map(|(name, one)| method(models, name, one))
        .collect();
    let events = version.events.iter();
    let events: Vec<Value> = events.map(|(name, one)| event(models, name, one)).collect();
    let dump = json!({
        "versions": [{"version": version.api, "methods": methods, "events": events}],
    });
    println!("{dump}");
    Ok(())
}

type Models = BTreeMap<String, schemars::Schema>;

fn method(models: &Models, name: &str, method: &Method) -> Value {
    let mut document = Document::new(models);
    let mut parameters = Vec::new();
    for parameter in &method.parameters {
        let mut schema = document.inline(parameter.schema.as_value());
        set_title(&mut schema, &parameter.name);
        parameters.push(schema);
    }
    json!({
        "name": name,
        "roles": method.roles,
        "removed_in": method.removed_in,
        "doc": (method.kind == MethodKind::Job).then_some("This method is a job."),
        "input_pipes": method.pipes.input,
        "output_pipes": method.pipes.output,
        "check_pipes": method.pipes.check,
        "schemas": {
            "type": "object",
            "properties": {
                "Call parameters": {"type": "array", "items": false, "prefixItems": parameters},
                "Return value": Document::new(models).inline(method.result.as_value()),
            },
        },
    })
}

fn event(models: &Models, name: &str, event: &Event) -> Value {
    let mut properties = Map::new();
    for (kind, schema) in &event.kinds {
        let schema = Document::new(models).inline(schema.as_value());
        properties.insert(kind.clone(), schema);
    }
    if let Some(parameters) = &event.parameters {
        let schema = Document::new(models).inline(parameters.as_value());
        properties.insert("Subscription parameters".to_owned(), schema);
    }
    json!({
        "name": name,
        "roles": event.roles,
        "removed_in": event.removed_in,
        "doc": null,
        "schemas": {"type": "object", "properties": properties},
    })
}

/// Schemas that are inlined together.
struct Document<'a> {
    models: &'a Models,
    /// The models that were met. What the references in them point to is left
    /// out from then on.
    seen: BTreeSet<String>,
    is_blank: bool,
}

impl<'a> Document<'a> {
    fn new(models: &'a Models) -> Self {
        Document {
            models,
            seen: BTreeSet::new(),
            is_blank: false,
        }
    }

    fn inline(&mut self, schema: &Value) -> Value {
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Array(items) => return items.iter().map(|item| self.inline(item)).collect(),
            other => return other.clone(),
        };
        let mut inlined = Map::new();
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                ("$ref", _) => {}
                ("default" | "const" | "enum" | "required", value) => {
                    inlined.insert(keyword.clone(), value.clone());
                }
                ("discriminator", value) => {
                    inlined.insert(keyword.clone(), definitions(value));
                }
                ("properties", Value::Object(properties)) => {
                    let mut all = Map::new();
                    for (key, property) in properties {
                        let mut inlined = self.inline(property);
                        if property.get("$ref").is_none() && property.get("title").is_none() {
                            set_title(&mut inlined, &automatic_title(key));
                        }
                        all.insert(key.clone(), inlined);
                    }
                    inlined.insert(keyword.clone(), all.into());
                }
                (_, value) => {
                    inlined.insert(keyword.clone(), self.inline(value));
                }
            }
        }
        if let Some(Value::String(target)) = keywords.get("$ref")
            && !self.is_blank
        {
            let name = target.trim_start_matches("#/models/");
            let model = self.models.get(name).map(|model| model.as_value());
            self.is_blank = !self.seen.insert(name.to_owned());
            if let Value::Object(content) = self.inline(model.unwrap_or(&Value::Null)) {
                inlined.extend(content);
            }
            self.is_blank = false;
            inlined.insert("title".to_owned(), name.into());
        }
        Value::Object(inlined)
    }
}

fn set_title(schema: &mut Value, title: &str) {
    if let Value::Object(schema) = schema {
        schema.insert("title".to_owned(), title.into());
    }
}

/// A discriminator as dumps have it: it still points into `$defs`.
fn definitions(discriminator: &Value) -> Value {
    let mut discriminator = discriminator.clone();
    if let Some(Value::Object(mapping)) = discriminator.get_mut("mapping") {
        for target in mapping.values_mut() {
            let text = target.as_str().unwrap_or_default();
            *target = text.replace("#/models/", "#/$defs/").into();
        }
    }
    discriminator
}

/// The title that pydantic gives a property without one, which the files in
/// `schemas/` leave out.
fn automatic_title(key: &str) -> String {
    let mut title = String::new();
    let mut is_inside = false;
    for letter in key.chars() {
        if is_inside {
            title.extend(letter.to_lowercase());
        } else {
            title.extend(letter.to_uppercase());
        }
        is_inside = letter.is_alphabetic();
    }
    title.replace('_', " ").trim().to_owned()
}

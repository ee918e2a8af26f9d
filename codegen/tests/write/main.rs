//! Writing Rust from versions in the canonical form, by the public interface.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod choices;
mod corrections;
mod fields;
mod methods;
mod names;
mod nullable;
mod objects;
mod overrides;
mod queries;
mod random;
mod source;
mod stored;
mod values;
mod versions;

use serde_json::{Value, json};
use source::Written;
use truenas_codegen::emit::EmitError;
use truenas_codegen::generate::{Generated, generate};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::overrides::Overrides;
use truenas_codegen::read::{Source, parse};
use truenas_codegen::versions::{Version, VersionList};

/// A version with these methods, events and models.
fn version(api: &str, methods: &Value, events: &Value, models: &Value) -> ApiVersion {
    let release = api.trim_start_matches('v');
    let file = json!({
        "api": api, "release": release, "provenance": [],
        "methods": methods, "events": events, "models": models,
    });
    let text = file.to_string();
    let source = Source {
        name: "test",
        text: &text,
    };
    parse(source).unwrap()
}

/// A call without roles.
fn method(parameters: &Value, result: &Value) -> Value {
    json!({"kind": "call", "roles": [], "parameters": parameters, "result": result})
}

/// A parameter that must be given.
fn parameter(name: &str, schema: &Value) -> Value {
    json!({"name": name, "required": true, "schema": schema})
}

fn model(name: &str) -> Value {
    json!({"$ref": format!("#/models/{name}")})
}

/// A closed object.
fn object(properties: &Value, required: &[&str]) -> Value {
    json!({
        "type": "object", "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

fn list(versions: &[ApiVersion]) -> VersionList {
    let mut list = VersionList::default();
    for version in versions {
        list.register(Version {
            api: version.api.clone(),
            release: version.release.clone(),
            aliases: Vec::new(),
        })
        .unwrap();
    }
    list
}

fn generate_all(versions: &[ApiVersion]) -> Generated {
    generate(versions, &list(versions), &Overrides::default()).unwrap()
}

fn write(methods: &Value, models: &Value) -> Written {
    let version = version("v1.0.0", methods, &json!({}), models);
    Written::new(generate_all(&[version]))
}

/// The model `Data`, which callers send.
fn sent(data: &Value) -> Written {
    sent_with(data, json!({}))
}

/// The same, beside other models.
fn sent_with(data: &Value, mut models: Value) -> Written {
    models["Data"] = data.clone();
    let set = method(&json!([parameter("data", &model("Data"))]), &json!({}));
    write(&json!({"a.set": set}), &models)
}

/// The model `Data`, which callers receive.
fn received(data: &Value) -> Written {
    received_with(data, json!({}))
}

/// The same, beside other models.
fn received_with(data: &Value, mut models: Value) -> Written {
    models["Data"] = data.clone();
    let get = method(&json!([]), &model("Data"));
    write(&json!({"a.get": get}), &models)
}

/// How a required key with this schema is typed.
fn type_of(schema: &Value) -> String {
    let fields = received(&object(&json!({"key": schema}), &["key"])).fields("Data");
    fields[0].trim_start_matches("key: ").to_owned()
}

/// Why a model cannot be written.
fn refused(models: &Value) -> EmitError {
    let get = method(&json!([]), &model("Data"));
    let version = version("v1.0.0", &json!({"a.get": get}), &json!({}), models);
    let versions = [version];
    generate(&versions, &list(&versions), &Overrides::default()).unwrap_err()
}

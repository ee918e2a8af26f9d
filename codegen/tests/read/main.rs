//! Reading published files into the canonical form, by its public interface.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod errors;
mod forms;
mod merge;
mod names;
mod old_style;
mod originals;
mod random;
mod stored;

use serde_json::{Value, json};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::read::{Options, ReadError, Reading, Source, read};

/// Reads texts as the files `0.json`, `1.json`, ….
fn try_read(texts: &[&str], options: &Options) -> Result<Reading, ReadError> {
    let names: Vec<String> = (0..texts.len())
        .map(|number| format!("{number}.json"))
        .collect();
    let sources: Vec<Source<'_>> = names
        .iter()
        .zip(texts)
        .map(|(name, text)| Source { name, text })
        .collect();
    read("1.2.3", &sources, options)
}

fn version(file: &Value) -> ApiVersion {
    reading(file).version
}

fn reading(file: &Value) -> Reading {
    try_read(&[&file.to_string()], &Options::default()).unwrap()
}

/// The answer of `core.get_methods`, read without a dump.
fn get_methods(file: &Value) -> ApiVersion {
    let options = Options {
        api: Some("v1.2.3".to_owned()),
        ..Options::default()
    };
    try_read(&[&file.to_string()], &options).unwrap().version
}

/// A dump of the version v1.2.3.
fn dump(methods: &[Value], events: &[Value]) -> Value {
    json!({"versions": [{"version": "v1.2.3", "methods": methods, "events": events}]})
}

/// A method in a dump, or an event.
fn entry(name: &str, schemas: Value) -> Value {
    json!({"name": name, "roles": [], "doc": null, "removed_in": null, "schemas": schemas})
}

/// The schemas of a method with one parameter, `data`, in the form with
/// references.
fn with_refs(defs: Value, data: Value, result: Value) -> Value {
    json!({
        "accepts": {
            "$defs": defs, "type": "object", "title": "Args",
            "properties": {"data": data}, "required": ["data"],
        },
        "returns": {
            "$defs": defs, "type": "object", "title": "Returns",
            "properties": {"result": result}, "required": ["result"],
        },
    })
}

/// The same with references inlined.
fn inlined(data: Value, result: Value) -> Value {
    json!({"type": "object", "properties": {
        "Call parameters": {"type": "array", "prefixItems": [data], "items": false},
        "Return value": result,
    }})
}

/// A method in the answer of `core.get_methods`.
fn described(accepts: Value, returns: Value) -> Value {
    json!({
        "accepts": accepts, "returns": returns, "roles": [], "description": null,
        "job": false, "uploadable": false, "downloadable": false, "check_pipes": false,
    })
}

fn schema(version: &ApiVersion, model: &str) -> Value {
    match version.models.get(model) {
        Some(schema) => schema.as_value().clone(),
        None => panic!("no {model} in {:?}", version.models.keys()),
    }
}

fn parameter(version: &ApiVersion, method: &str, index: usize) -> Value {
    version.methods[method].parameters[index]
        .schema
        .as_value()
        .clone()
}

fn result(version: &ApiVersion, method: &str) -> Value {
    version.methods[method].result.as_value().clone()
}

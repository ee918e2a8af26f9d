//! What `core.get_methods` answers is what the importer reads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::collections::BTreeMap;

use schemars::Schema;
use serde_json::{Map, Value, json};
use support::{Client, start};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::read::{Options, Source, read};

/// A schema with its references replaced, and without what the shape loses:
/// names of models. One that stands in itself ends.
fn inlined(schema: &Value, models: &BTreeMap<String, Schema>, within: &mut Vec<String>) -> Value {
    match schema {
        Value::Object(object) => {
            let mut inlined_object = Map::new();
            for (key, value) in object {
                match key.as_str() {
                    "title" | "discriminator" => {}
                    // None are none, said or not.
                    "properties" if *value == json!({}) => {}
                    "$ref" => {
                        let name = value.as_str().unwrap().replace("#/models/", "");
                        if within.contains(&name) {
                            return json!("itself");
                        }
                        let model = models[&name].as_value();
                        within.push(name);
                        let referred = inlined(model, models, within);
                        within.pop();
                        inlined_object.extend(referred.as_object().unwrap().clone());
                    }
                    _ => {
                        inlined_object.insert(key.clone(), inlined(value, models, within));
                    }
                }
            }
            Value::Object(inlined_object)
        }
        Value::Array(items) => items
            .iter()
            .map(|item| inlined(item, models, within))
            .collect(),
        other => other.clone(),
    }
}

/// All that a version says of its methods.
fn methods(version: &ApiVersion) -> BTreeMap<String, Value> {
    let methods = version.methods.iter();
    let described = methods.map(|(name, method)| {
        let parameters = method.parameters.iter().map(|parameter| {
            let schema = inlined(
                parameter.schema.as_value(),
                &version.models,
                &mut Vec::new(),
            );
            json!([parameter.name, parameter.required, schema])
        });
        let described = json!({
            "kind": method.kind,
            "pipes": method.pipes,
            "roles": method.roles,
            "parameters": parameters.collect::<Vec<_>>(),
            "result": inlined(method.result.as_value(), &version.models, &mut Vec::new()),
        });
        (name.clone(), described)
    });
    described.collect()
}

#[tokio::test]
async fn what_is_imported_from_a_simulator_is_what_it_was_made_from() {
    let mut failed = Vec::new();
    for api in ["v25.04.0", "v25.10.5", "v26.0.0"] {
        let simulator = start(api).await;
        let mut client = Client::logged_in(&simulator).await;
        let answer = client
            .call("core.get_methods", json!([]))
            .await
            .unwrap()
            .to_string();
        let source = Source {
            name: "get-methods.json",
            text: &answer,
        };
        let options = Options {
            api: Some(api.to_owned()),
            keep_docs: false,
        };
        let imported = read("25.10.6", &[source], &options).unwrap();
        let path = format!("{}/../schemas/{api}.json", env!("CARGO_MANIFEST_DIR"));
        let original: ApiVersion =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let (imported, original) = (methods(&imported.version), methods(&original));
        assert_eq!(imported.len(), original.len());
        let differ: Vec<&String> = original
            .iter()
            .filter(|(name, method)| imported.get(*name) != Some(*method))
            .map(|(name, _)| name)
            .collect();
        for name in &differ {
            println!(
                "{name}\n  imported {}\n  original {}",
                imported[*name]["result"], original[*name]["result"]
            );
        }
        failed.extend(differ.into_iter().map(|name| format!("{name} of {api}")));
    }
    assert_eq!(failed, Vec::<String>::new());
}

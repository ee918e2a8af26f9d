//! Random values that satisfy the schemas of the made-up versions come back as
//! they were.

use std::fs;
use std::path::Path;

use jsonschema::validator_for;
use serde_json::{Map, Value};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::read::{Options, Source, read};
use truenas_conformance::{Generator, Nulls, parameters, same, standalone};
use truenas_hostile::TABLES;
use truenas_runtime::table::{RoundTrip, Table};

/// Values for each schema.
const VALUES: usize = 100;
/// How many are drawn for that.
const DRAWS: usize = 10_000;

#[test]
fn every_value_comes_back() {
    let mut wrong = Vec::new();
    let mut skipped = Vec::new();
    let mut count = 0;
    for file in ["dump.json", "dump-next.json"] {
        let version = version(file);
        let table = TABLES.iter().find(|(api, _)| *api == version.api);
        for (name, nulls, schema, round_trip) in positions(&version, table.unwrap().1) {
            let values = match values(&schema) {
                Ok(values) => values,
                Err(reason) => {
                    skipped.push(format!("{name}: {reason}"));
                    continue;
                }
            };
            count += values.len();
            for value in values {
                match round_trip(&value) {
                    Ok(back) if same(&value, &back, nulls) => {}
                    other => wrong.push(format!("{name}: {value}\n  {other:?}")),
                }
            }
        }
    }
    println!("{count} values");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Of these there are values picked by hand.
    assert_eq!(
        skipped,
        [
            "params of formats.all: strings of the format \"date\"",
            "result of formats.all: strings of the format \"date\"",
            "params of numbers.ranges: a `maximum` of 18446744073709551615",
            "result of numbers.ranges: a `maximum` of 18446744073709551615",
            "params of titles.all: the validator takes no reference to a model of this name",
            "result of titles.all: the validator takes no reference to a model of this name",
        ]
    );
}

fn version(file: &str) -> ApiVersion {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(path).unwrap();
    let source = Source {
        name: file,
        text: &text,
    };
    read("9", &[source], &Options::default()).unwrap().version
}

/// Everything that is sent or received, with its schema and its types.
fn positions(version: &ApiVersion, table: &Table) -> Vec<(String, Nulls, Value, RoundTrip)> {
    let mut positions = Vec::new();
    for (name, method) in &version.methods {
        let types = table.method(name).unwrap();
        let sent = method.parameters.iter();
        let sent = parameters(sent.map(|sent| (sent.schema.as_value(), sent.required)));
        positions.push((format!("params of {name}"), Nulls::Kept, sent, types.params));
        let result = method.result.as_value().clone();
        let about = format!("result of {name}");
        positions.push((about, Nulls::Absent, result, types.result));
    }
    for (name, event) in &version.events {
        let types = table.event(name).unwrap();
        let kinds = event.kinds.iter().map(|(kind, schema)| {
            let round_trip = match kind.as_str() {
                "ADDED" => types.added,
                "CHANGED" => types.changed,
                _ => types.removed,
            };
            (schema, round_trip)
        });
        let parameters = event.parameters.iter();
        let parameters = parameters.map(|schema| (schema, types.params));
        for (schema, round_trip) in kinds.chain(parameters) {
            let schema = schema.as_value().clone();
            let about = format!("event {name}");
            positions.push((about, Nulls::Absent, schema, round_trip));
        }
    }
    let models: Map<_, _> = version
        .models
        .iter()
        .map(|(name, model)| (name.clone(), model.as_value().clone()))
        .collect();
    for (_, _, schema, _) in &mut positions {
        *schema = standalone(schema, &models);
    }
    positions
}

fn values(schema: &Value) -> Result<Vec<Value>, String> {
    let validator = validator_for(schema)
        .map_err(|_| "the validator takes no reference to a model of this name".to_owned())?;
    let mut generator = Generator::new(schema, 0);
    let mut values = Vec::new();
    for _ in 0..DRAWS {
        let value = generator.value().map_err(|reason| reason.to_string())?;
        if validator.is_valid(&value) {
            values.push(value);
        }
        if values.len() == VALUES {
            return Ok(values);
        }
    }
    Err(format!("only {} values found", values.len()))
}

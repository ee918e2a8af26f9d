//! What the generator draws satisfies the schema, keyword by keyword.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use serde_json::{Map, Value, json};
use truenas_conformance::{Generator, parameters, standalone};

const VALUES: usize = 200;

/// Values of a schema, each of which satisfies it.
fn values(schema: &Value) -> Vec<Value> {
    let validator = jsonschema::validator_for(schema).unwrap();
    let mut generator = Generator::new(schema, 0);
    let values: Vec<Value> = (0..VALUES).map(|_| generator.value().unwrap()).collect();
    for value in &values {
        assert!(validator.is_valid(value), "{schema}\n{value}");
    }
    values
}

#[test]
fn keywords_of_scalars() {
    for schema in [
        json!({"type": "null"}),
        json!({"type": "boolean"}),
        json!({"const": 5}),
        json!({"enum": ["ON", 1, null]}),
        json!({"type": "integer"}),
        json!({"type": "integer", "minimum": -1, "maximum": 2}),
        json!({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2}),
        json!({"type": "number"}),
        json!({"type": "number", "minimum": 0.5, "maximum": 1}),
        json!({"type": "string", "minLength": 1, "maxLength": 3}),
        json!({"type": "string", "pattern": "^[^-]", "minLength": 2}),
        json!({"type": "string", "pattern": r"^([0-9A-F]{2}[:-]?){5}(a|b\w+)$"}),
        json!({"type": "string", "pattern": ".*:.*", "maxLength": 6}),
    ] {
        values(&schema);
    }
}

#[test]
fn keywords_of_lists_and_objects() {
    for schema in [
        json!({}),
        json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 3}),
        json!({"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": true}),
        json!({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}],
            "minItems": 2, "maxItems": 2}),
        json!({"type": "object"}),
        json!({"type": "object", "additionalProperties": {"type": "integer"},
            "propertyNames": {"minLength": 4}}),
        json!({"type": "object", "patternProperties": {"^fc[0-9]+$": {"type": "null"}},
            "propertyNames": {"maxLength": 4}}),
        json!({"type": "object", "additionalProperties": false, "required": ["a"],
            "properties": {"a": {"type": "null"}, "b": {"type": "null"}}}),
        json!({"anyOf": [{"type": "integer"}, {"type": "array"}]}),
    ] {
        values(&schema);
    }
}

#[test]
fn optional_keys_are_there_or_not_and_null_or_not() {
    let values = values(&json!({
        "type": "object",
        "properties": {"a": {"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "b": true},
        "required": ["b"],
    }));
    let with = |a: Option<&Value>| values.iter().any(|value| value.get("a") == a);
    assert!(with(None) && with(Some(&Value::Null)) && with(Some(&true.into())));
    assert!(values.iter().all(|value| value.get("b").is_some()));
    let more = |value: &Value| value.as_object().unwrap().len() > 2;
    assert!(values.iter().any(more));
}

#[test]
fn recursion_ends() {
    let models = json!({"Vdev": {
        "type": "object",
        "additionalProperties": false,
        "required": ["children", "parent"],
        "properties": {
            "children": {"type": "array", "items": {"$ref": "#/models/Vdev"}},
            "parent": {"anyOf": [{"$ref": "#/models/Vdev"}, {"type": "null"}]},
        },
    }});
    let schema = standalone(
        &json!({"$ref": "#/models/Vdev"}),
        models.as_object().unwrap(),
    );
    let values = values(&schema);
    assert!(values.iter().any(|value| value["children"][0].is_object()));
}

#[test]
fn times_are_what_the_server_sends() {
    let schema = standalone(
        &json!({"type": "string", "format": "date-time"}),
        &Map::new(),
    );
    for value in values(&schema) {
        assert!(value["$date"].as_f64().is_some());
    }
}

#[test]
fn parameters_are_a_prefix_with_all_that_are_required() {
    let (text, flag) = (json!({"type": "string"}), json!({"type": "boolean"}));
    let schema = parameters([(&text, false), (&flag, true), (&flag, false)]);
    let lengths = values(&schema).into_iter();
    let lengths: Vec<usize> = lengths
        .map(|value| value.as_array().unwrap().len())
        .collect();
    assert!(lengths.contains(&2) && lengths.contains(&3));
    assert_eq!(values(&parameters([]))[0], json!([]));
}

#[test]
fn what_is_not_known_is_said() {
    for (schema, reason) in [
        (json!({"type": ["string"]}), "a `type` of [\"string\"]"),
        (
            json!({"type": "string", "format": "duration"}),
            "strings of the format \"duration\"",
        ),
        (
            json!({"type": "string", "pattern": "^a$", "minLength": 2}),
            "no text of 2..=18446744073709551615 characters found for the pattern \"^a$\"",
        ),
        (json!({"$ref": "#/$defs/A"}), "a `$ref` to \"#/$defs/A\""),
    ] {
        let error = Generator::new(&schema, 0).value().unwrap_err();
        assert_eq!(error.to_string(), reason);
    }
}

#[test]
fn a_seed_gives_the_same_values() {
    let schema = json!({"type": "object"});
    let draw = |seed| {
        let mut generator = Generator::new(&schema, seed);
        [(); 20].map(|()| generator.value().unwrap())
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

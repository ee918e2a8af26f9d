//! The older style of 25.04.

use serde_json::{Value, json};

use super::{described, get_methods, parameter, result, schema};

/// What becomes of the schema of a parameter.
fn modern(mut schema: Value) -> Value {
    schema["_name_"] = "data".into();
    schema["title"] = "data".into();
    schema["_required_"] = false.into();
    let version = get_methods(&json!({"a.b": described(json!([schema]), json!(null))}));
    parameter(&version, "a.b", 0)
}

#[test]
fn lists_of_types() {
    for (old, new) in [
        (
            json!({"type": ["string", "null"], "default": null}),
            json!({"anyOf": [{"type": "string"}, {"type": "null"}], "default": null}),
        ),
        (
            json!({"type": ["string", "null"], "enum": ["A", "B"]}),
            json!({"enum": ["A", "B", null]}),
        ),
        (
            json!({"type": ["string", "null"], "enum": ["A", null]}),
            json!({"enum": ["A", null]}),
        ),
        (
            json!({"type": ["string", "integer"], "minLength": 1}),
            json!({"anyOf": [
                {"type": "string", "minLength": 1}, {"type": "integer", "minLength": 1},
            ]}),
        ),
        (json!({"type": ["boolean"]}), json!({"type": "boolean"})),
        (json!({"type": "float"}), json!({"type": "number"})),
    ] {
        assert_eq!(modern(old), new);
    }
}

#[test]
fn nullable() {
    let branches = json!([{"type": "string"}, {"type": "integer"}]);
    assert_eq!(
        modern(json!({"anyOf": branches, "nullable": false})),
        json!({"anyOf": branches})
    );
    assert_eq!(
        modern(json!({"anyOf": branches, "nullable": true})),
        json!({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]})
    );
    assert_eq!(
        modern(json!({"type": "string", "nullable": true})),
        json!({"anyOf": [{"type": "string"}, {"type": "null"}]})
    );
    // Anything holds null already.
    assert_eq!(modern(json!({"nullable": true})), json!({}));
}

#[test]
fn items() {
    for (old, new) in [
        (json!([]), json!({})),
        (json!([{"type": "string"}]), json!({"type": "string"})),
        (
            json!([{"type": "string"}, {"type": "integer"}]),
            json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ),
    ] {
        assert_eq!(
            modern(json!({"type": "array", "items": old})),
            json!({"type": "array", "items": new})
        );
    }
}

#[test]
fn an_enum_beside_branches_belongs_to_the_first_for_strings() {
    assert_eq!(
        modern(json!({
            "enum": ["ON", "OFF"], "nullable": false,
            "anyOf": [{"type": "string"}, {"type": "string", "enum": ["INHERIT"]}],
        })),
        json!({"anyOf": [
            {"type": "string", "enum": ["ON", "OFF"]}, {"type": "string", "enum": ["INHERIT"]},
        ]})
    );
}

#[test]
fn required_is_said_by_the_properties() {
    let object = json!({
        "_name_": "data", "title": "data", "_required_": true,
        "_attrs_order_": ["z", "a", "items"], "type": "object", "additionalProperties": false,
        "properties": {
            "z": {"_name_": "z", "title": "z", "_required_": true, "type": "string"},
            "a": {"_name_": "a", "title": "a", "_required_": true, "type": "string"},
            "items": {"_name_": "items", "title": "items", "_required_": false, "type": "array",
                "items": []},
        },
    });
    let version = get_methods(&json!({"a.b": described(json!([object]), json!([]))}));
    assert!(version.methods["a.b"].parameters[0].required);
    assert_eq!(
        schema(&version, "AB"),
        json!({
            "type": "object", "additionalProperties": false, "required": ["a", "z"],
            "properties": {
                "a": {"type": "string"}, "z": {"type": "string"},
                "items": {"type": "array", "items": {}},
            },
        })
    );
}

#[test]
fn an_open_object_of_which_nothing_is_known_is_no_model() {
    assert_eq!(
        modern(json!({"type": "object", "properties": {}, "additionalProperties": true})),
        json!({"type": "object", "additionalProperties": true})
    );
}

#[test]
fn a_required_key_with_a_default_may_be_left_out_of_what_is_sent() {
    let object = json!({
        "type": "object", "_name_": "data", "_required_": true, "additionalProperties": false,
        "properties": {
            "name": {"type": "string", "_name_": "name", "_required_": true},
            "size": {"type": "integer", "_name_": "size", "_required_": true, "default": 1},
        },
    });
    let version = get_methods(&json!({"a.b": described(json!([object]), json!([object]))}));
    let required = |schema: &Value| {
        let name = schema["$ref"].as_str().unwrap();
        let model = &version.models[name.trim_start_matches("#/models/")];
        model.as_value()["required"].clone()
    };
    assert_eq!(required(&parameter(&version, "a.b", 0)), json!(["name"]));
    assert_eq!(required(&result(&version, "a.b")), json!(["name", "size"]));
}

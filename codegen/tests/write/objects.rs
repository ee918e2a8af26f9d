//! Objects: which keys must be there, may lack or may be null.

use serde_json::{Value, json};

use super::{
    method, model, object, parameter, received, received_with, refused, sent, sent_with, write,
};

#[test]
fn a_request_leaves_out_what_is_not_set() {
    let nullable = json!({"anyOf": [{"type": "integer"}, {"type": "null"}]});
    let data = object(
        &json!({
            "must": {"type": "integer"},
            "must_or_null": nullable,
            "may": {"type": "integer"},
            "may_or_null": nullable,
        }),
        &["must", "must_or_null"],
    );
    assert_eq!(
        sent(&data).fields("Data"),
        [
            "may: Option<i64>",
            "may_or_null: rt::Patch<i64>",
            "must: i64",
            "must_or_null: Option<i64>",
        ]
    );
    assert_eq!(
        received(&data).fields("Data"),
        [
            "may: Option<i64>",
            "may_or_null: Option<i64>",
            "must: i64",
            "must_or_null: Option<i64>",
        ]
    );
}

#[test]
fn only_an_open_object_keeps_other_keys() {
    let mut data = object(&json!({"a": {"type": "string"}}), &["a"]);
    assert_eq!(received(&data).fields("Data"), ["a: rt::SmolStr"]);

    data["additionalProperties"] = json!(true);
    assert_eq!(
        received(&data).fields("Data"),
        ["a: rt::SmolStr", "other: BTreeMap<String, rt::Raw>"]
    );
    data["additionalProperties"] = json!({"type": "boolean"});
    assert_eq!(
        received(&data).fields("Data"),
        ["a: rt::SmolStr", "other: BTreeMap<String, bool>"]
    );
}

#[test]
fn patterns_stand_beside_known_keys() {
    let mut data = object(&json!({"a": {"type": "string"}}), &["a"]);
    data["patternProperties"] = json!({"^x-": {"type": "integer"}});
    assert_eq!(
        received(&data).fields("Data"),
        ["a: rt::SmolStr", "other: BTreeMap<String, i64>"]
    );
    // Two kinds of values in one map are any JSON.
    data["additionalProperties"] = json!({"type": "string"});
    assert_eq!(
        received(&data).fields("Data"),
        ["a: rt::SmolStr", "other: BTreeMap<String, rt::Raw>"]
    );
}

#[test]
fn a_request_is_built_from_its_required_keys() {
    let properties = json!({
        "name": {"type": "string"}, "size": {"type": "integer"},
        "type": {"const": "DISK", "type": "string"}, "note": {"type": "string"},
    });
    let written = sent(&object(&properties, &["name", "size", "type"]));
    let impls = written.impls("Data");
    assert!(
        impls.contains("pub fn new(name: &str, size: i64) -> Self"),
        "{impls}"
    );
    assert!(impls.contains("new.type_ = DataType::Disk;"), "{impls}");

    let impls = sent(&object(&properties, &["type"])).impls("Data");
    assert!(impls.contains("impl Default for Data"), "{impls}");

    // Answers are read, never built.
    let impls = received(&object(&properties, &["name"])).impls("Data");
    assert!(!impls.contains("fn new"), "{impls}");
}

#[test]
fn a_model_sent_and_received_in_two_shapes_is_two_types() {
    let nullable = json!({"anyOf": [{"type": "integer"}, {"type": "null"}]});
    let data = object(&json!({"a": nullable}), &[]);
    let methods = json!({
        "a.set": super::method(&json!([super::parameter("data", &model("Data"))]), &model("Data")),
    });
    let written = super::write(&methods, &json!({"Data": data}));
    assert_eq!(written.fields("Data"), ["a: rt::Patch<i64>"]);
    assert_eq!(written.fields("DataResponse"), ["a: Option<i64>"]);
}

#[test]
fn a_model_that_holds_itself_is_boxed() {
    let nullable = json!({"anyOf": [model("Data"), {"type": "null"}]});
    let data = object(&json!({"next": nullable}), &[]);
    assert_eq!(received(&data).fields("Data"), ["next: Option<Box<Data>>"]);
    assert_eq!(sent(&data).fields("Data"), ["next: rt::Patch<Box<Data>>"]);
}

#[test]
fn two_models_that_hold_each_other_are_boxed() {
    let data = object(&json!({"other": model("Other")}), &["other"]);
    let other = object(
        &json!({"data": {"anyOf": [model("Data"), {"type": "null"}]}}),
        &[],
    );
    let written = sent_with(&data, json!({"Other": other}));
    assert_eq!(written.fields("Data"), ["other: Box<Other>"]);
    assert_eq!(written.fields("Other"), ["data: rt::Patch<Box<Data>>"]);
}

#[test]
fn lists_and_maps_need_no_box() {
    let data = object(
        &json!({
            "list": {"type": "array", "items": model("Data")},
            "map": {"type": "object", "additionalProperties": model("Data")},
            "pair": {
                "type": "array", "prefixItems": [model("Leaf"), model("Leaf")],
                "minItems": 2, "maxItems": 2,
            },
        }),
        &["list", "map", "pair"],
    );
    let leaf = object(&json!({"a": {"type": "integer"}}), &["a"]);
    assert_eq!(
        received_with(&data, json!({"Leaf": leaf})).fields("Data"),
        [
            "list: Vec<Data>",
            "map: BTreeMap<String, Data>",
            "pair: (Leaf, Leaf)",
        ]
    );
}

#[test]
fn a_choice_that_holds_itself_is_boxed() {
    let data = object(
        &json!({"of": {"anyOf": [{"type": "integer"}, model("Data")]}}),
        &["of"],
    );
    let written = received(&data);
    assert_eq!(written.fields("Data"), ["of: Box<DataOf>"]);
    assert_eq!(
        written.variants("DataOf"),
        ["Integer(i64)", "Itself(Box<Data>)"]
    );
}

#[test]
fn a_value_without_end_is_an_error() {
    let itself = object(&json!({"next": model("Data")}), &["next"]);
    let error = refused(&json!({"Data": itself})).to_string();
    assert!(
        error.contains("model `Data`: key `next` requires a value without end"),
        "{error}"
    );

    let data = object(&json!({"other": model("Other")}), &["other"]);
    let other = object(&json!({"data": model("Data")}), &["data"]);
    let error = refused(&json!({"Data": data, "Other": other})).to_string();
    assert!(error.contains("requires a value without end"), "{error}");
}

#[test]
fn facts_that_no_type_carries_are_documented() {
    let data = object(
        &json!({
            "size": {"type": "integer", "minimum": 1, "maximum": 16, "default": 4},
            "above": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "name": {"type": "string", "minLength": 1, "maxLength": 8, "pattern": "^[a-z`]+$"},
            "list": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
            "address": {"anyOf": [{"type": "string", "format": "ipvanyaddress"}, {"type": "null"}]},
            "a-b": {"type": "string"},
        }),
        &[],
    );
    let written = sent(&data);
    let doc = |field| written.field_doc("Data", field);
    assert_eq!(doc("size"), "Default: `4`.\nRange: from 1, up to 16.");
    assert_eq!(doc("above"), "Range: above 0, below 1.");
    assert_eq!(doc("name"), "1 to 8 characters.\nPattern: `` ^[a-z`]+$ ``.");
    assert_eq!(doc("list"), "Exactly 2 items.");
    assert_eq!(doc("address"), "Format: `ipvanyaddress`.");
    assert_eq!(doc("a_b"), "`a-b` on the wire.");
}

#[test]
fn what_was_read_converts_into_what_is_sent() {
    let inner = object(
        &json!({"tag": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null}}),
        &[],
    );
    let data = object(
        &json!({
            "name": {"type": "string"},
            "parts": {"type": "array", "items": model("Part")},
            "first": {"anyOf": [model("Part"), {"type": "null"}], "default": null},
        }),
        &["name", "parts"],
    );
    let both = method(&json!([parameter("data", &model("Data"))]), &model("Data"));
    let written = write(
        &json!({"a.set": both}),
        &json!({"Data": data, "Part": inner}),
    );
    let impls = written.impls("Data");
    for line in [
        "impl From<DataResponse> for Data {",
        ".map_or(rt::Patch::Leave, |value| rt::Patch::Set(value.into())),",
        "name: value.name,",
        "parts: value.parts.into_iter().map(Into::into).collect(),",
    ] {
        assert!(impls.contains(line), "{impls}");
    }
    let impls = written.impls("Part");
    assert!(
        impls.contains("tag: value.tag.map_or(rt::Patch::Leave, rt::Patch::Set)"),
        "{impls}"
    );
}

#[test]
fn a_conversion_loses_no_null() {
    let text = json!({"type": "string"});
    let nullable = json!({"anyOf": [text, {"type": "null"}]});
    let converts = |key: &Value, required: &[&str]| {
        let data = object(&json!({"key": key, "more": nullable_default()}), required);
        let both = method(&json!([parameter("data", &model("Data"))]), &model("Data"));
        let written = write(&json!({"a.set": both}), &json!({"Data": data}));
        written.has("DataResponse") && written.impls("Data").contains("impl From<DataResponse>")
    };
    // Null or missing cannot be told apart, and do not mean the same.
    assert!(!converts(&nullable, &[]));
    // Null or missing mean the same.
    assert!(converts(&nullable_default(), &[]));
    // It was not missing.
    assert!(converts(&nullable, &["key"]));
}

fn nullable_default() -> Value {
    json!({"anyOf": [{"type": "string"}, {"type": "null"}], "default": null})
}

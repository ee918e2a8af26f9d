//! Numbers, strings, lists and maps.

use serde_json::json;

use super::{object, sent, type_of};

#[test]
fn an_integer_holds_its_whole_range() {
    for (limits, expected) in [
        (json!({}), "i64"),
        (json!({"minimum": 0, "maximum": 255}), "i64"),
        (json!({"minimum": 0, "maximum": u64::MAX}), "u64"),
        (json!({"exclusiveMinimum": 0, "maximum": u64::MAX}), "u64"),
        (json!({"minimum": -1, "maximum": u64::MAX}), "i128"),
        (json!({"maximum": u64::MAX}), "i128"),
        (json!({"exclusiveMinimum": -1, "minimum": 5}), "i64"),
        // A default outside of the range is passed on like any other.
        (json!({"maximum": 5, "default": 9}), "i64"),
    ] {
        let mut schema = limits.clone();
        schema["type"] = json!("integer");
        assert_eq!(type_of(&schema), expected, "{limits}");
    }
    assert_eq!(type_of(&json!({"type": "number"})), "f64");
}

#[test]
fn a_format_is_a_type_where_the_api_has_a_form_of_its_own() {
    for (format, expected) in [
        ("date-time", "rt::DateTime"),
        ("date", "rt::Date"),
        ("time", "rt::Time"),
        ("ipvanyinterface", "rt::IpInterface"),
        // Parsing and printing these would not always give the same text.
        ("ipvanyaddress", "rt::SmolStr"),
        ("ipvanynetwork", "rt::SmolStr"),
        ("uri", "rt::SmolStr"),
        ("email", "rt::SmolStr"),
        ("file-path", "rt::SmolStr"),
        ("one-that-nobody-knows", "rt::SmolStr"),
    ] {
        let schema = json!({"type": "string", "format": format});
        assert_eq!(type_of(&schema), expected, "{format}");
    }
}

#[test]
fn collections() {
    let integer = json!({"type": "integer"});
    let text = json!({"type": "string"});
    for (schema, expected) in [
        (json!({"type": "array", "items": integer}), "Vec<i64>"),
        (json!({"type": "array"}), "Vec<rt::Raw>"),
        (
            json!({"type": "array", "items": {"anyOf": [integer, {"type": "null"}]}}),
            "Vec<Option<i64>>",
        ),
        (
            json!({"type": "array", "items": text, "uniqueItems": true}),
            "rt::Set<rt::SmolStr>",
        ),
        (
            json!({"type": "object", "additionalProperties": integer}),
            "BTreeMap<String, i64>",
        ),
        (
            json!({"type": "object", "patternProperties": {"^a": integer}}),
            "BTreeMap<String, i64>",
        ),
        (json!({"type": "object"}), "BTreeMap<String, rt::Raw>"),
    ] {
        assert_eq!(type_of(&schema), expected, "{schema}");
    }
}

#[test]
fn an_array_of_fixed_length_is_a_tuple() {
    let items = json!([{"type": "string"}, {"anyOf": [{"type": "integer"}, {"type": "null"}]}]);
    let pair = json!({"type": "array", "prefixItems": items, "minItems": 2, "maxItems": 2});
    assert_eq!(type_of(&pair), "(rt::SmolStr, Option<i64>)");

    let closed = json!({"type": "array", "prefixItems": items, "items": false, "minItems": 2});
    assert_eq!(type_of(&closed), "(rt::SmolStr, Option<i64>)");

    // Where items may lack or follow, and for more than Rust can compare.
    let open = json!({"type": "array", "prefixItems": items});
    assert_eq!(type_of(&open), "Vec<rt::Raw>");
    let long = vec![json!({"type": "integer"}); 13];
    let long = json!({"type": "array", "prefixItems": long, "minItems": 13, "maxItems": 13});
    assert_eq!(type_of(&long), "Vec<rt::Raw>");
}

#[test]
fn an_empty_schema_is_any_json() {
    assert_eq!(type_of(&json!({})), "rt::Raw");
    let optional = sent(&object(&json!({"a": {}}), &[]));
    assert_eq!(optional.fields("Data"), ["a: rt::Patch<rt::Raw>"]);
}

#[test]
fn null_alone_is_nothing() {
    assert_eq!(type_of(&json!({"type": "null"})), "()");
    assert_eq!(type_of(&json!({"const": null})), "()");
    assert_eq!(type_of(&json!({"enum": [null]})), "()");
}

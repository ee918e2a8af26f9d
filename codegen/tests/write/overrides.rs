//! What no schema says.

use serde_json::{Value, json};
use truenas_codegen::generate::{Generated, generate};
use truenas_codegen::overrides::Overrides;

use super::{list, method, model, object, parameter, version};
use crate::source::Written;

fn with(overrides: &Value) -> Generated {
    let overrides: Overrides = serde_json::from_value(overrides.clone()).unwrap();
    let data = object(
        &json!({
            "password": {"type": "string"},
            "hint": {"type": "string"},
            "guid": {"type": "integer"},
        }),
        &["password", "hint", "guid"],
    );
    let set = method(&json!([parameter("data", &model("Data"))]), &json!({}));
    let methods = json!({"a.set": set});
    let versions = [version(
        "v1.0.0",
        &methods,
        &json!({}),
        &json!({"Data": data}),
    )];
    generate(&versions, &list(&versions), &overrides).unwrap()
}

fn none() -> Value {
    json!({"secrets": [], "integers": [], "reads_only": [], "names": []})
}

#[test]
fn a_secret_is_one_wherever_its_key_stands() {
    let mut overrides = none();
    overrides["secrets"] = json!([{"key": "password", "reason": "a password"}]);
    let written = Written::new(with(&overrides));
    assert_eq!(
        written.fields("Data"),
        ["guid: i64", "hint: rt::SmolStr", "password: rt::Secret"]
    );
    // It is given like any other string.
    let impls = written.impls("Data");
    assert!(impls.contains("password: &str"), "{impls}");
}

#[test]
fn a_secret_of_one_model_may_be_of_any_type() {
    let mut overrides = none();
    overrides["secrets"] = json!([{"key": "Data.guid", "reason": "servers redact it"}]);
    let fields = Written::new(with(&overrides)).fields("Data");
    assert_eq!(fields[0], "guid: rt::SecretValue<i64>");
    // A key without a model only applies to texts.
    overrides["secrets"] = json!([{"key": "guid", "reason": "servers redact it"}]);
    assert_eq!(with(&overrides).unused_overrides, ["secrets: guid"]);
}

#[test]
fn an_integer_may_need_more_room_than_its_schema_says() {
    for (size, ty) in [("i128", "i128"), ("any", "rt::BigInteger")] {
        let mut overrides = none();
        overrides["integers"] = json!([{"key": "guid", "size": size, "reason": "64 bits"}]);
        let fields = Written::new(with(&overrides)).fields("Data");
        assert_eq!(fields[0], format!("guid: {ty}"));
    }
}

#[test]
fn a_model_may_have_a_better_name() {
    let mut overrides = none();
    overrides["names"] = json!([{"model": "Data", "name": "Better", "reason": "says more"}]);
    let written = Written::new(with(&overrides));
    assert!(written.has("Better") && !written.has("Data"));

    // One that is no identifier is made one.
    overrides["names"][0]["name"] = json!("1 better-name");
    assert!(Written::new(with(&overrides)).has("V1BetterName"));
}

#[test]
fn a_method_may_only_read_against_the_rule() {
    let mut overrides = none();
    overrides["reads_only"] = json!([{"method": "a.set", "value": true, "reason": "it does"}]);
    let impls = Written::new(with(&overrides)).impls("Set");
    assert!(impls.contains("reads_only: true,"), "{impls}");
}

#[test]
fn a_line_that_matches_nothing_is_reported() {
    let overrides = json!({
        "secrets": [{"key": "password", "reason": ""}, {"key": "gone", "reason": ""}],
        "integers": [{"key": "hint", "size": "any", "reason": "not an integer"}],
        "reads_only": [{"method": "a.gone", "value": true, "reason": ""}],
        "names": [{"model": "Gone", "name": "New", "reason": ""}],
    });
    assert_eq!(
        with(&overrides).unused_overrides,
        [
            "secrets: gone",
            "integers: hint",
            "reads_only: a.gone",
            "names: Gone",
        ]
    );
}

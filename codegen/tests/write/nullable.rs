//! Keys that are optional in one version become optional in all.

use serde_json::{Value, json};

use super::{generate_all, method, model, object, version};
use crate::source::Written;

/// Returns a version with `a.get`, which answers the model `Data` with this
/// key.
fn answering(
    api: &str,
    title: &str,
    size: &Value,
    required: &[&str],
) -> truenas_codegen::model::ApiVersion {
    let data = object(&json!({"size": size}), required);
    let get = method(&json!([]), &model(title));
    version(
        api,
        &json!({"a.get": get}),
        &json!({}),
        &json!({title: data}),
    )
}

#[test]
fn a_key_that_is_null_in_one_version_may_be_null_in_all() {
    let integer = json!({"type": "integer"});
    let nullable = json!({"anyOf": [integer, {"type": "null"}]});
    for (size, required) in [(&nullable, ["size"].as_slice()), (&integer, [].as_slice())] {
        let written = Written::new(generate_all(&[
            answering("v1.0.0", "Data", &integer, &["size"]),
            answering("v1.1.0", "Data", size, required),
        ]));
        assert_eq!(written.fields("Data"), ["size: Option<i64>"]);
    }
}

#[test]
fn what_the_same_method_answers_is_the_same_object() {
    let integer = json!({"type": "integer"});
    let nullable = json!({"anyOf": [integer, {"type": "null"}]});
    let written = Written::new(generate_all(&[
        answering("v1.0.0", "Old", &nullable, &["size"]),
        answering("v1.1.0", "New", &integer, &["size"]),
    ]));
    assert_eq!(written.fields("New"), ["size: Option<i64>"]);
}

#[test]
fn what_is_sent_stays_as_the_schema_says() {
    let sending = |api: &str, size: Value| {
        let data = object(&json!({"size": size}), &["size"]);
        let set = method(
            &json!([{"name": "data", "required": true, "schema": model("Data")}]),
            &json!({"type": "null"}),
        );
        version(
            api,
            &json!({"a.set": set}),
            &json!({}),
            &json!({"Data": data}),
        )
    };
    let generated = generate_all(&[
        sending("v1.0.0", json!({"type": "integer"})),
        sending(
            "v1.1.0",
            json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ),
    ]);
    let of = |path: &str| generated.files[path].contains("pub size: i64,");
    assert!(of("src/shared/since_v1_0_0_until_v1_1_0/a.rs"));
    assert!(!of("src/shared/since_v1_1_0/a.rs"));
}

//! Schemas that differ from what servers send.

use serde_json::{Value, json};
use truenas_codegen::corrections::{Corrections, correct};
use truenas_codegen::model::ApiVersion;

use super::{method, model, object, version};

/// Returns a version with two methods that answer a list of the model `Disk`,
/// and an event about it.
fn disks() -> ApiVersion {
    let list = json!({"type": "array", "items": model("Disk")});
    let disk = object(
        &json!({"name": {"type": "string"}, "size": {"type": "integer"}}),
        &["name", "size"],
    );
    let added = object(&json!({"id": {"type": "integer"}}), &["id"]);
    version(
        "v1.0.0",
        &json!({
            "disk.list": method(&json!([{"name": "id", "required": false, "schema": {"type": "integer"}}]), &list),
            "disk.choices": method(&json!([]), &list),
        }),
        &json!({"disk.query": {"roles": [], "kinds": {"ADDED": added}}}),
        &json!({"Disk": disk}),
    )
}

fn corrections(at: &str, change: &Value) -> Corrections {
    serde_json::from_value(json!({
        "corrections": [{
            "versions": ["v1.0.*"], "at": [at], "change": change,
            "reason": "a test", "source": "none",
        }],
        "models": {"Extra": object(&json!({"a": {"type": "boolean"}}), &["a"])},
    }))
    .unwrap()
}

fn corrected(at: &str, change: &Value) -> Value {
    let mut version = disks();
    correct(&mut version, &corrections(at, change)).unwrap();
    serde_json::to_value(version).unwrap()
}

fn refused(at: &str, change: &Value) -> String {
    let mut version = disks();
    let error = correct(&mut version, &corrections(at, change)).unwrap_err();
    error.to_string()
}

const SIZE: &str = "method disk.list result [].size";

#[test]
fn a_correction_goes_through_references() {
    let version = corrected(SIZE, &json!("nullable"));
    assert_eq!(
        version["models"]["Disk"]["properties"]["size"],
        json!({"anyOf": [{"type": "integer"}, {"type": "null"}]})
    );
    let version = corrected("model Disk size", &json!({"schema": {"type": "string"}}));
    assert_eq!(
        version["models"]["Disk"]["properties"]["size"],
        json!({"type": "string"})
    );
}

#[test]
fn keys_are_added_renamed_removed_required_and_made_optional() {
    let disk = |change: Value, at: &str| corrected(at, &change)["models"]["Disk"].clone();
    let optional = disk(json!("optional"), SIZE);
    assert_eq!(optional["required"], json!(["name"]));
    let renamed = disk(json!({"rename": "bytes"}), SIZE);
    assert_eq!(renamed["required"], json!(["bytes", "name"]));
    assert_eq!(renamed["properties"]["bytes"], json!({"type": "integer"}));
    let removed = disk(json!("remove"), SIZE);
    assert_eq!(removed["properties"], json!({"name": {"type": "string"}}));
    let added = disk(
        json!({"add": model("Extra")}),
        "method disk.list result [].more",
    );
    assert_eq!(added["properties"]["more"], model("Extra"));
    let version = corrected("method disk.list parameter id", &json!("required"));
    assert_eq!(
        version["methods"]["disk.list"]["parameters"][0]["required"],
        json!(true)
    );
}

#[test]
fn an_event_that_no_schema_has_is_added_with_its_models() {
    let version = corrected("event disk.ready ADDED", &json!({"schema": model("Extra")}));
    assert_eq!(
        version["events"]["disk.ready"]["kinds"]["ADDED"],
        model("Extra")
    );
    assert_eq!(version["models"]["Extra"]["required"], json!(["a"]));
    let version = corrected("event disk.query", &json!("remove"));
    assert_eq!(version["events"], json!({}));
}

#[test]
fn a_correction_without_effect_is_an_error() {
    for (at, change, message) in [
        (
            SIZE,
            json!({"schema": {"type": "integer"}}),
            "the schema already has this",
        ),
        (
            "method disk.list result [].sizes",
            json!("nullable"),
            "the place does not exist",
        ),
        (
            "method disk.lost result",
            json!("nullable"),
            "the place does not exist",
        ),
        (
            "event disk.query CHANGED",
            json!("remove"),
            "the place does not exist",
        ),
        (
            "disk.list",
            json!("nullable"),
            "expected `method NAME result`",
        ),
        (
            "method disk.list result a..b",
            json!("nullable"),
            "has an empty step",
        ),
        (
            SIZE,
            json!({"schema": model("Lost")}),
            "the model `Lost` does not exist",
        ),
    ] {
        let error = refused(at, &change);
        assert!(error.contains(message), "{error}");
        assert!(error.starts_with("corrections.json: `"), "{error}");
    }
    let lost = corrections(SIZE, &json!("nullable"));
    let error = lost.check_versions(["v2.0.0"].into_iter()).unwrap_err();
    assert!(
        error.to_string().contains("version v1.0.* does not exist"),
        "{error}"
    );
}

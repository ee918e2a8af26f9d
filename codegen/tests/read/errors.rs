//! What is wrong with a file is said with its place.

use serde_json::{Value, json};
use truenas_codegen::read::{Options, ReadError};

use super::{described, dump, entry, try_read, with_refs};

fn error_of(text: &str) -> ReadError {
    let options = Options {
        api: Some("v1.2.3".to_owned()),
        ..Options::default()
    };
    try_read(&[text], &options).unwrap_err()
}

/// Asserts where and what the error is.
fn fails(file: &Value, path: &str, message: &str) {
    let error = error_of(&file.to_string());
    assert_eq!(
        (error.source.as_str(), error.path.as_str()),
        ("0.json", path),
        "{error}"
    );
    assert!(error.message.contains(message), "{error}");
}

/// A dump with one method, whose parameter is this.
fn taking(defs: Value, data: Value) -> Value {
    dump(&[entry("a.b", with_refs(defs, data, json!({})))], &[])
}

fn simple() -> Value {
    entry("a.b", with_refs(json!({}), json!({}), json!({})))
}

#[test]
fn text_that_is_no_json() {
    let whole = taking(json!({}), json!({"type": "string"})).to_string();
    let cut = &whole[..whole.len() / 2];
    let error = error_of(cut);
    assert!(
        error.path.starts_with("$.versions[0].methods[0].schemas"),
        "{error}"
    );
    assert!(error.message.contains("EOF"), "{error}");

    let error = error_of(&format!("{whole} and more"));
    assert_eq!(error.path, "$");
    assert!(error.message.contains("trailing"), "{error}");
    assert_eq!(error_of("").path, "$");
}

#[test]
fn nesting_without_end() {
    for depth in [200, 10_000, 1_000_000] {
        let text = format!(
            r#"{{"versions": [{{"version": {}1{}}}]}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        );
        let error = error_of(&text);
        assert!(error.path.starts_with("$.versions[0].version"), "{error}");
        assert!(error.message.contains("recursion limit"), "{error}");
    }
}

#[test]
fn a_key_that_stands_twice() {
    let error = error_of(r#"{"versions": [{"version": "v1.2.3", "version": "v1.2.4"}]}"#);
    assert_eq!(error.path, "$.versions[0]");
    assert!(
        error.message.contains("\"version\" stands twice"),
        "{error}"
    );

    let method = described(json!([]), json!(null));
    let error = error_of(&format!(r#"{{"a.b": {method}, "a.b": {method}}}"#));
    assert!(error.message.contains("\"a.b\" stands twice"), "{error}");
}

#[test]
fn files_of_another_kind() {
    fails(&json!([]), "$", "expected an object");
    fails(&json!({}), "$", "neither a dump");
    fails(&json!({"hello": 1}), "$", "neither a dump");
    fails(&json!({"versions": 1}), "$.versions", "expected an array");
    fails(&json!({"versions": []}), "$.versions", "found 0");
    fails(&json!({"versions": [{}, {}]}), "$.versions", "found 2");
    fails(&dump(&[], &[]), "$.versions[0].methods", "no method");
    fails(
        &dump(&[entry("a.b", json!({}))], &[]),
        "$.versions[0].methods[0].schemas",
        "`accepts`",
    );
    let mut other = dump(&[simple()], &[]);
    other["versions"][0]["version"] = "25.10".into();
    fails(&other, "$.versions[0].version", "v25.10.5");
}

#[test]
fn a_file_too_many_or_too_little_known() {
    let dump = dump(&[simple()], &[]).to_string();
    let methods = json!({"a.b": described(json!([]), json!(null))}).to_string();
    let error = |texts: &[&str]| try_read(texts, &Options::default()).unwrap_err();
    let second = error(&[&dump, &dump]);
    assert_eq!(
        (second.source.as_str(), second.path.as_str()),
        ("1.json", "$")
    );
    assert!(error(&[&methods, &methods]).message.contains("second"));
    assert!(error(&[&methods]).message.contains("API version"));
    assert!(error(&[]).message.contains("API version"));
}

#[test]
fn methods_and_events_that_stand_twice() {
    fails(
        &dump(&[simple(), simple()], &[]),
        "$.versions[0].methods[1]",
        "the method \"a.b\" stands twice",
    );
    let event = entry("e", json!({}));
    fails(
        &dump(&[simple()], &[event.clone(), event]),
        "$.versions[0].events[1]",
        "the event \"e\" stands twice",
    );
}

#[test]
fn parameters_that_stand_twice() {
    let parameter = json!({"_name_": "x"});
    fails(
        &json!({"a.b": described(json!([parameter, parameter]), json!(null))}),
        "$[\"a.b\"].accepts[1]",
        "the parameter \"x\" stands twice",
    );
    let data = json!({"title": "x"});
    let schemas = json!({"properties": {
        "Call parameters": {"prefixItems": [data, data]}, "Return value": {},
    }});
    fails(
        &dump(&[entry("a.b", schemas)], &[]),
        "$.versions[0].methods[0].schemas.properties[\"Call parameters\"].prefixItems[1]",
        "the parameter \"x\" stands twice",
    );
}

#[test]
fn references_that_lead_nowhere() {
    let data = "$.versions[0].methods[0].schemas.accepts.properties.data";
    let defs =
        "$.versions[0].methods[0].schemas.accepts[\"$defs\"]".replace("[\"$defs\"]", ".$defs");
    fails(
        &taking(json!({}), json!({"anyOf": [{"$ref": "#/$defs/Gone"}]})),
        &format!("{data}.anyOf[0]"),
        "\"Gone\"",
    );
    fails(
        &taking(json!({}), json!({"$ref": "other.json"})),
        &format!("{data}.$ref"),
        "#/$defs/",
    );
    fails(
        &taking(
            json!({"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}),
            json!({}),
        ),
        &format!("{defs}.A"),
        "leads back to itself",
    );
    // An inlined form has none.
    let schemas = json!({"properties": {
        "Call parameters": {"prefixItems": []},
        "Return value": {"$defs": {"A": {}}, "$ref": "#/$defs/A"},
    }});
    fails(
        &dump(&[entry("a.b", schemas)], &[]),
        "$.versions[0].methods[0].schemas.properties[\"Return value\"]",
        "\"A\"",
    );
}

#[test]
fn schemas_that_are_none() {
    let data = "$.versions[0].methods[0].schemas.accepts.properties.data";
    for (schema, path, message) in [
        (json!(1), "", "expected a schema"),
        (
            json!({"properties": []}),
            ".properties",
            "expected an object",
        ),
        (json!({"anyOf": {}}), ".anyOf", "expected an array"),
        (json!({"items": []}), ".items", "expected a schema"),
        (json!({"type": 1}), ".type", "expected a string"),
        (json!({"type": "float"}), ".type", "no type of JSON Schema"),
        (
            json!({"required": [1]}),
            ".required[0]",
            "expected a string",
        ),
        (json!({"enum": 1}), ".enum", "expected an array"),
        (json!({"title": 1}), ".title", "expected a string"),
        (
            json!({"discriminator": {}}),
            ".discriminator",
            "propertyName",
        ),
    ] {
        fails(
            &taking(json!({}), schema),
            &format!("{data}{path}"),
            message,
        );
    }
}

#[test]
fn fields_that_are_missing_or_wrong() {
    for (field, value, path, message) in [
        ("name", json!(1), ".name", "expected a string"),
        ("roles", json!([1]), ".roles[0]", "expected a string"),
        ("doc", json!(1), ".doc", "expected a string or null"),
        ("job", json!("yes"), ".job", "expected a boolean"),
        (
            "schemas",
            json!({"accepts": 1}),
            ".schemas.accepts",
            "expected an object",
        ),
    ] {
        let mut method = simple();
        method[field] = value;
        fails(
            &dump(&[method], &[]),
            &format!("$.versions[0].methods[0]{path}"),
            message,
        );
    }
    let mut method = simple();
    method.as_object_mut().unwrap().remove("roles");
    fails(
        &dump(&[method], &[]),
        "$.versions[0].methods[0]",
        "\"roles\" is missing",
    );
}

#[test]
fn long_chains_of_definitions_are_no_trouble() {
    // Not deep in the text, but deep if references were followed in place;
    // each refers to the next one twice, so twice as long with every step.
    let name = |number: usize| format!("A{number}");
    for titled in [true, false] {
        let mut defs = serde_json::Map::new();
        for number in 0..2_000 {
            let next = format!("#/$defs/{}", name((number + 1) % 2_000));
            let key = format!("a{}", number + 1);
            let mut def = json!({
                "anyOf": [
                    {"properties": {key.clone(): {"$ref": next}}},
                    {"items": {"properties": {key: {"$ref": next}}}},
                ],
            });
            if titled {
                def["title"] = name(number).into();
            }
            defs.insert(name(number), def);
        }
        let file = taking(defs.into(), json!({"$ref": "#/$defs/A0"}));
        let version = try_read(&[&file.to_string()], &Options::default())
            .unwrap()
            .version;
        assert!(version.models.len() >= 2_000, "{}", version.models.len());
    }
}

//! A dump and the answer of `core.get_methods` together.

use serde_json::{Value, json};
use truenas_codegen::model::{ApiVersion, InputKind, MethodKind};
use truenas_codegen::read::{Options, Reading, Source, check_completed};

use super::{described, dump, entry, inlined, reading, try_read, with_refs};

fn merged(dump: &Value, methods: &Value) -> Reading {
    try_read(
        &[&dump.to_string(), &methods.to_string()],
        &Options::default(),
    )
    .unwrap()
}

fn empty() -> Value {
    with_refs(json!({}), json!({}), json!({}))
}

#[test]
fn the_dump_wins_and_the_rest_is_added() {
    let mut known = entry("a.known", empty());
    known["roles"] = json!(["FROM_DUMP"]);
    let mut facts = described(json!([]), json!(null));
    facts["job"] = true.into();
    facts["downloadable"] = true.into();
    facts["check_pipes"] = json!(["output"]);
    facts["roles"] = json!(["FROM_METHODS"]);
    let other = described(
        json!([{"_name_": "x", "title": "x", "type": "string", "_required_": false}]),
        json!([]),
    );
    let ApiVersion {
        methods,
        provenance,
        ..
    } = merged(
        &dump(&[known], &[]),
        &json!({"a.known": facts, "a.other": other}),
    )
    .version;

    assert_eq!(methods["a.known"].roles, ["FROM_DUMP"]);
    assert_eq!(methods["a.known"].kind, MethodKind::Job);
    assert!(methods["a.known"].pipes.output);
    assert!(methods["a.known"].pipes.check);
    assert_eq!(methods["a.known"].parameters.len(), 1);
    assert!(!methods["a.other"].parameters[0].required);
    // The old style writes an empty list of a method that returns nothing.
    assert_eq!(
        methods["a.other"].result.as_value(),
        &json!({"type": "null"})
    );
    let kinds: Vec<_> = provenance.iter().map(|input| input.kind).collect();
    assert_eq!(kinds, [InputKind::DumpRefs, InputKind::GetMethods]);
}

#[test]
fn an_answer_that_lacks_methods_of_the_dump_is_noted() {
    let known = [entry("a.known", empty()), entry("a.lost", empty())];
    let answer = json!({"a.known": described(json!([]), json!(null))});
    let reading = merged(&dump(&known, &[]), &answer);

    assert_eq!(reading.version.methods.len(), 2);
    let [note] = reading.notes.as_slice() else {
        panic!("{:?}", reading.notes);
    };
    assert_eq!(note.subject, "a.lost");
    assert!(note.message.starts_with("1 methods of the dump"), "{note}");
}

/// Whether an object in which all is optional must be given is lost in the
/// inlined form.
fn all_optional(method: &str) -> Value {
    let data = json!({"title": "data", "type": "object", "properties": {"a": {"title": "A"}}});
    dump(&[entry(method, inlined(data, json!({})))], &[])
}

#[test]
fn the_rule_for_required_is_applied_and_noted() {
    for (method, required) in [("a.update", true), ("a.find", false)] {
        let reading = reading(&all_optional(method));
        assert_eq!(
            reading.version.methods[method].parameters[0].required,
            required
        );
        assert_eq!(reading.notes[0].subject, "required");
        assert!(reading.notes[0].message.contains(method));
    }
}

#[test]
fn get_methods_knows_what_is_required() {
    for required in [true, false] {
        let facts = described(
            json!([{"_name_": "data", "_required_": required}]),
            json!(null),
        );
        let reading = merged(&all_optional("a.find"), &json!({"a.find": facts}));
        assert_eq!(
            reading.version.methods["a.find"].parameters[0].required,
            required
        );
        assert_eq!(reading.notes, []);
    }
}

#[test]
fn an_exception_for_a_parameter_that_is_gone_is_an_error() {
    let mut file = all_optional("a.find");
    // A version with exceptions, none of which this file has.
    file["versions"][0]["version"] = "v25.10.0".into();
    let error = try_read(&[&file.to_string()], &Options::default()).unwrap_err();
    assert_eq!(error.path, "$.versions[0].methods");
    assert!(error.message.contains("inlined_required.json"), "{error}");
}

#[test]
fn the_api_version_may_be_given_but_not_contradicted() {
    let text = dump(&[entry("a.b", empty())], &[]).to_string();
    let with = |api: &str| {
        let options = Options {
            api: Some(api.to_owned()),
            ..Options::default()
        };
        try_read(&[&text], &options)
    };
    assert_eq!(with("v1.2.3").unwrap().version.api, "v1.2.3");
    let error = with("v1.2.4").unwrap_err();
    assert_eq!(error.path, "$.versions[0].version");
    assert!(error.message.contains("v1.2.4"), "{error}");
}

#[test]
fn a_completed_answer_only_replaces_schemas() {
    let published =
        json!({"a.get": described(json!([]), json!([{"type": "object", "_name_": "x"}]))});
    let mut completed = published.clone();
    completed["a.get"]["returns"][0]["type"] = json!(["object", "null"]);
    let check = |completed: &Value| {
        let (one, other) = (published.to_string(), completed.to_string());
        let source = |name, text| Source { name, text };
        let published = source("get-methods.json", one.as_str());
        let completed = source("completed.json", other.as_str());
        check_completed(published, completed, &Options::default())
    };
    let kinds = check(&completed).unwrap().map(|input| input.kind);
    assert_eq!(
        kinds,
        [InputKind::GetMethods, InputKind::GetMethodsCompleted]
    );

    let mut other_roles = completed.clone();
    other_roles["a.get"]["roles"] = json!(["READONLY_ADMIN"]);
    let mut more = completed.clone();
    more["a.more"] = published["a.get"].clone();
    for (completed, path) in [
        (other_roles, "$[\"a.get\"].roles"),
        (more, "$[\"a.more\"]"),
        (json!({}), "$"),
    ] {
        let error = check(&completed).unwrap_err();
        assert_eq!(
            (error.source.as_str(), error.path.as_str()),
            ("completed.json", path)
        );
    }
}

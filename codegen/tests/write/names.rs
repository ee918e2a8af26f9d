//! What things are called.

use serde_json::{Value, json};

use super::{method, model, object, parameter, sent, version, write};
use crate::source::Written;

/// Methods without parameters.
fn methods(names: &[&str]) -> Value {
    let methods = names
        .iter()
        .map(|name| ((*name).to_owned(), method(&json!([]), &json!({}))));
    Value::Object(methods.collect())
}

#[test]
fn keys_that_are_no_identifiers() {
    let keys = [
        "type", "self", "Self", "crate", "1st", "a-b", "a.b", "a_b", "", "-", "$date", "é", "new",
    ];
    let properties: Value = Value::Object(
        keys.iter()
            .map(|key| ((*key).to_owned(), json!({"type": "integer"})))
            .collect(),
    );
    let fields = sent(&object(&properties, &keys)).fields("Data");
    let names: Vec<&str> = fields
        .iter()
        .map(|field| field.split(':').next().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "empty", "date", "minus", "_1st", "self_", "a_b", "a_b_2", "a_b_3", "crate_", "new",
            "self_2", "type_", "ue9",
        ]
    );
}

#[test]
fn the_rest_of_an_open_object_does_not_take_a_keys_name() {
    let mut data = object(&json!({"other": {"type": "string"}}), &["other"]);
    data["additionalProperties"] = json!(true);
    assert_eq!(
        sent(&data).fields("Data"),
        ["other_2: rt::SmolStr", "other: BTreeMap<String, rt::Raw>"]
    );
}

#[test]
fn models_do_not_shadow_what_generated_code_uses() {
    for title in [
        "Api", "Option", "Vec", "String", "Service", "BTreeMap", "C", "Self",
    ] {
        let data = object(&json!({"a": {"type": "integer"}}), &["a"]);
        let get = method(&json!([]), &model(title));
        let written = write(&json!({"a.get": get}), &json!({title: data}));
        assert!(written.has(&format!("{title}Type")), "{title}");
    }
}

#[test]
fn several_titles_for_one_shape_are_one_type() {
    let thing = object(&json!({"a": {"type": "integer"}}), &["a"]);
    let methods = json!({
        "a.one": method(&json!([]), &model("ThingEntry")),
        "a.two": method(&json!([]), &model("Thing")),
    });
    let written = write(&methods, &json!({"Thing": thing, "ThingEntry": thing}));
    assert!(written.has("Thing") && !written.has("ThingEntry"));
    assert!(
        written
            .doc("Thing")
            .contains("Also `ThingEntry` in the API.")
    );
}

#[test]
fn shapes_with_one_name_are_several_types() {
    // Two enums with the same key and different words.
    let with = |word: &str| {
        object(
            &json!({"state": {"enum": [word, "x"], "type": "string"}}),
            &["state"],
        )
    };
    let methods = json!({
        "a.one": method(&json!([]), &model("First")),
        "a.two": method(&json!([]), &model("Second")),
    });
    let written = write(&methods, &json!({"First": with("a"), "Second": with("b")}));
    assert_eq!(written.fields("First"), ["state: FirstState"]);
    assert_eq!(written.fields("Second"), ["state: SecondState"]);

    // The same words under one key are one type, called after the service.
    let written = write(
        &methods,
        &json!({"First": with("a"), "Second": {
            "type": "object", "additionalProperties": false,
            "properties": {"state": {"enum": ["a", "x"], "type": "string"}, "more": {}},
        }}),
    );
    assert_eq!(written.fields("First"), ["state: AState"]);

    // Names that differ only in what no identifier shows.
    let written = write(
        &json!({
            "a.one": method(&json!([]), &model("Page[Foo]")),
            "a.two": method(&json!([]), &model("PageFoo")),
        }),
        &json!({
            "Page[Foo]": object(&json!({"a": {}}), &[]),
            "PageFoo": object(&json!({"b": {}}), &[]),
        }),
    );
    assert!(written.has("PageFoo") && written.has("PageFoo2"));
}

#[test]
fn a_service_that_is_a_method_as_well() {
    let written = write(
        &methods(&["pool.scrub", "pool.scrub.run", "system", "system.reboot"]),
        &json!({}),
    );
    let pool = written.file("shared/since_v1_0_0/pool.rs");
    assert!(pool.contains("pub fn scrub(&self)"), "{pool}");
    assert!(pool.contains("pub fn scrub_service("), "{pool}");
    let root = written.file("versions/v1_0_0/mod.rs");
    assert!(root.contains("pub fn system("), "{root}");
    assert!(root.contains("pub fn system_service("), "{root}");
}

#[test]
fn methods_and_services_that_are_no_identifiers() {
    let written = write(
        &methods(&[
            "type.match",
            "1st.2nd",
            "a-b.c",
            "a_b.c",
            "rt.new",
            "x.GET",
            "x.get",
        ]),
        &json!({}),
    );
    let root = written.file("versions/v1_0_0/mod.rs");
    for module in ["type_", "_1st", "a_b", "a_b_2", "rt_2", "x"] {
        assert!(root.contains(&format!("pub mod {module};")), "{root}");
    }
    // Who has the name by right goes before who was bent to it.
    let by_right = written.file("shared/since_v1_0_0/a_b.rs");
    assert!(by_right.contains("name: \"a_b.c\""), "{by_right}");
    // `new` makes the service itself.
    let rt = written.file("shared/since_v1_0_0/rt_2.rs");
    assert!(rt.contains("pub fn new_2(&self)"), "{rt}");
    assert!(written.has("Get") && written.has("Get2") && written.has("V2nd"));
}

#[test]
fn an_event_and_a_method_never_share_a_name() {
    let events = json!({"a.query": {"roles": [], "kinds": {}}});
    let version = version(
        "v1.0.0",
        &methods(&["a.query", "a.query_event", "a.query_events"]),
        &events,
        &json!({}),
    );
    let written = Written::new(super::generate_all(&[version]));
    assert!(written.has("Query") && written.has("QueryEvent") && written.has("QueryEvent2"));
    let service = written.impls("Service");
    for function in [
        "pub fn query_events(&self) -> rt::Request<'c, C, QueryEvents>",
        "pub fn query_events_2(&self) -> rt::Subscribe<'c, C, QueryEvent2>",
    ] {
        assert!(service.contains(function), "{service}");
    }
}

#[test]
fn a_version_keeps_the_names_of_its_own() {
    let written = write(&methods(&["api", "true_nas"]), &json!({}));
    assert!(written.has("ApiMethod") && written.has("TrueNasMethod"));
}

#[test]
fn parameters_that_are_no_identifiers() {
    let integer = json!({"type": "integer"});
    let parameters = json!([
        parameter("self", &integer),
        parameter("query-options", &integer),
        parameter("query_options", &integer),
        parameter("type", &integer),
    ]);
    let written = write(&json!({"a.b": method(&parameters, &json!({}))}), &json!({}));
    let service = written.impls("Service");
    for argument in [
        "self_: i64",
        "query_options: i64",
        "query_options_2: i64",
        "type_: i64",
    ] {
        assert!(service.contains(argument), "{service}");
    }
}

#[test]
fn a_type_lives_where_all_its_users_are() {
    let data = object(&json!({"a": {}}), &[]);
    let at = |names: &[&str]| {
        let methods = names
            .iter()
            .map(|name| ((*name).to_owned(), method(&json!([]), &model("Data"))));
        let methods = Value::Object(methods.collect());
        let written = write(&methods, &json!({"Data": data}));
        let report = &written.generated.files["names/v1_0_0.txt"];
        let line = report.lines().find(|line| line.contains("Data")).unwrap();
        line.to_owned()
    };
    assert_eq!(at(&["pool.dataset.get"]), "pool::dataset::Data: Data");
    assert_eq!(at(&["pool.dataset.get", "pool.get"]), "pool::Data: Data");
    assert_eq!(at(&["pool.get", "disk.get"]), "common::Data: Data");
}

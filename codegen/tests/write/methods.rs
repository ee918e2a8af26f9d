//! What a person calls: methods, queries, jobs and events.

use serde_json::{Value, json};
use truenas_codegen::generate::generate;
use truenas_codegen::overrides::Overrides;

use super::{list, method, model, object, parameter, version, write};
use crate::source::Written;

fn versioned(api: &str, methods: &Value, events: &Value) -> Written {
    let version = version(api, methods, events, &json!({}));
    Written::new(super::generate_all(&[version]))
}

#[test]
fn a_method_says_what_it_is() {
    let mut update = method(
        &json!([
            parameter("id", &json!({"type": "string"})),
            {"name": "force", "required": false, "schema": {"type": "boolean", "default": false}},
        ]),
        &json!({"type": "integer"}),
    );
    update["roles"] = json!(["DISK_WRITE"]);
    update["removed_in"] = json!("v26.0");
    let written = versioned("v25.10.0", &json!({"disk.update": update}), &json!({}));
    assert_eq!(
        written.doc("Update"),
        "`disk.update`, a call.\n\nParameters:\n- `id`\n- `force` (optional): Default: `false`.\n\n\
         Roles: `DISK_WRITE`.\n\n\
         Reference: <https://api.truenas.com/v25.10.0/api_methods_disk.update.html>"
    );
    assert_eq!(
        written.deprecated("Update").unwrap(),
        r#"note = "removed in v26.0""#
    );
    let impls = written.impls("Update");
    assert!(
        impls.contains("type Params = (rt::SmolStr, Option<bool>);"),
        "{impls}"
    );
    assert!(impls.contains("type Result = i64;"), "{impls}");
    let service = written.impls("Service");
    assert!(
        service.contains(
            "pub fn update(&self, id: &str, force: Option<bool>) -> rt::Request<'c, C, Update>"
        ) || service.contains("id: &str,\n        force: Option<bool>,"),
        "{service}"
    );
}

#[test]
fn the_reference_has_a_folder_a_series_from_26_on() {
    let methods = json!({"a.b": method(&json!([]), &json!({}))});
    let written = versioned("v26.0.0", &methods, &json!({}));
    assert!(written.doc("B").contains("/v26.0/api_methods_a.b.html"));
}

#[test]
fn a_job_gives_its_number_and_says_its_pipes() {
    let mut export = method(&json!([]), &json!({"type": "boolean"}));
    export["kind"] = json!("job");
    export["pipes"] = json!({"input": false, "output": true, "check": true});
    let written = versioned("v1.0.0", &json!({"a.export": export}), &json!({}));
    assert!(written.doc("Export").contains("`a.export`, a job."));
    assert!(written.doc("Export").contains("The job gives a file."));
    let impls = written.impls("Export");
    assert!(impls.contains("impl rt::Job for Export {}"), "{impls}");
    let service = written.impls("Service");
    assert!(
        service.contains("rt::JobRequest<'c, C, Export>"),
        "{service}"
    );
}

#[test]
fn a_query_answers_the_entries_of_get_instance() {
    let keys = json!({"id": {"type": "integer"}, "name": {"type": "string"}});
    let models = json!({
        "Entry": object(&keys, &["id", "name"]),
        // Nothing is required, since `select` may drop any key.
        "QueryItem": object(&keys, &[]),
    });
    let answer = json!({"anyOf": [
        {"type": "array", "items": model("QueryItem")}, model("QueryItem"), {"type": "integer"},
    ]});
    let filters = json!({"name": "filters", "required": false, "schema": {"type": "array"}});
    let options = json!({"name": "options", "required": false, "schema": {"type": "object"}});
    let methods = json!({
        "pool.query": method(&json!([filters, options]), &answer),
        "pool.get_instance": method(&json!([]), &model("Entry")),
        "pool.list": method(&json!([]), &answer),
    });
    let written = write(&methods, &models);
    let impls = written.impls("Query");
    assert!(impls.contains("type Result = Vec<Entry>;"), "{impls}");
    assert!(impls.contains("type Entry = Entry;"), "{impls}");
    assert!(!written.has("QueryItem"));
    let service = written.impls("Service");
    assert!(
        service.contains("pub fn query(&self) -> rt::QueryRequest<'c, C, Query>"),
        "{service}"
    );
    // Without filters and options nobody knows which of the three it will be.
    let impls = written.impls("List");
    assert!(
        impls.contains("type Result = rt::QueryResult<Entry>;"),
        "{impls}"
    );
}

/// As 27.0 writes it: entries, an entry, what `select` leaves of either, or a
/// count.
fn five_branches(entry: &Value, item: &Value) -> Value {
    json!({"anyOf": [
        {"type": "array", "items": entry}, entry,
        {"type": "array", "items": item}, item,
        {"type": "integer"},
    ]})
}

#[test]
fn a_query_with_five_branches_answers_entries() {
    let keys = json!({"id": {"type": "integer"}, "name": {"type": "string"}});
    let models = json!({"Entry": object(&keys, &["id"]), "Item": object(&keys, &[])});
    let open = json!({"type": "object"});
    let filters = json!({"name": "filters", "required": false, "schema": {"type": "array"}});
    let options = json!({"name": "options", "required": false, "schema": {"type": "object"}});
    // The items have keys where `core.get_methods` was read too.
    for item in [model("Item"), open] {
        let answer = five_branches(&model("Entry"), &item);
        let methods = json!({"pool.query": method(&json!([filters, options]), &answer)});
        let written = write(&methods, &models);
        let impls = written.impls("Query");
        assert!(impls.contains("type Result = Vec<Entry>;"), "{impls}");
        assert_eq!(written.fields("Entry")[0], "id: i64");
        assert!(!written.has("Item"));
    }
}

#[test]
fn a_query_whose_entry_has_no_keys_is_still_typed() {
    let open = json!({"type": "object"});
    let filters = json!({"name": "filters", "required": false, "schema": {"type": "array"}});
    let options = json!({"name": "options", "required": false, "schema": {"type": "object"}});
    let answer = five_branches(&open, &open);
    let methods = json!({"pool.query": method(&json!([filters, options]), &answer)});
    let impls = write(&methods, &json!({})).impls("Query");
    assert!(
        impls.contains("type Result = Vec<BTreeMap<String, rt::Raw>>;"),
        "{impls}"
    );
}

#[test]
fn a_query_with_other_keys_than_get_instance_lists_its_own_items() {
    let models = json!({
        "Entry": object(&json!({"id": {"type": "integer"}}), &["id"]),
        "Item": object(&json!({"id": {"type": "integer"}, "more": {}}), &[]),
    });
    let answer = json!({"anyOf": [
        {"type": "array", "items": model("Item")}, model("Item"), {"type": "integer"},
    ]});
    let methods = json!({
        "pool.query": method(&json!([]), &answer),
        "pool.get_instance": method(&json!([]), &model("Entry")),
    });
    let impls = write(&methods, &models).impls("Query");
    assert!(impls.contains("rt::QueryResult<Item>"), "{impls}");
}

#[test]
fn what_only_reads_may_be_sent_again() {
    let with_roles = |roles: Value| {
        let mut method = method(&json!([]), &json!({}));
        method["roles"] = roles;
        method
    };
    let methods = json!({
        "a.config": with_roles(json!([])),
        "a.type_choices": with_roles(json!([])),
        "a.status": with_roles(json!(["A_READ"])),
        "a.update": with_roles(json!(["A_WRITE"])),
    });
    let written = versioned("v1.0.0", &methods, &json!({}));
    for (marker, reads) in [
        ("Config", true),
        ("TypeChoices", true),
        ("Status", true),
        ("Update", false),
    ] {
        let impls = written.impls(marker);
        assert!(impls.contains(&format!("reads_only: {reads},")), "{impls}");
    }
}

#[test]
fn an_event_carries_an_id_and_an_entry() {
    let id = json!({"type": "integer"});
    let entry = json!({"type": "object"});
    let events = json!({
        "a.query": {"roles": ["A_READ"], "kinds": {
            "ADDED": object(&json!({"id": id, "fields": entry}), &["fields", "id"]),
            "REMOVED": object(&json!({"id": id}), &["id"]),
        }},
        "a.log": {
            "roles": [], "kinds": {"ADDED": {"type": "string"}},
            "parameters": {"type": "integer"},
        },
    });
    let written = versioned(
        "v25.10.0",
        &json!({"a.b": method(&json!([]), &json!({}))}),
        &events,
    );
    let impls = written.impls("QueryEvent");
    for line in [
        "type Added = rt::Change<i64, BTreeMap<String, rt::Raw>>;",
        "type Changed = rt::Absent;",
        "type Removed = rt::EntryId<i64>;",
        "type Params = rt::Absent;",
    ] {
        assert!(impls.contains(line), "{impls}");
    }
    assert_eq!(
        written.doc("QueryEvent"),
        "`a.query`, an event.\n\nRoles: `A_READ`.\n\n\
         Reference: <https://api.truenas.com/v25.10.0/api_events_a.query.html>"
    );
    let impls = written.impls("LogEvent");
    assert!(impls.contains("type Added = rt::SmolStr;"), "{impls}");
    assert!(impls.contains("type Params = i64;"), "{impls}");
}

#[test]
fn events_stand_beside_methods_or_alone_in_a_service() {
    let events = json!({
        "a.query": {"roles": [], "kinds": {}, "removed_in": "v26.0"},
        "a.b.log": {"roles": [], "kinds": {}, "parameters": {"type": "string"}},
    });
    let methods = json!({"a.query": method(&json!([]), &json!({}))});
    let written = versioned("v25.10.0", &methods, &events);
    let a = written.file("shared/since_v25_10_0/a.rs");
    for function in [
        "pub fn b(&self) -> crate::shared::since_v25_10_0::a_b::Service<'c, C>",
        "pub fn query(&self) -> rt::Request<'c, C, Query>",
        "#[deprecated(note = \"removed in v26.0\")]\n    \
         pub fn query_events(&self) -> rt::Subscribe<'c, C, QueryEvent>",
    ] {
        assert!(a.contains(function), "{a}");
    }
    let b = written.file("shared/since_v25_10_0/a_b.rs");
    assert!(
        b.contains("pub fn log_events(&self, arguments: &str) -> rt::Subscribe<'c, C, LogEvent>"),
        "{b}"
    );
    assert!(
        b.contains("rt::Subscribe::new(self.0, &arguments.into())"),
        "{b}"
    );
}

#[test]
fn a_version_is_a_type_and_owns_its_client() {
    let methods = json!({"ping": method(&json!([]), &json!({}))});
    let written = versioned("v25.10.0", &methods, &json!({}));
    let root = written.file("versions/v25_10_0/mod.rs");
    for part in [
        "impl rt::Api for Api {",
        "type Services<C> = TrueNas<C>;",
        "pub struct TrueNas<C>(C);",
        "pub fn ping(&self) -> rt::Request<'_, C, ",
        "rt::Request::new(&self.0, ())",
    ] {
        assert!(root.contains(part), "{root}");
    }
}

#[test]
fn more_parameters_than_the_runtime_knows_are_an_error() {
    let parameters = |count: usize| -> Value {
        (0..count)
            .map(|number| parameter(&format!("p{number}"), &json!({})))
            .collect()
    };
    let of = |count| {
        let methods = json!({"a.b": method(&parameters(count), &json!({}))});
        let versions = [version("v1.0.0", &methods, &json!({}), &json!({}))];
        generate(&versions, &list(&versions), &Overrides::default())
    };
    assert!(of(32).is_ok());
    let error = of(33).unwrap_err().to_string();
    assert!(
        error.starts_with("v1.0.0: method `a.b` has 33 parameters"),
        "{error}"
    );
}

#[test]
fn prose_becomes_documentation_that_is_no_markdown() {
    let mut described = method(&json!([]), &model("Data"));
    described["doc"] = json!("Takes [a](b)\r\n    and *more*.\r");
    let mut data = object(
        &json!({"a": {"type": "string", "description": "<b>"}}),
        &["a"],
    );
    data["description"] = json!("One\u{202e} thing.");
    let written = write(&json!({"a.b": described}), &json!({"Data": data}));
    assert!(
        written
            .doc("B")
            .contains("Takes \\[a\\](b)\nand \\*more\\*."),
        "{}",
        written.doc("B")
    );
    assert_eq!(
        written.doc("Data"),
        "`Data`, a model of the API.\n\nOne  thing."
    );
    assert_eq!(written.field_doc("Data", "a"), "\\<b\\>");
}

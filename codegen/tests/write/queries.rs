//! Results of queries.

use serde_json::{Value, json};

use super::{generate_all, method, model, object, version};
use crate::source::Written;

/// Returns a version in which `a.query` takes filters and options and answers
/// this.
fn querying(result: &Value, models: &Value) -> Written {
    let parameters = json!([
        {"name": "query-filters", "required": false, "schema": {"type": "array", "default": []}},
        {"name": "query-options", "required": false, "schema": {"type": "object", "default": {}}},
    ]);
    let events = json!({"a.query": {"roles": [], "kinds": {"ADDED": object(
        &json!({"id": {"type": "integer"}, "fields": {"$ref": "#/models/Announced"}}),
        &["fields", "id"],
    )}}});
    let mut models = models.clone();
    models["Announced"] = object(&json!({"id": {"type": "integer"}}), &["id"]);
    Written::new(generate_all(&[version(
        "v1.0.0",
        &json!({"a.query": method(&parameters, result)}),
        &events,
        &models,
    )]))
}

fn entries(written: &Written) -> bool {
    written.impls("Query").contains("type Entry = Entry;")
}

#[test]
fn a_query_is_known_by_its_parameters_in_every_style() {
    let open = json!({"type": "object"});
    let models = json!({
        "Entry": object(&json!({"id": {"type": "integer"}}), &["id"]),
        "Item": object(&json!({"id": {"type": "integer"}}), &[]),
    });
    let list = |item: &Value| json!({"type": "array", "items": item});
    let (entry, item, count) = (model("Entry"), model("Item"), json!({"type": "integer"}));
    for branches in [
        json!([list(&entry), entry, count]),
        // 25.04 names the entry twice.
        json!([list(&entry), entry, count, entry]),
        // 27.0 has the entry and what `select` leaves of it.
        json!([list(&entry), entry, list(&item), item, count]),
        json!([list(&item), item, list(&entry), entry, count]),
        json!([list(&entry), entry, list(&open), open, count]),
    ] {
        let written = querying(&json!({"anyOf": branches}), &models);
        assert!(entries(&written), "{branches}");
    }
}

#[test]
fn an_entry_without_keys_is_what_its_event_announces() {
    let open = json!({"type": "object"});
    let branches = json!([{"type": "array", "items": open}, open, {"type": "integer"}]);
    for result in [json!({"anyOf": branches}), json!({})] {
        let impls = querying(&result, &json!({})).impls("Query");
        assert!(impls.contains("type Entry = Announced;"), "{impls}");
    }
}

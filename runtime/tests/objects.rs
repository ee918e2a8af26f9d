//! Objects: keys that are missing, null or too many.

#![allow(clippy::unwrap_used)]

mod types;

use serde_json::json;
use truenas_runtime::{Patch, from_value, from_value_strict, to_value};
use types::{Limits, Node, Sync, Update};

fn error<T: truenas_runtime::Json + std::fmt::Debug>(value: serde_json::Value) -> String {
    from_value::<T>(&value).unwrap_err().to_string()
}

#[test]
fn a_recursive_struct_goes_both_ways() {
    let value = json!({
        "name": "tank",
        "children": [{"name": "a", "children": [], "size": 7}],
        "parent": {"name": "root", "children": [], "size": null},
        "size": null,
    });
    let node: Node = from_value_strict(&value).unwrap();
    assert_eq!(node.children[0].size, Some(7));
    assert_eq!(to_value(&node), value);
}

#[test]
fn an_answer_may_lack_what_can_be_null() {
    let node: Node = from_value(&json!({"name": "a", "children": []})).unwrap();
    assert_eq!(node.size, None);
    assert_eq!(
        to_value(&node),
        json!({"name": "a", "children": [], "size": null}),
        "a required key goes out as null, an optional one does not"
    );
}

#[test]
fn an_answer_may_hold_more_than_is_known() {
    let value = json!({"name": "a", "children": [], "size": 1, "new": true});
    assert!(from_value::<Node>(&value).is_ok());
    assert_eq!(
        from_value_strict::<Node>(&value).unwrap_err().to_string(),
        "at `$`: unknown key `new`"
    );
}

#[test]
fn errors_say_where() {
    assert_eq!(
        error::<Node>(json!({"name": "a", "children": [{"children": []}]})),
        "at `$.children[0]`: missing key `name`"
    );
    assert_eq!(
        error::<Node>(json!({"name": "a", "children": [{"name": "b", "children": 1}]})),
        "at `$.children[0].children`: expected array, found integer"
    );
    assert_eq!(
        error::<Node>(json!([])),
        "at `$`: expected object, found array"
    );
    assert_eq!(
        error::<Limits>(json!({"strange key": "x"})),
        "at `$[\"strange key\"]`: expected number, found string"
    );
}

#[test]
fn errors_tell_no_values() {
    let error = error::<Node>(json!({"name": "a", "children": [], "size": "hunter2"}));
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn the_first_error_is_the_one_that_is_told() {
    let error = from_value::<Vec<Node>>(&json!([{}, 1, {"name": 3}])).unwrap_err();
    assert_eq!(error.path(), "$[0]");
}

#[test]
fn an_open_object_keeps_the_rest() {
    let value = json!({"name": "a", "x": 1, "y": 2.5});
    let limits: Limits = from_value_strict(&value).unwrap();
    assert_eq!(limits.rest.len(), 2);
    assert_eq!(to_value(&limits), value);
}

#[test]
fn a_key_of_the_table_wins_over_the_rest() {
    let mut limits: Limits = from_value(&json!({"name": "a"})).unwrap();
    limits.rest.insert("name".to_owned(), 1.0);
    assert_eq!(to_value(&limits), json!({"name": "a"}));
}

#[test]
fn an_update_leaves_clears_or_sets() {
    for (value, comment) in [
        (json!({}), Patch::Leave),
        (json!({"comment": null}), Patch::Null),
        (json!({"comment": "c"}), Patch::Set("c".to_owned())),
    ] {
        let update: Update = from_value_strict(&value).unwrap();
        assert_eq!(update.comment, comment);
        assert_eq!(to_value(&update), value);
    }
}

#[test]
fn what_is_optional_and_cannot_be_null_is_left_out() {
    assert_eq!(to_value(&Update::default()), json!({}));
    let update = Update {
        sync: Some(Sync::Always),
        ..Update::default()
    };
    assert_eq!(to_value(&update), json!({"sync": "ALWAYS"}));
}

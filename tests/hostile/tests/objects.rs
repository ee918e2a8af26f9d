//! The golden `objects` compiles; what is left out, null and set in it.

#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/objects/expected/src/shared/mod.rs"]
mod shared;
#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/objects/expected/src/versions/mod.rs"]
mod versions;

use std::collections::BTreeMap;

use serde_json::json;
use truenas_runtime::{Patch, from_value, to_value};
use versions::v9_0_0::disk::{DiskEntry, DiskUpdate};

#[test]
fn what_is_not_set_is_not_sent() {
    let update = DiskUpdate::new("sda");
    assert_eq!(to_value(&update), json!({"name": "sda", "type": "SSD"}));

    let update = DiskUpdate {
        comment: Patch::Null,
        size: Some(2),
        ..update
    };
    let sent = json!({"comment": null, "name": "sda", "size": 2, "type": "SSD"});
    assert_eq!(to_value(&update), sent);
}

#[test]
fn answers_may_lack_keys_and_have_others() {
    let answer = json!({"id": "a", "parent": {"id": "b", "size": 1}, "new": true});
    let entry: DiskEntry = from_value(&answer).unwrap();
    assert_eq!(entry.size, None);
    assert_eq!(entry.parent.as_ref().unwrap().size, Some(1));
    assert_eq!(
        entry.other,
        BTreeMap::from([("new".to_owned(), json!(true).into())])
    );

    let mut again = answer;
    again["size"] = json!(null);
    assert_eq!(to_value(&entry), again);
}

//! The golden `service` compiles; what a person calls in it.

#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/service/expected/src/shared/mod.rs"]
mod shared;
#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/service/expected/src/versions/mod.rs"]
mod versions;

use serde_json::{Value, json};
use truenas_runtime::{Event, Method, MethodKind, Query};
use versions::v9_0_0::{METHODS, TABLE, TrueNas, pool};

#[test]
fn a_method_that_is_a_service_as_well_keeps_its_name() {
    let nas = TrueNas::new(&());
    let _query = nas.pool().query();
    #[allow(deprecated)]
    let _scrub = nas.pool().scrub("tank", None);
    let _inner = nas.pool().scrub_service().query();
}

#[test]
#[allow(deprecated)]
fn markers_say_what_a_method_is() {
    fn entries<Q: Query<Entry = pool::PoolEntry>>() -> &'static str {
        Q::INFO.name
    }
    assert_eq!(entries::<pool::Query>(), "pool.query");
    assert!(pool::Query::INFO.reads_only);
    assert_eq!(pool::Scrub::INFO.kind, MethodKind::Job);
    assert_eq!(pool::Scrub::INFO.removed_in, Some("v10.0"));
    assert_eq!(pool::QueryEvent::INFO.roles, ["POOL_READ"]);
    assert_eq!(METHODS.len(), 4);
}

#[test]
fn a_query_answers_entries_an_entry_or_a_number() {
    let query = TABLE.method("pool.query").unwrap().result;
    let entry = json!({"id": 1, "name": "tank"});
    let answers: [Value; 4] = [
        json!(3),
        entry.clone(),
        json!([entry]),
        json!([{"name": "tank"}]),
    ];
    for answer in answers {
        assert_eq!(query(&answer).unwrap(), answer);
    }
}

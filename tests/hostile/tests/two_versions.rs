//! The golden `two_versions` compiles; what two versions share is one type.

#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/two_versions/expected/src/shared/mod.rs"]
mod shared;
#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/two_versions/expected/src/versions/mod.rs"]
mod versions;

use truenas_runtime::{Method, from_str};
use versions::{v9_0_0, v9_1_0};

#[test]
fn a_value_of_one_version_is_one_of_the_other() {
    let entry: v9_0_0::pool::PoolEntry = from_str(r#"{"id": 1, "name": "tank"}"#).unwrap();
    let details = v9_1_0::disk::PoolDetails { pool: entry };
    let entry: v9_0_0::pool::PoolEntry = details.pool;
    assert_eq!(entry.name, "tank");
}

#[test]
fn a_method_that_did_not_change_is_one_marker() {
    fn same<M: Method>(_: M, _: M) -> &'static str {
        M::INFO.name
    }
    assert_eq!(same(v9_0_0::pool::Get, v9_1_0::pool::Get), "pool.get");
}

#[test]
fn short_names_are_the_newest_of_a_series() {
    assert_eq!(versions::v9_0::VERSION, "v9.0.0");
    assert_eq!(versions::latest::VERSION, "v9.1.0");
}

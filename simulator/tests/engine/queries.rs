//! Queries in full, over entries of all shapes.

use proptest::prelude::*;
use serde_json::{Value, json};
use truenas_simulator::engine::{Failure, Query};

use crate::system::System;

/// Disks, one of which lacks what the others have.
fn disks() -> Vec<Value> {
    vec![
        json!({"id": 1, "name": "sda", "size": 8000, "pool": "tank", "tags": ["hdd", "old"],
            "enclosure": {"slot": 3}, "a.b": "dotted", "seen": {"$date": 1_767_225_600_000_i64},
            "parts": [{"n": 1, "kind": "data"}, {"n": 2, "kind": "swap"}]}),
        json!({"id": 2, "name": "sdb", "size": 4000.0, "pool": null, "tags": ["ssd"],
            "enclosure": {"slot": 1}, "seen": {"$date": 1_767_312_000_000_i64}, "parts": [{"n": 3}]}),
        json!({"id": 3, "name": "NVMe0", "size": 4000, "pool": "Fast", "tags": []}),
    ]
}

fn query(filters: Value, options: Value) -> Result<Value, Failure> {
    Query::parse(&filters, &options)?.run(&disks())
}

/// The ids of the entries that match.
fn matching(filters: Value) -> Vec<i64> {
    let found = query(filters.clone(), json!({}))
        .unwrap_or_else(|failure| panic!("{filters}: {failure:?}"));
    found
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_i64().unwrap())
        .collect()
}

#[test]
fn operators() {
    for (filter, ids) in [
        (json!(["id", "=", 2]), vec![2]),
        (json!(["size", "=", 4000]), vec![2, 3]),
        (json!(["pool", "=", null]), vec![2]),
        (json!(["pool", "!=", "tank"]), vec![2, 3]),
        (json!(["size", ">", 4000]), vec![1]),
        (json!(["size", ">=", 4000]), vec![1, 2, 3]),
        (json!(["size", "<", 8000]), vec![2, 3]),
        (json!(["size", "<=", 4000]), vec![2, 3]),
        (json!(["name", ">", "sda"]), vec![2]),
        (json!(["pool", ">", 3]), vec![]),
        (json!(["name", "in", ["sda", "sdb", "sdz"]]), vec![1, 2]),
        (json!(["name", "nin", ["sda", "sdb"]]), vec![3]),
        (json!(["tags", "rin", "old"]), vec![1]),
        (json!(["tags", "rnin", "old"]), vec![2, 3]),
        (json!(["name", "rin", "db"]), vec![2]),
        (json!(["name", "^", "sd"]), vec![1, 2]),
        (json!(["name", "!^", "sd"]), vec![3]),
        (json!(["name", "$", "a"]), vec![1]),
        (json!(["name", "!$", "a"]), vec![2, 3]),
        (json!(["pool", "!^", "t"]), vec![3]),
        (json!(["name", "~", "sd[ab]$"]), vec![1, 2]),
        (json!(["name", "~", "d"]), vec![]),
        (json!(["name", "~", "x|sda"]), vec![1]),
    ] {
        assert_eq!(matching(json!([filter])), ids, "{filter}");
    }
}

#[test]
fn upper_and_lower_case_can_be_the_same() {
    assert_eq!(matching(json!([["pool", "=", "fast"]])), Vec::<i64>::new());
    assert_eq!(matching(json!([["pool", "C=", "fast"]])), [3]);
    assert_eq!(matching(json!([["name", "C^", "nvme"]])), [3]);
    assert_eq!(matching(json!([["pool", "Cin", ["FAST", "TANK"]]])), [1, 3]);
    assert_eq!(matching(json!([["tags", "Crin", "SSD"]])), [2]);
}

#[test]
fn paths() {
    for (filter, ids) in [
        (json!(["enclosure.slot", "=", 3]), vec![1]),
        (json!(["a\\.b", "=", "dotted"]), vec![1]),
        (json!(["a.b", "=", "dotted"]), vec![]),
        (json!(["parts.0.n", ">", 1]), vec![2]),
        (json!(["parts.*.n", "=", 2]), vec![1]),
        (json!(["parts.*.n", "in", [1, 3]]), vec![1, 2]),
        (json!(["tags.0", "=", "ssd"]), vec![2]),
    ] {
        assert_eq!(matching(json!([filter])), ids, "{filter}");
    }
}

#[test]
fn a_missing_key_never_matches() {
    for operator in [
        "=", "!=", ">", "<", "in", "nin", "rin", "rnin", "^", "!^", "$", "!$",
    ] {
        let value = if operator.ends_with("in") {
            json!(["x"])
        } else {
            json!("x")
        };
        let found = matching(json!([["no.such", operator, value]]));
        assert_eq!(found, Vec::<i64>::new(), "{operator}");
    }
}

#[test]
fn times_compare_with_texts_and_with_each_other() {
    for (filter, ids) in [
        (json!(["seen.$date", ">", "2026-01-01T12:00:00Z"]), vec![2]),
        (
            json!(["seen.$date", "<", "2026-01-01T12:00:00+02:00"]),
            vec![1],
        ),
        (json!(["seen.$date", "=", "2026-01-01"]), vec![1]),
        (json!(["seen.$date", "=", 1_767_225_600_000_i64]), vec![1]),
        (
            json!(["seen", ">=", {"$date": 1_767_312_000_000_i64}]),
            vec![2],
        ),
    ] {
        assert_eq!(matching(json!([filter])), ids, "{filter}");
    }
}

#[test]
fn filters_are_joined() {
    assert_eq!(
        matching(json!([["size", "=", 4000], ["pool", "=", null]])),
        [2]
    );
    assert_eq!(
        matching(json!([["OR", [["id", "=", 1], ["id", "=", 3]]]])),
        [1, 3]
    );
    let both = json!([[
        "OR",
        [["id", "=", 1], [["size", "=", 4000], ["name", "^", "NV"]]]
    ]]);
    assert_eq!(matching(both), [1, 3]);
    let nested = json!([[
        "OR",
        [
            ["id", "=", 1],
            ["OR", [["id", "=", 2], ["OR", [["id", "=", 3]]]]]
        ]
    ]]);
    assert_eq!(matching(nested), [1, 2, 3]);
}

#[test]
fn order() {
    let names = |order_by: Value| -> Vec<String> {
        let found = query(json!([]), json!({"order_by": order_by})).unwrap();
        let found = found.as_array().unwrap().iter();
        found
            .map(|entry| entry["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(json!(["-id"])), ["NVMe0", "sdb", "sda"]);
    assert_eq!(names(json!(["size", "-name"])), ["sdb", "NVMe0", "sda"]);
    assert_eq!(names(json!(["enclosure.slot"])), ["NVMe0", "sdb", "sda"]);
    assert_eq!(names(json!(["nulls_first:pool"])), ["sdb", "NVMe0", "sda"]);
    assert_eq!(names(json!(["nulls_last:pool"])), ["NVMe0", "sda", "sdb"]);
    assert_eq!(names(json!(["nulls_last:-pool"])), ["sda", "NVMe0", "sdb"]);
    assert_eq!(names(json!(["nulls_first:-pool"])), ["sdb", "sda", "NVMe0"]);
}

#[test]
fn select_drops_and_renames() {
    let select = |select: Value| query(json!([["id", "=", 1]]), json!({"select": select})).unwrap();
    assert_eq!(
        select(json!(["id", "name"])),
        json!([{"id": 1, "name": "sda"}])
    );
    assert_eq!(
        select(json!([["name", "label"]])),
        json!([{"label": "sda"}])
    );
    assert_eq!(
        select(json!(["enclosure.slot"])),
        json!([{"enclosure": {"slot": 3}}])
    );
    assert_eq!(
        select(json!([["enclosure.slot", "slot"]])),
        json!([{"slot": 3}])
    );
    assert_eq!(
        select(json!([["parts.*.n", "numbers"]])),
        json!([{"numbers": [1, 2]}])
    );
    assert_eq!(select(json!(["no_such", "id"])), json!([{"id": 1}]));
}

#[test]
fn what_is_answered() {
    assert_eq!(query(json!([]), json!({"count": true})).unwrap(), 3);
    let one = query(
        json!([]),
        json!({"get": true, "order_by": ["-id"], "select": ["id"]}),
    );
    assert_eq!(one.unwrap(), json!({"id": 3}));
    let page = json!({"offset": 1, "limit": 1, "select": ["id"]});
    assert_eq!(query(json!([]), page).unwrap(), json!([{"id": 2}]));
    let none = query(json!([["id", "=", 9]]), json!({"get": true})).unwrap_err();
    assert_eq!(
        (none.code, none.errno, none.class),
        (-32001, 22, "MatchNotFound")
    );
}

#[test]
fn what_is_refused() {
    let deep = json!([["OR", [["OR", [["OR", [["OR", [["id", "=", 1]]]]]]]]]]);
    for (filters, options, attribute) in [
        (json!([["id", "~~", 99]]), json!({}), "filters"),
        (json!([["name", "C~", "x"]]), json!({}), "filters"),
        (json!(["OR", [["id", "=", 1]]]), json!({}), "filters"),
        (json!([["id", "="]]), json!({}), "filters"),
        (json!([["id"]]), json!({}), "filters"),
        (json!([5]), json!({}), "filters"),
        (json!({"id": 1}), json!({}), "filters"),
        (deep, json!({}), "filters"),
        (json!([]), json!({"limit": 20_000}), "options"),
        (json!([]), json!({"limit": -1}), "options"),
        (json!([]), json!({"get": true, "limit": 5}), "options"),
        (json!([]), json!({"get": true, "offset": 1}), "options"),
        (json!([]), json!({"select": [["a", "b", "c"]]}), "options"),
    ] {
        let failure = query(filters.clone(), options.clone()).unwrap_err();
        assert_eq!(
            (failure.code, failure.errno),
            (-32602, 22),
            "{filters} {options}"
        );
        assert_eq!(failure.extra[0][0], attribute, "{filters} {options}");
    }
    let failure = query(json!([["name", "~", "("]]), json!({})).unwrap_err();
    assert_eq!((failure.code, failure.errno), (-32001, 22));
}

#[test]
fn methods_that_take_filters_are_asked_as_services_are() {
    // 25.04 calls filters and options by other names in half of its methods.
    for api in ["v25.04.0", "v25.10.5"] {
        let system = System::new(api);
        let fast = json!([["name", "=", "fast"]]);
        assert_eq!(
            system.call("pool.query", json!([fast, {"select": ["name"]}])),
            json!([{"name": "fast"}]),
            "{api}"
        );
        assert_eq!(
            system.error("pool.query", json!([[["name", "~~", 1]]]))["code"],
            -32602,
            "{api}"
        );
        let all = system.call("route.system_routes", json!([]));
        let all = all.as_array().unwrap();
        assert!(!all.is_empty());
        assert_eq!(
            system.call("route.system_routes", json!([[], {"count": true}])),
            all.len(),
            "{api}"
        );
        assert_eq!(
            system.call("route.system_routes", json!([[], {"get": true}])),
            all[0],
            "{api}"
        );
        let none = json!([[["gateway", "=", "203.0.113.1"]]]);
        assert_eq!(system.call("route.system_routes", none), json!([]), "{api}");
    }
}

/// Values as entries may have them under any key.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-bA-B]{0,2}".prop_map(Value::from),
        (0_i64..4).prop_map(|time| json!({"$date": time})),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        proptest::collection::vec(inner, 0..3).prop_map(Value::from)
    })
}

fn entries() -> impl Strategy<Value = Vec<Value>> {
    let entry = (values(), proptest::option::of(values()));
    let entry =
        entry.prop_map(|(x, y)| y.map_or_else(|| json!({"x": x}), |y| json!({"x": x, "y": y})));
    proptest::collection::vec(entry, 0..40)
}

fn run(entries: &[Value], filters: Value, options: Value) -> Vec<Value> {
    let answer = Query::parse(&filters, &options)
        .unwrap()
        .run(entries)
        .unwrap();
    answer.as_array().unwrap().clone()
}

proptest! {
    #[test]
    fn an_operator_and_its_opposite_share_what_has_the_key(entries in entries(), value in values()) {
        let with_key = entries.iter().filter(|entry| entry.get("y").is_some()).count();
        let count = |operator| run(&entries, json!([["y", operator, value]]), json!({})).len();
        prop_assert_eq!(count("=") + count("!="), with_key);
        let list = json!([value, 1, "a"]);
        let count = |operator| run(&entries, json!([["y", operator, list]]), json!({})).len();
        prop_assert_eq!(count("in") + count("nin"), with_key);
    }

    #[test]
    fn a_branch_alone_is_the_filter_itself(entries in entries(), value in values()) {
        let leaf = json!(["x", "=", value]);
        let alone = run(&entries, json!([["OR", [leaf]]]), json!({}));
        prop_assert_eq!(run(&entries, json!([leaf]), json!({})), alone);
    }

    #[test]
    fn order_is_the_same_from_behind_and_loses_nothing(entries in entries()) {
        let up = run(&entries, json!([]), json!({"order_by": ["x"], "select": ["x"]}));
        let mut down = run(&entries, json!([]), json!({"order_by": ["-x"], "select": ["x"]}));
        prop_assert_eq!(up.len(), entries.len());
        down.reverse();
        let again = run(&up, json!([]), json!({"order_by": ["x"]}));
        prop_assert_eq!(&up, &again);
        // Zero is zero, with a fraction or without.
        let number = |entry: &Value| entry["x"].as_f64();
        let same_rank = |one: &Value, other: &Value| {
            one == other
                || one["x"].is_array()
                || other["x"].is_array()
                || number(one).is_some() && number(one) == number(other)
        };
        prop_assert!(up.iter().zip(&down).all(|(one, other)| same_rank(one, other)), "{up:?} {down:?}");
    }

    #[test]
    fn pages_put_together_are_the_whole(entries in entries(), size in 1_usize..7) {
        let whole = run(&entries, json!([]), json!({"order_by": ["x", "y"]}));
        let pages = (0..entries.len()).step_by(size).flat_map(|offset| {
            run(&entries, json!([]), json!({"order_by": ["x", "y"], "offset": offset, "limit": size}))
        });
        prop_assert_eq!(whole, pages.collect::<Vec<_>>());
    }

    #[test]
    fn the_count_is_the_length(entries in entries(), value in values()) {
        let filters = json!([["x", "!=", value]]);
        let count = Query::parse(&filters, &json!({"count": true})).unwrap().run(&entries).unwrap();
        prop_assert_eq!(count, run(&entries, filters, json!({})).len());
    }
}

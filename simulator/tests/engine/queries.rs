//! Queries in full, over entries of all shapes.

use proptest::prelude::*;
use serde_json::{Value, json};
use truenas_simulator::engine::{Failure, Nature, Query};

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
        // Behind the end and below null is null, below a text the text.
        (json!(["tags.1", "=", null]), vec![2, 3]),
        (json!(["pool.x", "=", null]), vec![2]),
        (json!(["name.x.y", "=", "sda"]), vec![1]),
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
        (json!(["seen.$date", "=", "2026-01-01T00:00:00Z"]), vec![1]),
        // Without an offset it is a time of another kind.
        (json!(["seen.$date", "=", "2026-01-01"]), vec![]),
        (json!(["seen.$date", "!=", "2026-01-01"]), vec![1, 2]),
        (
            json!(["seen", ">=", {"$date": 1_767_312_000_000_i64}]),
            vec![2],
        ),
        // The fraction counts twice.
        (
            json!(["seen", "<", {"$date": 1_767_225_600_001_i64}]),
            vec![1],
        ),
        (
            json!(["seen", ">=", {"$date": 1_767_225_599_500_i64}]),
            vec![1, 2],
        ),
    ] {
        assert_eq!(matching(json!([filter])), ids, "{filter}");
    }
}

/// Jobs, whose times have no time zone and a fraction of a second.
#[test]
fn times_without_a_zone() {
    let nature = nature("v25.10.5", "core.get_jobs");
    let jobs = [
        json!({"id": 1, "time_started": {"$date": 1_767_225_600_000_i64}, "time_finished": null}),
        json!({"id": 2, "time_started": {"$date": 1_767_312_000_000_i64},
            "time_finished": {"$date": 1_767_312_000_000_i64}}),
    ];
    let ids = |filters: Value| {
        let options = json!({"select": ["id"]});
        let found = Query::parse(&filters, &options).unwrap();
        found.of(&nature).run(&jobs).map(|found| {
            let found = found.as_array().unwrap().iter();
            found
                .map(|job| job["id"].as_i64().unwrap())
                .collect::<Vec<_>>()
        })
    };
    let second = "2026-01-01T00:00:00";
    for (filters, expected) in [
        (json!([["time_started.$date", ">", second]]), vec![1, 2]),
        (json!([["time_started.$date", "=", second]]), vec![]),
        (
            json!([["time_started.$date", "<", "2026-01-01T00:00:01"]]),
            vec![1],
        ),
        (
            json!([["time_started.$date", "=", "2026-01-01T00:00:00Z"]]),
            vec![],
        ),
        (
            json!([
                ["time_finished", "!=", null],
                ["time_finished.$date", ">", second]
            ]),
            vec![2],
        ),
        (
            json!([[
                "OR",
                [
                    ["time_finished", "=", null],
                    ["time_finished.$date", ">", second]
                ]
            ]]),
            vec![1, 2],
        ),
    ] {
        assert_eq!(ids(filters.clone()).unwrap(), expected, "{filters}");
    }
    for (filters, reason) in [
        (
            json!([["time_started.$date", ">", "2026-01-01T00:00:00Z"]]),
            "can't compare offset-naive and offset-aware datetimes",
        ),
        (
            json!([["time_finished.$date", ">", second]]),
            "'<' not supported between instances of 'NoneType' and 'datetime.datetime'",
        ),
        (
            json!([["time_started.$date", ">", second], ["id", "in", [1]]]),
            "unhashable type: 'list'",
        ),
    ] {
        let failure = ids(filters.clone()).unwrap_err();
        assert_eq!((failure.code, failure.errno), (-32001, 22), "{filters}");
        assert_eq!(
            (failure.class, failure.reason.as_str()),
            ("TypeError", reason),
            "{filters}"
        );
    }
    // The text of a time is the time wherever it is compared.
    let both = json!([
        ["time_started.$date", ">", second],
        ["time_started", "!=", second]
    ]);
    assert_eq!(ids(both).unwrap(), [1, 2]);
}

/// The nature that a query has by the embedded facts.
fn nature(api: &str, method: &str) -> Nature {
    let overrides = include_str!("../../../schemas/overrides.json");
    Nature::of(&serde_json::from_str(overrides).unwrap(), api, method)
}

#[test]
fn what_cannot_be_compared_fails() {
    for (filter, class) in [
        (json!(["pool", ">", "a"]), "TypeError"),
        (json!(["name", ">", 1]), "TypeError"),
        (json!(["size", "~", "4"]), "TypeError"),
        (json!(["size", "^", "4"]), "AttributeError"),
        (json!(["size", "C=", "4"]), "ValueError"),
        (json!(["parts", "C=", "4"]), "AttributeError"),
        (json!(["size", "rin", 4]), "TypeError"),
        (json!(["name", "in", 4]), "TypeError"),
        (json!(["parts.n", "=", 1]), "ValueError"),
        (json!(["a..b", "=", 1]), "IndexError"),
        (json!(["name", "~", "("]), "re.error"),
    ] {
        let failure = query(json!([filter]), json!({})).unwrap_err();
        assert_eq!((failure.code, failure.errno), (-32001, 22), "{filter}");
        assert_eq!(failure.class, class, "{filter}");
    }
    // No entry gets that far.
    assert_eq!(
        matching(json!([["pool", "=", "x"], ["pool", ">", 1]])),
        [0; 0]
    );
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
    let sorted = |order_by: Value| query(json!([]), json!({"order_by": order_by}));
    let names = |order_by: Value| -> Vec<String> {
        let found = sorted(order_by).unwrap();
        let found = found.as_array().unwrap().iter();
        found
            .map(|entry| entry["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(json!(["-id"])), ["NVMe0", "sdb", "sda"]);
    // The last key decides first.
    assert_eq!(names(json!(["-name", "size"])), ["sdb", "NVMe0", "sda"]);
    assert_eq!(names(json!(["size", "-name"])), ["sdb", "sda", "NVMe0"]);
    assert_eq!(names(json!(["nulls_first:pool"])), ["sdb", "NVMe0", "sda"]);
    assert_eq!(names(json!(["nulls_last:pool"])), ["NVMe0", "sda", "sdb"]);
    assert_eq!(names(json!(["nulls_last:-pool"])), ["sda", "NVMe0", "sdb"]);
    assert_eq!(names(json!(["nulls_first:-pool"])), ["sdb", "sda", "NVMe0"]);
    // With nulls a path is one key, which no entry has.
    let path = json!(["nulls_first:enclosure.slot"]);
    assert_eq!(names(path), ["sda", "sdb", "NVMe0"]);
    for key in ["pool", "enclosure.slot", "parts", "enclosure"] {
        assert_eq!(
            sorted(json!([key])).unwrap_err().class,
            "TypeError",
            "{key}"
        );
    }
}

#[test]
fn selected_columns_are_sorted() {
    let ids = |nature: &Nature, order_by: &str, select: Value| {
        let options = json!({"order_by": [order_by], "select": select});
        let found = Query::parse(&json!([]), &options).unwrap().of(nature);
        found.run(&disks()).map(|found| found.to_string())
    };
    let usual = Nature::default();
    assert!(ids(&usual, "-size", json!(["id"])).is_err());
    assert_eq!(
        ids(&usual, "-nulls_first:size", json!(["id"]))
            .unwrap_err()
            .class,
        "TypeError"
    );
    let unsorted = ids(&usual, "nulls_first:-size", json!(["id"])).unwrap();
    assert_eq!(unsorted, r#"[{"id":1},{"id":2},{"id":3}]"#);
    let renamed = ids(&usual, "-n", json!([["id", "n"]])).unwrap();
    assert_eq!(renamed, r#"[{"n":3},{"n":2},{"n":1}]"#);
    let datasets = nature("v25.10.5", "pool.dataset.query");
    let before = ids(&datasets, "-id", json!([["id", "n"]])).unwrap();
    assert_eq!(before, renamed);
    let snapshots = nature("v25.10.5", "pool.snapshot.query");
    let plain = ids(
        &snapshots,
        "-id",
        json!(["size", ["id", "n"], "enclosure.slot"]),
    );
    assert_eq!(
        plain.unwrap(),
        r#"[{"size":4000},{"size":4000.0},{"size":8000}]"#
    );
}

#[test]
fn select_drops_and_renames() {
    let select = |select: Value| query(json!([["id", "=", 1]]), json!({"select": select}));
    for (columns, expected) in [
        (json!(["id", "name"]), json!({"id": 1, "name": "sda"})),
        (json!([["name", "label"]]), json!({"label": "sda"})),
        (json!(["enclosure.slot"]), json!({"enclosure": {"slot": 3}})),
        (json!([["enclosure.slot", "slot"]]), json!({"slot": 3})),
        (json!(["no_such", "id"]), json!({"id": 1})),
        (json!(["name.x"]), json!({"name": "sda"})),
        (json!([["a\\.b", "c"]]), json!({"c": "dotted"})),
    ] {
        assert_eq!(select(columns).unwrap(), json!([expected]));
    }
    for column in ["parts.*.n", "parts.0.n", "tags.0", ""] {
        let failure = select(json!([column])).unwrap_err();
        assert_eq!((failure.code, failure.errno), (-32001, 22), "{column}");
    }
}

#[test]
fn a_database_has_filters_of_its_own() {
    let tunables = [
        json!({"id": 1, "var": "Tank_a", "value": null, "on": true}),
        json!({"id": 2, "var": "tankxb", "value": "v", "on": false}),
    ];
    let ids = |api: &str, filters: Value, options: Value| {
        let query = Query::parse(&filters, &options).unwrap();
        let found = query.of(&nature(api, "tunable.query")).run(&tunables)?;
        let found = found.as_array().unwrap().iter();
        Ok::<_, Failure>(
            found
                .map(|entry| entry["id"].as_i64().unwrap())
                .collect::<Vec<_>>(),
        )
    };
    let found = |filter: Value| ids("v25.10.5", json!([filter]), json!({}));
    for (filter, expected) in [
        (json!(["var", "=", "tankxb"]), vec![2]),
        (json!(["value", "!=", "x"]), vec![2]),
        (json!(["value", "=", null]), vec![1]),
        (json!(["value", "nin", ["x"]]), vec![2]),
        (json!(["value", "nin", []]), vec![1, 2]),
        (json!(["value", "in", [null, "v"]]), vec![1, 2]),
        (json!(["value", ">", "a"]), vec![2]),
        (json!(["var", "^", "TANK_"]), vec![1, 2]),
        (json!(["var", "$", "b"]), vec![2]),
        (json!(["var", "~", "K"]), vec![1, 2]),
        (json!(["var", "~", "(?-i:K)"]), vec![]),
        (json!(["var", "~", r"^(?!(?a:tank_A)\Z)"]), vec![2]),
        (
            json!(["OR", [["id", "=", 1], ["OR", [["id", "=", 2]]]]]),
            vec![1, 2],
        ),
        (
            json!(["OR", [["value", "=", null], ["value", "~", "v"]]]),
            vec![1, 2],
        ),
    ] {
        assert_eq!(found(filter.clone()).unwrap(), expected, "{filter}");
    }
    for filter in [
        json!(["var", "rin", "a"]),
        json!(["var", "!^", "a"]),
        json!(["var", "C=", "a"]),
        json!(["var.x", "=", "a"]),
        json!(["none", "=", "a"]),
        json!(["value", "~", "v"]),
        json!(["OR", [[["id", "=", 1], ["on", "=", true]], ["id", "=", 2]]]),
    ] {
        let failure = found(filter.clone()).unwrap_err();
        assert_eq!((failure.code, failure.errno), (-32001, 22), "{filter}");
    }
    let contains = json!([["var", "rin", "_A"]]);
    assert_eq!(ids("v26.0.0", contains, json!({})).unwrap(), [1, 2]);
    // The first key decides first, and null is small.
    let order = json!({"order_by": ["value", "-id"]});
    assert_eq!(ids("v25.10.5", json!([]), order).unwrap(), [1, 2]);
    let order = json!({"order_by": ["nulls_last:value"], "select": ["id"]});
    assert_eq!(ids("v25.10.5", json!([]), order).unwrap(), [2, 1]);
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
        (json!([["OR", []]]), json!({}), "filters"),
        (json!([["seen.$date", "=", 5]]), json!({}), "filters"),
        (
            json!([["seen.$date", ">", "yesterday"]]),
            json!({}),
            "filters",
        ),
        (
            json!([["seen.$date", ">", "2026-01-01T00:00:00z"]]),
            json!({}),
            "filters",
        ),
        (
            json!([["seen.$date", "in", "2026-01-01"]]),
            json!({}),
            "filters",
        ),
        (json!([["name", "=", "a.$date"]]), json!({}), "filters"),
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
fn values() -> impl Strategy<Value = Value> + Clone {
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
    entries_of(values())
}

/// Entries that can be sorted: the same kind of value in all.
fn sortable() -> impl Strategy<Value = Vec<Value>> {
    prop_oneof![
        entries_of(prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-3_i64..3).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
        ]),
        entries_of("[a-bA-B]{0,2}".prop_map(Value::from)),
        entries_of((0_i64..4).prop_map(|time| json!({"$date": time}))),
        entries_of(
            proptest::collection::vec((0_i64..4).prop_map(Value::from), 0..3).prop_map(Value::from)
        ),
    ]
}

fn entries_of(values: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Vec<Value>> {
    let entry = (values.clone(), proptest::option::of(values));
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
        // Null is in a list, but never said not to be.
        let list = json!([value, 1, "a"]);
        let null = run(&entries, json!([["y", "=", null]]), json!({})).len();
        let null = if value.is_null() { 0 } else { null };
        let count = |operator| run(&entries, json!([["y", operator, list]]), json!({})).len();
        prop_assert_eq!(count("in") + count("nin"), with_key - null);
    }

    #[test]
    fn a_branch_alone_is_the_filter_itself(entries in entries(), value in values()) {
        let leaf = json!(["x", "=", value]);
        let alone = run(&entries, json!([["OR", [leaf]]]), json!({}));
        prop_assert_eq!(run(&entries, json!([leaf]), json!({})), alone);
    }

    #[test]
    fn order_is_the_same_from_behind_and_loses_nothing(entries in sortable()) {
        let up = run(&entries, json!([]), json!({"order_by": ["x"], "select": ["x"]}));
        let mut down = run(&entries, json!([]), json!({"order_by": ["-x"], "select": ["x"]}));
        prop_assert_eq!(up.len(), entries.len());
        down.reverse();
        let again = run(&up, json!([]), json!({"order_by": ["x"]}));
        prop_assert_eq!(&up, &again);
        // Zero is zero, with a fraction or without.
        let number = |entry: &Value| {
            let x = &entry["x"];
            x.as_bool().map(|bool| f64::from(u8::from(bool))).or_else(|| x.as_f64())
        };
        let same_rank = |one: &Value, other: &Value| {
            one == other
                || number(one).is_some() && number(one) == number(other)
        };
        prop_assert!(up.iter().zip(&down).all(|(one, other)| same_rank(one, other)), "{up:?} {down:?}");
    }

    #[test]
    fn pages_put_together_are_the_whole(entries in sortable(), size in 1_usize..7) {
        let whole = run(&entries, json!([]), json!({"order_by": ["nulls_last:y", "x"]}));
        let pages = (0..entries.len()).step_by(size).flat_map(|offset| {
            run(&entries, json!([]), json!({"order_by": ["nulls_last:y", "x"], "offset": offset, "limit": size}))
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

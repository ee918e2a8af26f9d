//! Whatever is called with whatever: an answer or an error, and no panic.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use truenas_conformance::Generator;
use truenas_simulator::engine::{Engine, Schemas};

use crate::system::System;

#[test]
fn any_method_with_any_parameters() {
    let anything = json!({"type": "array", "items": {}, "maxItems": 3});
    let mut generator = Generator::new(&anything, 1);
    for (own, dialled) in [("v25.10.5", "v25.10.5"), ("v26.0.0", "v25.04.2")] {
        let system = System::dialled(own, dialled);
        for name in system.catalog.methods().keys() {
            for _ in 0..3 {
                let params = generator.value().unwrap();
                if let Err(failure) = system.try_call(name, params) {
                    assert!(failure.to_error()["code"].is_i64());
                }
            }
        }
    }
}

#[test]
fn any_limits_in_schemas_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/v25.04.0.json");
    let version = std::fs::read_to_string(own).unwrap();
    let mut version: Value = serde_json::from_str(&version).unwrap();
    let list = json!([{"api": "v25.04.0", "release": "25.04.0", "aliases": []}]);
    std::fs::write(folder.path().join("versions.json"), list.to_string()).unwrap();
    for limits in [
        json!({"type": "number", "minimum": 5, "maximum": 1}),
        json!({"type": "number", "exclusiveMinimum": 1e308, "exclusiveMaximum": -1e308}),
        json!({"type": "integer", "exclusiveMinimum": i64::MAX, "exclusiveMaximum": i64::MIN}),
        json!({"type": "string", "minLength": 5, "maxLength": 1, "pattern": "("}),
        json!({"type": "array", "items": {"enum": []}, "minItems": 2, "maxItems": 1}),
        json!({"anyOf": []}),
    ] {
        version["methods"]["system.host_id"]["result"] = limits.clone();
        version["methods"]["system.vm"] = version["methods"]["system.host_id"].clone();
        std::fs::write(folder.path().join("v25.04.0.json"), version.to_string()).unwrap();
        let schemas = Schemas::in_folder(folder.path()).unwrap();
        for seed in 0..20 {
            let engine = Engine::load(schemas.clone(), "v25.04.0", seed).unwrap();
            let catalog = engine.catalog("current").unwrap();
            let system = System { engine, catalog };
            system.call("system.vm", json!([]));
        }
    }
}

#[test]
fn any_query_of_anything() {
    let anything = json!({"type": "array", "items": {}, "maxItems": 4});
    let mut generator = Generator::new(&anything, 2);
    let system = System::new("v25.10.5");
    let operators = [
        "=", "!=", ">", "<=", "~", "in", "nin", "rin", "rnin", "^", "!$", "C=", "Crin",
    ];
    for operator in operators.into_iter().cycle().take(2000) {
        let value = generator.value().unwrap();
        let field = [
            "id",
            "state.name",
            "aliases.*.address",
            "name",
            "state.$date",
        ];
        let filters: Vec<Value> = field
            .iter()
            .map(|field| json!([field, operator, value]))
            .collect();
        let options = json!({"order_by": ["-state", "nulls_last:aliases.0", "mtu"], "select": ["state.name", ["a.*.b", "c"]]});
        let _ = system.try_call("interface.query", json!([[["OR", filters]], options]));
    }
}

#[test]
fn many_at_once_do_not_lose_or_double_anything() {
    let system = System::new("v25.10.5");
    let job = json!([{"user": "root", "command": "true"}]);
    let ids: Vec<i64> = std::thread::scope(|scope| {
        let create = || {
            let created = (0..25).map(|_| system.call("cronjob.create", job.clone()));
            created
                .map(|entry| entry["id"].as_i64().unwrap())
                .collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(
        ids.iter().copied().collect::<BTreeSet<_>>(),
        (1..=200).collect()
    );
    assert_eq!(
        system.call("cronjob.query", json!([[], {"count": true}])),
        200
    );
}

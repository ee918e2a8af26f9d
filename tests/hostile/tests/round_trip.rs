//! Every method and event of the made-up versions reads and writes values: the
//! lines of `instances.jsonl` come back as they were.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use truenas_hostile::TABLES;
use truenas_runtime::DecodeError;
use truenas_runtime::table::Table;

const INSTANCES: &str = include_str!("../instances.jsonl");

fn table(api: &str) -> &'static Table {
    TABLES.iter().find(|(name, _)| *name == api).unwrap().1
}

/// A line's value, read into its type and written again.
fn round_trip(line: &Value) -> Result<Value, DecodeError> {
    let text = |key: &str| line[key].as_str().unwrap_or_default();
    let (table, name, value) = (table(text("api")), text("name"), &line["value"]);
    let method = || table.method(name).unwrap();
    let event = || table.event(name).unwrap();
    match (text("kind"), text("event")) {
        ("params", _) => (method().params)(value),
        ("result", _) => (method().result)(value),
        (_, "ADDED") => (event().added)(value),
        (_, "CHANGED") => (event().changed)(value),
        (_, "REMOVED") => (event().removed)(value),
        _ => (event().params)(value),
    }
}

/// In what the server sends, null and a missing key say the same.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            let kept: Map<_, _> = kept
                .map(|(key, value)| (key.clone(), without_nulls(value)))
                .collect();
            Value::Object(kept)
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

fn lines() -> impl Iterator<Item = Value> {
    INSTANCES.lines().map(|line| line.parse().unwrap())
}

#[test]
fn every_instance_comes_back() {
    let mut wrong = Vec::new();
    for line in lines() {
        let sent = &line["value"];
        let same = match round_trip(&line) {
            Ok(value) if line["kind"] == "params" => value == *sent,
            Ok(value) => without_nulls(&value) == without_nulls(sent),
            Err(_) => false,
        };
        if !same {
            wrong.push(format!("{line}: {:?}", round_trip(&line)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_method_and_event_has_an_instance() {
    let seen: BTreeSet<[String; 3]> = lines()
        .map(|line| ["api", "kind", "name"].map(|key| line[key].as_str().unwrap().to_owned()))
        .collect();
    let has = |api: &str, kind: &str, name: &str| {
        let line = [api, kind, name].map(str::to_owned);
        assert!(seen.contains(&line), "no instance: {line:?}");
    };
    for (api, table) in TABLES {
        for method in table.methods {
            has(api, "params", method.info.name);
            has(api, "result", method.info.name);
        }
        for event in table.events {
            has(api, "event", event.info.name);
        }
    }
}

#[test]
fn what_fits_no_case_is_refused_with_a_reason_for_each() {
    let line = |name: &str, value: Value| {
        let line = json!({"api": "v9.0.0", "kind": "params", "name": name, "value": [value]});
        round_trip(&line).unwrap_err().to_string()
    };
    assert_eq!(
        line("choices.constants", json!([])),
        "at `$[0]`: none of Integer (expected integer, found array), \
         String (expected string, found array)"
    );
    assert_eq!(
        line("recursion.node", json!({"name": "a", "next": {"name": 7}})),
        "at `$[0].next.name`: expected string, found integer"
    );
}

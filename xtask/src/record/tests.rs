//! Answers that no type describes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use truenas_codegen::types::Types;

use super::anonymise::Anonymiser;
use super::{mask, wide};

fn types() -> Types {
    Types {
        api: "v1.0.0".to_owned(),
        shapes: Vec::new(),
        methods: BTreeMap::new(),
        events: BTreeMap::new(),
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(&wide::mark(text)).unwrap()
}

fn written(value: &Value) -> String {
    serde_json::to_string(&wide::Exact(value)).unwrap()
}

fn anonymised(mut value: Value) -> Value {
    let (types, mut anonymiser) = (types(), Anonymiser::default());
    anonymiser.learn(&types, None, &mut value);
    anonymiser.apply(&types, None, &mut value);
    value
}

#[test]
fn a_masked_integer_is_a_text() {
    let mut value = parse(r#"{"key":18446744073709551616,"size":18446744073709551616}"#);
    mask::mask(&types(), None, &mut value);
    let expected = r#"{"key":"********","size":18446744073709551616}"#;
    assert_eq!(written(&value), expected);
}

#[test]
fn serial_numbers_are_replaced_and_stay_numbers() {
    let value = parse(
        r#"[
            {"serial":264419556852065524514670},
            {"serial":12741998},
            {"serial":"12741998"},
            {"serial":-5},
            {"zfs_guid":"10275963421856912345"},
            {"guid":{"parsed":10275963421856912345,"rawvalue":"10275963421856912345","source":"NONE"}},
            {"size":12741998},
            {"is_serial":true,"other_serial":null,"empty_serial":""}
        ]"#,
    );
    let expected = [
        r#"{"serial":100000000000000000000001}"#,
        r#"{"serial":10000002}"#,
        r#"{"serial":"10000002"}"#,
        r#"{"serial":13}"#,
        r#"{"zfs_guid":"10000000000000000004"}"#,
        r#"{"guid":{"parsed":10000000000000000004,"rawvalue":"10000000000000000004","source":"NONE"}}"#,
        r#"{"size":12741998}"#,
        r#"{"empty_serial":"","is_serial":true,"other_serial":null}"#,
    ];
    assert_eq!(
        written(&anonymised(value)),
        format!("[{}]", expected.join(","))
    );
}

#[test]
fn addresses_with_a_zone_are_replaced() {
    let value = json!({
        "address": "fe80::1ff:fe23:4567:890a%eth0",
        "same": "fe80::1ff:fe23:4567:890a",
        "with_port": "[fe80::1ff:fe23:4567:890a%eth0]:443",
        "nameserver": "fe80::1ff:fe23:4567:890a%eth0",
    });
    let expected = json!({
        "address": "2001:db8::1%eth0",
        "same": "2001:db8::1",
        "with_port": "[2001:db8::1%eth0]:443",
        "nameserver": "2001:db8::1%eth0",
    });
    assert_eq!(anonymised(value), expected);
}

#[test]
fn no_entry_is_lost_when_keys_are_replaced() {
    let mac = |number: u16| format!("52:54:00:00:{:02x}:{:02x}", number / 256, number % 256);
    let ipv4 = |number: u16| format!("10.1.{}.{}", number / 256, number % 256);
    let keys: [&dyn Fn(u16) -> String; 2] = [&mac, &ipv4];
    for key in keys {
        let entries: Map<String, Value> = (0..2000).map(|n| (key(n), json!(n))).collect();
        let after = anonymised(json!(entries));
        let after = after.as_object().unwrap();
        let values: BTreeSet<u64> = after
            .values()
            .map(|value| value.as_u64().unwrap())
            .collect();
        assert_eq!(values.len(), 2000);
        assert!(after.keys().all(|key| !entries.contains_key(key)));
        // As addresses, and not told apart by a number behind them.
        assert!(after.keys().all(|key| !key.contains(' ')));
    }
}

#[test]
fn keys_that_become_the_same_are_told_apart() {
    let certificate = |text: &str| format!("-----BEGIN X-----\n{text}\n-----END X-----\n");
    let mut entries = Map::new();
    for text in ["a", "b", "c"] {
        entries.insert(certificate(text), json!(text));
    }
    entries.insert("name".to_owned(), json!("alice"));
    entries.insert("alice".to_owned(), json!(1));
    entries.insert("name1".to_owned(), json!(2));
    let after = anonymised(json!(entries));
    assert_eq!(after.as_object().unwrap().len(), entries.len(), "{after}");
}

//! What callers with fewer rights see in the place of secrets.

use serde_json::{Value, json};
use truenas_simulator::engine::Schemas;

use crate::system::System;

const HIDDEN: &str = "********";

fn redacted(system: &System, method: &str, params: Value) -> Value {
    let (clear, _) = system.call_with_updates(method, params);
    system
        .engine
        .redacted(&system.catalog, method, clear.unwrap())
}

fn every_version() -> Vec<System> {
    let schemas = Schemas::embedded().unwrap();
    schemas
        .iter()
        .map(|version| System::new(&version.api))
        .collect()
}

#[test]
fn marked_values_are_hidden_in_every_version_whatever_their_type() {
    for system in every_version() {
        let user = &redacted(&system, "user.query", json!([]))[0];
        assert_eq!(user["unixhash"], HIDDEN);
        assert_ne!(user["username"], HIDDEN);
        let general = redacted(&system, "system.general.config", json!([]));
        assert_eq!(general["ui_certificate"], HIDDEN);
        let mail = redacted(&system, "mail.config", json!([]));
        // Null as well.
        assert_eq!(
            (&mail["pass"], &mail["oauth"]),
            (&json!(HIDDEN), &json!(HIDDEN))
        );
        let certificate = &redacted(&system, "certificate.query", json!([]))[0];
        assert_eq!(certificate["privatekey"], HIDDEN);
        assert_ne!(certificate["certificate"], HIDDEN);
    }
}

#[test]
fn what_holds_secrets_is_hidden_as_a_whole_and_what_is_beside_them_stays() {
    for system in every_version() {
        let pair = json!([{"name": "pair", "type": "SSH_KEY_PAIR", "attributes": {
            "private_key": "-----BEGIN OPENSSH PRIVATE KEY-----", "public_key": "ssh-ed25519 AAAA"}}]);
        let created = redacted(&system, "keychaincredential.create", pair);
        assert_eq!(
            (&created["name"], &created["attributes"]),
            (&json!("pair"), &json!(HIDDEN))
        );
        let box_ = json!([{"name": "box", "provider": {
            "type": "S3", "access_key_id": "a", "secret_access_key": "hush", "region": "eu"}}]);
        system.call("cloudsync.credentials.create", box_);
        let name = json!([[["name", "=", "box"]]]);
        let entry = redacted(&system, "cloudsync.credentials.query", name);
        let provider = &entry[0]["provider"];
        assert_eq!(
            (&provider["type"], &provider["endpoint"]),
            (&json!("S3"), &json!(""))
        );
        assert_eq!(
            (&provider["secret_access_key"], &provider["region"]),
            (&json!(HIDDEN), &json!(HIDDEN))
        );
        // Nobody gave these, so the server fills in their defaults.
        assert_eq!(
            (&provider["skip_region"], &provider["max_upload_parts"]),
            (&json!(false), &json!(10000))
        );
    }
}

#[test]
fn a_selected_key_is_hidden_and_a_count_is_not() {
    let system = System::new("v25.10.5");
    let select = json!([[["id", "=", 1]], {"select": ["id", "unixhash"], "get": true}]);
    let selected = redacted(&system, "user.query", select);
    assert_eq!(selected, json!({"id": 1, "unixhash": HIDDEN}));
    let count = redacted(&system, "user.query", json!([[], {"count": true}]));
    assert!(count.is_u64());
    // Filters see the clear value.
    let known = system.call("user.query", json!([]))[0]["unixhash"].clone();
    let found = json!([[["unixhash", "=", known]], {"count": true}]);
    assert_ne!(redacted(&system, "user.query", found), 0);
}

#[test]
fn v25_04_shows_what_its_older_services_create_and_update() {
    let params = json!([{"name": "le", "create_type": "CERTIFICATE_CREATE_IMPORTED",
        "certificate": "-----BEGIN CERTIFICATE-----", "privatekey": "-----BEGIN PRIVATE KEY-----"}]);
    let old = System::new("v25.04.2");
    let created = redacted(&old, "certificate.create", params.clone());
    assert_eq!(created["privatekey"], "-----BEGIN PRIVATE KEY-----");
    let queried = redacted(
        &old,
        "certificate.query",
        json!([[["id", "=", created["id"]]]]),
    );
    assert_eq!(queried[0]["privatekey"], HIDDEN);
    let new = System::new("v25.10.5");
    let created = redacted(&new, "certificate.create", params);
    assert_eq!(created["privatekey"], HIDDEN);
}

#[test]
fn whole_results_and_arguments_of_jobs_are_hidden() {
    let system = System::new("v25.10.5");
    let key = redacted(&system, "system.advanced.sed_global_password", json!([]));
    assert_eq!(key, HIDDEN);
    let options = json!({"datasets": [{"name": "tank/home", "passphrase": "hush"}]});
    let arguments = [json!("tank/home"), options];
    let hidden = system
        .engine
        .redacted_arguments("pool.dataset.unlock", &arguments);
    assert_eq!(hidden[0], "tank/home");
    assert_eq!(hidden[1]["datasets"][0]["name"], "tank/home");
    assert_eq!(hidden[1]["datasets"][0]["passphrase"], HIDDEN);
}

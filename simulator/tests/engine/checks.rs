//! Parameters are checked as the server checks them.

use serde_json::{Value, json};

use crate::system::System;

/// The attributes that are complained about, in order.
fn attributes(system: &System, method: &str, params: Value) -> Vec<String> {
    let error = system.error(method, params);
    assert_eq!(error["code"], -32602, "{error}");
    let places = error["data"]["extra"].as_array().unwrap().iter();
    places
        .map(|place| place[0].as_str().unwrap().to_owned())
        .collect()
}

fn checked(system: &System, method: &str, params: Value) -> Value {
    let params = params.as_array().unwrap().clone();
    system
        .engine
        .check(&system.catalog, method, params)
        .unwrap()
        .into()
}

#[test]
fn what_was_left_out_is_filled_in_at_every_depth() {
    let system = System::new("v25.10.5");
    assert_eq!(
        checked(
            &system,
            "cronjob.create",
            json!([{"user": "root", "command": "x", "schedule": {"hour": "5"}}])
        ),
        json!([{
            "command": "x", "description": "", "enabled": true, "stderr": false, "stdout": true, "user": "root",
            "schedule": {"dom": "*", "dow": "*", "hour": "5", "minute": "00", "month": "*"},
        }])
    );
    let query = checked(&system, "cronjob.query", json!([]));
    assert_eq!(query[0], json!([]));
    assert_eq!(query[1]["limit"], 0);
    assert_eq!(
        checked(&system, "cronjob.update", json!([1, {}])),
        json!([1, {}]),
        "an update leaves alone"
    );
}

#[test]
fn a_choice_is_checked_by_its_tag() {
    let system = System::new("v25.10.5");
    let create = |provider: Value| json!([{"name": "s3", "provider": provider}]);
    let attributes =
        |provider| attributes(&system, "cloudsync.credentials.create", create(provider));
    let root = "cloud_sync_credentials_create.provider";
    assert_eq!(attributes(json!({"type": "S4"})), [root]);
    assert_eq!(attributes(json!({})), [root]);
    assert_eq!(attributes(json!(5)), [root]);
    assert_eq!(
        attributes(json!({"type": "S3", "access_key_id": 4, "region": null, "what": 1})),
        ["access_key_id", "region", "secret_access_key", "what"]
            .map(|key| format!("{root}.S3.{key}"))
    );
}

#[test]
fn a_choice_without_a_tag_tells_of_each_case() {
    let system = System::new("v25.10.5");
    let email =
        json!([{"username": "x", "full_name": "X", "group": 1, "password": "p", "email": 5}]);
    assert_eq!(
        attributes(&system, "user.create", email),
        ["user_create.email"],
        "null is no case of its own"
    );
    let cases = attributes(&system, "service.update", json!([null, {"enable": true}]));
    assert_eq!(cases, ["id_or_name.int", "id_or_name.str"]);
}

#[test]
fn texts_end_somewhere() {
    let system = System::new("v25.10.5");
    let long = "x".repeat(1025);
    let job = json!([{"user": long, "command": "x"}]);
    assert_eq!(attributes(&system, "cronjob.create", job), ["data.user"]);
    let job = json!([{"user": "x".repeat(1024), "command": "x"}]);
    system.call("cronjob.create", job);
    let certificate = json!([{"create_type": "CERTIFICATE_CREATE_IMPORTED", "name": "c",
        "certificate": long, "privatekey": long}]);
    system.call("certificate.create", certificate);
}

#[test]
fn several_parameters_come_in_their_order() {
    let system = System::new("v25.10.5");
    assert_eq!(
        attributes(&system, "cronjob.update", json!([])),
        ["id", "data"]
    );
    assert_eq!(
        attributes(&system, "cronjob.update", json!(["1", {"a": 1}])),
        ["id", "data.a"]
    );
    assert_eq!(
        attributes(&system, "cronjob.update", json!([1, {}, 2, 3])),
        [""]
    );
}

#[test]
fn filters_are_checked_before_anything_is_asked_for() {
    let system = System::new("v25.10.5");
    assert_eq!(
        attributes(&system, "cronjob.query", json!([[["id", "~~", 1]]])),
        ["filters"]
    );
    assert_eq!(
        attributes(&system, "cronjob.query", json!([[], {"limit": 20000}])),
        ["options"]
    );
    assert_eq!(
        attributes(&system, "cronjob.query", json!([[], {"no": 1}])),
        ["options.no"]
    );
}

#[test]
fn extended_json_is_taken() {
    let system = System::new("v25.10.5");
    let key =
        json!([{"name": "k", "username": "root", "expires_at": {"$date": 1_900_000_000_000_i64}}]);
    assert_eq!(checked(&system, "api_key.create", key.clone())[0], key[0]);
    let text = json!([{"name": "k", "username": "root", "expires_at": "2030-01-01"}]);
    assert_eq!(
        attributes(&system, "api_key.create", text),
        ["api_key_create.expires_at"]
    );
    let sets = json!([{"paths": {"$set": ["tank"]}}]);
    assert_eq!(
        checked(&system, "zfs.resource.query", sets)[0]["paths"],
        json!(["tank"])
    );
}

#[test]
fn what_a_subscription_is_given() {
    let system = System::new("v25.10.5");
    let check = |arguments| {
        system
            .catalog
            .check_arguments("reporting.realtime", arguments)
    };
    let failure = check(json!({"interval": 0})).unwrap_err();
    assert_eq!(failure.extra[0][0], "interval");
    assert_eq!(
        failure.extra[0][1],
        "Input should be greater than or equal to 2"
    );
    assert_eq!(check(json!({})).unwrap(), json!({"interval": 2}));
}

//! What was recorded of a real system gives the same codes and shapes here.

use serde_json::{Value, json};

use crate::system::System;

/// The code, the errno and the attributes of an error.
fn facts(error: &Value) -> (i64, i64, Vec<Value>) {
    let data = &error["data"];
    let extra = data["extra"].as_array().cloned().unwrap_or_default();
    let attributes = extra.iter().map(|each| each[0].clone()).collect();
    (
        error["code"].as_i64().unwrap(),
        data["error"].as_i64().unwrap_or_default(),
        attributes,
    )
}

#[test]
fn parameters_that_are_not_valid() {
    let system = System::new("v25.10.5");
    for (method, params, attributes) in [
        (
            "cronjob.create",
            json!([{"user": "root", "command": "x", "nope": 1}]),
            json!(["data.nope"]),
        ),
        (
            "cronjob.create",
            json!([{}]),
            json!(["data.command", "data.user"]),
        ),
        (
            "cronjob.create",
            json!([{"user": "root", "command": 5}]),
            json!(["data.command"]),
        ),
        ("core.ping", json!([1]), json!([""])),
        (
            "initshutdownscript.create",
            json!([{"type": "NOPE", "command": "x", "when": "POSTINIT"}]),
            json!(["data.type"]),
        ),
        (
            "ssh.update",
            json!([{"tcpport": 70000}]),
            json!(["data.tcpport"]),
        ),
        (
            "cronjob.create",
            json!([{"user": "root", "command": "x", "schedule": {"hour": 7, "never": 1}}]),
            json!(["data.schedule.hour", "data.schedule.never"]),
        ),
    ] {
        let error = system.error(method, params);
        let attributes = attributes.as_array().unwrap().clone();
        assert_eq!(facts(&error), (-32602, 22, attributes), "{method}: {error}");
        assert_eq!(error["data"]["trace"]["class"], "ValidationErrors");
    }
}

#[test]
fn a_reason_lists_all_that_is_wrong() {
    let system = System::new("v25.10.5");
    let error = system.error("cronjob.create", json!([{}]));
    assert_eq!(
        error["data"]["reason"],
        "[EINVAL] data.command: Field required\n[EINVAL] data.user: Field required\n"
    );
    assert_eq!(
        error["data"]["extra"][0],
        json!(["data.command", "Field required", 22])
    );
}

#[test]
fn methods_that_are_not_there() {
    let system = System::dialled("v25.10.5", "v25.04.0");
    let error = system.error("service.control", json!(["START", "ssh"]));
    assert_eq!(facts(&error), (-32001, 201, vec![]));
    assert_eq!(error["data"]["errname"], "ENOMETHOD");
    let error = system.error("no.such", json!([]));
    assert_eq!(facts(&error), (-32601, 0, vec![]));
    assert_eq!(error.get("data"), None);
}

//! The tool as it is called.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

fn start() -> Child {
    Command::new(env!("CARGO_BIN_EXE_truenas-conformance"))
        .arg("roundtrip")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The answers to these lines.
fn roundtrip(input: &str) -> Vec<Value> {
    let mut tool = start();
    let mut stdin = tool.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = tool.wait_with_output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let lines = output.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn one(line: &Value) -> Value {
    let mut answers = roundtrip(&format!("{line}\n"));
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn error(line: &Value) -> String {
    let answer = one(line);
    assert_eq!(answer["ok"], false);
    answer["error"].as_str().unwrap().to_owned()
}

#[test]
fn parameters_come_back() {
    let value = json!([{"name": "tank/a", "type": "FILESYSTEM", "comments": "for a"}]);
    let line = json!({
        "api": "v25.10.5", "kind": "params", "name": "pool.dataset.create", "value": value,
    });
    assert_eq!(one(&line), json!({"ok": true, "value": value}));
}

#[test]
fn results_and_events_come_back() {
    let answers = roundtrip(concat!(
        r#"{"api":"v25.10.5","kind":"result","name":"core.ping","value":"pong"}"#,
        "\n",
        r#"{"api":"v25.10.5","kind":"event","name":"pool.dataset.query","event":"REMOVED","value":{"id":"tank"}}"#,
        "\n",
        r#"{"api":"v25.10.5","kind":"event","name":"reporting.realtime","event":"Subscription parameters","value":{"interval":5}}"#,
    ));
    assert_eq!(
        answers,
        [
            json!({"ok": true, "value": "pong"}),
            json!({"ok": true, "value": {"id": "tank"}}),
            json!({"ok": true, "value": {"interval": 5}}),
        ]
    );
}

/// Returns the outcome for the answer to a query with these parameters.
fn queried(name: &str, params: &Value, value: &Value) -> Value {
    let mut line = json!({"api": "v25.10.5", "kind": "result", "name": name, "value": value});
    if !params.is_null() {
        line["params"] = params.clone();
    }
    one(&line)
}

#[test]
fn entries_of_a_query_must_be_whole() {
    let select = json!([[], {"select": ["id"]}]);
    let nothing = json!([[], {"select": [], "limit": 5}]);
    let rows = json!([{"id": 1}]);
    for params in [Value::Null, json!([]), json!([[], {}]), nothing] {
        for (value, error) in [
            (json!([{}]), "at `$[0]`: missing key `"),
            (rows.clone(), "at `$[0]`: missing key `"),
            (json!([7]), "at `$[0]`: expected object, found integer"),
            (json!({}), "at `$`: missing key `"),
        ] {
            let answer = queried("user.query", &params, &value);
            let found = answer["error"].as_str().unwrap();
            assert!(found.starts_with(error), "{found}");
        }
        for value in [json!([]), json!(12)] {
            let answer = queried("user.query", &params, &value);
            assert_eq!(answer, json!({"ok": true, "value": value}));
        }
    }
    let answer = queried("user.query", &select, &rows);
    assert_eq!(answer, json!({"ok": true, "value": rows}));
}

#[test]
fn a_query_with_other_parameters_takes_any_rows() {
    for value in [json!([{"username": "root"}]), json!(3)] {
        let params = json!([{"query-options": {"select": ["username"]}}]);
        assert_eq!(queried("audit.query", &params, &value)["ok"], true);
    }
}

#[test]
fn integers_keep_their_digits() {
    let line = r#"{"api":"v25.10.5","kind":"params","name":"core.bulk","value":["a",[[18446744073709551616]]]}"#;
    assert_eq!(
        roundtrip(line),
        [json!({"ok": true, "value": ["a", [["18446744073709551616"]]]})]
    );
}

#[test]
fn a_version_has_several_names() {
    for api in ["v25.10.2", "v25.10.3", "v25.10.4"] {
        let line = json!({"api": api, "kind": "params", "name": "core.ping", "value": []});
        assert_eq!(one(&line), json!({"ok": true, "value": []}));
    }
}

#[test]
fn a_value_that_does_not_fit() {
    let line = json!({"api": "v25.10.5", "kind": "result", "name": "core.ping", "value": 1});
    assert_eq!(error(&line), "at `$`: expected string, found integer");
}

#[test]
fn what_there_is_not() {
    let line = |api: &str, kind: &str, name: &str| json!({"api": api, "kind": kind, "name": name, "event": "ADDED", "value": null});
    assert_eq!(
        error(&line("v25.10.5", "params", "pool.explode")),
        "line 1: v25.10.5 has no method `pool.explode`"
    );
    assert_eq!(
        error(&line("v25.10.5", "event", "pool.explode")),
        "line 1: v25.10.5 has no event `pool.explode`"
    );
    let unknown = error(&line("v1", "params", "core.ping"));
    assert!(unknown.starts_with("line 1: no API version `v1`; there are v25.04.0, "));
}

#[test]
fn a_bad_line_is_not_the_end() {
    let answers = roundtrip(concat!(
        "{\"api\": \n",
        "\n",
        r#"{"api":"v25.10.5","kind":"event","name":"alert.list","value":null}"#,
        "\n",
        r#"{"api":"v25.10.5","kind":"answer","name":"core.ping","value":null}"#,
        "\n",
        r#"{"api":"v25.10.5","kind":"result","name":"core.ping"}"#,
        "\n",
        r#"{"api":"v25.10.5","kind":"result","name":"core.ping","value":"pong"}"#,
        "\n",
    ));
    let errors: Vec<Option<&str>> = answers
        .iter()
        .map(|answer| answer["error"].as_str())
        .collect();
    assert_eq!(
        errors,
        [
            Some("line 1: not JSON at column 0: EOF while parsing a value"),
            Some("line 2: not JSON at column 0: EOF while parsing a value"),
            Some(
                "line 3: missing field `event`: `ADDED`, `CHANGED`, `REMOVED` or `Subscription parameters`"
            ),
            Some("line 4: unknown variant `answer`, expected one of `params`, `result`, `event`"),
            Some("line 5: missing field `value`"),
            None,
        ]
    );
}

#[test]
fn a_line_is_answered_before_the_next_is_there() {
    let mut tool = start();
    let mut stdin = tool.stdin.take().unwrap();
    let mut stdout = BufReader::new(tool.stdout.take().unwrap());
    for _ in 0..2 {
        let line = r#"{"api":"v25.10.5","kind":"result","name":"core.ping","value":"pong"}"#;
        writeln!(stdin, "{line}").unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        assert_eq!(answer, "{\"ok\":true,\"value\":\"pong\"}\n");
    }
    drop(stdin);
    assert!(tool.wait().unwrap().success());
}

#[test]
fn a_line_may_be_long() {
    let value = json!([{"name": "tank/a", "comments": "x".repeat(4 << 20)}]);
    let line = json!({
        "api": "v25.10.5", "kind": "params", "name": "pool.dataset.create", "value": value,
    });
    assert_eq!(one(&line)["value"], value);
}

//! What a real 25.10.6 was asked and how it answered, over its unix socket:
//! codes, shapes, and the order in which things came. `recorded.jsonl` holds a
//! case a line; of texts, ids and times it only says that they were there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![cfg(unix)]

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::Client;
use tokio::net::UnixStream;
use tokio_tungstenite::tungstenite::Message;
use truenas_simulator::Simulator;

/// What is compared by its value and not by its type.
const LITERAL: [&str; 7] = [
    "state",
    "percent",
    "msg",
    "collection",
    "method",
    "transient",
    "abortable",
];

/// The types in a value.
fn shape(value: &Value, key: &str) -> Value {
    match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) if LITERAL.contains(&key) => {
            json!({"is": value})
        }
        Value::Null => json!("null"),
        Value::Bool(_) => json!("boolean"),
        Value::Number(number) if number.is_f64() => json!("number"),
        Value::Number(_) => json!("integer"),
        Value::String(_) => json!("string"),
        Value::Array(items) => items.iter().take(1).map(|item| shape(item, "")).collect(),
        Value::Object(object) => {
            let keys = object.iter();
            let keys = keys.map(|(key, value)| (key.clone(), shape(value, key)));
            Value::Object(keys.collect())
        }
    }
}

/// The attributes and errnos of a validation's errors.
fn extra(extra: &Value) -> Value {
    match extra.as_array() {
        Some(errors) => errors
            .iter()
            .map(|error| json!([error[0], error[2]]))
            .collect(),
        None => Value::Null,
    }
}

/// A message as the cases describe it.
fn describe(message: &Value) -> Value {
    let params = &message["params"];
    match message["method"].as_str() {
        Some("collection_update") => json!({"update": shape(params, "")}),
        Some("notify_unsubscribed") => json!({
            "unsubscribed": params["collection"],
            "errno": params["error"]["error"],
            "errname": params["error"]["errname"],
            "trace": params["error"]["trace"],
            "extra": extra(&params["error"]["extra"]),
        }),
        _ => match (message.get("error"), message.get("result")) {
            (Some(error), None) => {
                let mut described = json!({"code": error["code"]});
                if let Some(data) = error.get("data") {
                    described["errno"] = data["error"].clone();
                    described["errname"] = data["errname"].clone();
                    described["class"] = data["trace"]["class"].clone();
                    described["extra"] = extra(&data["extra"]);
                }
                json!({"id": message["id"], "error": described})
            }
            (None, Some(result)) => json!({"id": message["id"], "result": shape(result, "")}),
            _ => panic!("neither a result nor an error: {message}"),
        },
    }
}

#[derive(serde::Deserialize)]
struct Case {
    case: String,
    endpoint: String,
    sent: Vec<Value>,
    received: Vec<Value>,
    /// Whether results may have keys beside those recorded: the system that
    /// was asked had no hardware to tell of.
    #[serde(default)]
    and_more: bool,
}

/// Takes away the keys of a result that were not recorded.
fn only_recorded(received: &mut [Value], expected: &[Value]) {
    for (received, expected) in received.iter_mut().zip(expected) {
        if let (Some(received), Some(expected)) = (
            received["result"].as_object_mut(),
            expected["result"].as_object(),
        ) {
            received.retain(|key, _| expected.contains_key(key));
        }
    }
}

async fn replay(client: &mut Client, case: &Case) -> Vec<Value> {
    let mut received = Vec::new();
    for message in &case.sent {
        let text = match (
            message.get("text"),
            message.get("length").and_then(Value::as_u64),
        ) {
            (Some(Value::String(text)), _) => text.clone(),
            (_, Some(length)) => "x".repeat(length.try_into().unwrap()),
            _ => message.to_string(),
        };
        client.send(text).await;
        // Each was answered before the next was sent.
        let expected = &case.received[received.len()..];
        let reply = expected
            .iter()
            .position(|message| message.get("update").is_none());
        let reply = reply.map_or(expected.len(), |at| at + 1);
        let last = message == case.sent.last().unwrap();
        for _ in 0..if last { expected.len() } else { reply } {
            received.push(match client.message().await {
                Message::Text(text) => describe(&serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => json!({"closed": u16::from(frame.unwrap().code)}),
                other => panic!("{other:?}"),
            });
        }
    }
    received
}

#[tokio::test]
async fn each_recorded_exchange_has_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sock");
    let builder = Simulator::builder().api("v25.10.5").unix_socket(&path);
    let _simulator = builder.start().await.unwrap();
    // The system that was asked had one cron job.
    let stream = UnixStream::connect(&path).await.unwrap();
    let mut client = Client::over(stream, "/api/current").await;
    let first = json!([{"user": "root", "command": "true"}]);
    client.call("cronjob.create", first).await.unwrap();
    let cases = include_str!("recorded.jsonl").lines();
    let cases = cases.map(|line| serde_json::from_str::<Case>(line).unwrap());
    let mut failed = BTreeMap::new();
    let mut count = 0;
    for case in cases {
        let stream = UnixStream::connect(&path).await.unwrap();
        let mut client = Client::over(stream, &case.endpoint).await;
        let mut received = replay(&mut client, &case).await;
        if case.and_more {
            only_recorded(&mut received, &case.received);
        }
        if received != case.received {
            failed.insert(case.case.clone(), (received, case.received));
        }
        count += 1;
    }
    println!("{count} exchanges replayed");
    for (case, (received, expected)) in &failed {
        println!(
            "{case}\n  received {}\n  expected {}",
            json!(received),
            json!(expected)
        );
    }
    assert_eq!((count, failed.keys().collect::<Vec<_>>()), (49, Vec::new()));
}

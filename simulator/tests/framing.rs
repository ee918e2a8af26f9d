//! What is a request, and what the server says of anything else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use serde_json::{Value, json};
use support::{Client, start};

/// Sends a text and answers what comes back.
async fn say(client: &mut Client, text: &str) -> Value {
    client.send(text).await;
    client.next().await
}

#[tokio::test]
async fn an_id_comes_back_as_it_was_sent() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    for id in [json!(0), json!(null), json!("a"), json!(-7)] {
        let request = json!({"jsonrpc": "2.0", "id": id, "method": "core.ping"});
        let reply = say(&mut client, &request.to_string()).await;
        assert_eq!(reply, json!({"jsonrpc": "2.0", "id": id, "result": "pong"}));
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_the_connection_lives() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    for (text, id, code) in [
        (r#"{"jsonrpc":"#, json!(null), -32700),
        (
            r#"[{"jsonrpc": "2.0", "id": 1, "method": "core.ping"}]"#,
            json!(null),
            -32700,
        ),
        ("5", json!(null), -32600),
        (
            r#"{"jsonrpc": "2.0", "id": 1.5, "method": "core.ping"}"#,
            json!(1.5),
            -32600,
        ),
        (
            r#"{"jsonrpc": "2.0", "id": 2, "method": "core.ping", "params": {}}"#,
            json!(2),
            -32600,
        ),
        (
            r#"{"jsonrpc": "1.0", "id": 3, "method": "core.ping"}"#,
            json!(3),
            -32600,
        ),
        (
            r#"{"jsonrpc": "2.0", "id": 4, "method": 7}"#,
            json!(4),
            -32600,
        ),
        (
            r#"{"jsonrpc": "2.0", "id": 5, "method": "no.such"}"#,
            json!(5),
            -32601,
        ),
        (
            r#"{"jsonrpc": "2.0", "id": 6, "method": "core.ping", "params": [{"$date": "now"}]}"#,
            json!(null),
            -32700,
        ),
    ] {
        let reply = say(&mut client, text).await;
        assert_eq!(
            (&reply["id"], &reply["error"]["code"]),
            (&id, &json!(code)),
            "{text}"
        );
        assert_eq!(reply["error"].get("data"), None, "{text}");
    }
    assert_eq!(client.call("core.ping", json!([])).await, Ok(json!("pong")));
}

#[tokio::test]
async fn a_notification_is_never_answered() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    client
        .send(r#"{"jsonrpc": "2.0", "method": "core.ping"}"#)
        .await;
    client
        .send(r#"{"jsonrpc": "2.0", "method": "no.such"}"#)
        .await;
    client
        .send(r#"{"jsonrpc": "2.0", "method": "core.ping", "params": 5}"#)
        .await;
    let reply = say(
        &mut client,
        r#"{"jsonrpc": "2.0", "id": "last", "method": "core.ping"}"#,
    )
    .await;
    assert_eq!(reply["id"], "last");
}

#[tokio::test]
async fn serial_numbers_of_certificates_have_all_their_digits() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    for (method, params) in [
        ("certificate.query", json!([[["name", "=", "imported"]]])),
        ("certificate.get_instance", json!([4])),
    ] {
        client.request(method, params).await;
        let message = client.message().await.into_text().unwrap();
        // As text, since no number of `serde_json` holds it.
        let serial = "\"serial\":1208925819614629174706176123456789012345678901234,";
        assert!(message.contains(serial), "{message}");
    }
}

//! Whatever the bytes, the simulator stays up.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use futures_util::SinkExt;
use serde_json::json;
use support::{Client, start};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn any_bytes_on_a_connection_harm_nobody_else() {
    let simulator = start("v25.10.5").await;
    let mut chance = fastrand::Rng::with_seed(1);
    let hello = b"GET /api/current HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    for round in 0..300 {
        let length = chance.usize(..2000);
        let noise: Vec<u8> = (0..length).map(|_| chance.u8(..)).collect();
        let sent = match round % 3 {
            0 => noise,
            1 => [hello.as_slice(), &noise].concat(),
            // Frames that begin well.
            _ => [hello.as_slice(), &[0x81, 0xfe], &noise].concat(),
        };
        let mut stream = simulator.connect();
        let _ = stream.write_all(&sent).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
    }
    let mut client = Client::logged_in(&simulator).await;
    assert_eq!(client.call("core.ping", json!([])).await, Ok(json!("pong")));
    assert_eq!(simulator.stats().open, 1);
}

#[tokio::test]
async fn json_that_no_client_would_send_is_answered() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    for text in [
        deep.as_str(),
        r#"{"a": 1e999}"#,
        r#""\ud800""#,
        "\u{0}",
        "NaN",
        r#"{"jsonrpc": "2.0", "id": 99999999999999999999999999, "method": "core.ping"}"#,
    ] {
        client.send(text).await;
        assert!(client.next().await["error"]["code"].is_i64(), "{text:.40}");
    }
    assert_eq!(client.call("core.ping", json!([])).await, Ok(json!("pong")));
}

#[tokio::test]
async fn what_is_nobodys_message_is_no_harm() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    for message in [
        Message::Ping(vec![0; 125].into()),
        Message::Pong(vec![1].into()),
    ] {
        client.socket.send(message).await.unwrap();
    }
    assert!(matches!(client.message().await, Message::Pong(_)));
    assert_eq!(client.call("core.ping", json!([])).await, Ok(json!("pong")));
}

#[tokio::test]
async fn a_connection_keeps_only_so_many_subscriptions() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    for _ in 0..1000 {
        client
            .call("core.subscribe", json!(["no.such"]))
            .await
            .unwrap();
    }
    let error = client
        .call("core.subscribe", json!(["no.such"]))
        .await
        .unwrap_err();
    assert_eq!(error["data"]["errname"], "EBUSY");
}

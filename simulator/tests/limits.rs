//! How much a client may say, how fast, and how long it may be silent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::time::Duration;

use futures_util::SinkExt;
use serde_json::json;
use support::{Client, start};
use tokio_tungstenite::tungstenite::Message;
use truenas_simulator::{Fault, FaultKind, Simulator};

#[tokio::test]
async fn before_a_login_messages_are_short() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    client.send("x".repeat(8193)).await;
    assert_eq!(client.closed().await, Some(1007));
}

#[tokio::test]
async fn what_counts_is_characters_and_not_bytes() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    client.send("ä".repeat(8192)).await;
    assert_eq!(client.next().await["error"]["code"], -32700);
}

#[tokio::test]
async fn after_a_login_messages_may_be_longer_and_files_longer_still() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let file = json!(["/mnt/tank/a", "A".repeat(1 << 20), {}]);
    // It is private, and so no method to us; but its message is taken.
    let error = client
        .call("filesystem.file_receive", file)
        .await
        .unwrap_err();
    assert_eq!(error["code"], -32601);
    client.send("x".repeat(65_536)).await;
    assert_eq!(client.next().await["error"]["code"], -32700);
    client.send("x".repeat(65_537)).await;
    assert_eq!(client.closed().await, Some(1009));
}

#[tokio::test]
async fn only_text_is_understood() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    client
        .socket
        .send(Message::binary(vec![1, 2, 3]))
        .await
        .unwrap();
    assert_eq!(client.closed().await, Some(1003));
}

#[tokio::test]
async fn ten_calls_run_ten_wait_and_the_next_is_refused() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let delay = FaultKind::Delay(Duration::from_millis(300));
    simulator
        .faults()
        .add(Fault::new(delay).methods("core.ping"));
    let mut ids = Vec::new();
    for _ in 0..21 {
        ids.push(client.request("core.ping", json!([])).await);
    }
    let first = client.next().await;
    assert_eq!(
        (&first["id"], &first["error"]["code"]),
        (&json!(ids[20]), &json!(-32000))
    );
    for id in &ids[..20] {
        assert_eq!(client.reply(*id).await, Ok(json!("pong")));
    }
}

// Ten minutes pass in no time: the clock is Tokio's own, and jumps.
#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_cut_and_one_that_pings_is_not() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_secs(50)).await;
        client
            .socket
            .send(Message::Ping(b"still here".to_vec().into()))
            .await
            .unwrap();
        assert!(matches!(client.message().await, Message::Pong(_)));
    }
    let before = tokio::time::Instant::now();
    let message = futures_util::StreamExt::next(&mut client.socket).await;
    assert!(!matches!(message, Some(Ok(_))), "cut without a word");
    assert_eq!(before.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn what_is_never_to_end_does_not() {
    let simulator = Simulator::builder()
        .api("v25.10.5")
        .session_lifetime(Duration::MAX)
        .idle_timeout(Duration::MAX)
        .job_duration(Duration::MAX)
        .start()
        .await
        .unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let job = client
        .call("pool.scrub.scrub", json!(["tank"]))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(100 * 24 * 60 * 60)).await;
    let jobs = json!([[["id", "=", job]], {"get": true, "select": ["state"]}]);
    assert_eq!(
        client.call("core.get_jobs", jobs).await,
        Ok(json!({"state": "RUNNING"}))
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_login_a_method_can_be_called_twenty_times_a_minute() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    for _ in 0..20 {
        assert_eq!(client.call("core.ping", json!([])).await, Ok(json!("pong")));
    }
    let error = client.call("core.ping", json!([])).await.unwrap_err();
    assert_eq!(
        (&error["code"], &error["data"]["error"]),
        (&json!(-32001), &json!(16))
    );
    assert_eq!(error["data"]["errname"], "EBUSY");
    // Another method has a count of its own, and this one has none.
    client.call("system.boot_id", json!([])).await.unwrap();
    for _ in 0..30 {
        client.call("core.set_options", json!([{}])).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(40)).await;
    client.call("core.set_options", json!([{}])).await.unwrap();
    tokio::time::sleep(Duration::from_secs(21)).await;
    assert_eq!(client.call("core.ping", json!([])).await, Ok(json!("pong")));
}

#[tokio::test]
async fn long_replies_come_in_many_frames() {
    let simulator = Simulator::builder().api("v25.10.5").start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let methods = client.call("core.get_methods", json!([])).await.unwrap();
    assert!(methods.to_string().len() > 1 << 20);
}

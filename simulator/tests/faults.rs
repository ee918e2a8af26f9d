//! What goes wrong on demand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use serde_json::{Value, json};
use support::{Client, password, start};
use truenas_simulator::{Fault, Simulator};

async fn with(fault: &str) -> (Simulator, Client) {
    let simulator = start("v25.10.5").await;
    let client = Client::logged_in(&simulator).await;
    simulator.faults().add(fault.parse().unwrap());
    (simulator, client)
}

fn create(description: &str) -> Value {
    json!([{"user": "root", "command": "true", "description": description}])
}

async fn descriptions(simulator: &Simulator) -> Value {
    let mut client = Client::logged_in(simulator).await;
    let filter = json!([[["description", "^", "fault"]], {"count": true}]);
    client.call("cronjob.query", filter).await.unwrap()
}

#[tokio::test]
async fn a_connection_can_end_before_during_and_after() {
    for (fault, carried_out) in [
        ("drop-before-call@cronjob.*", 0),
        ("drop-before-reply@cronjob.*", 1),
        ("drop-during-reply@cronjob.*", 1),
        ("half-frame@cronjob.*", 1),
        ("close=1011@cronjob.create", 1),
    ] {
        let (simulator, mut client) = with(fault).await;
        client.request("cronjob.create", create("fault")).await;
        let code = client.closed().await;
        assert_eq!(code, fault.starts_with("close").then_some(1011), "{fault}");
        simulator.faults().clear();
        assert_eq!(descriptions(&simulator).await, carried_out, "{fault}");
    }
    let (_simulator, mut client) = with("drop-after-reply").await;
    client.call("core.ping", json!([])).await.unwrap();
    assert_eq!(client.closed().await, None);
}

#[tokio::test]
async fn replies_can_come_late_twice_and_out_of_order() {
    let (simulator, mut client) = with("reorder:x1").await;
    let first = client.request("core.ping", json!([])).await;
    let second = client.request("core.ping", json!([])).await;
    assert_eq!(client.next().await["id"], second);
    assert_eq!(client.next().await["id"], first);
    // Alone it still comes.
    simulator.faults().add("reorder:x1".parse().unwrap());
    assert_eq!(client.call("core.ping", json!([])).await, Ok(json!("pong")));
    simulator
        .faults()
        .add("duplicate-reply:x1".parse().unwrap());
    let id = client.request("core.ping", json!([])).await;
    assert_eq!(client.next().await["id"], id);
    assert_eq!(client.next().await["id"], id);
}

#[tokio::test]
async fn results_can_be_no_json_and_break_their_schema() {
    let (simulator, mut client) = with("nan-result:x1").await;
    client.request("system.info", json!([])).await;
    let text = client.message().await.into_text().unwrap();
    assert!(text.contains(":NaN") || text.contains("[NaN"), "{text}");
    let whole = client.call("system.info", json!([])).await.unwrap();
    simulator.faults().add("broken-result:x1".parse().unwrap());
    let broken = client.call("system.info", json!([])).await.unwrap();
    assert_eq!(broken["not_in_the_schema"], true);
    let keys = |value: &Value| value.as_object().unwrap().len();
    assert_eq!(keys(&broken), keys(&whole));
}

#[tokio::test]
async fn sessions_logins_and_the_system_can_fail() {
    let (simulator, mut client) = with("expire-session:x1@system.info").await;
    let error = client.call("system.info", json!([])).await.unwrap_err();
    assert_eq!(error["data"]["error"], 207);
    simulator.faults().add("refuse-login:x1".parse().unwrap());
    assert_eq!(
        client.log_in(password(&simulator)).await["response_type"],
        "AUTH_ERR"
    );
    assert_eq!(
        client.log_in(password(&simulator)).await["response_type"],
        "SUCCESS"
    );
    simulator
        .faults()
        .add("rate-limit:x1@pool.query".parse().unwrap());
    let error = client.call("pool.query", json!([])).await.unwrap_err();
    assert_eq!(error["data"]["errname"], "EBUSY");
    let boot_id = simulator.boot_id();
    simulator
        .faults()
        .add("restart:x1@core.ping".parse().unwrap());
    client.request("core.ping", json!([])).await;
    assert_eq!(client.closed().await, None);
    assert_ne!(simulator.boot_id(), boot_id);
}

#[tokio::test(start_paused = true)]
async fn a_server_can_stop_reading_for_a_time() {
    let (_simulator, mut client) = with("slow-reader=5s:x1").await;
    let began = tokio::time::Instant::now();
    client.call("core.ping", json!([])).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 5);
}

/// Which of forty calls a fault strikes.
async fn course(fault: &str) -> Vec<bool> {
    let (_simulator, mut client) = with(fault).await;
    let mut course = Vec::new();
    for _ in 0..40 {
        client.request("core.ping", json!([])).await;
        course.push(client.message().await.into_text().unwrap().contains("NaN"));
    }
    let struck = course.iter().filter(|struck| **struck).count();
    assert!((5..35).contains(&struck), "{struck} of 40");
    course
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed() {
    let one = course("nan-result:0.5").await;
    assert_eq!(one, course("nan-result:0.5").await);
    assert_ne!(one, course("nan-result:0.5:s8").await, "a seed of its own");
}

#[test]
fn a_fault_reads_as_it_is_written() {
    for text in [
        "delay=250ms",
        "reorder:0.5",
        "close=1011:x3@pool.*",
        "half-frame:0.25:x2@*.query",
        "reorder:0.5:s9@pool.*",
    ] {
        assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "delay",
        "delay=fast",
        "close=99",
        "reorder:2",
        "reorder:xx",
        "reorder:sx",
        "restart=1",
        "none",
    ] {
        let problem = text.parse::<Fault>().unwrap_err().to_string();
        assert!(problem.contains("drop-before-reply"), "{problem}");
    }
}

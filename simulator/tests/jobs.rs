//! Jobs: their ids, their course, their end, and what is heard of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{Client, start};
use truenas_simulator::{Fault, FaultKind, Simulator};

/// What the events say: kind, state and percent.
fn course(events: &[Value]) -> Value {
    let steps = events.iter().map(|event| {
        let params = &event["params"];
        let job = &params["fields"];
        json!([params["msg"], job["state"], job["progress"]["percent"]])
    });
    steps.collect()
}

async fn until_finished(client: &mut Client) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        events.push(client.notification().await);
        let job = &events[events.len() - 1]["params"]["fields"];
        if job["time_finished"] != Value::Null {
            return events;
        }
    }
}

#[tokio::test]
async fn a_job_answers_its_id_and_then_comes_forward() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    client
        .call("core.subscribe", json!(["core.get_jobs"]))
        .await
        .unwrap();
    let id = client.request("pool.scrub.scrub", json!(["tank"])).await;
    let added = client.next().await;
    assert_eq!(added["params"]["msg"], "added");
    assert_eq!(added["params"]["fields"]["message_ids"], json!([id]));
    assert_eq!(
        added["params"]["fields"]["credentials"]["type"],
        "LOGIN_PASSWORD"
    );
    let reply = client.next().await;
    assert_eq!(
        (&reply["id"], &reply["result"]),
        (&json!(id), &added["params"]["id"])
    );
    let events = until_finished(&mut client).await;
    let expected = json!([
        ["changed", "RUNNING", 0],
        ["changed", "RUNNING", 25],
        ["changed", "RUNNING", 50],
        ["changed", "RUNNING", 75],
        ["changed", "SUCCESS", 100],
    ]);
    assert_eq!(course(&events), expected);
    // The end is told twice.
    assert_eq!(client.notification().await, events[4]);
}

#[tokio::test]
async fn a_job_can_be_what_its_call_waits_for() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    client
        .call("core.set_options", json!([{"legacy_jobs": false}]))
        .await
        .unwrap();
    let result = client
        .call("core.bulk", json!(["core.ping", [[], [1]]]))
        .await
        .unwrap();
    assert_eq!(
        result[0],
        json!({"job_id": null, "error": null, "result": "pong"})
    );
    assert!(result[1]["error"].as_str().unwrap().starts_with("[EINVAL]"));
    let error = client
        .call("pool.dataset.lock", json!(["nope"]))
        .await
        .unwrap_err();
    assert_eq!(error["code"], -32602);
}

#[tokio::test]
async fn what_25_04_is_told_of_this_it_does_not_hear() {
    let simulator = start("v25.04.2").await;
    let mut client = Client::logged_in(&simulator).await;
    let options = client
        .call("core.set_options", json!([{"legacy_jobs": false}]))
        .await;
    assert_eq!(options, Ok(Value::Null));
    let id = client
        .call("core.bulk", json!(["core.ping", [[]]]))
        .await
        .unwrap();
    assert_eq!(id, 1);
    assert_eq!(client.job(&id).await.get("message_ids"), None);
}

#[tokio::test]
async fn a_job_that_is_aborted_says_so_only_in_its_state() {
    let builder = Simulator::builder()
        .api("v25.10.5")
        .job_duration(Duration::from_secs(600));
    let simulator = builder.start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let id = client
        .call("pool.scrub.scrub", json!(["tank"]))
        .await
        .unwrap();
    client.call("core.job_abort", json!([id])).await.unwrap();
    let job = client.job(&id).await;
    assert_eq!(
        (&job["state"], &job["result"], &job["error"]),
        (&json!("ABORTED"), &Value::Null, &Value::Null)
    );
    // Who waits for it hears of a success.
    client
        .call("core.set_options", json!([{"legacy_jobs": false}]))
        .await
        .unwrap();
    let waiting = client.request("pool.scrub.scrub", json!(["tank"])).await;
    let mut other = Client::logged_in(&simulator).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    other.call("core.job_abort", json!([2])).await.unwrap();
    assert_eq!(client.reply(waiting).await, Ok(Value::Null));
}

#[tokio::test]
async fn a_job_can_be_made_to_fail() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    simulator
        .faults()
        .add(Fault::new(FaultKind::FailJob).methods("pool.scrub.*"));
    let id = client
        .call("pool.scrub.scrub", json!(["tank"]))
        .await
        .unwrap();
    let job = client.job(&id).await;
    assert_eq!(
        (&job["state"], &job["exc_info"]["type"]),
        (&json!("FAILED"), &json!("CallError"))
    );
}

#[tokio::test]
async fn the_same_call_joins_a_job_that_still_runs() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let first = client.request("pool.scrub.scrub", json!(["tank"])).await;
    let second = client.request("pool.scrub.scrub", json!(["tank"])).await;
    let job = client.reply(first).await.unwrap();
    assert_eq!(client.reply(second).await, Ok(job.clone()));
    assert_eq!(
        client.job(&job).await["message_ids"],
        json!([first, second])
    );
    assert_eq!(simulator.stats().jobs, 1);
}

#[tokio::test]
async fn waiting_for_a_job_is_a_job() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let id = client
        .call("core.bulk", json!(["core.ping", [[]]]))
        .await
        .unwrap();
    let wait = client.call("core.job_wait", json!([id])).await.unwrap();
    assert_ne!(wait, id);
    let (job, wait) = (client.job(&id).await, client.job(&wait).await);
    assert_eq!(wait["result"], job["result"]);
    let none = client.call("core.job_wait", json!([99_999])).await.unwrap();
    assert_eq!(client.job(&none).await["state"], "FAILED");
}

#[tokio::test]
async fn transient_jobs_vanish_and_are_silent_from_26_on() {
    for (api, heard) in [("v25.10.5", true), ("v26.0.0", false)] {
        let builder = Simulator::builder().api(api).transient_jobs("pool.scrub.*");
        let simulator = builder.start().await.unwrap();
        let mut client = Client::logged_in(&simulator).await;
        client
            .call("core.subscribe", json!(["core.get_jobs"]))
            .await
            .unwrap();
        client
            .call("pool.scrub.scrub", json!(["tank"]))
            .await
            .unwrap();
        let count = async |client: &mut Client| {
            let count = client
                .call("core.get_jobs", json!([[], {"count": true}]))
                .await;
            count.unwrap()
        };
        assert_eq!(count(&mut client).await, 1);
        while count(&mut client).await != 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(!client.notifications.is_empty(), heard, "{api}");
    }
}

#[tokio::test]
async fn only_so_many_jobs_are_remembered() {
    let builder = Simulator::builder()
        .api("v25.10.5")
        .job_duration(Duration::ZERO);
    let simulator = builder.start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    for _ in 0..1010 {
        client.call("core.job_wait", json!([0])).await.unwrap();
    }
    let count = client
        .call("core.get_jobs", json!([[], {"count": true}]))
        .await;
    assert_eq!(count, Ok(json!(1000)));
    let oldest = json!([[], {"order_by": ["id"], "get": true}]);
    assert_eq!(
        client.call("core.get_jobs", oldest).await.unwrap()["id"],
        11
    );
}

#[tokio::test]
async fn a_restart_loses_jobs_and_counts_from_one() {
    let builder = Simulator::builder()
        .api("v25.10.5")
        .job_duration(Duration::from_secs(600));
    let simulator = builder.start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let boot_id = client.call("system.boot_id", json!([])).await.unwrap();
    assert_eq!(boot_id, simulator.boot_id());
    let id = client
        .call("pool.scrub.scrub", json!(["tank"]))
        .await
        .unwrap();
    assert_eq!(id, 1);
    simulator.restart();
    assert_eq!(client.closed().await, None);
    assert_ne!(boot_id, simulator.boot_id());
    let mut client = Client::logged_in(&simulator).await;
    let found = client
        .call("core.get_jobs", json!([[["id", "=", id]]]))
        .await;
    assert_eq!(found, Ok(json!([])));
    client
        .call("core.subscribe", json!(["core.get_jobs"]))
        .await
        .unwrap();
    assert_eq!(
        client.call("core.bulk", json!(["core.ping", [[]]])).await,
        Ok(json!(1))
    );
    // Nothing is said of what was lost.
    for event in until_finished(&mut client).await {
        assert_eq!(event["params"]["fields"]["method"], "core.bulk");
    }
}

#[tokio::test]
async fn a_job_of_somebody_else_is_not_shown() {
    let builder = Simulator::builder()
        .api("v25.10.5")
        .roles(["READONLY_ADMIN"]);
    let simulator = builder.start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let own = client
        .call("core.bulk", json!(["core.ping", [[]]]))
        .await
        .unwrap();
    assert_eq!(client.job(&own).await["state"], "SUCCESS");
    let none = client
        .call("core.job_abort", json!([own.as_i64().unwrap() + 1]))
        .await;
    assert_eq!(
        none.unwrap_err()["data"]["trace"]["class"],
        "InstanceNotFound"
    );
}

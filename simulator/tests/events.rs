//! Subscriptions: what is heard, how often, and in what order.

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

async fn subscribe(client: &mut Client, name: &str) -> Value {
    client.call("core.subscribe", json!([name])).await.unwrap()
}

async fn create(client: &mut Client) -> Value {
    let params = json!([{"user": "root", "command": "true"}]);
    client.call("cronjob.create", params).await.unwrap()
}

#[tokio::test]
async fn who_subscribes_hears_of_changes_before_the_reply() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    // Twice the same is still told once.
    subscribe(&mut client, "cronjob.query").await;
    let id = subscribe(&mut client, "cronjob.query").await;
    let entry = create(&mut client).await;
    assert_eq!(client.notifications.len(), 1);
    let params = client.notification().await["params"].take();
    assert_eq!(
        (&params["msg"], &params["id"]),
        (&json!("added"), &entry["id"])
    );
    assert_eq!(params["fields"]["command"], "true");
    client.call("core.unsubscribe", json!([id])).await.unwrap();
    create(&mut client).await;
    assert_eq!(client.notifications.len(), 1);
}

#[tokio::test]
async fn others_hear_of_changes_too_and_those_who_want_all_of_all() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let mut other = Client::logged_in(&simulator).await;
    subscribe(&mut other, "*").await;
    create(&mut client).await;
    assert_eq!(
        other.notification().await["params"]["collection"],
        "cronjob.query"
    );
}

#[tokio::test]
async fn a_name_that_means_nothing_is_taken_and_an_id_that_means_nothing_too() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    assert!(subscribe(&mut client, "no.such.event").await.is_string());
    assert_eq!(
        client.call("core.unsubscribe", json!(["x"])).await,
        Ok(Value::Null)
    );
    let long = client
        .call("core.subscribe", json!(["x".repeat(1025)]))
        .await;
    assert_eq!(long.unwrap_err()["code"], -32602);
}

#[tokio::test(start_paused = true)]
async fn a_source_sends_at_its_interval_to_each_subscription() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let name = r#"reporting.realtime:{ "interval":  7 }"#;
    subscribe(&mut client, name).await;
    let id = subscribe(&mut client, name).await;
    let began = tokio::time::Instant::now();
    for _ in 0..4 {
        let event = client.notification().await;
        // Byte for byte as it was asked for.
        assert_eq!(event["params"]["collection"], name);
        assert!(event["params"]["fields"].is_object());
    }
    assert_eq!(began.elapsed().as_secs(), 7);
    client.call("core.unsubscribe", json!([id])).await.unwrap();
    let last = client.notification().await;
    assert_eq!(last["method"], "notify_unsubscribed");
    assert_eq!(last["params"], json!({"collection": name, "error": null}));
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(client.notification().await["params"]["collection"], name);
}

#[tokio::test]
async fn what_a_source_cannot_take_it_says_before_the_id() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    for name in [
        "reporting.realtime:{\"interval\":0}",
        "reporting.realtime:{",
    ] {
        assert!(subscribe(&mut client, name).await.is_string());
        let refused = client.notifications.remove(0);
        assert_eq!(refused["method"], "notify_unsubscribed");
        assert_eq!(refused["params"]["collection"], name);
        assert_eq!(refused["params"]["error"]["errname"], "EINVAL");
        assert_eq!(refused["params"]["error"]["trace"], Value::Null);
    }
}

#[tokio::test]
async fn some_events_say_less_than_their_schemas() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let tasks = client
        .call("pool.snapshottask.query", json!([]))
        .await
        .unwrap();
    subscribe(&mut client, "pool.snapshottask.query").await;
    let run = json!([tasks[0]["id"]]);
    client.call("pool.snapshottask.run", run).await.unwrap();
    for state in ["RUNNING", "FINISHED"] {
        let event = client.notification().await["params"].take();
        assert_eq!(event["id"], tasks[0]["id"]);
        assert_eq!(event["fields"]["state"]["state"], state);
        assert_eq!(event["fields"].as_object().unwrap().len(), 1);
    }

    subscribe(&mut client, "service.query").await;
    let stop = json!(["STOP", "ssh"]);
    client.call("service.control", stop).await.unwrap();
    let event = client.notification().await["params"].take();
    assert_eq!(event["fields"]["service"], "ssh");
    assert_eq!(event.get("id"), None);
}

#[tokio::test]
async fn v25_04_tells_of_entries_by_their_ids_alone() {
    let simulator = start("v25.04.2").await;
    let mut client = Client::logged_in(&simulator).await;
    subscribe(&mut client, "cronjob.query").await;
    let entry = create(&mut client).await;
    let id = &entry["id"];
    let change = json!([id, {"description": "nightly"}]);
    client.call("cronjob.update", change).await.unwrap();
    client.call("cronjob.delete", json!([id])).await.unwrap();
    for msg in ["added", "changed", "removed"] {
        let event = client.notification().await["params"].take();
        let expected = json!({"msg": msg, "collection": "cronjob.query", "id": id});
        assert_eq!(event, expected);
    }
    // And of groups, which answer their ids alone, not at all.
    subscribe(&mut client, "group.query").await;
    let group = json!([{"name": "crew"}]);
    let id = client.call("group.create", group).await.unwrap();
    client.call("group.delete", json!([id])).await.unwrap();
    assert_eq!(client.notification().await["params"]["msg"], "removed");
}

#[tokio::test]
async fn some_events_say_what_no_answer_does() {
    for api in ["v25.10.5", "v26.0.0"] {
        let simulator = start(api).await;
        let mut client = Client::logged_in(&simulator).await;
        subscribe(&mut client, "api_key.query").await;
        let key = json!([{"name": "k", "username": simulator.user()}]);
        let key = client.call("api_key.create", key).await.unwrap();
        let event = client.notification().await["params"].take();
        assert!(key["key"].is_string());
        assert_eq!(event["fields"]["key"], key["key"]);
        assert_eq!(event["fields"]["client_key"], key["client_key"]);

        subscribe(&mut client, "user.query").await;
        let user = json!([{"username": "carl", "full_name": "Carl", "group_create": true, "password": "hush"}]);
        let user = client.call("user.create", user).await.unwrap();
        let id = user.get("id").unwrap_or(&user);
        let event = client.notification().await["params"].take();
        assert_eq!(
            (&event["id"], &event["fields"]["password"]),
            (id, &json!("hush"))
        );
        let name = json!([id, {"full_name": "Carl Example"}]);
        client.call("user.update", name).await.unwrap();
        let event = client.notification().await["params"].take();
        assert_eq!(event["fields"].get("password"), Some(&Value::Null));
    }
}

#[tokio::test]
async fn some_events_say_it_below_extra() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    subscribe(&mut client, "network.config").await;
    let proxy = json!([{"httpproxy": "http://proxy:3128"}]);
    client
        .call("network.configuration.update", proxy)
        .await
        .unwrap();
    let event = client.notification().await["params"].take();
    let data = json!({"data": {"httpproxy": "http://proxy:3128"}});
    assert_eq!((&event["extra"], event.get("fields")), (&data, None));

    subscribe(&mut client, "update.status").await;
    client.call("update.download", json!([])).await.unwrap();
    let event = client.notification().await["params"].take();
    assert_eq!(event["extra"]["status"]["code"], "NORMAL");

    subscribe(&mut client, "pool.snapshot.query").await;
    let snapshot = json!([{"dataset": "tank/media", "name": "now"}]);
    client.call("pool.snapshot.create", snapshot).await.unwrap();
    client
        .call("pool.snapshot.delete", json!(["tank/media@now"]))
        .await
        .unwrap();
    assert_eq!(client.notification().await["params"]["msg"], "added");
    let event = client.notification().await["params"].take();
    assert_eq!(event["extra"], json!({"recursive": false}));
}

#[tokio::test]
async fn a_scrub_is_told_by_the_name_of_its_pool() {
    for (api, event) in [
        ("v25.04.2", "zfs.pool.scan"),
        ("v25.10.5", "zfs.pool.scan"),
        ("v26.0.0", "pool.scan"),
    ] {
        let simulator = start(api).await;
        let mut client = Client::logged_in(&simulator).await;
        subscribe(&mut client, event).await;
        client
            .call("pool.scrub.run", json!(["tank"]))
            .await
            .unwrap();
        for state in ["SCANNING", "FINISHED"] {
            let event = client.notification().await["params"].take();
            assert_eq!(event.get("id"), None);
            assert_eq!(event["fields"]["name"], "tank");
            assert_eq!(event["fields"]["scan"]["state"], state);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sources_send_in_every_version() {
    for api in ["v25.04.2", "v25.10.5", "v26.0.0"] {
        let simulator = start(api).await;
        let mut client = Client::logged_in(&simulator).await;
        subscribe(&mut client, "reporting.realtime").await;
        let event = client.notification().await["params"].take();
        assert!(event["fields"]["disks"].is_object(), "{api}: {event}");
    }
}

#[tokio::test]
async fn changed_settings_are_told_where_there_is_an_event() {
    let simulator = start("v26.0.0").await;
    let mut client = Client::logged_in(&simulator).await;
    subscribe(&mut client, "truecommand.config").await;
    let off = json!([{"enabled": false}]);
    client.call("truecommand.update", off).await.unwrap();
    let event = client.notification().await["params"].take();
    assert_eq!(event["msg"], "changed");
    assert_eq!(event["fields"]["enabled"], false);
}

#[tokio::test]
async fn sessions_that_come_and_go_are_told() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    subscribe(&mut client, "auth.sessions").await;
    let mut other = Client::logged_in(&simulator).await;
    let added = client.notification().await["params"].take();
    other.call("auth.logout", json!([])).await.unwrap();
    let removed = client.notification().await["params"].take();
    let id = &added["fields"]["id"];
    assert!(id.is_string());
    assert_eq!((added.get("id"), removed.get("id")), (None, None));
    assert_eq!(removed["extra"], json!({"fields": {"id": id}}));
}

#[tokio::test]
async fn a_client_that_never_reads_is_cut_off_and_nobody_else_is() {
    let simulator = start("v25.10.5").await;
    let mut deaf = Client::logged_in(&simulator).await;
    subscribe(&mut deaf, "cronjob.query").await;
    let mut client = Client::logged_in(&simulator).await;
    let entry = create(&mut client).await;
    let mut changes = 0;
    while simulator.stats().open == 2 {
        let params = json!([entry["id"], {"description": "x".repeat(900)}]);
        client.call("cronjob.update", params).await.unwrap();
        changes += 1;
        assert!(changes < 20_000, "some bound is there");
    }
    client.call("core.ping", json!([])).await.unwrap();
}

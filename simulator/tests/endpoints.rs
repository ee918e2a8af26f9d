//! Where the simulator can be reached, and what of it is served where.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use support::http::ask;
use support::{Client, api_key, start};
use tokio::net::TcpStream;
use truenas_simulator::Simulator;

#[tokio::test]
async fn over_tls_a_key_lets_in() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial_tls(&simulator).await;
    assert_eq!(
        client.log_in(api_key(&simulator)).await["response_type"],
        "SUCCESS"
    );
    let hash = digest(&SHA256, simulator.certificate_der());
    assert_eq!(HEXLOWER.encode(hash.as_ref()), simulator.fingerprint());
}

#[tokio::test]
async fn over_plain_tcp_it_depends_on_what_counts_as_plain() {
    for (trusted, response) in [(false, "EXPIRED"), (true, "SUCCESS")] {
        let builder = Simulator::builder()
            .api("v25.10.5")
            .loopback_is_secure(trusted);
        let simulator = builder.start().await.unwrap();
        let address = simulator.http_url().replace("http://", "");
        let stream = TcpStream::connect(address).await.unwrap();
        let mut client = Client::over(stream, "/api/current").await;
        assert_eq!(
            client.log_in(api_key(&simulator)).await["response_type"],
            response
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn over_the_unix_socket_one_is_root() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("middlewared.sock");
    let simulator = Simulator::builder()
        .api("v25.10.5")
        .unix_socket(&path)
        .start()
        .await
        .unwrap();
    let stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    let mut client = Client::over(stream, "/api/current").await;
    let me = client.call("auth.me", json!([])).await.unwrap();
    assert_eq!(me["pw_name"], "root");
    simulator.shutdown().await.unwrap();
    assert!(!path.exists());
    // What a simulator that was killed leaves behind is in nobody's way.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    Simulator::builder()
        .unix_socket(&path)
        .start()
        .await
        .unwrap();
}

#[tokio::test]
async fn older_versions_are_served_and_unknown_ones_are_not() {
    let simulator = start("v25.10.5").await;
    let versions = ask(&simulator, "GET /api/versions").await.json();
    let versions: Vec<&str> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap())
        .collect();
    assert_eq!(versions.first(), Some(&"v25.04.0"));
    assert_eq!(versions.last(), Some(&"v25.10.5"));
    for version in versions {
        let mut client = Client::dial(&simulator, &format!("/api/{version}")).await;
        client.call("core.set_options", json!([{}])).await.unwrap();
    }
    for unknown in ["v24.10", "v26.0.0", "v99.1.2", "x"] {
        let line = format!("GET /api/{unknown}");
        assert_eq!(ask(&simulator, &line).await.status, 404, "{unknown}");
    }
    assert_eq!(
        ask(&simulator, "GET /api/current").await.status,
        400,
        "no WebSocket"
    );
}

#[tokio::test]
async fn a_method_that_is_newer_than_what_was_dialled_is_there_and_out_of_reach() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/v25.04.0").await;
    client.log_in(support::password(&simulator)).await;
    let error = client
        .call("service.control", json!(["START", "ssh"]))
        .await
        .unwrap_err();
    assert_eq!(
        (&error["code"], &error["data"]["error"]),
        (&json!(-32001), &json!(201))
    );
}

#[tokio::test]
async fn what_runs_within_another_call_is_not_adapted() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/v25.04.0").await;
    client.log_in(support::password(&simulator)).await;
    // A user of 25.04 has a key that one of 25.10 has not.
    let users = json!([[["id", "=", 1]], {"get": true}]);
    let direct = client.call("user.query", users.clone()).await.unwrap();
    assert!(direct.get("id_type_both").is_some());
    let bulk = json!(["user.query", [users]]);
    let job = client.call("core.bulk", bulk).await.unwrap();
    let within = client.job(&job).await["result"][0]["result"].take();
    assert_eq!(within.get("id_type_both"), None);
    // And what 25.04 has not can be called.
    let bulk = json!(["service.control", [["START", "ssh"]]]);
    let job = client.call("core.bulk", bulk).await.unwrap();
    assert_eq!(client.job(&job).await["result"][0]["error"], Value::Null);
}

#[tokio::test]
async fn a_boot_has_an_id_from_25_10_on() {
    let simulator = start("v25.10.5").await;
    let answer = ask(&simulator, "GET /api/boot_id").await;
    assert_eq!(answer.json(), simulator.boot_id());
    let mut client = Client::logged_in(&simulator).await;
    let info = client.call("system.reboot.info", json!([])).await.unwrap();
    assert_eq!(info["boot_id"], simulator.boot_id());
    assert_eq!(
        ask(&start("v25.04.2").await, "GET /api/boot_id")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn tests_in_any_language_can_let_things_go_wrong() {
    let simulator = start("v25.10.5").await;
    let faults = json!(["delay=1ms@core.*", "reorder:0.5"]);
    let post = async |line: &str, body: &Value| {
        let body = body.to_string();
        support::http::request(&simulator, line, "", body.as_bytes())
            .await
            .status
    };
    assert_eq!(post("POST /_simulator/faults", &faults).await, 204);
    assert_eq!(
        post("POST /_simulator/faults", &json!(["delay=1ms", "no such"])).await,
        400
    );
    assert_eq!(
        ask(&simulator, "GET /_simulator/faults").await.json(),
        faults
    );
    assert_eq!(
        ask(&simulator, "DELETE /_simulator/faults").await.status,
        204
    );
    assert_eq!(simulator.faults().list(), []);
    let boot_id = simulator.boot_id();
    let mut client = Client::logged_in(&simulator).await;
    assert_eq!(
        post("POST /_simulator/expire_sessions", &Value::Null).await,
        204
    );
    assert_eq!(
        client.call("auth.me", json!([])).await.unwrap_err()["data"]["error"],
        207
    );
    assert_eq!(post("POST /_simulator/restart", &Value::Null).await, 204);
    assert_ne!(simulator.boot_id(), boot_id);
    assert_eq!(client.closed().await, None);
    let stats = ask(&simulator, "GET /_simulator/stats").await.json();
    assert_eq!(
        (&stats["connections"], &stats["logins"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn the_state_survives_an_end_and_what_is_said_is_recorded_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let (state, record) = (
        folder.path().join("state.json"),
        folder.path().join("said.jsonl"),
    );
    let builder = Simulator::builder()
        .api("v25.10.5")
        .state(&state)
        .record(&record);
    let simulator = builder.clone().start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let entry = client
        .call(
            "cronjob.create",
            json!([{"user": "root", "command": "kept"}]),
        )
        .await
        .unwrap();
    let token = client.call("auth.generate_token", json!([])).await.unwrap();
    // A secret in a call within a job, which is told of and asked for.
    client
        .call("core.subscribe", json!(["core.get_jobs"]))
        .await
        .unwrap();
    let bulk = json!(["auth.generate_token", [[]]]);
    let job = client.call("core.bulk", bulk).await.unwrap();
    let inner = client.job(&job).await["result"][0]["result"].take();
    client.log_in(api_key(&simulator)).await;
    let secrets = [
        simulator.password().to_owned(),
        simulator.api_key().to_owned(),
        token.as_str().unwrap().to_owned(),
        inner.as_str().unwrap().to_owned(),
    ];
    simulator.shutdown().await.unwrap();
    let said = std::fs::read_to_string(&record).unwrap();
    for secret in secrets {
        assert!(!said.contains(&secret), "{said}");
    }
    let lines: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let calls = lines.iter().filter(|line| line["from"] == "client");
    let methods = calls.filter_map(|line| line["message"]["method"].as_str());
    assert_eq!(
        methods.take(3).collect::<Vec<_>>(),
        ["auth.login_ex", "cronjob.create", "auth.generate_token"]
    );
    let simulator = builder.start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    assert_eq!(
        client
            .call("cronjob.get_instance", json!([entry["id"]]))
            .await,
        Ok(entry)
    );
}

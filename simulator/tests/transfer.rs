//! Files over HTTP: up to a job, and down from one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};
use support::http::{self, Answer, ask, multipart};
use support::{Client, start};
use truenas_simulator::Simulator;

async fn upload(simulator: &Simulator, login: &str, parts: &[(&str, &[u8])]) -> Answer {
    let (form, body) = multipart(parts);
    http::request(simulator, "POST /_upload", &format!("{form}{login}"), &body).await
}

fn basic(simulator: &Simulator) -> String {
    let pair = format!("{}:{}", simulator.user(), simulator.password());
    format!(
        "Authorization: Basic {}\r\n",
        BASE64.encode(pair.as_bytes())
    )
}

fn put(path: &str) -> Vec<u8> {
    json!({"method": "filesystem.put", "params": [path, {}]})
        .to_string()
        .into_bytes()
}

/// Asks for a download; the job's id, and the address.
async fn ask_for(client: &mut Client, params: Value) -> (i64, String) {
    let answer = client.call("core.download", params).await.unwrap();
    (
        answer[0].as_i64().unwrap(),
        format!("GET {}", answer[1].as_str().unwrap()),
    )
}

#[tokio::test]
async fn what_goes_up_comes_down_again() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let content: Vec<u8> = (0..300_000_u32)
        .map(|number| number.to_le_bytes()[0])
        .collect();
    let data = put("/mnt/tank/file");
    let answer = upload(
        &simulator,
        &basic(&simulator),
        &[("data", &data), ("file", &content)],
    )
    .await;
    assert_eq!(answer.status, 200);
    let job = client.job(&answer.json()["job_id"]).await;
    assert_eq!(
        (&job["state"], &job["result"]),
        (&json!("SUCCESS"), &json!(true))
    );
    let params = json!(["filesystem.get", ["/mnt/tank/file"], "a \"file\""]);
    let (id, address) = ask_for(&mut client, params).await;
    let answer = ask(&simulator, &address).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body == content, "the same bytes");
    assert!(
        answer
            .head
            .contains("content-disposition: attachment; filename=\"a _file_\"")
    );
    assert_eq!(client.job(&json!(id)).await["state"], "SUCCESS");
    assert_eq!(ask(&simulator, &address).await.status, 401, "once");
}

#[tokio::test]
async fn a_token_and_a_key_can_upload_too() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let token = client.call("auth.generate_token", json!([])).await.unwrap();
    let token = token.as_str().unwrap();
    let data = put("/mnt/tank/file");
    let parts: [(&str, &[u8]); 2] = [("data", &data), ("file", b"x")];
    for login in [
        format!("Authorization: Token {token}\r\n"),
        format!("Authorization: Bearer {}\r\n", simulator.api_key()),
    ] {
        assert_eq!(upload(&simulator, &login, &parts).await.status, 200);
    }
    let (form, body) = multipart(&parts);
    let line = format!("POST /_upload?auth_token={token}");
    assert_eq!(
        http::request(&simulator, &line, &form, &body).await.status,
        200
    );
}

#[tokio::test]
async fn an_upload_that_is_none_is_refused() {
    let simulator = start("v25.10.5").await;
    let login = basic(&simulator);
    let data = put("/mnt/tank/file");
    let unknown = br#"{"method": "no.such", "params": []}"#;
    let no_job = br#"{"method": "core.ping", "params": []}"#;
    let files: Vec<(&str, &[u8])> = std::iter::once(("data", data.as_slice()))
        .chain([("file", b"x".as_slice()); 6])
        .collect();
    for (login, parts, status) in [
        ("", vec![("data", data.as_slice()), ("file", b"x")], 401),
        (&login, vec![("data", b"{".as_slice()), ("file", b"x")], 400),
        (
            &login,
            vec![("file", b"x".as_slice()), ("data", &data)],
            405,
        ),
        (&login, vec![("data", data.as_slice())], 405),
        (&login, files, 405),
        (
            &login,
            vec![("data", unknown.as_slice()), ("file", b"x")],
            422,
        ),
        (
            &login,
            vec![("data", no_job.as_slice()), ("file", b"x")],
            412,
        ),
    ] {
        let answer = upload(&simulator, login, &parts).await;
        assert_eq!(
            answer.status,
            status,
            "{}",
            String::from_utf8_lossy(&answer.body)
        );
    }
    assert_eq!(ask(&simulator, "GET /_upload").await.status, 405);
    let reader = Simulator::builder()
        .api("v25.10.5")
        .roles(["READONLY_ADMIN"]);
    let reader = reader.start().await.unwrap();
    let parts = [("data", data.as_slice()), ("file", b"x".as_slice())];
    assert_eq!(upload(&reader, &basic(&reader), &parts).await.status, 403);
}

#[tokio::test]
async fn a_key_in_a_header_that_anybody_could_read_is_revoked() {
    let simulator = start("v25.10.5").await;
    let data = put("/mnt/tank/file");
    let (form, body) = multipart(&[("data", &data), ("file", b"x")]);
    let headers = format!("{form}Authorization: Bearer {}\r\n", simulator.api_key());
    let open = simulator.connect_insecure();
    assert_eq!(
        http::over(open, "POST /_upload", &headers, &body)
            .await
            .status,
        401
    );
    let answer = http::request(&simulator, "POST /_upload", &headers, &body).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_method_that_needs_a_file_is_refused_without() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    for (method, params) in [
        ("config.save", json!([])),
        ("filesystem.put", json!(["/mnt/tank/x"])),
    ] {
        let error = client.call(method, params).await.unwrap_err();
        assert_eq!(error["code"], -32001, "{method}");
    }
}

#[tokio::test]
async fn a_download_that_ends_half_way_fails_its_job() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    simulator.faults().add("cut-download:x1".parse().unwrap());
    let params = json!(["config.save", [{}], "c.db"]);
    let (id, address) = ask_for(&mut client, params.clone()).await;
    let short = ask(&simulator, &address).await;
    assert_eq!(short.status, 200);
    assert_eq!(client.job(&json!(id)).await["state"], "FAILED");
    let (id, address) = ask_for(&mut client, params).await;
    let whole = ask(&simulator, &address).await;
    assert_eq!(whole.body.len(), 2 * short.body.len());
    assert_eq!(client.job(&json!(id)).await["state"], "SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_fetches_in_time_is_gone() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let (job, _) = ask_for(&mut client, json!(["config.save", [{}], "c.db"])).await;
    tokio::time::sleep(Duration::from_secs(62)).await;
    let mut client = Client::logged_in(&simulator).await;
    assert_eq!(client.job(&json!(job)).await["state"], "FAILED");
    // What is buffered waits for longer, and the job does not wait for it.
    let params = json!(["config.save", [{}], "c.db", true]);
    let (job, address) = ask_for(&mut client, params).await;
    assert_eq!(client.job(&json!(job)).await["state"], "SUCCESS");
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(ask(&simulator, &address).await.status, 200);
}

#[tokio::test]
async fn the_log_of_a_job_can_be_fetched() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let tasks = client.call("rsynctask.query", json!([])).await.unwrap();
    let job = client
        .call("rsynctask.run", json!([tasks[0]["id"]]))
        .await
        .unwrap();
    let excerpt = client.job(&job).await["logs_excerpt"].take();
    let url = client
        .call("core.job_download_logs", json!([job, "log.txt"]))
        .await
        .unwrap();
    let answer = ask(&simulator, &format!("GET {}", url.as_str().unwrap())).await;
    assert_eq!(json!(String::from_utf8(answer.body).unwrap()), excerpt);
}

//! What outlives a simulator, however it ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use support::Client;
use truenas_simulator::{Builder, Simulator};

fn keeping(file: &Path) -> Builder {
    Simulator::builder().api("v25.10.5").state(file)
}

#[tokio::test]
async fn a_change_is_in_the_file_without_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let simulator = keeping(&file).start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let said = |word: &str| std::fs::read_to_string(&file).is_ok_and(|text| text.contains(word));
    for word in ["first-change", "second-change"] {
        let job = json!([{"user": "root", "command": word}]);
        client.call("cronjob.create", job).await.unwrap();
        while !said(word) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    client
        .call("ssh.update", json!([{"options": "third-change"}]))
        .await
        .unwrap();
    while !said("third-change") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(simulator.stats().open == 1, "it goes on");
}

#[tokio::test]
async fn keys_and_attributes_are_kept_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let simulator = keeping(&file).start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let entry = json!([{"name": "kept", "username": simulator.user()}]);
    let key = client.call("api_key.create", entry).await.unwrap();
    client
        .call("auth.set_attribute", json!(["theme", "dark"]))
        .await
        .unwrap();
    simulator.shutdown().await.unwrap();

    let simulator = keeping(&file).start().await.unwrap();
    let mut client = Client::dial(&simulator, "/api/current").await;
    let login =
        json!({"mechanism": "API_KEY_PLAIN", "username": simulator.user(), "api_key": key["key"]});
    let answer = client.log_in(login).await;
    assert_eq!(answer["response_type"], "SUCCESS");
    assert_eq!(answer["user_info"]["attributes"], json!({"theme": "dark"}));
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let simulator = keeping(&file).start().await.unwrap();
    simulator.shutdown().await.unwrap();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "there are keys in it");
}

#[tokio::test]
async fn two_do_not_keep_their_state_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let first = keeping(&file).start().await.unwrap();
    let problem = keeping(&file).start().await.unwrap_err().to_string();
    assert!(
        problem.contains("state.json") && problem.contains("another simulator"),
        "{problem}"
    );
    first.shutdown().await.unwrap();
    keeping(&file).start().await.unwrap();
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let kept = json!({"accounts": {"keys": ["not", "by", "id"]}});
    let state = json!({"collections": {}, "configs": {}, "kept": kept});
    let text = json!({"format": 1, "api": "v25.10.5", "state": state}).to_string();
    std::fs::write(&file, &text).unwrap();
    let problem = keeping(&file).start().await.unwrap_err().to_string();
    assert!(problem.contains("accounts"), "{problem}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_an_error_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no/such/folder/state.json");
    let problem = keeping(&file).start().await.unwrap_err().to_string();
    assert!(problem.contains("state.json"), "{problem}");
}

#[tokio::test]
async fn what_a_restart_takes_away_is_not_in_the_state() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(&folder.path().join("state.json"))
        .start()
        .await
        .unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let job = json!([{"user": "root", "command": "stays"}]);
    let entry = client.call("cronjob.create", job).await.unwrap();
    simulator.restart();
    let mut client = Client::logged_in(&simulator).await;
    let found = client
        .call("cronjob.get_instance", json!([entry["id"]]))
        .await;
    assert_eq!(found, Ok::<_, Value>(entry));
}

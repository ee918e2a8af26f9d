//! Accounts with fewer rights: what they may call, and what they see.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use serde_json::{Value, json};
use support::Client;
use truenas_simulator::Simulator;

const HIDDEN: &str = "********";

async fn start(api: &str) -> Simulator {
    let builder = Simulator::builder().api(api).seed(7);
    let builder = builder.account("reader", ["READONLY_ADMIN"]);
    let builder = builder.account("monitor", ["REPORTING_READ", "ALERT_LIST_READ"]);
    builder.start().await.unwrap()
}

async fn log_in(simulator: &Simulator, user: &str) -> Client {
    let login = simulator.login(user).unwrap();
    let mut client = Client::dial(simulator, "/api/current").await;
    let password =
        json!({"mechanism": "PASSWORD_PLAIN", "username": user, "password": login.password()});
    assert_eq!(client.log_in(password).await["response_type"], "SUCCESS");
    client
}

fn refused(answer: Result<Value, Value>) {
    let error = answer.unwrap_err();
    assert_eq!(error["code"], -32001);
    assert_eq!(error["data"]["error"], 13);
    assert_eq!(error["data"]["errname"], "EACCES");
    assert_eq!(error["data"]["reason"], "[EACCES] Not authorized");
}

#[tokio::test]
async fn they_log_in_with_a_password_and_with_a_key() {
    let simulator = start("v25.10.5").await;
    for user in ["reader", "monitor"] {
        let mut client = log_in(&simulator, user).await;
        let me = client.call("auth.me", json!([])).await.unwrap();
        assert_eq!(me["pw_name"], user);
        let login = simulator.login(user).unwrap();
        assert_eq!(me["privilege"]["roles"], json!({"$set": login.roles()}));
        let key =
            json!({"mechanism": "API_KEY_PLAIN", "username": user, "api_key": login.api_key()});
        assert_eq!(client.log_in(key).await["response_type"], "SUCCESS");
    }
    assert!(simulator.login("nobody").is_none());
    let users = log_in(&simulator, "reader")
        .await
        .call("user.query", json!([]))
        .await;
    let users = users.unwrap();
    let reader = users
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["username"] == "reader");
    assert_eq!(reader.unwrap()["roles"], json!(["READONLY_ADMIN"]));
}

#[tokio::test]
async fn a_name_that_is_taken_and_a_role_that_is_none_are_errors() {
    for (name, role) in [
        ("root", "READONLY_ADMIN"),
        ("truenas_admin", "READONLY_ADMIN"),
        ("a", "READER"),
    ] {
        let builder = Simulator::builder().api("v25.10.5").account(name, [role]);
        let problem = builder.start().await.unwrap_err().to_string();
        assert!(
            problem.contains(name) || problem.contains(role),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn they_may_call_what_their_roles_allow_and_are_told_of_nothing_else() {
    for api in ["v25.04.2", "v25.10.5", "v26.0.0"] {
        let simulator = start(api).await;
        let mut monitor = log_in(&simulator, "monitor").await;
        monitor.call("alert.list", json!([])).await.unwrap();
        monitor.call("reporting.graphs", json!([])).await.unwrap();
        refused(monitor.call("pool.query", json!([])).await);
        refused(monitor.call("alert.dismiss", json!(["x"])).await);
        refused(monitor.call("core.subscribe", json!(["pool.query"])).await);
        let mut reader = log_in(&simulator, "reader").await;
        reader.call("pool.query", json!([])).await.unwrap();
        refused(
            reader
                .call("cronjob.create", json!([{"user": "root", "command": "x"}]))
                .await,
        );
        if api == "v25.04.2" {
            // Private in this version.
            refused(reader.call("core.get_methods", json!([])).await);
            continue;
        }
        let methods = monitor.call("core.get_methods", json!([])).await.unwrap();
        assert!(methods.get("alert.list").is_some() && methods.get("core.ping").is_some());
        assert!(methods.get("pool.query").is_none() && methods.get("alert.dismiss").is_none());
    }
}

#[tokio::test]
async fn secrets_are_for_those_who_may_change_them() {
    let builder = Simulator::builder()
        .api("v25.10.5")
        .account("reader", ["READONLY_ADMIN"]);
    // Who may change users may not change certificates.
    let simulator = builder
        .account("clerk", ["ACCOUNT_WRITE", "CERTIFICATE_READ"])
        .start()
        .await
        .unwrap();
    for (user, hash, key) in [
        ("reader", true, true),
        ("clerk", false, true),
        ("truenas_admin", false, false),
    ] {
        let mut client = log_in(&simulator, user).await;
        let users = client.call("user.query", json!([])).await.unwrap();
        assert_eq!(users[0]["unixhash"] == HIDDEN, hash, "{user}");
        let certificates = client.call("certificate.query", json!([])).await.unwrap();
        assert_eq!(certificates[0]["privatekey"] == HIDDEN, key, "{user}");
    }
}

#[tokio::test]
async fn results_of_jobs_are_hidden_for_all_unless_they_are_wanted_raw() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let params = json!([{"name": "le", "create_type": "CERTIFICATE_CREATE_IMPORTED",
        "certificate": "-----BEGIN CERTIFICATE-----", "privatekey": "-----BEGIN PRIVATE KEY-----"}]);
    let id = client.call("certificate.create", params).await.unwrap();
    let job = client.job(&id).await;
    assert_eq!(job["arguments"][0]["privatekey"], HIDDEN);
    assert_eq!(job["result"]["privatekey"], HIDDEN);
    assert_eq!(job["result"]["name"], "le");
    let raw = json!([[["id", "=", id]], {"get": true, "extra": {"raw_result": true}}]);
    let job = client.call("core.get_jobs", raw).await.unwrap();
    assert_eq!(job["arguments"][0]["privatekey"], HIDDEN);
    assert_ne!(job["result"]["privatekey"], HIDDEN);
}

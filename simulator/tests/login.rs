//! Who gets in, and what they may do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{Client, api_key, password, start};
use truenas_simulator::Simulator;

fn errno(answer: Result<Value, Value>) -> Value {
    answer.unwrap_err()["data"]["error"].take()
}

#[tokio::test]
async fn a_password_lets_in_and_shows_who_one_is() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    assert_eq!(errno(client.call("auth.me", json!([])).await), 207);
    let mut wrong = password(&simulator);
    wrong["password"] = json!("guess");
    assert_eq!(
        client.log_in(wrong).await,
        json!({"response_type": "AUTH_ERR"})
    );
    let answer = client.log_in(password(&simulator)).await;
    assert_eq!(answer["response_type"], "SUCCESS");
    assert_eq!(answer["user_info"]["pw_name"], simulator.user());
    let me = client.call("auth.me", json!([])).await.unwrap();
    assert_eq!(me["privilege"]["roles"], json!({"$set": ["FULL_ADMIN"]}));
    assert_eq!(
        (simulator.stats().logins, simulator.stats().failed_logins),
        (1, 1)
    );
}

#[tokio::test]
async fn user_info_and_a_token_for_later_come_if_asked_for() {
    let simulator = start("v26.0.0").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    let mut data = password(&simulator);
    data["login_options"] = json!({"user_info": false, "reconnect_token": true});
    let answer = client.log_in(data).await;
    assert_eq!(answer["user_info"], Value::Null);
    let token = json!({"mechanism": "TOKEN_PLAIN", "token": answer["reconnect_token"]});
    let mut again = Client::dial(&simulator, "/api/current").await;
    assert_eq!(again.log_in(token).await["response_type"], "SUCCESS");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_until_it_is_right() {
    let simulator = Simulator::builder()
        .api("v25.10.5")
        .two_factor(true)
        .start()
        .await
        .unwrap();
    let mut client = Client::dial(&simulator, "/api/current").await;
    let needed = json!({"response_type": "OTP_REQUIRED", "username": simulator.user()});
    assert_eq!(client.log_in(password(&simulator)).await, needed);
    let otp = |token: &str| json!({"mechanism": "OTP_TOKEN", "otp_token": token});
    assert_eq!(client.log_in(otp("000000x")).await, needed);
    let answer = client
        .call("auth.login_ex_continue", json!([otp(&simulator.otp_now())]))
        .await;
    let answer = answer.unwrap();
    assert_eq!(
        (&answer["response_type"], &answer["authenticator"]),
        (&json!("SUCCESS"), &json!("LEVEL_2"))
    );
}

#[tokio::test]
async fn a_one_time_password_without_a_password_is_nothing() {
    let simulator = Simulator::builder()
        .api("v25.10.5")
        .two_factor(true)
        .start()
        .await
        .unwrap();
    let mut client = Client::dial(&simulator, "/api/current").await;
    let otp = json!({"mechanism": "OTP_TOKEN", "otp_token": simulator.otp_now()});
    assert_eq!(client.log_in(otp).await["response_type"], "AUTH_ERR");
}

#[tokio::test]
async fn an_api_key_lets_in_where_nobody_can_listen() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    assert_eq!(
        client.log_in(api_key(&simulator)).await["response_type"],
        "SUCCESS"
    );
}

#[tokio::test]
async fn an_api_key_that_was_sent_in_the_clear_is_worth_nothing_from_then_on() {
    let simulator = start("v25.10.5").await;
    let stream = simulator.connect_insecure();
    let mut client = Client::over(stream, "/api/current").await;
    let expired = json!({"response_type": "EXPIRED"});
    assert_eq!(client.log_in(api_key(&simulator)).await, expired);
    let mut safe = Client::dial(&simulator, "/api/current").await;
    assert_eq!(safe.log_in(api_key(&simulator)).await, expired);
}

#[tokio::test]
async fn a_key_that_the_api_makes_lets_in_until_it_is_deleted() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let entry = json!([{"name": "backup", "username": simulator.user()}]);
    let key = client.call("api_key.create", entry).await.unwrap();
    let login =
        json!({"mechanism": "API_KEY_PLAIN", "username": simulator.user(), "api_key": key["key"]});
    let mut other = Client::dial(&simulator, "/api/current").await;
    assert_eq!(
        other.log_in(login.clone()).await["response_type"],
        "SUCCESS"
    );
    client
        .call("api_key.delete", json!([key["id"]]))
        .await
        .unwrap();
    let mut late = Client::dial(&simulator, "/api/current").await;
    assert_eq!(late.log_in(login).await["response_type"], "AUTH_ERR");
}

#[tokio::test(start_paused = true)]
async fn a_token_lives_while_it_is_used_and_can_be_for_once() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let mut generate = async |params| client.call("auth.generate_token", params).await.unwrap();
    let lasting = generate(json!([50])).await;
    let once = generate(json!([50, {}, true, true])).await;
    let mut answers = Vec::new();
    for (token, wait) in [(&lasting, 40), (&lasting, 40), (&lasting, 60), (&once, 0)] {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        let mut other = Client::dial(&simulator, "/api/current").await;
        let answer = other
            .log_in(json!({"mechanism": "TOKEN_PLAIN", "token": token}))
            .await;
        answers.push(answer["response_type"].clone());
    }
    assert_eq!(
        json!(answers),
        json!(["SUCCESS", "SUCCESS", "AUTH_ERR", "AUTH_ERR"])
    );
}

#[tokio::test]
async fn a_token_for_once_is_used_up() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let once = client
        .call("auth.generate_token", json!([600, {}, true, true]))
        .await
        .unwrap();
    for expected in ["SUCCESS", "AUTH_ERR"] {
        let mut other = Client::dial(&simulator, "/api/current").await;
        let answer = other
            .log_in(json!({"mechanism": "TOKEN_PLAIN", "token": once}))
            .await;
        assert_eq!(answer["response_type"], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn when_a_session_ends_the_connection_stays() {
    let lifetime = Duration::from_secs(30);
    let builder = Simulator::builder()
        .api("v25.10.5")
        .session_lifetime(lifetime);
    let simulator = builder.start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    client.call("system.info", json!([])).await.unwrap();
    tokio::time::sleep(lifetime).await;
    assert_eq!(errno(client.call("system.info", json!([])).await), 207);
    assert_eq!(client.call("core.ping", json!([])).await, Ok(json!("pong")));
    assert_eq!(
        client.log_in(password(&simulator)).await["response_type"],
        "SUCCESS"
    );
    client.call("system.info", json!([])).await.unwrap();
    simulator.expire_sessions();
    assert_eq!(errno(client.call("system.info", json!([])).await), 207);
}

#[tokio::test]
async fn who_may_only_read_may_not_write() {
    let builder = Simulator::builder()
        .api("v25.10.5")
        .roles(["READONLY_ADMIN"]);
    let simulator = builder.start().await.unwrap();
    let mut client = Client::logged_in(&simulator).await;
    client.call("cronjob.query", json!([])).await.unwrap();
    let params = json!([{"user": "root", "command": "true"}]);
    assert_eq!(errno(client.call("cronjob.create", params).await), 13);
    // Nor see that there is such a method.
    let methods = client
        .call("core.get_methods", json!(["cronjob"]))
        .await
        .unwrap();
    let names: Vec<&String> = methods.as_object().unwrap().keys().collect();
    assert_eq!(names, ["cronjob.get_instance", "cronjob.query"]);
}

#[tokio::test]
async fn sessions_are_listed_and_can_be_ended() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let mut other = Client::logged_in(&simulator).await;
    let others = json!([[["current", "=", false]]]);
    let sessions = client.call("auth.sessions", others).await.unwrap();
    assert_eq!(sessions.as_array().unwrap().len(), 1);
    assert_eq!(sessions[0]["credentials"], "LOGIN_PASSWORD");
    let ended = client
        .call("auth.terminate_session", json!([sessions[0]["id"]]))
        .await;
    assert_eq!(ended, Ok(json!(true)));
    assert_eq!(errno(other.call("auth.me", json!([])).await), 207);
    client.call("auth.logout", json!([])).await.unwrap();
    assert_eq!(errno(client.call("auth.me", json!([])).await), 207);
}

#[tokio::test]
async fn the_older_ways_to_log_in_answer_true_or_false() {
    let simulator = start("v25.04.0").await;
    let mut client = Client::dial(&simulator, "/api/current").await;
    // In 25.04 even a ping needs a login.
    assert_eq!(errno(client.call("core.ping", json!([])).await), 207);
    assert_eq!(
        errno(client.call("auth.mechanism_choices", json!([])).await),
        207
    );
    let wrong = client
        .call("auth.login", json!([simulator.user(), "guess"]))
        .await;
    assert_eq!(wrong, Ok(json!(false)));
    let right = client
        .call(
            "auth.login",
            json!([simulator.user(), simulator.password()]),
        )
        .await;
    assert_eq!(right, Ok(json!(true)));
    let key = client
        .call("auth.login_with_api_key", json!([simulator.api_key()]))
        .await;
    assert_eq!(key, Ok(json!(true)));
}

#[tokio::test]
async fn the_key_one_starts_with_is_one_of_the_systems_keys() {
    let simulator = Simulator::builder()
        .api("v25.10.5")
        .api_key("3-given")
        .start()
        .await
        .unwrap();
    let mut client = Client::logged_in(&simulator).await;
    let ids = json!([[], {"select": ["id", "username", "revoked"]}]);
    let first = json!({"id": 3, "username": simulator.user(), "revoked": false});
    assert_eq!(
        client.call("api_key.query", ids.clone()).await,
        Ok(json!([first]))
    );
    let entry = json!([{"name": "second", "username": simulator.user()}]);
    let second = client.call("api_key.create", entry).await.unwrap();
    assert_eq!(second["id"], 4);
    // It takes nobody's place.
    assert_eq!(
        client.log_in(api_key(&simulator)).await["response_type"],
        "SUCCESS"
    );
    // And whoever sends it in the clear finds out why it is worth nothing.
    let mut open = Client::over(simulator.connect_insecure(), "/api/current").await;
    open.log_in(api_key(&simulator)).await;
    let found = client
        .call("api_key.get_instance", json!([3]))
        .await
        .unwrap();
    assert_eq!(found["revoked"], true);
    assert!(found["revoked_reason"].is_string());
}

#[tokio::test]
async fn a_key_can_expire_and_be_made_anew() {
    let simulator = start("v25.10.5").await;
    let mut client = Client::logged_in(&simulator).await;
    let long_ago = json!({"$date": 1_500_000_000_000_i64});
    let entry = json!([{"name": "old", "username": simulator.user(), "expires_at": long_ago}]);
    let old = client.call("api_key.create", entry).await.unwrap();
    let login = |key: &Value| json!({"mechanism": "API_KEY_PLAIN", "username": simulator.user(), "api_key": key["key"]});
    assert_eq!(client.log_in(login(&old)).await["response_type"], "EXPIRED");
    let change = json!([old["id"], {"expires_at": null, "reset": true}]);
    let new = client.call("api_key.update", change).await.unwrap();
    assert_ne!(old["key"], new["key"]);
    assert_eq!(client.log_in(login(&new)).await["response_type"], "SUCCESS");
    assert_eq!(
        client.log_in(login(&old)).await["response_type"],
        "AUTH_ERR"
    );
}

#[tokio::test]
async fn whoever_logs_in_is_one_of_the_systems_users() {
    for name in ["truenas_admin", "somebody"] {
        let builder = Simulator::builder().api("v25.10.5").user(name);
        let simulator = builder.start().await.unwrap();
        let mut client = Client::logged_in(&simulator).await;
        let me = client.call("auth.me", json!([])).await.unwrap();
        let me = json!([[["username", "=", name], ["uid", "=", me["pw_uid"]]], {"count": true}]);
        assert_eq!(client.call("user.query", me).await, Ok(json!(1)), "{name}");
    }
}

#[test]
fn what_a_simulator_is_started_with_is_not_shown() {
    let builder = Simulator::builder()
        .user("somebody")
        .password("hush-1")
        .api_key("1-hush2")
        .otp_secret("HUSH3333");
    let shown = format!("{builder:?}");
    assert!(
        shown.contains("somebody") && !shown.to_lowercase().contains("hush"),
        "{shown}"
    );
}

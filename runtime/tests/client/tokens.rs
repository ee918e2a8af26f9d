//! Logins with a token, which the server destroys with the connection.

use std::time::Duration;

use serde_json::json;
use truenas_runtime::client::auth::LoginError;
use truenas_runtime::client::{Auth, Error};

use crate::peer::{self, Asked, Line, TOKEN};

/// Accepts the login of a client and checks that it uses this token.
async fn admit(line: &mut Line, token: &str) {
    line.gives_tokens = false;
    let login = line.expect("auth.login_ex").await;
    assert_eq!(login.params[0]["token"], token);
    line.answer(login.id, json!({"response_type": "SUCCESS"}))
        .await;
}

/// Waits for the request for the next token: for one use, and from the same
/// address.
async fn asked_for_token(line: &mut Line) -> Asked {
    // The last token has run out by then.
    let life = Duration::from_secs(600);
    let asked = tokio::time::timeout(life, line.expect("auth.generate_token")).await;
    let asked = asked.expect("the client asks for another token");
    assert_eq!(asked.params, json!([600, {}, true, true]));
    asked
}

async fn booted(line: &mut Line) {
    let boot = line.expect("system.boot_id").await;
    line.answer(boot.id, json!("boot-1")).await;
}

#[tokio::test(start_paused = true)]
async fn each_connection_fetches_the_token_for_the_next_one() {
    let (builder, mut peer) = peer::start();
    let server = async {
        let mut token = TOKEN.to_owned();
        for number in 0..5 {
            let mut line = peer.socket().await;
            admit(&mut line, &token).await;
            let asked = asked_for_token(&mut line).await;
            token = format!("token-{number}");
            line.answer(asked.id, json!(token)).await;
            booted(&mut line).await;
            line.end().await;
        }
        let mut line = peer.socket().await;
        admit(&mut line, &token).await;
    };
    let (nas, ()) = tokio::join!(builder.connect(), server);
    nas.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_token_for_the_next_connection_is_never_older_than_it_may_be() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    line.gives_tokens = false;
    let mut newest = String::new();
    for number in 0..10 {
        let waited = tokio::time::Instant::now();
        let asked = asked_for_token(&mut line).await;
        assert!(waited.elapsed() < Duration::from_secs(600));
        newest = format!("token-{number}");
        line.answer(asked.id, json!(newest)).await;
    }
    // A token that is not received is requested again before the last one
    // expires.
    let waited = tokio::time::Instant::now();
    let asked = asked_for_token(&mut line).await;
    line.fail(asked.id, -32001, 5, json!(null)).await;
    asked_for_token(&mut line).await;
    assert!(waited.elapsed() < Duration::from_secs(600));
    line.end().await;
    let mut line = peer.socket().await;
    admit(&mut line, &newest).await;
    drop(nas);
}

#[tokio::test(start_paused = true)]
async fn the_token_that_comes_with_the_login_needs_no_call() {
    let (builder, mut peer) = peer::start();
    let server = async {
        let mut line = peer.socket().await;
        line.gives_tokens = false;
        let login = line.expect("auth.login_ex").await;
        let success = json!({"response_type": "SUCCESS", "reconnect_token": "for-next-time"});
        line.answer(login.id, success).await;
        booted(&mut line).await;
        // It may only be valid for a minute.
        let waited = tokio::time::Instant::now();
        let asked = asked_for_token(&mut line).await;
        assert!(waited.elapsed() < Duration::from_secs(60));
        line.answer(asked.id, json!("another")).await;
        line.end().await;
        let mut line = peer.socket().await;
        admit(&mut line, "another").await;
    };
    let (nas, ()) = tokio::join!(builder.connect(), server);
    nas.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_login_that_cannot_be_renewed_says_what_to_use() {
    let (builder, mut peer) = peer::start();
    let server = async {
        let mut line = peer.socket().await;
        admit(&mut line, TOKEN).await;
        let asked = asked_for_token(&mut line).await;
        line.fail(asked.id, -32001, 95, json!(null)).await;
        booted(&mut line).await;
        line.end().await;
        let mut line = peer.socket().await;
        let login = line.expect("auth.login_ex").await;
        line.answer(login.id, json!({"response_type": "AUTH_ERR"}))
            .await;
        line
    };
    let (nas, _line) = tokio::join!(builder.connect(), server);
    let nas = nas.unwrap();
    let error = nas.read(1).await.unwrap_err();
    let Error::Login(refusal) = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(**refusal, LoginError::NotRenewable(_)));
    let error = error.to_string();
    assert!(
        error.starts_with(
            "a login with a token cannot be renewed: the server did not issue another token"
        ) && error.contains("EOPNOTSUPP")
            && error.contains("Auth::api_key"),
        "{error}"
    );
    assert!(!error.contains(TOKEN), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_server_did_not_give_is_asked_for_until_it_does() {
    let (builder, mut peer) = peer::start();
    let server = async {
        let mut line = peer.socket().await;
        admit(&mut line, TOKEN).await;
        let asked = asked_for_token(&mut line).await;
        line.fail(asked.id, -32001, 5, json!(null)).await;
        booted(&mut line).await;
        let asked = asked_for_token(&mut line).await;
        line.fail(asked.id, -32001, 5, json!(null)).await;
        let asked = asked_for_token(&mut line).await;
        line.answer(asked.id, json!("late")).await;
        assert!(line.is_quiet().await);
        line.end().await;
        let mut line = peer.socket().await;
        admit(&mut line, "late").await;
    };
    let (nas, ()) = tokio::join!(builder.connect(), server);
    nas.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_a_token_does_not_cost_the_one_that_is_there() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    line.gives_tokens = false;
    let asked = asked_for_token(&mut line).await;
    line.answer(asked.id, json!("valid")).await;
    let asked = asked_for_token(&mut line).await;
    line.answer(asked.id, json!(null)).await;
    assert!(line.is_quiet().await);
    line.end().await;
    let mut line = peer.socket().await;
    admit(&mut line, "valid").await;
    drop(nas);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_a_lost_connection_has_used_up_says_so() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    line.end().await;
    let server = async {
        let mut line = peer.socket().await;
        admit(&mut line, TOKEN).await;
        asked_for_token(&mut line).await;
        line.end().await;
        let mut line = peer.socket().await;
        let login = line.expect("auth.login_ex").await;
        line.answer(login.id, json!({"response_type": "AUTH_ERR"}))
            .await;
        assert!(line.next().await.is_none());
    };
    let (read, ()) = tokio::join!(nas.read(1).into_future(), server);
    let error = read.unwrap_err().to_string();
    assert!(error.contains("had been used already"), "{error}");
    assert!(!error.contains("10 minutes"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_has_expired_meanwhile_says_so() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    line.end().await;
    let server = async {
        let mut line = peer.socket().await;
        let login = line.expect("auth.login_ex").await;
        line.answer(login.id, json!({"response_type": "AUTH_ERR"}))
            .await;
        assert!(line.next().await.is_none());
    };
    let (read, ()) = tokio::join!(nas.read(1).into_future(), server);
    let error = read.unwrap_err().to_string();
    assert!(error.contains("it is valid for 10 minutes"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn no_token_is_made_for_another_login() {
    let (builder, mut peer) = peer::start_at("unix:/somewhere");
    let builder = builder.login(Auth::password("admin", "hunter2"));
    let server = async {
        let mut line = peer.socket().await;
        line.gives_tokens = false;
        let login = line.expect("auth.login_ex").await;
        line.answer(login.id, json!({"response_type": "SUCCESS"}))
            .await;
        booted(&mut line).await;
        let hour = tokio::time::timeout(Duration::from_secs(3600), line.next());
        assert!(hour.await.is_err(), "something was asked for");
    };
    let (nas, ()) = tokio::join!(builder.connect(), server);
    nas.unwrap();
}

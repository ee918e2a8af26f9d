//! Whatever is logged, printed for debugging or reported as an error: no
//! secret is in it.

use std::time::Duration;

use serde_json::{Value, json};
use truenas_runtime::client::auth::ApiKey;
use truenas_runtime::client::{Auth, Client, Notice};

use crate::api::V1;
use crate::listener::{check, check_shown, listen, show, show_debug, show_error};
use crate::peer::{self, Line};

const PASSWORD: &str = "s3cret-password";
const OTP: &str = "s3cret-otp";
const KEY: &str = "7-S3cretKeyS3cretKeyS3cretKey";
const RECONNECT: &str = "s3cret-reconnect-token";
const PARAM: &str = "s3cret-parameter";
const RESULT: &str = "s3cret-result";
const EVENT: &str = "s3cret-event";
const JOB: &str = "s3cret-of-a-job";
const DOWNLOAD: &str = "/_download/7?auth_token=s3cret-file-token";

/// A way to the peer that counts as encrypted.
const UNIX: &str = "unix:/somewhere";

#[tokio::test(start_paused = true)]
async fn what_was_sent_and_answered_is_not_shown() {
    let _listening = listen();
    let (builder, mut peer) = peer::start_at(UNIX);
    let auth = Auth::password("admin", PASSWORD).with_otp(async || OTP);
    show_debug(&auth);
    let builder = builder.login(auth);
    show_debug(&builder);
    let login = async {
        let mut line = peer.socket().await;
        let first = line.expect("auth.login_ex").await;
        assert_eq!(first.params[0]["password"], PASSWORD);
        line.answer(
            first.id,
            json!({"response_type": "OTP_REQUIRED", "username": "admin"}),
        )
        .await;
        let second = line.expect("auth.login_ex").await;
        assert_eq!(second.params[0]["otp_token"], OTP);
        let success = json!({
            "response_type": "SUCCESS", "reconnect_token": RECONNECT,
            "user_info": {"pw_name": "admin", "attributes": {"note": RESULT}},
        });
        line.answer(second.id, success).await;
        let boot = line.expect("system.boot_id").await;
        line.answer(boot.id, json!("boot-1")).await;
        line
    };
    let (nas, mut line) = tokio::join!(builder.connect(), login);
    let nas: Client<V1> = nas.unwrap();
    let server = async {
        serve(&mut line).await;
        line.end().await;
        // The token takes the place of the password.
        let mut line = peer.socket().await;
        let login = line.expect("auth.login_ex").await;
        assert_eq!(login.params[0]["token"], RECONNECT);
        line.answer(login.id, json!({"response_type": "SUCCESS"}))
            .await;
        let boot = line.expect("system.boot_id").await;
        line.answer(boot.id, json!("boot-1")).await;
        while line.next().await.is_some() {}
    };
    tokio::select! {
        () = use_everything(&nas) => {}
        () = server => panic!("the client has gone"),
    }
    check(&[
        PASSWORD,
        OTP,
        RECONNECT,
        PARAM,
        RESULT,
        EVENT,
        JOB,
        DOWNLOAD,
        peer::TOKEN,
    ]);
}

/// Each kind of thing that a client gives, and each kind of error.
async fn use_everything(nas: &Client<V1>) {
    let session = nas.session();
    show_debug(nas);
    show_debug(session);
    show_debug(&nas.read(1));
    show_debug(&nas.scrub(1));
    show_debug(&nas.changes());
    let call = |method| session.call_raw(method, vec![json!({"passphrase": PARAM})]);

    let answer = call("disk.read").await.unwrap();
    assert!(answer.text().contains(RESULT));
    show_debug(&answer);
    // The answer is of another type.
    let error = nas.read(1).await.unwrap_err();
    show_error(&error);
    show_error(&answer.read::<Vec<i64>>().unwrap_err().into());
    // One that cannot be parsed.
    show_error(&nas.read(1).await.unwrap_err());
    // Refused in each way.
    for _ in 0..4 {
        show_error(&call("disk.create").await.unwrap_err());
    }
    let long = json!(PARAM.repeat(10_000));
    show_error(
        &session
            .call_raw("disk.create", vec![long])
            .await
            .unwrap_err(),
    );

    let mut changes = nas.changes().await.unwrap();
    show_debug(&changes);
    let Some(Ok(Notice::Partial(partial))) = changes.next().await else {
        panic!();
    };
    show_debug(&partial);
    // The parts that a program reads from it.
    assert_eq!(partial.fields().unwrap()["key"], EVENT);
    show_debug(&partial.fields());
    show_debug(&partial.extra());
    show_debug(&partial.read::<i64>());
    let ended = changes.next().await.unwrap();
    show_error(&ended.unwrap_err());

    let mut raw = session.subscribe_raw("api_key.query").await.unwrap();
    show_debug(&raw);
    let Some(Ok(Notice::Added(event))) = raw.next().await else {
        panic!();
    };
    assert_eq!(event.fields.as_ref().unwrap()["key"], EVENT);
    show_debug(&event);
    show_debug(&event.fields);

    let job = nas.scrub(1).await.unwrap();
    let mut progress = job.progress();
    show_debug(&progress);
    show_debug(&progress.next().await);
    show_debug(&job);
    show_debug(&job.status().await.unwrap());
    show_error(&job.wait().await.unwrap_err());

    let download = session.call_raw("core.download", vec![json!(PARAM)]).await;
    show_debug(&download);
    let timeout = nas.create(1).timeout(Duration::from_secs(1)).await;
    show_error(&timeout.unwrap_err());
    // The connection is lost.
    show_error(&call("disk.create").await.unwrap_err());
    session.close().await;
    show_error(&call("disk.create").await.unwrap_err());
}

async fn serve(line: &mut Line) {
    let secret = json!({"key": RESULT});
    let call = line.expect("disk.read").await;
    assert_eq!(call.params[0]["passphrase"], PARAM);
    line.answer(call.id, secret.clone()).await;
    let call = line.expect("disk.read").await;
    line.answer(call.id, secret.clone()).await;
    let call = line.expect("disk.read").await;
    line.say(format!(
        r#"{{"result": {{"{RESULT}": NaN}}, "id": {}}}"#,
        call.id
    ))
    .await;
    let extra = json!([["data.passphrase", "too weak", 22]]);
    for (code, extra) in [
        (-32602, extra),
        (-32001, secret.clone()),
        (-32601, Value::Null),
    ] {
        let call = line.expect("disk.create").await;
        line.fail(call.id, code, 22, extra).await;
    }
    let call = line.expect("disk.create").await;
    line.say(json!({"error": {"code": -32000, "message": "no"}, "id": call.id}).to_string())
        .await;

    line.subscribed("disk.query").await;
    let event = json!({"id": {"key": EVENT}, "fields": {"key": EVENT}, "extra": EVENT});
    line.changed("disk.query", "changed", event).await;
    let error = json!({"error": 22, "reason": "over", "extra": [EVENT]});
    line.notify(
        "notify_unsubscribed",
        json!({"collection": "disk.query", "error": error}),
    )
    .await;

    line.subscribed("api_key.query").await;
    // The server sends a new key in clear.
    let event = json!({"id": {"key": EVENT}, "fields": {"key": EVENT}, "extra": EVENT});
    line.changed("api_key.query", "added", event).await;

    line.subscribed("core.get_jobs").await;
    let call = line.expect("disk.scrub").await;
    line.answer(call.id, json!(7)).await;
    let secret = json!({
        "arguments": [JOB], "result": {"key": JOB}, "credentials": {"data": JOB},
        "progress": {"percent": 1, "description": "", "extra": JOB},
    });
    line.job("changed", 7, "SUCCESS", secret.clone()).await;
    let call = line.expect("core.get_jobs").await;
    let mut job = json!({"id": 7, "state": "SUCCESS", "method": "disk.scrub"});
    job.as_object_mut()
        .unwrap()
        .extend(secret.as_object().unwrap().clone());
    line.answer(call.id, json!([job])).await;

    let call = line.expect("core.download").await;
    line.answer(call.id, json!([7, DOWNLOAD])).await;
    line.expect("disk.create").await;
    // What answers nothing, and what is not known.
    line.answer(12345, json!(RESULT)).await;
    line.notify("a_new_one", json!({"key": EVENT})).await;
    line.changed(
        "core.get_jobs",
        "changed",
        json!({"fields": {"id": JOB, "state": JOB}}),
    )
    .await;
    line.expect("disk.create").await;
}

/// A login that fails at its last step; gives what was sent.
async fn refused(address: &str, auth: Auth, answers: Vec<Value>) -> Vec<Value> {
    let (builder, mut peer) = peer::start_at(address);
    show_debug(&auth);
    let server = async {
        let mut line = peer.socket().await;
        let mut sent = Vec::new();
        for answer in answers {
            let call = line.asked().await;
            line.answer(call.id, answer).await;
            sent.push(call.params);
        }
        while line.next().await.is_some() {}
        sent
    };
    let (connected, sent) = tokio::join!(builder.login(auth).connect(), server);
    show_error(&connected.unwrap_err());
    sent
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_is_not_shown() {
    let _listening = listen();
    let wrong = json!({"response_type": "AUTH_ERR", "detail": RESULT});
    let odd = json!({"response_type": RESULT});
    let otp = json!({"response_type": "OTP_REQUIRED"});
    let password = || Auth::password("admin", PASSWORD).with_otp(async || OTP);
    let key: ApiKey = KEY.parse().unwrap();
    show_debug(&key);

    let sent = refused(UNIX, password(), vec![wrong.clone()]).await;
    assert!(sent[0].to_string().contains(PASSWORD));
    refused(UNIX, password(), vec![otp; 4]).await;
    refused(UNIX, Auth::token(peer::TOKEN), vec![wrong.clone()]).await;
    refused(UNIX, Auth::token(peer::TOKEN), vec![odd]).await;
    let plain = Auth::api_key("admin", key.clone()).allow_plain();
    let sent = refused(UNIX, plain, vec![wrong.clone()]).await;
    assert!(sent[0].to_string().contains(KEY));

    // With SCRAM the key is not even sent, but what is made from it.
    let scram = json!(["SCRAM"]);
    let message = |kind: &str, text: String| json!({"response_type": "SCRAM_RESPONSE", "scram_type": kind, "rfc_str": text});
    let first = message(
        "SERVER_FIRST_RESPONSE",
        format!("r={RESULT},s={RESULT},i=1"),
    );
    let auth = Auth::api_key("admin", key.clone());
    let sent = refused("ws://peer", auth, vec![scram, first]).await;
    let first = sent[1][0]["rfc_str"].as_str().unwrap();
    let nonce = first.rsplit_once("r=").unwrap().1;

    for text in ["7-", "s3cret", "7-s3cret\u{e4}-s3cret"] {
        show_debug(&text.parse::<ApiKey>().unwrap_err());
        show(text.parse::<ApiKey>().unwrap_err());
    }
    check_shown(&[
        PASSWORD,
        OTP,
        KEY,
        "S3cretKey",
        RESULT,
        nonce,
        "s3cret",
        peer::TOKEN,
    ]);
}

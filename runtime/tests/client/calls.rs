//! Calls and their answers.

use std::time::Duration;

use serde_json::json;
use truenas_runtime::client::{Endpoint, Errno, Error, Status};

use crate::peer;

#[tokio::test(start_paused = true)]
async fn answers_come_in_any_order_and_twice() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let first = line.expect("disk.read").await;
        let second = line.expect("disk.read").await;
        line.answer(second.id, second.params[0].clone()).await;
        line.answer(second.id, json!(99)).await;
        line.answer(first.id, first.params[0].clone()).await;
        line.answer(12345, json!(99)).await;
        let third = line.expect("disk.read").await;
        line.answer(third.id, third.params[0].clone()).await;
    };
    let client = async {
        let (first, second) = tokio::join!(nas.read(1).into_future(), nas.read(2).into_future());
        assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
        assert_eq!(nas.read(3).await.unwrap(), 3);
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_calls_wait_in_order_for_twenty_places() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) =
        peer::connected(builder.timeout(Duration::from_secs(3600)), &mut peer).await;
    let client = async move {
        let calls = (0..10_000).map(|n| nas.read(n).into_future());
        let answers = futures_util::future::try_join_all(calls).await.unwrap();
        assert_eq!(answers, (0..10_000).collect::<Vec<_>>());
    };
    let server = async {
        let mut expected = 0;
        loop {
            let mut batch = Vec::new();
            while batch.len() < 20 && expected < 10_000 {
                let call = line.asked().await;
                assert_eq!(call.params[0], expected);
                expected += 1;
                batch.push(call);
            }
            if batch.is_empty() {
                break;
            }
            // The twenty-first waits.
            assert!(line.is_quiet().await);
            for call in batch.into_iter().rev() {
                line.answer(call.id, call.params[0].clone()).await;
            }
        }
        assert!(line.next().await.is_none());
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_json_costs_one_call() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let broken = line.asked().await;
        let fine = line.asked().await;
        let text = format!(
            r#"{{"jsonrpc": "2.0", "result": {{"s": "NaN \" NaN", "x": NaN, "y": -Infinity}}, "id": {}}}"#,
            broken.id
        );
        line.say(text).await;
        line.answer(fine.id, json!(1)).await;
        let surrogate = line.asked().await;
        line.say(format!(
            r#"{{"jsonrpc": "2.0", "result": "\ud800", "id": {}}}"#,
            surrogate.id
        ))
        .await;
        let typed = line.asked().await;
        line.answer(typed.id, json!({"secret": "hunter2"})).await;
        let fine = line.asked().await;
        line.answer(fine.id, json!(2)).await;
    };
    let client = async {
        let (broken, fine) = tokio::join!(nas.read(1).into_future(), nas.read(2).into_future());
        let Err(Error::Decode(error)) = broken else {
            panic!("{broken:?}");
        };
        assert_eq!(error.method(), Some("disk.read"));
        let raw = error.answer().unwrap().text();
        assert_eq!(raw, r#"{"s": "NaN \" NaN", "x": NaN, "y": -Infinity}"#);
        assert_eq!(fine.unwrap(), 1);
        assert!(matches!(nas.read(3).await, Err(Error::Decode(_))));

        let error = nas.read(4).await.unwrap_err();
        let Error::Decode(decode) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(decode.path(), "$");
        assert_eq!(decode.answer().unwrap().text(), r#"{"secret":"hunter2"}"#);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert_eq!(nas.read(5).await.unwrap(), 2);
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn errors_are_kinds() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let extra = json!([["data.name", "it is taken", 17], [null, "and wrong", 22]]);
        let call = line.asked().await;
        line.fail(call.id, -32602, 22, extra).await;
        let call = line.asked().await;
        line.fail(call.id, -32001, 28, json!(null)).await;
        let call = line.asked().await;
        line.fail(call.id, -32001, 201, json!(null)).await;
        for code in [-32601, -32000] {
            let call = line.asked().await;
            let error = json!({"code": code, "message": "no"});
            line.say(json!({"jsonrpc": "2.0", "error": error, "id": call.id}).to_string())
                .await;
        }
        let call = line.asked().await;
        line.say(r#"{"jsonrpc": "2.0", "error": {"code": -32700, "message": "no"}, "id": null}"#)
            .await;
        assert_eq!(call.method, "disk.create");
    };
    let client = async {
        let error = nas.create(1).await.unwrap_err();
        let Error::Invalid { fields, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(fields[0].attribute.as_deref(), Some("data.name"));
        assert_eq!(
            (fields[0].errno, fields[1].errno),
            (Errno::Exists, Errno::Invalid)
        );
        assert_eq!(
            error.to_string(),
            "disk.create: data.name: it is taken; and wrong"
        );

        let error = nas.create(1).await.unwrap_err();
        assert_eq!(error.errno(), Some(Errno::NoSpace));
        assert_eq!(error.to_string(), "disk.create: it failed (ENOSPC)");
        assert!(!error.is_retryable());

        let error = nas.create(1).await.unwrap_err();
        assert!(matches!(error, Error::NoSuchMethod { .. }));
        let error = nas.create(1).await.unwrap_err();
        assert!(matches!(error, Error::NoSuchMethod { .. }));
        let error = nas.create(1).await.unwrap_err();
        assert!(matches!(error, Error::Refused { code: -32000, .. }));
        assert!(error.is_retryable());
        // The only one on its way must be the one that could not be read.
        let error = nas.create(1).await.unwrap_err();
        assert!(matches!(error, Error::Refused { code: -32700, .. }));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn what_was_redacted_never_replaces_a_secret() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let entry = json!({"name": "backup", "attributes": {"private_key": "********"}});
    let error = nas
        .session()
        .call_raw("keychaincredential.update", vec![json!(1), entry])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::RedactedSecret { .. }), "{error}");
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    // The next call is the first that the server sees.
    let server = async {
        let call = line.asked().await;
        line.fail(call.id, -32001, 28, json!(null)).await;
        call.method
    };
    let (_, method) = tokio::join!(nas.create(1), server);
    assert_eq!(method, "disk.create");
}

#[cfg(feature = "files")]
#[tokio::test(start_paused = true)]
async fn an_upload_with_a_redacted_secret_asks_for_nothing() {
    use truenas_runtime::client::Source;
    use truenas_runtime::{Job, JobRequest, Method, MethodInfo, MethodKind, Parameter, Pipes};

    struct Restore;

    impl Method for Restore {
        const INFO: &'static MethodInfo = &MethodInfo {
            name: "disk.restore",
            kind: MethodKind::Job,
            pipes: Pipes::NONE,
            roles: &[],
            parameters: &[Parameter {
                name: "passphrase",
                required: true,
                default: None,
            }],
            reads_only: false,
            removed_in: None,
        };
        type Params = (String,);
        type Result = bool;
    }

    impl Job for Restore {}

    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    line.gives_tokens = false;
    let restore = JobRequest::<_, Restore>::new(nas.session(), ("********".to_owned(),));
    let upload = restore.upload(Source::bytes("a file")).into_future();
    let server = async { assert!(line.is_quiet().await, "something was asked for") };
    let (job, ()) = tokio::join!(upload, server);
    let error = job.unwrap_err();
    assert!(matches!(error, Error::RedactedSecret { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_message_over_the_limit_is_not_sent() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let text = "ä".repeat(66_000);
    let error = nas
        .session()
        .call_raw("disk.create", vec![json!(text)])
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        Error::TooLarge {
            limit: 65_536,
            size: 66_000..,
            ..
        }
    ));
    // The server counts characters, not bytes.
    let text = "ä".repeat(60_000);
    let call = nas.session().call_raw("disk.create", vec![json!(text)]);
    let server = async {
        let call = line.asked().await;
        line.answer(call.id, json!(7)).await;
    };
    let (answer, ()) = tokio::join!(call, server);
    assert_eq!(answer.unwrap().text(), "7");
}

#[tokio::test(start_paused = true)]
async fn time_limits_say_whether_the_call_was_sent() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder.in_flight(1), &mut peer).await;
    let first = nas.create(1).timeout(Duration::from_secs(10));
    let second = nas.create(2).timeout(Duration::from_secs(5));
    let (first, second) = tokio::join!(first.into_future(), second.into_future());
    let (first, second) = (first.unwrap_err(), second.unwrap_err());
    assert!(matches!(first, Error::Timeout { sent: true, .. }));
    assert!(matches!(second, Error::Timeout { sent: false, .. }));
    assert!(!first.is_retryable());
    assert!(second.is_retryable());
    assert!(first.to_string().contains("it may have been done"));
    // The late answer gives the place back.
    let late = line.asked().await;
    line.answer(late.id, json!(1)).await;
    let server = async {
        let call = line.expect("disk.read").await;
        line.answer(call.id, json!(3)).await;
    };
    let (answer, ()) = tokio::join!(nas.read(3).into_future(), server);
    assert_eq!(answer.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_is_not_sent() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder.in_flight(1), &mut peer).await;
    let mut first = nas.read(1).into_future();
    let mut second = nas.create(2).into_future();
    // Both get as far as they can.
    assert!(futures_util::poll!(&mut first).is_pending());
    assert!(futures_util::poll!(&mut second).is_pending());
    let call = line.expect("disk.read").await;
    drop(second);
    line.answer(call.id, json!(1)).await;
    assert_eq!(first.await.unwrap(), 1);
    assert!(line.is_quiet().await);
}

#[tokio::test(start_paused = true)]
async fn closing_ends_what_waits() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    let session = nas.session().clone();
    let close = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        session.close().await;
    };
    let (sent, ()) = tokio::join!(nas.create(1).into_future(), close);
    assert!(matches!(sent, Err(Error::Interrupted { .. })));
    assert_eq!(nas.session().status(), Status::Closed);
    assert!(matches!(nas.create(1).await, Err(Error::Closed)));
    drop(line);
}

#[tokio::test]
async fn a_version_that_is_not_served_is_named() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use truenas_runtime::client::{Client, ConnectError};

    let error = Client::<crate::api::V1>::builder("ws://peer")
        .connector(|| async {
            let (ours, mut theirs) = tokio::io::duplex(4096);
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                let _ = theirs.read(&mut buffer).await;
                let body = r#"["v25.04.0","v25.04.1"]"#;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                theirs.write_all(answer.as_bytes()).await.unwrap();
            });
            Ok(ours)
        })
        .connect()
        .await
        .unwrap_err();
    let Error::Connect(connect) = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(**connect, ConnectError::Version { .. }));
    assert_eq!(
        error.to_string(),
        "the server does not serve v25.10.5, the version of the selected types; \
         it serves v25.04.0, v25.04.1: use the types of one of these"
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_without_an_id_is_the_one_of_the_call_that_is_left() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let _unreadable = line.asked().await;
        let fine = line.asked().await;
        line.say(r#"{"jsonrpc": "2.0", "error": {"code": -32700, "message": "no"}, "id": null}"#)
            .await;
        line.answer(fine.id, json!(2)).await;
    };
    let client = async { tokio::join!(nas.read(1).into_future(), nas.read(2).into_future()) };
    let ((unreadable, fine), ()) = tokio::join!(client, server);
    assert_eq!(fine.unwrap(), 2);
    assert!(
        matches!(unreadable, Err(Error::Refused { code: -32700, .. })),
        "{unreadable:?}"
    );
}

#[test]
fn a_port_that_is_none_is_not_taken_for_another() {
    for address in ["wss://nas.example:99999", "ws://[::1]:65536"] {
        let error = address.parse::<Endpoint>().unwrap_err();
        assert!(error.to_string().contains("port"), "{error}");
    }
}

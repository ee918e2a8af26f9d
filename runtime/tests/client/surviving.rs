//! Lost connections, logins that run out, servers that restart.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;
use tokio::time::Instant;
use truenas_runtime::client::{Auth, ConnectError, Errno, Error, Reconnect, Replay, Status};

use crate::peer;

#[tokio::test(start_paused = true)]
async fn what_was_with_the_server_is_repeated_only_if_it_reads() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder.in_flight(2), &mut peer).await;
    let client = async {
        tokio::join!(
            nas.create(1).into_future(),
            nas.read(2).into_future(),
            nas.create(3).into_future()
        )
    };
    let server = async {
        let created = line.expect("disk.create").await;
        let read = line.expect("disk.read").await;
        assert!(line.is_quiet().await);
        line.end().await;
        let mut line = peer.line().await;
        let again = line.expect("disk.read").await;
        assert_eq!(again.params, read.params);
        let unsent = line.expect("disk.create").await;
        assert_ne!(unsent.params, created.params);
        line.answer(again.id, json!(2)).await;
        line.answer(unsent.id, json!(3)).await;
        assert!(line.is_quiet().await);
        line
    };
    let ((created, read, unsent), _line) = tokio::join!(client, server);
    let error = created.unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }));
    assert!(error.to_string().contains("it may have been done"));
    assert!(!error.is_retryable());
    assert_eq!((read.unwrap(), unsent.unwrap()), (2, 3));
    assert_eq!(peer.logins, 2);
}

#[tokio::test(start_paused = true)]
async fn the_caller_can_decide_otherwise() {
    let (builder, mut peer) = peer::start();
    let builder = builder.replay(Replay::when(|call| call.method == "disk.create"));
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.expect("disk.create").await;
        line.expect("disk.read").await;
        line.end().await;
        let mut line = peer.line().await;
        let call = line.expect("disk.create").await;
        line.answer(call.id, json!(1)).await;
        line
    };
    let client = async { tokio::join!(nas.create(1).into_future(), nas.read(2).into_future()) };
    let ((created, read), _line) = tokio::join!(client, server);
    assert_eq!(created.unwrap(), 1);
    let error = read.unwrap_err();
    assert!(matches!(
        error,
        Error::Interrupted {
            reads_only: true,
            ..
        }
    ));
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_read_that_kills_every_connection_ends() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let read = nas.read(1).timeout(Duration::from_secs(3600));
    let server = async {
        for _ in 0..9 {
            line.expect("disk.read").await;
            line.end().await;
            line = peer.line().await;
        }
        line.expect("disk.read").await;
        line.end().await;
        peer.line().await
    };
    let (read, mut line) = tokio::join!(read.into_future(), server);
    assert!(matches!(read, Err(Error::Interrupted { .. })));
    assert!(line.is_quiet().await);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_has_run_out_is_renewed_once_for_all() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let client = async {
        let calls = (0..30).map(|n| nas.create(n).into_future());
        futures_util::future::try_join_all(calls).await.unwrap()
    };
    let server = async {
        let mut refused = Vec::new();
        for _ in 0..20 {
            refused.push(line.asked().await);
        }
        // One is still at work under the old login and succeeds.
        let slow = refused.pop().unwrap();
        for call in &refused {
            line.fail(call.id, -32001, 207, json!(null)).await;
        }
        // Whether that is what the error means is asked once for all.
        line.logged_out().await;
        assert!(line.is_quiet().await);
        line.answer(slow.id, slow.params[0].clone()).await;
        let mut line = peer.line().await;
        let mut seen = vec![slow.params[0].as_i64().unwrap()];
        for _ in 0..29 {
            let call = line.asked().await;
            seen.push(call.params[0].as_i64().unwrap());
            line.answer(call.id, call.params[0].clone()).await;
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..30).collect::<Vec<_>>());
        assert!(line.is_quiet().await);
        line
    };
    let (answers, _line) = tokio::join!(client, server);
    assert_eq!(answers, (0..30).collect::<Vec<_>>());
    assert_eq!(peer.logins, 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_turned_away_again_and_again_fails() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        for _ in 0..3 {
            let call = line.asked().await;
            line.fail(call.id, -32001, 207, json!(null)).await;
            line.logged_out().await;
            line = peer.line().await;
        }
        let call = line.asked().await;
        line.fail(call.id, -32001, 207, json!(null)).await;
        line
    };
    let (answer, _line) = tokio::join!(nas.create(1).into_future(), server);
    assert!(matches!(answer, Err(Error::Failed(_))));
    assert_eq!(peer.logins, 4);
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_ends_the_client_and_is_not_repeated() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.expect("disk.read").await;
        line.end().await;
        let mut line = peer.socket().await;
        let login = line.expect("auth.login_ex").await;
        line.answer(login.id, json!({"response_type": "AUTH_ERR"}))
            .await;
        assert!(line.next().await.is_none());
        let more = tokio::time::timeout(Duration::from_secs(3600), peer.socket());
        assert!(more.await.is_err(), "there was another attempt");
    };
    let client = async {
        let read = nas.read(1).await;
        assert!(matches!(read, Err(Error::Login(_))), "{read:?}");
        assert_eq!(nas.session().status(), Status::Closed);
        assert!(matches!(nas.read(1).await, Err(Error::Login(_))));
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_looks_like_a_lost_login_is_the_calls_own_if_the_login_holds() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let call = line.expect("disk.create").await;
        line.fail(call.id, -32001, 207, json!(null)).await;
        let look = line.expect("auth.me").await;
        line.answer(look.id, json!({"pw_name": "admin"})).await;
        assert!(line.is_quiet().await);
    };
    let (created, ()) = tokio::join!(nas.create(1).into_future(), server);
    let error = created.unwrap_err();
    assert_eq!(error.errno(), Some(Errno::NotAuthenticated));
    assert_eq!(peer.logins, 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_taken_is_asked_for_once_more_and_named() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder.max_message(1000), &mut peer).await;
    let server = async {
        for _ in 0..2 {
            let call = line.expect("disk.read").await;
            line.answer(call.id, json!("x".repeat(2000))).await;
            line = peer.line().await;
        }
        assert!(line.is_quiet().await);
    };
    let read = nas.read(1).timeout(Duration::from_secs(300)).into_future();
    let (read, ()) = tokio::join!(read, server);
    let error = read.unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    assert!(
        error.to_string().contains("of which 1000 are taken"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_at_a_login_has_not_refused_it() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    line.end().await;
    let server = async {
        let mut starting = peer.socket().await;
        let login = starting.expect("auth.login_ex").await;
        starting.fail(login.id, -32001, 5, json!(null)).await;
        let mut line = peer.line().await;
        let read = line.expect("disk.read").await;
        line.answer(read.id, json!(1)).await;
        line
    };
    let read = nas.read(1).timeout(Duration::from_secs(600)).into_future();
    let (read, _line) = tokio::join!(read, server);
    assert_eq!(read.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_send_what_a_new_connection_asks_for_is_asked_again() {
    let (builder, mut peer) = peer::start();
    let builder = builder.legacy_jobs(false);
    let server = async {
        let mut line = peer.line().await;
        let options = line.expect("core.set_options").await;
        line.answer(options.id, json!({"legacy_jobs": false})).await;
        line
    };
    let (nas, line) = tokio::join!(builder.connect(), server);
    line.end().await;
    let nas = nas.unwrap();
    let server = async {
        let mut starting = peer.socket().await;
        let login = starting.expect("auth.login_ex").await;
        starting.fail(login.id, -32603, 5, json!(null)).await;
        let failed = Instant::now();
        let mut starting = peer.line().await;
        assert!(failed.elapsed() >= Duration::from_secs(60));
        let options = starting.expect("core.set_options").await;
        starting.fail(options.id, -32603, 5, json!(null)).await;
        let mut line = peer.line().await;
        let options = line.expect("core.set_options").await;
        line.answer(options.id, json!({"legacy_jobs": false})).await;
        let read = line.expect("disk.read").await;
        line.answer(read.id, json!(1)).await;
        line
    };
    let read = nas.read(1).timeout(Duration::from_secs(600)).into_future();
    let (read, _line) = tokio::join!(read, server);
    assert_eq!(read.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_function_of_the_callers_that_panics_leaves_nobody_waiting() {
    let (builder, mut peer) = peer::start();
    let builder = builder.replay(Replay::when(|_| panic!("a caller's own")));
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.expect("disk.create").await;
        line.end().await;
    };
    let (created, ()) = tokio::join!(nas.create(1).into_future(), server);
    assert!(
        matches!(created, Err(Error::Interrupted { .. })),
        "{created:?}"
    );
    assert_eq!(nas.session().status(), Status::Closed);
    assert!(matches!(nas.read(1).await, Err(Error::Closed)));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_has_run_out_interrupts_no_slow_call() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let client = async { tokio::join!(nas.create(1).into_future(), nas.read(2).into_future()) };
    let server = async {
        let slow = line.expect("disk.create").await;
        let read = line.expect("disk.read").await;
        line.fail(read.id, -32001, 207, json!(null)).await;
        // Reading answers the pings.
        let quiet = tokio::time::timeout(Duration::from_secs(45), line.next()).await;
        assert!(quiet.is_err());
        line.answer(slow.id, json!(1)).await;
        let mut line = peer.line().await;
        let read = line.expect("disk.read").await;
        line.answer(read.id, json!(2)).await;
        line
    };
    let ((created, read), _line) = tokio::join!(client, server);
    assert_eq!((created.unwrap(), read.unwrap()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn the_other_half_of_a_pair_is_waited_for() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    line.end().await;
    let server = async {
        let mut standby = peer.socket().await;
        let login = standby.expect("auth.login_ex").await;
        let redirect = json!({"response_type": "REDIRECT", "urls": ["https://other"]});
        standby.answer(login.id, redirect).await;
        let mut line = peer.line().await;
        let read = line.expect("disk.read").await;
        line.answer(read.id, json!(1)).await;
        line
    };
    let read = nas.read(1).timeout(Duration::from_secs(300));
    let (read, _line) = tokio::join!(read.into_future(), server);
    assert_eq!(read.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_status_can_be_followed() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    let mut statuses = nas.session().statuses();
    assert_eq!(statuses.next().await, Some(Status::Connected));
    line.end().await;
    assert_eq!(statuses.next().await, Some(Status::Reconnecting));
    let _line = peer.line().await;
    assert_eq!(statuses.next().await, Some(Status::Connected));
    drop(nas);
    assert_eq!(statuses.next().await, Some(Status::Closed));
    assert_eq!(statuses.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn attempts_can_be_limited() {
    let (builder, mut peer) = peer::start();
    let builder = builder.reconnect(Reconnect {
        attempts: Some(3),
        ..Reconnect::default()
    });
    let (nas, line) = peer::connected(builder, &mut peer).await;
    line.end().await;
    // A call that comes before that is known may be sent.
    peer::reconnecting(&nas).await;
    drop(peer);
    let error = nas.create(1).await.unwrap_err();
    let Error::Connect(connect) = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(**connect, ConnectError::Network { .. }));
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_left() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    let started = Instant::now();
    let read = nas.read(1).timeout(Duration::from_secs(300));
    let server = async {
        // Does not even look at the pings.
        let _silent = line;
        let mut line = peer.line().await;
        let call = line.expect("disk.read").await;
        line.answer(call.id, json!(1)).await;
        line
    };
    let (read, _line) = tokio::join!(read.into_future(), server);
    assert_eq!(read.unwrap(), 1);
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_quiet_hour_is_survived() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let client = async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(nas.session().status(), Status::Connected);
        assert_eq!(nas.read(1).await.unwrap(), 1);
    };
    let server = async {
        // Reading answers the pings.
        let call = line.expect("disk.read").await;
        line.answer(call.id, json!(1)).await;
    };
    tokio::join!(client, server);
    assert_eq!(peer.logins, 1);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_needs_is_closed() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    drop(nas.clone());
    assert!(line.is_quiet().await);
    drop(nas);
    assert!(line.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_could_not_be_sent_says_why() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    line.end().await;
    // A call that comes before that is known may be sent.
    peer::reconnecting(&nas).await;
    drop(peer);
    let error = nas.create(1).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert!(error.is_retryable());
    assert_eq!(nas.session().status(), Status::Reconnecting);
}

#[tokio::test(start_paused = true)]
async fn the_limit_on_logins_is_waited_for() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    line.end().await;
    let mut line = peer.socket().await;
    let login = line.expect("auth.login_ex").await;
    line.fail(login.id, -32001, 16, json!(null)).await;
    let refused = Instant::now();
    let server = async {
        let mut line = peer.line().await;
        assert!(refused.elapsed() >= Duration::from_secs(60));
        let call = line.expect("disk.create").await;
        line.answer(call.id, json!(1)).await;
        line
    };
    let create = nas.create(1).timeout(Duration::from_secs(300));
    let (created, _line) = tokio::join!(create.into_future(), server);
    assert_eq!(created.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_limit_on_logins_does_not_cost_the_token_for_the_next_one() {
    let (builder, mut peer) = peer::start();
    let server = async {
        let mut line = peer.socket().await;
        let login = line.expect("auth.login_ex").await;
        let success = json!({"response_type": "SUCCESS", "reconnect_token": "for-next-time"});
        line.answer(login.id, success).await;
        let boot = line.expect("system.boot_id").await;
        line.answer(boot.id, json!("boot-1")).await;
        line
    };
    let (nas, line) = tokio::join!(builder.connect(), server);
    let _nas = nas.unwrap();
    line.end().await;
    let mut line = peer.socket().await;
    let login = line.expect("auth.login_ex").await;
    assert_eq!(login.params[0]["token"], "for-next-time");
    line.fail(login.id, -32001, 16, json!(null)).await;
    let refused = Instant::now();
    let mut line = peer.socket().await;
    let login = line.expect("auth.login_ex").await;
    assert!(refused.elapsed() >= Duration::from_secs(60));
    assert_eq!(login.params[0]["token"], "for-next-time");
}

#[tokio::test(start_paused = true)]
async fn keep_alive_can_be_as_good_as_off() {
    let (builder, mut peer) = peer::start();
    let builder = builder.keep_alive(Duration::MAX, Duration::MAX);
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let client = async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(nas.read(1).await.unwrap(), 1);
    };
    let server = async {
        let call = line.expect("disk.read").await;
        line.answer(call.id, json!(1)).await;
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_turned_away_was_not_done() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let call = line.expect("disk.create").await;
        line.fail(call.id, -32001, 207, json!(null)).await;
        line.logged_out().await;
        assert!(line.next().await.is_none());
        peer.away(Duration::from_secs(300)).await;
    };
    let create = nas.create(1).into_future();
    let (created, ()) = tokio::join!(create, server);
    let error = created.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_starting_is_worth_another_attempt() {
    let unready = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let versions =
        "HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n[\"v25.10.5\"]\n";
    for answers in [
        vec![""],
        vec![unready],
        vec![versions, ""],
        vec![versions, unready],
    ] {
        let (builder, mut peer) = peer::start();
        let server = async {
            for answer in &answers {
                peer.answers(answer).await;
            }
        };
        let (connected, ()) = tokio::join!(builder.connect(), server);
        let error = connected.unwrap_err();
        assert!(error.is_retryable(), "{answers:?}: {error}");
    }
    // Another program will not become a TrueNAS.
    let (builder, mut peer) = peer::start();
    let other = peer.answers("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let (connected, ()) = tokio::join!(builder.connect(), other);
    assert!(!connected.unwrap_err().is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_cut_every_second_stays_within_the_limit_on_logins() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let mut logins = vec![Instant::now()];
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let cut = Instant::now();
        line.end().await;
        line = peer.line().await;
        assert!(cut.elapsed() <= Duration::from_millis(2010));
        logins.push(Instant::now());
    }
    // The server refuses the twenty-first call within a minute.
    for (first, later) in logins.iter().zip(logins.iter().skip(20)) {
        assert!(*later - *first >= Duration::from_secs(60));
    }
    drop(nas);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_lasted_some_seconds_is_replaced_at_once() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let cut = Instant::now();
        line.end().await;
        line = peer.line().await;
        assert!(cut.elapsed() <= Duration::from_millis(10));
    }
    drop(nas);
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_with_attempts_that_fail_and_start_again_after_a_login() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    for _ in 0..3 {
        line.end().await;
        let mut attempts = Vec::new();
        for _ in 0..6 {
            let refused = peer.answers("").await;
            attempts.push((Instant::now(), refused));
        }
        let pauses: Vec<Duration> = attempts.windows(2).map(|two| two[1].0 - two[0].0).collect();
        // The first pause is half a second, and each is up to twice as long as
        // the one before.
        assert!(pauses[0] <= Duration::from_millis(1010), "{pauses:?}");
        assert!(pauses[4] >= Duration::from_secs(8), "{pauses:?}");
        line = peer.line().await;
    }
    drop(nas);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_takes_two_calls_counts_twice() {
    let (builder, mut peer) = peer::start_at("unix:/somewhere");
    let otp = Auth::password("admin", "hunter2").with_otp(async || "123456");
    let builder = builder.login(otp);
    let mut logins = Vec::new();
    let server = async {
        for _ in 0..20 {
            let mut line = peer.socket().await;
            for answer in [
                json!({"response_type": "OTP_REQUIRED"}),
                json!({"response_type": "SUCCESS"}),
            ] {
                let login = line.expect("auth.login_ex").await;
                logins.push(Instant::now());
                line.answer(login.id, answer).await;
            }
            let boot = line.expect("system.boot_id").await;
            line.answer(boot.id, json!("boot-1")).await;
            line.end().await;
        }
    };
    let (nas, ()) = tokio::join!(builder.connect(), server);
    for (first, later) in logins.iter().zip(logins.iter().skip(20)) {
        assert!(*later - *first >= Duration::from_secs(57));
    }
    drop(nas);
}

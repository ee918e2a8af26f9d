//! Streams of events.

use std::time::Duration;

use serde_json::json;
use truenas_runtime::Value;
use truenas_runtime::client::{Error, Notice};

use crate::peer;

#[tokio::test(start_paused = true)]
async fn events_have_types() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let (stream, ()) = tokio::join!(nas.changes().into_future(), line.subscribed("disk.query"));
    let mut stream = stream.unwrap();
    line.changed("disk.query", "added", json!({"id": 1, "fields": {"a": 1}}))
        .await;
    line.changed(
        "disk.query",
        "changed",
        json!({"id": 1, "fields": {"a": 2}}),
    )
    .await;
    line.changed("another.query", "changed", json!({"id": 1, "fields": {}}))
        .await;
    line.changed("disk.query", "removed", json!({"id": 1}))
        .await;
    assert!(
        matches!(stream.next().await, Some(Ok(Notice::Added(added))) if added.fields["a"] == 1)
    );
    assert!(matches!(stream.next().await, Some(Ok(Notice::Changed(changed))) if changed.id == 1));
    assert!(matches!(stream.next().await, Some(Ok(Notice::Removed(removed))) if removed.id == 1));
}

#[tokio::test(start_paused = true)]
async fn what_the_server_puts_elsewhere_is_found() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let (stream, ()) = tokio::join!(nas.changes().into_future(), line.subscribed("disk.query"));
    let mut stream = stream.unwrap();
    // The id of a removal under `extra`, the id of a change among the fields.
    line.changed(
        "disk.query",
        "removed",
        json!({"extra": {"fields": {"id": 4}}}),
    )
    .await;
    line.changed("disk.query", "changed", json!({"fields": {"id": 5}}))
        .await;
    assert!(matches!(stream.next().await, Some(Ok(Notice::Removed(removed))) if removed.id == 4));
    assert!(matches!(stream.next().await, Some(Ok(Notice::Changed(changed))) if changed.id == 5));
    // What cannot be read as its type comes as it is, and the stream goes on.
    line.changed(
        "disk.query",
        "changed",
        json!({"id": 6, "extra": {"state": "x"}}),
    )
    .await;
    line.changed("disk.query", "vanished", json!({"id": 7}))
        .await;
    line.changed("disk.query", "removed", json!({"id": 8}))
        .await;
    let Some(Ok(Notice::Partial(partial))) = stream.next().await else {
        panic!();
    };
    assert_eq!((partial.kind(), partial.id()), ("changed", Some(json!(6))));
    assert_eq!(*partial.extra().unwrap(), json!({"state": "x"}));
    assert_eq!(partial.error().method(), Some("disk.query"));
    let Some(Ok(Notice::Partial(partial))) = stream.next().await else {
        panic!();
    };
    assert_eq!(partial.kind(), "unknown");
    assert!(matches!(stream.next().await, Some(Ok(Notice::Removed(removed))) if removed.id == 8));
}

#[tokio::test(start_paused = true)]
async fn two_streams_share_a_subscription_and_the_last_one_ends_it() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let streams =
        async { tokio::join!(nas.realtime(2).into_future(), nas.realtime(2).into_future()) };
    let ((first, second), ()) = tokio::join!(streams, line.subscribed("disk.realtime:[2]"));
    let (mut first, mut second) = (first.unwrap(), second.unwrap());
    line.changed("disk.realtime:[2]", "added", json!({"fields": {}}))
        .await;
    assert!(matches!(first.next().await, Some(Ok(Notice::Added(_)))));
    assert!(matches!(second.next().await, Some(Ok(Notice::Added(_)))));
    drop(first);
    assert!(line.is_quiet().await);
    drop(second);
    let leave = line.expect("core.unsubscribe").await;
    assert_eq!(leave.params, json!(["subscription-1"]));
    // Who comes while it ends gets one of their own.
    let server = async {
        assert!(line.is_quiet().await);
        line.notify(
            "notify_unsubscribed",
            json!({"collection": "disk.realtime:[2]", "error": null}),
        )
        .await;
        line.answer(leave.id, Value::Null).await;
        line.subscribed("disk.realtime:[2]").await;
        line.changed("disk.realtime:[2]", "added", json!({"fields": {}}))
            .await;
    };
    let (third, ()) = tokio::join!(nas.realtime(2).into_future(), server);
    assert!(matches!(
        third.unwrap().next().await,
        Some(Ok(Notice::Added(_)))
    ));
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_when_the_answer_comes_leaves_nothing_behind() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let mut stream = nas.changes().into_future();
    assert!(futures_util::poll!(&mut stream).is_pending());
    line.subscribed("disk.query").await;
    assert!(line.is_quiet().await);
    drop(stream);
    line.expect("core.unsubscribe").await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_before_the_answer_reaches_the_stream() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let asked = line.expect("core.subscribe").await;
        let error = json!({"error": 22, "errname": "EINVAL", "reason": "too short", "trace": null,
                           "extra": [["interval", "too short", 22]]});
        line.notify(
            "notify_unsubscribed",
            json!({"collection": "disk.realtime:[0]", "error": error}),
        )
        .await;
        line.answer(asked.id, json!("subscription-1")).await;
    };
    let (stream, ()) = tokio::join!(nas.realtime(0).into_future(), server);
    let mut stream = stream.unwrap();
    let Some(Err(Error::Unsubscribed { collection, reason })) = stream.next().await else {
        panic!();
    };
    assert_eq!((&*collection, &*reason), ("disk.realtime", "too short"));
    assert!(stream.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_comes_after_a_refusal_and_before_the_answer_hears_of_it_too() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let asked = line.expect("core.subscribe").await;
        let error = json!({"error": 22, "errname": "EINVAL", "reason": "too short", "trace": null,
                           "extra": null});
        line.notify(
            "notify_unsubscribed",
            json!({"collection": "disk.realtime:[0]", "error": error}),
        )
        .await;
        assert!(line.is_quiet().await);
        line.answer(asked.id, json!("subscription-1")).await;
    };
    let late = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        nas.realtime(0).await
    };
    let (_early, late, ()) = tokio::join!(nas.realtime(0).into_future(), late, server);
    assert!(matches!(late, Err(Error::Unsubscribed { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_ends_ends_the_stream() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let subscribed = line.subscribed("disk.realtime:[2]");
    let (stream, ()) = tokio::join!(nas.realtime(2).into_future(), subscribed);
    line.notify(
        "notify_unsubscribed",
        json!({"collection": "disk.realtime:[2]", "error": null}),
    )
    .await;
    assert!(stream.unwrap().next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_marked_after_the_new_subscription_stands() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let (stream, ()) = tokio::join!(nas.changes().into_future(), line.subscribed("disk.query"));
    let mut stream = stream.unwrap();
    line.changed("disk.query", "removed", json!({"id": 1}))
        .await;
    assert!(matches!(stream.next().await, Some(Ok(Notice::Removed(_)))));
    line.end().await;
    let mut line = peer.line().await;
    line.subscribed("disk.query").await;
    line.changed("disk.query", "removed", json!({"id": 2}))
        .await;
    assert!(matches!(stream.next().await, Some(Ok(Notice::Gap))));
    assert!(matches!(stream.next().await, Some(Ok(Notice::Removed(_)))));
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_hears_how_much_it_has_missed() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder.backlog(16), &mut peer).await;
    let (stream, ()) = tokio::join!(nas.changes().into_future(), line.subscribed("disk.query"));
    let mut stream = stream.unwrap();
    for id in 0..100 {
        line.changed("disk.query", "removed", json!({"id": id}))
            .await;
    }
    // The client has heard everything once it has answered this.
    let server = async {
        let call = line.expect("disk.read").await;
        line.answer(call.id, json!(1)).await;
    };
    let (read, ()) = tokio::join!(nas.read(1).into_future(), server);
    read.unwrap();
    let Some(Ok(Notice::Missed(missed))) = stream.next().await else {
        panic!();
    };
    assert_eq!(missed, 84);
    assert!(matches!(stream.next().await, Some(Ok(Notice::Removed(removed))) if removed.id == 84));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_not_slow_misses_nothing() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let (stream, ()) = tokio::join!(nas.changes().into_future(), line.subscribed("disk.query"));
    let mut stream = stream.unwrap();
    // Without a pause, and many times what a stream has room for.
    let server = async {
        for id in 0..10_000 {
            line.changed("disk.query", "removed", json!({"id": id}))
                .await;
        }
    };
    let client = async {
        for id in 0..10_000 {
            let notice = stream.next().await;
            assert!(matches!(notice, Some(Ok(Notice::Removed(removed))) if removed.id == id));
        }
    };
    tokio::join!(client, server);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_client_reaches_streams() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let (stream, ()) = tokio::join!(nas.changes().into_future(), line.subscribed("disk.query"));
    let mut stream = stream.unwrap();
    let close = async {
        nas.session().close().await;
    };
    let server = async { assert!(line.next().await.is_none()) };
    tokio::join!(close, server);
    assert!(matches!(stream.next().await, Some(Err(Error::Closed))));
    assert!(stream.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_subscription_under_a_login_that_has_run_out_waits_for_the_next_login() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let asked = line.expect("core.subscribe").await;
        line.fail(asked.id, -32001, 207, json!(null)).await;
        let mut line = peer.line().await;
        line.subscribed("disk.query").await;
        line.changed("disk.query", "removed", json!({"id": 1}))
            .await;
        line
    };
    let (stream, _line) = tokio::join!(nas.changes().into_future(), server);
    // It is no gap: nothing was subscribed to before.
    assert!(matches!(
        stream.unwrap().next().await,
        Some(Ok(Notice::Removed(_)))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_runs_out_while_only_events_come_is_noticed() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let (stream, ()) = tokio::join!(nas.changes().into_future(), line.subscribed("disk.query"));
    let mut stream = stream.unwrap();
    line.gives_tokens = false;
    let server = async {
        // The client either checks the login or fetches a token; both show it.
        let look = line.asked().await;
        let holds = match &*look.method {
            "auth.me" => json!({"pw_name": "admin"}),
            "auth.generate_token" => json!(peer::TOKEN),
            other => panic!("{other}"),
        };
        line.answer(look.id, holds).await;
        let look = line.asked().await;
        assert!(["auth.me", "auth.generate_token"].contains(&&*look.method));
        line.fail(look.id, -32001, 207, json!(null)).await;
        let mut line = peer.line().await;
        line.subscribed("disk.query").await;
        line
    };
    let (notice, _line) = tokio::join!(stream.next(), server);
    assert!(matches!(notice, Some(Ok(Notice::Gap))));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_without_a_connection_says_why() {
    let (builder, mut peer) = peer::start();
    let (nas, line) = peer::connected(builder, &mut peer).await;
    line.end().await;
    drop(peer);
    let error = nas.changes().await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_always_turned_away_fails() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        for _ in 0..3 {
            let asked = line.expect("core.subscribe").await;
            line.fail(asked.id, -32001, 207, json!(null)).await;
            line = peer.line().await;
        }
        let asked = line.expect("core.subscribe").await;
        line.fail(asked.id, -32001, 207, json!(null)).await;
        line
    };
    let (stream, _line) = tokio::join!(nas.changes().into_future(), server);
    assert!(matches!(stream, Err(Error::Failed(_))));
    assert_eq!(peer.logins, 4);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_subscription_before_does_not_harm_the_next() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let collection = "disk.realtime:[2]";
    let (first, ()) = tokio::join!(nas.realtime(2).into_future(), line.subscribed(collection));
    drop(first);
    let leave = line.expect("core.unsubscribe").await;
    let server = async {
        // The source failed while the stream was leaving it.
        assert!(line.is_quiet().await);
        let error = json!({"error": 5, "errname": "EIO", "reason": "it broke", "trace": null});
        line.notify(
            "notify_unsubscribed",
            json!({"collection": collection, "error": error}),
        )
        .await;
        line.answer(leave.id, Value::Null).await;
        line.subscribed(collection).await;
        line.changed(collection, "added", json!({"fields": {}}))
            .await;
    };
    let (second, ()) = tokio::join!(nas.realtime(2).into_future(), server);
    assert!(matches!(
        second.unwrap().next().await,
        Some(Ok(Notice::Added(_)))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_may_come_twice() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        let asked = line.expect("core.subscribe").await;
        let error = json!({"error": 22, "errname": "EINVAL", "reason": "too short"});
        for error in [error, Value::Null] {
            line.notify(
                "notify_unsubscribed",
                json!({"collection": "disk.realtime:[0]", "error": error}),
            )
            .await;
        }
        line.answer(asked.id, json!("subscription-1")).await;
    };
    let (stream, ()) = tokio::join!(nas.realtime(0).into_future(), server);
    let next = stream.unwrap().next().await;
    assert!(matches!(next, Some(Err(Error::Unsubscribed { .. }))));
}

#[tokio::test(start_paused = true)]
async fn a_notification_that_cannot_be_read_costs_no_connection() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let subscribed = line.subscribed("disk.realtime:[2]");
    let (stream, ()) = tokio::join!(nas.realtime(2).into_future(), subscribed);
    let mut stream = stream.unwrap();
    line.notify("collection_update", json!({"msg": "changed"}))
        .await;
    line.notify("notify_unsubscribed", json!({"error": null}))
        .await;
    line.changed("disk.realtime:[2]", "added", json!({"fields": {}}))
        .await;
    assert!(matches!(stream.next().await, Some(Ok(Notice::Added(_)))));
    // That it is over is told whatever the reason looks like.
    line.say(
        r#"{"method": "notify_unsubscribed",
            "params": {"collection": "disk.realtime:[2]", "error": {"reason": "\ud800"}}}"#,
    )
    .await;
    assert!(matches!(
        stream.next().await,
        Some(Err(Error::Unsubscribed { .. }))
    ));
    assert_eq!(peer.logins, 1);
}

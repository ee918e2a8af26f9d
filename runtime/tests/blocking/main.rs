//! The blocking client, against a server on another thread.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code,
    reason = "a test may fail, and shares its server with others"
)]

#[path = "../files/api.rs"]
mod api;
#[path = "../files/nas.rs"]
mod nas;

use std::io::{Cursor, Read};
use std::time::Duration;

use serde_json::json;
use tokio::runtime::Runtime;
use truenas_runtime::blocking::{Client, Source};
use truenas_runtime::client::{Auth, Error};
use truenas_runtime::{Absent, Change, EntryId, Event, EventInfo, Map, Query, Value};
use truenas_runtime::{Method, MethodInfo, MethodKind, Pipes, QueryRequest, Request, Subscribe};

use api::V1;
use nas::Nas;

/// A server on a runtime of its own.
fn server() -> (Runtime, Nas) {
    let runtime = Runtime::new().unwrap();
    let nas = runtime.block_on(Nas::plain());
    (runtime, nas)
}

fn client(nas: &Nas) -> Client<V1> {
    Client::<V1>::builder(&nas.address)
        .login(Auth::token("a-login"))
        .connect()
        .unwrap()
}

#[test]
fn a_job_is_started_and_waited_for() {
    let (_server, nas) = server();
    let client = client(&nas);
    client.session().ping().unwrap();
    nas.job(
        7,
        "SUCCESS",
        json!({"result": 42, "progress": {"percent": 100}}),
    );
    let job = client.file().send().unwrap();
    assert_eq!(job.id(), 7);
    let steps: Vec<_> = job.progress().map(|step| step.to_string()).collect();
    assert_eq!(steps, ["100 %"]);
    assert_eq!(job.wait().unwrap(), Some(42));
    job.abort().unwrap();
    assert_eq!(nas.calls("core.job_abort"), [json!([7])]);
    client.session().close().unwrap();
    assert!(matches!(client.session().ping(), Err(Error::Closed)));
}

struct Disks;

impl Method for Disks {
    const INFO: &'static MethodInfo = &MethodInfo {
        name: "disk.query",
        kind: MethodKind::Call,
        pipes: Pipes::NONE,
        roles: &[],
        parameters: &[],
        reads_only: true,
        removed_in: None,
    };
    type Params = ();
    type Result = Value;
}

struct DiskIds;

impl Method for DiskIds {
    const INFO: &'static MethodInfo = Disks::INFO;
    type Params = ();
    type Result = Vec<i64>;
}

impl Query for Disks {
    type Entry = i64;
}

struct Changes;

impl Event for Changes {
    const INFO: &'static EventInfo = &EventInfo {
        name: "disk.query",
        roles: &[],
        removed_in: None,
    };
    type Added = Change<i64, Map<String, Value>>;
    type Changed = Change<i64, Map<String, Value>>;
    type Removed = EntryId<i64>;
    type Params = Absent;
}

#[test]
fn calls_and_queries_are_sent() {
    let (_server, nas) = server();
    let client = client(&nas);
    let session = client.session();
    assert_eq!(
        Request::<_, Disks>::new(session, ()).send().unwrap(),
        json!([1, 2])
    );
    let query = QueryRequest::<_, Disks>::new(session);
    assert_eq!(query.clone().send().unwrap(), [1, 2]);
    assert_eq!(query.clone().first().unwrap(), Some(1));
    let each = query.clone().each().unwrap();
    assert_eq!(each.into_iter().filter_map(Result::ok).count(), 2);
    let items = Request::<_, DiskIds>::new(session, ()).each().unwrap();
    assert_eq!(items.into_iter().filter_map(Result::ok).count(), 2);
    let all: Result<Vec<_>, _> = query.iter().collect();
    assert_eq!(all.unwrap(), [1, 2]);
}

#[test]
fn events_are_waited_for_as_long_as_one_likes() {
    let (_server, nas) = server();
    let client = client(&nas);
    let mut events = Subscribe::<_, Changes>::new(client.session(), &Absent)
        .send()
        .unwrap();
    let nothing = events.next_within(Duration::from_millis(50)).unwrap();
    assert!(nothing.is_none());
    client.session().close().unwrap();
    assert!(matches!(events.next(), Some(Err(Error::Closed))));
    assert!(events.next().is_none());
}

#[test]
fn events_without_a_type_are_available_by_name() {
    let (_server, nas) = server();
    let client = client(&nas);
    let mut events = client.session().subscribe_raw("disk.events").unwrap();
    assert_eq!(nas.calls("core.subscribe"), [json!(["disk.events"])]);
    let nothing = events.next_within(Duration::from_millis(50)).unwrap();
    assert!(nothing.is_none());
    assert_eq!(events.deviations(), 0);
    client.session().close().unwrap();
    assert!(matches!(events.next(), Some(Err(Error::Closed))));
}

#[test]
fn files_are_readers() {
    let (server, mut nas) = server();
    let client = client(&nas);
    nas.job(7, "SUCCESS", json!({"result": 42}));
    let serving = server.spawn(async move {
        for _ in 0..2 {
            let mut exchange = nas.exchange().await;
            exchange.begin().await;
            exchange.give(b"all ").await;
            exchange.give(b"of it").await;
            exchange.end().await;
        }
        let mut exchange = nas.exchange().await;
        let body = exchange.body().await;
        exchange.answer(200, r#"{"job_id": 7}"#).await;
        body
    });
    let mut text = String::new();
    let mut download = client.file().download().send().unwrap();
    download.read_to_string(&mut text).unwrap();
    assert_eq!(text, "all of it");
    assert_eq!(download.finish().unwrap(), Some(42));

    // What has been read is not saved again, and nothing in between is lost.
    let mut download = client.file().download().send().unwrap();
    let mut start = [0; 2];
    download.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"al");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rest");
    assert_eq!(download.save(&path).unwrap(), Some(42));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "l of it");

    let source = Source::reader(Cursor::new(vec![b'x'; 200_000]), None).unwrap();
    let job = client.file().upload(source).send().unwrap();
    assert_eq!(job.wait().unwrap(), Some(42));
    let body = server.block_on(serving).unwrap();
    assert!(body.contains(&"x".repeat(200_000)));
}

#[test]
fn within_async_code_there_is_an_error_and_no_panic() {
    let (server, nas) = server();
    let client = client(&nas);
    server.block_on(async {
        let error = client.session().ping().unwrap_err();
        assert!(matches!(error, Error::InAsync));
        assert!(error.to_string().contains("async client"));
        let connected = Client::<V1>::builder(&nas.address).connect();
        assert!(matches!(connected, Err(Error::InAsync)));
        // Its runtime ends here as well.
        drop(client);
    });
}

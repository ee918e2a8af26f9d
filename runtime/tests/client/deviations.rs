//! Events that are not as their schemas say, and events that no schema has.

use serde::Deserialize;
use serde_json::{Value, json};
use truenas_runtime::client::{Client, Notice, Subscription};
use truenas_runtime::{Absent, Change, EntryId, Event, EventInfo, Json, Map, Reader, Subscribe};

use crate::api::V1;
use crate::listener::{lines_with, listen};
use crate::peer::{self, Line};

/// An event whose payload is at the top, by its schema.
struct Scan;

impl Event for Scan {
    const INFO: &'static EventInfo = &EventInfo {
        name: "disk.scan",
        roles: &[],
        removed_in: None,
    };
    type Added = Absent;
    type Changed = Scanned;
    type Removed = Absent;
    type Params = Absent;
}

#[derive(Debug, PartialEq)]
struct Scanned {
    name: String,
}

const SCANNED: &[truenas_runtime::Field] = &[truenas_runtime::Field::required("name")];

impl Json for Scanned {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(SCANNED);
        Self {
            name: object.next(),
        }
    }

    fn write(&self) -> Value {
        json!({"name": self.name})
    }
}

/// An event that carries a whole entry, by its schema.
struct Tasks;

impl Event for Tasks {
    const INFO: &'static EventInfo = &EventInfo {
        name: "task.query",
        roles: &[],
        removed_in: None,
    };
    type Added = Change<i64, Scanned>;
    type Changed = Change<i64, Scanned>;
    type Removed = EntryId<i64>;
    type Params = Absent;
}

async fn subscribe<E: Event<Params = Absent>>(
    nas: &Client<V1>,
    line: &mut Line,
) -> Subscription<E> {
    let subscribe = Subscribe::<_, E>::new(nas.session(), &Absent).into_future();
    let (stream, ()) = tokio::join!(subscribe, line.subscribed(E::INFO.name));
    stream.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_payload_among_the_fields_or_in_extra_is_found() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let mut scans = subscribe::<Scan>(&nas, &mut line).await;
    for rest in [
        json!({"name": "tank"}),
        json!({"fields": {"name": "tank"}}),
        json!({"extra": {"name": "tank"}}),
        json!({"extra": {"fields": {"name": "tank"}}}),
    ] {
        line.changed("disk.scan", "changed", rest.clone()).await;
        let Some(Ok(Notice::Changed(scanned))) = scans.next().await else {
            panic!("{rest}");
        };
        assert_eq!(scanned.name, "tank", "{rest}");
    }
    // Where the payload is does not matter.
    assert_eq!(scans.deviations(), 0);
}

#[tokio::test(start_paused = true)]
async fn part_of_an_entry_is_read_as_a_type_of_the_callers() {
    #[derive(Deserialize)]
    struct State {
        state: String,
    }

    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let mut tasks = subscribe::<Tasks>(&nas, &mut line).await;
    for rest in [
        json!({"id": 1, "fields": {"state": "RUNNING", "more": 1}}),
        json!({"id": 1, "extra": {"state": "RUNNING"}}),
        json!({"id": 1, "extra": {"fields": {"state": "RUNNING"}}}),
        json!({"id": 1, "state": "RUNNING"}),
    ] {
        line.changed("task.query", "changed", rest.clone()).await;
        let Some(Ok(Notice::Partial(partial))) = tasks.next().await else {
            panic!("{rest}");
        };
        assert_eq!(partial.id(), Some(json!(1)));
        let State { state } = partial.read().unwrap();
        assert_eq!(state, "RUNNING", "{rest}");
        let error = partial.read::<Vec<String>>().unwrap_err();
        assert!(!error.to_string().contains("RUNNING"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_deviation_is_warned_of_once_and_all_are_counted() {
    let _listening = listen();
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let mut tasks = subscribe::<Tasks>(&nas, &mut line).await;
    for _ in 0..10 {
        line.changed(
            "task.query",
            "changed",
            json!({"id": 1, "fields": {"s": "hunter2"}}),
        )
        .await;
        line.changed(
            "task.query",
            "added",
            json!({"id": 1, "fields": {"s": "hunter2"}}),
        )
        .await;
        line.changed("task.query", "removed", json!({"id": 1}))
            .await;
    }
    for _ in 0..30 {
        tasks.next().await.unwrap().unwrap();
    }
    assert_eq!(tasks.deviations(), 20);
    // One for each kind of event.
    assert_eq!(lines_with("an event does not fit its type"), 2);
    assert_eq!(lines_with("hunter2"), 0);
}

#[tokio::test(start_paused = true)]
async fn events_without_a_schema_are_there_by_name() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let subscribed = line.subscribed("disk.events");
    let (stream, ()) = tokio::join!(nas.session().subscribe_raw("disk.events"), subscribed);
    let mut stream = stream.unwrap();
    assert_eq!(format!("{stream:?}"), r#"Subscription("disk.events")"#);
    line.changed(
        "disk.events",
        "added",
        json!({"id": "sda", "fields": {"size": 1}}),
    )
    .await;
    let Some(Ok(Notice::Added(event))) = stream.next().await else {
        panic!();
    };
    assert_eq!(event.id, Some(json!("sda")));
    assert_eq!(event.fields.unwrap()["size"], 1);
    line.changed("disk.events", "removed", json!({"extra": ["sda"]}))
        .await;
    let Some(Ok(Notice::Removed(event))) = stream.next().await else {
        panic!();
    };
    assert_eq!((event.id, event.fields), (None, None));
    assert_eq!(event.extra.unwrap().into_inner(), json!(["sda"]));
    // With the guarantees of any stream.
    line.end().await;
    let mut line = peer.line().await;
    line.subscribed("disk.events").await;
    line.changed("disk.events", "changed", json!({"id": "sda"}))
        .await;
    assert!(matches!(stream.next().await, Some(Ok(Notice::Gap))));
    assert!(matches!(stream.next().await, Some(Ok(Notice::Changed(_)))));
    assert_eq!(stream.deviations(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_of_raw_events_hears_what_it_has_missed() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder.backlog(16), &mut peer).await;
    let subscribed = line.subscribed("disk.events");
    let (stream, ()) = tokio::join!(nas.session().subscribe_raw("disk.events"), subscribed);
    let mut stream = stream.unwrap();
    for id in 0..100 {
        line.changed("disk.events", "removed", json!({"id": id}))
            .await;
    }
    // The client has heard everything once it has answered this.
    let server = async {
        let call = line.expect("disk.read").await;
        line.answer(call.id, json!(1)).await;
    };
    let (read, ()) = tokio::join!(nas.read(1).into_future(), server);
    read.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(Notice::Missed(84)))));
}

/// The payload, wherever it is, is never in what is shown.
#[tokio::test(start_paused = true)]
async fn keys_and_passwords_in_events_are_not_shown() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let mut tasks = subscribe::<Tasks>(&nas, &mut line).await;
    line.changed(
        "task.query",
        "added",
        json!({"id": 1, "fields": {"key": "hunter2"}, "extra": {"password": "hunter2"}}),
    )
    .await;
    let Some(Ok(Notice::Partial(partial))) = tasks.next().await else {
        panic!();
    };
    let fields = partial.fields().unwrap();
    let read: Map<String, Value> = partial.read().unwrap();
    assert_eq!(
        (&fields["key"], &read["key"]),
        (&json!("hunter2"), &json!("hunter2"))
    );
    let shown = format!("{partial:?} {fields:?} {:?}", partial.extra());
    assert!(!shown.contains("hunter2"), "{shown}");
}

//! Anything as what the server says: whatever it is, every call, stream and
//! job comes to an end.

#![no_main]

use std::io;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use truenas_runtime::client::{Builder, Client, Reconnect, Session};
use truenas_runtime::{
    Absent, Api, Change, Event, EventInfo, Job, JobRequest, Map, Method, MethodInfo, MethodKind,
    Pipes, EntryId, Subscribe,
};

#[derive(Arbitrary, Debug)]
enum Said<'a> {
    /// A whole message.
    Message(&'a str),
    /// The answer to a call, by its place among them.
    Result(u8, &'a str),
    Error(u8, &'a str),
    /// An event.
    Update(&'a str),
    /// A report of the job that is followed.
    Job(&'a str),
    Unsubscribed(&'a str),
    /// Bytes that need not even be frames.
    Bytes(&'a [u8]),
}

fuzz_target!(|said: Vec<Said<'_>>| {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(async {
            let (streams, arrivals) = mpsc::unbounded_channel();
            let builder = Client::<Nothing>::builder("unix:/peer")
                .reconnect(Reconnect { attempts: Some(1), ..Reconnect::default() })
                .connector(move || {
                    let (ours, theirs) = tokio::io::duplex(1 << 16);
                    let sent = streams.send(theirs);
                    async move { sent.map(|()| ours).map_err(|_| io::ErrorKind::ConnectionRefused.into()) }
                });
            let everything = async { tokio::join!(use_client(builder), serve(arrivals, &said)) };
            tokio::time::timeout(Duration::from_secs(3600), everything)
                .await
                .expect("everything ends");
        });
});

async fn use_client(builder: Builder<Nothing>) {
    // Up to here the server says what it should.
    let client = builder.connect().await.expect("a connection");
    let session = client.session();
    let stream = async {
        let Ok(mut stream) = Subscribe::<Session, Changes>::new(session, &Absent).await else { return };
        while stream.next().await.is_some() {}
    };
    let job = async {
        if let Ok(job) = JobRequest::<Session, Scrub>::new(session, ()).await {
            let _ = job.wait().await;
        }
    };
    let call = async {
        let answer = session.call_raw("disk.read", vec![]).await;
        let _ = answer.map(|answer| answer.read::<Vec<Map<String, Value>>>());
    };
    tokio::join!(stream, job, call);
}

/// Lets the client in, hears its calls, says all that there is to say, and
/// goes away.
async fn serve(mut arrivals: mpsc::UnboundedReceiver<DuplexStream>, said: &[Said<'_>]) {
    let Some(mut stream) = arrivals.recv().await else { return };
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n[\"v25.10.5\"]").await;
    drop(stream);
    let Some(stream) = arrivals.recv().await else { return };
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    // The question for the boot id, both subscriptions, the job and the call.
    let mut ids = Vec::new();
    while ids.len() < 5 {
        let Some(Ok(Message::Text(text))) = socket.next().await else { return };
        let call: Value = serde_json::from_str(&text).unwrap();
        let id = call["id"].as_u64().unwrap();
        ids.push(id);
        let answer = match call["method"].as_str() {
            Some("disk.read") => continue,
            Some("disk.scrub") => Value::from(1),
            _ => call["method"].clone(),
        };
        say(&mut socket, format!(r#"{{"result": {answer}, "id": {id}}}"#)).await;
    }
    let number = |call: u8| ids[usize::from(call) % ids.len()];
    for said in said {
        let text = match said {
            Said::Message(text) => (*text).to_owned(),
            Said::Result(call, text) => format!(r#"{{"id": {}, "result": {text}}}"#, number(*call)),
            Said::Error(call, text) => format!(r#"{{"id": {}, "error": {text}}}"#, number(*call)),
            Said::Update(rest) => notification("collection_update", &format!(r#""msg": "changed", "collection": "disk.query", {rest}"#)),
            Said::Job(rest) => notification("collection_update", &format!(r#""msg": "changed", "collection": "core.get_jobs", "fields": {{"id": 1, {rest}}}"#)),
            Said::Unsubscribed(rest) => notification("notify_unsubscribed", &format!(r#""collection": "disk.query", {rest}"#)),
            Said::Bytes(bytes) => {
                let _ = socket.get_mut().write_all(bytes).await;
                continue;
            }
        };
        say(&mut socket, text).await;
    }
}

fn notification(method: &str, params: &str) -> String {
    format!(r#"{{"method": "{method}", "params": {{{params}}}}}"#)
}

async fn say(socket: &mut WebSocketStream<DuplexStream>, text: String) {
    // The client may have gone, for good reasons.
    let _ = socket.send(Message::Text(text.into())).await;
}

enum Nothing {}

impl Api for Nothing {
    const VERSION: &'static str = "v25.10.5";
    const METHODS: &'static [&'static MethodInfo] = &[];
    type Services<C> = ();

    fn services<C>(_: C) {}
}

struct Scrub;

impl Method for Scrub {
    const INFO: &'static MethodInfo = &MethodInfo {
        name: "disk.scrub",
        kind: MethodKind::Job,
        pipes: Pipes::NONE,
        roles: &[],
        parameters: &[],
        reads_only: false,
        removed_in: None,
    };
    type Params = ();
    type Result = Vec<Option<i64>>;
}

impl Job for Scrub {}

struct Changes;

impl Event for Changes {
    const INFO: &'static EventInfo = &EventInfo { name: "disk.query", roles: &[], removed_in: None };
    type Added = Change<i64, Map<String, Value>>;
    type Changed = Change<i64, Map<String, Value>>;
    type Removed = EntryId<i64>;
    type Params = Absent;
}

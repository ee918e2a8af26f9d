//! What a real system has said (middleware of 25.10.6), frame by frame, with
//! its sentences replaced: each error is understood as its kind, each event
//! and each job as its type.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use serde_json::Value;
use truenas_runtime::client::{BulkItem, Client, Error, JobHandle, Notice, Session};
use truenas_runtime::{
    Absent, Answer, Change, DateTime, EntryId, Event, EventInfo, Job, JobRequest, Json, Map,
    Method, MethodInfo, MethodKind, Pipes, Set, Subscribe, from_str, from_value,
};

use crate::api::V1;
use crate::peer::{self, Line};

/// One exchange a line: `sent` and `received` as they were, `understood` what
/// the client makes of it.
const RECORDED: &str = include_str!("wire.jsonl");

#[tokio::test(start_paused = true)]
async fn what_was_recorded_is_understood() {
    let (mut exchanges, mut frames) = (0, 0);
    for line in RECORDED.lines() {
        let exchange: Value = serde_json::from_str(line).unwrap();
        let understood = replay(&exchange).await;
        let case = &exchange["case"];
        assert_eq!(Value::from(understood), exchange["understood"], "{case}");
        exchanges += 1;
        frames += list(&exchange["received"]).len();
    }
    println!("{exchanges} exchanges, {frames} frames");
    assert_eq!((exchanges, frames), (49, 72));
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

async fn replay(exchange: &Value) -> Vec<String> {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let client = tokio::time::timeout(Duration::from_secs(10), act(&nas, exchange));
    let server = async {
        answer(&mut line, exchange).await;
        while line.next().await.is_some() {}
        let mut line = peer.line().await;
        while line.next().await.is_some() {}
    };
    tokio::select! {
        understood = client => understood.expect("all that is waited for comes"),
        () = server => panic!("the client has gone"),
    }
}

/// The call's method; `None` if the client makes no such calls. Another then
/// takes its place.
fn method(sent: &Value) -> Option<&str> {
    sent["params"].as_array()?;
    sent["method"].as_str()
}

const SUBSTITUTE: &str = "core.ping";

/// The server's part: each call is waited for, then comes what came after it.
async fn answer(line: &mut Line, exchange: &Value) {
    let mut sent = list(&exchange["sent"]).iter();
    let mut ids = HashMap::new();
    let mut last = expect(line, sent.next(), &mut ids).await;
    for frame in list(&exchange["received"]) {
        if let Some(code) = frame["closed"].as_u64() {
            line.close(code.try_into().unwrap(), "too long").await;
            return;
        }
        let mut frame = frame.clone();
        if let Some(id) = ids.get(&frame["id"]) {
            frame["id"] = (*id).into();
        }
        line.say(frame.to_string()).await;
        if frame["method"].is_null() && sent.len() > 0 {
            last = expect(line, sent.next(), &mut ids).await;
        }
    }
    if ids.is_empty() {
        line.answer(last, "of the substitute".into()).await;
    }
}

/// Waits for a call, and notes which id of the client's stands for its own.
async fn expect(line: &mut Line, sent: Option<&Value>, ids: &mut HashMap<Value, u64>) -> u64 {
    let sent = sent.unwrap();
    let expected = method(sent);
    loop {
        let asked = line.asked().await;
        if asked.method == expected.unwrap_or(SUBSTITUTE) {
            if sent["id"].as_u64().is_some_and(|id| id > 0) {
                ids.insert(sent["id"].clone(), asked.id);
            }
            return asked.id;
        }
        // Before the first job.
        assert_eq!(asked.method, "core.subscribe");
        line.answer(asked.id, "subscription-1".into()).await;
    }
}

/// The client's part, and what it understands.
async fn act(nas: &Client<V1>, exchange: &Value) -> Vec<String> {
    let session = nas.session();
    let mut understood = Vec::new();
    let mut streams = Vec::new();
    let mut jobs = Vec::new();
    for sent in list(&exchange["sent"]) {
        let params = sent["params"].as_array().cloned().unwrap_or_default();
        if let Some(length) = sent["length"].as_u64() {
            let long = "x".repeat(length.try_into().unwrap());
            understood.push(call(session, "cronjob.create", vec![long.into()]).await);
        }
        let said = match method(sent) {
            Some("core.subscribe") => {
                let name = params[0].as_str().unwrap();
                let stream = match name.split_once(':') {
                    Some((_, params)) => {
                        subscribe::<Realtime>(session, &from_str(params).unwrap()).await
                    }
                    None if name == "cronjob.query" => {
                        subscribe::<CronJobs>(session, &Absent).await
                    }
                    None if name == "core.get_jobs" => subscribe::<Jobs>(session, &Absent).await,
                    None => subscribe::<NoSuchEvent>(session, &Absent).await,
                };
                streams.push((name.to_owned(), stream));
                "stream".to_owned()
            }
            Some("core.bulk") => start::<Bulk>(session, from(&params), &mut jobs).await,
            Some("core.job_wait") => start::<JobWait>(session, from(&params), &mut jobs).await,
            Some("pool.dataset.lock") => start::<Lock>(session, from(&params), &mut jobs).await,
            method => call(session, method.unwrap_or(SUBSTITUTE), params).await,
        };
        understood.push(said);
    }
    for (name, mut stream) in streams {
        let notices = list(&exchange["received"])
            .iter()
            .filter(|frame| frame["params"]["collection"] == *name);
        for _ in notices {
            understood.push(stream.next().await.unwrap());
        }
    }
    let last = list(&exchange["received"]).last().unwrap();
    for job in jobs {
        understood.extend(job(last["params"]["fields"].clone()).await);
    }
    understood
}

fn from<T: Json>(params: &[Value]) -> T {
    from_value(&params.to_vec().into()).unwrap()
}

async fn call(session: &Session, method: &str, params: Vec<Value>) -> String {
    match session.call_raw(method, params).await {
        Ok(answer) => describe_answer(&answer),
        Err(error) => describe(&error),
    }
}

/// An answer is one more value; what JSON has no form for has a type.
fn describe_answer(answer: &Answer) -> String {
    let mut dates = 0;
    let mut sets = 0;
    let mut rest = vec![answer.value().unwrap()];
    while let Some(value) = rest.pop() {
        dates += usize::from(from_value::<DateTime>(&value).is_ok() && value.is_object());
        sets += usize::from(from_value::<Set<String>>(&value).is_ok() && value.is_object());
        match value {
            Value::Array(items) => rest.extend(items),
            Value::Object(members) => rest.extend(members.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    match (answer.text(), dates, sets) {
        (text, 0, 0) if text.len() < 20 => text.to_owned(),
        (_, 0, 0) => "answer".to_owned(),
        (_, dates, sets) => format!("answer, {dates} dates, {sets} sets"),
    }
}

fn describe(error: &Error) -> String {
    let not_found = if error.is_not_found() {
        ", not found"
    } else {
        ""
    };
    let errno = error.errno().map_or(0, |errno| errno.number());
    match error {
        Error::Invalid { fields, .. } => {
            let fields = fields.iter().map(|field| {
                let attribute = field.attribute.as_deref().unwrap_or("-");
                format!(" {attribute}:{}", field.errno.number())
            });
            format!("invalid{}{not_found}", fields.collect::<String>())
        }
        Error::Failed(error) => {
            let class = error.class.as_deref().unwrap_or_default();
            format!("failed {errno} {class}{not_found}")
        }
        Error::NoSuchMethod { .. } => "no such method".to_owned(),
        Error::Refused { code, .. } => format!("refused {code}"),
        Error::TooLarge { limit, .. } => format!("over {limit}"),
        Error::Interrupted { .. } => "interrupted".to_owned(),
        Error::Unsubscribed { collection, .. } => format!("unsubscribed {collection}"),
        Error::JobFailed(failure) => {
            let fields = failure.fields.iter().map(|field| field.errno.number());
            format!("job failed {errno} {:?}", fields.collect::<Vec<_>>())
        }
        other => panic!("{other}"),
    }
}

type Notices = Pin<Box<dyn Stream<Item = String>>>;

async fn subscribe<E>(session: &Session, params: &E::Params) -> Notices
where
    E: Event<Changed = Entry, Added = Entry>,
{
    let stream = Subscribe::<_, E>::new(session, params).await;
    Box::pin(stream.unwrap().map(|notice| match notice {
        Ok(Notice::Added(entry)) => format!("added {}", entry.id),
        Ok(Notice::Changed(entry)) => format!("changed {}", entry.id),
        Ok(_) => "another notice".to_owned(),
        Err(error) => describe(&error),
    }))
}

/// Follows a job as far as it went, given its last report.
type Follow<'a> = Box<dyn FnOnce(Value) -> Pin<Box<dyn Future<Output = Vec<String>> + 'a>> + 'a>;

async fn start<'a, M>(session: &'a Session, params: M::Params, jobs: &mut Vec<Follow<'a>>) -> String
where
    M: Job<Result: std::fmt::Debug + 'static>,
{
    let started: Result<JobHandle<M::Result>, Error> =
        JobRequest::<_, M>::new(session, params).await;
    match started {
        Ok(job) => {
            let id = job.id();
            jobs.push(Box::new(move |last| Box::pin(follow(job, last))));
            format!("job {id}")
        }
        Err(error) => describe(&error),
    }
}

async fn follow<R: Json + std::fmt::Debug>(job: JobHandle<R>, last: Value) -> Vec<String> {
    let mut understood = Vec::new();
    if !last["state"].is_null() {
        understood.push(job.progress().next().await.unwrap().to_string());
    }
    // One with no report at all has ended as well, with the answer to its call.
    if job.id() == 0 || !last["time_finished"].is_null() {
        understood.push(match job.wait().await {
            Ok(result) => format!("{result:?}"),
            Err(error) => describe(&error),
        });
    }
    understood
}

type Entry = Change<i64, Map<String, Value>>;

macro_rules! events {
    ($($event:ident: $name:literal, $params:ty;)*) => {
        $(
            struct $event;

            impl Event for $event {
                const INFO: &'static EventInfo =
                    &EventInfo { name: $name, roles: &[], removed_in: None };
                type Added = Entry;
                type Changed = Entry;
                type Removed = EntryId<i64>;
                type Params = $params;
            }
        )*
    };
}

events! {
    CronJobs: "cronjob.query", Absent;
    Jobs: "core.get_jobs", Absent;
    NoSuchEvent: "no.such.event", Absent;
    Realtime: "reporting.realtime", Map<String, Value>;
}

macro_rules! jobs {
    ($($job:ident: $name:literal, $params:ty => $result:ty;)*) => {
        $(
            struct $job;

            impl Method for $job {
                const INFO: &'static MethodInfo = &MethodInfo {
                    name: $name,
                    kind: MethodKind::Job,
                    pipes: Pipes::NONE,
                    roles: &[],
                    parameters: &[],
                    reads_only: false,
                    removed_in: None,
                };
                type Params = $params;
                type Result = $result;
            }

            impl Job for $job {}
        )*
    };
}

jobs! {
    Bulk: "core.bulk", (String, Vec<Value>) => Vec<BulkItem<String>>;
    JobWait: "core.job_wait", (i64,) => Value;
    Lock: "pool.dataset.lock", (String,) => bool;
}

//! Many histories made at random: connections are cut at any point, answers
//! come in any order, twice or not at all, logins run out and the server
//! restarts. Whatever happens, every call ends, nothing that may have changed
//! something is done twice, and nothing is left over.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use truenas_runtime::client::{Client, Error, Notice, Reconnect};

use crate::api::V1;
use crate::peer::{self, Asked, Line, Peer};

const HISTORIES: u64 = 100;
const CALLERS: u64 = 6;
const STEPS: i64 = 12;
/// How many calls a client may have with the server at once.
const PLACES: i64 = 20;

/// What happened, on both sides.
type Counts = HashMap<&'static str, u64>;

#[test]
fn nothing_is_lost_doubled_or_left_over() {
    let mut total = Counts::new();
    for seed in 0..HISTORIES {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        for (what, count) in runtime.block_on(history(seed)) {
            *total.entry(what).or_default() += count;
        }
    }
    let mut total: Vec<_> = total.into_iter().collect();
    total.sort_unstable();
    println!("{HISTORIES} histories: {total:?}");
    // All that can happen has happened.
    let happened: Vec<_> = total.iter().map(|(what, _)| *what).collect();
    assert_eq!(
        happened,
        [
            "aborted",
            "answered",
            "answered twice",
            "cancelled",
            "cut",
            "cut at login",
            "expired",
            "gap",
            "interrupted",
            "job failed",
            "job lost",
            "lost",
            "not sent",
            "notice",
            "restart",
            "timeout",
        ]
    );
}

async fn history(seed: u64) -> Counts {
    let (builder, mut peer) = peer::start();
    let builder = builder
        .timeout(Duration::from_secs(2))
        .reconnect(Reconnect {
            first: Duration::from_millis(50),
            longest: Duration::from_millis(500),
            attempts: None,
            logins_per_minute: 60,
        });
    let (nas, line) = peer::connected(builder, &mut peer).await;
    let mut server = Server::new(seed);
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            tokio::spawn(call_at_random(
                nas.clone(),
                Rng::with_seed(seed * 100 + caller),
            ))
        })
        .collect();
    let ended = async {
        let mut counts = Counts::new();
        for caller in callers {
            for (what, count) in caller.await.unwrap() {
                *counts.entry(what).or_default() += count;
            }
        }
        counts
    };
    let counts = tokio::select! {
        counts = timeout(Duration::from_secs(3600), ended) => counts,
        never = server.run(&mut peer, line) => match never {},
    };
    let mut counts = counts.unwrap_or_else(|_| panic!("{seed}: a call does not end"));
    for (call, times) in &server.done {
        assert!(*times <= 1, "{seed}: {call} was done {times} times");
    }
    counts.extend(server.counts.drain());
    nothing_is_left(nas, peer, seed).await;
    counts
}

/// Nobody listens to or waits for anything any more: so on a new connection
/// all places are free, and the client subscribes to nothing but jobs.
async fn nothing_is_left(nas: Client<V1>, mut peer: Peer, seed: u64) {
    let server = async {
        let mut line = peer.line().await;
        let mut reads = Vec::new();
        while reads.len() < 20 {
            let call = line.asked().await;
            match call.method.as_str() {
                "core.subscribe" => {
                    assert_eq!(call.params, json!(["core.get_jobs"]), "{seed}");
                    line.answer(call.id, json!("jobs")).await;
                }
                "disk.read" => reads.push(call),
                other => panic!("{seed}: {other} out of the blue"),
            }
        }
        for call in reads {
            line.answer(call.id, call.params[0].clone()).await;
        }
        line
    };
    let client = async {
        let reads = (0..PLACES).map(|n| nas.read(n).into_future());
        let answers = futures_util::future::try_join_all(reads).await.unwrap();
        assert_eq!(answers, (0..PLACES).collect::<Vec<_>>(), "{seed}");
        drop(nas);
    };
    let ((), mut line) = tokio::join!(client, server);
    assert!(line.next().await.is_none(), "{seed}: the client stays");
    drop(line);
    sleep(Duration::from_secs(60)).await;
    let tasks = tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks();
    assert_eq!(tasks, 0, "{seed}: a task is left");
}

/// Somebody who uses the client for a while.
async fn call_at_random(nas: Client<V1>, mut rng: Rng) -> Counts {
    let mut counts = Counts::new();
    // No two calls have the same parameter.
    let first = rng.i64(0..1 << 40);
    for n in first..first + STEPS {
        sleep(Duration::from_millis(rng.u64(0..200))).await;
        let patience = Duration::from_millis(rng.u64(1..2_000));
        let outcome = match rng.u8(0..10) {
            0..3 => nas.read(n).await.map(|read| assert_eq!(read, n)),
            3..6 => nas.create(n).await.map(|created| assert_eq!(created, n)),
            6 => match timeout(patience, nas.create(n).into_future()).await {
                Ok(outcome) => outcome.map(drop),
                Err(_) => {
                    *counts.entry("cancelled").or_default() += 1;
                    continue;
                }
            },
            7 | 8 => scrub(&nas, n).await,
            _ => listen(&nas, patience, &mut counts).await,
        };
        let what = match outcome {
            Ok(()) => "answered",
            Err(Error::Interrupted { .. }) => "interrupted",
            Err(Error::Timeout { .. }) => "timeout",
            // All the time there was no connection.
            Err(Error::Connect(_)) => "not sent",
            Err(Error::JobFailed(_)) => "job failed",
            Err(Error::JobAborted { .. }) => "aborted",
            Err(Error::JobLost { .. }) => "job lost",
            Err(other) => panic!("{other}"),
        };
        *counts.entry(what).or_default() += 1;
    }
    counts
}

async fn scrub(nas: &Client<V1>, n: i64) -> Result<(), Error> {
    let scrubbed = nas.scrub(n).await?.wait().await?;
    assert_eq!(scrubbed, Some(n));
    Ok(())
}

async fn listen(nas: &Client<V1>, patience: Duration, counts: &mut Counts) -> Result<(), Error> {
    let mut stream = nas.changes().await?;
    let notices = async {
        while let Some(notice) = stream.next().await {
            let what = match notice? {
                Notice::Gap => "gap",
                _ => "notice",
            };
            *counts.entry(what).or_default() += 1;
        }
        Ok(())
    };
    timeout(patience, notices).await.unwrap_or(Ok(()))
}

/// Does what servers do, and what happens to them.
struct Server {
    rng: Rng,
    /// How often what changes something was done.
    done: HashMap<String, u64>,
    jobs: Vec<Job>,
    boots: u64,
    counts: Counts,
}

struct Job {
    id: usize,
    n: Value,
    state: &'static str,
}

/// What is true as long as a connection lasts.
struct Connection {
    line: Line,
    unanswered: Vec<(Asked, Value)>,
    subscriptions: HashSet<String>,
    expired: bool,
}

enum Never {}

impl Server {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            done: HashMap::new(),
            jobs: Vec::new(),
            boots: 1,
            counts: Counts::new(),
        }
    }

    fn happens(&mut self, what: &'static str, percent: f64) -> bool {
        let happens = self.rng.f64() * 100.0 < percent;
        if happens {
            *self.counts.entry(what).or_default() += 1;
        }
        happens
    }

    async fn run(&mut self, peer: &mut Peer, first: Line) -> Never {
        let mut line = first;
        loop {
            self.serve(line).await;
            line = loop {
                let mut line = peer.socket().await;
                if self.happens("cut at login", 20.0) {
                    if self.rng.bool() {
                        line.asked().await;
                    }
                    continue;
                }
                line.log_in(&format!("boot-{}", self.boots)).await;
                break line;
            };
        }
    }

    /// Until the connection is cut, by either side.
    async fn serve(&mut self, line: Line) {
        let mut connection = Connection {
            line,
            unanswered: Vec::new(),
            subscriptions: HashSet::new(),
            expired: false,
        };
        loop {
            let pause = Duration::from_millis(self.rng.u64(0..40));
            match timeout(pause, connection.line.next()).await {
                Ok(Some(call)) => self.take(&mut connection, call).await,
                Ok(None) => return,
                Err(_) => {
                    self.do_something(&mut connection).await;
                    if self.happens("restart", 0.2) {
                        self.boots += 1;
                        self.jobs.clear();
                        return;
                    }
                    if self.happens("cut", 0.5) {
                        return;
                    }
                    connection.expired |= self.happens("expired", 0.2);
                }
            }
        }
    }

    async fn take(&mut self, connection: &mut Connection, call: Asked) {
        if connection.expired {
            connection
                .line
                .fail(call.id, -32001, 207, Value::Null)
                .await;
            return;
        }
        let n = call.params[0].clone();
        if matches!(&*call.method, "disk.create" | "disk.scrub") {
            *self
                .done
                .entry(format!("{}({n})", call.method))
                .or_default() += 1;
        }
        let answer = match &*call.method {
            "disk.create" | "disk.read" => n,
            "disk.scrub" => {
                let id = self.jobs.len() + 1;
                self.jobs.push(Job {
                    id,
                    n,
                    state: "WAITING",
                });
                connection.report(&self.jobs[id - 1], "added").await;
                json!(id)
            }
            "core.subscribe" => {
                let name = n.as_str().unwrap().to_owned();
                assert!(
                    connection.subscriptions.insert(name),
                    "subscribed twice to {n}"
                );
                n
            }
            "core.unsubscribe" => {
                assert!(connection.subscriptions.remove(n.as_str().unwrap()));
                Value::Null
            }
            "core.get_jobs" => {
                let id = n[0][2].as_u64().unwrap();
                let jobs = self.jobs.iter().filter(|job| job.id as u64 == id);
                jobs.map(Job::fields).collect()
            }
            other => panic!("{other} is not served"),
        };
        connection.unanswered.push((call, answer));
    }

    async fn do_something(&mut self, connection: &mut Connection) {
        if self.rng.bool() && !connection.unanswered.is_empty() {
            let index = self.rng.usize(..connection.unanswered.len());
            let (call, answer) = connection.unanswered.swap_remove(index);
            if self.happens("lost", 0.5) {
                return;
            }
            if self.happens("answered twice", 5.0) {
                connection.line.answer(call.id, answer.clone()).await;
            }
            connection.line.answer(call.id, answer).await;
        } else if self.rng.bool() && connection.subscriptions.contains("disk.query") {
            let rest = json!({"id": 1, "fields": {}});
            connection.line.changed("disk.query", "changed", rest).await;
        } else if !self.jobs.is_empty() {
            let job = self.rng.choice(&mut self.jobs).unwrap();
            job.state = match job.state {
                "WAITING" => "RUNNING",
                "RUNNING" => ["SUCCESS", "FAILED", "ABORTED"][job.id % 3],
                last => last,
            };
            connection.report(job, "changed").await;
        }
    }
}

impl Connection {
    async fn report(&mut self, job: &Job, msg: &str) {
        if self.subscriptions.contains("core.get_jobs") {
            let rest = json!({"id": job.id, "fields": job.fields()});
            self.line.changed("core.get_jobs", msg, rest).await;
        }
    }
}

impl Job {
    fn fields(&self) -> Value {
        let result = match self.state {
            "SUCCESS" => self.n.clone(),
            _ => Value::Null,
        };
        json!({
            "id": self.id, "method": "disk.scrub", "state": self.state, "result": result,
            "error": null, "exc_info": null, "progress": {"percent": 0},
            "time_started": {"$date": 1_700_000_000_000_i64},
        })
    }
}

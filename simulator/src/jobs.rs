//! The jobs that the system remembers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::auth::Session;
use crate::clock;
use crate::engine::{Engine, Failure, INVALID_PARAMS};
use crate::json::set;

/// How many are remembered; the oldest that is finished gives way.
const REMEMBERED: usize = 1000;

/// A job.
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) method: String,
    pub(crate) arguments: Vec<Value>,
    pub(crate) transient: bool,
    /// Who started it, if anybody.
    pub(crate) owner: Option<String>,
    /// What it gives to whoever downloads it.
    pub(crate) output: Mutex<Option<Output>>,
    /// What that is to be called.
    pub(crate) filename: OnceLock<String>,
    /// Whether it can be downloaded by now.
    pub(crate) ready: watch::Sender<bool>,
    /// Someone downloads; and how that ended.
    pub(crate) download: watch::Sender<Download>,
    /// Someone wants it to end.
    pub(crate) abort: Notify,
    abortable: bool,
    logs: bool,
    credentials: Value,
    changing: Mutex<Changing>,
    outcome: watch::Sender<Option<Outcome>>,
}

/// What can be downloaded, and until when.
pub(crate) struct Output {
    pub(crate) content: Bytes,
    pub(crate) until: Instant,
}

/// How far a download has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum Download {
    NotStarted,
    Running,
    Done,
    Cut,
}

/// How much is shown of a job.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    /// The calls that it answers, from 25.10 on.
    pub(crate) message_ids: bool,
    /// The result with its secrets.
    pub(crate) raw_result: bool,
}

/// How a job ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Success(Value),
    Failed(Failure),
    Aborted,
}

struct Changing {
    running: bool,
    message_ids: Vec<Value>,
    description: Option<String>,
    percent: u8,
    doing: String,
    started: i64,
    finished: Option<i64>,
}

/// What a job is started with.
pub(crate) struct NewJob<'a> {
    pub(crate) method: &'a str,
    pub(crate) arguments: Vec<Value>,
    pub(crate) description: Option<String>,
    pub(crate) transient: bool,
    pub(crate) session: Option<&'a Session>,
    pub(crate) message_id: Option<&'a Value>,
}

/// Methods whose jobs can be ended. No schema says which; these run long on a
/// real system.
const ABORTABLE: [&str; 8] = [
    "cloud_backup.restore",
    "cloud_backup.sync",
    "cloudsync.sync",
    "cloudsync.sync_onetime",
    "pool.scrub.scrub",
    "replication.run",
    "replication.run_onetime",
    "rsynctask.run",
];

/// Methods whose jobs write logs. No schema says which.
const LOGGED: [&str; 7] = [
    "cloud_backup.restore",
    "cloud_backup.sync",
    "cloudsync.sync",
    "cronjob.run",
    "replication.run",
    "replication.run_onetime",
    "rsynctask.run",
];

impl Job {
    /// The next change of state or of the outcome.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.outcome.borrow().clone()
    }

    /// Waits for the end.
    pub(crate) async fn finished(&self) -> Outcome {
        let mut outcome = self.outcome.subscribe();
        match outcome
            .wait_for(Option::is_some)
            .await
            .map(|found| found.clone())
        {
            Ok(Some(outcome)) => outcome,
            // The sender lives as long as the job.
            _ => Outcome::Aborted,
        }
    }

    pub(crate) fn run(&self) {
        self.changing().running = true;
    }

    pub(crate) fn progress(&self, percent: u8, doing: &str) {
        let mut changing = self.changing();
        changing.percent = percent;
        doing.clone_into(&mut changing.doing);
    }

    /// Ends the job; only the first end counts.
    pub(crate) fn finish(&self, outcome: Outcome) -> bool {
        let mut changing = self.changing();
        if changing.finished.is_some() {
            return false;
        }
        changing.finished = Some(clock::now());
        if matches!(outcome, Outcome::Success(_)) {
            changing.percent = 100;
        }
        drop(changing);
        self.outcome.send_replace(Some(outcome));
        true
    }

    /// Another call that wants the same.
    fn join(&self, message_id: Option<&Value>) {
        self.changing().message_ids.extend(message_id.cloned());
    }

    /// The text of its log, if it writes one.
    pub(crate) fn log(&self) -> Option<String> {
        self.logs
            .then(|| format!("{} has begun\n{} is at work\n", self.method, self.method))
    }

    /// What the API says of it. Calls see no secrets in the result unless they
    /// ask for it raw; events do.
    pub(crate) fn describe(&self, engine: &Engine, view: View) -> Value {
        let outcome = self.outcome();
        let changing = self.changing();
        let (state, result, failure) = match outcome {
            None if changing.running => ("RUNNING", Value::Null, None),
            None => ("WAITING", Value::Null, None),
            Some(Outcome::Success(result)) if view.raw_result => ("SUCCESS", result, None),
            Some(Outcome::Success(result)) => {
                let result = engine.redacted(engine.own(), &self.method, result);
                ("SUCCESS", result, None)
            }
            Some(Outcome::Failed(failure)) => ("FAILED", Value::Null, Some(failure)),
            Some(Outcome::Aborted) => ("ABORTED", Value::Null, None),
        };
        let arguments = engine.redacted_arguments(&self.method, &self.arguments);
        let logged = self.logs && changing.running;
        let mut job = json!({
            "id": self.id,
            "method": self.method,
            "arguments": arguments,
            "transient": self.transient,
            "description": changing.description,
            "abortable": self.abortable,
            "logs_path": logged.then(|| format!("/var/log/jobs/{}.log", self.id)),
            "logs_excerpt": self.log().filter(|_| changing.finished.is_some()),
            "progress": {
                "percent": changing.percent,
                "description": changing.doing,
                "extra": null,
            },
            "result": result,
            "result_encoding_error": null,
            "error": failure.as_ref().map(|failure| &failure.reason),
            "exception": failure.as_ref().map(|failure| {
                format!("{}: {}\n", failure.class, failure.reason)
            }),
            "exc_info": failure.as_ref().map(exc_info),
            "state": state,
            "time_started": clock::date(changing.started),
            "time_finished": changing.finished.map(clock::date),
            "credentials": self.credentials,
        });
        if view.message_ids {
            set(&mut job, "message_ids", json!(changing.message_ids));
        }
        job
    }

    fn changing(&self) -> std::sync::MutexGuard<'_, Changing> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a job says of its failure.
fn exc_info(failure: &Failure) -> Value {
    let validation = failure.code == INVALID_PARAMS;
    // An entry that is not there has the errno of its one error.
    let errno = failure.extra.pointer("/0/2").filter(|_| validation);
    json!({
        "repr": format!("{}({:?})", failure.class, failure.reason),
        "type": if validation { "VALIDATION" } else { failure.class },
        "errno": errno.cloned().unwrap_or_else(|| json!(failure.errno)),
        "extra": failure.extra,
    })
}

/// The jobs by their ids.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<List>);

#[derive(Default)]
struct List {
    last: i64,
    jobs: BTreeMap<i64, Arc<Job>>,
}

/// A job that a call asked for.
pub(crate) enum Added {
    New(Arc<Job>),
    /// One that does the same already.
    Joined(Arc<Job>),
}

impl Jobs {
    /// Adds a job, unless one with the same method and arguments is still to
    /// end: on a real system that depends on the method's lock, of which no
    /// schema speaks. `core.*` has none.
    pub(crate) fn add(&self, new: NewJob<'_>) -> Result<Added, Failure> {
        let mut list = self.list();
        if !new.method.starts_with("core.") {
            let mut jobs = list.jobs.values().rev();
            let same = jobs.find(|job| {
                job.outcome().is_none()
                    && job.method == new.method
                    && job.arguments == new.arguments
                    && job.owner.as_ref() == new.session.map(|session| &session.account.username)
            });
            if let Some(job) = same {
                job.join(new.message_id);
                return Ok(Added::Joined(Arc::clone(job)));
            }
        }
        if list.jobs.len() >= REMEMBERED {
            let oldest = list.jobs.values().find(|job| job.outcome().is_some());
            let Some(oldest) = oldest.map(|job| job.id) else {
                let message = format!("The simulator runs at most {REMEMBERED} jobs");
                return Err(Failure::call(16, "EBUSY", &message));
            };
            list.jobs.remove(&oldest);
        }
        list.last += 1;
        let job = Arc::new(Job {
            id: list.last,
            transient: new.transient,
            owner: new.session.map(|session| session.account.username.clone()),
            output: Mutex::new(None),
            filename: OnceLock::new(),
            ready: watch::Sender::new(false),
            download: watch::Sender::new(Download::NotStarted),
            abort: Notify::new(),
            abortable: ABORTABLE.contains(&new.method),
            logs: LOGGED.contains(&new.method),
            credentials: new.session.map_or(Value::Null, Session::credentials),
            method: new.method.to_owned(),
            arguments: new.arguments,
            changing: Mutex::new(Changing {
                running: false,
                message_ids: new.message_id.cloned().into_iter().collect(),
                description: new.description,
                percent: 0,
                doing: String::new(),
                started: clock::now(),
                finished: None,
            }),
            outcome: watch::Sender::new(None),
        });
        list.jobs.insert(job.id, Arc::clone(&job));
        Ok(Added::New(job))
    }

    pub(crate) fn get(&self, id: i64) -> Option<Arc<Job>> {
        self.list().jobs.get(&id).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Job>> {
        self.list().jobs.values().cloned().collect()
    }

    /// Whether this very job is remembered.
    pub(crate) fn holds(&self, job: &Job) -> bool {
        let found = self.get(job.id);
        found.is_some_and(|found| std::ptr::eq(found.as_ref(), job))
    }

    /// Forgets a transient job.
    pub(crate) fn forget(&self, id: i64) {
        self.list().jobs.remove(&id);
    }

    /// Loses all jobs, and counts from the beginning: the system restarts.
    pub(crate) fn lose(&self) {
        let lost = std::mem::take(&mut *self.list());
        for job in lost.jobs.values() {
            job.abort.notify_one();
        }
    }

    fn list(&self) -> std::sync::MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long what a job gives waits for its download.
pub(crate) fn patience(buffered: bool) -> Duration {
    Duration::from_secs(if buffered { 3600 } else { 60 })
}

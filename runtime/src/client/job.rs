//! Jobs: calls that take their time.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Stream, StreamExt as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::driver::Started;
use super::errno::Errno;
use super::error::{Error, JobFailure, fields};
use super::follower::{Ended, Follower, Known};
use super::frame;
use super::session::Session;
use crate::answer::Answer;
use crate::date_time::DateTime;
use crate::error::DecodeError;
use crate::json::Json;
use crate::method::Job;
use crate::request::{JobRequest, RequestFuture};
use crate::text;

/// The method whose failure is easy to miss.
const SERVICE_CONTROL: &str = "service.control";

/// In what state a job is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum JobState {
    /// It has not begun: others have to end first.
    Waiting,
    /// It is at work.
    Running,
    /// It has done its work.
    Success,
    /// It has ended with an error.
    Failed,
    /// Somebody has ended it.
    Aborted,
    /// A state that this crate does not know.
    #[serde(other)]
    Unrecognized,
}

impl JobState {
    /// Whether it stays like this.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Aborted)
    }
}

/// How far a job is.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// From 0 to 100, where the job can tell.
    #[serde(default)]
    pub percent: Option<f64>,
    /// What it is doing.
    #[serde(default)]
    pub description: Option<String>,
    /// What else it tells, by method.
    #[serde(default)]
    pub extra: Value,
}

impl fmt::Debug for Progress {
    /// Without what else the job tells, which may be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("percent", &self.percent)
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.percent {
            Some(percent) => write!(f, "{percent:.0} %")?,
            None => f.write_str("…")?,
        }
        match self.description.as_deref() {
            None | Some("") => Ok(()),
            Some(description) => write!(f, " {description}"),
        }
    }
}

/// What the server says of a job.
#[derive(Clone)]
#[non_exhaustive]
pub struct JobStatus {
    /// Its number; numbers start again when the server restarts.
    pub id: i64,
    /// The method that started it.
    pub method: String,
    /// In what state it is.
    pub state: JobState,
    /// How far it is.
    pub progress: Option<Progress>,
    /// What it is about.
    pub description: Option<String>,
    /// Whether it can be aborted.
    pub abortable: bool,
    /// Whether it disappears when it ends, and does not report.
    pub transient: bool,
    /// When it was started.
    pub time_started: Option<DateTime>,
    /// When it ended.
    pub time_finished: Option<DateTime>,
    /// The end of its log.
    pub logs_excerpt: Option<String>,
    /// Why it failed, in the server's words.
    pub error: Option<String>,
    /// Ids of the calls that it was started for.
    pub(crate) message_ids: Vec<u64>,
    pub(crate) result: Answer,
    /// The arguments that the job was started with, untyped.
    arguments: Option<Answer>,
    exception: Option<Exception>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Exception {
    r#type: Option<String>,
    errno: Option<i64>,
    extra: Value,
}

/// As it comes, as far as anybody wants to know.
#[derive(Deserialize)]
struct Wire<'a> {
    id: i64,
    #[serde(default)]
    message_ids: Vec<Value>,
    #[serde(default)]
    method: String,
    #[serde(default, borrow)]
    description: Option<&'a RawValue>,
    #[serde(default)]
    abortable: Option<bool>,
    #[serde(default)]
    transient: Option<bool>,
    #[serde(default, borrow)]
    logs_excerpt: Option<&'a RawValue>,
    #[serde(default, borrow)]
    progress: Option<&'a RawValue>,
    #[serde(default, borrow)]
    result: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
    #[serde(default, borrow)]
    exc_info: Option<&'a RawValue>,
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
    state: JobState,
    #[serde(default)]
    time_started: Option<Value>,
    #[serde(default)]
    time_finished: Option<Value>,
}

/// What a job tells beyond its state must not keep the state from being known.
fn if_it_fits<T: DeserializeOwned>(raw: Option<&RawValue>) -> Option<T> {
    let value = text::parse(raw?.get()).ok()?;
    serde_json::from_value(value).ok()
}

impl JobStatus {
    /// From the parameters of a notification.
    pub(crate) fn of_update(params: &Answer) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Params<'a> {
            #[serde(borrow)]
            fields: Wire<'a>,
        }
        let Params { fields } = serde_json::from_str(params.text())?;
        Ok(Self::of_wire(fields, params))
    }

    /// From the answer of `core.get_jobs`.
    pub(super) fn of_list(answer: &Answer) -> Result<Option<Self>, DecodeError> {
        let jobs: Vec<Wire<'_>> = serde_json::from_str(answer.text()).map_err(|error| {
            let reason = format!("no list of jobs: {}", frame::without_value(&error));
            DecodeError::new("$".to_owned(), reason)
                .with_answer(answer)
                .of_method("core.get_jobs")
        })?;
        let last = jobs.into_iter().last();
        Ok(last.map(|wire| Self::of_wire(wire, answer)))
    }

    fn of_wire(wire: Wire<'_>, within: &Answer) -> Self {
        let time = |value: Option<Value>| value.and_then(|value| crate::from_value(&value).ok());
        Self {
            id: wire.id,
            method: wire.method,
            state: wire.state,
            progress: if_it_fits(wire.progress),
            description: if_it_fits(wire.description),
            abortable: wire.abortable.unwrap_or_default(),
            transient: wire.transient.unwrap_or_default(),
            time_started: time(wire.time_started),
            time_finished: time(wire.time_finished),
            logs_excerpt: if_it_fits(wire.logs_excerpt),
            error: if_it_fits(wire.error),
            message_ids: wire.message_ids.iter().filter_map(Value::as_u64).collect(),
            result: match wire.result {
                Some(result) => within.part(result),
                None => Answer::from("null".to_owned()),
            },
            arguments: wire.arguments.map(|arguments| within.part(arguments)),
            exception: if_it_fits(wire.exc_info),
        }
    }

    /// Whether this is told of another job, to which the number was given
    /// again.
    pub(super) fn is_of_another_job(&self, known: &Self) -> bool {
        let started = self.time_started.as_ref().zip(known.time_started.as_ref());
        let told = !self.method.is_empty() && !known.method.is_empty();
        (told && self.method != known.method) || started.is_some_and(|(one, other)| one != other)
    }

    /// What the job ended with, untyped: null unless it was a success.
    #[must_use]
    pub fn result(&self) -> &Answer {
        &self.result
    }

    /// Warns of a service that is not in the state that was asked for.
    ///
    /// `service.control` then returns `false`, unless the option `silent` is
    /// off. The schema describes this as a result, so it is not an error here.
    /// The warning is for callers that ignore the result.
    fn warn_of_service(&self) {
        if self.method != SERVICE_CONTROL || self.result.text() != "false" {
            return;
        }
        let arguments = self.arguments.as_ref().and_then(|all| all.value().ok());
        let text = |index: usize| Some(arguments.as_ref()?.get(index)?.as_str()?.to_owned());
        tracing::warn!(
            job = self.id,
            verb = text(0),
            service = text(1),
            "service.control returned false: the service is not in the requested state; set the option `silent: false` to get an error with the reason"
        );
    }

    /// The job's own name is given: this may be of one that waits for it.
    fn failure(&self, id: i64, method: Cow<'static, str>) -> JobFailure {
        let exception = self.exception.clone().unwrap_or_default();
        let reason = self.error.clone().unwrap_or_default();
        let fields = match exception.r#type.as_deref() {
            Some("VALIDATION") => fields(&exception.extra, Some(&reason)),
            _ => Vec::new(),
        };
        JobFailure {
            id,
            method,
            errno: exception.errno.map(Errno::from),
            reason,
            fields,
            logs_excerpt: self.logs_excerpt.clone(),
        }
    }
}

impl fmt::Debug for JobStatus {
    /// Without the result: there can be secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobStatus")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("state", &self.state)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

/// A job that was started, and what it ends with.
///
/// Dropping it neither ends nor harms the job. A lost connection does not
/// either: the job goes on, and so does the handle once there is a new one.
pub struct JobHandle<R> {
    follower: Follower,
    result: PhantomData<fn() -> R>,
}

impl<R> JobHandle<R> {
    pub(crate) fn new(session: &Session, method: Cow<'static, str>, started: Started) -> Self {
        Self {
            follower: Follower::new(session, method, started),
            result: PhantomData,
        }
    }

    #[cfg(feature = "files")]
    pub(super) fn session(&self) -> &Session {
        &self.follower.session
    }

    /// The job's number; 0 for a transient job of which the server has told
    /// nothing but the result, with `legacy_jobs` off.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.follower.id()
    }

    /// The method that started it.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.follower.method
    }

    /// How far the job is, again and again until it has ended; how it has
    /// ended [`wait`](Self::wait) tells. A reader that is slow misses steps in
    /// between, and never the last one.
    #[must_use]
    pub fn progress(&self) -> ProgressStream {
        ProgressStream::new(self.follower.clone())
    }

    /// What the server says of the job now.
    ///
    /// # Errors
    ///
    /// Those of any call; [`Error::JobLost`] if the server does not know the job.
    pub async fn status(&self) -> Result<JobStatus, Error> {
        let mut follower = self.follower.clone();
        follower.still_numbered()?;
        let found = follower.find().await?;
        // The server may have been restarted meanwhile.
        follower.still_numbered()?;
        match found {
            Some(status) if follower.is_another(&status) => Err(follower.lost()),
            Some(status) => Ok((*status).clone()),
            None => match follower.known()? {
                Known::Ended(Ended::Status(status)) => Ok((*status).clone()),
                _ => Err(follower.lost()),
            },
        }
    }

    /// The job's number, asked for if the server has not told it.
    pub(super) async fn number(&self) -> Result<i64, Error> {
        self.follower.still_numbered()?;
        match self.follower.number() {
            Some(id) => Ok(id),
            None => Ok(self.status().await?.id),
        }
    }

    /// A call that names the job by its number.
    pub(super) async fn exchange(
        &self,
        method: &'static str,
        params: &[Value],
    ) -> Result<Answer, Error> {
        let (session, lost) = (&self.follower.session, self.follower.lost());
        session.exchange_before_restart(method, params, lost).await
    }

    /// Asks the server to end the job. [`wait`](Self::wait) then gives
    /// [`Error::JobAborted`], unless the job was faster.
    ///
    /// # Errors
    ///
    /// Those of any call: not every job can be aborted. [`Error::JobLost`] if
    /// the server was restarted, or has forgotten the job.
    pub async fn abort(&self) -> Result<(), Error> {
        let id = self.number().await?;
        self.exchange("core.job_abort", &[id.into()])
            .await
            .map(drop)
    }
}

impl<R: Json> JobHandle<R> {
    /// Waits for the end of the job, however long that takes, and gives what
    /// it ended with. It may be called again.
    ///
    /// # Errors
    ///
    /// [`Error::JobFailed`], [`Error::JobAborted`]; [`Error::JobLost`] if the
    /// server was restarted or has forgotten the job; [`Error::Decode`] for a
    /// result that does not fit its type; whatever ends the client.
    pub async fn wait(&self) -> Result<R, Error> {
        let mut follower = self.follower.clone();
        let answer = match follower.end().await? {
            Ended::Answer(answer) => answer,
            Ended::Status(status) => match status.state {
                JobState::Failed => {
                    let (id, method) = (follower.id(), follower.method.clone());
                    return Err(Error::JobFailed(Box::new(status.failure(id, method))));
                }
                JobState::Aborted => {
                    return Err(Error::JobAborted {
                        id: follower.id(),
                        method: follower.method.clone(),
                    });
                }
                _ => {
                    status.warn_of_service();
                    status.result.clone()
                }
            },
        };
        // A number is a result here, not a job's number.
        answer
            .read()
            .map_err(|error| Error::Decode(error.of_method(follower.method.clone())))
    }
}

impl<R> Clone for JobHandle<R> {
    fn clone(&self) -> Self {
        Self {
            follower: self.follower.clone(),
            result: PhantomData,
        }
    }
}

impl<R> fmt::Debug for JobHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandle")
            .field("id", &self.id())
            .field("method", &self.method())
            .finish()
    }
}

impl<'c, M: Job> IntoFuture for JobRequest<'c, Session, M> {
    type Output = Result<JobHandle<M::Result>, Error>;
    type IntoFuture = RequestFuture<'c, JobHandle<M::Result>, Error>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.call.check()?;
            let method = Cow::Borrowed(self.call.method.name);
            let started = self
                .client
                .start(method.clone(), &self.call.params, self.call.timeout)
                .await?;
            Ok(JobHandle::new(self.client, method, started))
        })
    }
}

/// How far a job is, again and again; see [`JobHandle::progress`].
pub struct ProgressStream {
    steps: Pin<Box<dyn Stream<Item = Progress> + Send>>,
}

impl ProgressStream {
    fn new(follower: Follower) -> Self {
        let steps = futures_util::stream::unfold(Some((follower, None)), |state| async move {
            let (mut follower, last) = state?;
            loop {
                let known = follower.known().ok()?;
                let progress = known.status().and_then(|status| status.progress.clone());
                if let Some(progress) = progress
                    && last.as_ref() != Some(&progress)
                {
                    let next = match known {
                        Known::Ended(_) => None,
                        Known::Going(_) => Some((follower, Some(progress.clone()))),
                    };
                    return Some((progress, next));
                }
                if matches!(known, Known::Ended(_)) {
                    return None;
                }
                follower.change().await.ok()?;
            }
        });
        Self {
            steps: Box::pin(steps.fuse()),
        }
    }

    /// The next step; `None` when the job has ended.
    pub async fn next(&mut self) -> Option<Progress> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for ProgressStream {
    type Item = Progress;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Progress>> {
        self.steps.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for ProgressStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressStream")
    }
}

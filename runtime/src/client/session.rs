//! The handle of a connection that is logged in and stays so.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::Stream;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};
use tokio_stream::wrappers::WatchStream;
use tracing::Instrument as _;

use super::driver::{
    self, Command, Config, Driver, Listener, Outgoing, Pace, Renewal, Reply, Started, Status,
};
use super::error::Error;
use super::frame;
use super::job::JobHandle;
use crate::answer::Answer;
use crate::method::{Method, MethodInfo, MethodKind};
use crate::secret::REDACTED;
use crate::transport::{Call, Transport};

/// A connection to a TrueNAS that is logged in and stays so: when it breaks, a
/// new one takes its place.
///
/// Cheap to clone; all copies share the connection, which is closed when the
/// last one is gone, streams and job handles included.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
}

struct Shared {
    config: Arc<Config>,
    methods: &'static [&'static MethodInfo],
    commands: mpsc::Sender<Command>,
    /// One for each call that the server may be given. Those who wait for one
    /// wait in order, in their own futures.
    slots: Arc<Semaphore>,
    ids: Arc<AtomicU64>,
    unheard: Arc<Notify>,
    status: watch::Receiver<Status>,
    /// Why there is no connection right now.
    trouble: watch::Receiver<Option<Error>>,
    /// Why the driver has stopped.
    end: Arc<OnceLock<Error>>,
    user: Option<Value>,
}

/// The number of the first call. The reports of jobs name the calls that they
/// were started by, those of other programs too: so not all begin at one.
/// An id that counts as false would confuse the server, and one above 2⁵³ is no
/// integer everywhere.
fn first_id() -> u64 {
    // Without randomness a handle goes by the method alone.
    getrandom::u64().map_or(1, |random| (random >> 13) | 1)
}

/// The most characters that a message may have.
fn limit(method: &str, logged_in: bool) -> usize {
    match method {
        _ if !logged_in => 8 << 10,
        "filesystem.file_receive" => 2 << 20,
        _ => 64 << 10,
    }
}

/// Returns whether a JSON text has the text that servers put in place of a
/// secret.
pub(crate) fn is_redacted(text: &str) -> bool {
    text.contains(&format!("\"{REDACTED}\""))
}

impl Session {
    pub(crate) async fn connect(
        config: Config,
        methods: &'static [&'static MethodInfo],
    ) -> Result<Self, Error> {
        let config = Arc::new(config);
        let ids = Arc::new(AtomicU64::new(first_id()));
        let mut pace = Pace::new(config.reconnect.logins_per_minute);
        let mut as_told = Renewal::default();
        let mut link = driver::establish(&config, &mut as_told, &ids, &mut pace).await?;
        let in_flight = config.limits.in_flight;
        let (commands, receiver) = mpsc::channel(in_flight);
        let (status, status_receiver) = watch::channel(Status::Connected);
        let (trouble, trouble_receiver) = watch::channel(None);
        let unheard = Arc::new(Notify::new());
        let slots = Arc::new(Semaphore::new(in_flight));
        let end = Arc::new(OnceLock::new());
        let shared = Shared {
            config: config.clone(),
            methods,
            commands,
            slots: slots.clone(),
            ids: ids.clone(),
            unheard: unheard.clone(),
            status: status_receiver,
            trouble: trouble_receiver,
            end: end.clone(),
            user: link.logged_in.user_info.take(),
        };
        let driver = Driver::new(config, receiver, ids, unheard, status, trouble, pace);
        let span = tracing::debug_span!("truenas", endpoint = %shared.config.route.endpoint);
        tokio::spawn(
            async move {
                // Also if a function of the caller's own panics in it.
                let _turns = EndOfTurns(slots);
                driver.run(link, &end).await;
            }
            .instrument(span),
        );
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Calls a method by name, with parameters as they go over the wire.
    ///
    /// For what the types do not cover. Whether the call may be sent again
    /// after a lost connection is known for methods of the version that is
    /// spoken; any other is taken to change something.
    ///
    /// # Errors
    ///
    /// All of [`Error`] but those of jobs.
    pub async fn call_raw(&self, method: &str, params: Vec<Value>) -> Result<Answer, Error> {
        let methods = self.shared.methods;
        let known = methods.binary_search_by(|info| info.name.cmp(method));
        match known.ok().and_then(|index| methods.get(index)) {
            Some(info) => {
                self.exchange(info.name.into(), info.reads_only, &params, None)
                    .await
            }
            None => {
                self.exchange(method.to_owned().into(), false, &params, None)
                    .await
            }
        }
    }

    /// Waits until the server answers a call that does nothing.
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub async fn ping(&self) -> Result<(), Error> {
        self.exchange("core.ping".into(), true, &[], None)
            .await
            .map(drop)
    }

    /// Whether there is a connection right now. Calls need not look: they wait
    /// for the next one.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.shared.commands.is_closed() {
            true => Status::Closed,
            false => *self.shared.status.borrow(),
        }
    }

    /// The status now, and each one that follows, up to [`Status::Closed`]. A
    /// reader that is slow misses some in between, and never the latest.
    ///
    /// Does not keep the connection open.
    pub fn statuses(&self) -> impl Stream<Item = Status> + Send + Unpin + use<> {
        // It ends when the driver is gone.
        WatchStream::new(self.shared.status.clone())
    }

    /// Who is logged in, as the server told at the first login; `None` if
    /// nobody logged in.
    #[must_use]
    pub fn user(&self) -> Option<&Value> {
        self.shared.user.as_ref()
    }

    /// Closes the connection. Calls that wait end with [`Error::Closed`], what
    /// the server is at work on with [`Error::Interrupted`].
    pub async fn close(&self) {
        let mut status = self.shared.status.clone();
        if self.shared.commands.send(Command::Close).await.is_ok() {
            // It fails if the driver is gone, which is just as well.
            let _ = status.wait_for(|status| *status == Status::Closed).await;
        }
    }

    /// Starts a job, and answers when it is known that it has started.
    pub(crate) async fn start(
        &self,
        method: Cow<'static, str>,
        params: &[Value],
        timeout: Option<Duration>,
    ) -> Result<Started, Error> {
        self.send(method, false, params, timeout, None, Reply::Job)
            .await
    }

    pub(crate) async fn exchange(
        &self,
        method: Cow<'static, str>,
        reads_only: bool,
        params: &[Value],
        timeout: Option<Duration>,
    ) -> Result<Answer, Error> {
        self.send(method, reads_only, params, timeout, None, Reply::Answer)
            .await
    }

    /// A call about a job that has a number only until the server is restarted:
    /// it ends with this error if that happens before it is sent.
    pub(super) async fn exchange_before_restart(
        &self,
        method: &'static str,
        params: &[Value],
        lost: Error,
    ) -> Result<Answer, Error> {
        self.send(
            method.into(),
            false,
            params,
            None,
            Some(lost),
            Reply::Answer,
        )
        .await
    }

    async fn send<T>(
        &self,
        method: Cow<'static, str>,
        reads_only: bool,
        params: &[Value],
        timeout: Option<Duration>,
        unless_restarted: Option<Error>,
        reply: fn(oneshot::Sender<Result<T, Error>>) -> Reply,
    ) -> Result<T, Error> {
        let shared = &*self.shared;
        let id = shared.ids.fetch_add(1, Ordering::Relaxed);
        let text = frame::write(id, &method, params);
        // What was read with fewer rights must not replace a secret.
        if !reads_only && is_redacted(&text) {
            return Err(Error::RedactedSecret { method });
        }
        let config = &shared.config;
        let limit = limit(&method, !config.auth.is_none() || config.route.is_unix());
        if text.len() > limit {
            let size = text.chars().count();
            if size > limit {
                return Err(Error::TooLarge {
                    method,
                    size,
                    limit,
                });
            }
        }
        let span = tracing::debug_span!("call", %method, id);
        let sent = Arc::new(AtomicBool::new(false));
        let after = timeout.unwrap_or(shared.config.limits.call);
        let exchange = async {
            let slot = shared.slots.clone().acquire_owned().await;
            let slot = slot.map_err(|_| self.ended())?;
            let (sender, answer) = oneshot::channel();
            let call = Outgoing {
                id,
                method: method.clone(),
                reads_only,
                text: text.into(),
                reply: reply(sender),
                unless_restarted: unless_restarted.map(Box::new),
                sent: sent.clone(),
                times_sent: 0,
                turned_away: 0,
                _slot: slot,
            };
            let handed = shared.commands.send(Command::Call(call)).await;
            handed.map_err(|_| self.ended())?;
            // Nobody is left to answer.
            answer
                .await
                .unwrap_or_else(|_| match sent.load(Ordering::SeqCst) {
                    true => Err(Error::Interrupted {
                        method: method.clone(),
                        reads_only,
                        reason: self.ended().to_string(),
                    }),
                    false => Err(self.ended()),
                })
        };
        match tokio::time::timeout(after, exchange.instrument(span)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                // Whoever sends a call says so first, and then looks whether
                // it is still wanted.
                fence(Ordering::SeqCst);
                let sent = sent.load(Ordering::SeqCst);
                // Why nothing could be sent says more than that it was not.
                let trouble = self.shared.trouble.borrow().clone();
                Err(trouble.filter(|_| !sent).unwrap_or(Error::Timeout {
                    method,
                    after,
                    sent,
                    reads_only,
                }))
            }
        }
    }

    pub(crate) async fn listen(&self, collection: String) -> Result<Listener, Error> {
        let (reply, listener) = oneshot::channel();
        let after = self.shared.config.limits.call;
        let command = Command::Listen { collection, reply };
        let exchange = async {
            let handed = self.shared.commands.send(command).await;
            handed.map_err(|_| self.ended())?;
            listener.await.map_err(|_| self.ended())?
        };
        // Who gives up just when the answer comes drops a listener unseen.
        let _unseen = Unseen(self);
        match tokio::time::timeout(after, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let trouble = self.shared.trouble.borrow().clone();
                Err(trouble.unwrap_or(Error::Timeout {
                    method: "core.subscribe".into(),
                    after,
                    sent: true,
                    reads_only: true,
                }))
            }
        }
    }

    /// A listener has gone.
    pub(crate) fn unheard(&self) {
        self.shared.unheard.notify_one();
    }

    /// Returns a handle to a job that was started before, possibly by another
    /// program.
    ///
    /// The method does not have to be a job in the version of the types; see
    /// [`Error::BecameJob`].
    ///
    /// # Errors
    ///
    /// That the client is at its end. That there is no such job the handle
    /// finds out.
    pub async fn job<M: Method>(&self, id: i64) -> Result<JobHandle<M::Result>, Error> {
        self.job_of(M::INFO.name.into(), id).await
    }

    pub(super) async fn job_of<R>(
        &self,
        method: Cow<'static, str>,
        id: i64,
    ) -> Result<JobHandle<R>, Error> {
        let (reply, news) = oneshot::channel();
        let command = Command::Follow { job: id, reply };
        let handed = self.shared.commands.send(command).await;
        handed.map_err(|_| self.ended())?;
        let started = Started {
            id: Some(id),
            call: 0,
            news: news.await.map_err(|_| self.ended())?,
        };
        Ok(JobHandle::new(self, method, started))
    }

    #[cfg(feature = "files")]
    pub(super) fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Why there is nobody any more who could answer.
    pub(crate) fn ended(&self) -> Error {
        self.shared.end.get().cloned().unwrap_or(Error::Closed)
    }
}

/// Those who wait for their turn need not wait any longer.
struct EndOfTurns(Arc<Semaphore>);

impl Drop for EndOfTurns {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Has the driver look whether somebody still listens, when it is dropped.
struct Unseen<'a>(&'a Session);

impl Drop for Unseen<'_> {
    fn drop(&mut self) {
        self.0.unheard();
    }
}

impl Transport for Session {
    type Error = Error;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let Call {
            method,
            params,
            timeout,
            ..
        } = call;
        let name = Cow::Borrowed(method.name);
        if method.kind == MethodKind::Job && !self.shared.config.legacy_jobs {
            // The server would answer at the end of the job, and with its result.
            let started = self.start(name.clone(), &params, timeout).await?;
            let job = JobHandle::<Value>::new(self, name, started);
            return Ok(Answer::from(job.number().await?.to_string()));
        }
        self.exchange(name, method.reads_only, &params, timeout)
            .await
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("endpoint", &self.shared.config.route.endpoint)
            .field("version", &self.shared.config.version)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

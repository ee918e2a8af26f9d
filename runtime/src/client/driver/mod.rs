//! The task that owns the connection: it sends, it hears, and when the
//! connection is lost it makes a new one.

mod calls;
mod jobs;
mod link;
mod topics;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;

use super::auth::{Auth, LoginError};
use super::config::{Limits, Reconnect, Replay};
use super::errno::Errno;
use super::error::{self, ConnectError, Error};
use super::frame::{self, Fault, Incoming, Update};
use super::job::JobStatus;
use super::socket::{Lost, Outgoing as SocketOut, Text};
use super::stream::Route;
use crate::answer::Answer;

use calls::{InFlight, Work};
pub(crate) use calls::{Outgoing, Reply};
use jobs::Jobs;
pub(crate) use jobs::{News, Started};
pub(crate) use link::{Link, establish};
use topics::{Change, Topics};
pub(crate) use topics::{ListenReply, Listener, Signal};

/// What a connection is made from; the same for every new one.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) route: Route,
    pub(crate) version: &'static str,
    pub(crate) auth: Auth,
    pub(crate) limits: Limits,
    pub(crate) replay: Replay,
    pub(crate) reconnect: Reconnect,
    pub(crate) legacy_jobs: bool,
}

/// What the handles ask of the driver.
pub(crate) enum Command {
    Call(Outgoing),
    Listen {
        collection: String,
        reply: ListenReply,
    },
    Follow {
        job: i64,
        reply: oneshot::Sender<watch::Receiver<News>>,
    },
    Close,
}

/// Whether there is a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// There is one, and it is logged in.
    Connected,
    /// There is none; a new one is being made.
    Reconnecting,
    /// There is none, and there will be none.
    Closed,
}

pub(crate) struct Driver {
    commands: mpsc::Receiver<Command>,
    /// Rung when a listener has gone.
    unheard: Arc<Notify>,
    status: watch::Sender<Status>,
    /// Why there is no connection yet.
    trouble: watch::Sender<Option<Error>>,
    boot_id: Option<String>,
    /// What the server gave for the next login.
    token: Option<Auth>,
    traffic: Traffic,
}

/// All that is under way.
struct Traffic {
    config: Arc<Config>,
    ids: Arc<AtomicU64>,
    outbox: VecDeque<Outgoing>,
    in_flight: InFlight,
    /// Errors of calls that are in flight, but of which ones is not known.
    unassigned: Vec<Fault>,
    topics: Topics,
    jobs: Jobs,
    /// Whether a job call is answered with the job's id.
    legacy_jobs: bool,
    /// By when the calls that are with the server must be answered before the
    /// login is renewed.
    renewal: Option<Instant>,
}

/// Why a connection is no longer used.
enum End {
    /// It broke.
    Lost(Lost),
    /// Its login has run out.
    Expired,
    /// Nobody needs it any more.
    Unneeded,
}

impl Driver {
    pub(crate) fn new(
        config: Arc<Config>,
        commands: mpsc::Receiver<Command>,
        ids: Arc<AtomicU64>,
        unheard: Arc<Notify>,
        status: watch::Sender<Status>,
        trouble: watch::Sender<Option<Error>>,
    ) -> Self {
        Self {
            commands,
            unheard,
            status,
            trouble,
            boot_id: None,
            token: None,
            traffic: Traffic {
                topics: Topics::new(config.limits.backlog),
                config,
                ids,
                outbox: VecDeque::new(),
                in_flight: InFlight::new(),
                unassigned: Vec::new(),
                jobs: Jobs::default(),
                legacy_jobs: true,
                renewal: None,
            },
        }
    }

    /// Works until nobody needs the connection any more, or none can be made,
    /// and leaves the reason for those who come later.
    pub(crate) async fn run(mut self, first: Link, end: &OnceLock<Error>) {
        let mut link = first;
        let reason = loop {
            if link.boot_id.is_some() {
                self.boot_id.clone_from(&link.boot_id);
            }
            self.token = link.logged_in.reconnect_token.take().map(Auth::token);
            self.traffic.legacy_jobs = link.legacy_jobs;
            self.trouble.send_replace(None);
            self.status.send_replace(Status::Connected);
            let end = self.serve(&mut link).await;
            match end {
                End::Unneeded => {
                    let _ = tokio::time::timeout(GRACE, link.socket.outgoing.close()).await;
                    break Error::Closed;
                }
                End::Expired => {
                    tracing::debug!("the login has run out");
                    let _ = tokio::time::timeout(GRACE, link.socket.outgoing.close()).await;
                }
                End::Lost(why) => tracing::warn!(%why, "connection lost"),
            }
            self.status.send_replace(Status::Reconnecting);
            self.traffic.renewal = None;
            self.traffic.unassigned.clear();
            self.traffic.topics.lost();
            let in_flight = std::mem::take(&mut self.traffic.in_flight);
            calls::settle(
                in_flight,
                &mut self.traffic.outbox,
                &self.traffic.config.replay,
            );
            match self.reconnect().await {
                Ok(Some(new)) => {
                    let restarted = match (&self.boot_id, &new.boot_id) {
                        (Some(old), Some(new)) => old != new,
                        _ => false,
                    };
                    self.traffic.jobs.reconnected(restarted);
                    link = new;
                }
                Ok(None) => break Error::Closed,
                Err(error) => break error,
            }
        };
        tracing::debug!(%reason, "closed");
        self.finish(end.get_or_init(|| reason));
    }

    /// Everybody who waits hears why it is over.
    fn finish(&mut self, reason: &Error) {
        self.status.send_replace(Status::Closed);
        self.commands.close();
        let in_flight = std::mem::take(&mut self.traffic.in_flight);
        calls::settle(in_flight, &mut VecDeque::new(), &Replay::never());
        for call in self.traffic.outbox.drain(..) {
            call.fail(reason.clone());
        }
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Call(call) => call.fail(reason.clone()),
                Command::Listen { reply, .. } => drop(reply.send(Err(reason.clone()))),
                Command::Follow { .. } | Command::Close => {}
            }
        }
        self.traffic.topics.end(reason);
        self.traffic.jobs.end(reason);
    }

    /// Makes a new connection, however long that takes; `None` if nobody
    /// needs it any more.
    async fn reconnect(&mut self) -> Result<Option<Link>, Error> {
        let config = self.traffic.config.clone();
        let ids = self.traffic.ids.clone();
        // Spares those who log in with a one-time password another one.
        let mut token = self.token.take();
        let trouble = self.trouble.clone();
        let attempts = async move {
            let mut pauses = config.reconnect.pauses();
            loop {
                let auth = token.as_ref().unwrap_or(&config.auth);
                match establish(&config, auth, &ids).await {
                    Ok(link) => return Ok(link),
                    // It may have run out.
                    Err(error @ Error::Login(_)) if token.is_some() && !is_passing(&error) => {
                        token = None;
                    }
                    Err(error) if !is_passing(&error) => return Err(error),
                    Err(error) => {
                        let Some(pause) = pauses.next() else {
                            return Err(error);
                        };
                        let pause = pause.max(least_pause(&error));
                        tracing::debug!(%error, ?pause, "no connection yet");
                        trouble.send_replace(Some(error));
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        };
        let mut attempts = pin!(attempts);
        loop {
            tokio::select! {
                result = &mut attempts => return result.map(Some),
                command = self.commands.recv() => match command {
                    Some(Command::Close) | None => return Ok(None),
                    Some(command) => self.traffic.take(command),
                },
            }
        }
    }

    async fn serve(&mut self, link: &mut Link) -> End {
        let socket = &mut link.socket;
        let limits = self.traffic.config.limits;
        let mut ping = tokio::time::interval_at(Instant::now() + limits.ping, limits.ping);
        ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut heard = 0;
        let mut pinging = false;
        let mut silent_since = None;
        loop {
            if self.traffic.renewal.is_some() && self.traffic.in_flight.is_empty() {
                return End::Expired;
            }
            let renewal = self.traffic.renewal;
            let quiet = silent_since.map(|since: Instant| since + limits.silence);
            tokio::select! {
                message = socket.incoming.next() => {
                    // What is there already is taken at once, within limits:
                    // those who wait for it must have their turn as well.
                    let mut next = Some(message);
                    while let Some(message) = next {
                        let received = message.and_then(|message| self.traffic.receive(message));
                        if let Err(lost) = received {
                            return End::Lost(lost);
                        }
                        tokio::task::consume_budget().await;
                        next = socket.incoming.next().now_or_never();
                    }
                }
                command = self.commands.recv() => match command {
                    Some(Command::Close) | None => return End::Unneeded,
                    Some(command) => {
                        self.traffic.take(command);
                        // What is there already goes out with the same flush.
                        while let Ok(command) = self.commands.try_recv() {
                            if matches!(command, Command::Close) {
                                return End::Unneeded;
                            }
                            self.traffic.take(command);
                        }
                    }
                },
                lost = poll_fn(|cx| self.traffic.poll_send(&mut socket.outgoing, &mut pinging, cx)) => {
                    return End::Lost(lost);
                }
                () = self.unheard.notified() => self.traffic.topics.sweep(),
                _ = ping.tick() => {
                    pinging = true;
                    let now = socket.heard.load(Ordering::Relaxed);
                    if now != heard {
                        heard = now;
                        silent_since = None;
                    }
                    silent_since.get_or_insert_with(Instant::now);
                }
                () = at(quiet) => {
                    if socket.heard.load(Ordering::Relaxed) == heard {
                        return End::Lost(Lost::Broken(
                            "the server does not answer pings".to_owned(),
                        ));
                    }
                    silent_since = None;
                }
                () = at(renewal) => return End::Expired,
            }
        }
    }
}

impl Traffic {
    fn take(&mut self, command: Command) {
        match command {
            Command::Call(call) => {
                if matches!(call.reply, Reply::Job(_)) {
                    self.topics.pin(jobs::COLLECTION);
                }
                self.outbox.push_back(call);
            }
            Command::Listen { collection, reply } => self.topics.listen(&collection, reply),
            Command::Follow { job, reply } => {
                self.topics.pin(jobs::COLLECTION);
                // If it fails nobody follows it any more.
                let _ = reply.send(self.jobs.follow(job));
            }
            // Whoever reads commands has looked for this one.
            Command::Close => {}
        }
    }

    /// Sends what is to be sent; ready only when that fails.
    fn poll_send(
        &mut self,
        socket: &mut SocketOut,
        pinging: &mut bool,
        cx: &mut Context<'_>,
    ) -> Poll<Lost> {
        match self.poll_send_all(socket, pinging, cx) {
            Poll::Ready(Err(lost)) => Poll::Ready(lost),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    }

    fn poll_send_all(
        &mut self,
        socket: &mut SocketOut,
        pinging: &mut bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Lost>> {
        if *pinging {
            ready!(socket.poll_ping(cx))?;
            *pinging = false;
        }
        // A login that has run out answers nothing any more.
        while self.renewal.is_none() && self.in_flight.len() < self.config.limits.in_flight {
            ready!(socket.poll_ready(cx))?;
            let Some((id, text, work)) = self.next_work() else {
                break;
            };
            socket.start_send(text)?;
            self.in_flight.insert(id, work);
        }
        socket.poll_flush(cx)
    }

    /// Subscriptions first: what a call causes should be heard.
    fn next_work(&mut self) -> Option<(u64, Text, Work)> {
        match self.topics.next_change() {
            Some(Change::Subscribe(collection)) => {
                let (id, text) = self.write("core.subscribe", &collection);
                return Some((id, text, Work::Subscribe(collection)));
            }
            Some(Change::Unsubscribe { collection, id }) => {
                let (id, text) = self.write("core.unsubscribe", &id);
                return Some((id, text, Work::Unsubscribe(collection)));
            }
            None => {}
        }
        loop {
            let mut call = self.outbox.pop_front()?;
            if !call.is_abandoned() {
                call.mark_sent();
                return Some((call.id, call.text.clone(), Work::Call(call)));
            }
        }
    }

    fn write(&self, method: &str, param: &str) -> (u64, Text) {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        (id, frame::write(id, method, &[param.into()]).into())
    }

    fn receive(&mut self, message: Text) -> Result<(), Lost> {
        match frame::read(Arc::new(message)) {
            Ok(Incoming::Reply { id, outcome }) => self.answered(id, outcome),
            Ok(Incoming::Update(update)) => self.updated(update),
            Ok(Incoming::Unsubscribed { collection, error }) => {
                let error = error.map(|fault| unsubscribed(&collection, fault));
                self.topics.ended(&collection, error);
            }
            Ok(Incoming::Unassigned(fault)) => self.unassigned(fault),
            Ok(Incoming::Unclaimed) => tracing::debug!("an answer without an id"),
            Ok(Incoming::Unknown(method)) => {
                tracing::debug!(%method, "a notification that is not understood");
            }
            // Whose answer it was cannot be told, so nobody would get one.
            Err(garbage) => return Err(Lost::Broken(garbage.to_string())),
        }
        Ok(())
    }

    fn answered(&mut self, id: u64, outcome: Result<Answer, Fault>) {
        self.settled(id, outcome);
        if !self.unassigned.is_empty() {
            self.assign();
        }
    }

    fn settled(&mut self, id: u64, outcome: Result<Answer, Fault>) {
        match self.in_flight.remove(&id) {
            Some(Work::Call(call)) => self.call_answered(call, outcome),
            Some(Work::Subscribe(collection)) => {
                if let Err(fault) = &outcome
                    && is_logged_out(fault)
                    && self.can_log_in()
                    && self.topics.turned_away(&collection, TURNS)
                {
                    self.renew();
                    return;
                }
                let outcome = match outcome {
                    Ok(answer) => answer.read::<String>().map_err(Error::from),
                    Err(fault) => Err(error::of_fault("core.subscribe", fault)),
                };
                self.topics.subscribed(&collection, outcome);
            }
            Some(Work::Unsubscribe(collection)) => self.topics.unsubscribed(&collection),
            None => tracing::debug!(id, "an answer to no call"),
        }
    }

    /// The unix socket knows who is at its other end.
    fn can_log_in(&self) -> bool {
        !self.config.auth.is_none() || self.config.route.is_unix()
    }

    fn renew(&mut self) {
        self.renewal.get_or_insert_with(|| Instant::now() + GRACE);
    }

    fn call_answered(&mut self, mut call: Outgoing, outcome: Result<Answer, Fault>) {
        if let Err(fault) = &outcome
            && is_logged_out(fault)
            && self.can_log_in()
            && call.turned_away < TURNS
        {
            // Nothing was done; it is sent again with the next login. Other
            // calls may still be at work under the old one.
            call.turned_away = call.turned_away.saturating_add(1);
            call.sent.store(false, Ordering::Relaxed);
            self.outbox.push_front(call);
            self.renew();
            return;
        }
        let outcome = outcome.map_err(|fault| error::of_fault(call.method.clone(), fault));
        if call.method == SET_OPTIONS
            && let Ok(answer) = &outcome
            && let Ok(options) = answer.value()
            && let Some(legacy) = options
                .get("legacy_jobs")
                .and_then(serde_json::Value::as_bool)
        {
            self.legacy_jobs = legacy;
        }
        match (call.reply, outcome) {
            (Reply::Answer(reply), outcome) => drop(reply.send(outcome)),
            (Reply::Following(job), outcome) => self.jobs.answered(job, outcome),
            (Reply::Job(reply), Ok(answer)) if self.legacy_jobs => {
                let started = answer
                    .read::<i64>()
                    .map_err(|error| error.of_method(call.method.clone()));
                let started = started.map(|id| Started {
                    id: Some(id),
                    call: call.id,
                    news: self.jobs.follow(id),
                });
                drop(reply.send(started.map_err(Error::from)));
            }
            (Reply::Job(reply), Err(error)) if self.legacy_jobs => drop(reply.send(Err(error))),
            (Reply::Job(reply), outcome) => {
                let news = self.jobs.unknown(outcome);
                let started = Started {
                    id: None,
                    call: call.id,
                    news,
                };
                drop(reply.send(Ok(started)));
            }
        }
    }

    fn updated(&mut self, update: Update) {
        if update.collection == jobs::COLLECTION {
            match JobStatus::of_update(&update.params) {
                Ok(status) => {
                    self.recognize(&status);
                    self.jobs.report(status);
                }
                // Whoever follows it looks it up sooner or later.
                Err(error) => tracing::debug!(
                    error = frame::without_value(&error),
                    "a report of a job that cannot be read"
                ),
            }
        }
        self.topics.update(&Arc::new(update));
    }

    /// Where the answer comes at the end of the job, its first report tells
    /// that it has started.
    fn recognize(&mut self, status: &JobStatus) {
        if self.legacy_jobs {
            return;
        }
        for id in &status.message_ids {
            if let Some(Work::Call(call)) = self.in_flight.get_mut(id)
                && matches!(call.reply, Reply::Job(_))
                && let Reply::Job(reply) =
                    std::mem::replace(&mut call.reply, Reply::Following(status.id))
            {
                drop(reply.send(Ok(Started {
                    id: Some(status.id),
                    call: *id,
                    news: self.jobs.follow(status.id),
                })));
            }
        }
    }

    /// An error of a call that the server could not even read far enough to
    /// tell which. Once no more calls are on their way than there are such
    /// errors, it was those: they must not keep their places for ever.
    fn unassigned(&mut self, fault: Fault) {
        tracing::debug!(code = fault.code, "the server could not read a call");
        self.unassigned.push(fault);
        self.assign();
    }

    fn assign(&mut self) {
        if self.unassigned.len() < self.in_flight.len() {
            return;
        }
        let faults = std::mem::take(&mut self.unassigned);
        let ids: Vec<u64> = self.in_flight.keys().copied().collect();
        for (id, fault) in ids.into_iter().zip(faults) {
            self.settled(id, Err(fault));
        }
    }
}

/// How long calls may still be answered under a login that has run out.
const GRACE: Duration = Duration::from_secs(5);

/// How often a call that is turned away for want of a login is worth another.
const TURNS: u8 = 3;

/// The call that says how jobs are answered.
const SET_OPTIONS: &str = "core.set_options";

fn is_logged_out(fault: &Fault) -> bool {
    let errno = fault.data.as_ref().and_then(|data| data.error);
    errno.map(Errno::from) == Some(Errno::NotAuthenticated)
}

/// Whether another attempt to connect may go better.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Connect(error) => match &**error {
            ConnectError::Address(_) | ConnectError::Tls { .. } => false,
            // While it starts, a server has no list of versions.
            ConnectError::Version { served, .. } => served.is_empty(),
            _ => true,
        },
        Error::Login(error) => **error == LoginError::RateLimited,
        // One that was not answered is none that was refused.
        Error::Timeout { .. } => true,
        _ => false,
    }
}

/// The server counts logins by the minute.
fn least_pause(error: &Error) -> Duration {
    match error {
        Error::Login(_) => Duration::from_secs(60),
        _ => Duration::ZERO,
    }
}

fn unsubscribed(collection: &str, fault: Fault) -> Error {
    let name = collection
        .split_once(':')
        .map_or(collection, |(name, _)| name);
    let data = fault.data.unwrap_or_default();
    let reason = data.reason.unwrap_or(fault.message);
    Error::Unsubscribed {
        collection: name.to_owned(),
        reason: reason.trim_end().to_owned(),
    }
}

/// Waits until then, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

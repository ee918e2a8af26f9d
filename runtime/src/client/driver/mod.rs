//! The task that owns the connection: it sends, it hears, and when the
//! connection is lost it makes a new one.

mod calls;
mod jobs;
mod link;
mod pace;
mod token;
mod topics;
mod traffic;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;

use super::auth::{Auth, LoginError};
use super::config::{Limits, Reconnect, Replay};
use super::error::{ConnectError, Error};
use super::socket::Lost;
use super::stream::Route;

pub(crate) use calls::{Outgoing, Reply};
pub(crate) use jobs::{News, Started};
pub(crate) use link::{Link, establish};
pub(crate) use pace::Pace;
pub(crate) use token::Renewal;
pub(crate) use topics::{ListenReply, Listener, Signal};
use traffic::Traffic;

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
    pace: Pace,
    traffic: Traffic,
}

impl Driver {
    pub(crate) fn new(
        config: Arc<Config>,
        commands: mpsc::Receiver<Command>,
        ids: Arc<AtomicU64>,
        unheard: Arc<Notify>,
        status: watch::Sender<Status>,
        trouble: watch::Sender<Option<Error>>,
        pace: Pace,
    ) -> Self {
        Self {
            commands,
            unheard,
            status,
            trouble,
            boot_id: None,
            pace,
            traffic: Traffic::new(config, ids),
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
            self.traffic.legacy_jobs = link.legacy_jobs;
            self.traffic.next_login = std::mem::take(&mut link.renewal);
            self.trouble.send_replace(None);
            self.status.send_replace(Status::Connected);
            let end = self.serve(&mut link).await;
            match end {
                Lost::Unneeded | Lost::Expired => {
                    tracing::debug!(why = %end, "the connection is closed");
                    let _ = tokio::time::timeout(GRACE, link.socket.outgoing.close()).await;
                }
                _ => tracing::warn!(why = %end, "connection lost"),
            }
            if matches!(end, Lost::Unneeded) {
                break Error::Closed;
            }
            self.status.send_replace(Status::Reconnecting);
            self.traffic.renewal = None;
            self.traffic.unassigned.clear();
            self.traffic.believe();
            self.traffic.topics.lost();
            let in_flight = std::mem::take(&mut self.traffic.in_flight);
            calls::settle(
                in_flight,
                &mut self.traffic.outbox,
                &self.traffic.config.replay,
                &end,
            );
            match self.reconnect().await {
                Ok(Some(new)) => {
                    let restarted = match (&self.boot_id, &new.boot_id) {
                        (Some(old), Some(new)) => old != new,
                        _ => false,
                    };
                    self.traffic.jobs.reconnected(restarted);
                    if restarted {
                        self.traffic.forget_jobs();
                    }
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
        calls::settle(
            in_flight,
            &mut VecDeque::new(),
            &Replay::never(),
            &Lost::Unneeded,
        );
        self.traffic.believe();
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

    /// Reconnects, however long that takes; returns `None` if the connection is
    /// no longer needed. The first attempt is made at once, within the limit on
    /// logins.
    async fn reconnect(&mut self) -> Result<Option<Link>, Error> {
        let config = self.traffic.config.clone();
        let ids = self.traffic.ids.clone();
        // Spares those who log in with a one-time password another one.
        let mut renewal = std::mem::take(&mut self.traffic.next_login);
        let trouble = self.trouble.clone();
        let pace = &mut self.pace;
        let attempts = async move {
            let mut pauses = config.reconnect.pauses();
            loop {
                pace.wait().await;
                match establish(&config, &mut renewal, &ids, pace).await {
                    Ok(link) => return Ok(link),
                    // It may have run out.
                    Err(error @ Error::Login(_))
                        if renewal.auth().is_some() && !is_passing(&error) =>
                    {
                        // The server has destroyed the caller's token.
                        if config.auth.is_token() {
                            return Err(renewal.explain(error));
                        }
                        renewal = Renewal::AsBefore;
                    }
                    Err(error) if !is_passing(&error) => return Err(renewal.explain(error)),
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
                () = self.unheard.notified() => self.traffic.topics.forget_unheard(),
                command = self.commands.recv() => match command {
                    Some(Command::Close) | None => return Ok(None),
                    Some(command) => self.traffic.take(command),
                },
            }
        }
    }

    /// Until there is a reason not to use the connection any more.
    async fn serve(&mut self, link: &mut Link) -> Lost {
        let socket = &mut link.socket;
        let limits = self.traffic.config.limits;
        let mut ping = tokio::time::interval_at(Instant::now() + limits.ping, limits.ping);
        ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut heard = 0;
        let mut pinging = false;
        let mut silent_since = None;
        let mut look = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let next_token = self.traffic.next_token_due();
            let renewal = self.traffic.renewal_due();
            if renewal.is_some_and(|due| due <= Instant::now()) {
                return Lost::Expired;
            }
            let quiet = silent_since.map(|since: Instant| since + limits.silence);
            tokio::select! {
                message = socket.incoming.next() => {
                    // What is there already is taken at once, within limits:
                    // those who wait for it must have their turn as well, and
                    // so must what is to be sent.
                    let mut next = Some(message);
                    let mut taken = 0;
                    while let Some(message) = next {
                        let received = message.and_then(|message| self.traffic.receive(message));
                        if let Err(lost) = received {
                            return lost;
                        }
                        tokio::task::consume_budget().await;
                        taken += 1;
                        next = match taken {
                            BATCH => None,
                            _ => socket.incoming.next().now_or_never(),
                        };
                    }
                }
                command = self.commands.recv() => match command {
                    Some(Command::Close) | None => return Lost::Unneeded,
                    Some(command) => {
                        self.traffic.take(command);
                        // What is there already goes out with the same flush.
                        while let Ok(command) = self.commands.try_recv() {
                            if matches!(command, Command::Close) {
                                return Lost::Unneeded;
                            }
                            self.traffic.take(command);
                        }
                    }
                },
                lost = poll_fn(|cx| self.traffic.poll_send(&mut socket.outgoing, &mut pinging, cx)) => {
                    return lost;
                }
                () = self.unheard.notified() => self.traffic.topics.sweep(),
                _ = look.tick() => self.traffic.look(),
                () = at(next_token) => self.traffic.want_token(),
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
                    // If it was this program that stood still, the answer has
                    // been there for long.
                    let waiting = socket.incoming.next().now_or_never();
                    if let Some(Err(lost)) =
                        waiting.map(|message| self.traffic.receive(message?))
                    {
                        return lost;
                    }
                    if socket.heard.load(Ordering::Relaxed) == heard {
                        return Lost::Broken("the server does not answer pings".to_owned());
                    }
                    silent_since = None;
                }
                () = at(renewal) => return Lost::Expired,
            }
        }
    }
}

/// How many messages are taken before something else has its turn.
const BATCH: usize = 256;

/// How long a connection that is given up may take to end well.
const GRACE: Duration = Duration::from_secs(5);

/// How often the login is looked after where nothing but events is expected:
/// when it runs out only calls are told.
const LOOK: Duration = Duration::from_secs(300);

/// Whether another attempt to connect may go better, once one has gone well.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Connect(error) => match &**error {
            // Another system may answer at the address for a while, or the
            // certificate be in exchange. Nothing is said to who is not trusted.
            ConnectError::Tls { .. } => true,
            // A server that is starting has no list of versions; this is
            // `NoApi`.
            ConnectError::Address(_) | ConnectError::Version { .. } => false,
            _ => true,
        },
        // The address may be with the other half of a pair for a while.
        Error::Login(error) => {
            matches!(
                **error,
                LoginError::RateLimited | LoginError::Redirect { .. }
            )
        }
        // No refusal: a server that has just started may fail at anything.
        Error::Failed(_) | Error::Refused { .. } | Error::ResultLost { .. } | Error::Decode(_) => {
            true
        }
        // One that was not answered is none that was refused.
        Error::Timeout { .. } => true,
        _ => false,
    }
}

/// The server counts logins by the minute.
fn least_pause(error: &Error) -> Duration {
    match error {
        Error::Login(_)
        | Error::Failed(_)
        | Error::Refused { .. }
        | Error::ResultLost { .. }
        | Error::Decode(_) => Duration::from_secs(60),
        _ => Duration::ZERO,
    }
}

/// Waits until then, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

//! All that is under way on a connection, and what becomes of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Instant;

use super::calls::{InFlight, Outgoing, Reply, Work};
use super::jobs::{self, Jobs, Started};
use super::token::{self, Renewal};
use super::topics::{Change, Topics};
use super::{Command, Config, GRACE};
use crate::answer::Answer;
use crate::client::errno::Errno;
use crate::client::error::{self, Error};
use crate::client::frame::{self, Fault, Incoming, Update};
use crate::client::job::JobStatus;
use crate::client::socket::{Lost, Outgoing as SocketOut, Text};

/// How often a call that is turned away for want of a login is worth another.
const TURNS: u8 = 3;

/// A call that everybody may make who is logged in, and nobody else.
const LOOK: &str = "auth.me";

/// The call that says how jobs are answered.
const SET_OPTIONS: &str = "core.set_options";

/// All that is under way.
pub(super) struct Traffic {
    pub(super) config: Arc<Config>,
    pub(super) ids: Arc<AtomicU64>,
    pub(super) outbox: VecDeque<Outgoing>,
    pub(super) in_flight: InFlight,
    /// Errors of calls that are in flight, but of which ones is not known.
    pub(super) unassigned: Vec<Fault>,
    pub(super) topics: Topics,
    pub(super) jobs: Jobs,
    /// Whether a job call is answered with the job's id.
    pub(super) legacy_jobs: bool,
    /// Calls that may have been turned away for want of a login, or have failed
    /// for a reason that looks the same.
    doubted: Vec<(Outgoing, Fault)>,
    /// Since when it is known that the login has run out.
    pub(super) renewal: Option<Instant>,
    /// Whether a call has been answered since the last look after the login.
    answered: bool,
    /// Whether to look after the login.
    look: bool,
    /// The login of the next connection.
    pub(super) next_login: Renewal,
    /// True if a token for it must be fetched.
    want_token: bool,
}

impl Traffic {
    pub(super) fn new(config: Arc<Config>, ids: Arc<AtomicU64>) -> Self {
        Self {
            topics: Topics::new(config.limits.backlog),
            config,
            ids,
            outbox: VecDeque::new(),
            in_flight: InFlight::new(),
            unassigned: Vec::new(),
            doubted: Vec::new(),
            jobs: Jobs::default(),
            legacy_jobs: true,
            renewal: None,
            answered: false,
            look: false,
            next_login: Renewal::default(),
            want_token: false,
        }
    }

    pub(super) fn take(&mut self, command: Command) {
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

    /// The server has been restarted: what waits to be sent and is about a job
    /// would be about another one now.
    pub(super) fn forget_jobs(&mut self) {
        for mut call in std::mem::take(&mut self.outbox) {
            match call.unless_restarted.take() {
                Some(error) => call.fail(*error),
                None => self.outbox.push_back(call),
            }
        }
    }

    /// Sends what is to be sent; ready only when that fails.
    pub(super) fn poll_send(
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

    /// Looks after the login if somebody listens, unless a call has shown
    /// already that it holds.
    pub(super) fn look(&mut self) {
        let shown = std::mem::take(&mut self.answered);
        self.look = !shown && self.can_log_in() && self.topics.are_heard();
    }

    /// Returns the time to fetch another token for the next login, before the
    /// current one expires.
    pub(super) fn next_token_due(&self) -> Option<Instant> {
        match self.config.auth.is_token() && !self.want_token {
            true => self.next_login.due(),
            false => None,
        }
    }

    pub(super) fn want_token(&mut self) {
        self.next_login.postpone();
        self.want_token = true;
    }

    /// By when the login is to be renewed, if it is: after the calls that are
    /// still at work under it, as the end of the connection ends them. Those
    /// that only read are not waited for so long.
    pub(super) fn renewal_due(&self) -> Option<Instant> {
        let since = self.renewal?;
        let patience = if self.in_flight.is_empty() {
            Duration::ZERO
        } else if self.in_flight.values().all(|work| work.can_wait()) {
            GRACE
        } else {
            self.config.limits.call
        };
        // Without an end in sight the calls are waited for.
        since.checked_add(patience)
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
        if std::mem::take(&mut self.look) {
            let id = self.ids.fetch_add(1, Ordering::Relaxed);
            return Some((id, frame::write(id, LOOK, &[]).into(), Work::Look));
        }
        if std::mem::take(&mut self.want_token) {
            let id = self.ids.fetch_add(1, Ordering::Relaxed);
            let text = frame::write(id, token::GENERATE, &token::params());
            return Some((id, text.into(), Work::Token));
        }
        loop {
            let mut call = self.outbox.pop_front()?;
            // In this order: a caller whose time is up must not take a call for
            // unsent that is on its way.
            call.mark_sent();
            fence(Ordering::SeqCst);
            if !call.is_abandoned() {
                return Some((call.id, call.text.clone(), Work::Call(call)));
            }
        }
    }

    fn write(&self, method: &str, param: &str) -> (u64, Text) {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        (id, frame::write(id, method, &[param.into()]).into())
    }

    pub(super) fn receive(&mut self, message: Text) -> Result<(), Lost> {
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
            Err(garbage) => return Err(Lost::Unacceptable(garbage.to_string())),
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
        self.answered = true;
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
                    Err(fault) => Err(error::of_fault("core.subscribe", true, fault)),
                };
                self.topics.subscribed(&collection, outcome);
            }
            Some(Work::Unsubscribe(collection)) => self.topics.unsubscribed(&collection),
            Some(Work::Look) => {
                self.looked(outcome.is_err_and(|fault| is_logged_out(&fault)));
            }
            Some(Work::Token) => self.token_answered(outcome),
            None => tracing::debug!(id, "an answer to no call"),
        }
    }

    /// The unix socket knows who is at its other end.
    fn can_log_in(&self) -> bool {
        !self.config.auth.is_none() || self.config.route.is_unix()
    }

    fn renew(&mut self) {
        self.renewal.get_or_insert_with(Instant::now);
    }

    fn call_answered(&mut self, call: Outgoing, outcome: Result<Answer, Fault>) {
        let outcome = match outcome {
            Err(fault) if self.may_be_turned_away(&call, &fault) => {
                if call.reads_only || self.renewal.is_some() {
                    self.turn_away(call);
                } else {
                    // What it was made for may have failed like this as well.
                    self.doubted.push((call, fault));
                    self.look = true;
                }
                return;
            }
            outcome => outcome,
        };
        self.finish(call, outcome);
    }

    /// A call that has begun cannot have been turned away.
    fn may_be_turned_away(&self, call: &Outgoing, fault: &Fault) -> bool {
        is_logged_out(fault)
            && self.can_log_in()
            && call.turned_away < TURNS
            && !matches!(call.reply, Reply::Following(_))
    }

    /// Nothing was done; it is sent again with the next login. Other calls may
    /// still be at work under the old one.
    fn turn_away(&mut self, mut call: Outgoing) {
        call.turned_away = call.turned_away.saturating_add(1);
        call.sent.store(false, Ordering::SeqCst);
        let earlier = |other: &&Outgoing| other.turned_away > 0 && other.id < call.id;
        let place = self.outbox.iter().take_while(earlier).count();
        self.outbox.insert(place, call);
        self.renew();
    }

    /// Whether the login still holds is known.
    fn looked(&mut self, logged_out: bool) {
        if logged_out {
            self.renew();
            for (call, _) in std::mem::take(&mut self.doubted) {
                self.turn_away(call);
            }
        } else {
            self.believe();
        }
    }

    /// Takes the answer to a token request. If it fails, the current token is
    /// kept: it may still be valid.
    fn token_answered(&mut self, outcome: Result<Answer, Fault>) {
        match outcome.map(|answer| answer.value()) {
            Ok(answer) => match answer.ok().and_then(Renewal::generated) {
                Some(renewal) => self.next_login = renewal,
                None => tracing::debug!("an answer that is not a token"),
            },
            Err(fault) if is_logged_out(&fault) => self.looked(true),
            Err(fault) => {
                let error = error::of_fault(token::GENERATE, true, fault);
                tracing::debug!(%error, "no token for the next login");
            }
        }
    }

    /// Takes the errors of doubted calls for what they say.
    pub(super) fn believe(&mut self) {
        for (call, fault) in std::mem::take(&mut self.doubted) {
            self.finish(call, Err(fault));
        }
    }

    fn finish(&mut self, call: Outgoing, outcome: Result<Answer, Fault>) {
        let outcome =
            outcome.map_err(|fault| error::of_fault(call.method.clone(), call.reads_only, fault));
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
                    self.jobs.report(status, update.params.text().len());
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
    /// that it has started. Reports of others' jobs name the calls of others.
    fn recognize(&mut self, status: &JobStatus) {
        if self.legacy_jobs {
            return;
        }
        for id in &status.message_ids {
            if let Some(Work::Call(call)) = self.in_flight.get_mut(id)
                && call.method == status.method
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

fn is_logged_out(fault: &Fault) -> bool {
    let errno = fault.data.as_ref().and_then(|data| data.error);
    errno.map(Errno::from) == Some(Errno::NotAuthenticated)
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

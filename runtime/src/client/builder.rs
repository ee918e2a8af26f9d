//! How a client is made.

use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::time::Duration;

use super::Client;
use super::auth::Auth;
use super::config::{Limits, Reconnect, Replay};
use super::driver::Config;
use super::endpoint::{Endpoint, EndpointError};
use super::error::{ConnectError, Error};
use super::session::Session;
use super::stream::{ByteStream, Connector, Route};
use super::trust::Trust;
use crate::api::Api;

/// A client that is ready to be connected; see [`Client::builder`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `connect`"]
pub struct Builder<A> {
    endpoint: Result<Endpoint, EndpointError>,
    trust: Trust,
    connector: Option<Connector>,
    auth: Auth,
    limits: Limits,
    replay: Replay,
    reconnect: Reconnect,
    legacy_jobs: bool,
    api: PhantomData<fn() -> A>,
}

impl<A: Api> Builder<A> {
    pub(super) fn new(address: &str) -> Self {
        Self {
            endpoint: address.parse(),
            trust: Trust::default(),
            connector: None,
            auth: Auth::none(),
            limits: Limits::default(),
            replay: Replay::default(),
            reconnect: Reconnect::default(),
            legacy_jobs: true,
            api: PhantomData,
        }
    }

    /// Who logs in, and how. Without it nobody does: right for the appliance's
    /// own unix socket, where the process is known.
    pub fn login(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// What makes a server trustworthy; without it the certificates that the
    /// system trusts.
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// How long opening a connection may take, without the login: 30 s unless
    /// said otherwise.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.limits.connect = timeout;
        self
    }

    /// How long an answer may take, from the call on: 60 s unless said
    /// otherwise here or for a single call. Jobs may take as long as they like.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.call = timeout;
        self
    }

    /// How often to ping the server, and how long to wait for any sign of it
    /// after that: 20 s each unless said otherwise. The proxy in front of 25.x
    /// cuts a silent connection after 60 s.
    pub fn keep_alive(mut self, interval: Duration, silence: Duration) -> Self {
        self.limits.ping = interval.max(Duration::from_millis(1));
        self.limits.silence = silence;
        self
    }

    /// How many calls may be with the server at once; the rest waits in
    /// order. The server runs ten, lets ten more wait, and refuses the next;
    /// so 20 is what holds unless said otherwise, and the most.
    pub fn in_flight(mut self, calls: usize) -> Self {
        self.limits.in_flight = calls.clamp(1, 20);
        self
    }

    /// The largest message that is taken from the server, in bytes: 1 GiB
    /// unless said otherwise. A larger one ends the connection.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.limits.message = bytes;
        self
    }

    /// How many notices a stream of events holds for a slow reader, at least:
    /// 1024 unless said otherwise.
    pub fn backlog(mut self, notices: usize) -> Self {
        self.limits.backlog = notices.clamp(1, 1 << 20);
        self
    }

    /// How a lost connection is made again.
    pub fn reconnect(mut self, reconnect: Reconnect) -> Self {
        self.reconnect = reconnect;
        self
    }

    /// What becomes of calls that were with the server when the connection was
    /// lost.
    pub fn replay(mut self, replay: Replay) -> Self {
        self.replay = replay;
        self
    }

    /// Whether the server answers a call that starts a job at once, which is
    /// what it does unless told otherwise. Otherwise it answers when the job
    /// has ended, and until then the job takes the place of a call. Servers
    /// before 25.10 know only the first.
    pub fn legacy_jobs(mut self, legacy_jobs: bool) -> Self {
        self.legacy_jobs = legacy_jobs;
        self
    }

    /// Reaches the server in a way of the caller's own, such as a tunnel; for
    /// a `wss` address TLS goes over it. Called for every connection.
    pub fn connector<F, S>(mut self, dial: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: ByteStream + 'static,
    {
        self.connector = Some(Connector::new(dial));
        self
    }

    /// Connects and logs in.
    ///
    /// The client works in a task of its own on the tokio runtime that this is
    /// called on, which needs timers and input/output.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], [`Error::Login`]: nothing is tried twice here.
    pub async fn connect(self) -> Result<Client<A>, Error> {
        let endpoint = self.endpoint.map_err(ConnectError::from)?;
        let config = Config {
            route: Route::new(endpoint, &self.trust, self.connector)?,
            version: A::VERSION,
            auth: self.auth,
            limits: self.limits,
            replay: self.replay,
            reconnect: self.reconnect,
            legacy_jobs: self.legacy_jobs,
        };
        let session = Session::connect(config, A::METHODS).await?;
        Ok(Client::over(session))
    }
}

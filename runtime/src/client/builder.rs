//! How a client is made.

use std::fmt;
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
#[must_use = "nothing happens before `connect`"]
pub struct Builder<A> {
    settings: Settings,
    api: PhantomData<fn() -> A>,
}

#[derive(Debug, Clone)]
struct Settings {
    endpoint: Result<Endpoint, EndpointError>,
    trust: Trust,
    connector: Option<Connector>,
    auth: Auth,
    limits: Limits,
    replay: Replay,
    reconnect: Reconnect,
    legacy_jobs: bool,
}

impl<A: Api> Builder<A> {
    pub(super) fn new(address: &str) -> Self {
        let settings = Settings {
            endpoint: address.parse(),
            trust: Trust::default(),
            connector: None,
            auth: Auth::none(),
            limits: Limits::default(),
            replay: Replay::default(),
            reconnect: Reconnect::default(),
            legacy_jobs: true,
        };
        Self {
            settings,
            api: PhantomData,
        }
    }

    /// Who logs in, and how. Without it nobody does: right for the appliance's
    /// own unix socket, where the process is known.
    pub fn login(mut self, auth: Auth) -> Self {
        self.settings.auth = auth;
        self
    }

    /// What makes a server trustworthy; without it the certificates that the
    /// system trusts.
    pub fn trust(mut self, trust: Trust) -> Self {
        self.settings.trust = trust;
        self
    }

    /// How long opening a connection may take, without the login: 30 s unless
    /// said otherwise.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.limits.connect = timeout;
        self
    }

    /// How long an answer may take, from the call on: 60 s unless said
    /// otherwise here or for a single call. Jobs may take as long as they like.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.limits.call = timeout;
        self
    }

    /// How often to ping the server, and how long to wait for any sign of it
    /// after that: 20 s each unless said otherwise. The proxy in front of 25.x
    /// cuts a silent connection after 60 s.
    pub fn keep_alive(mut self, interval: Duration, silence: Duration) -> Self {
        // Points in time that far away cannot be told.
        const NEVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);
        self.settings.limits.ping = interval.clamp(Duration::from_millis(1), NEVER);
        self.settings.limits.silence = silence.min(NEVER);
        self
    }

    /// How many calls may be with the server at once; the rest waits in
    /// order. The server runs ten, lets ten more wait, and refuses the next;
    /// so 20 is what holds unless said otherwise, and the most.
    pub fn in_flight(mut self, calls: usize) -> Self {
        self.settings.limits.in_flight = calls.clamp(1, 20);
        self
    }

    /// The largest message that is taken from the server, in bytes: 1 GiB
    /// unless said otherwise. A larger one ends the connection.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.settings.limits.message = bytes;
        self
    }

    /// How many notices a stream of events holds for a slow reader, at least:
    /// 1024 unless said otherwise.
    pub fn backlog(mut self, notices: usize) -> Self {
        self.settings.limits.backlog = notices.clamp(1, 1 << 20);
        self
    }

    /// How a lost connection is made again.
    pub fn reconnect(mut self, reconnect: Reconnect) -> Self {
        self.settings.reconnect = reconnect;
        self
    }

    /// What becomes of calls that were with the server when the connection was
    /// lost.
    pub fn replay(mut self, replay: Replay) -> Self {
        self.settings.replay = replay;
        self
    }

    /// Whether the server answers a call that starts a job at once, which is
    /// what it does unless told otherwise. Otherwise it answers when the job
    /// has ended, and until then the job takes the place of a call. Servers
    /// before 25.10 know only the first.
    pub fn legacy_jobs(mut self, legacy_jobs: bool) -> Self {
        self.settings.legacy_jobs = legacy_jobs;
        self
    }

    /// Reaches the server in a way of the caller's own, such as a tunnel; for
    /// a `wss` address TLS goes over it. Called for every connection.
    pub fn connector<F, S>(mut self, dial: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: ByteStream + 'static,
    {
        self.settings.connector = Some(Connector::new(dial));
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
        let Settings {
            endpoint,
            trust,
            connector,
            auth,
            limits,
            replay,
            reconnect,
            legacy_jobs,
        } = self.settings;
        let endpoint = endpoint.map_err(ConnectError::from)?;
        let config = Config {
            route: Route::new(endpoint, &trust, connector)?,
            version: A::VERSION,
            auth,
            limits,
            replay,
            reconnect,
            legacy_jobs,
        };
        let session = Session::connect(config, A::METHODS).await?;
        Ok(Client::over(session))
    }
}

impl<A> Clone for Builder<A> {
    fn clone(&self) -> Self {
        Self {
            settings: self.settings.clone(),
            api: PhantomData,
        }
    }
}

impl<A> fmt::Debug for Builder<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

//! How a blocking client is made.

use std::future::Future;
use std::io;
use std::time::Duration;

use super::Client;
use super::session::Session;
use super::wait::Waiter;
use crate::api::Api;
use crate::client::{self, Auth, ByteStream, ConnectError, Error, Reconnect, Replay, Trust};

/// A client that is ready to be connected, with the settings of
/// [`client::Builder`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `connect`"]
pub struct Builder<A>(client::Builder<A>);

impl<A: Api> Builder<A> {
    pub(super) fn new(address: &str) -> Self {
        Self(client::Client::builder(address))
    }

    /// Who logs in, and how, see [`client::Builder::login`].
    pub fn login(self, auth: Auth) -> Self {
        Self(self.0.login(auth))
    }

    /// What makes a server trustworthy, see [`client::Builder::trust`].
    pub fn trust(self, trust: Trust) -> Self {
        Self(self.0.trust(trust))
    }

    /// How long opening a connection may take, see [`client::Builder::connect_timeout`].
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self(self.0.connect_timeout(timeout))
    }

    /// How long an answer may take, see [`client::Builder::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }

    /// How often to ping the server, and how long to wait for any sign of it,
    /// see [`client::Builder::keep_alive`].
    pub fn keep_alive(self, interval: Duration, silence: Duration) -> Self {
        Self(self.0.keep_alive(interval, silence))
    }

    /// How many calls may be with the server at once, see [`client::Builder::in_flight`].
    pub fn in_flight(self, calls: usize) -> Self {
        Self(self.0.in_flight(calls))
    }

    /// The largest message that is taken from the server, in bytes,
    /// see [`client::Builder::max_message`].
    pub fn max_message(self, bytes: usize) -> Self {
        Self(self.0.max_message(bytes))
    }

    /// How many notices a stream of events holds for a slow reader,
    /// see [`client::Builder::backlog`].
    pub fn backlog(self, notices: usize) -> Self {
        Self(self.0.backlog(notices))
    }

    /// How a lost connection is made again, see [`client::Builder::reconnect`].
    pub fn reconnect(self, reconnect: Reconnect) -> Self {
        Self(self.0.reconnect(reconnect))
    }

    /// What becomes of calls that were with the server when the connection was lost,
    /// see [`client::Builder::replay`].
    pub fn replay(self, replay: Replay) -> Self {
        Self(self.0.replay(replay))
    }

    /// Whether the server answers a call that starts a job at once,
    /// see [`client::Builder::legacy_jobs`].
    pub fn legacy_jobs(self, legacy_jobs: bool) -> Self {
        Self(self.0.legacy_jobs(legacy_jobs))
    }

    /// Reaches the server in a way of the caller's own, see
    /// [`client::Builder::connector`].
    pub fn connector<F, S>(self, dial: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: ByteStream + 'static,
    {
        Self(self.0.connector(dial))
    }

    /// Connects and logs in.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], [`Error::Login`]: nothing is tried twice here.
    /// [`Error::InAsync`] on a thread of an async runtime.
    pub fn connect(self) -> Result<Client<A>, Error> {
        let waiter = Waiter::new().map_err(ConnectError::Thread)?;
        let client = waiter.wait(self.0.connect())??;
        Ok(Client::over(Session {
            inner: client.session().clone(),
            waiter,
        }))
    }
}

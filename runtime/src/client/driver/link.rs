//! A connection that is logged in.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::auth::{self, LoggedIn, LoginWire, ServerError};
use crate::client::error::{self, ConnectError, Error};
use crate::client::frame::{self, Incoming};
use crate::client::http;
use crate::client::socket::{self, Lost, Socket};

use super::Config;
use super::pace::Pace;
use super::token::{self, Renewal};

/// How long an answer may take while a connection is made, whatever the caller
/// has set for calls: nobody watches yet whether the server is still there.
const LOGIN: Duration = Duration::from_secs(60);

/// A connection that is logged in.
pub(crate) struct Link {
    pub(crate) socket: Socket,
    pub(crate) logged_in: LoggedIn,
    /// Changes when the system restarts; none if the account may not ask.
    pub(crate) boot_id: Option<String>,
    /// Whether a job call is answered with the job's id.
    pub(crate) legacy_jobs: bool,
    /// The login of the next connection.
    pub(crate) renewal: Renewal,
}

/// Opens a connection and logs in. A refused login is never repeated here.
///
/// Notes in `renewal` if the server may have taken its token.
pub(crate) async fn establish(
    config: &Config,
    renewal: &mut Renewal,
    ids: &AtomicU64,
    pace: &mut Pace,
) -> Result<Link, Error> {
    let opening = tokio::time::timeout(config.limits.connect, open(config));
    let mut socket = match opening.await {
        Ok(opened) => opened?,
        Err(_) => {
            return Err(ConnectError::Timeout {
                endpoint: config.route.endpoint.to_string(),
                after: config.limits.connect,
            }
            .into());
        }
    };
    let auth = renewal.auth().unwrap_or(&config.auth);
    if auth.is_none() {
        // The server does not count it, but it need not be made more often.
        pace.count();
    }
    let mut dialogue = Dialogue {
        socket: &mut socket,
        config,
        ids,
        pace,
    };
    let outcome = auth::login(auth, &mut dialogue).await;
    // A login that was not answered, or with a failure, may have been done.
    if !matches!(outcome, Err(Error::Login(_))) {
        renewal.mark_used();
    }
    let mut logged_in = match outcome {
        Ok(logged_in) => logged_in,
        Err(error) => {
            // Nothing is owed to a socket that is not logged in.
            let _ = tokio::time::timeout(super::GRACE, socket.outgoing.close()).await;
            return Err(error);
        }
    };
    let renewal = match logged_in.reconnect_token.take() {
        Some(token) => Renewal::with(token, token::LEAST_LIFE),
        // No token is generated unless the caller logged in with one.
        None if !config.auth.is_token() => Renewal::AsBefore,
        None => match dialogue.call(token::GENERATE, token::params()).await {
            Ok(answer) => Renewal::generated(answer).unwrap_or_else(|| {
                Renewal::impossible(format!("{} did not answer a token", token::GENERATE))
            }),
            Err(error @ Error::Connect(_)) => return Err(error),
            Err(error) => Renewal::impossible(error.to_string()),
        },
    };
    if let Renewal::Impossible { reason, .. } = &renewal {
        tracing::warn!(
            %reason,
            "the server gives no token for the next login; the client asks for one every minute, and cannot reconnect before it has one"
        );
    }
    // Not everybody may ask, and a server that does not say is not known to
    // have restarted.
    let boot_id = match dialogue.call("system.boot_id", vec![]).await {
        Ok(id) => id.as_str().map(str::to_owned),
        Err(error @ Error::Connect(_)) => return Err(error),
        Err(_) => None,
    };
    let mut legacy_jobs = true;
    if !config.legacy_jobs {
        let options = vec![json!({"legacy_jobs": false})];
        // 25.04 takes the option, ignores it and answers null.
        let answer = dialogue.call("core.set_options", options).await?;
        legacy_jobs = answer
            .get("legacy_jobs")
            .and_then(Value::as_bool)
            .unwrap_or(true);
    }
    tracing::debug!(endpoint = %config.route.endpoint, api = config.version, "connected");
    Ok(Link {
        socket,
        logged_in,
        boot_id,
        legacy_jobs,
        renewal,
    })
}

async fn open(config: &Config) -> Result<Socket, ConnectError> {
    let wanted = config.version;
    let served = http::versions(&config.route).await?;
    let unserved = |served: Option<Vec<String>>| match served {
        Some(served) if !served.is_empty() => ConnectError::Version {
            wanted: wanted.to_owned(),
            served,
        },
        _ => ConnectError::NoApi {
            endpoint: config.route.endpoint.to_string(),
        },
    };
    // Its own version every server also has under this name.
    if wanted != "current"
        && let Some(served) = &served
        && !served.iter().any(|version| version == wanted)
    {
        return Err(unserved(Some(served.clone())));
    }
    let path = format!("/api/{wanted}");
    socket::open(&config.route, &path, config.limits.message)
        .await?
        .ok_or_else(|| unserved(served))
}

/// Calls one after the other, before the driver takes over.
struct Dialogue<'a> {
    socket: &'a mut Socket,
    config: &'a Config,
    ids: &'a AtomicU64,
    pace: &'a mut Pace,
}

impl Dialogue<'_> {
    fn lost(&self, lost: &Lost) -> Error {
        ConnectError::Network {
            endpoint: self.config.route.endpoint.to_string(),
            source: std::io::Error::other(lost.to_string()),
        }
        .into()
    }

    async fn exchange(&mut self, method: &'static str, params: &[Value]) -> Result<Value, Error> {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let text = frame::write(id, method, params);
        let sent = self.socket.outgoing.send(text).await;
        sent.map_err(|lost| self.lost(&lost))?;
        loop {
            let message = self.socket.incoming.next().await;
            let message = message.map_err(|lost| self.lost(&lost))?;
            match frame::read(Arc::new(message)) {
                Ok(Incoming::Reply { id: of, outcome }) if of == id => {
                    return match outcome {
                        Ok(answer) => {
                            Ok(answer.value().map_err(|error| error.of_method(method))?)
                        }
                        Err(fault) => Err(error::of_fault(method, false, fault)),
                    };
                }
                Ok(_) => {}
                Err(garbage) => return Err(self.lost(&Lost::Broken(garbage.to_string()))),
            }
        }
    }
}

impl LoginWire for Dialogue<'_> {
    type Error = Error;

    async fn call(&mut self, method: &'static str, params: Vec<Value>) -> Result<Value, Error> {
        let after = self.config.limits.call.min(LOGIN);
        let outcome = tokio::time::timeout(after, self.exchange(method, &params)).await;
        if method == auth::LOGIN {
            self.pace.count();
        }
        match outcome {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::Timeout {
                method: method.into(),
                after,
                sent: true,
                reads_only: false,
            }),
        }
    }

    async fn meanwhile<T: Send>(
        &mut self,
        waiting: impl Future<Output = T> + Send,
    ) -> Result<T, Error> {
        let mut waiting = pin!(waiting);
        let every = self.config.limits.ping;
        let mut ping = tokio::time::interval_at(Instant::now() + every, every);
        loop {
            let kept = tokio::select! {
                value = &mut waiting => return Ok(value),
                // Nothing is expected but the answers to pings.
                message = self.socket.incoming.next() => message.map(drop),
                _ = ping.tick() => self.socket.outgoing.ping().await,
            };
            kept.map_err(|lost| self.lost(&lost))?;
        }
    }

    fn server_error(error: &Error) -> Option<ServerError> {
        Some(ServerError {
            code: error.code()?,
            errno: error.errno().map(crate::client::Errno::number),
        })
    }

    fn link(&self) -> auth::Link {
        match (self.config.route.is_unix(), self.socket.encrypted) {
            (true, _) => auth::Link::Unix,
            (false, true) => auth::Link::Tls(self.socket.binding.clone()),
            (false, false) => auth::Link::Unencrypted,
        }
    }

    fn knows_reconnect_tokens(&self) -> bool {
        // Versions compare like this as long as their first number has two digits.
        self.config.version >= "v26"
    }
}

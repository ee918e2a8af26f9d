//! Who logs in, and how.

mod binding;
#[cfg(feature = "tls")]
mod certificate;
mod error;
mod key;
// Called by the session, once there is one.
mod login;
mod scram;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::secret::Secret;

pub use binding::ChannelBinding;
#[cfg(feature = "tls")]
pub use certificate::BindingError;
pub use error::{Credential, LoginError};
pub use key::{ApiKey, KeyError};
pub(crate) use login::{LOGIN, Link, LoggedIn, LoginWire, ServerError, login};
pub use scram::ScramError;

/// Who logs in, and how.
///
/// ```
/// use truenas_runtime::client::auth::Auth;
///
/// let auth = Auth::password("admin", "hunter2").with_otp(async || "123456");
/// assert_eq!(format!("{auth:?}"), r#"Auth::password("admin")"#);
/// ```
#[derive(Clone)]
pub struct Auth {
    method: Method,
    otp: Option<AskOtp>,
    allow_plain: bool,
    unbound: bool,
}

#[derive(Clone)]
enum Method {
    None,
    Password { user: String, password: Secret },
    ApiKey { user: String, key: ApiKey },
    Token(Secret),
}

type AskOtp = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Secret> + Send>> + Send + Sync>;

impl Auth {
    /// Whether nobody logs in.
    pub(crate) fn is_none(&self) -> bool {
        matches!(self.method, Method::None)
    }

    /// Returns whether the caller logs in with a token.
    pub(crate) fn is_token(&self) -> bool {
        matches!(self.method, Method::Token(_))
    }

    fn new(method: Method) -> Self {
        Self {
            method,
            otp: None,
            allow_plain: false,
            unbound: false,
        }
    }

    /// By the password of a user. It goes over TLS and the unix socket only.
    pub fn password(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::new(Method::Password {
            user: user.into(),
            password: password.into(),
        })
    }

    /// By an API key of a user.
    ///
    /// With SCRAM, so that the key itself is never sent; TrueNAS has that from
    /// 26.0 on. For older ones, and for the unix socket, see
    /// [`allow_plain`](Self::allow_plain).
    pub fn api_key(user: impl Into<String>, key: ApiKey) -> Self {
        Self::new(Method::ApiKey {
            user: user.into(),
            key,
        })
    }

    /// Logs in with a token from `auth.generate_token`.
    ///
    /// The server destroys the token when the connection that logged in with
    /// it ends. To be able to log in again, the client fetches another one
    /// after each login and every few minutes, for one use and from the same
    /// address. These live for ten minutes and not across a restart of the
    /// server, so the client cannot reconnect after a longer interruption, nor
    /// if the connection is lost again after a login with such a token and
    /// before the server has answered with the next one. It then ends with
    /// [`LoginError::NotRenewable`]. If the first connection is lost in the same
    /// way, the token is used up and another attempt to connect needs another
    /// one. [`api_key`](Self::api_key) and
    /// [`password`](Self::password) have no such limit.
    ///
    /// A token is also sent over a connection that is not encrypted, which
    /// passwords and API keys are not: it lives for minutes, and can be made
    /// for one use from one address.
    pub fn token(token: impl Into<Secret>) -> Self {
        Self::new(Method::Token(token.into()))
    }

    /// Sends nothing. On the unix socket of the appliance the server knows who
    /// calls; elsewhere there is little that can be called without a login.
    #[must_use]
    pub fn none() -> Self {
        Self::new(Method::None)
    }

    /// Where to get the one-time password from, if the server wants one after
    /// the password. After a wrong one it is asked for again, three times in
    /// all; an empty one gives up.
    ///
    /// ```
    /// # use truenas_runtime::client::auth::Auth;
    /// # async fn ask(prompt: &str) -> String { prompt.to_owned() }
    /// let auth = Auth::password("admin", "hunter2").with_otp(async || ask("One-time password: ").await);
    /// ```
    #[must_use]
    pub fn with_otp<F, A, S>(mut self, ask: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = S> + Send + 'static,
        S: Into<Secret>,
    {
        self.otp = Some(Arc::new(move || {
            let answer = ask();
            Box::pin(async move { answer.await.into() })
        }));
        self
    }

    /// Allows the API key to be sent as it is, encrypted by the connection, to
    /// a server without SCRAM (before 26.0) and over the unix socket, where
    /// SCRAM does not work.
    ///
    /// Whoever can pretend to be the server gets the key: trust in its
    /// certificate has to be well founded.
    #[must_use]
    pub fn allow_plain(mut self) -> Self {
        self.allow_plain = true;
        self
    }

    /// SCRAM that is not bound to the server's certificate: needed if
    /// something between here and the server ends TLS with a certificate of
    /// its own, and with certificates that RFC 5929 defines no hash for.
    ///
    /// Somebody who can pretend to be the server does not get the key then,
    /// but the session.
    #[must_use]
    pub fn without_channel_binding(mut self) -> Self {
        self.unbound = true;
        self
    }
}

impl fmt::Debug for Auth {
    /// The kind and the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.method {
            Method::None => f.write_str("Auth::none()"),
            Method::Password { user, .. } => write!(f, "Auth::password({user:?})"),
            Method::ApiKey { user, .. } => write!(f, "Auth::api_key({user:?})"),
            Method::Token(_) => f.write_str("Auth::token()"),
        }
    }
}

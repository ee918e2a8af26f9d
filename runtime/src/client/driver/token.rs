//! Keeps the token for the login of the next connection.
//!
//! The server destroys a token when the session that logged in with it closes,
//! so a client that logs in with tokens needs the next one before that. The
//! tokens that a session generates outlive it, until their own lifetime ends.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::auth::{Auth, LoginError};
use crate::client::error::Error;
use crate::secret::Secret;

/// The method that generates a token.
pub(super) const GENERATE: &str = "auth.generate_token";

/// The lifetime of an unused token: the server's default.
const LIFE: Duration = Duration::from_secs(600);

/// The shortest lifetime of a token that a login returns: it follows a setting
/// of the user's web interface.
pub(super) const LEAST_LIFE: Duration = Duration::from_secs(60);

/// Returns the parameters: this lifetime, no attributes, one use, from the same
/// address only.
pub(super) fn params() -> Vec<Value> {
    vec![LIFE.as_secs().into(), json!({}), true.into(), true.into()]
}

/// The login of the next connection.
#[derive(Debug, Default)]
pub(crate) enum Renewal {
    /// With the caller's credentials.
    #[default]
    AsBefore,
    /// With a token that the server issued for this login.
    Token {
        auth: Auth,
        /// The time to fetch the next token.
        due: Instant,
        /// True if the server may have accepted the token already; it does so once.
        used: bool,
    },
    /// As the caller said, which is likely to fail: the server gives no token.
    Impossible {
        reason: String,
        /// When to ask for one again.
        due: Instant,
    },
}

impl Renewal {
    /// Returns a login with a token of this lifetime.
    pub(super) fn with(token: Secret, life: Duration) -> Self {
        Self::Token {
            auth: Auth::token(token),
            due: Instant::now() + life / 2,
            used: false,
        }
    }

    /// With the answer to [`GENERATE`]; `None` if that is not a token.
    pub(super) fn generated(answer: Value) -> Option<Self> {
        match answer {
            Value::String(token) => Some(Self::with(token.into(), LIFE)),
            _ => None,
        }
    }

    /// Without a token, until the server gives one after all.
    pub(super) fn impossible(reason: String) -> Self {
        Self::Impossible {
            reason,
            due: Instant::now() + LEAST_LIFE,
        }
    }

    /// Notes that the server may have taken the token.
    pub(super) fn mark_used(&mut self) {
        if let Self::Token { used, .. } = self {
            *used = true;
        }
    }

    pub(super) fn auth(&self) -> Option<&Auth> {
        match self {
            Self::Token { auth, .. } => Some(auth),
            Self::AsBefore | Self::Impossible { .. } => None,
        }
    }

    /// Returns the time to fetch the next token.
    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Token { due, .. } | Self::Impossible { due, .. } => Some(*due),
            Self::AsBefore => None,
        }
    }

    /// Schedules another request, in case this one yields no token.
    pub(super) fn postpone(&mut self) {
        if let Self::Token { due, .. } | Self::Impossible { due, .. } = self {
            *due = Instant::now() + LEAST_LIFE;
        }
    }

    /// Explains why the second login with a token was refused.
    pub(super) fn explain(&self, error: Error) -> Error {
        let Error::Login(refusal) = &error else {
            return error;
        };
        if !matches!(**refusal, LoginError::Refused(..) | LoginError::Expired(_)) {
            return error;
        }
        let reason = match self {
            Self::Impossible { reason, .. } => {
                format!("the server did not issue another token ({reason})")
            }
            Self::AsBefore => return error,
            Self::Token { used: true, .. } => "the token for this login had been used already, and the connection ended before the server gave another one".to_owned(),
            Self::Token { used: false, .. } => "a token ends with the connection, and the server refused the token for the next login (it is valid for 10 minutes and not after a restart)".to_owned(),
        };
        LoginError::NotRenewable(reason).into()
    }
}

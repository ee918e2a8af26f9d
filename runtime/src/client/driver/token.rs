//! How the next connection logs in.
//!
//! The server destroys a token when the session that logged in with it closes,
//! so a client that logs in with tokens needs the next one before that. The
//! tokens that a session generates outlive it, for as long as they have been
//! given to live.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::auth::{Auth, LoginError};
use crate::client::error::Error;
use crate::secret::Secret;

/// The call that makes a token.
pub(super) const GENERATE: &str = "auth.generate_token";

/// How long a token lives unused: what the server uses if not told otherwise.
const LIFE: Duration = Duration::from_secs(600);

/// The shortest life of a token that comes with a login: it follows a setting
/// of the user's web interface.
pub(super) const LEAST_LIFE: Duration = Duration::from_secs(60);

/// For as long, without attributes, from the same address, for one use.
pub(super) fn params() -> Vec<Value> {
    vec![LIFE.as_secs().into(), json!({}), true.into(), true.into()]
}

/// How the next connection logs in.
#[derive(Debug, Default)]
pub(crate) enum Renewal {
    /// As the caller said.
    #[default]
    AsBefore,
    /// With a token that the server gave for it.
    Token {
        auth: Auth,
        /// When to fetch the next one.
        due: Instant,
        /// Whether the server may have taken it already, which it does once.
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
    /// With a token that lives for this long.
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

    /// When to fetch the next token.
    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Token { due, .. } | Self::Impossible { due, .. } => Some(*due),
            Self::AsBefore => None,
        }
    }

    /// If no other token comes, it is asked for again later.
    pub(super) fn postpone(&mut self) {
        if let Self::Token { due, .. } | Self::Impossible { due, .. } = self {
            *due = Instant::now() + LEAST_LIFE;
        }
    }

    /// Says why a login with a token is refused when it is made for the second
    /// time.
    pub(super) fn explain(&self, error: Error) -> Error {
        let Error::Login(refusal) = &error else {
            return error;
        };
        if !matches!(**refusal, LoginError::Refused(..) | LoginError::Expired(_)) {
            return error;
        }
        let reason = match self {
            Self::Impossible { reason, .. } => {
                format!("the server gave no other token ({reason})")
            }
            Self::AsBefore => return error,
            Self::Token { used: true, .. } => "the token for this login had been used already, and the connection ended before the server gave another one".to_owned(),
            Self::Token { used: false, .. } => "a token ends with the connection, and the server refused the one for the next login (it lives for 10 minutes, and not across a restart)".to_owned(),
        };
        LoginError::NotRenewable(reason).into()
    }
}

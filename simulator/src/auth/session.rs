//! A session: what a login on a connection is good for, and until when.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Account;
use crate::clock;
use crate::json::set;

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Also called the login's id.
    pub(crate) id: String,
    pub(crate) kind: SessionKind,
    pub(crate) account: Account,
    /// In milliseconds since 1970.
    pub(crate) since: i64,
    /// From then on each call fails; never without.
    pub(crate) until: Option<Instant>,
    /// Where the call came from.
    pub(crate) origin: String,
    /// Whether nobody on the way could listen.
    pub(crate) secure: bool,
    /// Whether what is said of it tells its id, as from 25.10 on.
    pub(crate) tells_id: bool,
}

/// How somebody logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionKind {
    UnixSocket,
    Password,
    TwoFactor,
    OneTimePassword,
    ApiKey {
        id: i64,
        name: String,
    },
    Token {
        /// What is said of the session that asked for the token.
        parent: Value,
    },
}

impl SessionKind {
    fn word(&self) -> &'static str {
        match self {
            Self::UnixSocket => "UNIX_SOCKET",
            Self::Password => "LOGIN_PASSWORD",
            Self::TwoFactor => "LOGIN_TWOFACTOR",
            Self::OneTimePassword => "LOGIN_ONETIME_PASSWORD",
            Self::ApiKey { .. } => "API_KEY",
            Self::Token { .. } => "TOKEN",
        }
    }
}

impl Session {
    /// Whether it is over.
    pub(crate) fn expired(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// What a job says of who started it.
    pub(crate) fn credentials(&self) -> Value {
        json!({"type": self.kind.word(), "data": self.data()})
    }

    /// What a token says of who asked for it.
    pub(crate) fn as_parent(&self) -> Value {
        json!({"credentials": self.kind.word(), "credentials_data": self.data()})
    }

    fn data(&self) -> Value {
        let mut data = json!({"username": self.account.username});
        if self.tells_id {
            set(&mut data, "login_id", self.id.as_str().into());
        }
        match &self.kind {
            SessionKind::Token { parent } => set(&mut data, "parent", parent.clone()),
            SessionKind::UnixSocket => set(&mut data, "login_at", Value::Null),
            _ => set(&mut data, "login_at", clock::date(self.since)),
        }
        if let SessionKind::ApiKey { id, name } = &self.kind {
            set(&mut data, "api_key", json!({"id": id, "name": name}));
        }
        data
    }

    /// The entry in `auth.sessions`.
    pub(crate) fn entry(&self, current: bool) -> Value {
        let mut entry = self.event();
        set(&mut entry, "current", current.into());
        set(&mut entry, "internal", false.into());
        entry
    }

    /// What subscribers hear of it.
    pub(crate) fn event(&self) -> Value {
        json!({
            "id": self.id,
            "origin": self.origin,
            "credentials": self.kind.word(),
            "credentials_data": self.data(),
            "created_at": clock::date(self.since),
            "secure_transport": self.secure,
        })
    }
}

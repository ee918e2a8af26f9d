//! Why a login was refused, by the server or by the client itself.

use super::scram::ScramError;

/// The login was refused by the server, or not tried because it was not safe.
///
/// Trying again with the same data does not help, except after
/// [`RateLimited`](Self::RateLimited). None of these holds what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The connection is not encrypted; nothing was sent.
    #[error(
        "the connection is not encrypted and the login was not tried: {}; connect with wss://",
        .0.danger()
    )]
    Unencrypted(Credential),
    /// The server does not offer SCRAM, and the API key may not be sent as it
    /// is; nothing was sent.
    #[error(
        "the server offers no SCRAM (it is older than 26.0, or the connection is its unix socket), and the API key was not sent as it is; if that is what you want, use `Auth::allow_plain`"
    )]
    NoScram,
    /// The key's text is not known, only what SCRAM needs, and the server does
    /// not offer SCRAM.
    #[error(
        "the API key file holds only what SCRAM needs, and the server offers no SCRAM; use the text of the key"
    )]
    NoKeyText,
    /// SCRAM cannot be bound to the server's certificate; nothing was sent.
    #[error(
        "the server's certificate has no hash that the login could be bound to (as with Ed25519); use another certificate or `Auth::without_channel_binding`"
    )]
    NoChannelBinding,
    /// The server wants a one-time password, and there is nobody to ask.
    #[error("the server wants a one-time password; say with `Auth::with_otp` where to get it")]
    OtpNeeded,
    /// No one-time password was right.
    #[error("the one-time password was wrong")]
    WrongOtp,
    /// The name, password or token is wrong, or the user may not log in.
    #[error(
        "the server refused the login of {0}: the credentials are wrong, or the login is not allowed"
    )]
    Refused(String, Credential),
    /// The server refused an API key.
    #[error(
        "the server refused API key {id} of {user}: the key may be wrong, expired or revoked, or not belong to this user{}",
        hint(*.bound)
    )]
    KeyRefused {
        /// The user name that was sent with the key.
        user: String,
        /// The number of the key: the part before the `-`.
        id: u64,
        /// True if the login was bound to the server's certificate.
        bound: bool,
    },
    /// An API key has expired or was revoked.
    #[error(
        "API key {id} of {user} has expired or was revoked (TrueNAS revokes a key that reaches it unencrypted, for example through a proxy that terminates TLS); create a new key"
    )]
    KeyExpired {
        /// The user name that was sent with the key.
        user: String,
        /// The number of the key: the part before the `-`.
        id: u64,
    },
    /// The password or token has expired.
    #[error("{} has expired; get a new one", .0.name())]
    Expired(Credential),
    /// The connection was lost, and the server does not accept the token of the
    /// first login again.
    #[error(
        "a login with a token cannot be renewed: {0}; get a new token, or log in with `Auth::api_key` or `Auth::password`, which can be renewed"
    )]
    NotRenewable(String),
    /// The user is known, and may not use the API.
    #[error("the server knows the user but denies access to the API")]
    Denied,
    /// This server is the passive one of a pair; log in at one of these.
    #[error("the server sends you to another one: {}", .0.join(", "))]
    Redirect(Vec<String>),
    /// Too many logins in a short time.
    #[error("the server had too many logins from here within a minute; wait for a minute")]
    RateLimited,
    /// The exchange of messages went wrong.
    #[error(transparent)]
    Scram(#[from] ScramError),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
    /// The server answered something that is no answer to a login.
    #[error("the server's answer to the login makes no sense: {0}")]
    Unexpected(&'static str),
}

/// What a login is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// A password.
    Password,
    /// An API key.
    ApiKey,
    /// A token.
    Token,
}

impl Credential {
    fn name(self) -> &'static str {
        match self {
            Self::Password => "the password",
            Self::ApiKey => "the API key",
            Self::Token => "the token",
        }
    }

    fn danger(self) -> &'static str {
        match self {
            Self::ApiKey => "TrueNAS revokes an API key that it receives this way",
            Self::Password | Self::Token => "anybody in between could read it",
        }
    }
}

const fn hint(bound: bool) -> &'static str {
    match bound {
        true => {
            "; if a proxy in front of the server terminates TLS with its own certificate, see `Auth::without_channel_binding`"
        }
        false => "",
    }
}

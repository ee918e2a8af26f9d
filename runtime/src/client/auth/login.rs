//! The dialogue of a login.

use std::future::Future;

use serde_json::{Value, json};

use super::binding::ChannelBinding;
use super::error::{Credential, LoginError};
use super::key::ApiKey;
use super::scram::{ClientFirst, NONCE};
use super::{AskOtp, Auth, Method};
use crate::secret::Secret;

/// How often a one-time password is asked for.
const OTP_ATTEMPTS: usize = 3;

/// What the login has of a connection.
pub(crate) trait LoginWire: Send {
    /// What goes wrong with a call.
    type Error: From<LoginError> + Send;

    /// Calls a method.
    fn call(
        &mut self,
        method: &'static str,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<Value, Self::Error>> + Send;

    /// Waits for something else than the server, and keeps the connection.
    fn meanwhile<T: Send>(
        &mut self,
        waiting: impl Future<Output = T> + Send,
    ) -> impl Future<Output = Result<T, Self::Error>> + Send;

    /// What the server answered, if the error is an answer of the server.
    fn server_error(error: &Self::Error) -> Option<ServerError>;

    /// What the connection runs over.
    fn link(&self) -> Link;

    /// Whether the version that was dialled knows tokens for reconnecting:
    /// v26.0 and newer do, older ones refuse the field.
    fn knows_reconnect_tokens(&self) -> bool;
}

/// The numbers of an error that a server answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServerError {
    /// That of JSON-RPC.
    pub(crate) code: i64,
    /// That of the operating system or of TrueNAS, if there is one.
    pub(crate) errno: Option<i64>,
}

/// The call that logs in. The server limits how often a client may make it.
pub(crate) const LOGIN: &str = "auth.login_ex";

const CALL_FAILED: i64 = -32001;
const EBUSY: i64 = 16;

/// What a connection runs over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// The unix socket of the appliance.
    Unix,
    /// TLS, and what binds a login to it if the certificate can be bound to.
    Tls(Option<ChannelBinding>),
    /// Nothing that keeps others from reading along.
    Unencrypted,
}

/// A login that the server accepted.
#[derive(Debug, Default)]
pub(crate) struct LoggedIn {
    /// What the server says of the user.
    pub(crate) user_info: Option<Value>,
    /// The token for [`Auth::token`] after a lost connection, so that the user
    /// is not asked for a one-time password again.
    pub(crate) reconnect_token: Option<Secret>,
}

/// Logs in.
///
/// After an error the connection must not be used for another login: 25.x
/// wants a fresh one.
pub(crate) async fn login<W: LoginWire>(auth: &Auth, wire: &mut W) -> Result<LoggedIn, W::Error> {
    match &auth.method {
        Method::None => Ok(LoggedIn::default()),
        Method::Token(token) => {
            let credential = json!({"mechanism": "TOKEN_PLAIN", "token": token.expose()});
            let credential = asking_for_token(credential, wire.knows_reconnect_tokens());
            let answer = login_ex(wire, credential).await?;
            Ok(answer.accepted(Who::Token)?)
        }
        Method::Password { user, password } => {
            if wire.link() == Link::Unencrypted {
                return Err(LoginError::Unencrypted(Credential::Password).into());
            }
            by_password(wire, user, password, auth.otp.as_ref()).await
        }
        Method::ApiKey { user, key } => {
            if wire.link() != Link::Unix && offers_scram(wire).await? {
                by_scram(wire, user, key, auth.unbound).await
            } else {
                by_plain_key(wire, user, key, auth.allow_plain).await
            }
        }
    }
}

async fn by_password<W: LoginWire>(
    wire: &mut W,
    user: &str,
    password: &Secret,
    ask: Option<&AskOtp>,
) -> Result<LoggedIn, W::Error> {
    let credential = json!({
        "mechanism": "PASSWORD_PLAIN",
        "username": user,
        "password": password.expose(),
    });
    let mut answer = login_ex(wire, credential.clone()).await?;
    if answer.kind != Kind::OtpRequired {
        return Ok(answer.accepted(Who::Password(user))?);
    }
    let ask = ask.ok_or(LoginError::OtpNeeded)?;
    for _ in 0..OTP_ATTEMPTS {
        if answer.kind == Kind::Refused {
            // Since 27 a wrong one-time password ends the login that it was for.
            answer = login_ex(wire, credential.clone()).await?;
            if answer.kind != Kind::OtpRequired {
                return Ok(answer.accepted(Who::Password(user))?);
            }
        }
        let otp = wire.meanwhile(ask()).await?;
        let otp = otp.expose().trim();
        if otp.is_empty() {
            return Err(LoginError::OtpNeeded.into());
        }
        let credential = json!({"mechanism": "OTP_TOKEN", "otp_token": otp});
        let credential = asking_for_token(credential, wire.knows_reconnect_tokens());
        answer = login_ex(wire, credential).await?;
        match answer.kind {
            Kind::OtpRequired | Kind::Refused => {}
            _ => return Ok(answer.accepted(Who::Password(user))?),
        }
    }
    Err(LoginError::WrongOtp.into())
}

/// Asks for what the next connection can log in with, where the server has it.
fn asking_for_token(mut credential: Value, has_tokens: bool) -> Value {
    if has_tokens && let Some(credential) = credential.as_object_mut() {
        let options = json!({"user_info": true, "reconnect_token": true});
        credential.insert("login_options".to_owned(), options);
    }
    credential
}

/// Whether the server has SCRAM. The answer is not authenticated: nothing less
/// safe may follow from it unless the caller allows it.
async fn offers_scram<W: LoginWire>(wire: &mut W) -> Result<bool, W::Error> {
    match wire.call("auth.mechanism_choices", vec![]).await {
        Ok(choices) => Ok(choices
            .as_array()
            .is_some_and(|choices| choices.iter().any(|choice| choice == "SCRAM"))),
        Err(error) => match W::server_error(&error) {
            Some(ServerError {
                errno: Some(EBUSY), ..
            }) => Err(LoginError::RateLimited.into()),
            // 25.x answers it after a login only.
            Some(ServerError {
                code: CALL_FAILED, ..
            }) => Ok(false),
            _ => Err(error),
        },
    }
}

async fn by_plain_key<W: LoginWire>(
    wire: &mut W,
    user: &str,
    key: &ApiKey,
    allowed: bool,
) -> Result<LoggedIn, W::Error> {
    if wire.link() == Link::Unencrypted {
        return Err(LoginError::Unencrypted(Credential::ApiKey).into());
    }
    let text = key.plain().ok_or(LoginError::NoKeyText)?;
    if !allowed {
        return Err(LoginError::NoScram.into());
    }
    let answer = login_ex(
        wire,
        json!({"mechanism": "API_KEY_PLAIN", "username": user, "api_key": text.as_str()}),
    )
    .await?;
    let id = key.id();
    let bound = false;
    Ok(answer.accepted(Who::Key { user, id, bound })?)
}

async fn by_scram<W: LoginWire>(
    wire: &mut W,
    user: &str,
    key: &ApiKey,
    unbound: bool,
) -> Result<LoggedIn, W::Error> {
    let binding = match wire.link() {
        Link::Tls(_) if unbound => None,
        Link::Tls(None) => return Err(LoginError::NoChannelBinding.into()),
        Link::Tls(binding) => binding,
        Link::Unix | Link::Unencrypted => None,
    };
    let who = Who::Key {
        user,
        id: key.id(),
        bound: binding.is_some(),
    };
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| LoginError::NoRandomness)?;
    let first =
        ClientFirst::new(user, key.clone(), binding.as_ref(), nonce).map_err(LoginError::from)?;

    let answer = login_ex(wire, scram("CLIENT_FIRST_MESSAGE", &first.message())).await?;
    let server_first = answer.scram("SERVER_FIRST_RESPONSE", who)?;
    let challenge = first.challenge(&server_first).map_err(LoginError::from)?;
    // Up to some seconds of hashing.
    let last = tokio::task::spawn_blocking(|| challenge.answer())
        .await
        .map_err(|_| LoginError::Unexpected("the program is shutting down"))?;

    let answer = login_ex(wire, scram("CLIENT_FINAL_MESSAGE", last.message())).await?;
    let server_final = answer.scram("SERVER_FINAL_RESPONSE", who)?;
    if let Err(error) = last.verify(&server_final) {
        // Whoever this is, it shall not have our session.
        let _ = wire.call("auth.logout", vec![]).await;
        return Err(LoginError::Scram(error).into());
    }
    Ok(answer.into_logged_in())
}

fn scram(kind: &str, message: &str) -> Value {
    json!({"mechanism": "SCRAM", "scram_type": kind, "rfc_str": message})
}

async fn login_ex<W: LoginWire>(wire: &mut W, credential: Value) -> Result<Answer, W::Error> {
    match wire.call(LOGIN, vec![credential]).await {
        Ok(answer) => Ok(Answer::new(answer)?),
        Err(error) => match W::server_error(&error) {
            Some(ServerError {
                errno: Some(EBUSY), ..
            }) => Err(LoginError::RateLimited.into()),
            _ => Err(error),
        },
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Success,
    OtpRequired,
    Refused,
    Expired,
    Denied,
    Redirect,
    Scram,
}

/// The user that logs in, and the credential.
#[derive(Clone, Copy)]
enum Who<'a> {
    Token,
    Password(&'a str),
    Key { user: &'a str, id: u64, bound: bool },
}

impl Who<'_> {
    fn refused(self) -> LoginError {
        match self {
            Self::Token => LoginError::Refused("the token".to_owned(), Credential::Token),
            Self::Password(user) => LoginError::Refused(user.to_owned(), Credential::Password),
            Self::Key { user, id, bound } => LoginError::KeyRefused {
                user: user.to_owned(),
                id,
                bound,
            },
        }
    }

    fn expired(self) -> LoginError {
        match self {
            Self::Token => LoginError::Expired(Credential::Token),
            Self::Password(_) => LoginError::Expired(Credential::Password),
            Self::Key { user, id, .. } => LoginError::KeyExpired {
                user: user.to_owned(),
                id,
            },
        }
    }
}

/// What `auth.login_ex` answered.
struct Answer {
    kind: Kind,
    body: Value,
}

impl Answer {
    fn new(body: Value) -> Result<Self, LoginError> {
        let kind = match body.get("response_type").and_then(Value::as_str) {
            Some("SUCCESS") => Kind::Success,
            Some("OTP_REQUIRED") => Kind::OtpRequired,
            Some("AUTH_ERR") => Kind::Refused,
            Some("EXPIRED") => Kind::Expired,
            Some("DENIED") => Kind::Denied,
            Some("REDIRECT") => Kind::Redirect,
            Some("SCRAM_RESPONSE") => Kind::Scram,
            _ => return Err(LoginError::Unexpected("it is of no known kind")),
        };
        Ok(Self { kind, body })
    }

    /// The server let the user in.
    fn accepted(self, who: Who<'_>) -> Result<LoggedIn, LoginError> {
        match self.kind {
            Kind::Success => Ok(self.into_logged_in()),
            _ => Err(self.refusal(who)),
        }
    }

    /// The server's next message of SCRAM.
    fn scram(&self, kind: &str, who: Who<'_>) -> Result<String, LoginError> {
        let text = |field| self.body.get(field).and_then(Value::as_str);
        match self.kind {
            Kind::Scram if text("scram_type") == Some(kind) => text("rfc_str")
                .map(str::to_owned)
                .ok_or(LoginError::Unexpected("it has no `rfc_str`")),
            _ => Err(self.refusal(who)),
        }
    }

    fn refusal(&self, who: Who<'_>) -> LoginError {
        match self.kind {
            Kind::Refused => who.refused(),
            Kind::Expired => who.expired(),
            Kind::Denied => LoginError::Denied,
            Kind::OtpRequired => LoginError::OtpNeeded,
            Kind::Redirect => LoginError::Redirect(self.urls()),
            Kind::Success => LoginError::Unexpected("it succeeds before it should"),
            Kind::Scram => LoginError::Unexpected("it is a message of SCRAM out of turn"),
        }
    }

    fn urls(&self) -> Vec<String> {
        let urls = self.body.get("urls").and_then(Value::as_array);
        urls.into_iter()
            .flatten()
            .filter_map(|url| url.as_str().map(str::to_owned))
            .collect()
    }

    fn into_logged_in(mut self) -> LoggedIn {
        let mut take = |field| self.body.get_mut(field).map(Value::take);
        LoggedIn {
            user_info: take("user_info").filter(|info| !info.is_null()),
            reconnect_token: match take("reconnect_token") {
                Some(Value::String(token)) => Some(token.into()),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests;

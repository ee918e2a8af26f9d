//! What can go wrong between a program and the server.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::auth::LoginError;
use super::cases;
use super::endpoint::Endpoint;
use super::errno::Errno;
use super::frame::{Fault, FaultData};
use crate::error::DecodeError;
use crate::query::QueryError;

/// A call, a connection or a job failed.
///
/// Holds no secret of the client's, and nothing that was sent. What the server
/// says of a failure is in it, in the server's words.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no connection, and none can be made.
    #[error(transparent)]
    Connect(Arc<ConnectError>),
    /// The server refused the login, or the client did not try it because it
    /// was not safe. Later calls end the same way: a refused login is not
    /// tried again by itself.
    #[error(transparent)]
    Login(Arc<LoginError>),
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// The answer did not come in time.
    #[error("{method}: no answer within {after:?}{}", unsure(*.sent && !*.reads_only))]
    Timeout {
        /// The method's name.
        method: Cow<'static, str>,
        /// How long it was waited.
        after: Duration,
        /// Whether the call had been sent.
        sent: bool,
        /// True if the method changes nothing.
        reads_only: bool,
    },
    /// The connection was lost while the call was with the server, and the
    /// call was not sent again.
    #[error("{method}: the connection was lost before the answer ({reason}){}", unsure(!*.reads_only))]
    Interrupted {
        /// The method's name.
        method: Cow<'static, str>,
        /// True if the method changes nothing.
        reads_only: bool,
        /// Why the connection was lost.
        reason: String,
    },
    /// A parameter of a call that may change something is `********`, which
    /// servers put in place of a secret for accounts with fewer rights. The
    /// call would replace the secret, so it was not sent.
    #[error(
        "{method}: a parameter is `********`, which servers put in place of a secret; nothing was sent; leave the key out, or read the secret with an account that may see it"
    )]
    RedactedSecret {
        /// The method's name.
        method: Cow<'static, str>,
    },
    /// The message would be over the server's limit, which would close the
    /// connection. It was not sent.
    #[error(
        "{method}: a message of {size} characters is over the server's limit of {limit}; nothing was sent"
    )]
    TooLarge {
        /// The method's name.
        method: Cow<'static, str>,
        /// Characters of the message.
        size: usize,
        /// Characters the server takes.
        limit: usize,
    },
    /// The server has no such method, or not in the version that is spoken.
    #[error("{method}: the server has no such method in this version of its API")]
    NoSuchMethod {
        /// The method's name.
        method: Cow<'static, str>,
    },
    /// The server refused the parameters, or what they ask for.
    #[error("{method}: {}", list(.fields))]
    Invalid {
        /// The method's name.
        method: Cow<'static, str>,
        /// The individual errors. If a parameter can have one of several types,
        /// the server reports the errors for all of them; the error's text only
        /// contains those for the types that fit the sent value best.
        fields: Vec<FieldError>,
    },
    /// The call failed.
    #[error(transparent)]
    Failed(Box<CallError>),
    /// The server refused the message itself.
    #[error("{method}: the server refused the call: {message} ({code})")]
    Refused {
        /// The method's name.
        method: Cow<'static, str>,
        /// The code of JSON-RPC.
        code: i64,
        /// The server's words.
        message: String,
    },
    /// The call was probably executed, but the server could not write its result
    /// as JSON. It would fail in the same way again.
    #[error(
        "{method}: the server could not send the result ({reason}); {}",
        unseen(*.reads_only)
    )]
    ResultLost {
        /// The method's name.
        method: Cow<'static, str>,
        /// True if the method changes nothing.
        reads_only: bool,
        /// Why, in the server's words.
        reason: String,
    },
    /// The answer does not fit its type. Its raw text is in
    /// [`DecodeError::answer`].
    #[error(transparent)]
    Decode(DecodeError),
    /// The server answered a number in place of the result of a call that may
    /// change something: its release
    /// probably runs the method as a job, which the version of the types does
    /// not. [`Session::job`](super::Session::job) follows it:
    /// `session.job::<Method>(job)`.
    #[error(
        "{method}: the server's release probably runs this as a job, and the call has started job {job}: follow it with `Session::job`, or use the types of the server's own version"
    )]
    BecameJob {
        /// The method's name.
        method: Cow<'static, str>,
        /// The job's number.
        job: i64,
        /// The reason why the answer does not fit the type.
        source: Box<DecodeError>,
    },
    /// The server would refuse or misunderstand the query or the parameters of
    /// the call, so it was not sent.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The job ended with an error.
    #[error(transparent)]
    JobFailed(Box<JobFailure>),
    /// Somebody aborted the job.
    #[error("job {id} ({method}) was aborted")]
    JobAborted {
        /// The job.
        id: i64,
        /// The method that started it.
        method: Cow<'static, str>,
    },
    /// What became of the job cannot be found out: the server was restarted,
    /// or has forgotten the job.
    #[error(
        "job {id} ({method}): the server no longer knows it; whether it has done its work is not known"
    )]
    JobLost {
        /// The job.
        id: i64,
        /// The method that started it.
        method: Cow<'static, str>,
    },
    /// A file did not arrive.
    #[cfg(feature = "files")]
    #[error(transparent)]
    Transfer(Arc<super::files::TransferError>),
    /// The blocking client was used on a thread of an async runtime, where
    /// nobody may wait. Nothing was sent.
    #[cfg(feature = "blocking")]
    #[error(
        "the blocking client cannot wait on a thread of an async runtime; use the async client there, or a thread of its own (std::thread::spawn)"
    )]
    InAsync,
    /// The server ended a subscription.
    #[error("the server ended the subscription to {collection}: {reason}")]
    Unsubscribed {
        /// What was subscribed to, without its parameters.
        collection: String,
        /// The server's words.
        reason: String,
    },
}

const fn unsure(unsure: bool) -> &'static str {
    match unsure {
        true => "; it may have been done nevertheless, and was not repeated",
        false => "",
    }
}

const fn unseen(reads_only: bool) -> &'static str {
    match reads_only {
        true => "the call changed nothing; the same call would probably fail again",
        false => "the call itself was probably executed: check before you repeat it",
    }
}

fn list(fields: &[FieldError]) -> String {
    let fitting = cases::that_fit(fields);
    let lines: Vec<String> = fitting.iter().map(ToString::to_string).collect();
    match lines.is_empty() {
        true => "the parameters were refused".to_owned(),
        false => lines.join("; "),
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        let job = error.answer().and_then(|answer| answer.text().parse().ok());
        match (error.method(), job) {
            (Some(method), Some(job))
                if error.may_have_changed() && error.path() == "$" && job > 0 =>
            {
                Self::BecameJob {
                    method: method.to_owned().into(),
                    job,
                    source: Box::new(error),
                }
            }
            _ => Self::Decode(error),
        }
    }
}

/// A part of the parameters that the server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// The part, such as `data.schedule.hour`; none where it is not about one.
    pub attribute: Option<String>,
    /// The server's words.
    pub message: String,
    /// Why, as a number.
    pub errno: Errno,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attribute.as_deref() {
            Some(attribute) if !attribute.is_empty() => write!(f, "{attribute}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

/// What the server calls it when a query for one entry finds none.
const MATCH_NOT_FOUND: &str = "MatchNotFound";

/// A call that the server took and that failed.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct CallError {
    /// The method's name.
    pub method: Cow<'static, str>,
    /// Why, as a number.
    pub errno: Errno,
    /// The reason, in the server's words.
    pub reason: String,
    /// The server's own name of the kind of failure, such as `MatchNotFound`.
    pub class: Option<String>,
    /// What else the server says, by method.
    pub extra: Value,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.class.as_deref() == Some(MATCH_NOT_FOUND) {
            return write!(
                f,
                "{}: not found: no entry matches the filters",
                self.method
            );
        }
        if self.reason.is_empty() {
            let method = &self.method;
            return write!(f, "{method}: failed without a reason ({})", self.errno);
        }
        write!(f, "{}: {}", self.method, self.reason)?;
        let known = self
            .errno
            .name()
            .is_some_and(|name| self.reason.contains(name));
        match known {
            true => Ok(()),
            false => write!(f, " ({})", self.errno),
        }
    }
}

impl fmt::Debug for CallError {
    /// Without what else the server says, which may be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallError")
            .field("method", &self.method)
            .field("errno", &self.errno)
            .field("reason", &self.reason)
            .field("class", &self.class)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for CallError {}

impl FieldError {
    /// What the call names is not there, in place of something in its parameters.
    fn is_of_the_whole(&self) -> bool {
        self.attribute.is_none() && self.errno == Errno::NotFound
    }

    /// Most errors for a name that is taken have their own number. The check
    /// that all services share has a fixed sentence instead.
    fn is_taken(&self) -> bool {
        let shared = || {
            let field = self.message.strip_prefix("Object with this ");
            field.is_some_and(|rest| rest.ends_with(" already exists"))
        };
        self.errno == Errno::Exists || (self.errno == Errno::Invalid && shared())
    }
}

/// A job that ended with an error.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct JobFailure {
    /// The job.
    pub id: i64,
    /// The method that started it.
    pub method: Cow<'static, str>,
    /// The reason as a number, if the server sends one. See `fields` for
    /// parameters that were rejected.
    pub errno: Option<Errno>,
    /// The reason, in the server's words; empty if the server gave none.
    pub reason: String,
    /// What of the parameters was refused, if that is why.
    pub fields: Vec<FieldError>,
    /// The end of the job's log.
    pub logs_excerpt: Option<String>,
}

impl fmt::Debug for JobFailure {
    /// Without the log, which may hold anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobFailure")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("errno", &self.errno)
            .field("reason", &self.reason)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for JobFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "job {} ({}) failed", self.id, self.method)?;
        match (self.fields.is_empty(), self.reason.trim_end()) {
            (false, _) => write!(f, ": {}", list(&self.fields)),
            (true, "") => f.write_str(" without a reason; see its log"),
            (true, reason) => write!(f, ": {reason}"),
        }
    }
}

impl std::error::Error for JobFailure {}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] super::endpoint::EndpointError),
    /// The network, the socket's file, or a server that is not ready yet.
    #[error("cannot connect to {endpoint}: {source}")]
    Network {
        /// The address.
        endpoint: String,
        /// Why.
        source: io::Error,
    },
    /// The two sides do not agree on TLS, or the certificate is not trusted.
    #[error("cannot connect safely to {endpoint}: {reason}")]
    Tls {
        /// The address.
        endpoint: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The server does not speak the version that the types are made for.
    #[error("the server does not serve {wanted}, the version of the selected types; it serves {}: use the types of one of these", .served.join(", "))]
    Version {
        /// The version that the types are made for.
        wanted: String,
        /// The versions that the server serves.
        served: Vec<String>,
    },
    /// The server is older than the API that this client speaks.
    #[error(
        "{endpoint} is TrueNAS 24.10 or older, which uses an older protocol; update it to 25.04 or later"
    )]
    TooOld {
        /// The address.
        endpoint: String,
    },
    /// The server has no API that this client speaks.
    #[error(
        "no TrueNAS 25.04 or later answers at {endpoint}: check host and port (TrueNAS 24.10 or older also answers like this, and is not supported)"
    )]
    NoApi {
        /// The address.
        endpoint: String,
    },
    /// The server sends its clients to another address.
    #[error("{endpoint} redirects to {to}{}", instead(.address.as_deref()))]
    Redirected {
        /// The address.
        endpoint: String,
        /// The target of the redirect, without possible secrets.
        to: String,
        /// The address to use instead, if known.
        address: Option<String>,
    },
    /// The server at the address is not TrueNAS, or a proxy is in front of it.
    #[error("{endpoint} does not answer like a TrueNAS: {reason}")]
    Protocol {
        /// The address.
        endpoint: String,
        /// What was unexpected.
        reason: String,
    },
    /// There is no thread for the connection of a blocking client.
    #[cfg(feature = "blocking")]
    #[error("cannot start a thread for the connection: {0}")]
    Thread(io::Error),
    /// It took too long.
    #[error("cannot connect to {endpoint}: no answer within {after:?}")]
    Timeout {
        /// The address.
        endpoint: String,
        /// How long it was waited.
        after: Duration,
    },
}

impl ConnectError {
    /// Of a status that says neither yes nor no. What stands in front of a
    /// server that is not ready yet answers with one of 500 or above.
    pub(super) fn of_status(endpoint: &Endpoint, path: &str, status: StatusCode) -> Self {
        let endpoint = endpoint.to_string();
        let reason = format!("{path} answers {status}");
        match status {
            status if status.is_server_error() => Self::Network {
                endpoint,
                source: io::Error::other(reason),
            },
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::Protocol {
                endpoint,
                reason: format!(
                    "{reason}; TrueNAS itself does not do this, so a proxy in front of it requires a login or denies access: change the proxy or connect without it"
                ),
            },
            _ => Self::Protocol { endpoint, reason },
        }
    }

    /// Returns the error for a redirect.
    pub(super) fn of_redirect(endpoint: &Endpoint, status: StatusCode, location: &str) -> Self {
        let uri = http::Uri::try_from(location).unwrap_or_default();
        let host = uri.host().unwrap_or_default();
        // The web server of 24.10 answers like this to every unknown path.
        if status == StatusCode::FOUND
            && uri.path() == "/ui/"
            && (host.is_empty() || endpoint.is_at(host))
        {
            return Self::TooOld {
                endpoint: endpoint.to_string(),
            };
        }
        let path: String = uri.path().chars().take(MAX_SHOWN).collect();
        let port = uri.port().map(|port| format!(":{port}"));
        let place = format!("{host}{}", port.unwrap_or_default());
        let address = match uri.scheme_str() {
            Some("https") => format!("wss://{}", place.trim_end_matches(":443")),
            _ => String::new(),
        };
        Self::Redirected {
            endpoint: endpoint.to_string(),
            to: match uri.scheme_str() {
                Some(scheme) => format!("{scheme}://{place}{path}"),
                None => path,
            },
            address: (!address.is_empty()).then_some(address),
        }
    }
}

/// The maximum number of characters of a path in an error.
const MAX_SHOWN: usize = 200;

fn instead(address: Option<&str>) -> String {
    match address {
        Some(address) => format!("; connect to {address} instead"),
        None => "; connect to the TrueNAS system itself with wss://".to_owned(),
    }
}

impl From<ConnectError> for Error {
    fn from(error: ConnectError) -> Self {
        Self::Connect(Arc::new(error))
    }
}

impl From<LoginError> for Error {
    fn from(error: LoginError) -> Self {
        Self::Login(Arc::new(error))
    }
}

#[cfg(feature = "files")]
impl From<super::files::TransferError> for Error {
    fn from(error: super::files::TransferError) -> Self {
        Self::Transfer(Arc::new(error))
    }
}

/// The server's code for "ten run and ten wait already".
const TOO_MANY_CALLS: i64 = -32000;
const CALL_FAILED: i64 = -32001;
const NO_SUCH_METHOD: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const RESULT_LOST: i64 = -32603;

impl Error {
    /// Whether the same call may succeed later, and sending it again cannot do
    /// anything twice.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect(error) => matches!(
                **error,
                ConnectError::Network { .. } | ConnectError::Timeout { .. }
            ),
            Self::Login(error) => matches!(**error, LoginError::RateLimited),
            Self::Timeout {
                sent, reads_only, ..
            } => !sent || *reads_only,
            Self::Interrupted { reads_only, .. } => *reads_only,
            Self::Refused { code, .. } => *code == TOO_MANY_CALLS,
            #[cfg(feature = "files")]
            Self::Transfer(error) => error.is_retryable(),
            _ => false,
        }
    }

    /// Whether what the call names is not there: `get_instance` and the like
    /// of an unknown id, or a query for one entry that nothing matches.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::Invalid { fields, .. } => fields.iter().any(FieldError::is_of_the_whole),
            Self::Failed(error) => {
                error.errno == Errno::NotFound || error.class.as_deref() == Some(MATCH_NOT_FOUND)
            }
            Self::JobFailed(failure) => {
                let mut fields = failure.fields.iter();
                failure.errno == Some(Errno::NotFound) || fields.any(FieldError::is_of_the_whole)
            }
            _ => false,
        }
    }

    /// Returns whether the object to create already exists, or its name is
    /// taken.
    ///
    /// Some services report this with their own text only, which is not
    /// recognised.
    #[must_use]
    pub fn is_already_exists(&self) -> bool {
        match self {
            Self::Invalid { fields, .. } => fields.iter().any(FieldError::is_taken),
            Self::Failed(error) => error.errno == Errno::Exists,
            Self::JobFailed(failure) => {
                let mut fields = failure.fields.iter();
                failure.errno == Some(Errno::Exists) || fields.any(FieldError::is_taken)
            }
            _ => false,
        }
    }

    /// The code of JSON-RPC, where it was an answer of the server.
    pub(crate) fn code(&self) -> Option<i64> {
        match self {
            Self::Failed(_) => Some(CALL_FAILED),
            Self::Invalid { .. } => Some(INVALID_PARAMS),
            Self::NoSuchMethod { .. } => Some(NO_SUCH_METHOD),
            Self::ResultLost { .. } => Some(RESULT_LOST),
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Why, as a number, where the server says so.
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::Failed(error) => Some(error.errno),
            Self::Invalid { fields, .. } => fields.first().map(|field| field.errno),
            Self::JobFailed(failure) => match failure.fields.first() {
                Some(field) => Some(field.errno),
                None => failure.errno,
            },
            Self::NoSuchMethod { .. } => Some(Errno::NoSuchMethod),
            _ => None,
        }
    }
}

/// Of a call's error what the program can act on.
pub(crate) fn of_fault(
    method: impl Into<Cow<'static, str>>,
    reads_only: bool,
    fault: Fault,
) -> Error {
    let method = method.into();
    let Fault {
        code,
        message,
        data,
    } = fault;
    match (code, data) {
        (NO_SUCH_METHOD, _) => Error::NoSuchMethod { method },
        (INVALID_PARAMS, Some(data)) => Error::Invalid {
            method,
            fields: fields(&data.extra, data.reason.as_deref()),
        },
        (RESULT_LOST, data) => Error::ResultLost {
            method,
            reads_only,
            reason: data
                .and_then(|data| data.reason)
                .unwrap_or(message)
                .trim_end()
                .to_owned(),
        },
        (_, Some(data)) if errno(&data) == Errno::NoSuchMethod => Error::NoSuchMethod { method },
        (_, Some(data)) => Error::Failed(Box::new(CallError {
            method,
            errno: errno(&data),
            reason: data.reason.unwrap_or(message).trim_end().to_owned(),
            class: data.trace.and_then(|trace| trace.class),
            extra: data.extra,
        })),
        (_, None) => Error::Refused {
            method,
            code,
            message,
        },
    }
}

fn errno(data: &FaultData) -> Errno {
    data.error.unwrap_or_default().into()
}

/// The list `[[attribute, message, errno], …]`, or the reason as one entry.
pub(crate) fn fields(extra: &Value, reason: Option<&str>) -> Vec<FieldError> {
    let entry = |entry: &Value| {
        Some(FieldError {
            attribute: entry.get(0)?.as_str().map(str::to_owned),
            message: entry.get(1)?.as_str()?.to_owned(),
            errno: entry.get(2)?.as_i64()?.into(),
        })
    };
    let listed: Vec<FieldError> = extra
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(entry)
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    let only = reason.map(|reason| FieldError {
        attribute: None,
        message: reason.trim_end().to_owned(),
        errno: Errno::Invalid,
    });
    only.into_iter().collect()
}

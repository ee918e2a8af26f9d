//! What can go wrong with a file on its way.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::PathBuf;

use http::StatusCode;

use super::super::trust;

/// A file did not arrive.
///
/// Holds neither the token of the transfer nor its URL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// No connection could be made, so nothing of the file was sent or taken.
    #[error("{method}: no connection for the file: {reason}")]
    Connect {
        /// The method's name.
        method: Cow<'static, str>,
        /// Why, and what to do.
        reason: String,
    },
    /// The connection was lost on the way. What the job makes of a part of a
    /// file is not known.
    #[error("{method}: the connection for the file was lost: {reason}")]
    Interrupted {
        /// The method's name.
        method: Cow<'static, str>,
        /// Why.
        reason: String,
    },
    /// The server refused the transfer.
    #[error("{method}: the server refused the transfer: {why} ({status}){}", after_colon(.message))]
    Refused {
        /// The method's name.
        method: Cow<'static, str>,
        /// Why, and what to do.
        why: Refusal,
        /// The status of HTTP.
        status: u16,
        /// The server's words, if any.
        message: String,
    },
    /// What answers is no TrueNAS, or something stands in front of it.
    #[error("{method}: unexpected answer: {reason}")]
    Protocol {
        /// The method's name.
        method: Cow<'static, str>,
        /// What was unexpected.
        reason: String,
    },
    /// What was to be sent could not be read. The server has a part of it, and
    /// the job may have taken that for all of it.
    #[error("{method}: the file to be sent could not be read: {source}")]
    Source {
        /// The method's name.
        method: Cow<'static, str>,
        /// Why.
        source: io::Error,
    },
    /// What was received could not be written.
    #[error("cannot write {path}: {source}", path = .path.as_ref().map_or("what was received".into(), |path| path.display().to_string()))]
    Write {
        /// Where, if it is a file.
        path: Option<PathBuf>,
        /// Why.
        source: io::Error,
    },
    /// The server does not take so many files with one call. Nothing was sent.
    #[error("{method}: {files} files, but the server takes {limit} with one call")]
    TooManyFiles {
        /// The method's name.
        method: Cow<'static, str>,
        /// How many there are.
        files: usize,
        /// How many the server takes.
        limit: usize,
    },
    /// The client reaches the server by
    /// [a way of the caller's own](crate::client::Builder::connector), which
    /// files cannot go. Nothing was sent.
    #[error(
        "{method}: files cannot be moved over a connector of the program's own; connect to an address of the server instead"
    )]
    Connector {
        /// The method's name.
        method: Cow<'static, str>,
    },
}

fn after_colon(message: &str) -> String {
    match message {
        "" => String::new(),
        message => format!(": {message}"),
    }
}

/// Why the server refused a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// 400: it could not read the request.
    Malformed,
    /// 401: it does not know the token: it was used already, or has run out, or
    /// came from another address than the socket.
    Unauthorized,
    /// 403: the token is not known, as with [`Unauthorized`](Self::Unauthorized),
    /// or the account may not call the method.
    Forbidden,
    /// 404: it does not know the job.
    NotFound,
    /// 405: the parts are not those that it expects.
    Misplaced,
    /// 410: the file was fetched already, or not in time.
    Gone,
    /// 412: the call failed.
    Failed,
    /// 413: the file is larger than what stands in front of the server lets through.
    TooLarge,
    /// 500 and above: the server, or what stands in front of it, failed.
    Server,
    /// Any other answer.
    Other,
}

impl Refusal {
    pub(super) fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            400 => Self::Malformed,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            405 => Self::Misplaced,
            410 => Self::Gone,
            412 => Self::Failed,
            413 => Self::TooLarge,
            500.. => Self::Server,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it could not read the request",
            Self::Unauthorized => {
                "it does not accept the token, which is good once, for a short time, and from one address; start the transfer again, and not through a proxy that changes the address"
            }
            Self::Forbidden => {
                "the account may not call the method, or the token is not accepted, which is good from one address only; look at the account's roles"
            }
            Self::NotFound => "it does not know the job; it may have been restarted: start again",
            Self::Misplaced => "it expects other parts; it may take fewer files, or none",
            Self::Gone => {
                "the file was fetched already, or not within 60 s; start the download again"
            }
            Self::Failed => "the call failed",
            Self::TooLarge => "the file is too large for what stands in front of the server",
            Self::Server => "it failed; its log tells why",
            Self::Other => "unexpected status",
        })
    }
}

/// A file that could not be read while it was sent, on its way through the
/// HTTP library.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(pub(super) io::Error);

impl TransferError {
    /// Whether nothing of the file has moved, and may later.
    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self, Self::Connect { .. })
    }

    /// What the HTTP library says, without the URL, in which there is a token.
    pub(super) fn of_http(method: Cow<'static, str>, error: &reqwest::Error) -> Self {
        let mut causes = std::iter::successors(
            std::error::Error::source(error),
            |error: &&(dyn std::error::Error + 'static)| error.source(),
        );
        let mut last = None;
        let known = causes.find_map(|cause| {
            last = Some(cause.to_string());
            if let Some(Unreadable(error)) = cause.downcast_ref() {
                return Some(Err(io::Error::new(error.kind(), error.to_string())));
            }
            let mut error = cause.downcast_ref::<io::Error>()?;
            // Wrapped by each layer that it came through.
            while let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
                error = inner;
            }
            Some(Ok(trust::explain(error)))
        });
        let reason = match known {
            Some(Err(source)) => return Self::Source { method, source },
            Some(Ok(reason)) => reason,
            None => last.unwrap_or_else(|| "no reason is known".to_owned()),
        };
        match error.is_connect() {
            true => Self::Connect { method, reason },
            false => Self::Interrupted { method, reason },
        }
    }
}

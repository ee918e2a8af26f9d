//! HTTP to where the socket goes.

use std::borrow::Cow;

use http::StatusCode;
use reqwest::{RequestBuilder, Response};

use super::error::{Refusal, TransferError};
use crate::client::driver::Config;
#[cfg(unix)]
use crate::client::endpoint::Kind;
use crate::client::error::Error;
use crate::client::trust::{Fingerprint, Trust};

/// How much of what the server says about a refusal is kept, in bytes.
const MAX_WORDS: usize = 1 << 10;

/// One transfer's way to the server.
pub(super) struct Web {
    client: reqwest::Client,
    /// Scheme and authority.
    base: String,
    method: Cow<'static, str>,
}

impl Web {
    /// `method` is what errors speak of.
    pub(super) fn new(config: &Config, method: Cow<'static, str>) -> Result<Self, Error> {
        let route = &config.route;
        if route.connector.is_some() {
            return Err(TransferError::Connector { method }.into());
        }
        let limits = config.limits;
        let builder = reqwest::Client::builder()
            // The socket asks no proxy either, and a token goes nowhere else.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .http1_only()
            // Bytes as they are, whatever features other crates turn on.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .connect_timeout(limits.connect)
            // A dead peer is noticed, also while a job takes its time.
            .tcp_keepalive(limits.ping)
            .tcp_keepalive_interval(limits.ping)
            .tcp_keepalive_retries(3);
        // A job that pauses is not dead: without this it would be cut off after 30 s.
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        let builder = builder.tcp_user_timeout(None);
        let fail = |reason: String| {
            Error::from(TransferError::Connect {
                method: method.clone(),
                reason,
            })
        };
        let (tls, scheme) = match &route.tls {
            Some(config) => (config.clone(), "https"),
            // The library wants a configuration nevertheless, and panics if it
            // has to make one itself. No certificate is empty.
            None => {
                let nobody = Trust::fingerprint(Fingerprint::of(&[])).client_config();
                (nobody.map_err(|error| fail(error.to_string()))?, "http")
            }
        };
        let builder = builder.tls_backend_preconfigured((*tls).clone());
        #[cfg(unix)]
        let builder = match &route.endpoint.0 {
            Kind::Unix(path) => builder.unix_socket(path.as_path()),
            Kind::Tcp { .. } => builder,
        };
        let client = builder.build();
        Ok(Self {
            client: client.map_err(|error| fail(error.to_string()))?,
            base: format!("{scheme}://{}", route.endpoint.authority()),
            method,
        })
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base))
    }

    /// Sends a request; an answer other than 200 is an error.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let sent = request.send().await;
        let mut response = sent.map_err(|error| self.broken(&error))?;
        let status = response.status();
        let method = self.method.clone();
        match status {
            StatusCode::OK => Ok(response),
            StatusCode::UNPROCESSABLE_ENTITY => Err(Error::NoSuchMethod { method }),
            _ => Err(TransferError::Refused {
                method,
                why: Refusal::of(status),
                status: status.as_u16(),
                message: words(&mut response).await,
            }
            .into()),
        }
    }

    pub(super) fn broken(&self, error: &reqwest::Error) -> Error {
        TransferError::of_http(self.method.clone(), error).into()
    }

    pub(super) fn unexpected(&self, reason: String) -> Error {
        TransferError::Protocol {
            method: self.method.clone(),
            reason,
        }
        .into()
    }
}

/// What the server says about a refusal, if it is short text.
async fn words(response: &mut Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < MAX_WORDS
        && let Ok(Some(chunk)) = response.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(MAX_WORDS);
    let text = String::from_utf8_lossy(&bytes);
    match text.trim_start().starts_with('<') {
        // The page of a proxy.
        true => String::new(),
        false => text.trim().to_owned(),
    }
}

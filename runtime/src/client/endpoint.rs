//! Where the server is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the server is: `wss://nas.example`, `ws://nas.example:8080`,
/// `unix:/run/middleware/middlewared.sock`.
///
/// The path on the server follows from the version that is spoken.
///
/// ```
/// use truenas_runtime::client::Endpoint;
///
/// assert!("wss://nas.example".parse::<Endpoint>().is_ok());
/// let error = "nas.example".parse::<Endpoint>().unwrap_err();
/// assert!(error.to_string().contains("wss://"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(pub(crate) Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Tcp {
        secure: bool,
        /// Without the brackets of an IPv6 address.
        host: String,
        port: u16,
    },
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no unix sockets"))]
    Unix(PathBuf),
}

/// An address that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{address}` is no address of a TrueNAS: {reason}")]
pub struct EndpointError {
    address: String,
    reason: &'static str,
}

const FORMS: &str = "it starts with wss://, ws:// or unix:, such as wss://nas.example or unix:/run/middleware/middlewared.sock";

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(address: &str) -> Result<Self, EndpointError> {
        let fail = |reason| {
            // What stands before an @ may be a password.
            let address = match address.rsplit_once('@') {
                Some((_, host)) => format!("…@{host}"),
                None => address.to_owned(),
            };
            Err(EndpointError { address, reason })
        };
        if let Some(path) = address.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path.starts_with('/') && cfg!(unix) {
                true => Ok(Self(Kind::Unix(path.into()))),
                false if cfg!(unix) => fail("the path of a socket starts with /"),
                false => fail("there are no unix sockets on this system"),
            };
        }
        let Ok(uri) = http::Uri::try_from(address) else {
            return fail(FORMS);
        };
        let secure = match uri.scheme_str() {
            Some("wss") => true,
            Some("ws") => false,
            _ => return fail(FORMS),
        };
        let Some(authority) = uri.authority() else {
            return fail(FORMS);
        };
        if authority.as_str().contains('@') {
            return fail("who logs in is not part of the address");
        }
        // The last is what other clients are given.
        if !matches!(uri.path(), "" | "/" | "/api/current") || uri.query().is_some() {
            return fail("the path follows from the version; leave it out");
        }
        // What is not a number would silently be the usual port.
        let port = authority.as_str().strip_prefix(authority.host());
        let named = port.is_some_and(|port| port.len() > ":".len());
        if named && authority.port().is_none() {
            return fail("the port is a number up to 65535");
        }
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if host.is_empty() {
            return fail("the host is missing");
        }
        Ok(Self(Kind::Tcp {
            secure,
            host: host.to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if secure { 443 } else { 80 }),
        }))
    }
}

impl Endpoint {
    /// What stands in the header `Host`, and between scheme and path of a URL.
    pub(crate) fn authority(&self) -> String {
        match &self.0 {
            Kind::Tcp { secure, host, port } => {
                let host = match host.contains(':') {
                    true => format!("[{host}]"),
                    false => host.clone(),
                };
                match (secure, port) {
                    (true, 443) | (false, 80) => host,
                    _ => format!("{host}:{port}"),
                }
            }
            Kind::Unix(_) => "localhost".to_owned(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Tcp { secure: true, .. } => write!(f, "wss://{}", self.authority()),
            Kind::Tcp { .. } => write!(f, "ws://{}", self.authority()),
            Kind::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

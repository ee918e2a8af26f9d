//! Where the server is.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a server.
///
/// A host name is enough: `nas.example` means `wss://nas.example`. The address
/// of the web interface, as copied from a browser, works as well; `http://`
/// and `https://` both mean `wss://`, never an unencrypted connection, and the
/// port 80 of an `http://` address is replaced by 443. Only
/// `ws://` asks for one. `unix:` names the socket on the appliance itself.
///
/// The version of the API determines the path on the server.
///
/// ```
/// use truenas_runtime::client::Endpoint;
///
/// for address in ["nas.example", "https://nas.example/ui/", "WSS://nas.example/"] {
///     let endpoint: Endpoint = address.parse()?;
///     assert_eq!(endpoint.to_string(), "wss://nas.example");
/// }
/// assert_eq!("nas.example:8443".parse::<Endpoint>()?.to_string(), "wss://nas.example:8443");
/// assert_eq!("ws://nas.example".parse::<Endpoint>()?.to_string(), "ws://nas.example");
/// # Ok::<(), truenas_runtime::client::EndpointError>(())
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

/// An address that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid address `{address}`: {reason}")]
pub struct EndpointError {
    address: String,
    reason: &'static str,
}

const FORMS: &str =
    "write it like nas.example, wss://nas.example:8443 or unix:/run/middleware/middlewared.sock";

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(address: &str) -> Result<Self, EndpointError> {
        let address = address.trim();
        let fail = |reason| {
            Err(EndpointError {
                address: without_secrets(address),
                reason,
            })
        };
        if let Some(path) = address.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path.starts_with('/') && cfg!(unix) {
                true => Ok(Self(Kind::Unix(path.into()))),
                false if cfg!(unix) => fail("the path of the socket must start with /"),
                false => fail("this system does not support unix sockets"),
            };
        }
        let (scheme, rest) = match address.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("wss".to_owned(), address),
        };
        let secure = match &*scheme {
            // An address copied from a browser is not a request for an
            // unencrypted connection.
            "wss" | "https" | "http" => true,
            "ws" => false,
            _ => return fail("the scheme must be wss, ws or unix; wss is the default"),
        };
        let rest = match rest.parse::<Ipv6Addr>() {
            Ok(bare) => format!("[{bare}]"),
            Err(_) => rest.to_owned(),
        };
        let Ok(uri) = http::Uri::try_from(format!("wss://{rest}")) else {
            return fail(FORMS);
        };
        let Some(authority) = uri.authority() else {
            return fail(FORMS);
        };
        if authority.as_str().contains('@') {
            return fail("the user is not part of the address; pass it to `Builder::login`");
        }
        match uri.path() {
            // Any page of the web interface.
            path if path == "/ui" || path.starts_with("/ui/") => {}
            // Other clients use `/api/current`.
            "" | "/" | "/api/current" if uri.query().is_none() => {}
            _ => return fail("leave out the path; it follows from the version of the API"),
        }
        // What is not a number would silently be the usual port.
        let port = authority.as_str().strip_prefix(authority.host());
        let named = port.is_some_and(|port| port.len() > ":".len());
        if named && authority.port().is_none() {
            return fail("the port must be a number up to 65535");
        }
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if host.is_empty() {
            return fail("the host is missing");
        }
        let usual = if secure { 443 } else { 80 };
        let port = match authority.port_u16() {
            // The usual port of the scheme that is replaced.
            Some(80) if scheme == "http" => usual,
            named => named.unwrap_or(usual),
        };
        Ok(Self(Kind::Tcp {
            secure,
            host: host.to_owned(),
            port,
        }))
    }
}

/// Returns the address without possible secrets: there can be a password before
/// an @, and a token in a query.
fn without_secrets(address: &str) -> String {
    match (address.rsplit_once('@'), address.find(['?', '#'])) {
        (None, None) => address.to_owned(),
        (Some((_, host)), None) => format!("…@{host}"),
        (None, Some(end)) => format!("{}…", address.get(..end).unwrap_or_default()),
        // It is not known which of the two ends the other.
        (Some(_), Some(_)) => "…".to_owned(),
    }
}

impl Endpoint {
    /// Returns whether this is a name or an address of this machine.
    pub(crate) fn is_at(&self, other: &str) -> bool {
        match &self.0 {
            Kind::Tcp { host, .. } => other.trim_matches(['[', ']']).eq_ignore_ascii_case(host),
            Kind::Unix(_) => false,
        }
    }

    /// Returns the value of the header `Host`: the part of a URL between scheme
    /// and path.
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

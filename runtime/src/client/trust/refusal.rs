//! Why a certificate was not accepted, and what to do about it.

use std::error::Error;
use std::fmt;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::fingerprint::Fingerprint;

/// A certificate was not accepted.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) server: String,
    pub(super) seen: Fingerprint,
    pub(super) why: Why,
}

#[derive(Debug)]
pub(super) enum Why {
    /// It is another one than the one that is trusted.
    Pinned(Fingerprint),
    /// It was checked, and this is wrong with it.
    Certificate(CertificateError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, seen, why } = self;
        write!(f, "the certificate of {server} ")?;
        match why {
            Why::Pinned(expected) => write!(
                f,
                "has the SHA-256 fingerprint {seen}, but {expected} was expected: it was renewed, or this is another server"
            ),
            Why::Certificate(error) => {
                f.write_str(&wrong_with(error))?;
                write!(
                    f,
                    ", or, if the server really has this SHA-256 fingerprint, trust it by `Trust::fingerprint`: {seen}"
                )
            }
        }
    }
}

/// What is wrong with a certificate, and one thing to do about it.
fn wrong_with(error: &CertificateError) -> String {
    const DAY: u64 = 86_400;
    match error {
        CertificateError::UnknownIssuer => {
            "was issued by nobody who is trusted here, as with most TrueNAS, which make their own; name its issuer by `Trust::ca_file`".to_owned()
        }
        CertificateError::ExpiredContext { time, not_after } => {
            let days = time.as_secs().saturating_sub(not_after.as_secs()) / DAY;
            format!("expired {days} days ago, by the clock here; renew it")
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            let days = not_before.as_secs().saturating_sub(time.as_secs()) / DAY;
            format!("is valid in {days} days only, by the clock here; set the clock that is wrong")
        }
        CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            let names: Vec<_> = presented.iter().map(|name| bare(name)).collect();
            format!("is for {} only; connect to that name", names.join(", "))
        }
        CertificateError::Other(error) => format!("cannot be used ({error}); replace it"),
        error => format!("cannot be used ({error}); replace it"),
    }
}

impl Error for Refusal {}

/// `DnsName("nas.example")`, as the library has it, without the wrapping.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').map_or(name, |(_, rest)| rest);
    inner.trim_end_matches(')').trim_matches('"')
}

/// What went wrong while TLS was set up, in words that help.
pub(crate) fn explain(error: &io::Error) -> String {
    use rustls::Error as Tls;

    let tls = error
        .get_ref()
        .and_then(|error| error.downcast_ref::<Tls>());
    match tls {
        Some(Tls::InvalidCertificate(CertificateError::Other(other))) => other.to_string(),
        Some(Tls::InvalidCertificate(CertificateError::BadSignature)) => {
            "the server shows a certificate whose key it does not have".to_owned()
        }
        Some(Tls::InvalidMessage(_)) => {
            "the server does not speak TLS on this port; is it one for ws://?".to_owned()
        }
        Some(Tls::AlertReceived(AlertDescription::NoApplicationProtocol)) => {
            "the server does not speak HTTP/1.1 over TLS".to_owned()
        }
        Some(error) => error.to_string(),
        None => error.to_string(),
    }
}

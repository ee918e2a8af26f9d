//! What makes the client believe that a server is the right one.

mod fingerprint;
#[cfg(feature = "tls")]
mod refusal;
#[cfg(feature = "tls")]
mod tls;

use std::path::PathBuf;

pub use fingerprint::{Fingerprint, FingerprintError};
#[cfg(feature = "tls")]
pub(crate) use refusal::explain;

/// What makes the client believe that a server is the right one. By default,
/// [the authorities that the system knows](Self::system).
///
/// Most TrueNAS have a certificate that they made themselves, which no
/// authority vouches for: [`fingerprint`](Self::fingerprint) is for those.
///
/// ```
/// use truenas_runtime::client::trust::Trust;
///
/// let trust = Trust::fingerprint(
///     "9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08".parse()?,
/// );
/// # Ok::<(), truenas_runtime::client::trust::FingerprintError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust(Kind);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    System,
    CaFile(PathBuf),
    Fingerprint(Fingerprint),
    Any,
}

impl Trust {
    /// The authorities that the operating system trusts; on Linux those in
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` instead, if these are set.
    #[must_use]
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// The authorities in this file, in PEM, and no others. A certificate that
    /// a server made for itself can be one.
    ///
    /// The file is read when the client connects.
    pub fn ca_file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::CaFile(path.into()))
    }

    /// The certificate with this SHA-256 fingerprint, and no other.
    ///
    /// Who issued it, for which name and until when does not matter. That the
    /// server has the key of the certificate does.
    #[must_use]
    pub fn fingerprint(fingerprint: Fingerprint) -> Self {
        Self(Kind::Fingerprint(fingerprint))
    }

    /// Any certificate of anybody.
    ///
    /// Whoever is in between can read and change everything, and gets the
    /// password with it.
    #[must_use]
    pub fn dangerously_accept_any() -> Self {
        Self(Kind::Any)
    }
}

/// Something is wrong with what the client is told to trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The file with the authorities is of no use.
    #[error("the CA file {path} {problem}", path = .path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The system knows no authorities.
    #[error(
        "the system knows no certificate authorities{0}; install them (often a package `ca-certificates`), or use `Trust::ca_file` or `Trust::fingerprint`"
    )]
    NoSystemRoots(String),
    /// There is no cryptography that would do.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

#[cfg(test)]
#[cfg(feature = "tls")]
mod tests;

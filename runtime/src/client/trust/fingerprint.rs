//! The SHA-256 fingerprint of a certificate.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER_PERMISSIVE;
#[cfg(feature = "tls")]
use sha2::{Digest, Sha256};

/// The SHA-256 fingerprint of a certificate, as browsers and `openssl x509
/// -fingerprint -sha256` show it.
///
/// ```
/// use truenas_runtime::client::trust::Fingerprint;
///
/// let plain = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// let fingerprint: Fingerprint = plain.parse()?;
/// assert!(fingerprint.to_string().starts_with("9F:86:D0:81:"));
/// assert_eq!(fingerprint, fingerprint.to_string().parse()?);
/// # Ok::<(), truenas_runtime::client::trust::FingerprintError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of a certificate in DER.
    #[cfg(feature = "tls")]
    pub(crate) fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let text = text.trim();
        let digits = if text.contains(':') {
            let pairs = text.split(':');
            if !pairs.clone().all(|pair| pair.len() == 2) {
                return Err(FingerprintError);
            }
            pairs.collect()
        } else {
            text.to_owned()
        };
        HEXLOWER_PERMISSIVE
            .decode(digits.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(FingerprintError)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            let colon = if i == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// The text is no SHA-256 fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a SHA-256 fingerprint is 32 pairs of hexadecimal digits, with colons in between or without"
)]
#[non_exhaustive]
pub struct FingerprintError;

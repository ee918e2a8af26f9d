//! Strings that must not be seen.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::json::Json;
use crate::reader::Reader;

/// A password, a key, a token: `Debug` shows nothing of it, and its memory is
/// wiped when it is dropped.
///
/// It is in plain sight in the JSON it is read from and written to, for as
/// long as that lives.
///
/// ```
/// use truenas_runtime::Secret;
///
/// let secret = Secret::from("hunter2");
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.into())
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret.into())
    }
}

impl Json for Secret {
    fn read(reader: &Reader<'_>) -> Self {
        reader.text().into()
    }

    fn write(&self) -> Value {
        Value::String(self.expose().to_owned())
    }
}

//! Strings that must not be seen.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::json::Json;
use crate::reader::Reader;

/// The text that the server sends in place of a secret that the caller may not
/// see.
pub(crate) const REDACTED: &str = "********";

/// A secret text such as a password, a key or a token.
///
/// `Debug` does not show it, and its memory is wiped when it is dropped. The
/// JSON that it is read from and written to still contains it.
///
/// The server sends eight asterisks in place of each secret to callers with
/// fewer rights; see [`is_redacted`](Self::is_redacted). In an update the server
/// would take them as the new value, so the client of this crate refuses to send
/// them: its error is `client::Error::RedactedSecret`. A
/// [`Transport`](crate::Transport) of your own has to check this itself.
///
/// A secret of another type is a [`SecretValue`](crate::SecretValue).
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
    /// Returns the secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns whether the server sent asterisks in place of the secret.
    ///
    /// The text is then the eight asterisks. A secret that consists of exactly
    /// eight asterisks cannot be told apart from a redacted one.
    ///
    /// ```
    /// use truenas_runtime::{Secret, from_str};
    ///
    /// assert!(from_str::<Secret>(r#""********""#)?.is_redacted());
    /// assert!(!Secret::from("hunter2").is_redacted());
    /// # Ok::<(), truenas_runtime::DecodeError>(())
    /// ```
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        self.expose() == REDACTED
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
    const SECRET: bool = true;

    fn read(reader: &Reader<'_>) -> Self {
        reader.text().into()
    }

    fn write(&self) -> Value {
        Value::String(self.expose().to_owned())
    }
}

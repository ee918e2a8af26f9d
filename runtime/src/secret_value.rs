//! Secrets that are not text.

use std::fmt;

use serde_json::Value;

use crate::json::Json;
use crate::reader::Reader;
use crate::secret::REDACTED;
use crate::tape::View;

/// A secret of another type than text, for example a list of keys.
///
/// The server replaces each secret field with the text `"********"` for callers
/// with fewer rights, regardless of the field's type; null is replaced as well.
/// Such a value is *redacted*: it exists, but its content is not known.
///
/// `Debug` never shows the content. Unlike a [`Secret`](crate::Secret), it does
/// not wipe its memory when it is dropped.
///
/// A redacted value is written as the eight asterisks. In an update the server
/// would take them as the new value, so the client of this crate refuses to send
/// them: its error is `client::Error::RedactedSecret`. A
/// [`Transport`](crate::Transport) of your own has to check this itself.
///
/// ```
/// use truenas_runtime::{SecretValue, from_str, to_string};
///
/// type Keys = Option<SecretValue<Vec<i64>>>;
///
/// let keys: Keys = from_str("[1, 2]")?;
/// assert_eq!(keys, Some(SecretValue::new(vec![1, 2])));
/// assert_eq!(format!("{keys:?}"), "Some(SecretValue(…))");
///
/// let hidden: Keys = from_str(r#""********""#)?;
/// assert_eq!(hidden.as_ref().map(SecretValue::is_redacted), Some(true));
/// assert_eq!(to_string(&hidden), r#""********""#);
///
/// assert_eq!(from_str::<Keys>("null")?, None);
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue<T>(Content<T>);

#[derive(Clone, PartialEq, Eq)]
enum Content<T> {
    Redacted,
    Exposed(T),
}

impl<T> SecretValue<T> {
    /// Creates a secret with this content.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(Content::Exposed(value))
    }

    /// Returns the content, or `None` if it is redacted.
    #[must_use]
    pub const fn expose(&self) -> Option<&T> {
        match &self.0 {
            Content::Redacted => None,
            Content::Exposed(value) => Some(value),
        }
    }

    /// Returns the content, or `None` if it is redacted.
    #[must_use]
    pub fn into_exposed(self) -> Option<T> {
        match self.0 {
            Content::Redacted => None,
            Content::Exposed(value) => Some(value),
        }
    }

    /// Returns whether the server sent asterisks in place of the content.
    #[must_use]
    pub const fn is_redacted(&self) -> bool {
        matches!(self.0, Content::Redacted)
    }
}

impl<T> From<T> for SecretValue<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> fmt::Debug for SecretValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_redacted() {
            "SecretValue(redacted)"
        } else {
            "SecretValue(…)"
        })
    }
}

/// The eight asterisks are read as redacted, even if `T` reads any text.
impl<T: Json> Json for SecretValue<T> {
    const SECRET: bool = true;

    fn read(reader: &Reader<'_>) -> Self {
        if matches!(reader.value(), View::Text(REDACTED)) {
            return Self(Content::Redacted);
        }
        Self::new(T::read(reader))
    }

    fn write(&self) -> Value {
        match &self.0 {
            Content::Redacted => Value::String(REDACTED.to_owned()),
            Content::Exposed(value) => value.write(),
        }
    }

    fn absent(reader: &Reader<'_>) -> Self {
        Self::new(T::absent(reader))
    }

    fn is_absent(&self) -> bool {
        self.expose().is_some_and(T::is_absent)
    }
}

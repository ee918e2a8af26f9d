//! JSON that this version's schema does not know.

use std::fmt;

use serde_json::Value;
use smol_str::SmolStr;

use crate::error::DecodeError;
use crate::exact::write_wide;
use crate::json::{Json, from_str};
use crate::reader::Reader;
use crate::tape::{Node, View};
use crate::text;

/// JSON as it came, where the schema has no type for it: text until it is read.
///
/// What it holds is not known, so it may be secret, and `Debug` shows only of
/// what kind it is. Equal are those that say the same with the keys of their
/// objects in any order.
///
/// A call does not send a `Raw` with an integer that needs more than 64 bits; it
/// fails with [`QueryError::WideInteger`](crate::QueryError::WideInteger).
///
/// ```
/// use truenas_runtime::{Raw, from_str};
///
/// let raw: Raw = from_str(r#"{"password": "hunter2"}"#)?;
/// assert_eq!(format!("{raw:?}"), "Raw(object)");
/// assert_eq!(raw.value()["password"], "hunter2");
/// assert_eq!(from_str::<Raw>("131072")?.read::<i64>()?, 131_072);
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
// As values, the small objects that many answers are full of take eight times
// the memory.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Raw(SmolStr);

impl Raw {
    const NULL: Self = Self(SmolStr::new_static("null"));

    /// The value as JSON.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Reads the value as a type.
    ///
    /// # Errors
    ///
    /// A value that does not fit the type.
    pub fn read<T: Json>(&self) -> Result<T, DecodeError> {
        from_str(&self.0)
    }

    /// Returns the value without a type.
    ///
    /// An integer that a [`Value`] has no number for, because neither `i64` nor
    /// `u64` can hold it, becomes a string of its digits; a number would be
    /// rounded. [`text`](Self::text) has it unchanged, and
    /// [`BigInteger`](crate::BigInteger) reads it.
    ///
    /// ```
    /// use truenas_runtime::{BigInteger, Raw, from_str};
    ///
    /// let raw: Raw = from_str("100000000000000000001")?;
    /// assert_eq!(raw.text(), "100000000000000000001");
    /// assert_eq!(raw.value(), "100000000000000000001");
    /// assert_eq!(raw.read::<BigInteger>()?.to_string(), "100000000000000000001");
    /// # Ok::<(), truenas_runtime::DecodeError>(())
    /// ```
    #[must_use]
    pub fn value(&self) -> Value {
        self.parsed(text::parse(&self.0))
    }

    fn parsed(&self, parsed: Result<Value, DecodeError>) -> Value {
        parsed.unwrap_or_else(|_| Value::String(self.0.to_string()))
    }
}

/// One that is nested deeper than a server reads becomes a string.
impl From<Value> for Raw {
    fn from(value: Value) -> Self {
        Self(value.to_string().into())
    }
}

impl From<Node<'_>> for Raw {
    fn from(node: Node<'_>) -> Self {
        Self(match node.view() {
            View::Null => return Self::NULL,
            View::Bool(true) => SmolStr::new_static("true"),
            View::Bool(false) => SmolStr::new_static("false"),
            _ => node.to_text().into(),
        })
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.as_bytes().first() {
            Some(b'n') => "Raw(null)",
            Some(b't' | b'f') => "Raw(boolean)",
            Some(b'"') => "Raw(string)",
            Some(b'[') => "Raw(array)",
            Some(b'{') => "Raw(object)",
            _ => "Raw(number)",
        })
    }
}

/// A missing key reads as null.
impl Json for Raw {
    fn read(reader: &Reader<'_>) -> Self {
        reader.node().into()
    }

    fn write(&self) -> Value {
        self.parsed(text::parse_with(&self.0, write_wide))
    }

    fn absent(_: &Reader<'_>) -> Self {
        Self::NULL
    }
}

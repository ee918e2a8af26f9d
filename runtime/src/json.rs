//! Types that are read from and written to JSON.

use serde_json::Value;

use crate::error::DecodeError;
use crate::exact;
use crate::memo::Memo;
use crate::reader::{Mode, NOTHING, Reader, State};
use crate::tape::{Node, Tape};
use crate::text::read_whole;

/// A type that is read from and written to JSON.
///
/// A derive would be the usual way; at the number of types the API has, what
/// it expands to takes too long to compile. See the crate's own page for an
/// implementation.
pub trait Json: Sized {
    /// Whether services may keep the value encrypted.
    #[doc(hidden)]
    const SECRET: bool = false;

    /// Reads the value that the reader stands at.
    ///
    /// A value that does not fit is recorded in the reader, and some blank one
    /// is returned in its place, which nobody gets to see.
    fn read(reader: &Reader<'_>) -> Self;

    /// Reads a text that holds the value, as [`from_str`] does.
    ///
    /// A list reads its items one by one, so that a long one is never held
    /// parsed as a whole; that is all this is for.
    ///
    /// # Errors
    ///
    /// A text that is no JSON, or a value that does not fit the type.
    fn read_text(text: &str) -> Result<Self, DecodeError> {
        read_whole(text, Self::read)
    }

    /// Writes the value.
    fn write(&self) -> Value;

    /// What a key that is not there reads as: an error, unless the type has a
    /// value for it.
    fn absent(reader: &Reader<'_>) -> Self {
        reader.missing();
        Self::read(reader)
    }

    /// Whether an optional key with this value is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// The writing half of [`Json`], for tables of fields of different types.
///
/// Every [`Json`] type has it; it is not for implementing.
pub trait WriteJson {
    /// [`Json::write`]
    fn encode(&self) -> Value;
    /// [`Json::is_absent`]
    fn is_left_out(&self) -> bool;
}

impl<T: Json> WriteJson for T {
    fn encode(&self) -> Value {
        self.write()
    }

    fn is_left_out(&self) -> bool {
        self.is_absent()
    }
}

pub(crate) fn read_node<T>(
    node: Node<'_>,
    mode: Mode,
    read: impl FnOnce(&Reader<'_>) -> T,
) -> Result<T, DecodeError> {
    let memo = Memo::default();
    let state = State::new(mode, Some(&memo), false);
    let value = read(&Reader::new(node, &state));
    state.finish(value)
}

pub(crate) fn read_value<T>(
    value: &Value,
    mode: Mode,
    read: impl FnOnce(&Reader<'_>) -> T,
) -> Result<T, DecodeError> {
    let tape =
        Tape::read(value).map_err(|error| DecodeError::new("$".to_owned(), error.to_string()))?;
    read_node(tape.node(), mode, read)
}

/// A value with nothing in it: optional keys are left out, strings and lists
/// are empty, numbers zero. Constructors start from it.
///
/// ```
/// use truenas_runtime::{Patch, blank};
///
/// assert_eq!(blank::<Patch<i64>>(), Patch::Leave);
/// assert!(blank::<Vec<i64>>().is_empty());
/// ```
#[must_use]
pub fn blank<T: Json>() -> T {
    T::absent(&NOTHING)
}

/// Reads a value the way an answer of the server is to be read: unknown keys
/// are ignored, unknown words kept.
///
/// # Errors
///
/// A value that does not fit the type.
///
/// ```
/// use truenas_runtime::{Value, from_value};
///
/// let value = Value::from(vec![1, 2]);
/// assert_eq!(from_value::<Vec<i64>>(&value)?, [1, 2]);
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
pub fn from_value<T: Json>(value: &Value) -> Result<T, DecodeError> {
    read_value(value, Mode::Lenient, T::read)
}

/// Reads a value in which nothing may be lost, as in a file somebody wrote by
/// hand: a misspelt key is an error and not ignored.
///
/// # Errors
///
/// A value that does not fit the type, or that holds keys or words which the
/// type does not know.
///
/// ```
/// use truenas_runtime::{EntryId, Value, from_value, from_value_strict};
///
/// let value: Value = serde_json::from_str(r#"{"id": 1, "idd": 2}"#)?;
/// assert!(from_value::<EntryId<i64>>(&value).is_ok());
/// let error = from_value_strict::<EntryId<i64>>(&value).unwrap_err();
/// assert_eq!(error.to_string(), "at `$`: unknown key `idd`");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn from_value_strict<T: Json>(value: &Value) -> Result<T, DecodeError> {
    read_value(value, Mode::Strict, T::read)
}

/// Writes a value.
///
/// An integer that neither `i64` nor `u64` can hold becomes a string of its
/// digits, because a [`Value`] would round it to a float; [`to_string`] writes
/// it as a number.
///
/// ```
/// assert_eq!(truenas_runtime::to_value(&Some(true)), true);
/// ```
pub fn to_value<T: Json>(value: &T) -> Value {
    exact::value(|| value.write())
}

/// Parses a text and reads it like [`from_value`].
///
/// # Errors
///
/// A text that is no JSON, or a value that does not fit the type.
///
/// ```
/// use truenas_runtime::from_str;
///
/// assert_eq!(from_str::<Option<bool>>("null")?, None);
/// assert_eq!(
///     from_str::<bool>("[").unwrap_err().to_string(),
///     "at `$`: not JSON: EOF while parsing a list at line 1 column 1"
/// );
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
pub fn from_str<T: Json>(text: &str) -> Result<T, DecodeError> {
    T::read_text(text)
}

/// Writes a value as text. Integers of any size are written as numbers.
///
/// ```
/// use truenas_runtime::{Raw, from_str, to_string};
///
/// assert_eq!(to_string(&vec![1_i64, 2]), "[1,2]");
///
/// let text = r#"{"serial":100000000000000000001}"#;
/// assert_eq!(to_string(&from_str::<Raw>(text)?), text);
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
pub fn to_string<T: Json>(value: &T) -> String {
    exact::text(|| value.write())
}

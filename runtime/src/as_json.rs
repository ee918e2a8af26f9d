//! The bridge to serde, for programs that keep API types in types of their own:
//! `#[serde(with = "truenas_runtime::as_json")]`, or [`Typed`].

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use crate::json::{Json, read_node, to_value};
use crate::reader::Mode;
use crate::tape::Tape;

/// Makes a [`Json`] type one that serde reads and writes.
///
/// In a field, `#[serde(with = "truenas_runtime::as_json")]` does the same.
///
/// An integer that neither `i64` nor `u64` can hold is written as a string of
/// its digits, as [`to_value`] does.
///
/// ```
/// use truenas_runtime::{DateTime, Typed};
///
/// let Typed(time) = serde_json::from_str::<Typed<DateTime>>(r#"{"$date": 0}"#)?;
/// assert_eq!(time, DateTime::from_millis(0));
/// assert_eq!(serde_json::to_string(&Typed(time))?, r#"{"$date":0}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Typed<T>(pub T);

impl<T: Json> Serialize for Typed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de, T: Json> Deserialize<'de> for Typed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

/// Writes a field, for `#[serde(with = "truenas_runtime::as_json")]`.
///
/// # Errors
///
/// Those of the serializer.
///
/// ```
/// use truenas_runtime::DateTime;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Backup {
///     #[serde(with = "truenas_runtime::as_json")]
///     at: DateTime,
/// }
///
/// let text = r#"{"at":{"$date":1000}}"#;
/// let backup: Backup = serde_json::from_str(text)?;
/// assert_eq!(backup.at, DateTime::from_millis(1000));
/// assert_eq!(serde_json::to_string(&backup)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn serialize<T: Json, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    to_value(value)
        .serialize(serializer)
        .map_err(ser::Error::custom)
}

/// Reads a field, for `#[serde(with = "truenas_runtime::as_json")]`; see [`serialize`].
///
/// # Errors
///
/// Those of the deserializer, and a value that does not fit the type.
pub fn deserialize<'de, T: Json, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let tape = Tape::read(deserializer)?;
    read_node(tape.node(), Mode::Lenient, T::read).map_err(de::Error::custom)
}

//! What an update says of one key.

use serde_json::Value;

use crate::json::Json;
use crate::reader::Reader;

/// What an update says of one key: leave it, clear it, or set it.
///
/// ```
/// use truenas_runtime::Patch;
///
/// let untouched: Patch<i64> = Patch::default();
/// assert!(untouched.is_leave());
/// assert_eq!(Patch::from(5), Patch::Set(5));
/// assert_eq!(Patch::<i64>::from(None), Patch::Null);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// The key is left out, and the server leaves what it has.
    #[default]
    Leave,
    /// The key is sent as null.
    Null,
    /// The key is sent with a value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the key is left out.
    #[must_use]
    pub const fn is_leave(&self) -> bool {
        matches!(self, Self::Leave)
    }

    /// Whether the key is sent as null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, if there is one.
    ///
    /// ```
    /// # use truenas_runtime::Patch;
    /// assert_eq!(Patch::Set(5).value(), Some(5));
    /// ```
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Leave | Self::Null => None,
        }
    }

    /// The same, borrowed.
    ///
    /// ```
    /// # use truenas_runtime::Patch;
    /// assert_eq!(Patch::Set(5).as_ref().value(), Some(&5));
    /// ```
    #[must_use]
    pub const fn as_ref(&self) -> Patch<&T> {
        match self {
            Self::Leave => Patch::Leave,
            Self::Null => Patch::Null,
            Self::Set(value) => Patch::Set(value),
        }
    }

    /// The same with another value.
    ///
    /// ```
    /// # use truenas_runtime::Patch;
    /// assert_eq!(Patch::Set(5).map(|five| five + 1), Patch::Set(6));
    /// ```
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Leave => Patch::Leave,
            Self::Null => Patch::Null,
            Self::Set(value) => Patch::Set(f(value)),
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

/// `None` clears.
impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Set)
    }
}

/// [`Patch::Leave`] has no JSON of its own: an object leaves the key out, and
/// alone it is written as null.
impl<T: Json> Json for Patch<T> {
    fn read(reader: &Reader<'_>) -> Self {
        Option::read(reader).into()
    }

    fn write(&self) -> Value {
        match self {
            Self::Leave | Self::Null => Value::Null,
            Self::Set(value) => value.write(),
        }
    }

    fn absent(_: &Reader<'_>) -> Self {
        Self::Leave
    }

    fn is_absent(&self) -> bool {
        self.is_leave()
    }
}

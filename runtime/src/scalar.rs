//! Booleans, strings, null, any JSON, and constants of these.

use serde_json::Value;
use smol_str::SmolStr;

use crate::json::Json;
use crate::kinds::kind_name;
use crate::number::{float, integer};
use crate::reader::{Mode, Reader};
use crate::tape::View;

/// One of the constants of an enum that does not hold strings alone.
///
/// ```
/// use truenas_runtime::{Json, Reader, Scalar, Value, from_str, to_string};
///
/// #[derive(Debug, PartialEq)]
/// enum Speed {
///     Auto,
///     Full,
///     Unknown(Value),
/// }
///
/// impl Json for Speed {
///     fn read(reader: &Reader<'_>) -> Self {
///         match reader.scalar(&[Scalar::Text("auto"), Scalar::Integer(100)]) {
///             Some(0) => Self::Auto,
///             Some(1) => Self::Full,
///             _ => Self::Unknown(reader.raw()),
///         }
///     }
///
///     fn write(&self) -> Value {
///         match self {
///             Self::Auto => Scalar::Text("auto").write(),
///             Self::Full => Scalar::Integer(100).write(),
///             Self::Unknown(other) => other.clone(),
///         }
///     }
/// }
///
/// assert_eq!(from_str::<Speed>("100")?, Speed::Full);
/// assert_eq!(to_string(&from_str::<Speed>("25")?), "25");
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Scalar {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number without fraction.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(&'static str),
}

impl Scalar {
    /// The constant as JSON.
    #[must_use]
    pub fn write(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(value),
            Self::Integer(value) => value.write(),
            Self::Number(value) => value.write(),
            Self::Text(value) => Value::String(value.to_owned()),
        }
    }

    fn is(self, value: View<'_>) -> bool {
        match (self, value) {
            (Self::Null, View::Null) => true,
            (Self::Boolean(constant), View::Bool(value)) => value == constant,
            (Self::Integer(constant), View::Number(number)) => {
                integer(number) == Some(i128::from(constant))
            }
            (Self::Number(constant), number) => float(number) == Some(constant),
            (Self::Text(constant), View::Text(text)) => text == constant,
            _ => false,
        }
    }
}

impl Reader<'_> {
    /// Which of the constants is here; `None` for another scalar, which the
    /// caller keeps as it is.
    #[must_use]
    pub fn scalar(&self, constants: &[Scalar]) -> Option<usize> {
        if self.failed() {
            return None;
        }
        let found = constants
            .iter()
            .position(|constant| constant.is(self.value()));
        if found.is_none() {
            match self.value() {
                View::Array(_) | View::Object(_) => self.mismatch("one of the known constants"),
                other if self.mode() == Mode::Strict => self.fail(&format!(
                    "expected one of the known constants, found another {}",
                    kind_name(other)
                )),
                _ => {}
            }
        }
        found
    }
}

impl Json for bool {
    fn read(reader: &Reader<'_>) -> Self {
        if let View::Bool(value) = reader.value() {
            return value;
        }
        reader.mismatch("boolean");
        false
    }

    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Json for String {
    fn read(reader: &Reader<'_>) -> Self {
        reader.text()
    }

    fn write(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Json for SmolStr {
    fn read(reader: &Reader<'_>) -> Self {
        if let View::Text(text) = reader.value() {
            return text.into();
        }
        reader.mismatch("string");
        Self::default()
    }

    fn write(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// `null`
impl Json for () {
    fn read(reader: &Reader<'_>) {
        if !matches!(reader.value(), View::Null) {
            reader.mismatch("null");
        }
    }

    fn write(&self) -> Value {
        Value::Null
    }
}

/// Any JSON; a missing key reads as null.
///
/// An integer that a `Value` has no number for, because neither `i64` nor `u64`
/// can hold it, is read as a string of its digits; a number would be rounded.
/// [`Raw`](crate::Raw) and [`BigInteger`](crate::BigInteger) keep it as a
/// number.
impl Json for Value {
    fn read(reader: &Reader<'_>) -> Self {
        reader.raw()
    }

    fn write(&self) -> Value {
        self.clone()
    }

    fn absent(_: &Reader<'_>) -> Self {
        Self::Null
    }
}

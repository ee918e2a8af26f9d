//! Integers of any size.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use smol_str::SmolStr;

use crate::exact::write_wide;
use crate::json::Json;
use crate::number::integer;
use crate::reader::Reader;
use crate::source::is_wide;
use crate::tape::View;

/// An integer of any size that keeps all its digits, such as the serial number
/// of a certificate, which has up to 160 bits.
///
/// In a [`Value`](serde_json::Value) an integer that neither `i64` nor `u64`
/// can hold is a string of its digits, because a `Value` has no such numbers
/// and would round it to a float. In text it is a number. Both forms are read.
///
/// A call cannot send an integer that needs more than 64 bits; it fails with
/// [`QueryError::WideInteger`](crate::QueryError::WideInteger).
///
/// ```
/// use truenas_runtime::{BigInteger, from_str};
///
/// let serial: BigInteger = from_str("1461501637330902918203684832716283019655932542975")?;
/// assert_eq!(serial.to_string(), "1461501637330902918203684832716283019655932542975");
/// assert_eq!(serial.as_u64(), None);
/// assert_eq!(from_str::<BigInteger>("7")?.as_u64(), Some(7));
/// assert!(serial > BigInteger::from(7));
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
// In canonical form: equal integers have equal texts.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BigInteger(SmolStr);

impl BigInteger {
    const ZERO: Self = Self(SmolStr::new_static("0"));

    /// Returns the integer, or `None` if it does not fit.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// Returns the integer, or `None` if it does not fit.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// Returns the integer, or `None` if it does not fit.
    #[must_use]
    pub fn as_i128(&self) -> Option<i128> {
        self.0.parse().ok()
    }

    /// Returns the sign and the digits without it.
    fn parts(&self) -> (bool, &str) {
        match self.0.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, &self.0),
        }
    }
}

impl fmt::Display for BigInteger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (negative, digits) = self.parts();
        f.pad_integral(!negative, "", digits)
    }
}

impl fmt::Debug for BigInteger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Ord for BigInteger {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.parts(), other.parts()) {
            ((false, one), (false, other)) => by_magnitude(one, other),
            ((true, one), (true, other)) => by_magnitude(other, one),
            ((true, _), (false, _)) => Ordering::Less,
            ((false, _), (true, _)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for BigInteger {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn by_magnitude(one: &str, other: &str) -> Ordering {
    (one.len(), one).cmp(&(other.len(), other))
}

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for BigInteger {
            fn from(integer: $integer) -> Self {
                Self(smol_str::format_smolstr!("{integer}"))
            }
        }
    )*};
}

from_integers! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize }

/// An error for a text that is not an integer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseBigIntegerError(());

impl fmt::Display for ParseBigIntegerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid integer: must be decimal digits, with a leading `-` if negative")
    }
}

impl std::error::Error for ParseBigIntegerError {}

/// Parses decimal digits, optionally after a minus sign. Leading zeros are
/// dropped.
///
/// ```
/// use truenas_runtime::BigInteger;
///
/// assert_eq!("-007".parse::<BigInteger>()?, BigInteger::from(-7));
/// assert!("7.0".parse::<BigInteger>().is_err());
/// # Ok::<(), truenas_runtime::ParseBigIntegerError>(())
/// ```
impl FromStr for BigInteger {
    type Err = ParseBigIntegerError;

    fn from_str(text: &str) -> Result<Self, ParseBigIntegerError> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseBigIntegerError(()));
        }
        Ok(match digits.trim_start_matches('0') {
            "" => Self::ZERO,
            digits => Self(smol_str::format_smolstr!("{sign}{digits}")),
        })
    }
}

impl Json for BigInteger {
    fn read(reader: &Reader<'_>) -> Self {
        match reader.value() {
            View::BigInteger(digits) => return Self(digits.into()),
            View::Number(number) => {
                if let Some(integer) = integer(number) {
                    return integer.into();
                }
            }
            // A string is only accepted if the value was written as a string.
            View::Text(digits) if is_wide(digits) => return Self(digits.into()),
            _ => {}
        }
        reader.mismatch("integer");
        Self::ZERO
    }

    fn write(&self) -> Value {
        let signed = self.as_i64().map(Value::from);
        signed
            .or_else(|| self.as_u64().map(Value::from))
            .unwrap_or_else(|| write_wide(&self.0))
    }
}

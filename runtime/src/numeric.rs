//! Rust's numeric types, read from and written to JSON.

use serde_json::{Number, Value};

use crate::exact::write_wide;
use crate::json::Json;
use crate::number::{EXACT, exact, float, integer};
use crate::reader::Reader;
use crate::source::is_wide;
use crate::tape::View;

/// Returns an integer as JSON: a string of its digits if a [`Value`] cannot
/// hold it as a number.
fn number(integer: i128) -> Value {
    let signed = i64::try_from(integer).map(Value::from);
    signed
        .or_else(|_| u64::try_from(integer).map(Value::from))
        .unwrap_or_else(|_| write_wide(&integer.to_string()))
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        /// Numbers with a zero fraction are accepted; numbers out of range are
        /// an error. An integer that a [`Value`] cannot hold as a number is
        /// written as a string of its digits.
        impl Json for $integer {
            fn read(reader: &Reader<'_>) -> Self {
                let integer = match reader.value() {
                    View::Number(number) => integer(number).map(Self::try_from).map(Result::ok),
                    View::BigInteger(digits) => Some(digits.parse().ok()),
                    // An integer that `write` turned into a string.
                    View::Text(digits) if Self::BITS > u64::BITS && is_wide(digits) => {
                        Some(digits.parse().ok())
                    }
                    _ => None,
                };
                match integer {
                    Some(Some(integer)) => return integer,
                    Some(None) => reader.fail(concat!(
                        "expected integer, found one that does not fit ",
                        stringify!($integer)
                    )),
                    None => reader.mismatch("integer"),
                }
                0
            }

            fn write(&self) -> Value {
                number(i128::from(*self))
            }
        }
    )*};
}

integers! { i64 u64 i128 }

/// An integer is read only if it can be held exactly; one that would be rounded
/// is an error. A number without a fraction is written as an integer, because
/// the server may have sent it as one.
///
/// JSON has no word for NaN and the infinities. They are written as strings
/// (`"NaN"`), which the server refuses by name: null would mean "not set".
impl Json for f64 {
    fn read(reader: &Reader<'_>) -> Self {
        let value = reader.value();
        if let Some(float) = float(value) {
            return float;
        }
        match value {
            View::Number(_) | View::BigInteger(_) => reader.fail(
                "expected number, found an integer that does not fit a floating-point number exactly",
            ),
            _ => reader.mismatch("number"),
        }
        0.0
    }

    fn write(&self) -> Value {
        if self.fract() == 0.0
            && self.abs() <= EXACT
            && let Some(integer) = exact(*self)
        {
            return number(integer);
        }
        Number::from_f64(*self).map_or_else(|| Value::String(self.to_string()), Value::Number)
    }
}

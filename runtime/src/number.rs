//! Numbers: JSON has one kind, Rust has many.

use serde_json::{Number, Value};

use crate::json::Json;
use crate::reader::Reader;
use crate::tape::View;

/// Up to here each integer has a `f64` of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The integer that a number stands for: `3` and `3.0`, but not `3.5`.
pub(crate) fn integer(number: &Number) -> Option<i128> {
    number.as_i128().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0).then(|| exact(float)).flatten()
    })
}

/// Whether two numbers are of the same value: `3` and `3.0`. Integers are not
/// compared as `f64`, where big ones that differ look the same.
pub(crate) fn same(one: &Number, other: &Number) -> bool {
    match (integer(one), integer(other)) {
        (None, None) => one.as_f64() == other.as_f64(),
        (one, other) => one == other,
    }
}

/// The integer that a `f64` without fraction stands for.
fn exact(float: f64) -> Option<i128> {
    // All digits are printed, none is made up: the shortest way from `f64` to
    // an integer that cannot round in silence.
    format!("{float:.0}").parse().ok()
}

/// The number that stands for an integer, rounded beyond what JSON can hold here.
fn number(integer: i128) -> Value {
    Number::from_i128(integer)
        .or_else(|| Number::from_f64(integer.to_string().parse().ok()?))
        .map_or(Value::Null, Value::Number)
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        /// Numbers with a zero fraction are read as well, those out of range are an error.
        impl Json for $integer {
            fn read(reader: &Reader<'_>) -> Self {
                let View::Number(number) = reader.value() else {
                    reader.mismatch("integer");
                    return 0;
                };
                let Some(integer) = integer(number) else {
                    reader.mismatch("integer");
                    return 0;
                };
                Self::try_from(integer).unwrap_or_else(|_| {
                    reader.fail(concat!(
                        "expected integer, found one that does not fit ",
                        stringify!($integer)
                    ));
                    0
                })
            }

            fn write(&self) -> Value {
                number(i128::from(*self))
            }
        }
    )*};
}

integers! { i64 u64 i128 }

/// A number without fraction is written as an integer, as the API's own
/// encoder may have sent it.
///
/// JSON has no word for NaN and the infinities. They are written as strings
/// (`"NaN"`), which the server refuses by name: null would mean "not set".
impl Json for f64 {
    fn read(reader: &Reader<'_>) -> Self {
        if let View::Number(number) = reader.value()
            && let Some(float) = number.as_f64()
        {
            return float;
        }
        reader.mismatch("number");
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

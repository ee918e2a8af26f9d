//! Numbers: JSON has one kind, Rust has many.

use serde_json::{Number, Value};

use crate::tape::View;

/// Up to here each integer has a `f64` of its own.
pub(crate) const EXACT: f64 = 9_007_199_254_740_992.0;
const EXACT_INTEGER: u128 = 1 << 53;

/// The integer that a number stands for: `3` and `3.0`, but not `3.5`.
pub(crate) fn integer(number: &Number) -> Option<i128> {
    number.as_i128().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0).then(|| exact(float)).flatten()
    })
}

/// Returns whether a number is an integer: by its digits, or as a float without
/// a fraction that no other integer shares.
pub(crate) fn is_whole(number: &Number) -> bool {
    number.as_i128().is_some()
        || number
            .as_f64()
            .is_some_and(|float| float.fract() == 0.0 && float.abs() <= EXACT)
}

/// Returns a number as an integer, rounded down.
pub(crate) fn floor(number: &Number) -> Option<i128> {
    number.as_i128().or_else(|| exact(number.as_f64()?.floor()))
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
pub(crate) fn exact(float: f64) -> Option<i128> {
    // All digits are printed, none is made up: the shortest way from `f64` to
    // an integer that cannot round in silence.
    format!("{float:.0}").parse().ok()
}

/// Returns a number as a float, unless it is an integer that would be rounded.
pub(crate) fn float(number: View<'_>) -> Option<f64> {
    match number {
        View::Number(number) => {
            let float = number.as_f64()?;
            match number.as_i128() {
                Some(integer) if integer.unsigned_abs() > EXACT_INTEGER => {
                    (exact(float) == Some(integer)).then_some(float)
                }
                _ => Some(float),
            }
        }
        View::BigInteger(digits) => digits
            .parse()
            .ok()
            .filter(|float| has_digits(*float, digits)),
        _ => None,
    }
}

/// Returns whether an `f64` is exactly the integer with these digits.
fn has_digits(float: f64, digits: &str) -> bool {
    format!("{float:.0}") == digits
}

/// Returns whether the written value is the integer with these digits.
pub(crate) fn is_integer(written: &Value, digits: &str) -> bool {
    match written {
        Value::String(written) => written == digits,
        Value::Number(written) => written
            .as_f64()
            .is_some_and(|float| has_digits(float, digits)),
        _ => false,
    }
}

//! Integers that a `Value` cannot hold as numbers.
//!
//! Types are written as [`Value`]s, in which such an integer is a string of its
//! digits. In text it can be a number. While a text is written, the integer is
//! therefore an object of a form that nothing else has; the object is replaced
//! by the number at the end.

use std::cell::Cell;

use serde::ser::{self, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::source::is_wide;

const KEY: &str = "$truenas_runtime::private::Integer";

#[derive(Clone, Copy, PartialEq)]
enum Target {
    Value,
    Text,
    /// Text, and an integer has been written as an object.
    TextWithIntegers,
}

thread_local! {
    /// The target of the values written on this thread.
    static TARGET: Cell<Target> = const { Cell::new(Target::Value) };
}

/// Writes an integer that a [`Value`] cannot hold as a number.
pub(crate) fn write_wide(digits: &str) -> Value {
    let digits = Value::String(digits.to_owned());
    if TARGET.get() == Target::Value {
        return digits;
    }
    TARGET.set(Target::TextWithIntegers);
    Value::Object(Map::from_iter([(KEY.to_owned(), digits)]))
}

/// Returns what `write` writes as a [`Value`].
pub(crate) fn value(write: impl FnOnce() -> Value) -> Value {
    write_as(Target::Value, write).0
}

/// Returns what `write` writes as text.
pub(crate) fn text(write: impl FnOnce() -> Value) -> String {
    let (written, target) = write_as(Target::Text, write);
    if target == Target::TextWithIntegers {
        // This cannot fail: keys are strings and numbers are finite.
        serde_json::to_string(&Text(&written)).unwrap_or_default()
    } else {
        written.to_string()
    }
}

/// Returns what `write` writes, or `None` if there is an integer in it that a
/// [`Value`] has no number for.
pub(crate) fn narrow<T>(write: impl FnOnce() -> T) -> Option<T> {
    let (written, target) = write_as(Target::Text, write);
    (target == Target::Text).then_some(written)
}

fn write_as<T>(target: Target, write: impl FnOnce() -> T) -> (T, Target) {
    let _reset = Reset(TARGET.replace(target));
    let written = write();
    (written, TARGET.get())
}

/// Restores the previous target when dropped, even if writing a type panics.
struct Reset(Target);

impl Drop for Reset {
    fn drop(&mut self) {
        TARGET.set(self.0);
    }
}

/// A written value that displays as text.
struct Text<'v>(&'v Value);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => match map.get(KEY).and_then(Value::as_str) {
                Some(digits) if map.len() == 1 && is_wide(digits) => number(digits)
                    .map_err(ser::Error::custom)?
                    .serialize(serializer),
                _ => serializer.collect_map(map.iter().map(|(key, value)| (key, Text(value)))),
            },
            Value::Array(items) => serializer.collect_seq(items.iter().map(Text)),
            other => other.serialize(serializer),
        }
    }
}

/// Returns a number that `serde_json` writes with these digits.
pub(crate) fn number(digits: &str) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(digits.to_owned())
}

//! JSON that this version's schema does not know.

use std::fmt;

use serde_json::Value;

use crate::json::Json;
use crate::number::integer;
use crate::reader::Reader;

/// JSON as it came, where the schema has no type for it.
///
/// What it holds is not known, so it may be secret, and `Debug` shows only of
/// what kind it is.
///
/// ```
/// use truenas_runtime::{Raw, from_str};
///
/// let raw: Raw = from_str(r#"{"password": "hunter2"}"#)?;
/// assert_eq!(format!("{raw:?}"), "Raw(object)");
/// assert_eq!(raw.0["password"], "hunter2");
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Raw(pub Value);

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Value::Null => "Raw(null)",
            Value::Bool(_) => "Raw(boolean)",
            Value::Number(number) if integer(number).is_some() => "Raw(integer)",
            Value::Number(_) => "Raw(number)",
            Value::String(_) => "Raw(string)",
            Value::Array(_) => "Raw(array)",
            Value::Object(_) => "Raw(object)",
        })
    }
}

impl Json for Raw {
    fn read(reader: &Reader<'_>) -> Self {
        Self(reader.raw())
    }

    fn write(&self) -> Value {
        self.0.clone()
    }
}

//! JSON that this version's schema does not know.

use std::fmt;

use serde_json::Value;

use crate::json::Json;
use crate::kinds::kind_name;
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
        write!(f, "Raw({})", kind_name(&self.0))
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

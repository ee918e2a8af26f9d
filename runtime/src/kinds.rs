//! The kinds of JSON values, as sets.

use std::fmt;

use crate::number::is_whole;
use crate::tape::View;

/// A set of kinds of JSON values: what a type can be read from.
///
/// ```
/// use truenas_runtime::Kinds;
///
/// const NAME_OR_ID: Kinds = Kinds::STRING.or(Kinds::INTEGER);
/// assert_eq!(NAME_OR_ID.to_string(), "integer or string");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// `null`
    pub const NULL: Self = Self(1);
    /// `true` and `false`
    pub const BOOLEAN: Self = Self(1 << 1);
    /// Numbers without a fraction.
    pub const INTEGER: Self = Self(1 << 2);
    /// All numbers, integers as well.
    pub const NUMBER: Self = Self((1 << 2) | (1 << 3));
    /// Strings.
    pub const STRING: Self = Self(1 << 4);
    /// Arrays.
    pub const ARRAY: Self = Self(1 << 5);
    /// Objects.
    pub const OBJECT: Self = Self(1 << 6);
    /// Whatever JSON can say.
    pub const ANY: Self = Self(0b0111_1111);

    /// The kinds of both sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a value is of one of these kinds.
    pub(crate) fn fit(self, value: View<'_>) -> bool {
        let bit = match value {
            View::Null => Self::NULL.0,
            View::Bool(_) => Self::BOOLEAN.0,
            View::BigInteger(_) => Self::INTEGER.0,
            View::Number(number) if is_whole(number) => Self::INTEGER.0,
            View::Number(_) => 1 << 3,
            View::Text(_) => Self::STRING.0,
            View::Array(_) => Self::ARRAY.0,
            View::Object(_) => Self::OBJECT.0,
        };
        self.0 & bit != 0
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ANY {
            return f.write_str("any value");
        }
        let mut names = Vec::new();
        for (kind, name) in [
            (Self::NULL, "null"),
            (Self::BOOLEAN, "boolean"),
            (Self::NUMBER, "number"),
            (Self::INTEGER, "integer"),
            (Self::STRING, "string"),
            (Self::ARRAY, "array"),
            (Self::OBJECT, "object"),
        ] {
            let covered = kind == Self::INTEGER && names.contains(&"number");
            if self.0 & kind.0 == kind.0 && !covered {
                names.push(name);
            }
        }
        f.write_str(&names.join(" or "))
    }
}

/// The name of a value's kind.
pub(crate) fn kind_name(value: View<'_>) -> &'static str {
    match value {
        View::Null => "null",
        View::Bool(_) => "boolean",
        View::BigInteger(_) => "integer",
        View::Number(number) if is_whole(number) => "integer",
        View::Number(_) => "number",
        View::Text(_) => "string",
        View::Array(_) => "array",
        View::Object(_) => "object",
    }
}

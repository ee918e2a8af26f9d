//! Where in a JSON file something stands.

use std::fmt;

use serde_path_to_error::Segment;

/// A JSON path: `$.versions[0].methods[3]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(String);

impl Path {
    pub(super) fn root() -> Self {
        Path("$".to_owned())
    }

    /// The path of a key of the object at this path.
    pub(super) fn key(&self, key: &str) -> Self {
        let plain = key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'));
        if plain && !key.is_empty() {
            Path(format!("{}.{key}", self.0))
        } else {
            Path(format!("{}[{key:?}]", self.0))
        }
    }

    /// The path of an element of the array at this path.
    pub(super) fn index(&self, index: usize) -> Self {
        Path(format!("{}[{index}]", self.0))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<&serde_path_to_error::Path> for Path {
    fn from(path: &serde_path_to_error::Path) -> Self {
        path.iter()
            .fold(Path::root(), |parent, segment| match segment {
                Segment::Seq { index } => parent.index(*index),
                Segment::Map { key } => parent.key(key),
                Segment::Enum { variant } => parent.key(variant),
                Segment::Unknown => parent,
            })
    }
}

//! Where in a message a finding is.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// A path in the JSON of a message: `params[0].options<FILESYSTEM>.quota`.
///
/// It starts with what the message is: `params[0]`, `result`, the kind of an
/// event such as `ADDED`, or `subscription`. What follows is `.key`, `[]` for
/// the items of a list, `[1]` for one place of a tuple, `{}` for the values of
/// a map, and `<…>` for one case of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Path(Vec<Segment>);

/// A step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// What the message is.
    Root(String),
    /// The value under a key.
    Key(String),
    /// One place of a list.
    Index(usize),
    /// Every item of a list.
    Items,
    /// Every value of an object whose keys are data.
    Values,
    /// One case of a choice.
    Case(String),
}

impl Path {
    /// A path that starts here.
    #[must_use]
    pub fn root(name: &str) -> Self {
        Self(vec![Segment::Root(name.to_owned())])
    }

    /// The path one step further.
    #[must_use]
    pub fn then(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// Whether it names a whole method or event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The path of the object, and the key in it, if it ends in a key.
    #[must_use]
    pub fn split_key(&self) -> Option<(Self, &str)> {
        match self.0.split_last()? {
            (Segment::Key(key), object) => Some((Self(object.to_vec()), key)),
            _ => None,
        }
    }

    /// The keys on the way.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            _ => None,
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Root(name) => f.write_str(name),
            Segment::Key(key) if is_plain(key) => write!(f, ".{key}"),
            Segment::Key(key) => write!(f, "[{key:?}]"),
            Segment::Index(index) => write!(f, "[{index}]"),
            Segment::Items => f.write_str("[]"),
            Segment::Values => f.write_str("{}"),
            Segment::Case(name) => write!(f, "<{name}>"),
        })
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_')
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Path {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Path".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Where in the message, such as `params[0].options<FILESYSTEM>.quota`; empty for the whole method or event",
        })
    }
}

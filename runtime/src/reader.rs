//! A place in a JSON value, and what went wrong on the way there.

use std::cell::OnceCell;
use std::fmt::Write as _;

use serde_json::Value;

use crate::error::DecodeError;
use crate::kinds::kind_name;
use crate::memo::Memo;
use crate::tape::{MAX_DEPTH, Node, View};

/// How much a reader lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// For answers: what is unknown is ignored or kept, and a missing key
    /// reads as "none" where the type has such a value.
    Lenient,
    /// Required keys must be there and constants must match: enough to tell
    /// objects apart.
    Shape,
    /// Nothing may be lost: unknown keys and words are errors as well.
    Strict,
    /// There is no value: every key is missing, and nothing is an error.
    Blank,
}

pub(crate) struct State<'a> {
    mode: Mode,
    error: OnceCell<DecodeError>,
    memo: Option<&'a Memo>,
    /// Whether what is read is thrown away and will be read again.
    trial: bool,
}

impl<'a> State<'a> {
    pub(crate) fn new(mode: Mode, memo: Option<&'a Memo>, trial: bool) -> Self {
        Self {
            mode,
            error: OnceCell::new(),
            memo,
            trial,
        }
    }

    pub(crate) fn finish<T>(self, value: T) -> Result<T, DecodeError> {
        match self.error.into_inner() {
            Some(error) => Err(error),
            None => Ok(value),
        }
    }
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Root,
    Key(&'a Reader<'a>, &'a str),
    Index(&'a Reader<'a>, usize),
}

/// A place in a JSON value that a type is read from.
///
/// The first error is kept, and from then on everything reads as blank: the
/// code that reads a type has no error to handle. [`from_value`] gives the
/// error to the caller.
///
/// [`from_value`]: crate::from_value
pub struct Reader<'a> {
    node: Node<'a>,
    place: Place<'a>,
    depth: u8,
    /// None for the reader of [`NOTHING`].
    state: Option<&'a State<'a>>,
}

/// What a blank value is read from: nothing is there, and nothing is an error.
pub(crate) const NOTHING: Reader<'static> = Reader {
    node: Node::NULL,
    place: Place::Root,
    depth: 0,
    state: None,
};

impl<'a> Reader<'a> {
    pub(crate) fn new(node: Node<'a>, state: &'a State<'a>) -> Self {
        Self {
            node,
            place: Place::Root,
            depth: 0,
            state: Some(state),
        }
    }

    /// The value here; null once reading has failed.
    pub(crate) fn value(&self) -> View<'a> {
        self.node().view()
    }

    /// The place of the value here.
    pub(crate) fn node(&self) -> Node<'a> {
        if self.failed() { Node::NULL } else { self.node }
    }

    pub(crate) fn mode(&self) -> Mode {
        self.state.map_or(Mode::Blank, |state| state.mode)
    }

    pub(crate) fn memo(&self) -> Option<&'a Memo> {
        self.state.and_then(|state| state.memo)
    }

    /// Whether what is read now is thrown away and will be read again.
    pub(crate) fn is_trial(&self) -> bool {
        self.state.is_some_and(|state| state.trial)
    }

    pub(crate) fn failed(&self) -> bool {
        self.state.is_some_and(|state| state.error.get().is_some())
    }

    /// The value of a key of the object here; `None` for a key that is not there.
    pub(crate) fn key<'r>(&'r self, key: &'r str, value: Option<Node<'r>>) -> Reader<'r> {
        self.child(Place::Key(self, key), value)
    }

    /// An item of the array here; `None` for one behind its end.
    pub(crate) fn index<'r>(&'r self, index: usize, value: Option<Node<'r>>) -> Reader<'r> {
        self.child(Place::Index(self, index), value)
    }

    fn child<'r>(&'r self, place: Place<'r>, value: Option<Node<'r>>) -> Reader<'r> {
        if self.depth >= MAX_DEPTH {
            self.fail(&format!("nested more than {MAX_DEPTH} deep"));
        }
        Reader {
            node: value.unwrap_or(Node::NULL),
            place,
            depth: self.depth.saturating_add(1),
            state: self.state,
        }
    }

    /// Reads the same place on trial: an error stays in the answer and does
    /// not fail this reader.
    pub(crate) fn attempt<T>(
        &self,
        mode: Mode,
        read: impl FnOnce(&Reader<'_>) -> T,
    ) -> Result<T, DecodeError> {
        let state = State::new(mode, self.memo(), true);
        let value = read(&Reader {
            node: self.node,
            place: self.place,
            depth: self.depth,
            state: Some(&state),
        });
        state.finish(value)
    }

    /// Records that the value here cannot be read, and why.
    ///
    /// For a type that is written by hand. The message must not repeat what
    /// the value holds. After the first one nothing more is recorded.
    ///
    /// ```
    /// use truenas_runtime::{Json, Reader, Value, from_str};
    ///
    /// #[derive(Debug)]
    /// struct Port(u16);
    ///
    /// impl Json for Port {
    ///     fn read(reader: &Reader<'_>) -> Self {
    ///         Self(u16::try_from(i64::read(reader)).unwrap_or_else(|_| {
    ///             reader.fail("expected a port number");
    ///             0
    ///         }))
    ///     }
    ///
    ///     fn write(&self) -> Value {
    ///         self.0.into()
    ///     }
    /// }
    ///
    /// let error = from_str::<Port>("70000").unwrap_err();
    /// assert_eq!(error.to_string(), "at `$`: expected a port number");
    /// ```
    pub fn fail(&self, message: &str) {
        if let (false, Some(state)) = (self.failed(), self.state) {
            // Cannot be set already: that was just looked up.
            let _ = state
                .error
                .set(DecodeError::new(self.path(), message.to_owned()));
        }
    }

    /// Records that there is another kind of value here.
    pub(crate) fn mismatch(&self, expected: &str) {
        self.fail(&format!(
            "expected {expected}, found {}",
            kind_name(self.node.view())
        ));
    }

    /// Records that there is nothing here, at the place that should hold it.
    pub(crate) fn missing(&self) {
        match self.place {
            Place::Root => self.fail("missing value"),
            Place::Key(parent, key) => parent.fail(&format!("missing key `{key}`")),
            Place::Index(parent, index) => parent.fail(&format!("missing item {index}")),
        }
    }

    /// Where this is, as a JSON path.
    pub(crate) fn path(&self) -> String {
        let mut path = match self.place {
            Place::Root => String::from("$"),
            Place::Key(parent, _) | Place::Index(parent, _) => parent.path(),
        };
        // Writing to a string cannot fail.
        let _ = match self.place {
            Place::Root => Ok(()),
            Place::Key(_, key) if is_identifier(key) => write!(path, ".{key}"),
            Place::Key(_, key) => write!(path, "[{key:?}]"),
            Place::Index(_, index) => write!(path, "[{index}]"),
        };
        path
    }

    /// The text here; an error if the value is no string.
    ///
    /// ```
    /// # use truenas_runtime::{Json, Reader, Value, from_str};
    /// struct Name(String);
    ///
    /// impl Json for Name {
    ///     fn read(reader: &Reader<'_>) -> Self {
    ///         Self(reader.text())
    ///     }
    ///
    ///     fn write(&self) -> Value {
    ///         self.0.as_str().into()
    ///     }
    /// }
    ///
    /// assert_eq!(from_str::<Name>(r#""tank""#)?.0, "tank");
    /// # Ok::<(), truenas_runtime::DecodeError>(())
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        if let View::Text(text) = self.value() {
            text.to_owned()
        } else {
            self.mismatch("string");
            String::new()
        }
    }

    /// The value here as it came.
    ///
    /// ```
    /// # use truenas_runtime::{Json, Reader, Value, from_str};
    /// struct Anything(Value);
    ///
    /// impl Json for Anything {
    ///     fn read(reader: &Reader<'_>) -> Self {
    ///         Self(reader.raw())
    ///     }
    ///
    ///     fn write(&self) -> Value {
    ///         self.0.clone()
    ///     }
    /// }
    ///
    /// assert_eq!(from_str::<Anything>("[1, null]")?.0.to_string(), "[1,null]");
    /// # Ok::<(), truenas_runtime::DecodeError>(())
    /// ```
    #[must_use]
    pub fn raw(&self) -> Value {
        self.node().to_value()
    }
}

fn is_identifier(key: &str) -> bool {
    let rest = key.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '_');
    rest.len() < key.len() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

//! What a server answered, as text until it is read as a type.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::error::DecodeError;
use crate::json::{self, Json};
use crate::text;

/// A JSON value as text, the way it came.
///
/// Cheap to clone: a copy is of the same text. What it holds may be secret, so
/// `Debug` shows only how long it is.
///
/// ```
/// use truenas_runtime::Answer;
///
/// let answer = Answer::from("[1, 2]".to_owned());
/// assert_eq!(answer.read::<Vec<i64>>()?, [1, 2]);
/// assert_eq!(format!("{answer:?}"), "Answer(6 bytes)");
/// # Ok::<(), truenas_runtime::DecodeError>(())
/// ```
#[derive(Clone)]
pub struct Answer {
    message: Arc<dyn AsRef<str> + Send + Sync>,
    range: Range<usize>,
}

impl Answer {
    /// The part of a message that is the value; empty if there is no such part.
    #[cfg(feature = "client")]
    pub(crate) fn within(message: Arc<dyn AsRef<str> + Send + Sync>, range: Range<usize>) -> Self {
        Self { message, range }
    }

    /// The answer that is a part of this one's text.
    #[cfg(feature = "client")]
    pub(crate) fn part(&self, raw: &serde_json::value::RawValue) -> Self {
        // What was read from the text without a copy stands in the text.
        let start = raw
            .get()
            .as_ptr()
            .addr()
            .saturating_sub(self.text().as_ptr().addr());
        self.slice(start..start.saturating_add(raw.get().len()))
    }

    /// Returns this part of the text as an answer.
    pub(crate) fn slice(&self, part: Range<usize>) -> Self {
        let start = self.range.start.saturating_add(part.start);
        Self {
            message: self.message.clone(),
            range: start..start.saturating_add(part.len()),
        }
    }

    /// The text of the value.
    #[must_use]
    pub fn text(&self) -> &str {
        let message = (*self.message).as_ref();
        message.get(self.range.clone()).unwrap_or_default()
    }

    /// Reads the value as a type.
    ///
    /// # Errors
    ///
    /// A text that is no JSON, or a value that does not fit the type. The
    /// error keeps this answer, see [`DecodeError::answer`].
    pub fn read<T: Json>(&self) -> Result<T, DecodeError> {
        json::from_str(self.text()).map_err(|error| error.with_answer(self))
    }

    /// Returns the value without a type.
    ///
    /// An integer that a [`Value`] has no number for, because neither `i64` nor
    /// `u64` can hold it, becomes a string of its digits; a number would be
    /// rounded.
    ///
    /// # Errors
    ///
    /// A text that is no JSON.
    pub fn value(&self) -> Result<Value, DecodeError> {
        text::parse(self.text()).map_err(|error| error.with_answer(self))
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        let range = 0..text.len();
        Self {
            message: Arc::new(text),
            range,
        }
    }
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        value.to_string().into()
    }
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Answer {}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({} bytes)", self.text().len())
    }
}

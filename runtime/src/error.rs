//! What a value that does not fit its type is answered with.

use std::borrow::Cow;
use std::fmt;

use crate::answer::Answer;
use crate::method::MethodInfo;

/// A JSON value does not fit the type it was read as.
///
/// Says where and why, and never repeats what the value held: errors end up in
/// logs, and a value can be a secret.
///
/// ```
/// let error = truenas_runtime::from_str::<Vec<bool>>("[true, 1]").unwrap_err();
/// assert_eq!(error.path(), "$[1]");
/// assert_eq!(error.message(), "expected boolean, found integer");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    method: Option<Cow<'static, str>>,
    path: String,
    message: String,
    answer: Option<Answer>,
    /// The number of entries of a list that could not be read, and the number
    /// of all entries.
    entries: Option<(usize, usize)>,
    /// Whether the call that was answered like this may have changed something.
    may_have_changed: bool,
}

impl DecodeError {
    pub(crate) fn new(path: String, message: String) -> Self {
        Self(Box::new(Details {
            method: None,
            path,
            message,
            answer: None,
            entries: None,
            may_have_changed: false,
        }))
    }

    /// The same error, keeping what could not be read.
    pub(crate) fn with_answer(mut self, answer: &Answer) -> Self {
        self.0.answer = Some(answer.clone());
        self
    }

    /// Returns the same error with the entry's index in the list.
    pub(crate) fn of_entry(mut self, index: usize) -> Self {
        let inside = self.0.path.strip_prefix('$').unwrap_or(&self.0.path);
        self.0.path = format!("$[{index}]{inside}");
        self
    }

    /// Returns the same error, of a list's first entry that does not fit, with
    /// the number of all such entries.
    pub(crate) fn of_entries(mut self, unread: usize, total: usize) -> Self {
        self.0.entries = Some((unread, total));
        self
    }

    /// The same error, saying which method the value belongs to.
    ///
    /// ```
    /// let error = truenas_runtime::from_str::<bool>("1").unwrap_err().of_method("core.ping");
    /// assert_eq!(error.to_string(), "core.ping: at `$`: expected boolean, found integer");
    /// ```
    #[must_use]
    pub fn of_method(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.method = Some(name.into());
        self
    }

    /// The same error of the answer to a call.
    pub(crate) fn of_call(mut self, method: &'static MethodInfo) -> Self {
        self.0.may_have_changed = !method.reads_only;
        self.of_method(method.name)
    }

    /// Returns whether the answer is that to a call that may have changed
    /// something.
    #[cfg(feature = "client")]
    pub(crate) fn may_have_changed(&self) -> bool {
        self.0.may_have_changed
    }

    /// The method whose parameters or result were read, where known.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.0.method.as_deref()
    }

    /// Where in the value, as a JSON path: `$.vdevs[0].size`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Returns the text that could not be read, if it was an answer of the
    /// server or an entry of an answer.
    ///
    /// For errors of `each` and of streams this is the entry, for all others
    /// the whole answer.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        self.0.answer.as_ref()
    }

    /// What was expected and what was found.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(method) = &self.0.method {
            write!(f, "{method}: ")?;
        }
        write!(f, "at `{}`: {}", self.0.path, self.0.message)?;
        let Some((unread, total)) = self.0.entries else {
            return Ok(());
        };
        write!(f, "; {unread} of {total} entries cannot be read")?;
        if unread < total {
            f.write_str(": call `each` to get the others")?;
        }
        Ok(())
    }
}

impl std::error::Error for DecodeError {}

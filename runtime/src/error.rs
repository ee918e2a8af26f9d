//! What a value that does not fit its type is answered with.

use std::borrow::Cow;
use std::fmt;

use crate::answer::Answer;

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
pub struct DecodeError {
    method: Option<Cow<'static, str>>,
    path: String,
    message: String,
    answer: Option<Answer>,
}

impl DecodeError {
    pub(crate) fn new(path: String, message: String) -> Self {
        Self {
            method: None,
            path,
            message,
            answer: None,
        }
    }

    /// The same error, keeping what could not be read.
    pub(crate) fn with_answer(mut self, answer: &Answer) -> Self {
        self.answer = Some(answer.clone());
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
        self.method = Some(name.into());
        self
    }

    /// The method whose parameters or result were read, where known.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }

    /// Where in the value, as a JSON path: `$.vdevs[0].size`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The answer that could not be read, as it came, where it was one.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// What was expected and what was found.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(method) = &self.method {
            write!(f, "{method}: ")?;
        }
        write!(f, "at `{}`: {}", self.path, self.message)
    }
}

impl std::error::Error for DecodeError {}

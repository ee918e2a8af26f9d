//! Enums of strings.

use serde_json::Value;

use crate::reader::{Mode, Reader};
use crate::tape::View;

/// So many words are named in an error.
const NAMED: usize = 12;

impl Reader<'_> {
    /// Which of the words is here; `None` for another string, which the caller
    /// keeps as it is.
    ///
    /// ```
    /// use truenas_runtime::{Json, Reader, Value, from_str, to_string, word};
    ///
    /// #[derive(Debug, PartialEq)]
    /// enum Sync {
    ///     Standard,
    ///     Always,
    ///     Unknown(String),
    /// }
    ///
    /// impl Json for Sync {
    ///     fn read(reader: &Reader<'_>) -> Self {
    ///         match reader.word(&["STANDARD", "ALWAYS"]) {
    ///             Some(0) => Self::Standard,
    ///             Some(1) => Self::Always,
    ///             _ => Self::Unknown(reader.text()),
    ///         }
    ///     }
    ///
    ///     fn write(&self) -> Value {
    ///         word(match self {
    ///             Self::Standard => "STANDARD",
    ///             Self::Always => "ALWAYS",
    ///             Self::Unknown(other) => other,
    ///         })
    ///     }
    /// }
    ///
    /// assert_eq!(from_str::<Sync>(r#""ALWAYS""#)?, Sync::Always);
    /// assert_eq!(to_string(&from_str::<Sync>(r#""NEW""#)?), r#""NEW""#);
    /// # Ok::<(), truenas_runtime::DecodeError>(())
    /// ```
    #[must_use]
    pub fn word(&self, words: &[&str]) -> Option<usize> {
        let View::Text(text) = self.value() else {
            self.mismatch("string");
            return None;
        };
        let found = words.iter().position(|word| *word == text);
        if found.is_none() && self.mode() == Mode::Strict {
            self.fail(&format!("expected {}, found another string", one_of(words)));
        }
        found
    }
}

pub(crate) fn one_of(words: &[&str]) -> String {
    let named: Vec<_> = words
        .iter()
        .take(NAMED)
        .map(|word| format!("`{word}`"))
        .collect();
    let more = if words.len() > NAMED { ", …" } else { "" };
    format!("one of {}{more}", named.join(", "))
}

/// A word as JSON.
#[must_use]
pub fn word(word: &str) -> Value {
    Value::String(word.to_owned())
}

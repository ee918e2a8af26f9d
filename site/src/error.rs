//! Why a page cannot be read, and where on it.

use std::fmt::{self, Display};

/// Why a page cannot be read, and where on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageError {
    /// The file, as the caller called it.
    pub page: String,
    /// The element: where it stands, by the ids around it, and what it is
    /// (`#Return_value > span.badge`).
    pub element: String,
    /// What is wrong there.
    pub message: String,
}

impl Display for PageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}: {}",
            self.page, self.element, self.message
        )
    }
}

impl std::error::Error for PageError {}

/// The same while the page's name is not at hand.
#[derive(Debug)]
pub(crate) struct Fault {
    element: String,
    message: String,
}

/// What a page quotes may be as long as the page.
const MAX_LENGTH: usize = 400;

fn shorten(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_LENGTH) {
        text.truncate(end);
        text.push('…');
    }
    text
}

pub(crate) type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    pub(crate) fn new(element: impl Display, message: impl Display) -> Self {
        Fault {
            element: shorten(element.to_string()),
            message: shorten(message.to_string()),
        }
    }

    /// The same fault, found inside of the element that has this id. Ids on
    /// these pages hold the whole path, so the innermost is enough.
    pub(crate) fn within(mut self, id: &str) -> Self {
        if !id.is_empty() && !self.element.starts_with('#') {
            self.element = shorten(format!("#{id} > {}", self.element));
        }
        self
    }

    pub(crate) fn on(self, page: &str) -> PageError {
        PageError {
            page: page.to_owned(),
            element: self.element,
            message: self.message,
        }
    }
}

//! Regular expressions as Python reads them.

use regex::{Regex, RegexBuilder};

use super::super::Failure;

/// What a regular expression may take up, compiled.
const SIZE: usize = 1 << 20;

/// A regular expression, and where it is tried.
#[derive(Debug)]
pub(super) struct Pattern {
    pattern: Regex,
    /// Whether the text must not match.
    negative: bool,
}

impl Pattern {
    /// One that is tried at the start of a text only.
    pub(super) fn at_start(expression: &str) -> Result<Self, Failure> {
        Ok(Self {
            pattern: build(&format!("^(?:{})", translated(expression)), false)?,
            negative: false,
        })
    }

    /// One that is searched in a text without regard to case.
    pub(super) fn anywhere(expression: &str) -> Result<Self, Failure> {
        // The only form of looking ahead that is known here.
        let negative = expression
            .strip_prefix("^(?!")
            .and_then(|rest| rest.strip_suffix(')'));
        let searched = match negative {
            Some(inner) => format!("^(?:{})", translated(inner)),
            None => translated(expression),
        };
        Ok(Self {
            pattern: build(&searched, true)?,
            negative: negative.is_some(),
        })
    }

    pub(super) fn finds(&self, text: &str) -> bool {
        self.pattern.is_match(text) != self.negative
    }
}

fn build(expression: &str, ignore_case: bool) -> Result<Regex, Failure> {
    RegexBuilder::new(expression)
        .case_insensitive(ignore_case)
        .size_limit(SIZE)
        .build()
        .map_err(|error| Failure::raised("re.error", &error.to_string()))
}

/// What Python writes in another way: `\Z`, and `(?a:` for ASCII.
fn translated(expression: &str) -> String {
    let mut translated = String::new();
    let mut chars = expression.chars();
    while let Some(char) = chars.next() {
        translated.push(char);
        if char == '\\' {
            match chars.next() {
                Some('Z') => translated.push('z'),
                other => translated.extend(other),
            }
        }
        if translated.ends_with("(?a:") {
            translated.truncate(translated.len().saturating_sub(2));
            translated.push_str("-u:");
        }
    }
    translated
}

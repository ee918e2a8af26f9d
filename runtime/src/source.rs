//! Texts to parse, with integers that `serde_json` would round.
//!
//! `serde_json` turns integers that neither `i64` nor `u64` can hold into
//! floats. Its feature `arbitrary_precision` would keep them, but it applies to
//! the whole program of a user. Here such integers are hidden from it: each is
//! replaced by a string of the same length, and the digits are taken from the
//! original text when the string is visited. All positions stay the same, and
//! no string of the original text can be mistaken for a hidden integer.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Deserializer;
use serde_json::de::StrRead;

/// The minimum number of digits of such an integer: `-9223372036854775809` has
/// 19.
const FEWEST: usize = 19;

/// A text to parse.
pub(crate) struct Source<'t> {
    original: &'t str,
    /// The same text with the wide integers hidden.
    masked: Cow<'t, str>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let masked = replaced(text, &mut |literal| {
            let filler = literal.len().saturating_sub(2);
            format!("\"{}\"", "#".repeat(filler))
        });
        Self {
            original: text,
            masked,
        }
    }

    pub(crate) fn parser(&self) -> Deserializer<StrRead<'_>> {
        Deserializer::from_str(&self.masked)
    }

    /// Returns whether any integer is hidden.
    pub(crate) fn is_masked(&self) -> bool {
        matches!(self.masked, Cow::Owned(_))
    }

    /// Returns the hidden integer behind a string of the masked text, or `None`
    /// if the original text has a string there.
    pub(crate) fn integer(&self, string: &str) -> Option<&'t str> {
        let offset = string
            .as_ptr()
            .addr()
            .checked_sub(self.masked.as_ptr().addr())?;
        let start = offset.checked_sub(1)?;
        let end = offset.checked_add(string.len())?.checked_add(1)?;
        let literal = self.original.get(start..end)?;
        (!literal.starts_with('"')).then_some(literal)
    }
}

/// Returns the text with each wide integer turned into a string of its digits.
pub(crate) fn with_strings(text: &str) -> Cow<'_, str> {
    replaced(text, &mut |literal| format!("\"{literal}\""))
}

/// Returns whether a literal is an integer that neither `i64` nor `u64` can
/// hold, written as JSON writes it.
pub(crate) fn is_wide(literal: &str) -> bool {
    let digits = literal.strip_prefix('-').unwrap_or(literal);
    digits.len() >= FEWEST
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && literal.parse::<i64>().is_err()
        && literal.parse::<u64>().is_err()
}

fn replaced<'t>(text: &'t str, replace: &mut dyn FnMut(&str) -> String) -> Cow<'t, str> {
    if !may_hold_wide(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for range in numbers(text) {
        let Some(literal) = text.get(range.clone()).filter(|literal| is_wide(literal)) else {
            continue;
        };
        out.push_str(text.get(copied..range.start).unwrap_or_default());
        out.push_str(&replace(literal));
        copied = range.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// Returns whether there is a wide integer, or a string that looks like one.
/// Nearly all texts have neither, so this only looks at one byte in 19.
fn may_hold_wide(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Of 19 consecutive digits, one is at such a position.
    let mut place = FEWEST;
    while let Some(byte) = bytes.get(place.wrapping_sub(1)) {
        if byte.is_ascii_digit() {
            let digits = digits_around(bytes, place);
            place = digits.end;
            if stands_alone(bytes, &digits) && text.get(signed(bytes, digits)).is_some_and(is_wide)
            {
                return true;
            }
        }
        place = place.saturating_add(FEWEST);
    }
    false
}

/// Returns the digits before and after a position.
fn digits_around(bytes: &[u8], middle: usize) -> Range<usize> {
    let (before, after) = bytes.split_at_checked(middle).unwrap_or((bytes, &[]));
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let before = before.iter().rev().take_while(is_digit).count();
    let after = after.iter().take_while(is_digit).count();
    middle.saturating_sub(before)..middle.saturating_add(after)
}

fn signed(bytes: &[u8], digits: Range<usize>) -> Range<usize> {
    match digits.start.checked_sub(1) {
        Some(before) if bytes.get(before) == Some(&b'-') => before..digits.end,
        _ => digits,
    }
}

/// Returns whether the digits may be a value: not a part of a string or of a
/// float.
fn stands_alone(bytes: &[u8], digits: &Range<usize>) -> bool {
    let start = signed(bytes, digits.clone()).start;
    let before = start.checked_sub(1).and_then(|before| bytes.get(before));
    let after = bytes.get(digits.end);
    matches!(
        before,
        None | Some(b'[' | b':' | b',' | b' ' | b'\t' | b'\n' | b'\r')
    ) && matches!(
        after,
        None | Some(b']' | b'}' | b',' | b' ' | b'\t' | b'\n' | b'\r')
    )
}

/// Returns the positions of numbers outside of strings.
fn numbers(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at: usize = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at;
            let rest = bytes.get(start..)?;
            at = start.saturating_add(match rest.first()? {
                b'"' => string_length(rest),
                b'-' | b'0'..=b'9' => {
                    let part_of_number =
                        |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                    let length = rest.iter().take_while(part_of_number).count();
                    at = start.saturating_add(length);
                    return Some(start..at);
                }
                _ => 1,
            });
        }
    })
}

/// Returns the length in bytes of the string that begins here, including its
/// quotes.
pub(crate) fn string_length(bytes: &[u8]) -> usize {
    let mut length: usize = 1;
    let mut escaped = false;
    for byte in bytes.iter().skip(1) {
        length = length.saturating_add(1);
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => break,
            _ => {}
        }
    }
    length
}

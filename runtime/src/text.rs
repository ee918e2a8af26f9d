//! Texts that are read as types.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, Error as _, SeqAccess, Visitor};
use serde_json::Value;

use crate::error::DecodeError;
use crate::json::read_node;
use crate::reader::{Mode, Reader};
use crate::source::Source;
use crate::tape::{Node, Tape};

const ROOT: &str = "$";

/// What Python's encoder writes for floats that JSON has no word for.
const NO_JSON: [&str; 2] = ["NaN", "Infinity"];

/// Parses a text. An integer that a [`Value`] cannot hold as a number becomes a
/// string of its digits.
pub(crate) fn parse(text: &str) -> Result<Value, DecodeError> {
    parse_with(text, |digits| Value::String(digits.to_owned()))
}

/// Parses a text, with `wide` for such integers.
pub(crate) fn parse_with(text: &str, wide: fn(&str) -> Value) -> Result<Value, DecodeError> {
    let source = Source::new(text);
    if source.is_masked() {
        return parse_whole(text, &source).map(|tape| tape.node().to_value_with(wide));
    }
    serde_json::from_str(text).map_err(|error| not_json(text, ROOT.to_owned(), &error))
}

/// Parses a text and then reads it.
pub(crate) fn read_whole<T>(
    text: &str,
    read: impl FnOnce(&Reader<'_>) -> T,
) -> Result<T, DecodeError> {
    let source = Source::new(text);
    let tape = parse_whole(text, &source)?;
    read_node(tape.node(), Mode::Lenient, read)
}

fn parse_whole<'t>(text: &str, source: &'t Source<'t>) -> Result<Tape<'t>, DecodeError> {
    let mut parser = source.parser();
    let mut tape = Tape::of(source);
    let parsed = tape
        .refill()
        .deserialize(&mut parser)
        .and_then(|()| parser.end());
    parsed.map_err(|error| not_json(text, ROOT.to_owned(), &error))?;
    Ok(tape)
}

/// Calls `read` at each item of a list as soon as it is parsed, so that no more
/// than one is there in both forms.
pub(crate) fn read_each(text: &str, read: &mut dyn FnMut(&Reader<'_>)) -> Result<(), DecodeError> {
    if !text.trim_ascii_start().starts_with('[') {
        return read_whole(text, |reader| reader.each_item(read));
    }
    let mut next = 0;
    let mut failure = None;
    let source = Source::new(text);
    let items = EachItem {
        source: &source,
        read,
        next: &mut next,
        failure: &mut failure,
    };
    let mut parser = source.parser();
    let parsed = parser.deserialize_seq(items);
    if let Some(failure) = failure {
        return Err(failure);
    }
    parsed.map_err(|error| not_json(text, format!("{ROOT}[{next}]"), &error))?;
    parser
        .end()
        .map_err(|error| not_json(text, ROOT.to_owned(), &error))
}

struct EachItem<'a, 't> {
    source: &'t Source<'t>,
    read: &'a mut dyn FnMut(&Reader<'_>),
    next: &'a mut usize,
    /// Why an item could not be read.
    failure: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for EachItem<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut tape = Tape::of(self.source);
        while seq.next_element_seed(tape.refill())?.is_some() {
            let read = read_node(Node::NULL, Mode::Lenient, |list| {
                (self.read)(&list.index(*self.next, Some(tape.node())));
            });
            if let Err(failure) = read {
                *self.failure = Some(failure);
                return Err(A::Error::custom("an item does not fit its type"));
            }
            *self.next = self.next.saturating_add(1);
        }
        Ok(())
    }
}

fn not_json(text: &str, path: String, error: &serde_json::Error) -> DecodeError {
    let found = text
        .split('\n')
        .nth(error.line().saturating_sub(1))
        .and_then(|line| line.get(error.column().checked_sub(1)?..))
        .and_then(|rest| NO_JSON.into_iter().find(|word| rest.starts_with(word)));
    let message = match found {
        Some(word) => format!(
            "not JSON: `{word}` at line {} column {}",
            error.line(),
            error.column()
        ),
        None => format!("not JSON: {error}"),
    };
    DecodeError::new(path, message)
}

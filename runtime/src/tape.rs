//! A JSON value as a flat list of tokens.
//!
//! A tree of maps would cost an allocation for each key and each object. Here
//! the strings are borrowed from what was parsed, and the list itself can be
//! used again for the next value.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{self, Serialize, Serializer};
use serde_json::{Number, Value};

use crate::exact::number;
use crate::source::{Source, is_wide};

/// Generated readers recurse; this is also where `serde_json` stops parsing.
pub(crate) const MAX_DEPTH: u8 = 127;

/// How `serde_json` hands out numbers if some crate in the program has turned
/// on its feature `arbitrary_precision`: as objects with this one key.
const NUMBER: &str = "$serde_json::private::Number";

enum Token<'t> {
    Null,
    Bool(bool),
    Number(Number),
    /// An integer that neither `i64` nor `u64` can hold.
    // Boxed, because a third word for the length would make tokens larger.
    BigInteger(Box<str>),
    Text(Cow<'t, str>),
    /// How many items there are, and of how many tokens, which come next.
    Array(usize, usize),
    /// Of how many tokens: keys and values in turn.
    Object(usize),
}

/// The tokens of one value.
#[derive(Default)]
pub(crate) struct Tape<'t> {
    tokens: Vec<Token<'t>>,
    /// The source with the hidden integers, if there are any.
    hidden: Option<&'t Source<'t>>,
}

impl<'t> Tape<'t> {
    /// Takes over the value that a deserializer stands at.
    pub(crate) fn read<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        let mut tape = Self::default();
        tape.refill().deserialize(deserializer)?;
        Ok(tape)
    }

    /// Returns an empty tape for values of a text.
    pub(crate) fn of(source: &'t Source<'t>) -> Self {
        Self {
            tokens: Vec::new(),
            hidden: source.is_masked().then_some(source),
        }
    }

    /// What puts another value in the place of the one here.
    pub(crate) fn refill(&mut self) -> impl DeserializeSeed<'t, Value = ()> {
        self.tokens.clear();
        Push {
            tape: self,
            depth: 0,
        }
    }

    pub(crate) fn node(&self) -> Node<'_> {
        Node(&self.tokens)
    }
}

/// Adds a value to the tokens.
struct Push<'p, 't> {
    tape: &'p mut Tape<'t>,
    depth: u8,
}

impl<'t> Push<'_, 't> {
    fn token<E>(self, token: Token<'t>) -> Result<(), E> {
        self.tape.tokens.push(token);
        Ok(())
    }

    /// Returns the token of a number that is given as text.
    fn number<E: Error>(self, text: &str) -> Result<(), E> {
        self.token(if is_wide(text) {
            Token::BigInteger(text.into())
        } else {
            Token::Number(text.parse().map_err(E::custom)?)
        })
    }

    fn inner<E: Error>(&mut self) -> Result<Push<'_, 't>, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("nested more than {MAX_DEPTH} deep")));
        }
        Ok(Push {
            tape: self.tape,
            depth: self.depth.saturating_add(1),
        })
    }

    /// Whether the last token is a number's key, and not a key that somebody
    /// has called so.
    fn at_number(&self) -> bool {
        // Without the feature a number must be one that `f64` can hold.
        matches!(self.tape.tokens.last(), Some(Token::Text(key)) if key == NUMBER)
            && "1e999".parse::<Number>().is_ok()
    }
}

impl<'de> DeserializeSeed<'de> for Push<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Push<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.token(Token::Null)
    }

    fn visit_none<E>(self) -> Result<(), E> {
        self.token(Token::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.token(Token::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.token(Token::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.token(Token::Number(value.into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<(), E> {
        self.number(&value.to_string())
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<(), E> {
        self.number(&value.to_string())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.token(Number::from_f64(value).map_or(Token::Null, Token::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<(), E> {
        match self.tape.hidden {
            None => self.token(Token::Text(Cow::Borrowed(value))),
            Some(source) => self.token(text_or_integer(source, value)),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.token(Token::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<(), E> {
        self.token(Token::Text(Cow::Owned(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let start = self.tape.tokens.len();
        self.tape.tokens.push(Token::Null);
        let mut items: usize = 0;
        while seq.next_element_seed(self.inner()?)?.is_some() {
            items = items.saturating_add(1);
        }
        self.close(start, |tokens| Token::Array(items, tokens));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let start = self.tape.tokens.len();
        self.tape.tokens.push(Token::Null);
        while map.next_key_seed(self.inner()?)?.is_some() {
            if !matches!(self.tape.tokens.last(), Some(Token::Text(_))) {
                return Err(A::Error::custom("key must be a string"));
            }
            if self.at_number() {
                let number = map.next_value::<String>()?;
                self.tape.tokens.truncate(start);
                return self.number(&number);
            }
            map.next_value_seed(self.inner()?)?;
        }
        self.close(start, Token::Object);
        Ok(())
    }
}

impl<'t> Push<'_, 't> {
    /// Puts down what begins at `start`, now that its end is known.
    fn close(&mut self, start: usize, token: impl FnOnce(usize) -> Token<'t>) {
        let tokens = &mut self.tape.tokens;
        let behind = tokens.len().saturating_sub(start).saturating_sub(1);
        if let Some(open) = tokens.get_mut(start) {
            *open = token(behind);
        }
    }
}

/// Returns the token of a string in a text with hidden integers: the integer,
/// or the string itself.
#[cold]
fn text_or_integer<'t>(source: &Source<'_>, string: &'t str) -> Token<'t> {
    match source.integer(string) {
        Some(digits) => Token::BigInteger(digits.into()),
        None => Token::Text(Cow::Borrowed(string)),
    }
}

/// A value on a [`Tape`]: its first token, and all that follow.
#[derive(Clone, Copy)]
pub(crate) struct Node<'r>(&'r [Token<'r>]);

/// What a value is.
#[derive(Clone, Copy)]
pub(crate) enum View<'r> {
    Null,
    Bool(bool),
    Number(&'r Number),
    /// The digits of an integer that neither `i64` nor `u64` can hold.
    BigInteger(&'r str),
    Text(&'r str),
    Array(Items<'r>),
    Object(Entries<'r>),
}

impl<'r> Node<'r> {
    pub(crate) const NULL: Self = Self(&[Token::Null]);

    pub(crate) fn view(self) -> View<'r> {
        let Some((first, rest)) = self.0.split_first() else {
            return View::Null;
        };
        let inside = |tokens: usize| rest.get(..tokens).unwrap_or_default();
        match first {
            Token::Null => View::Null,
            Token::Bool(value) => View::Bool(*value),
            Token::Number(number) => View::Number(number),
            Token::BigInteger(digits) => View::BigInteger(digits),
            Token::Text(text) => View::Text(text),
            Token::Array(items, tokens) => View::Array(Items {
                left: *items,
                tokens: inside(*tokens),
            }),
            Token::Object(tokens) => View::Object(Entries(inside(*tokens))),
        }
    }

    /// Two nodes of a tape with the same address are the same.
    pub(crate) fn address(self) -> usize {
        self.0.as_ptr().addr()
    }

    /// As JSON, with the keys of objects sorted.
    pub(crate) fn to_text(self) -> String {
        // Keys are strings and numbers are finite: nothing can fail.
        serde_json::to_string(&self).unwrap_or_default()
    }

    /// Returns JSON without a type. An integer that a `Value` cannot hold as a
    /// number becomes a string of its digits.
    pub(crate) fn to_value(self) -> Value {
        self.to_value_with(|digits| Value::String(digits.to_owned()))
    }

    /// Returns the same, with `wide` for such integers.
    pub(crate) fn to_value_with(self, wide: fn(&str) -> Value) -> Value {
        match self.view() {
            View::Null => Value::Null,
            View::Bool(value) => Value::Bool(value),
            View::Number(number) => Value::Number(number.clone()),
            View::BigInteger(digits) => wide(digits),
            View::Text(text) => Value::String(text.to_owned()),
            View::Array(items) => {
                Value::Array(items.map(|item| item.to_value_with(wide)).collect())
            }
            View::Object(entries) => Value::Object(
                entries
                    .map(|(key, value)| (key.to_owned(), value.to_value_with(wide)))
                    .collect(),
            ),
        }
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.view() {
            View::Null => serializer.serialize_unit(),
            View::Bool(value) => serializer.serialize_bool(value),
            View::Number(number) => number.serialize(serializer),
            View::BigInteger(digits) => number(digits)
                .map_err(ser::Error::custom)?
                .serialize(serializer),
            View::Text(text) => serializer.serialize_str(text),
            View::Array(items) => serializer.collect_seq(items),
            View::Object(entries) => serializer.collect_map(entries.sorted()),
        }
    }
}

/// The first value of some tokens, and what is behind it.
fn split<'r>(tokens: &'r [Token<'r>]) -> Option<(Node<'r>, &'r [Token<'r>])> {
    let inside = match tokens.first()? {
        Token::Array(_, tokens) | Token::Object(tokens) => *tokens,
        _ => 0,
    };
    let (node, rest) = tokens.split_at_checked(inside.saturating_add(1))?;
    Some((Node(node), rest))
}

/// The items of an array.
#[derive(Clone, Copy)]
pub(crate) struct Items<'r> {
    left: usize,
    tokens: &'r [Token<'r>],
}

impl<'r> Iterator for Items<'r> {
    type Item = Node<'r>;

    fn next(&mut self) -> Option<Node<'r>> {
        let (item, rest) = split(self.tokens)?;
        self.tokens = rest;
        self.left = self.left.saturating_sub(1);
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Items<'_> {}

/// The keys and values of an object, as they came: a key that is there twice
/// comes twice, and its last value counts.
#[derive(Clone, Copy)]
pub(crate) struct Entries<'r>(&'r [Token<'r>]);

impl<'r> Entries<'r> {
    /// The value of a key.
    pub(crate) fn get(self, key: &str) -> Option<Node<'r>> {
        self.filter(|(found, _)| *found == key)
            .last()
            .map(|(_, value)| value)
    }

    /// The value of a key, if there is no other.
    pub(crate) fn only(self, key: &str) -> Option<Node<'r>> {
        let mut entries = self;
        if entries.all(|(found, _)| found == key) {
            self.get(key)
        } else {
            None
        }
    }

    /// Each key once.
    pub(crate) fn sorted(self) -> BTreeMap<&'r str, Node<'r>> {
        self.collect()
    }
}

impl<'r> Iterator for Entries<'r> {
    type Item = (&'r str, Node<'r>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, rest) = self.0.split_first()?;
        let (value, rest) = split(rest)?;
        self.0 = rest;
        match key {
            Token::Text(key) => Some((key, value)),
            _ => None,
        }
    }
}

//! The phrases in which json-schema-for-humans says what a keyword says.

use serde_json::{Number, Value, json};

use crate::error::{Fault, Result};
use crate::html::{Element, Node, shorten};

const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
];

/// What the badge `Type: …` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// These types; an object is also what a schema is said to be that says
    /// nothing.
    Names(Vec<&'static str>),
    /// An array; the type of its items is said where they have one.
    Array { items: Option<&'static str> },
    /// One value, which follows.
    Const,
    /// One of some values, which follow.
    Enum,
}

impl Type {
    /// Reads what follows `Type: `.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text == "const" {
            return Some(Type::Const);
        }
        if is_enum(text) {
            return Some(Type::Enum);
        }
        if text == "array" {
            return Some(Type::Array { items: None });
        }
        if let Some(items) = text.strip_prefix("array of ") {
            return match (type_name(items), is_enum(items)) {
                (None, false) => None,
                (items, _) => Some(Type::Array { items }),
            };
        }
        let names = text.split(" or ").flat_map(|part| part.split(", "));
        let names = names.map(type_name).collect::<Option<Vec<_>>>()?;
        Some(Type::Names(names))
    }
}

fn type_name(text: &str) -> Option<&'static str> {
    TYPES.into_iter().find(|name| *name == text)
}

/// `enum (of null or string)`
fn is_enum(text: &str) -> bool {
    let inner = text
        .strip_prefix("enum (of ")
        .and_then(|rest| rest.strip_suffix(')'));
    text == "enum"
        || inner.is_some_and(|inner| inner.split(" or ").all(|name| type_name(name).is_some()))
}

/// The type that pydantic writes beside the values of a `const` or `enum`:
/// the one all of them have.
pub(crate) fn type_of(values: &[Value]) -> Option<&'static str> {
    let mut types = values.iter().map(|value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    });
    let first = types.next()?;
    types.all(|other| other == first).then_some(first)
}

/// A value that is written as JSON.
pub(crate) fn json(element: &Element, text: &str) -> Result<Value> {
    serde_json::from_str(text.trim()).map_err(|error| {
        Fault::new(
            element,
            format_args!("{:?} is no JSON value: {error}", shorten(text.trim())),
        )
    })
}

/// The value of a `const`. 1.0.2 cannot find null, and writes an object that
/// says so in its place.
pub(crate) fn constant(element: &Element, text: &str) -> Result<Value> {
    let value = json(element, text)?;
    let complaint = value.get("description").and_then(Value::as_str);
    match complaint {
        Some(text) if text.starts_with("\u{1f605} ERROR in schema generation") => Ok(Value::Null),
        _ => Ok(value),
    }
}

/// The text of the one element that stands after some words.
pub(crate) fn after(element: &Element, words: &str, name: &str) -> Result<String> {
    match element.children.as_slice() {
        [Node::Text(text), Node::Element(inner)]
            if text.trim_start() == words && inner.is(name) =>
        {
            inner.plain_text()
        }
        _ => Err(element.unknown()),
    }
}

/// The keywords that a badge of restrictions stands for: its class says which.
pub(crate) fn restriction(badge: &Element) -> Result<Vec<(&'static str, Value)>> {
    let text = badge.text();
    let number = |before: &str, after: &str| {
        let number = text.strip_prefix(before)?.strip_suffix(after)?;
        number.parse::<Number>().ok().map(Value::from)
    };
    let one = |keyword, value: Option<Value>| value.map(|value| vec![(keyword, value)]);
    let found = if badge.has_class("min-length-restriction") {
        one("minLength", number("Must be at least ", " characters long"))
    } else if badge.has_class("max-length-restriction") {
        one("maxLength", number("Must be at most ", " characters long"))
    } else if badge.has_class("min-items-restriction") {
        one("minItems", number("Must contain a minimum of ", " items"))
    } else if badge.has_class("max-items-restriction") {
        one("maxItems", number("Must contain a maximum of ", " items"))
    } else if badge.has_class("unique-items-restriction") {
        one(
            "uniqueItems",
            (text == "All items must be unique").then_some(json!(true)),
        )
    } else if badge.has_class("numeric-restriction") {
        numeric(&text)
    } else {
        None
    };
    found.ok_or_else(|| badge.unknown())
}

/// `Value must be greater or equal to 1 and strictly lesser than 5 and a
/// multiple of 2`
fn numeric(text: &str) -> Option<Vec<(&'static str, Value)>> {
    text.strip_prefix("Value must be ")?
        .split(" and ")
        .map(|part| {
            [
                ("minimum", "greater or equal to "),
                ("exclusiveMinimum", "strictly greater than "),
                ("maximum", "lesser or equal to "),
                ("exclusiveMaximum", "strictly lesser than "),
                ("multipleOf", "a multiple of "),
            ]
            .into_iter()
            .find_map(|(keyword, words)| {
                let number: Number = part.strip_prefix(words)?.parse().ok()?;
                Some((keyword, number.into()))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Type, numeric};

    #[test]
    fn the_type_badge_is_read_back() {
        let items = Some("object");
        for (text, read) in [
            ("string", Type::Names(vec!["string"])),
            ("array", Type::Array { items: None }),
            ("array of object", Type::Array { items }),
            ("array of enum (of string)", Type::Array { items: None }),
            ("enum (of null or string)", Type::Enum),
            ("const", Type::Const),
            (
                "integer, string or null",
                Type::Names(vec!["integer", "string", "null"]),
            ),
        ] {
            assert_eq!(Type::read(text), Some(read), "{text}");
        }
        for text in [
            "",
            "float",
            "array of float",
            "enum (of float)",
            "enum (of string",
        ] {
            assert_eq!(Type::read(text), None, "{text}");
        }
    }

    #[test]
    fn limits_of_numbers_are_read_back() {
        assert_eq!(
            numeric("Value must be greater or equal to 1 and strictly lesser than 5.5"),
            Some(vec![
                ("minimum", 1.into()),
                ("exclusiveMaximum", 5.5.into())
            ])
        );
        for text in [
            "Value must be greater",
            "Value must be a multiple of two",
            "",
        ] {
            assert_eq!(numeric(text), None, "{text}");
        }
    }
}

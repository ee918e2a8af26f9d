//! Random values that satisfy a schema.

use std::fmt;
use std::ops::RangeInclusive;

use fastrand::Rng;
use regex_syntax::Parser;
use serde_json::{Map, Number, Value};

use crate::pattern;

/// From this depth on values are kept as small as the schema allows.
const DEPTH: usize = 6;
/// How many items or characters more than needed, at most.
const MORE: usize = 3;
const MORE_TEXT: usize = 12;
/// How often something is drawn anew that did not fit.
const ATTEMPTS: usize = 100;

const TEXTS: &[&str] = &[
    "",
    "0",
    "-1",
    "1.5",
    "true",
    "null",
    "AUTO",
    "INHERIT",
    "tank/data",
    "********",
    "{}",
    "[]",
    "$date",
    "\0",
    "\u{feff}",
];
const LETTERS: &[char] = &[
    'a', 'b', 'z', 'A', 'Z', '0', '9', ' ', '_', '-', '.', '/', ':', '$', '"', '\\', '\n', 'ä',
    '語', '😀',
];
const KEY_LETTERS: &[char] = &['a', 'b', 'Z', '0', '_', '-', '.', ' ', 'ä'];

/// Draws values from a schema that [`standalone`](crate::standalone) made.
///
/// The same seed gives the same values. They are those that the server may
/// send, which is less than what the schema allows:
///
/// - integers without limits stay in the range of [`i64`], and other numbers
///   are ones that [`f64`] holds;
/// - keys that no schema names do not start with `$`, which the API keeps for
///   itself;
/// - where keys have a pattern, all keys do.
///
/// ```
/// use serde_json::json;
/// use truenas_conformance::Generator;
///
/// let schema = json!({"type": "array", "items": {"enum": ["ON", "OFF"]}, "minItems": 1});
/// let mut generator = Generator::new(&schema, 7);
/// let value = generator.value()?;
/// assert!(value[0] == "ON" || value[0] == "OFF");
/// # Ok::<(), truenas_conformance::Unsupported>(())
/// ```
pub struct Generator<'s> {
    root: &'s Value,
    rng: Rng,
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsupported(String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}

type Drawn<T> = Result<T, Unsupported>;

impl<'s> Generator<'s> {
    /// Values of this schema.
    #[must_use]
    pub fn new(schema: &'s Value, seed: u64) -> Self {
        Self {
            root: schema,
            rng: Rng::with_seed(seed),
        }
    }

    /// The next value. It may fail to satisfy the schema where several of its
    /// keywords play together, as objects in a `oneOf` do.
    ///
    /// # Errors
    ///
    /// A keyword that means something unknown, or a pattern for which no text
    /// was found.
    pub fn value(&mut self) -> Drawn<Value> {
        self.draw(self.root, 0)
    }

    fn draw(&mut self, schema: &'s Value, depth: usize) -> Drawn<Value> {
        if let Some(reference) = text(schema, "$ref") {
            return self.draw(self.resolve(reference)?, depth);
        }
        if let Some(constant) = schema.get("const") {
            return Ok(constant.clone());
        }
        if let Some(words) = list(schema, "enum") {
            return self
                .rng
                .choice(words)
                .cloned()
                .ok_or_else(|| Unsupported("an empty `enum`".to_owned()));
        }
        if let Some(cases) = list(schema, "anyOf").or_else(|| list(schema, "oneOf")) {
            let case = self.case(cases, depth)?;
            return self.draw(case, depth);
        }
        match text(schema, "type") {
            None if schema.get("type").is_none() => Ok(self.json(depth)),
            Some("null") => Ok(Value::Null),
            Some("boolean") => Ok(self.rng.bool().into()),
            Some("integer") => self.integer(schema),
            Some("number") => Ok(self.number(schema)),
            Some("string") => self.string(schema).map(Value::String),
            Some("array") => self.array(schema, depth),
            Some("object") => self.object(schema, depth),
            _ => Err(Unsupported(format!(
                "a `type` of {}",
                schema.get("type").unwrap_or(&Value::Null)
            ))),
        }
    }

    fn resolve(&self, reference: &str) -> Drawn<&'s Value> {
        reference
            .strip_prefix('#')
            .and_then(|pointer| self.root.pointer(pointer))
            .ok_or_else(|| Unsupported(format!("a `$ref` to {reference:?}")))
    }

    /// One of the cases; deep down one that ends there, if there is any.
    fn case(&mut self, cases: &'s [Value], depth: usize) -> Drawn<&'s Value> {
        let flat: Vec<&Value> = cases
            .iter()
            .filter(|case| depth < DEPTH || case.get("$ref").is_none())
            .collect();
        self.rng
            .choice(flat)
            .or_else(|| self.rng.choice(cases))
            .ok_or_else(|| Unsupported("a choice between nothing".to_owned()))
    }

    fn integer(&mut self, schema: &Value) -> Drawn<Value> {
        let least = bound(schema, "minimum", "exclusiveMinimum", 1)?.unwrap_or(i64::MIN);
        let most = bound(schema, "maximum", "exclusiveMaximum", -1)?.unwrap_or(i64::MAX);
        if least > most {
            return Err(Unsupported(format!("no integer from {least} to {most}")));
        }
        let integer = match self.rng.u8(..8) {
            0 => least,
            1 => most,
            2..5 => self.rng.i64(least..=most),
            _ => self.rng.i64(-3..100).clamp(least, most),
        };
        // To JSON Schema 3.0 is an integer as well.
        Ok(match i32::try_from(integer) {
            Ok(small) if self.rng.u8(..16) == 0 => f64::from(small).into(),
            _ => integer.into(),
        })
    }

    fn number(&mut self, schema: &Value) -> Value {
        let limit = |inclusive, exclusive| {
            schema
                .get(inclusive)
                .or_else(|| schema.get(exclusive))?
                .as_f64()
        };
        let least = limit("minimum", "exclusiveMinimum");
        let most = limit("maximum", "exclusiveMaximum");
        let number = match (least, most) {
            (Some(least), Some(most)) => least + self.rng.f64() * (most - least),
            (Some(least), None) => least + self.magnitude(),
            (None, Some(most)) => most - self.magnitude(),
            (None, None) if self.rng.bool() => return self.rng.i32(..).into(),
            (None, None) => self.magnitude() - self.magnitude(),
        };
        number.into()
    }

    /// A positive number, be it tiny or huge.
    fn magnitude(&mut self) -> f64 {
        let exponent = self.rng.i32(-20..40);
        (1.0 - self.rng.f64()) * 10_f64.powi(exponent)
    }

    fn string(&mut self, schema: &Value) -> Drawn<String> {
        if let Some(format) = text(schema, "format") {
            let examples = examples(format)
                .ok_or_else(|| Unsupported(format!("strings of the format {format:?}")))?;
            return Ok(self.rng.choice(examples).copied().unwrap_or("").to_owned());
        }
        let lengths = size(schema, "minLength", "maxLength");
        let Some(pattern) = text(schema, "pattern") else {
            return Ok(self.any_text(lengths));
        };
        let parsed = Parser::new()
            .parse(pattern)
            .map_err(|error| Unsupported(format!("the pattern {pattern:?}: {error}")))?;
        for _ in 0..ATTEMPTS {
            let text = pattern::matching(&parsed, &mut self.rng);
            if lengths.contains(&text.chars().count()) {
                return Ok(text);
            }
        }
        Err(Unsupported(format!(
            "no text of {lengths:?} characters found for the pattern {pattern:?}"
        )))
    }

    fn any_text(&mut self, lengths: RangeInclusive<usize>) -> String {
        if self.rng.u8(..4) == 0
            && let Some(text) = self.rng.choice(TEXTS)
            && lengths.contains(&text.chars().count())
        {
            return (*text).to_owned();
        }
        let count = self.count(&lengths, MORE_TEXT);
        self.letters(LETTERS, count)
    }

    fn letters(&mut self, letters: &[char], count: usize) -> String {
        (0..count)
            .filter_map(|_| self.rng.choice(letters))
            .collect()
    }

    /// How many there are to be.
    fn count(&mut self, range: &RangeInclusive<usize>, more: usize) -> usize {
        let least = *range.start();
        let most = least.saturating_add(more).min(*range.end());
        self.rng.usize(least..=most.max(least))
    }

    fn array(&mut self, schema: &'s Value, depth: usize) -> Drawn<Value> {
        let sizes = size(schema, "minItems", "maxItems");
        if let Some(schemas) = list(schema, "prefixItems") {
            let count = self.count(&sizes, schemas.len());
            let items = schemas.iter().take(count);
            return items.map(|item| self.draw(item, depth + 1)).collect();
        }
        let more = if depth < DEPTH { MORE } else { 0 };
        let count = self.count(&sizes, more);
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let item = schema.get("items").unwrap_or(&Value::Bool(true));
        let mut items: Vec<Value> = Vec::new();
        for _ in 0..ATTEMPTS {
            if items.len() == count {
                break;
            }
            let item = self.draw(item, depth + 1)?;
            if !unique || !items.contains(&item) {
                items.push(item);
            }
        }
        Ok(items.into())
    }

    fn object(&mut self, schema: &'s Value, depth: usize) -> Drawn<Value> {
        let none = &Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = list(schema, "required").unwrap_or_default();
        // Of eight keys that may be left out so many are there.
        let share = match self.rng.u8(..4) {
            _ if depth >= DEPTH => 0,
            0 => 8,
            1 => 1,
            _ => 5,
        };
        let mut object = Map::new();
        for (key, property) in properties.into_iter().flatten() {
            let needed = required.iter().any(|required| required == key);
            if needed || self.rng.u8(..8) < share {
                object.insert(key.clone(), self.draw(property, depth + 1)?);
            }
        }
        if share == 0 {
            return Ok(object.into());
        }
        let known = properties.unwrap_or(none);
        let more = self.rng.usize(..=MORE);
        for _ in 0..more {
            let Some((key, value)) = self.additional(schema, depth)? else {
                break;
            };
            if !known.contains_key(&key) {
                object.insert(key, value);
            }
        }
        Ok(object.into())
    }

    /// A key that `properties` does not list, and its value.
    fn additional(&mut self, schema: &'s Value, depth: usize) -> Drawn<Option<(String, Value)>> {
        let names = schema.get("propertyNames");
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        if let Some((pattern, property)) = patterns.and_then(|patterns| patterns.iter().next()) {
            // Pydantic says no more than this of a map whose keys must match,
            // although JSON Schema allows others beside them.
            let mut name = names
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default();
            name.insert("pattern".to_owned(), pattern.as_str().into());
            let key = self.string(&Value::Object(name))?;
            return Ok(Some((key, self.draw(property, depth + 1)?)));
        }
        let property = match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => return Ok(None),
            Some(property) => property,
            None => &Value::Bool(true),
        };
        let key = match names {
            Some(names) if names.get("pattern").is_some() => self.string(names)?,
            Some(names) => self.key(size(names, "minLength", "maxLength")),
            None => self.key(1..=usize::MAX),
        };
        Ok(Some((key, self.draw(property, depth + 1)?)))
    }

    fn key(&mut self, lengths: RangeInclusive<usize>) -> String {
        let count = self.count(&lengths, MORE_TEXT);
        self.letters(KEY_LETTERS, count)
    }

    fn json(&mut self, depth: usize) -> Value {
        let kinds = if depth < DEPTH { 7 } else { 5 };
        match self.rng.u8(..kinds) {
            0 => Value::Null,
            1 => self.rng.bool().into(),
            2 => self.rng.i64(..).into(),
            3 => Number::from_f64(self.magnitude()).map_or(Value::Null, Value::Number),
            4 => self.any_text(0..=usize::MAX).into(),
            5 => (0..self.rng.usize(..=MORE))
                .map(|_| self.json(depth + 2))
                .collect(),
            _ => (0..self.rng.usize(..=MORE))
                .map(|_| (self.key(0..=usize::MAX), self.json(depth + 2)))
                .collect(),
        }
    }
}

fn text<'v>(schema: &'v Value, key: &str) -> Option<&'v str> {
    schema.get(key)?.as_str()
}

fn list<'v>(schema: &'v Value, key: &str) -> Option<&'v [Value]> {
    schema.get(key)?.as_array().map(Vec::as_slice)
}

fn size(schema: &Value, least: &str, most: &str) -> RangeInclusive<usize> {
    let number = |key| usize::try_from(schema.get(key)?.as_u64()?).ok();
    number(least).unwrap_or(0)..=number(most).unwrap_or(usize::MAX)
}

/// The stricter of both limits of an integer; `step` leads from an exclusive
/// one into the range.
fn bound(schema: &Value, inclusive: &str, exclusive: &str, step: i64) -> Drawn<Option<i64>> {
    let limit = |key| match schema.get(key) {
        None => Ok(None),
        Some(limit) => limit
            .as_i64()
            .map(Some)
            .ok_or_else(|| Unsupported(format!("a `{key}` of {limit}"))),
    };
    let limits = [
        limit(inclusive)?,
        limit(exclusive)?.map(|limit| limit.saturating_add(step)),
    ];
    let limits = limits.into_iter().flatten();
    Ok(if step > 0 { limits.max() } else { limits.min() })
}

/// Strings of a format.
fn examples(format: &str) -> Option<&'static [&'static str]> {
    Some(match format {
        "uri" => &[
            "https://nas.example.com/",
            "http://192.0.2.1:8080/a%20b?c=d#e",
            "ldaps://[2001:db8::1]",
        ],
        "email" => &["root@example.com", "first.last+tag@sub.example.org"],
        "ipvanyaddress" => &["192.0.2.1", "2001:db8::1", "::"],
        "ipvanyinterface" => &["192.0.2.1/24", "2001:db8::1/64", "192.0.2.1"],
        "ipvanynetwork" => &["192.0.2.0/24", "2001:db8::/32", "0.0.0.0/0"],
        "file-path" => &["/mnt/tank/file", "relative/ä b"],
        _ => return None,
    })
}

//! Objects, read and written along a table of their keys.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::json::{Json, WriteJson};
use crate::reader::{Mode, Reader};

/// A key of an object.
///
/// Tables of keys are constants, so that reading them costs nothing:
///
/// ```
/// use truenas_runtime::Field;
///
/// const FIELDS: &[Field] = &[
///     Field::tag("type", "MIRROR"),
///     Field::required("children"),
///     Field::optional("name"),
/// ];
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    name: &'static str,
    required: bool,
    constant: Option<&'static str>,
}

impl Field {
    /// A key that is always there.
    #[must_use]
    pub const fn required(name: &'static str) -> Self {
        Self {
            name,
            required: true,
            constant: None,
        }
    }

    /// A key that may be left out.
    #[must_use]
    pub const fn optional(name: &'static str) -> Self {
        Self {
            name,
            required: false,
            constant: None,
        }
    }

    /// A key that is always there and always says the same, by which the
    /// object is told from others.
    #[must_use]
    pub const fn tag(name: &'static str, value: &'static str) -> Self {
        Self {
            name,
            required: true,
            constant: Some(value),
        }
    }

    /// A key that may be left out and otherwise always says the same.
    #[must_use]
    pub const fn optional_tag(name: &'static str, value: &'static str) -> Self {
        Self {
            name,
            required: false,
            constant: Some(value),
        }
    }
}

/// An object that is read key by key; from [`Reader::object`].
pub struct Object<'r> {
    reader: &'r Reader<'r>,
    /// `None` once reading has failed.
    map: Option<&'r Map<String, Value>>,
    fields: &'static [Field],
    left: std::slice::Iter<'static, Field>,
}

impl Reader<'_> {
    /// The object here, with these keys; others are ignored, and are an error
    /// in a strict reading.
    ///
    /// The keys are then read by [`Object::next`], in the order of the table.
    #[must_use]
    pub fn object(&self, fields: &'static [Field]) -> Object<'_> {
        let object = self.open_object(fields);
        if let (Some(map), Mode::Strict) = (object.map, self.mode())
            && let Some(key) = unlisted(map, fields).map(|(key, _)| key).next()
        {
            self.fail(&format!("unknown key `{key}`"));
        }
        object
    }

    /// The object here, with these keys and any others.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use truenas_runtime::{Field, Json, Reader, Value, from_str, to_string, write_open_object};
    ///
    /// struct Labels {
    ///     name: String,
    ///     rest: BTreeMap<String, i64>,
    /// }
    ///
    /// const LABELS: &[Field] = &[Field::required("name")];
    ///
    /// impl Json for Labels {
    ///     fn read(reader: &Reader<'_>) -> Self {
    ///         let mut object = reader.open_object(LABELS);
    ///         Self { name: object.next(), rest: object.rest() }
    ///     }
    ///
    ///     fn write(&self) -> Value {
    ///         write_open_object(LABELS, &[&self.name], &self.rest)
    ///     }
    /// }
    ///
    /// let text = r#"{"a":1,"b":2,"name":"tank"}"#;
    /// let labels: Labels = from_str(text)?;
    /// assert_eq!(labels.rest["b"], 2);
    /// assert_eq!(to_string(&labels), text);
    /// # Ok::<(), truenas_runtime::DecodeError>(())
    /// ```
    #[must_use]
    pub fn open_object(&self, fields: &'static [Field]) -> Object<'_> {
        let map = self.value().as_object();
        match map {
            None if self.mode() == Mode::Blank => {}
            None => self.mismatch("object"),
            Some(map) if self.mode() != Mode::Lenient => self.check_shape(map, fields),
            Some(_) => {}
        }
        Object {
            reader: self,
            map,
            fields,
            left: fields.iter(),
        }
    }

    fn check_shape(&self, map: &Map<String, Value>, fields: &'static [Field]) {
        for field in fields {
            match (map.get(field.name), field.constant) {
                (None, _) if field.required => self.key(field.name, None).missing(),
                (Some(value), Some(constant)) if value.as_str() != Some(constant) => self
                    .key(field.name, Some(value))
                    .fail(&format!("expected {constant:?}")),
                _ => {}
            }
        }
    }
}

fn unlisted<'m>(
    map: &'m Map<String, Value>,
    fields: &'static [Field],
) -> impl Iterator<Item = (&'m String, &'m Value)> {
    map.iter()
        .filter(|(key, _)| fields.iter().all(|field| field.name != key.as_str()))
}

impl<'r> Object<'r> {
    /// Reads the next key of the table.
    // The name is what a reader of generated code expects; an iterator this
    // cannot be, as each key has a type of its own.
    // Inlined into every reader of every type it would be most of the code.
    #[inline(never)]
    #[allow(clippy::should_implement_trait)]
    pub fn next<T: Json>(&mut self) -> T {
        let (reader, found) = self.advance();
        if found {
            T::read(&reader)
        } else {
            T::absent(&reader)
        }
    }

    #[inline(never)]
    fn advance(&mut self) -> (Reader<'r>, bool) {
        let name = self.left.next().map_or("", |field| field.name);
        let value = self.map.and_then(|map| map.get(name));
        // Without an object reading has failed, and what is read does not
        // matter; for a blank value the key is missing.
        let failed = self.map.is_none() && self.reader.mode() != Mode::Blank;
        let found = value.is_some() || failed;
        (self.reader.key(name, value), found)
    }

    /// Reads the keys that are not in the table.
    #[must_use]
    pub fn rest<T: Json>(&self) -> BTreeMap<String, T> {
        let mut rest = BTreeMap::new();
        for (key, value) in self
            .map
            .into_iter()
            .flat_map(|map| unlisted(map, self.fields))
        {
            if self.reader.failed() {
                break;
            }
            rest.insert(key.clone(), T::read(&self.reader.key(key, Some(value))));
        }
        rest
    }
}

/// Writes an object: a value for each key of the table, in its order.
///
/// An optional key whose value [is absent](Json::is_absent) is left out.
///
/// ```
/// use truenas_runtime::{Field, write_object};
///
/// const FIELDS: &[Field] = &[Field::required("a"), Field::required("b"), Field::optional("c")];
/// let value = write_object(FIELDS, &[&1_i64, &None::<i64>, &None::<i64>]);
/// assert_eq!(value.to_string(), r#"{"a":1,"b":null}"#);
/// ```
#[must_use]
pub fn write_object(fields: &'static [Field], values: &[&dyn WriteJson]) -> Value {
    Value::Object(write_fields(fields, values))
}

/// Writes an object that holds more keys than those of its table.
///
/// A key of the table that is in `rest` as well is written once, from the
/// table's value. See [`Reader::open_object`].
#[must_use]
pub fn write_open_object<T: Json>(
    fields: &'static [Field],
    values: &[&dyn WriteJson],
    rest: &BTreeMap<String, T>,
) -> Value {
    let mut map: Map<_, _> = rest
        .iter()
        .map(|(key, value)| (key.clone(), value.write()))
        .collect();
    map.append(&mut write_fields(fields, values));
    Value::Object(map)
}

fn write_fields(fields: &'static [Field], values: &[&dyn WriteJson]) -> Map<String, Value> {
    let mut map = Map::new();
    for (field, value) in fields.iter().zip(values) {
        if field.required || !value.is_left_out() {
            map.insert(field.name.to_owned(), value.encode());
        }
    }
    map
}

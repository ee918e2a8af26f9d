//! Objects, read and written along a table of their keys.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::json::{Json, WriteJson};
use crate::reader::{Mode, Reader};
use crate::tape::{Entries, Node, View};

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
    entries: Option<Entries<'r>>,
    fields: &'static [Field],
    found: Found<'r>,
    next: usize,
}

impl Reader<'_> {
    /// The object here, with these keys; others are ignored, and are an error
    /// in a strict reading.
    ///
    /// The keys are then read by [`Object::next`], in the order of the table.
    #[must_use]
    pub fn object(&self, fields: &'static [Field]) -> Object<'_> {
        let object = self.open_object(fields);
        if self.mode() == Mode::Strict
            && let Some((key, _)) = object.unlisted().next()
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
        let entries = match self.value() {
            View::Object(entries) => Some(entries),
            _ => None,
        };
        let found = Found::new(entries, fields);
        match entries {
            None if self.mode() == Mode::Blank => {}
            None => self.mismatch("object"),
            Some(_) if self.mode() != Mode::Lenient => self.check_shape(&found, fields),
            Some(_) => {}
        }
        Object {
            reader: self,
            entries,
            fields,
            found,
            next: 0,
        }
    }

    fn check_shape(&self, found: &Found<'_>, fields: &'static [Field]) {
        for (index, field) in fields.iter().enumerate() {
            match (found.get(index), field.constant) {
                (None, _) if field.required => self.key(field.name, None).missing(),
                (Some(node), Some(constant)) if !matches!(node.view(), View::Text(text) if text == constant) =>
                {
                    self.key(field.name, Some(node))
                        .fail(&format!("expected {constant:?}"));
                }
                _ => {}
            }
        }
    }
}

/// So many fields most types have at most.
const FEW: usize = 8;

/// The value of each field of a table.
struct Found<'r> {
    few: [Option<Node<'r>>; FEW],
    /// In place of `few` for longer tables.
    many: Vec<Option<Node<'r>>>,
    /// Whether each key of the object is in the table.
    all_listed: bool,
}

impl<'r> Found<'r> {
    fn new(entries: Option<Entries<'r>>, fields: &'static [Field]) -> Self {
        let mut found = Self {
            few: [None; FEW],
            many: Vec::new(),
            all_listed: true,
        };
        if fields.len() > FEW {
            found.many.resize(fields.len(), None);
        }
        let mut expected = 0;
        for (key, node) in entries.into_iter().flatten() {
            match position(fields, expected, key) {
                Some(index) => {
                    if let Some(slot) = found.slots().get_mut(index) {
                        *slot = Some(node);
                    }
                    expected = index.saturating_add(1);
                }
                None => found.all_listed = false,
            }
        }
        found
    }

    fn slots(&mut self) -> &mut [Option<Node<'r>>] {
        if self.many.is_empty() {
            &mut self.few
        } else {
            &mut self.many
        }
    }

    fn get(&self, index: usize) -> Option<Node<'r>> {
        let slots = if self.many.is_empty() {
            self.few.as_slice()
        } else {
            &self.many
        };
        slots.get(index).copied().flatten()
    }
}

/// Where a key is in a table; often where it is expected.
fn position(fields: &[Field], expected: usize, key: &str) -> Option<usize> {
    let (before, from) = fields.split_at_checked(expected)?;
    let is_key = |field: &Field| field.name == key;
    match from.iter().position(is_key) {
        Some(index) => Some(index.saturating_add(expected)),
        None => before.iter().position(is_key),
    }
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
        let name = self.fields.get(self.next).map_or("", |field| field.name);
        let node = self.found.get(self.next);
        self.next = self.next.saturating_add(1);
        // Without an object reading has failed, and what is read does not
        // matter; for a blank value the key is missing.
        let failed = self.entries.is_none() && self.reader.mode() != Mode::Blank;
        let found = node.is_some() || failed;
        (self.reader.key(name, node), found)
    }

    /// The entries that are not in the table.
    fn unlisted(&self) -> impl Iterator<Item = (&'r str, Node<'r>)> {
        let fields = self.fields;
        self.entries
            .filter(|_| !self.found.all_listed)
            .into_iter()
            .flatten()
            .filter(move |(key, _)| fields.iter().all(|field| field.name != *key))
    }

    /// Reads the keys that are not in the table.
    #[must_use]
    pub fn rest<T: Json>(&self) -> BTreeMap<String, T> {
        let mut rest = BTreeMap::new();
        // Each key once: of those that are there twice only the last is read.
        for (key, node) in self.unlisted().collect::<BTreeMap<_, _>>() {
            if self.reader.failed() {
                break;
            }
            rest.insert(key.to_owned(), T::read(&self.reader.key(key, Some(node))));
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

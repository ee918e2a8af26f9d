//! Values that hold other values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::DecodeError;
use crate::json::Json;
use crate::reader::Reader;
use crate::tape::View;
use crate::text::read_each;

// What is generic here is compiled for each of some hundred types: the loops
// are elsewhere, and there are no chains of iterators.
impl<T: Json> Json for Vec<T> {
    const SECRET: bool = T::SECRET;

    fn read(reader: &Reader<'_>) -> Self {
        let mut items = Self::new();
        reader.each_item(&mut |item| items.push(T::read(item)));
        items
    }

    fn read_text(text: &str) -> Result<Self, DecodeError> {
        let mut items = Self::new();
        read_each(text, &mut |item| items.push(T::read(item)))?;
        Ok(items)
    }

    fn write(&self) -> Value {
        let mut items = self.iter();
        write_list(self.len(), &mut || items.next().map(Json::write))
    }
}

fn write_list(len: usize, next: &mut dyn FnMut() -> Option<Value>) -> Value {
    let mut items = Vec::with_capacity(len);
    while let Some(item) = next() {
        items.push(item);
    }
    Value::Array(items)
}

impl Reader<'_> {
    /// Calls `read` at each item of the array here, until one fails.
    pub(crate) fn each_item(&self, read: &mut dyn FnMut(&Reader<'_>)) {
        let View::Array(items) = self.value() else {
            self.mismatch("array");
            return;
        };
        for (index, item) in items.enumerate() {
            read(&self.index(index, Some(item)));
            if self.failed() {
                break;
            }
        }
    }
}

impl<T: Json> Json for BTreeMap<String, T> {
    fn read(reader: &Reader<'_>) -> Self {
        let View::Object(entries) = reader.value() else {
            reader.mismatch("object");
            return Self::new();
        };
        let mut read = Self::new();
        for (key, value) in entries.sorted() {
            read.insert(key.to_owned(), T::read(&reader.key(key, Some(value))));
            if reader.failed() {
                break;
            }
        }
        read
    }

    fn write(&self) -> Value {
        let mut map = Map::new();
        for (key, value) in self {
            map.insert(key.clone(), value.write());
        }
        Value::Object(map)
    }
}

impl Json for Map<String, Value> {
    fn read(reader: &Reader<'_>) -> Self {
        if let Value::Object(map) = reader.raw() {
            map
        } else {
            reader.mismatch("object");
            Self::new()
        }
    }

    fn write(&self) -> Value {
        Value::Object(self.clone())
    }
}

/// Null and a missing key are both `None`.
impl<T: Json> Json for Option<T> {
    fn read(reader: &Reader<'_>) -> Self {
        if let View::Null = reader.value() {
            None
        } else {
            Some(T::read(reader))
        }
    }

    fn write(&self) -> Value {
        match self {
            None => Value::Null,
            Some(value) => value.write(),
        }
    }

    fn absent(_: &Reader<'_>) -> Self {
        None
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Json> Json for Box<T> {
    fn read(reader: &Reader<'_>) -> Self {
        Self::new(T::read(reader))
    }

    fn write(&self) -> Value {
        T::write(self)
    }

    fn absent(reader: &Reader<'_>) -> Self {
        Self::new(T::absent(reader))
    }

    fn is_absent(&self) -> bool {
        T::is_absent(self)
    }
}

//! Values that hold other values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::json::Json;
use crate::reader::Reader;

impl<T: Json> Json for Vec<T> {
    fn read(reader: &Reader<'_>) -> Self {
        let Value::Array(items) = reader.value() else {
            reader.mismatch("array");
            return Self::new();
        };
        let mut read = Self::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            read.push(T::read(&reader.index(index, Some(item))));
            if reader.failed() {
                break;
            }
        }
        read
    }

    fn write(&self) -> Value {
        Value::Array(self.iter().map(Json::write).collect())
    }
}

impl<T: Json> Json for BTreeMap<String, T> {
    fn read(reader: &Reader<'_>) -> Self {
        let Value::Object(map) = reader.value() else {
            reader.mismatch("object");
            return Self::new();
        };
        let mut read = Self::new();
        for (key, value) in map {
            read.insert(key.clone(), T::read(&reader.key(key, Some(value))));
            if reader.failed() {
                break;
            }
        }
        read
    }

    fn write(&self) -> Value {
        Value::Object(
            self.iter()
                .map(|(key, value)| (key.clone(), value.write()))
                .collect(),
        )
    }
}

impl Json for Map<String, Value> {
    fn read(reader: &Reader<'_>) -> Self {
        if let Value::Object(map) = reader.value() {
            map.clone()
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
        (!reader.value().is_null()).then(|| T::read(reader))
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Json::write)
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

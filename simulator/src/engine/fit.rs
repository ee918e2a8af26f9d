//! Brings a value into the shape of a schema: what fits stays, what is missing
//! is made up, what has no place is left out.
//!
//! All results go this way. So they satisfy the schema of whichever version was
//! dialled, however little is known of the thing.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::invent::{At, Inventor};
use super::models::{
    Kind, Models, Others, cases, item_schema, kind, others, properties, required, size,
};

/// Schemas that contain themselves end here.
const DEEPEST: u32 = 8;

/// Fits values to the schemas of one version.
#[derive(Clone, Copy)]
pub(crate) struct Fitter<'m> {
    models: Models<'m>,
    inventor: Inventor,
    /// Keys that are made up only where they are required.
    absent: &'m BTreeSet<String>,
}

impl<'m> Fitter<'m> {
    pub(crate) fn new(models: Models<'m>, seed: u64, absent: &'m BTreeSet<String>) -> Self {
        Self {
            models,
            inventor: Inventor { seed },
            absent,
        }
    }

    /// The value in the shape of the schema. What is made up follows from
    /// `about`, the name of the thing.
    pub(crate) fn fit(&self, schema: &'m Value, value: Option<Value>, about: &str) -> Value {
        self.at(schema, value, &At::new(about))
    }

    fn at(&self, schema: &'m Value, value: Option<Value>, at: &At<'_>) -> Value {
        let value = value.or_else(|| {
            let default = schema.get("default")?;
            let fits = self.models.misfit(schema, default) == 0;
            fits.then(|| default.clone())
        });
        let schema = self.models.resolve(schema);
        if let Some(cases) = cases(schema) {
            return match self.case(cases, value.as_ref(), at) {
                Some(case) => self.at(case, value, at),
                None => Value::Null,
            };
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            return match value {
                Some(value) if words.contains(&value) => value,
                _ => self.inventor.word_of(words, at),
            };
        }
        match kind(schema) {
            Kind::Any => value.unwrap_or_else(|| self.inventor.any(at)),
            Kind::Null => Value::Null,
            Kind::List => self.list(schema, value, at),
            Kind::Object => self.object(schema, value, at),
            kind => match value {
                Some(value) if self.models.misfit(schema, &value) == 0 => value,
                _ => self.inventor.scalar(kind, schema, at),
            },
        }
    }

    fn case(&self, cases: &'m [Value], value: Option<&Value>, at: &At<'_>) -> Option<&'m Value> {
        match value {
            Some(value) => self.models.nearest(cases, value),
            None if at.depth >= DEEPEST => {
                let end = cases.iter().find(|case| kind(case) == Kind::Null);
                end.or(cases.first())
            }
            None => self.inventor.case_of(cases, at),
        }
    }

    fn list(&self, schema: &'m Value, value: Option<Value>, at: &At<'_>) -> Value {
        let least = size(schema, "minItems").unwrap_or(0);
        let most = size(schema, "maxItems").unwrap_or(usize::MAX);
        let fixed = schema.get("prefixItems").and_then(Value::as_array);
        let mut items = match value {
            Some(Value::Array(items)) => items.into_iter().map(Some).collect(),
            // A thing that one version has one of is a list in another.
            Some(Value::Null) | None => {
                let some = if at.depth >= DEEPEST {
                    0
                } else {
                    self.inventor.count(
                        item_schema(schema, 0)
                            .map_or(Kind::Any, |item| kind(self.models.resolve(item))),
                        at,
                    )
                };
                vec![None; fixed.map_or(some, Vec::len)]
            }
            Some(one) => vec![Some(one)],
        };
        items.resize(items.len().max(least).min(most), None);
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let mut list: Vec<Value> = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let item = match item_schema(schema, index) {
                Some(schema) => self.at(schema, item, &at.item(index)),
                None => item.unwrap_or_default(),
            };
            if !unique || !list.contains(&item) {
                list.push(item);
            }
        }
        Value::Array(list)
    }

    fn object(&self, schema: &'m Value, value: Option<Value>, at: &At<'_>) -> Value {
        let mut given = match value {
            Some(Value::Object(object)) => object,
            // What a reference stands for elsewhere is spelled out here, and
            // so is a property of ZFS.
            Some(scalar) if !scalar.is_null() => spelled_out(schema, scalar),
            _ => Map::new(),
        };
        let needed: Vec<&str> = required(schema).collect();
        let mut object = Map::new();
        for (key, property) in properties(schema).into_iter().flatten() {
            let value = given.remove(key);
            let is_wanted = at.depth < DEEPEST && !self.absent.contains(key);
            if value.is_some() || needed.contains(&key.as_str()) || is_wanted {
                object.insert(key.clone(), self.at(property, value, &at.key(key)));
            }
        }
        match others(schema) {
            Others::None => {}
            Others::Any => object.extend(given),
            Others::Of(schema) => {
                let made_up = properties(schema).is_none() && given.is_empty() && at.depth == 0;
                if made_up {
                    given.extend(
                        self.inventor
                            .keys(at)
                            .into_iter()
                            .map(|key| (key, Value::Null)),
                    );
                }
                for (key, value) in given {
                    let value = if made_up { None } else { Some(value) };
                    let value = self.at(schema, value, &at.key(&key));
                    object.insert(key, value);
                }
            }
        }
        Value::Object(object)
    }
}

/// A scalar where the schema has an object.
fn spelled_out(schema: &Value, scalar: Value) -> Map<String, Value> {
    let known = properties(schema);
    let has = |key: &str| known.is_some_and(|known| known.contains_key(key));
    let mut object = Map::new();
    if has("rawvalue") && has("value") {
        let (raw, text, parsed) = match &scalar {
            Value::Number(number) => (number.to_string(), short(number), scalar.clone()),
            Value::String(word) => {
                let raw = word.to_lowercase();
                let parsed = match raw.as_str() {
                    "on" => true.into(),
                    "off" => false.into(),
                    raw => raw.into(),
                };
                (raw, word.clone(), parsed)
            }
            other => (other.to_string(), other.to_string(), other.clone()),
        };
        object.insert("rawvalue".to_owned(), raw.into());
        object.insert("value".to_owned(), text.into());
        object.insert("parsed".to_owned(), parsed);
        object.insert("source".to_owned(), "LOCAL".into());
        object.insert("source_info".to_owned(), Value::Null);
    } else if has("id") {
        object.insert("id".to_owned(), scalar);
    }
    object
}

/// `1073741824` as `1G`, the way ZFS writes sizes that are whole.
fn short(number: &Number) -> String {
    let Some(mut size) = number.as_u64() else {
        return number.to_string();
    };
    let mut unit = "";
    for next in ["K", "M", "G", "T", "P"] {
        if size < 1024 || size % 1024 != 0 {
            break;
        }
        size /= 1024;
        unit = next;
    }
    format!("{size}{unit}")
}

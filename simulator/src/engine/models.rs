//! What a schema refers to, and which of its cases a value is nearest to.

use std::collections::BTreeMap;

use schemars::Schema;
use serde_json::{Map, Value};

use crate::json::is_long_integer;

/// More references in a row than any schema has.
const MOST_REFERENCES: usize = 32;

/// What another JSON type costs, compared to a key too many or too few.
const OTHER_TYPE: u32 = 1000;
const OTHER_WORD: u32 = 100;

/// The models of one version, by name.
#[derive(Clone, Copy)]
pub(crate) struct Models<'m>(pub(crate) &'m BTreeMap<String, Schema>);

impl<'m> Models<'m> {
    /// The schema itself, or the model that it refers to.
    pub(crate) fn resolve(self, schema: &'m Value) -> &'m Value {
        self.named(schema).1
    }

    /// The same, with the model's name.
    pub(crate) fn named(self, schema: &'m Value) -> (Option<&'m str>, &'m Value) {
        let mut found = (None, schema);
        for _ in 0..MOST_REFERENCES {
            let reference = found.1.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|reference| reference.strip_prefix("#/models/"));
            match name.and_then(|name| self.0.get_key_value(name)) {
                Some((name, model)) => found = (Some(name.as_str()), model.as_value()),
                None => break,
            }
        }
        found
    }

    /// The case that the value is nearest to, the first of several.
    pub(crate) fn nearest(self, cases: &'m [Value], value: &Value) -> Option<&'m Value> {
        let mut best: Option<(u32, &Value)> = None;
        for case in cases {
            let misfit = self.misfit(case, value);
            if misfit == 0 {
                return Some(case);
            }
            if best.is_none_or(|(least, _)| misfit < least) {
                best = Some((misfit, case));
            }
        }
        best.map(|(_, case)| case)
    }

    /// How far a value is from satisfying a schema; nothing if it does.
    pub(crate) fn misfit(self, schema: &'m Value, value: &Value) -> u32 {
        let schema = self.resolve(schema);
        if let Some(cases) = cases(schema) {
            let misfits = cases.iter().map(|case| self.misfit(case, value));
            return misfits.min().unwrap_or(OTHER_TYPE);
        }
        if let Some(constant) = schema.get("const") {
            return if constant == value { 0 } else { OTHER_WORD };
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            return if words.contains(value) { 0 } else { OTHER_WORD };
        }
        match (kind(schema), value) {
            (Kind::Any, _) | (Kind::Null, Value::Null) | (Kind::Boolean, Value::Bool(_)) => 0,
            (Kind::Integer, Value::Number(number)) if !number.is_f64() => {
                u32::from(!in_range(schema, number.as_f64()))
            }
            (Kind::Integer, value) if is_long_integer(value) => 0,
            (Kind::Number, Value::Number(number)) => u32::from(!in_range(schema, number.as_f64())),
            (Kind::Text, Value::String(text)) => u32::from(!has_length(
                schema,
                "minLength",
                "maxLength",
                text.chars().count(),
            )),
            (Kind::Date, Value::Object(object)) => {
                let is_date = object.len() == 1 && object.get("$date").is_some_and(Value::is_i64);
                if is_date { 0 } else { OTHER_TYPE }
            }
            (Kind::List, Value::Array(items)) => {
                let length = has_length(schema, "minItems", "maxItems", items.len());
                let misfits = items.iter().enumerate().map(|(index, item)| {
                    item_schema(schema, index).map_or(0, |schema| self.misfit(schema, item))
                });
                misfits.fold(u32::from(!length), u32::saturating_add)
            }
            (Kind::Object, Value::Object(object)) => self.object_misfit(schema, object),
            _ => OTHER_TYPE,
        }
    }

    fn object_misfit(self, schema: &'m Value, object: &Map<String, Value>) -> u32 {
        let known = properties(schema);
        let mut misfit = 0_u32;
        for (key, value) in object {
            let add = match (known.and_then(|known| known.get(key)), others(schema)) {
                (Some(property), _) => self.misfit(property, value),
                (None, Others::None) => 1,
                (None, Others::Any) => 0,
                (None, Others::Of(schema)) => self.misfit(schema, value),
            };
            misfit = misfit.saturating_add(add);
        }
        let missing = required(schema)
            .filter(|key| !object.contains_key(*key))
            .count();
        misfit.saturating_add(u32::try_from(missing).unwrap_or(u32::MAX))
    }
}

/// The JSON types that schemas tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    /// `{"$date": …}`.
    Date,
    List,
    Object,
}

pub(crate) fn kind(schema: &Value) -> Kind {
    match schema.get("type").and_then(Value::as_str) {
        Some("null") => Kind::Null,
        Some("boolean") => Kind::Boolean,
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("string")
            if schema
                .get("format")
                .is_some_and(|format| format == "date-time") =>
        {
            Kind::Date
        }
        Some("string") => Kind::Text,
        Some("array") => Kind::List,
        Some("object") => Kind::Object,
        _ => Kind::Any,
    }
}

/// The cases of a choice.
pub(crate) fn cases(schema: &Value) -> Option<&[Value]> {
    let cases = schema.get("anyOf").or_else(|| schema.get("oneOf"))?;
    cases.as_array().map(Vec::as_slice)
}

pub(crate) fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

pub(crate) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    let keys = schema.get("required").and_then(Value::as_array);
    keys.into_iter().flatten().filter_map(Value::as_str)
}

/// The keys that `properties` does not list.
pub(crate) enum Others<'s> {
    None,
    Any,
    Of(&'s Value),
}

pub(crate) fn others(schema: &Value) -> Others<'_> {
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    if let Some(property) = patterns.and_then(|patterns| patterns.values().next()) {
        return Others::Of(property);
    }
    match schema.get("additionalProperties") {
        Some(Value::Bool(false)) => Others::None,
        Some(schema @ Value::Object(_)) => Others::Of(schema),
        _ => Others::Any,
    }
}

/// What the item at this place of a list is to be.
pub(crate) fn item_schema(schema: &Value, index: usize) -> Option<&Value> {
    match schema.get("prefixItems").and_then(Value::as_array) {
        Some(schemas) => schemas.get(index),
        None => schema.get("items"),
    }
}

pub(crate) fn size(schema: &Value, keyword: &str) -> Option<usize> {
    usize::try_from(schema.get(keyword)?.as_u64()?).ok()
}

fn has_length(schema: &Value, least: &str, most: &str, length: usize) -> bool {
    size(schema, least).unwrap_or(0) <= length && length <= size(schema, most).unwrap_or(usize::MAX)
}

fn in_range(schema: &Value, number: Option<f64>) -> bool {
    let Some(number) = number else {
        return false;
    };
    let limit = |keyword| schema.get(keyword).and_then(Value::as_f64);
    limit("minimum").is_none_or(|least| number >= least)
        && limit("maximum").is_none_or(|most| number <= most)
        && limit("exclusiveMinimum").is_none_or(|least| number > least)
        && limit("exclusiveMaximum").is_none_or(|most| number < most)
}

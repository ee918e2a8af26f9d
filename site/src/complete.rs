//! What pages have no words for, from `core.get_methods` of the same version.
//!
//! What pages have words for they say better: `core.get_methods` writes the name
//! of a property over that of its model, and describes properties that some
//! results leave out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Map, Value, json};

use crate::schema::is_bare;

type Schema = Map<String, Value>;

/// What may be copied, in bytes: for 25.10.0 it is a 1 700th of this.
const MOST: usize = 128 << 20;
/// What stands beside a schema where it is used, and is no part of it.
const OUTSIDE: [&str; 4] = ["title", "default", "description", "examples"];
/// What the middleware adds to a schema for itself.
const ADDED: [&str; 3] = ["_name_", "_required_", "_attrs_order_"];
/// Keywords for which there are words: where a page does not say them, they are
/// not there.
const SAID: [&str; 30] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "default",
    "description",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "required",
    "title",
    "type",
    "uniqueItems",
];

/// Adds what pages have no words for to the [`dump`](crate::dump) that was made
/// of them, from the answer of `core.get_methods` of the same version: keywords
/// such as `propertyNames`, a `oneOf` of one branch, which property tells the
/// branches of a choice apart, and where anything may stand.
///
/// `core.get_methods` does not speak of events. A model in them, or in a method
/// that the answer does not have, becomes what it is in the other methods.
///
/// # Errors
///
/// If that would make far more of the dump than it is. What has been added by
/// then stays.
pub fn complete(dump: &mut Value, methods: &Value) -> Result<(), TooMuch> {
    let mut models = Models {
        known: HashMap::new(),
        left: MOST,
    };
    for entry in entries(dump, "methods") {
        if let Some(method) = known(entry, methods) {
            let nothing = Value::Null;
            let accepts = json!({"prefixItems": method.get("accepts")});
            let returns = method.pointer("/returns/0").unwrap_or(&nothing);
            for (what, full) in [("Call parameters", &accepts), ("Return value", returns)] {
                let page = entry.pointer_mut(&format!("/schemas/properties/{what}"));
                models.lay(page.unwrap_or(&mut Value::Null), full)?;
            }
        }
    }
    for entry in entries(dump, "methods") {
        if known(entry, methods).is_none() {
            models.replace(entry)?;
        }
    }
    for entry in entries(dump, "events") {
        models.replace(entry)?;
    }
    Ok(())
}

/// What `core.get_methods` adds would make far more of a dump than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch;

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "what core.get_methods says of the models is too much to add it wherever they stand",
        )
    }
}

impl Error for TooMuch {}

/// The methods or events of a dump.
fn entries<'a>(dump: &'a mut Value, what: &str) -> impl Iterator<Item = &'a mut Value> {
    let entries = dump.pointer_mut(&format!("/versions/0/{what}"));
    entries.and_then(Value::as_array_mut).into_iter().flatten()
}

/// What `core.get_methods` says of a method.
fn known<'a>(entry: &Value, methods: &'a Value) -> Option<&'a Value> {
    methods.get(entry.get("name")?.as_str()?)
}

/// What models became, by what they are on pages: a hash, as most of them
/// become nothing else and need not be kept. None where it is not the same
/// everywhere.
struct Models {
    known: HashMap<u64, Option<Schema>>,
    /// How much may still be copied, in bytes.
    left: usize,
}

impl Models {
    /// Adds to a schema from a page what the same schema says in full.
    fn lay(&mut self, page: &mut Value, full: &Value) -> Result<(), TooMuch> {
        let (Value::Object(page), Value::Object(full)) = (page, full) else {
            return Ok(());
        };
        if let Some((keyword, branch)) = lone_branch(page, full) {
            let (mut inside, outside) = std::mem::take(page)
                .into_iter()
                .partition(|(keyword, _)| !OUTSIDE.contains(&keyword.as_str()));
            *page = outside;
            self.lay_inside(&mut inside, branch)?;
            inside.extend(branch.get_key_value("title").map(own));
            page.insert(keyword.to_owned(), json!([inside]));
            add_unsaid(page, full);
            return Ok(());
        }
        let before = page.contains_key("properties").then(|| model(page));
        self.lay_inside(page, full)?;
        match before {
            Some(before) => self.remember(before, page),
            None => Ok(()),
        }
    }

    fn lay_inside(&mut self, page: &mut Schema, full: &Schema) -> Result<(), TooMuch> {
        if is_bare(page) {
            lay_bare(page, full);
        }
        for (keyword, own) in page.iter_mut() {
            let Some(full) = full.get(keyword) else {
                continue;
            };
            match (keyword.as_str(), own, full) {
                (
                    "properties" | "patternProperties",
                    Value::Object(properties),
                    Value::Object(full),
                ) => {
                    for (key, property) in properties {
                        self.lay(property, full.get(key).unwrap_or(&Value::Null))?;
                    }
                }
                (
                    "anyOf" | "oneOf" | "allOf" | "prefixItems",
                    Value::Array(branches),
                    Value::Array(full),
                ) if branches.len() == full.len() => {
                    for (branch, full) in branches.iter_mut().zip(full) {
                        self.lay(branch, full)?;
                    }
                }
                // The middleware makes a list of it.
                ("items", items, Value::Array(full)) => {
                    if let [full] = full.as_slice() {
                        self.lay(items, full)?;
                    }
                }
                ("items" | "additionalProperties" | "contains" | "not", schema, full) => {
                    self.lay(schema, full)?;
                }
                _ => {}
            }
        }
        add_unsaid(page, full);
        Ok(())
    }

    fn remember(&mut self, before: u64, now: &Schema) -> Result<(), TooMuch> {
        let now = match model(now) == before {
            true => None,
            false => {
                spend(&mut self.left, now)?;
                Some(inside(now))
            }
        };
        match self.known.entry(before) {
            Entry::Vacant(entry) => {
                entry.insert(now);
            }
            Entry::Occupied(mut entry) => {
                if *entry.get() != now {
                    entry.insert(None);
                }
            }
        }
        Ok(())
    }

    /// Makes of all models in a value what the same models are elsewhere.
    fn replace(&mut self, value: &mut Value) -> Result<(), TooMuch> {
        match value {
            Value::Object(schema) => {
                let is_model = schema.contains_key("properties");
                let known = is_model.then(|| self.known.get(&model(schema)));
                if let Some(Some(Some(known))) = known {
                    spend(&mut self.left, known)?;
                    schema.retain(|keyword, _| OUTSIDE.contains(&keyword.as_str()));
                    schema.extend(known.clone());
                    return Ok(());
                }
                schema
                    .values_mut()
                    .try_for_each(|value| self.replace(value))
            }
            Value::Array(values) => values.iter_mut().try_for_each(|value| self.replace(value)),
            _ => Ok(()),
        }
    }
}

/// Counts what is copied.
fn spend(left: &mut usize, schema: &Schema) -> Result<(), TooMuch> {
    *left = left.checked_sub(size_of(schema)).ok_or(TooMuch)?;
    Ok(())
}

/// About as many bytes as it takes of memory.
fn size_of(schema: &Schema) -> usize {
    let values = schema.iter().map(|(key, value)| (key.len(), value));
    values.fold(0, |sum, (key, value)| {
        sum.saturating_add(key).saturating_add(size(value))
    })
}

fn size(value: &Value) -> usize {
    const NODE: usize = 64;
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Object(schema) => size_of(schema),
        Value::Array(values) => values.iter().map(size).fold(0, usize::saturating_add),
        _ => 0,
    };
    inside.saturating_add(NODE)
}

/// What a schema is, wherever it stands.
fn inside(schema: &Schema) -> Schema {
    let inside = schema
        .iter()
        .filter(|(keyword, _)| !OUTSIDE.contains(&keyword.as_str()));
    inside.map(own).collect()
}

fn model(schema: &Schema) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (keyword, value) in schema {
        if !OUTSIDE.contains(&keyword.as_str()) {
            (keyword, value).hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// What looks like any object may be anything, or a model without properties.
fn lay_bare(page: &mut Schema, full: &Schema) {
    if says_nothing(full) {
        page.remove("type");
    } else if keys(full).next().is_none() && full.get("additionalProperties") == Some(&json!(false))
    {
        page.insert("additionalProperties".to_owned(), json!(false));
        page.insert("properties".to_owned(), json!({}));
    }
}

/// Whether anything may stand there, or whatever stood there was left out.
fn says_nothing(full: &Schema) -> bool {
    full.keys().map(String::as_str).all(|keyword| {
        OUTSIDE.contains(&keyword) || ADDED.contains(&keyword) || keyword == "deprecated"
    })
}

/// The only branch of a choice, if the page shows that in its place.
fn lone_branch<'a>(page: &Schema, full: &'a Schema) -> Option<(&'static str, &'a Schema)> {
    let (keyword, branches) = ["oneOf", "anyOf", "allOf"]
        .into_iter()
        .find_map(|keyword| Some((keyword, full.get(keyword)?.as_array()?)))?;
    let [Value::Object(branch)] = branches.as_slice() else {
        return None;
    };
    let is_same = match is_bare(page) {
        true => says_nothing(branch),
        false => {
            let mut keywords = page.keys().map(String::as_str);
            keywords.all(|keyword| OUTSIDE.contains(&keyword) || branch.contains_key(keyword))
                && page.get("type") == branch.get("type")
                && keys(page).eq(keys(branch))
        }
    };
    (is_same && !page.contains_key(keyword)).then_some((keyword, branch))
}

fn keys(schema: &Schema) -> impl Iterator<Item = &String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::keys)
}

/// Keywords that no page has words for. Which property is the discriminator
/// was guessed where it could be.
fn add_unsaid(page: &mut Schema, full: &Schema) {
    let unsaid = full.iter().filter(|(keyword, _)| {
        !SAID.contains(&keyword.as_str()) && !ADDED.contains(&keyword.as_str())
    });
    page.extend(unsaid.map(own));
}

fn own((keyword, value): (&String, &Value)) -> (String, Value) {
    (keyword.clone(), value.clone())
}

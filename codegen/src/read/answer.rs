//! A result as `core.get_methods` describes it, to fill in what the same result
//! lacks in a dump.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::check::{self, Dialect};
use super::cursor::Cursor;
use super::fold::fold;
use super::old_style;
use super::originals::{Definitions, is_keyless, target};
use super::position::{LISTS, MAPS, Position, SINGLES, map_children};
use super::{Note, ReadError};

/// A result as `core.get_methods` describes it.
pub(super) struct Answer {
    result: Value,
    /// What it refers to.
    definitions: Definitions,
    /// What there is to say of it.
    notes: Vec<Note>,
    filled: Vec<Option<String>>,
    /// The definitions that were laid over each other.
    seen: BTreeSet<(String, Option<String>)>,
}

impl Answer {
    /// Checks the result of a method and reads it.
    ///
    /// # Errors
    ///
    /// Where it is not a valid schema.
    pub(super) fn read(result: &Cursor<'_>) -> Result<Self, ReadError> {
        let mut notes = Vec::new();
        check::document(result, Dialect::GetMethods, &mut notes)?;
        let result = old_style::modern(Value::from(result.json), false);
        let (mut roots, definitions) = fold(vec![result], Position::Result);
        let mut result = roots.pop().unwrap_or_default();
        rename(&mut result);
        let definitions = definitions.into_iter().map(|(name, mut definition)| {
            rename(&mut definition);
            (format!("{PREFIX}{name}"), definition)
        });
        Ok(Answer {
            result,
            definitions: definitions.collect(),
            notes,
            filled: Vec::new(),
            seen: BTreeSet::new(),
        })
    }

    /// Takes keys from here for a result that has none in some places, and
    /// answers what was filled: each model, by its name if it has one.
    pub(super) fn fill(
        mut self,
        result: &mut Value,
        definitions: &mut Definitions,
        notes: &mut Vec<Note>,
    ) -> Vec<Option<String>> {
        let full = std::mem::take(&mut self.result);
        self.lay(result, &full, definitions);
        if !self.filled.is_empty() {
            definitions.append(&mut self.definitions);
            notes.append(&mut self.notes);
        }
        self.filled
    }

    /// What a schema refers to, or itself.
    fn resolve<'s>(&'s self, schema: &'s Map<String, Value>) -> &'s Map<String, Value> {
        let target = target(schema).and_then(|name| self.definitions.get(name)?.as_object());
        target.unwrap_or(schema)
    }

    /// Lays a schema over the same in full, and takes the keys from there where
    /// it has none.
    fn lay(&mut self, schema: &mut Value, full: &Value, definitions: &mut Definitions) {
        let keyless = is_keyless(schema);
        let (Value::Object(schema), Value::Object(full)) = (schema, full) else {
            return;
        };
        let content = self.resolve(full).clone();
        let has_keys = content
            .get("properties")
            .and_then(Value::as_object)
            .is_some_and(|properties| !properties.is_empty());
        if let Some(name) = target(schema) {
            let both = (name.to_owned(), target(full).map(str::to_owned));
            if !self.seen.insert(both) {
                return;
            }
            // The definition is away meanwhile, so that a circle ends.
            if let Some((name, mut definition)) = definitions.remove_entry(name) {
                if has_keys && is_keyless(&definition) {
                    definition = named(content, &name);
                    self.filled.push(Some(name.clone()));
                } else {
                    self.lay(&mut definition, &Value::Object(content), definitions);
                }
                definitions.insert(name, definition);
            }
        } else if keyless && has_keys {
            let title = full.get("title").and_then(Value::as_str);
            self.filled.push(title.map(str::to_owned));
            let outside = std::mem::replace(schema, full.clone());
            schema.remove("default");
            let kept = |keyword: &str| keyword != "type" && keyword != "additionalProperties";
            schema.extend(outside.into_iter().filter(|(keyword, _)| kept(keyword)));
        } else {
            self.lay_children(schema, &content, definitions);
        }
    }

    fn lay_children(
        &mut self,
        schema: &mut Map<String, Value>,
        full: &Map<String, Value>,
        definitions: &mut Definitions,
    ) {
        for (keyword, value) in schema {
            let name = keyword.as_str();
            match (value, full.get(name)) {
                (Value::Object(children), Some(Value::Object(full))) if MAPS.contains(&name) => {
                    for (key, child) in children {
                        if let Some(full) = full.get(key) {
                            self.lay(child, full, definitions);
                        }
                    }
                }
                (Value::Array(children), Some(Value::Array(full)))
                    if LISTS.contains(&name) && children.len() == full.len() =>
                {
                    for (child, full) in children.iter_mut().zip(full) {
                        self.lay(child, full, definitions);
                    }
                }
                (child, Some(full)) if SINGLES.contains(&name) => {
                    self.lay(child, full, definitions);
                }
                _ => {}
            }
        }
    }
}

/// Begins the names of definitions of `core.get_methods`, which no dump has.
const PREFIX: &str = "core.get_methods/";

/// Puts the prefix before the names of definitions.
fn rename(schema: &mut Value) {
    if let Value::Object(object) = schema {
        let renamed = target(object).map(|name| format!("#/$defs/{PREFIX}{name}"));
        if let Some(renamed) = renamed {
            object.insert("$ref".to_owned(), renamed.into());
        }
        *object = map_children(std::mem::take(object), &mut |mut child, _| {
            rename(&mut child);
            child
        });
    }
}

/// A definition of this name.
fn named(mut definition: Map<String, Value>, name: &str) -> Value {
    definition.remove("default");
    definition.insert("title".to_owned(), name.into());
    Value::Object(definition)
}

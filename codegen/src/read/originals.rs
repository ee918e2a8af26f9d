//! Puts back the keys of models that a dump writes without them.
//!
//! A schema of a result describes what the server's serializers return. Since
//! 27.0 some of those say that they return a map, and a model that has one is
//! written as `{"type": "object"}` in every result. The schemas that describe
//! what is accepted have the model in full: those of parameters and events,
//! where it has the same name, and `returns` of `core.get_methods`, where it is
//! at the same place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::answer::Answer;
use super::check::{self, Dialect, PROSE};
use super::cursor::Cursor;
use super::json::Json;
use super::position::{LISTS, MAPS, SINGLES};
use super::{Note, ReadError};

/// Where models are described in full.
#[derive(Debug)]
pub(super) struct Originals<'a> {
    models: BTreeMap<&'a str, Original<'a>>,
    get_methods: Option<Cursor<'a>>,
    /// The notes so far, as each model is noted once.
    noted: BTreeSet<(String, Outcome)>,
}

/// What became of a model without keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Restored,
    Open,
}

/// A definition, and the document it is in.
#[derive(Debug)]
struct Original<'a> {
    document: Cursor<'a>,
    definition: Cursor<'a>,
    /// How a note names the document.
    label: String,
    /// Whether another document has something else under this name.
    ambiguous: bool,
}

/// The definitions of a document, by name.
pub(super) type Definitions = BTreeMap<String, Value>;

impl<'a> Originals<'a> {
    /// Without the definitions of a dump, which are [added](Self::add).
    pub(super) fn new(get_methods: Option<Cursor<'a>>) -> Self {
        Originals {
            models: BTreeMap::new(),
            get_methods,
            noted: BTreeSet::new(),
        }
    }

    /// Adds the definitions of a document that describes what is accepted.
    pub(super) fn add(&mut self, document: &Cursor<'a>, label: &str) {
        let definitions = document.get("$defs").and_then(|defs| defs.entries().ok());
        for (name, definition) in definitions.into_iter().flatten() {
            match self.models.get_mut(name) {
                Some(known) => known.ambiguous |= known.definition.json != definition.json,
                None => {
                    let original = Original {
                        document: document.clone(),
                        definition,
                        label: label.to_owned(),
                        ambiguous: false,
                    };
                    self.models.insert(name, original);
                }
            }
        }
    }

    /// Restores the models in the result of a method that keeps references, and
    /// notes those that had lost their keys.
    ///
    /// # Errors
    ///
    /// Where the document that has the keys is not valid.
    pub(super) fn restore(
        &mut self,
        method: &str,
        place: &Cursor<'_>,
        result: &mut Value,
        definitions: &mut Definitions,
        notes: &mut Vec<Note>,
    ) -> Result<(), ReadError> {
        let keyless = definitions.iter().filter(|(_, schema)| is_keyless(schema));
        let names = keyless.map(|(name, _)| name.clone());
        let lost: Vec<String> = names.filter(|name| !self.is_map(name)).collect();
        if lost.is_empty() {
            return Ok(());
        }
        for name in &lost {
            let original = self.models.get(name.as_str());
            if let Some(original) = original.filter(|original| !original.ambiguous) {
                check::document(&original.document, Dialect::Pydantic, &mut Vec::new())?;
                original.copy(name, definitions);
                let from = original.label.clone();
                self.note_restored(place, name, &from, notes);
            }
        }
        self.fill(method, place, result, definitions, notes)?;
        for name in lost {
            if definitions.get(&name).is_some_and(is_keyless) {
                self.note_open(place, &name, notes);
            }
        }
        Ok(())
    }

    /// The same for a result with references inlined, where a model without
    /// keys has no name either. What was folded is restored.
    ///
    /// # Errors
    ///
    /// Where the schema in the answer of `core.get_methods` is not valid.
    pub(super) fn restore_inlined(
        &mut self,
        method: &str,
        place: &Cursor<'_>,
        result: &mut Value,
        definitions: &mut Definitions,
        notes: &mut Vec<Note>,
    ) -> Result<(), ReadError> {
        let own: Vec<String> = definitions.keys().cloned().collect();
        let has = |found: Found, result: &Value, definitions: &Definitions| {
            let mut own = own.iter().filter_map(|name| definitions.get(name));
            found.is_in(result, true) || own.any(|schema| found.is_in(schema, false))
        };
        if has(Found::MapOrModel, result, definitions) {
            self.fill(method, place, result, definitions, notes)?;
        }
        if has(Found::Model, result, definitions) {
            self.note_open(place, method, notes);
        }
        Ok(())
    }

    /// Whether a model is a map where it is accepted too, so that it has lost
    /// nothing.
    fn is_map(&self, name: &str) -> bool {
        self.models.get(name).is_some_and(|original| {
            !original.ambiguous && is_keyless(&Value::from(original.definition.json))
        })
    }

    /// Fills in what `core.get_methods` has of the result of a method.
    fn fill(
        &mut self,
        method: &str,
        place: &Cursor<'_>,
        result: &mut Value,
        definitions: &mut Definitions,
        notes: &mut Vec<Note>,
    ) -> Result<(), ReadError> {
        let root = self.get_methods.as_ref().and_then(|root| root.get(method));
        let returns = root.and_then(|method| method.get("returns"));
        let Some(returns) = returns.filter(|returns| !matches!(returns.json, Json::Null)) else {
            return Ok(());
        };
        if let Some(answer) = returns.items()?.first() {
            for name in Answer::read(answer)?.fill(result, definitions, notes) {
                let name = name.as_deref().unwrap_or(method);
                self.note_restored(place, name, "core.get_methods", notes);
            }
        }
        Ok(())
    }

    fn note_restored(&mut self, place: &Cursor<'_>, name: &str, from: &str, notes: &mut Vec<Note>) {
        let message = format!("this model has no keys in results; taken from {from}");
        if self.noted.insert((name.to_owned(), Outcome::Restored)) {
            notes.push(Note::new(place, name, message));
        }
    }

    fn note_open(&mut self, place: &Cursor<'_>, name: &str, notes: &mut Vec<Note>) {
        let message = match self.get_methods {
            Some(_) => {
                "this model has no keys in results, and neither events, parameters nor \
                 core.get_methods have them: it may be any object"
            }
            None => {
                "this model has no keys in results, and neither events nor parameters have them: \
                 it may be any object; give the answer of core.get_methods as well, which may \
                 have them"
            }
        };
        if self.noted.insert((name.to_owned(), Outcome::Open)) {
            notes.push(Note::new(place, name, message));
        }
    }
}

impl Original<'_> {
    /// Copies this definition, and those that it refers to and that are missing.
    fn copy(&self, name: &str, definitions: &mut Definitions) {
        let mut waiting = vec![name.to_owned()];
        while let Some(name) = waiting.pop() {
            if definitions
                .get(&name)
                .is_some_and(|known| !is_keyless(known))
            {
                continue;
            }
            let defs = self.document.get("$defs");
            let Some(definition) = defs.and_then(|defs| defs.get(&name)) else {
                continue;
            };
            let definition = Value::from(definition.json);
            if !is_keyless(&definition) || !definitions.contains_key(&name) {
                references(&definition, &mut waiting);
                definitions.insert(name, definition);
            }
        }
    }
}

/// The names of the definitions that a schema refers to.
fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            names.extend(target(object).map(str::to_owned));
            object.values().for_each(|value| references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}

/// The name of the definition that a schema refers to.
pub(super) fn target(schema: &Map<String, Value>) -> Option<&str> {
    let target = schema.get("$ref").and_then(Value::as_str)?;
    target.strip_prefix("#/$defs/")
}

/// Whether a schema is an object of which nothing is said.
pub(super) fn is_keyless(schema: &Value) -> bool {
    let Value::Object(schema) = schema else {
        return false;
    };
    schema.get("type").and_then(Value::as_str) == Some("object")
        && schema
            .iter()
            .all(|(keyword, value)| match keyword.as_str() {
                "type" | "title" | "default" => true,
                "additionalProperties" => *value == Value::Bool(true),
                other => PROSE.contains(&other),
            })
}

/// The schemas directly inside of a schema, and whether each is a property.
fn children(schema: &Value) -> Vec<(&Value, bool)> {
    let keywords = schema.as_object().into_iter().flatten();
    keywords
        .flat_map(|(keyword, value)| {
            let name = keyword.as_str();
            match value {
                Value::Object(children) if MAPS.contains(&name) => children
                    .values()
                    .map(|child| (child, name == "properties"))
                    .collect(),
                Value::Array(children) if LISTS.contains(&name) => {
                    children.iter().map(|child| (child, false)).collect()
                }
                child if SINGLES.contains(&name) => vec![(child, false)],
                _ => Vec::new(),
            }
        })
        .collect()
}

/// What is looked for in a schema whose references are inlined.
enum Found {
    /// Any object of which nothing is said.
    MapOrModel,
    /// Such an object where a map would have a title, and it has none.
    Model,
}

impl Found {
    /// Whether a schema has it; pydantic titles a property and a result unless
    /// it is a model.
    fn is_in(&self, schema: &Value, titled: bool) -> bool {
        let matches = match self {
            Found::MapOrModel => true,
            Found::Model => titled && schema.get("title").is_none(),
        };
        (matches && is_keyless(schema))
            || children(schema)
                .iter()
                .any(|(child, is_property)| self.is_in(child, *is_property))
    }
}

//! Finds the definitions again in a document whose references were replaced by
//! what they point to.
//!
//! Two things get lost by that. Where a definition is met for a second time,
//! the references *in* it are left blank; so all occurrences of a definition
//! are laid over each other. And at some positions the model's name is written
//! over, see [`Position`]; what stands there is left in place, and its blanks
//! are filled from an object that is otherwise the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::check::PROSE;
use super::position::{LISTS, MAPS, Position, SINGLES, Title, map_children};

/// Puts the references back into schemas that were inlined together, and
/// answers the definitions they point to, by the name in `#/$defs/` (which is
/// not their title).
pub(super) fn fold(
    roots: Vec<Value>,
    position: Position<'_>,
) -> (Vec<Value>, BTreeMap<String, Value>) {
    let mut definitions = Definitions::default();
    let roots = roots
        .into_iter()
        .map(|schema| definitions.fold(schema, position))
        .collect::<Vec<_>>();
    let mut known = Vec::new();
    for schema in roots.iter().chain(&definitions.0) {
        collect_objects(schema, &mut known);
    }
    let defs = definitions.0.into_iter().enumerate();
    let defs = defs.map(|(number, schema)| (number.to_string(), fill(schema, &known)));
    let roots = roots.into_iter().map(|schema| fill(schema, &known));
    (roots.collect(), defs.collect())
}

#[derive(Default)]
struct Definitions(Vec<Value>);

impl Definitions {
    fn fold(&mut self, schema: Value, position: Position<'_>) -> Value {
        let Value::Object(schema) = schema else {
            return schema;
        };
        let title = position.title(schema.get("title").and_then(Value::as_str));
        if is_blank(&schema) {
            return Value::Object(schema);
        }
        let mut schema = map_children(schema, &mut |child, position| self.fold(child, position));
        if !matches!(title, Title::Model(_)) {
            return Value::Object(schema);
        }
        let mut outside = Map::new();
        outside.extend(schema.remove_entry("default"));
        let number = self.define(Value::Object(schema));
        outside.insert("$ref".to_owned(), format!("#/$defs/{number}").into());
        Value::Object(outside)
    }

    /// The definition this is an occurrence of.
    fn define(&mut self, occurrence: Value) -> usize {
        for (number, known) in self.0.iter_mut().enumerate() {
            if known.get("title") != occurrence.get("title") {
                continue;
            }
            if let Some(merged) = overlay(known, &occurrence, |_| true) {
                *known = merged;
                return number;
            }
        }
        self.0.push(occurrence);
        self.0.len() - 1
    }
}

/// Whether only what stands beside a reference is left.
fn is_blank(schema: &Map<String, Value>) -> bool {
    schema.keys().all(|keyword| {
        matches!(keyword.as_str(), "title" | "default") || PROSE.contains(&keyword.as_str())
    })
}

/// All objects with properties in a schema, without what only belongs to the
/// place they stand at.
fn collect_objects(schema: &Value, found: &mut Vec<Value>) {
    let Value::Object(schema) = schema else {
        return;
    };
    let bare = map_children(schema.clone(), &mut |child, _| {
        collect_objects(&child, found);
        child
    });
    if bare.contains_key("properties") {
        found.push(Value::Object(split_outside(bare).1));
    }
}

/// Fills the blanks that are left in the objects of a schema.
fn fill(schema: Value, known: &[Value]) -> Value {
    let Value::Object(schema) = schema else {
        return schema;
    };
    let schema = map_children(schema, &mut |child, _| fill(child, known));
    if !schema.contains_key("properties") {
        return Value::Object(schema);
    }
    let (mut outside, bare) = split_outside(schema);
    let bare = Value::Object(bare);
    let was_reference = |content: &Map<String, Value>| {
        content.contains_key("$ref") || content.contains_key("properties")
    };
    let mut filled: Vec<Value> = known
        .iter()
        .filter_map(|other| overlay(&bare, other, was_reference))
        .filter(|merged| *merged != bare)
        .collect();
    filled.dedup();
    // Two ways to fill it, and neither is known to be the right one.
    let content = match (filled.pop(), filled.is_empty()) {
        (Some(only), true) => only,
        _ => bare,
    };
    if let Value::Object(content) = content {
        outside.extend(content);
    }
    Value::Object(outside)
}

/// What belongs to the place a schema stands at, and the schema itself.
fn split_outside(mut schema: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let mut outside = Map::new();
    for keyword in ["title", "default"] {
        outside.extend(schema.remove_entry(keyword));
    }
    (outside, schema)
}

/// Whether something may have stood where a blank is now.
type Fills = fn(&Map<String, Value>) -> bool;

/// Two occurrences of one schema as one, or nothing if they differ in more
/// than blanks.
fn overlay(a: &Value, b: &Value, fills: Fills) -> Option<Value> {
    let (Value::Object(a), Value::Object(b)) = (a, b) else {
        return (a == b).then(|| a.clone());
    };
    if is_blank(a) && (a == b || fills(b)) {
        return Some(Value::Object(b.clone()));
    }
    if is_blank(b) && (a == b || fills(a)) {
        return Some(Value::Object(a.clone()));
    }
    let mut merged = Map::new();
    for (keyword, value) in a {
        let name = keyword.as_str();
        let both = match (value, b.get(keyword)) {
            (Value::Object(a), Some(Value::Object(b))) if MAPS.contains(&name) => {
                overlay_maps(a, b, fills)?
            }
            (Value::Array(a), Some(Value::Array(b))) if LISTS.contains(&name) => {
                overlay_lists(a, b, fills)?
            }
            (a, Some(b)) if SINGLES.contains(&name) => overlay(a, b, fills)?,
            (a, _) if PROSE.contains(&name) => a.clone(),
            (a, Some(b)) if a == b => a.clone(),
            _ => return None,
        };
        merged.insert(keyword.clone(), both);
    }
    for (keyword, value) in b {
        if PROSE.contains(&keyword.as_str()) {
            merged.entry(keyword).or_insert_with(|| value.clone());
        } else if !merged.contains_key(keyword) {
            return None;
        }
    }
    Some(Value::Object(merged))
}

fn overlay_maps(a: &Map<String, Value>, b: &Map<String, Value>, fills: Fills) -> Option<Value> {
    if a.len() != b.len() {
        return None;
    }
    a.iter()
        .map(|(key, a)| Some((key.clone(), overlay(a, b.get(key)?, fills)?)))
        .collect()
}

fn overlay_lists(a: &[Value], b: &[Value], fills: Fills) -> Option<Value> {
    if a.len() != b.len() {
        return None;
    }
    a.iter().zip(b).map(|(a, b)| overlay(a, b, fills)).collect()
}

//! Finds the definitions again in a document whose references were replaced by
//! what they point to.
//!
//! Two things get lost by that. Where a definition is met for a second time,
//! the references *in* it are left blank. And at some positions the model's
//! name is written over, see [`Position`]. So every object is taken for an
//! occurrence of some definition, and all occurrences that differ in nothing but
//! blanks are laid over each other.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::check::PROSE;
use super::position::{LISTS, MAPS, Position, SINGLES, Title, map_children};

/// Puts the references back into schemas that were inlined together, and
/// answers the definitions they point to, by the name in `#/$defs/`. Titles stay
/// with the references.
pub(super) fn fold(
    roots: Vec<Value>,
    position: Position<'_>,
) -> (Vec<Value>, BTreeMap<String, Value>) {
    let mut definitions = Definitions::default();
    let roots = roots
        .into_iter()
        .map(|schema| definitions.fold(schema, position))
        .collect();
    let defs = definitions.0.into_iter().enumerate();
    let defs = defs.map(|(number, definition)| (number.to_string(), definition.schema));
    (roots, defs.collect())
}

struct Definition {
    /// Its name, if an occurrence has one.
    title: Option<String>,
    schema: Value,
}

#[derive(Default)]
struct Definitions(Vec<Definition>);

impl Definitions {
    fn fold(&mut self, schema: Value, position: Position<'_>) -> Value {
        let Value::Object(schema) = schema else {
            return schema;
        };
        if is_blank(&schema) {
            return Value::Object(schema);
        }
        let mut schema = map_children(schema, &mut |child, position| self.fold(child, position));
        let title = match position.title(schema.get("title").and_then(Value::as_str)) {
            Title::Model(title) => Some(title),
            _ => None,
        };
        if title.is_none() && !schema.contains_key("properties") {
            return Value::Object(schema);
        }
        let mut outside = Map::new();
        for keyword in ["title", "default"] {
            outside.extend(schema.remove_entry(keyword));
        }
        let number = self.define(title, Value::Object(schema));
        outside.insert("$ref".to_owned(), format!("#/$defs/{number}").into());
        Value::Object(outside)
    }

    /// The definition this is an occurrence of.
    fn define(&mut self, title: Option<String>, occurrence: Value) -> usize {
        for (number, known) in self.0.iter_mut().enumerate() {
            // By name anything may be blank; without, what cannot have been a
            // reference would be a coincidence.
            let fills: Fills = match (&known.title, &title) {
                (Some(one), Some(other)) if one == other => |_| true,
                (Some(_), Some(_)) => continue,
                _ => |content| content.contains_key("$ref"),
            };
            if let Some(merged) = overlay(&known.schema, &occurrence, fills) {
                known.schema = merged;
                known.title = known.title.take().or(title);
                return number;
            }
        }
        self.0.push(Definition {
            title,
            schema: occurrence,
        });
        self.0.len() - 1
    }
}

/// Whether only what stands beside a reference is left.
fn is_blank(schema: &Map<String, Value>) -> bool {
    schema.keys().all(|keyword| {
        matches!(keyword.as_str(), "title" | "default") || PROSE.contains(&keyword.as_str())
    })
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

//! What of each entry a query answers.

use serde_json::{Map, Value};
use truenas_codegen::overrides::Quirk;

use super::super::Failure;
use super::nature::Nature;
use super::own::is_extended;
use super::path::Path;
use super::refused;

/// A part of the entries, and where it stands in the answer.
#[derive(Debug)]
pub(super) struct Select {
    path: Path,
    name: Option<String>,
}

impl Select {
    /// `"path"` or `["path", "name"]`.
    pub(super) fn parse(select: &Value) -> Result<Self, Failure> {
        let parts = select.as_array().map(Vec::as_slice);
        match (select, parts) {
            (Value::String(path), _) => Ok(Self {
                path: Path::parse(path),
                name: None,
            }),
            (_, Some([Value::String(path), Value::String(name)])) => Ok(Self {
                path: Path::parse(path),
                name: Some(name.clone()),
            }),
            _ => Err(refused("options", format!("Invalid select: {select}"))),
        }
    }
}

/// The parts of an entry that are selected, or all of it where none is. A part
/// that the entry does not have is left out.
pub(super) fn select(entry: &Value, select: &[Select], nature: &Nature) -> Result<Value, Failure> {
    if select.is_empty() {
        return Ok(entry.clone());
    }
    let mut answer = Map::new();
    let keys_only = nature.has(Quirk::SelectsKeysOnly);
    for Select { path, name } in select {
        if keys_only && (name.is_some() || path.steps().len() != 1) {
            continue;
        }
        let Some((keys, value)) = find(entry, path)? else {
            continue;
        };
        match name {
            Some(name) => {
                answer.insert(name.clone(), value.clone());
            }
            None => insert(&mut answer, &keys, value),
        }
    }
    Ok(Value::Object(answer))
}

/// The value at a path and the keys that led to it. A path ends at a value that
/// holds no others.
fn find<'v, 'p>(
    entry: &'v Value,
    path: &'p Path,
) -> Result<Option<(Vec<&'p str>, &'v Value)>, Failure> {
    path.check()?;
    let mut keys = Vec::new();
    let mut value = entry;
    for step in path.steps() {
        match value {
            Value::Object(object) if !is_extended(object) => {
                keys.push(step.as_str());
                match object.get(step) {
                    Some(below) => value = below,
                    None => return Ok(None),
                }
            }
            Value::Array(_) => {
                let message = "Selecting by list index is not supported";
                return Err(Failure::raised("ValueError", message));
            }
            _ => {}
        }
    }
    if keys.is_empty() {
        return Err(Failure::raised("IndexError", "pop from empty list"));
    }
    Ok(Some((keys, value)))
}

/// Puts a part where it stands in the entry.
fn insert(object: &mut Map<String, Value>, keys: &[&str], value: &Value) {
    match keys {
        [] => {}
        [last] => {
            object.insert((*last).to_owned(), value.clone());
        }
        [key, rest @ ..] => {
            let below = object
                .entry((*key).to_owned())
                .or_insert_with(|| Map::new().into());
            if let Value::Object(below) = below {
                insert(below, rest, value);
            }
        }
    }
}

//! What of each entry a query answers.

use serde_json::{Map, Value};

use super::super::Failure;
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
pub(super) fn select(entry: &Value, select: &[Select]) -> Value {
    if select.is_empty() {
        return entry.clone();
    }
    let mut answer = Map::new();
    for Select { path, name } in select {
        let Some(value) = path.value(entry) else {
            continue;
        };
        match name {
            Some(name) => {
                answer.insert(name.clone(), value);
            }
            None => insert(&mut answer, path.steps(), value),
        }
    }
    Value::Object(answer)
}

/// Puts a part where it stands in the entry.
fn insert(object: &mut Map<String, Value>, steps: &[String], value: Value) {
    match steps {
        [] => {}
        [last] => {
            object.insert(last.clone(), value);
        }
        [step, rest @ ..] => {
            let below = object
                .entry(step.clone())
                .or_insert_with(|| Map::new().into());
            if let Value::Object(below) = below {
                insert(below, rest, value);
            }
        }
    }
}

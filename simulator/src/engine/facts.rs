//! What is known of the made-up system beside the schemas: `system.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::schemas::LoadError;

/// The made-up system, and what no schema says of its services. Of entries,
/// settings and answers only what matters stands here: [`fit`](super::fit)
/// brings them into the shape of whatever version is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Facts {
    /// By service: the key that entries are found by, where it is not `id`.
    keys: BTreeMap<String, String>,
    /// By service: what the id of a new entry is made of, where it is not its
    /// name. `{dataset}` stands for what was given for that key.
    ids: BTreeMap<String, String>,
    /// By service and key: the service whose entry stands there, where a
    /// caller gives its id.
    references: BTreeMap<String, String>,
    /// By method: what changes in the entry that it is called for.
    effects: BTreeMap<String, Value>,
    /// By service: the entries there are from the start.
    entries: BTreeMap<String, Vec<Map<String, Value>>>,
    /// By service: settings.
    configs: BTreeMap<String, Value>,
    /// By method: what it answers.
    answers: BTreeMap<String, Value>,
}

impl Facts {
    /// Reads them, for a system that runs this release.
    pub(crate) fn read(release: &str) -> Result<Self, LoadError> {
        let text = include_str!("system.json").replace("{release}", release);
        serde_json::from_str(&text).map_err(|error| LoadError::new(format!("system.json: {error}")))
    }

    /// The key that entries of a service are found by.
    pub(crate) fn key(&self, service: &str) -> &str {
        self.keys.get(service).map_or("id", String::as_str)
    }

    /// What an entry is called after that is not numbered.
    pub(crate) fn id(&self, service: &str, data: &Map<String, Value>) -> Option<String> {
        let part = |key: &str| data.get(key).and_then(Value::as_str);
        let Some(form) = self.ids.get(service) else {
            let known = [self.key(service), "name", "app_name"]
                .into_iter()
                .find_map(part);
            return known.map(str::to_owned);
        };
        let mut id = String::new();
        for piece in form.split_inclusive('}') {
            match piece
                .strip_suffix('}')
                .and_then(|piece| piece.split_once('{'))
            {
                Some((before, key)) => {
                    id.push_str(before);
                    id.push_str(part(key)?);
                }
                None => id.push_str(piece),
            }
        }
        Some(id)
    }

    /// The service that a key of a service's entries refers to.
    pub(crate) fn reference(&self, service: &str, key: &str) -> Option<&str> {
        let service = self.references.get(&format!("{service}.{key}"))?;
        Some(service)
    }

    pub(crate) fn effect(&self, method: &str) -> Option<&Value> {
        self.effects.get(method)
    }

    pub(crate) fn entries(&self, service: &str) -> &[Map<String, Value>] {
        self.entries
            .get(service)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(crate) fn config(&self, service: &str) -> Option<&Value> {
        self.configs.get(service)
    }

    pub(crate) fn answer(&self, method: &str) -> Option<&Value> {
        self.answers.get(method)
    }
}

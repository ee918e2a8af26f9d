//! What is known of the made-up system beside the schemas: `system.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};
use truenas_codegen::model::split;

use super::schemas::LoadError;
use super::update::Change;

/// The made-up system, and what no schema says of its services. Of entries,
/// settings and answers only what matters stands here: [`fit`](super::fit)
/// brings them into the shape of whatever version is asked for. What differs in
/// a release stands in the file's `series`, by section, and takes the place of
/// the rest.
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
    /// By service: a key that new entries count up, beside their ids.
    counters: BTreeMap<String, String>,
    /// By service: what a new entry has where the caller leaves it open.
    new: BTreeMap<String, Map<String, Value>>,
    /// By service: what a new entry has whatever the caller gives.
    derived: BTreeMap<String, Map<String, Value>>,
    /// By method: what changes in the entry that it is called for; null where
    /// the entry goes away.
    effects: BTreeMap<String, Value>,
    /// By service: the entries there are from the start.
    entries: BTreeMap<String, Vec<Map<String, Value>>>,
    /// By service: settings.
    configs: BTreeMap<String, Value>,
    /// By method: what it answers.
    answers: BTreeMap<String, Value>,
    /// By method: what subscribers hear of it. What it changes in an entry is
    /// then told in no other way.
    announced: BTreeMap<String, Vec<Announced>>,
    /// Events that send on their own, of versions whose schemas do not say it.
    sources: Vec<String>,
    /// Events that do not say which entry they are about.
    nameless: Vec<String>,
    /// Keys that a plain system leaves out of what it answers, where its schema
    /// allows that.
    absent: BTreeSet<String>,
    /// By version: older ones that came out after it.
    later: BTreeMap<String, Vec<String>>,
}

/// An event that a method causes. `{name}` stands for what the caller gave for
/// `name`; without that, nothing is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Announced {
    pub(crate) event: String,
    pub(crate) msg: Change,
    pub(crate) id: Option<Value>,
    pub(crate) fields: Option<Value>,
    pub(crate) extra: Option<Value>,
}

impl Facts {
    /// Reads them, for a system that runs this release.
    pub(crate) fn read(release: &str) -> Result<Self, LoadError> {
        let text = include_str!("system.json").replace("{release}", release);
        let read = || {
            let mut facts: Value = serde_json::from_str(&text)?;
            let series = facts
                .as_object_mut()
                .and_then(|facts| facts.remove("series"));
            let all: BTreeMap<String, BTreeMap<String, Map<String, Value>>> =
                serde_json::from_value(series.unwrap_or_default())?;
            let own = all
                .into_iter()
                .filter(|(series, _)| release.starts_with(series));
            for (section, differing) in own.flat_map(|(_, sections)| sections) {
                if let Some(Value::Object(section)) = facts.get_mut(&section) {
                    section.extend(differing);
                }
            }
            serde_json::from_value(facts)
        };
        read().map_err(|error: serde_json::Error| LoadError::new(format!("system.json: {error}")))
    }

    /// The key that entries of a service are found by.
    pub(crate) fn key(&self, service: &str) -> &str {
        self.keys.get(service).map_or("id", String::as_str)
    }

    /// What ids are made of, where that is not the name.
    pub(crate) fn id(&self, service: &str) -> Option<&str> {
        self.ids.get(service).map(String::as_str)
    }

    /// The key that counts up in new entries, beside the id.
    pub(crate) fn counter(&self, service: &str) -> Option<&'_ str> {
        self.counters.get(service).map(String::as_str)
    }

    /// What a new entry has where the caller leaves it open.
    pub(crate) fn left_open(&self, service: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.new.get(service).into_iter().flatten()
    }

    /// What a new entry has whatever the caller gives.
    pub(crate) fn derived(&self, service: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.derived.get(service).into_iter().flatten()
    }

    /// The service that a key of a service's entries refers to.
    pub(crate) fn reference(&self, service: &str, key: &str) -> Option<&str> {
        let service = self.references.get(&format!("{service}.{key}"))?;
        Some(service)
    }

    /// The services that entries of a service refer to.
    pub(crate) fn references(&self, service: &str) -> impl Iterator<Item = &str> {
        let all = self.references.iter();
        let own = all.filter(move |(place, _)| split(place).0 == service);
        own.map(|(_, other)| other.as_str())
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

    /// What subscribers hear of a method.
    pub(crate) fn announced(&self, method: &str) -> &[Announced] {
        self.announced
            .get(method)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The keys that are left out where that is allowed.
    pub(crate) fn absent(&self) -> &BTreeSet<String> {
        &self.absent
    }

    pub(crate) fn is_source(&self, event: &str) -> bool {
        self.sources.iter().any(|name| name == event)
    }

    /// Whether an event says which entry it is about.
    pub(crate) fn says_which(&self, event: &str) -> bool {
        !self.nameless.iter().any(|name| name == event)
    }

    /// Whether a version came out after another that is newer by its number.
    pub(crate) fn is_later(&self, version: &str, than: &str) -> bool {
        let mut later = self.later.get(than).into_iter().flatten();
        later.any(|later| later == version)
    }
}

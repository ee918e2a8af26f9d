//! What no schema says: `schemas/overrides.json`, one line a fact, each with
//! its reason. A line that matches nothing in any version is an error.

use std::cell::RefCell;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::corrections::covers;
use crate::types::Integer;

/// The overrides file.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// The values that must not be shown.
    pub secrets: Vec<Secret>,
    /// Integers whose range the schema does not say.
    pub integers: Vec<IntegerRange>,
    /// Methods of which the general rule on reading would be wrong.
    pub reads_only: Vec<ReadsOnly>,
    /// Models with a better Rust name than their own.
    pub names: Vec<Name>,
    /// Times in the entries of a query that have no time zone on the server.
    #[serde(default)]
    pub naive_times: Vec<NaiveTime>,
    /// Queries that the server handles unlike others.
    #[serde(default)]
    pub query_quirks: Vec<QueryQuirk>,
    #[serde(skip)]
    used: RefCell<BTreeSet<String>>,
}

/// A key that holds a secret, or that servers redact for callers with fewer
/// rights.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The key of a property or the name of a parameter: every text under that
    /// name is a secret. With `Model.` before it, a value of any type in that
    /// model is one. The result of a method is `the.method.Result`.
    pub key: String,
    /// The reason.
    pub reason: String,
}

/// A key whose integer needs more room than `i64`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegerRange {
    /// The key of a property or the name of a parameter; with `Model.` before
    /// it, only in that model.
    pub key: String,
    /// The size that the integer can have.
    pub size: IntegerSize,
    /// The reason.
    pub reason: String,
}

/// The size that an integer can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IntegerSize {
    /// Up to 128 bits.
    I128,
    /// Any size.
    Any,
}

/// A method that reads only, or does not, against the general rule.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadsOnly {
    /// The method's wire name.
    pub method: String,
    /// Whether it may be sent again without effect.
    pub value: bool,
    /// The reason.
    pub reason: String,
}

/// A model's Rust name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// The model.
    pub model: String,
    /// Its name in Rust.
    pub name: String,
    /// The reason.
    pub reason: String,
}

/// A time in the entries of a query whose value on the server has no time zone.
/// The server cannot compare it with a time that has one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NaiveTime {
    /// The wire name of the query.
    pub method: String,
    /// The path from the entry: `scan.start_time`.
    pub path: String,
    /// The API versions: `v25.10.0`, `v25.10.*` for a series, `v*` for all.
    pub versions: Vec<String>,
    /// True if the value has a fraction of a second, which answers do not show.
    #[serde(default)]
    pub microseconds: bool,
    /// The place in the middleware that shows it.
    pub reason: String,
}

/// A query that the server handles unlike others.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryQuirk {
    /// The wire name of the query.
    pub method: String,
    /// The difference.
    pub quirk: Quirk,
    /// The API versions: `v25.10.0`, `v25.10.*` for a series, `v*` for all.
    pub versions: Vec<String>,
    /// The reason.
    pub reason: String,
}

/// A way in which the server handles a query unlike others.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    /// The database filters and sorts.
    FiltersInSql,
    /// Entries are sorted before columns are selected.
    SortsBeforeSelect,
    /// Only whole fields can be selected, and only under their own names.
    SelectsKeysOnly,
}

impl Overrides {
    /// Returns the times of a query that have no time zone in a version, by
    /// path. `has_field` returns whether the entries have a field.
    pub fn naive_times(
        &self,
        api: &str,
        method: &str,
        has_field: impl Fn(&str) -> bool,
    ) -> Vec<&NaiveTime> {
        let lines = self.naive_times.iter();
        let lines = lines.filter(|line| {
            let first = line.path.split('.').next().unwrap_or_default();
            line.method == method
                && has_field(first)
                && self.covers("naive_times", &line.key(), &line.versions, api)
        });
        lines.collect()
    }

    /// Returns the quirks of a query in a version.
    pub fn quirks(&self, api: &str, method: &str) -> BTreeSet<Quirk> {
        let lines = self.query_quirks.iter();
        let lines = lines.filter(|line| {
            line.method == method && self.covers("query_quirks", &line.key(), &line.versions, api)
        });
        lines.map(|line| line.quirk).collect()
    }

    fn covers(&self, list: &str, key: &str, versions: &[String], api: &str) -> bool {
        let mut covered = false;
        for version in versions.iter().filter(|version| covers(version, api)) {
            covered = self.matched(list, &format!("{key} {version}"), true);
        }
        covered
    }

    /// Returns whether a text under `key` of `owner` is a secret.
    pub fn is_secret(&self, owner: &str, key: &str) -> bool {
        let listed = self.secrets.iter().any(|line| line.key == key);
        self.matched("secrets", key, listed) || self.is_secret_value(owner, key)
    }

    /// Returns whether any value under `key` of `owner` is a secret.
    pub fn is_secret_value(&self, owner: &str, key: &str) -> bool {
        let qualified = format!("{owner}.{key}");
        let listed = self.secrets.iter().any(|line| line.key == qualified);
        self.matched("secrets", &qualified, listed)
    }

    /// Returns the integer type that `key` of `owner` needs, if the overrides
    /// name one.
    pub fn integer(&self, owner: &str, key: &str) -> Option<Integer> {
        let qualified = format!("{owner}.{key}");
        let line = self
            .integers
            .iter()
            .find(|line| line.key == key || line.key == qualified)?;
        self.matched("integers", &line.key, true);
        Some(match line.size {
            IntegerSize::I128 => Integer::I128,
            IntegerSize::Any => Integer::Big,
        })
    }

    /// Whether `method` reads only, if the general rule would be wrong.
    pub fn reads_only(&self, method: &str) -> Option<bool> {
        let line = self.reads_only.iter().find(|line| line.method == method);
        self.matched("reads_only", method, line.is_some());
        line.map(|line| line.value)
    }

    /// The Rust name for `model`, if it is not the model's own.
    pub fn name(&self, model: &str) -> Option<&str> {
        let line = self.names.iter().find(|line| line.model == model);
        self.matched("names", model, line.is_some());
        line.map(|line| line.name.as_str())
    }

    fn matched(&self, list: &str, key: &str, matched: bool) -> bool {
        if matched {
            self.used.borrow_mut().insert(format!("{list}: {key}"));
        }
        matched
    }

    /// Returns the lines that are limited to versions, once for each of their
    /// names.
    fn versioned(&self) -> impl Iterator<Item = String> {
        let each = |list: &'static str, key: String, versions: &[String]| {
            let lines = versions.iter();
            let lines = lines.map(|version| format!("{list}: {key} {version}"));
            lines.collect::<Vec<_>>()
        };
        let times = self.naive_times.iter();
        let times = times.flat_map(move |line| each("naive_times", line.key(), &line.versions));
        let quirks = self.query_quirks.iter();
        let quirks = quirks.flat_map(move |line| each("query_quirks", line.key(), &line.versions));
        times.chain(quirks)
    }

    /// The lines that have matched nothing so far.
    pub fn unused(&self) -> Vec<String> {
        let lines = [
            (
                "secrets",
                self.secrets
                    .iter()
                    .map(|line| &line.key)
                    .collect::<Vec<_>>(),
            ),
            (
                "integers",
                self.integers.iter().map(|line| &line.key).collect(),
            ),
            (
                "reads_only",
                self.reads_only.iter().map(|line| &line.method).collect(),
            ),
            ("names", self.names.iter().map(|line| &line.model).collect()),
        ];
        let lines = lines
            .iter()
            .flat_map(|(list, keys)| keys.iter().map(move |key| format!("{list}: {key}")));
        let used = self.used.borrow();
        lines
            .chain(self.versioned())
            .filter(|line| !used.contains(line))
            .collect()
    }
}

impl NaiveTime {
    fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl QueryQuirk {
    fn key(&self) -> String {
        format!("{} {:?}", self.method, self.quirk)
    }
}

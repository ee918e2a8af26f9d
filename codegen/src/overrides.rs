//! What no schema says: `schemas/overrides.json`, one line a fact, each with
//! its reason. A line that matches nothing in any version is an error.

use std::cell::RefCell;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::types::Integer;

/// The overrides file.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// What must not be shown.
    pub secrets: Vec<Secret>,
    /// Integers whose range the schema does not say.
    pub integers: Vec<IntegerRange>,
    /// Methods of which the general rule on reading would be wrong.
    pub reads_only: Vec<ReadsOnly>,
    /// Models with a better Rust name than their own.
    pub names: Vec<Name>,
    #[serde(skip)]
    used: RefCell<BTreeSet<String>>,
}

/// A key that holds a secret, or that servers redact for callers with fewer
/// rights.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The key of a property or the name of a parameter, for every text under
    /// that name; with `Model.` before it, for a value of any type in that
    /// model. What a method answers is `the.method.Result`.
    pub key: String,
    /// Why.
    pub reason: String,
}

/// A key whose integer needs more room than `i64`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegerRange {
    /// The key of a property or the name of a parameter; with `Model.` before
    /// it, only in that model.
    pub key: String,
    /// How large it can be.
    pub size: IntegerSize,
    /// Why.
    pub reason: String,
}

/// How large an integer can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IntegerSize {
    /// Up to 128 bits.
    I128,
    /// As large as it likes.
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
    /// Why.
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
    /// Why.
    pub reason: String,
}

impl Overrides {
    /// Whether a text under `key` of `owner` is a secret.
    pub fn is_secret(&self, owner: &str, key: &str) -> bool {
        let listed = self.secrets.iter().any(|line| line.key == key);
        self.matched("secrets", key, listed) || self.is_secret_value(owner, key)
    }

    /// Whether whatever `key` of `owner` holds is a secret.
    pub fn is_secret_value(&self, owner: &str, key: &str) -> bool {
        let qualified = format!("{owner}.{key}");
        let listed = self.secrets.iter().any(|line| line.key == qualified);
        self.matched("secrets", &qualified, listed)
    }

    /// The integer that `key` of `owner` needs, if the schema does not say.
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
        let used = self.used.borrow();
        lines
            .iter()
            .flat_map(|(list, keys)| keys.iter().map(move |key| format!("{list}: {key}")))
            .filter(|line| !used.contains(line))
            .collect()
    }
}

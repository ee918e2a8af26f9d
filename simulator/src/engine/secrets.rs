//! Which strings a record masks: the list that the typed bindings go by, by the
//! names of keys. What servers hide is in [`redaction`](super::redaction).

use std::collections::BTreeSet;

use serde_json::Value;
use truenas_codegen::overrides::Overrides;

/// What stands where a secret was.
pub(crate) const HIDDEN: &str = "********";

/// The keys whose strings are secrets.
#[derive(Debug)]
pub(crate) struct Secrets(BTreeSet<String>);

impl Secrets {
    pub(crate) fn of(overrides: &Overrides) -> Self {
        let keys = overrides.secrets.iter().map(|secret| secret.key.clone());
        Self(keys.collect())
    }

    /// The value with nothing in it that is a secret.
    pub(crate) fn hidden(&self, value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.hidden(item)).collect(),
            Value::Object(object) => object
                .into_iter()
                .map(|(key, value)| {
                    let secret = value.as_str().is_some_and(|text| !text.is_empty());
                    if secret && self.0.contains(&key) {
                        (key, HIDDEN.into())
                    } else {
                        (key, self.hidden(value))
                    }
                })
                .collect(),
            other => other,
        }
    }
}

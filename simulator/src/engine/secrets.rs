//! Which strings a record masks: the list that the typed bindings go by, by the
//! names of keys. What servers hide is in [`redaction`](super::redaction).

use std::collections::BTreeSet;

use serde_json::Value;
use truenas_codegen::overrides::Overrides;

use super::schemas::LoadError;

/// What stands where a secret was.
pub(crate) const HIDDEN: &str = "********";

/// The keys whose strings are secrets.
#[derive(Debug)]
pub(crate) struct Secrets(BTreeSet<String>);

impl Secrets {
    pub(crate) fn read() -> Result<Self, LoadError> {
        let text = include_str!("../../../schemas/overrides.json");
        let overrides: Overrides = serde_json::from_str(text)
            .map_err(|error| LoadError::new(format!("the embedded overrides.json: {error}")))?;
        let keys = overrides.secrets.into_iter().map(|secret| secret.key);
        Ok(Self(keys.collect()))
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

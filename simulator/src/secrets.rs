//! Secrets are shown to nobody who did not ask for them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

/// What stands in the place of a secret.
pub(crate) const MASK: &str = "********";

/// The same list that makes secrets of the bindings' types.
const OVERRIDES: &str = include_str!("../../schemas/overrides.json");

/// Keys that hold a secret wherever they stand, and those that hold one in
/// some models: here there are no models to tell.
static KEYS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let overrides: Value = serde_json::from_str(OVERRIDES).unwrap_or_default();
    let rules = overrides.get("secrets").and_then(Value::as_array);
    let keys = rules.into_iter().flatten().filter_map(|rule| {
        let key = rule.get("key")?.as_str()?;
        let last = key.rsplit('.').next()?;
        Some(last.to_owned())
    });
    // What SCRAM says is as good as the key to who can compute.
    keys.chain(["rfc_str".to_owned()]).collect()
});

/// Puts a mask over each string under a key that holds secrets.
pub(crate) fn mask(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(object) => {
            for (key, inner) in object {
                match inner {
                    Value::String(text) if KEYS.contains(key) => MASK.clone_into(text),
                    _ => mask(inner),
                }
            }
        }
        Value::String(text) => {
            // An address of `core.download`.
            if let Some(at) = text.find("auth_token=") {
                text.truncate(at);
                text.push_str("auth_token=");
                text.push_str(MASK);
            }
        }
        _ => {}
    }
}

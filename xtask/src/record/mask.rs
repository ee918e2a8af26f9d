//! Replaces secrets by asterisks, as servers do.

use serde_json::Value;
use truenas_codegen::types::{Method, Types};

use super::secret::{names_secret, shows_secret};
use super::walk::{Possible, Visit, walk};

pub(super) const MASK: &str = "********";

/// Replaces everything in an answer that is a secret by its type, or looks like
/// one by its key or its text.
pub(super) fn mask(types: &Types, method: Option<&Method>, value: &mut Value) {
    walk(types, method, value, &mut Mask);
}

struct Mask;

impl Visit for Mask {
    fn visit(&mut self, value: &mut Value, key: &str, seen: &Possible<'_>) -> bool {
        let by_key = names_secret(key);
        let is_secret = seen.is_secret
            || match &*value {
                Value::String(text) => {
                    (by_key && (seen.is_text || seen.is_any)) || shows_secret(text)
                }
                Value::Number(_) | Value::Array(_) | Value::Object(_) => by_key && seen.is_any,
                Value::Null | Value::Bool(_) => false,
            };
        if is_secret {
            blank(value);
            return false;
        }
        mask_pair(value);
        true
    }
}

/// Replaces a value, unless it is empty.
fn blank(value: &mut Value) {
    let is_empty = match &*value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    if !is_empty {
        *value = MASK.into();
    }
}

/// Masks the value of a setting that is written as its name and its value.
fn mask_pair(value: &mut Value) {
    let names = ["name", "key", "variable"];
    let mut names = names.iter().filter_map(|key| value.get(*key)?.as_str());
    if names.any(names_secret)
        && let Some(held) = value.get_mut("value")
    {
        blank(held);
    }
}

//! Replaces secrets by asterisks, as servers do.

use serde_json::Value;
use truenas_codegen::types::{Method, Types};

use super::walk::{Possible, Visit, walk};

pub(super) const MASK: &str = "********";
/// Beginnings of hashed passwords.
const HASHES: [&str; 6] = ["$1$", "$5$", "$6$", "$y$", "$2b$", "$pbkdf2"];

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

/// Whether a key looks like that of a secret.
fn names_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    let inside = ["passw", "passphrase", "secret", "token"];
    let behind = ["key", "keys", "hash", "salt", "pass", "pwd", "bindpw"];
    inside.iter().any(|part| key.contains(part)) || behind.iter().any(|end| key.ends_with(end))
}

/// Whether a text is a secret or has one in it, under any key.
fn shows_secret(text: &str) -> bool {
    let password_in_url = || {
        let authority = text.split_once("://")?.1.split('/').next()?;
        Some(authority.split_once('@')?.0.contains(':'))
    };
    text.contains("PRIVATE KEY-----")
        || HASHES.iter().any(|beginning| text.starts_with(beginning))
        || setting(text).is_some_and(names_secret)
        || password_in_url() == Some(true)
}

/// The name in a text such as `DB_PASSWORD=x`.
fn setting(text: &str) -> Option<&str> {
    let (name, value) = text.split_once('=')?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name && !value.is_empty()).then_some(name)
}

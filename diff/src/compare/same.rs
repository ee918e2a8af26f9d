//! Which models of two versions say the same, whatever they are called.
//!
//! Models start out together if what they say themselves agrees, and are taken
//! apart as long as what they refer to differs; so circles need no care.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use crate::version::{Own, Version, hash, hash_object};

/// The classes of the models of one version.
pub(crate) type Classes<'a> = HashMap<&'a str, u64>;

/// Sorts the models of both versions into classes.
pub(crate) fn classes<'a>(old: &'a Version, new: &'a Version) -> (Classes<'a>, Classes<'a>) {
    let start = |version: &'a Version| -> Classes<'a> {
        let models = version.models.iter();
        models
            .map(|(name, own)| (name.as_str(), own.text))
            .collect()
    };
    let (mut a, mut b) = (start(old), start(new));
    let mut count = 0;
    loop {
        let distinct: HashSet<u64> = a.values().chain(b.values()).copied().collect();
        if distinct.len() <= count {
            return (a, b);
        }
        count = distinct.len();
        (a, b) = (refine(old, &a), refine(new, &b));
    }
}

fn refine<'a>(version: &'a Version, classes: &Classes<'a>) -> Classes<'a> {
    let finer = |own: &Own| {
        let mut hasher = DefaultHasher::new();
        own.text.hash(&mut hasher);
        for model in &own.refers_to {
            classes.get(model.as_str()).hash(&mut hasher);
        }
        hasher.finish()
    };
    let models = version.models.iter();
    models
        .map(|(name, own)| (name.as_str(), finer(own)))
        .collect()
}

/// What tells a schema from any that says something else.
pub(crate) fn fingerprint(schema: &Value, classes: &Classes<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut models = Vec::new();
    hash(schema, &mut hasher, &mut |model| {
        models.push(classes.get(model).copied());
    });
    models.hash(&mut hasher);
    hasher.finish()
}

/// The same of a schema that is an object.
pub(crate) fn fingerprint_object(schema: &Map<String, Value>, classes: &Classes<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut models = Vec::new();
    hash_object(schema, &mut hasher, &mut |model| {
        models.push(classes.get(model).copied());
    });
    models.hash(&mut hasher);
    hasher.finish()
}

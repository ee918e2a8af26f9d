//! Facts about queries that are in no schema.

use std::collections::BTreeMap;

use super::{Type, Types};
use crate::overrides::{NaiveTime, Overrides};

/// Adds the facts to the methods of a version.
pub(super) fn complete(types: &mut Types, overrides: &Overrides) {
    let times = naive_times(types, overrides);
    for (name, method) in &mut types.methods {
        if let (true, Type::QueryResult(_)) = (method.query, &method.result) {
            method.quirks = overrides.quirks(&types.api, name);
        }
        if let Some(times) = times.get(name) {
            method.naive_times.clone_from(times);
        }
    }
}

/// Returns the paths of the times that have no time zone, by query.
fn naive_times(types: &Types, overrides: &Overrides) -> BTreeMap<String, Vec<String>> {
    let queries = types.methods.iter();
    let queries = queries.filter_map(|(name, method)| {
        let (_, fields) = types.fields(method)?;
        let has_field = |key: &str| fields.iter().any(|field| field.key == key);
        let times: Vec<&NaiveTime> = overrides.naive_times(&types.api, name, has_field);
        let paths = times.iter().map(|time| time.path.clone());
        Some((name.clone(), paths.collect()))
    });
    queries.collect()
}

//! Limits, formats, and whatever else a schema can say of a value.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::walk::{Spot, Walk};
use crate::path::Path;
use crate::rule::Rule;
use crate::schema::Case;

/// Keywords whose number is the least; `ge` is left over from pydantic.
const LEAST: [&str; 6] = [
    "minimum",
    "exclusiveMinimum",
    "ge",
    "minLength",
    "minItems",
    "minProperties",
];

/// Keywords whose number is the most.
const MOST: [&str; 6] = [
    "maximum",
    "exclusiveMaximum",
    "le",
    "maxLength",
    "maxItems",
    "maxProperties",
];

/// Keywords that are compared elsewhere, or that allow and forbid nothing.
const ELSEWHERE: [&str; 20] = [
    "$comment",
    "$defs",
    "additionalProperties",
    "cli_description",
    "const",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "examples",
    "exclude_json_schema",
    "items",
    "prefixItems",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "writeOnly",
];

impl<'a> Walk<'_, 'a> {
    pub(super) fn limits(
        &mut self,
        path: &Path,
        (before, old): (&Case<'a>, Spot<'a>),
        (after, new): (&Case<'a>, Spot<'a>),
    ) {
        let mut keywords: Vec<&String> = before.schema.keys().chain(after.schema.keys()).collect();
        keywords.retain(|keyword| !ELSEWHERE.contains(&keyword.as_str()));
        keywords.sort_unstable();
        keywords.dedup();
        for keyword in keywords {
            let said = |case: &Case<'a>| {
                let value = case.schema.get(keyword);
                // This is what not saying it means.
                value.filter(|value| **value != Value::Bool(false))
            };
            let (a, b) = (said(before), said(after));
            let rule = match (
                LEAST.contains(&keyword.as_str()),
                MOST.contains(&keyword.as_str()),
            ) {
                (true, _) => limit(a, b),
                (_, true) => limit(a, b).map(|rule| match rule {
                    Rule::LimitTightened => Rule::LimitLoosened,
                    Rule::LimitLoosened => Rule::LimitTightened,
                    other => other,
                }),
                _ => match (a, b) {
                    (None, Some(_)) => Some(Rule::FormatAdded),
                    (Some(_), None) => Some(Rule::FormatRemoved),
                    (Some(a), Some(b)) if !self.same(a, b) => Some(Rule::FormatChanged),
                    _ => None,
                },
            };
            if let Some(rule) = rule {
                let value = |value: Option<&Value>| {
                    let value = value?.clone();
                    Some(Value::from_iter([(keyword.clone(), value)]))
                };
                self.found(rule, path, (Some(old), value(a)), (Some(new), value(b)));
            }
        }
    }
}

/// How a least value changed.
fn limit(old: Option<&Value>, new: Option<&Value>) -> Option<Rule> {
    match (old, new) {
        (None, None) => None,
        (None, Some(_)) => Some(Rule::LimitAdded),
        (Some(_), None) => Some(Rule::LimitRemoved),
        (Some(Value::Number(old)), Some(Value::Number(new))) => match order(old, new)? {
            Ordering::Less => Some(Rule::LimitTightened),
            Ordering::Greater => Some(Rule::LimitLoosened),
            Ordering::Equal => None,
        },
        (old, new) => (old != new).then_some(Rule::FormatChanged),
    }
}

fn order(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

//! Which entries a query is about.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::super::Failure;
use super::path::Path;
use super::{order, refused};

/// How deep branches of `OR` may lie in each other.
const DEEPEST: usize = 3;

/// What a regular expression may take up, compiled.
const PATTERN_SIZE: usize = 1 << 20;

#[derive(Debug)]
pub(super) enum Filter {
    /// A value of the entry compared to one that is given.
    Leaf(Leaf),
    All(Vec<Filter>),
    Any(Vec<Filter>),
}

#[derive(Debug)]
pub(super) struct Leaf {
    path: Path,
    test: Test,
    /// Whether upper and lower case are the same.
    folds: bool,
    value: Value,
}

#[derive(Debug)]
enum Test {
    Equal,
    Unequal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Matches(Regex),
    In,
    NotIn,
    Contains,
    ContainsNot,
    StartsWith,
    StartsNotWith,
    EndsWith,
    EndsNotWith,
}

impl Filter {
    pub(super) fn parse(filters: &Value) -> Result<Self, Failure> {
        match filters {
            Value::Null => Ok(Self::All(Vec::new())),
            Value::Array(filters) => all(filters, 0),
            other => Err(refused("filters", format!("Invalid filters: {other}"))),
        }
    }

    pub(super) fn matches(&self, entry: &Value) -> bool {
        match self {
            Self::Leaf(leaf) => leaf
                .path
                .find(entry)
                .into_iter()
                .any(|value| leaf.holds(value)),
            Self::All(filters) => filters.iter().all(|filter| filter.matches(entry)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(entry)),
        }
    }
}

fn all(filters: &[Value], depth: usize) -> Result<Filter, Failure> {
    let filters = filters.iter().map(|filter| one(filter, depth));
    Ok(Filter::All(filters.collect::<Result<_, _>>()?))
}

fn one(filter: &Value, depth: usize) -> Result<Filter, Failure> {
    match filter {
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(word), Value::Array(branches)] if word == "OR" => {
                if depth == DEEPEST {
                    return Err(refused("filters", "Filters lie too deep in each other"));
                }
                let branches = branches
                    .iter()
                    .map(|branch| self::branch(branch, depth + 1));
                Ok(Filter::Any(branches.collect::<Result<_, _>>()?))
            }
            [Value::String(path), Value::String(operator), value] => {
                Ok(Filter::Leaf(Leaf::new(path, operator, value)?))
            }
            [first, _] => Err(refused(
                "filters",
                format!("Invalid operation: {}", shown(first)),
            )),
            _ => Err(refused("filters", format!("Invalid filter {filter}"))),
        },
        // The server takes a text for a list of its letters.
        Value::String(text) if text.chars().count() == 2 => {
            let first: String = text.chars().take(1).collect();
            Err(refused("filters", format!("Invalid operation: {first}")))
        }
        other => Err(refused("filters", format!("Invalid filter {other}"))),
    }
}

/// A branch of an `OR`: one filter, or a list of filters that all must match.
fn branch(branch: &Value, depth: usize) -> Result<Filter, Failure> {
    match branch.as_array() {
        Some(filters) if filters.iter().all(Value::is_array) => all(filters, depth),
        _ => one(branch, depth),
    }
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Leaf {
    fn new(path: &str, operator: &str, value: &Value) -> Result<Self, Failure> {
        let (name, folds) = match operator.strip_prefix('C') {
            Some(name) => (name, true),
            None => (operator, false),
        };
        let invalid = || refused("filters", format!("Invalid operation: {operator}"));
        let test = match name {
            "=" => Test::Equal,
            "!=" => Test::Unequal,
            ">" => Test::Greater,
            ">=" => Test::GreaterOrEqual,
            "<" => Test::Less,
            "<=" => Test::LessOrEqual,
            "~" if !folds => Test::Matches(pattern(value)?),
            "in" => Test::In,
            "nin" => Test::NotIn,
            "rin" => Test::Contains,
            "rnin" => Test::ContainsNot,
            "^" => Test::StartsWith,
            "!^" => Test::StartsNotWith,
            "$" => Test::EndsWith,
            "!$" => Test::EndsNotWith,
            _ => return Err(invalid()),
        };
        let path = Path::parse(path);
        let value = match value.as_str().and_then(milliseconds) {
            Some(milliseconds) if path.is_date() => milliseconds.into(),
            _ if folds => folded(value),
            _ => value.clone(),
        };
        Ok(Self {
            path,
            test,
            folds,
            value,
        })
    }

    fn holds(&self, found: &Value) -> bool {
        let folded = self.folds.then(|| folded(found));
        let found = folded.as_ref().unwrap_or(found);
        let given = &self.value;
        let is = |wanted: fn(Ordering) -> bool| order::compare(found, given).is_some_and(wanted);
        let ends = |test: fn(&str, &str) -> bool| match (found.as_str(), given.as_str()) {
            (Some(found), Some(given)) => test(found, given),
            _ => false,
        };
        match &self.test {
            Test::Equal => order::same(found, given),
            Test::Unequal => !order::same(found, given),
            Test::Greater => is(Ordering::is_gt),
            Test::GreaterOrEqual => is(Ordering::is_ge),
            Test::Less => is(Ordering::is_lt),
            Test::LessOrEqual => is(Ordering::is_le),
            Test::Matches(pattern) => found.as_str().is_some_and(|text| pattern.is_match(text)),
            Test::In => contains(given, found) == Some(true),
            Test::NotIn => contains(given, found) == Some(false),
            Test::Contains => contains(found, given) == Some(true),
            Test::ContainsNot => contains(found, given) == Some(false),
            Test::StartsWith => ends(|found, given| found.starts_with(given)),
            Test::StartsNotWith => ends(|found, given| !found.starts_with(given)),
            Test::EndsWith => ends(|found, given| found.ends_with(given)),
            Test::EndsNotWith => ends(|found, given| !found.ends_with(given)),
        }
    }
}

/// Whether a list has the item, a text the part, an object the key; nothing
/// of what holds no others.
fn contains(whole: &Value, part: &Value) -> Option<bool> {
    match whole {
        Value::Array(items) => Some(items.iter().any(|item| order::same(item, part))),
        Value::String(text) => Some(part.as_str().is_some_and(|part| text.contains(part))),
        Value::Object(object) => Some(part.as_str().is_some_and(|key| object.contains_key(key))),
        _ => None,
    }
}

fn folded(value: &Value) -> Value {
    match value {
        Value::String(text) => text.to_lowercase().into(),
        Value::Array(items) => items.iter().map(folded).collect(),
        other => other.clone(),
    }
}

/// A pattern is tried at the start of the text only.
fn pattern(value: &Value) -> Result<Regex, Failure> {
    let invalid =
        |problem: String| Failure::call(22, "EINVAL", &format!("Invalid pattern: {problem}"));
    let Some(pattern) = value.as_str() else {
        return Err(invalid(value.to_string()));
    };
    RegexBuilder::new(&format!("^(?:{pattern})"))
        .size_limit(PATTERN_SIZE)
        .build()
        .map_err(|error| invalid(error.to_string()))
}

/// The time that an ISO 8601 text says, in UTC where it says no offset.
fn milliseconds(text: &str) -> Option<i64> {
    let offset = || text.parse::<Timestamp>().ok();
    let local = || {
        let time = text.parse::<DateTime>().ok()?;
        let time = time.to_zoned(TimeZone::UTC).ok()?;
        Some(time.timestamp())
    };
    offset().or_else(local).map(Timestamp::as_millisecond)
}

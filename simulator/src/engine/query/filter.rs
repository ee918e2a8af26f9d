//! Which entries a query is about.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::super::Failure;
use super::nature::Nature;
use super::own::{Own, Time};
use super::path::Path;
use super::pattern::Pattern;
use super::refused;

/// How deep branches of `OR` may lie in each other.
const DEEPEST: usize = 3;

/// The filters of a query, of which all must match.
#[derive(Debug)]
pub(super) struct Filters {
    pub(super) all: Vec<Filter>,
    /// The times that the server compares in place of their texts.
    times: BTreeMap<String, Time>,
}

#[derive(Debug)]
pub(super) enum Filter {
    /// A value of the entry compared to one that is given.
    Leaf(Leaf),
    All(Vec<Filter>),
    Any(Vec<Filter>),
}

#[derive(Debug)]
pub(super) struct Leaf {
    /// As it is written.
    pub(super) name: String,
    path: Path,
    pub(super) test: Test,
    /// Whether upper and lower case are the same.
    pub(super) folds: bool,
    pub(super) value: Value,
    /// The regular expression, once it was needed.
    pub(super) pattern: OnceLock<Result<Pattern, Failure>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Equal,
    Unequal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Matches,
    In,
    NotIn,
    Contains,
    ContainsNot,
    StartsWith,
    StartsNotWith,
    EndsWith,
    EndsNotWith,
}

impl Filters {
    pub(super) fn parse(filters: &Value) -> Result<Self, Failure> {
        let mut parser = Parser::default();
        let all = match filters {
            Value::Null => Vec::new(),
            Value::Array(filters) => parser.all(filters, 0)?,
            other => return Err(refused("filters", format!("Invalid filters: {other}"))),
        };
        Ok(Self {
            all,
            times: parser.times,
        })
    }

    /// Whether an entry matches.
    ///
    /// # Errors
    ///
    /// Where the server cannot compare a value of the entry.
    pub(super) fn match_entry(&self, entry: &Value, nature: &Nature) -> Result<bool, Failure> {
        self.all_match(&self.all, entry, nature)
    }

    fn all_match(&self, all: &[Filter], entry: &Value, nature: &Nature) -> Result<bool, Failure> {
        for filter in all {
            if !self.one_matches(filter, entry, nature)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn one_matches(
        &self,
        filter: &Filter,
        entry: &Value,
        nature: &Nature,
    ) -> Result<bool, Failure> {
        match filter {
            Filter::Leaf(leaf) => self.leaf_matches(leaf, entry, nature),
            Filter::All(filters) => self.all_match(filters, entry, nature),
            Filter::Any(filters) => {
                for filter in filters {
                    if self.one_matches(filter, entry, nature)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    fn leaf_matches(&self, leaf: &Leaf, entry: &Value, nature: &Nature) -> Result<bool, Failure> {
        let given = Own::given(&leaf.value);
        let given = if self.times.is_empty() {
            given
        } else if given.is_hashable() {
            let time = leaf.value.as_str().and_then(|text| self.times.get(text));
            time.map_or(given, |time| Own::Time(*time))
        } else {
            let message = format!("unhashable type: '{}'", given.class());
            return Err(Failure::raised("TypeError", &message));
        };
        let given = &given;
        leaf.path.any(entry, nature, &mut |found| {
            if leaf.test == Test::Matches {
                return leaf.matches_pattern(found);
            }
            if !leaf.folds {
                return leaf.test.holds(found, given);
            }
            let (found, given) = (folded(found)?, folded(given)?);
            leaf.test.holds(&Own::given(&found), &Own::given(&given))
        })
    }
}

/// Reads filters, and the times in them.
#[derive(Default)]
struct Parser {
    times: BTreeMap<String, Time>,
}

impl Parser {
    fn all(&mut self, filters: &[Value], depth: usize) -> Result<Vec<Filter>, Failure> {
        filters
            .iter()
            .map(|filter| self.one(filter, depth))
            .collect()
    }

    fn one(&mut self, filter: &Value, depth: usize) -> Result<Filter, Failure> {
        match filter {
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(word), Value::Array(branches)] if word == "OR" => {
                    if depth == DEEPEST {
                        return Err(refused("filters", "Filters lie too deep in each other"));
                    }
                    if branches.is_empty() {
                        let message = "OR filter requires at least one branch.";
                        return Err(refused("filters", message));
                    }
                    let branches = branches.iter().map(|branch| self.branch(branch, depth + 1));
                    Ok(Filter::Any(branches.collect::<Result<_, _>>()?))
                }
                [Value::String(path), Value::String(operator), value] => {
                    Ok(Filter::Leaf(self.leaf(path, operator, value)?))
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
    fn branch(&mut self, branch: &Value, depth: usize) -> Result<Filter, Failure> {
        match branch.as_array() {
            Some(filters) if filters.iter().all(Value::is_array) => {
                Ok(Filter::All(self.all(filters, depth)?))
            }
            _ => self.one(branch, depth),
        }
    }

    fn leaf(&mut self, path: &str, operator: &str, value: &Value) -> Result<Leaf, Failure> {
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
            "~" if !folds => Test::Matches,
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
        for (one, other) in [(Some(path), value.as_str()), (value.as_str(), Some(path))] {
            if one.is_some_and(|text| text.ends_with(".$date")) {
                self.time(test, operator, other)?;
            }
        }
        Ok(Leaf {
            name: path.to_owned(),
            path: Path::parse(path),
            test,
            folds,
            value: value.clone(),
            pattern: OnceLock::new(),
        })
    }

    /// Reads the time that something at a path of times is compared with.
    fn time(&mut self, test: Test, operator: &str, text: Option<&str>) -> Result<(), Failure> {
        if !matches!(test, Test::Equal | Test::Unequal) && !test.is_order() {
            let message = format!("{operator}: invalid timestamp operation.");
            return Err(refused("filters", message));
        }
        let time = text.and_then(|text| Some((text.to_owned(), time(text)?)));
        let message = "must be an ISO-8601 formatted timestamp string";
        self.times
            .extend([time.ok_or_else(|| refused("filters", message))?]);
        Ok(())
    }
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Leaf {
    /// The pattern is tried at the start of the text only; null is the empty
    /// text.
    fn matches_pattern(&self, found: &Own<'_>) -> Result<bool, Failure> {
        let text = match found {
            Own::Text(text) => text,
            found if found.is_empty() => "",
            found => {
                let class = found.class();
                let message = format!("expected string or bytes-like object, got '{class}'");
                return Err(Failure::raised("TypeError", &message));
            }
        };
        let Some(expression) = self.value.as_str() else {
            let message = "first argument must be string or compiled pattern";
            return Err(Failure::raised("TypeError", message));
        };
        let pattern = self.pattern.get_or_init(|| Pattern::at_start(expression));
        Ok(pattern.as_ref().map_err(Clone::clone)?.finds(text))
    }
}

impl Test {
    fn is_order(self) -> bool {
        matches!(
            self,
            Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual
        )
    }

    fn holds(self, found: &Own<'_>, given: &Own<'_>) -> Result<bool, Failure> {
        let is_null = matches!(found, Own::Null);
        let order = |wanted: fn(Ordering) -> bool| found.order(given).map(wanted);
        match self {
            Self::Equal => Ok(found.same(given)),
            Self::Unequal => Ok(!found.same(given)),
            Self::Greater => order(Ordering::is_gt),
            Self::GreaterOrEqual => order(Ordering::is_ge),
            Self::Less => order(Ordering::is_lt),
            Self::LessOrEqual => order(Ordering::is_le),
            // It has a pattern of its own.
            Self::Matches => Ok(false),
            Self::In => contains(given, found),
            Self::NotIn => Ok(!is_null && !contains(given, found)?),
            Self::Contains => Ok(!is_null && contains(found, given)?),
            Self::ContainsNot => Ok(!is_null && !contains(found, given)?),
            Self::StartsWith => ends(found, given, "startswith", |it, end| it.starts_with(end)),
            Self::StartsNotWith => ends(found, given, "startswith", |it, end| !it.starts_with(end)),
            Self::EndsWith => ends(found, given, "endswith", |it, end| it.ends_with(end)),
            Self::EndsNotWith => ends(found, given, "endswith", |it, end| !it.ends_with(end)),
        }
    }
}

/// Tests the beginning or the end of a text; null has neither.
fn ends(
    found: &Own<'_>,
    given: &Own<'_>,
    method: &str,
    test: fn(&str, &str) -> bool,
) -> Result<bool, Failure> {
    match (found, given) {
        (Own::Null, _) => Ok(false),
        (Own::Text(found), Own::Text(given)) => Ok(test(found, given)),
        (Own::Text(_), given) => {
            let class = given.class();
            let message = format!("{method} first arg must be str or a tuple of str, not {class}");
            Err(Failure::raised("TypeError", &message))
        }
        (found, _) => {
            let message = format!("'{}' object has no attribute '{method}'", found.class());
            Err(Failure::raised("AttributeError", &message))
        }
    }
}

/// Whether a list has the item, a text the part, an object the key.
fn contains(whole: &Own<'_>, part: &Own<'_>) -> Result<bool, Failure> {
    let mismatch = |message: String| Err(Failure::raised("TypeError", &message));
    match (whole, part) {
        (Own::List(items) | Own::Set(items), part) => {
            Ok(items.iter().any(|item| Own::given(item).same(part)))
        }
        (Own::Text(text), Own::Text(part)) => Ok(text.contains(part)),
        (Own::Text(_), part) => mismatch(format!(
            "'in <string>' requires string as left operand, not {}",
            part.class()
        )),
        (Own::Object(_), part) if !part.is_hashable() => {
            mismatch(format!("unhashable type: '{}'", part.class()))
        }
        (Own::Object(object), Own::Text(key)) => Ok(object.contains_key(*key)),
        (Own::Object(_), _) => Ok(false),
        (whole, _) => mismatch(format!(
            "argument of type '{}' is not iterable",
            whole.class()
        )),
    }
}

/// A value whose letters are all small. Only text has any.
fn folded(own: &Own<'_>) -> Result<Value, Failure> {
    match own {
        Own::Null => Ok(Value::Null),
        Own::Text(text) => Ok(text.to_lowercase().into()),
        Own::List(items) => {
            let items = items.iter().map(|item| match item {
                Value::String(text) => Ok(Value::from(text.to_lowercase())),
                other => {
                    let class = Own::given(other).class();
                    let message = format!("'{class}' object has no attribute 'casefold'");
                    Err(Failure::raised("AttributeError", &message))
                }
            });
            items.collect()
        }
        other => {
            let class = other.class();
            let message =
                format!("<class '{class}'>: support for casefolding object type not implemented.");
            Err(Failure::raised("ValueError", &message))
        }
    }
}

/// The time that an ISO 8601 text says, without a time zone where it says no
/// offset.
fn time(text: &str) -> Option<Time> {
    // Only the capital is known.
    if text.contains('z') {
        return None;
    }
    let time = |timestamp: Timestamp, naive| Time {
        micros: i128::from(timestamp.as_microsecond()),
        naive,
    };
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(time(timestamp, false));
    }
    let local = text.parse::<DateTime>().ok();
    let local = local.filter(|local| (1..=9999).contains(&local.year()))?;
    let zoned = local.to_zoned(TimeZone::UTC).ok()?;
    Some(time(zoned.timestamp(), true))
}

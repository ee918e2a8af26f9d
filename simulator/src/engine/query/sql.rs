//! Filters as the server's database has them.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::Failure;
use super::filter::{Filter, Leaf, Test};
use super::nature::Nature;
use super::own::Own;
use super::pattern::Pattern;

/// Refuses what the database has no words for, whatever the entries are.
///
/// # Errors
///
/// Where an operator is unknown, a path is no column, or filters must hold
/// together inside of an `OR`.
pub(super) fn check(filters: &[Filter], nature: &Nature) -> Result<(), Failure> {
    for filter in filters {
        match filter {
            Filter::All(_) => return Err(Failure::raised("ValueError", "Invalid filter")),
            Filter::Any(any) => check(any, nature)?,
            Filter::Leaf(leaf) => {
                let known = match leaf.test {
                    Test::Contains => nature.contains_in_sql(),
                    Test::ContainsNot | Test::StartsNotWith | Test::EndsNotWith => false,
                    _ => true,
                };
                if leaf.name.contains('.') || leaf.name.contains("__") {
                    return Err(Failure::raised("IndexError", "list index out of range"));
                }
                if !known || leaf.folds {
                    let message = format!("Invalid operation: {:?}", leaf.test);
                    return Err(Failure::raised("ValueError", &message));
                }
            }
        }
    }
    Ok(())
}

/// Whether an entry matches.
///
/// # Errors
///
/// Where there is no such column, or it cannot be searched.
pub(super) fn match_entry(filters: &[Filter], entry: &Value) -> Result<bool, Failure> {
    for filter in filters {
        if !holds(filter, entry)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Nothing that is unknown holds.
fn holds(filter: &Filter, entry: &Value) -> Result<bool, Failure> {
    match filter {
        Filter::All(all) => match_entry(all, entry),
        Filter::Any(any) => {
            for filter in any {
                if holds(filter, entry)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Filter::Leaf(leaf) => leaf_holds(leaf, entry),
    }
}

fn leaf_holds(leaf: &Leaf, entry: &Value) -> Result<bool, Failure> {
    let column = entry.get(&leaf.name);
    let column = column.ok_or_else(|| Failure::raised("KeyError", &format!("'{}'", leaf.name)))?;
    let (found, given) = (Own::given(column), Own::given(&leaf.value));
    if leaf.test == Test::Matches {
        return searched(leaf, &found);
    }
    let items = leaf.value.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_null = column.is_null();
    Ok(match leaf.test {
        Test::Equal => found.same(&given),
        Test::Unequal if leaf.value.is_null() => !is_null,
        Test::In => items.iter().any(|item| Own::given(item).same(&found)),
        Test::NotIn if items.is_empty() => true,
        Test::NotIn => !is_null && !items.iter().any(|item| Own::given(item).same(&found)),
        _ if is_null || leaf.value.is_null() => false,
        Test::Unequal => !found.same(&given),
        Test::Greater => order(&found, &given).is_gt(),
        Test::GreaterOrEqual => order(&found, &given).is_ge(),
        Test::Less => order(&found, &given).is_lt(),
        Test::LessOrEqual => order(&found, &given).is_le(),
        _ => like(leaf, column)?,
    })
}

/// The database sorts values of other kinds by their kind.
fn order(found: &Own<'_>, given: &Own<'_>) -> Ordering {
    found
        .order(given)
        .unwrap_or_else(|_| found.class().cmp(given.class()))
}

fn searched(leaf: &Leaf, found: &Own<'_>) -> Result<bool, Failure> {
    match (found, leaf.value.as_str()) {
        (Own::Text(text), Some(expression)) => finds(leaf, text, || expression.to_owned()),
        _ => Err(Failure::raised(
            "OperationalError",
            "(sqlite3.OperationalError) user-defined function raised exception",
        )),
    }
}

/// `^`, `$` and `rin` are `LIKE`, with its wildcards and its disregard of case.
fn like(leaf: &Leaf, column: &Value) -> Result<bool, Failure> {
    let text = |value: &Value| {
        let text = value.as_str().map(str::to_owned);
        text.unwrap_or_else(|| value.to_string())
    };
    finds(leaf, &text(column), || {
        let mut expression = String::new();
        for char in text(&leaf.value).chars() {
            match char {
                '%' => expression.push_str("(?s:.*)"),
                '_' => expression.push_str("(?s:.)"),
                other => expression.push_str(&regex::escape(&other.to_string())),
            }
        }
        match leaf.test {
            Test::StartsWith => format!("^{expression}"),
            Test::EndsWith => format!(r"{expression}\Z"),
            _ => expression,
        }
    })
}

fn finds(leaf: &Leaf, text: &str, expression: impl FnOnce() -> String) -> Result<bool, Failure> {
    let pattern = leaf
        .pattern
        .get_or_init(|| Pattern::anywhere(&expression()));
    Ok(pattern.as_ref().map_err(Clone::clone)?.finds(text))
}

//! What comes before what.

use std::cmp::Ordering;

use serde_json::{Number, Value};
use truenas_codegen::overrides::Quirk;

use super::super::Failure;
use super::nature::Nature;
use super::own::Own;
use super::path::Path;

/// One of the keys to sort by.
#[derive(Debug)]
pub(super) struct OrderBy {
    path: Path,
    reverse: bool,
    nulls: Option<Ordering>,
}

impl OrderBy {
    /// `-x`, `nulls_first:x` or `nulls_last:-x`.
    pub(super) fn parse(text: &str) -> Self {
        let (text, nulls) = if let Some(text) = text.strip_prefix("nulls_first:") {
            (text, Some(Ordering::Less))
        } else if let Some(text) = text.strip_prefix("nulls_last:") {
            (text, Some(Ordering::Greater))
        } else {
            (text, None)
        };
        let (path, reverse) = match text.strip_prefix('-') {
            Some(path) => (path, true),
            None => (text, false),
        };
        Self {
            path: Path::parse(path),
            reverse,
            nulls,
        }
    }

    /// Sorts by this key alone; equal entries stay in their order.
    fn sort(&self, entries: Vec<Value>, nature: &Nature) -> Result<Vec<Value>, Failure> {
        let Some(nulls) = self.nulls else {
            return self.sort_values(entries, nature);
        };
        // A path is treated as one key here.
        let key = self.path.as_key();
        let is_null = |entry: &Value| entry.get(&key).is_none_or(Value::is_null);
        let (null, rest): (Vec<Value>, Vec<Value>) = entries.into_iter().partition(is_null);
        let rest = self.sort_values(rest, nature)?;
        Ok(match nulls {
            Ordering::Less => [null, rest].concat(),
            _ => [rest, null].concat(),
        })
    }

    fn sort_values(&self, entries: Vec<Value>, nature: &Nature) -> Result<Vec<Value>, Failure> {
        let keys = entries.iter().map(|entry| self.path.key(entry, nature));
        let keys = keys.collect::<Result<Vec<Own<'_>>, _>>()?;
        comparable(&keys)?;
        let mut order: Vec<(&Own<'_>, &Value)> = keys.iter().zip(&entries).collect();
        order.sort_by(|(one, _), (other, _)| {
            let (one, other) = if self.reverse {
                (other, one)
            } else {
                (one, other)
            };
            total(one, other)
        });
        Ok(order.into_iter().map(|(_, entry)| entry.clone()).collect())
    }

    /// Returns the order of two entries in the database, for which null is the
    /// smallest value.
    fn compare(&self, one: &Value, other: &Value, nature: &Nature) -> Result<Ordering, Failure> {
        let (one, other) = (self.path.key(one, nature)?, self.path.key(other, nature)?);
        let is_null = |own: &Own<'_>| matches!(own, Own::Null);
        if let (Some(nulls), true) = (self.nulls, is_null(&one) != is_null(&other)) {
            return Ok(if is_null(&one) {
                nulls
            } else {
                nulls.reverse()
            });
        }
        let order = total(&one, &other);
        Ok(if self.reverse { order.reverse() } else { order })
    }
}

/// Sorts as the server does: once for each key, so that the last one decides
/// first. In its database, the first key decides first.
pub(super) fn sort(
    mut entries: Vec<Value>,
    order_by: &[OrderBy],
    nature: &Nature,
) -> Result<Vec<Value>, Failure> {
    if nature.has(Quirk::FiltersInSql) {
        let mut failure = None;
        entries.sort_by(|one, other| {
            for key in order_by {
                match key.compare(one, other, nature) {
                    Ok(Ordering::Equal) => {}
                    Ok(order) => return order,
                    Err(error) => failure = Some(error),
                }
            }
            Ordering::Equal
        });
        return failure.map_or(Ok(entries), Err);
    }
    for key in order_by {
        entries = key.sort(entries, nature)?;
    }
    Ok(entries)
}

/// Returns an error for values that the server cannot order.
fn comparable(keys: &[Own<'_>]) -> Result<(), Failure> {
    if let [first, rest @ ..] = keys
        && !rest.is_empty()
        && !matches!(first, Own::Set(_))
    {
        for other in std::iter::once(first).chain(rest) {
            first.order(other)?;
            items_comparable(first, other)?;
        }
    }
    Ok(())
}

/// Lists are compared item by item, so all items must be of one kind.
fn items_comparable(one: &Own<'_>, other: &Own<'_>) -> Result<(), Failure> {
    let (Own::List(one), Own::List(other)) = (one, other) else {
        return Ok(());
    };
    let items: Vec<Own<'_>> = one.iter().chain(*other).map(Own::given).collect();
    comparable(&items)
}

/// Below this a float holds every integer: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// An order of all values there are, as sorting needs one: by type first.
fn total(one: &Own<'_>, other: &Own<'_>) -> Ordering {
    let rank = |own: &Own<'_>| match own {
        Own::Null => 0,
        Own::Bool(_) | Own::Number(_) => 1,
        Own::Text(_) => 2,
        Own::Time(_) => 3,
        Own::Other(..) => 4,
        Own::List(_) => 5,
        Own::Object(_) | Own::Set(_) => 6,
    };
    match (one, other) {
        (Own::Bool(_) | Own::Number(_), Own::Bool(_) | Own::Number(_)) => numbers(one, other),
        (Own::List(one), Own::List(other)) => {
            let items = one.iter().zip(*other);
            let orders = items.map(|(one, other)| total(&Own::given(one), &Own::given(other)));
            let first = orders.into_iter().find(|order| order.is_ne());
            first.unwrap_or_else(|| one.len().cmp(&other.len()))
        }
        (Own::Object(_) | Own::Set(_), Own::Object(_) | Own::Set(_)) => Ordering::Equal,
        (Own::Time(one), Own::Time(other)) => one.micros.cmp(&other.micros),
        (Own::Text(one), Own::Text(other)) | (Own::Other(_, one), Own::Other(_, other)) => {
            one.cmp(other)
        }
        _ => rank(one).cmp(&rank(other)),
    }
}

fn numbers(one: &Own<'_>, other: &Own<'_>) -> Ordering {
    let number = |own: &Own<'_>| match own {
        Own::Bool(bool) => Number::from(u8::from(*bool)),
        Own::Number(number) => (*number).clone(),
        _ => Number::from(0),
    };
    let (one, other) = (number(one), number(other));
    // Adding zero turns -0 into 0.
    let float = |number: &Number| number.as_f64().unwrap_or(f64::NAN) + 0.0;
    let (left, right) = (float(&one), float(&other));
    // Integers that round to the same float come before it.
    let exact = |number: &Number| (number.is_f64(), number.as_i128());
    match left.total_cmp(&right) {
        Ordering::Equal if left.abs() >= EXACT => exact(&one).cmp(&exact(&other)),
        order => order,
    }
}

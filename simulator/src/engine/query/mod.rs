//! `<service>.query(filters, options)` over entries in memory.

mod filter;
mod options;
mod order;
mod path;
mod select;

use serde_json::Value;

use super::Failure;
use filter::Filter;
use options::Options;

/// What is asked for: which entries, in what order, and what of each.
#[derive(Debug)]
pub struct Query {
    filter: Filter,
    options: Options,
}

impl Query {
    /// Reads filters and options as callers write them; null stands for none.
    ///
    /// # Errors
    ///
    /// What the server refuses: operators that it does not have, filters too
    /// deep, options that contradict each other.
    ///
    /// ```
    /// use serde_json::json;
    /// use truenas_simulator::engine::Query;
    ///
    /// let entries = vec![json!({"id": 1, "user": "root"}), json!({"id": 2, "user": "alice"})];
    /// let query = Query::parse(&json!([["user", "^", "al"]]), &json!({"select": ["id"]}))?;
    /// assert_eq!(query.run(&entries)?, json!([{"id": 2}]));
    /// # Ok::<(), truenas_simulator::engine::Failure>(())
    /// ```
    pub fn parse(filters: &Value, options: &Value) -> Result<Self, Failure> {
        Ok(Self {
            filter: Filter::parse(filters)?,
            options: Options::parse(options)?,
        })
    }

    /// What the query answers: a number with `count`, an entry with `get`,
    /// otherwise a list.
    ///
    /// # Errors
    ///
    /// With `get`, where no entry matches.
    pub fn run<'v>(&self, entries: impl IntoIterator<Item = &'v Value>) -> Result<Value, Failure> {
        let entries = entries.into_iter();
        let mut entries: Vec<&Value> = entries.filter(|entry| self.filter.matches(entry)).collect();
        let options = &self.options;
        if options.count {
            return Ok(entries.len().into());
        }
        order::sort(&mut entries, &options.order_by);
        if options.get {
            let entry = entries.into_iter().next();
            let entry = entry.ok_or_else(Failure::match_not_found)?;
            return Ok(select::select(entry, &options.select));
        }
        let limit = match options.limit {
            0 => usize::MAX,
            limit => limit,
        };
        let entries = entries.into_iter().skip(options.offset).take(limit);
        Ok(entries
            .map(|entry| select::select(entry, &options.select))
            .collect())
    }
}

/// What the server says of filters and options that it refuses.
fn refused(parameter: &str, message: impl std::fmt::Display) -> Failure {
    Failure::invalid_at(parameter, format!("Value error, {message}"))
}

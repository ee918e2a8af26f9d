//! `<service>.query(filters, options)` over entries in memory.

mod filter;
mod nature;
mod options;
mod order;
mod own;
mod path;
mod pattern;
mod select;
mod sql;

use serde_json::Value;
use truenas_codegen::overrides::Quirk;

use super::Failure;
use filter::Filters;
use options::Options;

pub use nature::Nature;
pub(super) use nature::Natures;

/// What is asked for: which entries, in what order, and what of each.
#[derive(Debug)]
pub struct Query {
    filters: Filters,
    options: Options,
    nature: Nature,
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
            filters: Filters::parse(filters)?,
            options: Options::parse(options)?,
            nature: Nature::default(),
        })
    }

    /// Returns the same query with this nature.
    #[must_use]
    pub fn of(self, nature: &Nature) -> Self {
        Self {
            nature: nature.clone(),
            ..self
        }
    }

    /// What the query answers: a number with `count`, an entry with `get`,
    /// otherwise a list.
    ///
    /// # Errors
    ///
    /// An error if no entry matches with `get`, or if the server cannot compare
    /// a value or select a part.
    pub fn run<'v>(&self, entries: impl IntoIterator<Item = &'v Value>) -> Result<Value, Failure> {
        let (options, nature) = (&self.options, &self.nature);
        let in_sql = nature.has(Quirk::FiltersInSql);
        if in_sql {
            sql::check(&self.filters.all, nature)?;
        }
        let first_alone = options.get && options.order_by.is_empty();
        let mut found: Vec<Value> = Vec::new();
        for entry in entries {
            let matches = if in_sql {
                sql::match_entry(&self.filters.all, entry)?
            } else {
                self.filters.match_entry(entry, nature)?
            };
            if matches {
                found.push(entry.clone());
                if first_alone {
                    break;
                }
            }
        }
        if options.count {
            return Ok(found.len().into());
        }
        let select = |found: Vec<Value>| -> Result<Vec<Value>, Failure> {
            let found = found.iter();
            found
                .map(|entry| select::select(entry, &options.select, nature))
                .collect()
        };
        let sort = |found| order::sort(found, &options.order_by, nature);
        let found = if in_sql || nature.has(Quirk::SortsBeforeSelect) {
            select(sort(found)?)?
        } else {
            sort(select(found)?)?
        };
        let mut found = found.into_iter();
        if options.get {
            return found.next().ok_or_else(Failure::match_not_found);
        }
        let limit = match options.limit {
            0 => usize::MAX,
            limit => limit,
        };
        Ok(found.skip(options.offset).take(limit).collect())
    }
}

/// What the server says of filters and options that it refuses.
fn refused(parameter: &str, message: impl std::fmt::Display) -> Failure {
    Failure::invalid_at(parameter, format!("Value error, {message}"))
}

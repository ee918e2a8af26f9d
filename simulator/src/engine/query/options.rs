//! The options of a query.

use serde_json::Value;

use super::super::Failure;
use super::order::OrderBy;
use super::refused;
use super::select::Select;

/// The most entries that may be asked for at once.
const MOST: usize = 10_000;

#[derive(Debug)]
pub(super) struct Options {
    pub(super) count: bool,
    pub(super) get: bool,
    pub(super) offset: usize,
    /// How many entries at most; 0 stands for all.
    pub(super) limit: usize,
    pub(super) order_by: Vec<OrderBy>,
    pub(super) select: Vec<Select>,
}

impl Options {
    /// Reads what matters here; other options are those of the database.
    pub(super) fn parse(options: &Value) -> Result<Self, Failure> {
        let flag = |key| options.get(key).and_then(Value::as_bool).unwrap_or(false);
        let list = |key| {
            options
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        let number = |key| match options.get(key) {
            None | Some(Value::Null) => Some(0),
            Some(number) => number
                .as_u64()
                .and_then(|number| usize::try_from(number).ok()),
        };
        let get = flag("get");
        let limit = number("limit").filter(|limit| *limit <= MOST);
        let limit = limit.ok_or_else(|| {
            refused(
                "options",
                format!("Options limit must be between 1 and {MOST}"),
            )
        })?;
        let offset = number("offset")
            .ok_or_else(|| refused("options", "Options offset must not be negative"))?;
        if get && (limit > 1 || offset > 0) {
            return Err(refused(
                "options",
                "Invalid options combination. `get` implies a single result.",
            ));
        }
        let order_by = list("order_by").filter_map(Value::as_str);
        let select = list("select").map(Select::parse);
        Ok(Self {
            count: flag("count"),
            get,
            offset,
            limit,
            order_by: order_by.map(OrderBy::parse).collect(),
            select: select.collect::<Result<_, _>>()?,
        })
    }
}

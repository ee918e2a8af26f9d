//! What a query is refused for before it is sent.

use std::fmt;

use super::{DEEPEST, MOST};

/// The server would refuse the query, so it was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// `any_of` inside `any_of`, deeper than the server takes.
    TooDeep,
    /// `any_of` with nothing in it, or with an `all_of` that has nothing in it.
    Empty,
    /// `ignore_case` on a regular expression.
    IgnoreCase,
    /// A limit that the server does not take.
    Limit(u64),
    /// A page size that the server does not take.
    PageSize(u64),
    /// `get` together with a limit above one.
    GetWithLimit(u64),
    /// `get` together with an offset.
    GetWithOffset(u64),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => write!(
                f,
                "`any_of` stands in `any_of` more than {DEEPEST} deep, which the server refuses"
            ),
            Self::Empty => {
                f.write_str("`any_of` needs at least one condition, and an `all_of` in it as well")
            }
            Self::IgnoreCase => f.write_str(
                "`ignore_case` does not go with `matches`: begin the regular expression with \
                 `(?i)` instead",
            ),
            Self::Limit(limit) => write!(
                f,
                "`limit({limit})`: the server takes 1 to {MOST}; leave it out for all entries, or \
                 let `stream` ask page by page"
            ),
            Self::PageSize(size) => {
                write!(f, "`page_size({size})`: the server takes 1 to {MOST}")
            }
            Self::GetWithLimit(limit) => write!(
                f,
                "`limit({limit})` does not go with `get`, which answers one entry"
            ),
            Self::GetWithOffset(offset) => write!(
                f,
                "`offset({offset})` does not go with `get`: use `first`, which takes one"
            ),
        }
    }
}

impl std::error::Error for QueryError {}

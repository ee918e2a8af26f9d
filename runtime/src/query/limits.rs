//! The limits that the server sets for queries.

/// The most entries that a query may ask for.
pub(super) const MOST: u64 = 10_000;

/// How deep "OR" may be nested in "OR".
pub(super) const DEEPEST: usize = 3;

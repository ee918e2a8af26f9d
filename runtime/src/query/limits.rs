//! The limits that the server sets for queries.

/// The maximum number of entries that a query may ask for.
pub(super) const MOST: u64 = 10_000;

/// The maximum depth of "OR" in "OR".
pub(super) const DEEPEST: usize = 3;

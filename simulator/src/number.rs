//! Versions in their order.

/// The numbers of an API version: `v25.10.5` is `Number(25, 10, 5)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(pub(crate) u32, pub(crate) u32, pub(crate) u32);

/// Jobs can be waited for by their call, and boots have ids.
pub(crate) const V25_10: Number = Number(25, 10, 0);
/// SCRAM, and an hour of silence instead of a minute.
pub(crate) const V26: Number = Number(26, 0, 0);

impl Number {
    /// Reads `v25.10.5`; what is no number counts as 0.
    pub(crate) fn new(name: &str) -> Self {
        let mut parts = name.trim_start_matches('v').split('.');
        let mut next = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        Self(next(), next(), next())
    }
}

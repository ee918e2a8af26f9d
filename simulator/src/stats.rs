//! What a simulator has seen, for tests to count.

use std::collections::BTreeMap;

use serde::Serialize;

/// What has been seen since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Calls that were carried out, by method. Calls that were refused before
    /// that, as of who may not call, are not in it.
    pub calls: BTreeMap<String, u64>,
    /// Connections that have been opened.
    pub connections: u64,
    /// Connections that are open.
    pub open: u64,
    /// Logins that succeeded.
    pub logins: u64,
    /// Logins that failed.
    pub failed_logins: u64,
    /// Jobs that were started.
    pub jobs: u64,
    /// Subscriptions that are open.
    pub subscriptions: u64,
}

impl Stats {
    /// How often the method was carried out.
    #[must_use]
    pub fn calls(&self, method: &str) -> u64 {
        self.calls.get(method).copied().unwrap_or(0)
    }
}

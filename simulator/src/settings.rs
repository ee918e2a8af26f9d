//! What a simulator is started with.

use std::time::Duration;

use crate::faults::Glob;

/// All that is fixed while a simulator runs.
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) job_duration: Duration,
    pub(crate) session_lifetime: Duration,
    /// The proxy cuts a connection on which nothing is said for so long.
    pub(crate) idle_timeout: Duration,
    /// Calls in 60 s of who is not logged in, by method and address.
    pub(crate) rate_limit: Option<u32>,
    /// Whether plain HTTP from this machine counts as encrypted.
    pub(crate) loopback_is_secure: bool,
    /// Jobs of these methods are transient.
    pub(crate) transient: Option<Glob>,
}

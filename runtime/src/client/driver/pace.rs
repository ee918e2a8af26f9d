//! Keeps the client under the server's limit on logins.

use std::time::Duration;

use tokio::time::Instant;

/// Limits how often the client tries to log in.
///
/// The server accepts twenty calls of `auth.login_ex` a minute from an address;
/// the next one fails, and the client has to wait for a minute. The calls are
/// spread evenly: after a burst of twenty, a connection that is cut every
/// second would have to wait for most of a minute.
#[derive(Debug)]
pub(crate) struct Pace {
    per_call: Duration,
    next: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(calls_per_minute: u32) -> Self {
        Self {
            per_call: Duration::from_secs(60) / calls_per_minute.max(1),
            next: None,
        }
    }

    /// Counts a call that the server has answered. The pause runs from this
    /// answer to the next call, so that calls do not arrive closer together
    /// than they were sent.
    pub(super) fn count(&mut self) {
        let now = Instant::now();
        let from = self.next.map_or(now, |next| next.max(now));
        self.next = from.checked_add(self.per_call);
    }

    /// Waits until the next attempt may begin.
    pub(super) async fn wait(&self) {
        if let Some(next) = self.next {
            tokio::time::sleep_until(next).await;
        }
    }
}

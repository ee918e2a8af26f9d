//! Keeps the client under the server's limit on logins.

use std::time::Duration;

use tokio::time::Instant;

/// How soon the next attempt to log in may begin.
///
/// The server accepts twenty calls of `auth.login_ex` a minute from an address;
/// the next one fails, and costs the client a minute. The calls are spread
/// evenly: if twenty were made at once, a connection that is cut every second
/// would then have to wait for most of a minute.
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

    /// Counts a call that the server has answered. From answer to call, so that
    /// the calls arrive no closer together than they are made.
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

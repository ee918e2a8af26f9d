//! Keeps the client under the server's limit on logins.

use std::time::Duration;

use tokio::time::Instant;

/// The server takes twenty calls of `auth.login_ex` a minute from an address;
/// the next one waits, fails, and costs the client a minute.
///
/// Measured from answer to call, so that the calls arrive no closer together.
const PER_CALL: Duration = Duration::from_secs(3);

/// How soon the next attempt to log in may begin.
///
/// Calls are spread evenly: if twenty were allowed at once, a connection that
/// is cut every second would then have to wait for most of a minute.
#[derive(Debug, Default)]
pub(crate) struct Pace(Option<Instant>);

impl Pace {
    /// Counts a call that the server counts. Some logins take two of them.
    pub(super) fn count(&mut self) {
        let now = Instant::now();
        let from = self.0.map_or(now, |next| next.max(now));
        self.0 = from.checked_add(PER_CALL);
    }

    /// Waits until the next attempt may begin.
    pub(super) async fn wait(&self) {
        if let Some(next) = self.0 {
            tokio::time::sleep_until(next).await;
        }
    }
}

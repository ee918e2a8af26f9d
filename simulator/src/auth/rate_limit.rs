//! How often someone who is not logged in may call a method.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The time in which calls are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// The server's count of calls by method and address.
pub(crate) struct RateLimit {
    most: Option<u32>,
    counted: Mutex<HashMap<(String, String), Count>>,
}

struct Count {
    since: Instant,
    calls: u32,
}

impl RateLimit {
    /// So many calls in 60 s; any number with `None`.
    pub(crate) fn new(most: Option<u32>) -> Self {
        Self {
            most,
            counted: Mutex::new(HashMap::new()),
        }
    }

    /// Counts a call, and says whether it is one too many.
    pub(crate) fn exceeded(&self, method: &str, address: &str) -> bool {
        let Some(most) = self.most else { return false };
        let now = Instant::now();
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.retain(|_, count| now.duration_since(count.since) < WINDOW);
        let place = (method.to_owned(), address.to_owned());
        let count = counted.entry(place).or_insert(Count {
            since: now,
            calls: 0,
        });
        count.calls = count.calls.saturating_add(1);
        count.calls > most
    }

    /// Forgets all calls.
    pub(crate) fn clear(&self) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.clear();
    }
}

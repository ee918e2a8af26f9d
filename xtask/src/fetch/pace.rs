//! When to ask again.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::time::Instant;

/// Who asks to be left alone for longer is not waited for.
pub(super) const LONGEST: Duration = Duration::from_secs(120);

/// When the next request may go out: a server that is busy is busy for all.
#[derive(Debug, Default)]
pub(super) struct Pace {
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// Waits until it is time.
    pub(super) async fn wait(&self) {
        // Somebody else may have been told to wait in the meantime.
        while let Some(next) = self.next() {
            tokio::time::sleep_until(next).await;
        }
    }

    fn next(&self) -> Option<Instant> {
        let next = self.next.lock().ok()?;
        next.filter(|next| *next > Instant::now())
    }

    /// Nobody asks for so long.
    pub(super) fn hold(&self, pause: Duration) {
        if let Ok(mut next) = self.next.lock() {
            *next = (*next).max(Instant::now().checked_add(pause));
        }
    }
}

/// The pauses between attempts; as many as there may be.
pub(super) fn pauses(retries: usize) -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(30))
        .with_max_times(retries)
        .with_jitter()
        .build()
}

/// How long a server asks to be left alone, in seconds or by a date.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // What is no number is one too large.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

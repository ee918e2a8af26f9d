//! The time of day, as the API writes it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

/// A time in extended JSON, which the server truncates to whole seconds.
pub(crate) fn date(milliseconds: i64) -> Value {
    json!({"$date": milliseconds.div_euclid(1_000).saturating_mul(1_000)})
}

//! Files over HTTP, to and from a server that does what the test tells it to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub,
    reason = "a test may fail"
)]

mod api;
mod downloads;
#[path = "../listener/mod.rs"]
mod listener;
mod nas;
mod secrets;
mod uploads;

use truenas_runtime::client::Error;

/// No error may show the token.
fn seen(error: Error) -> Error {
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(!shown.contains(nas::TOKEN), "{shown}");
    error
}

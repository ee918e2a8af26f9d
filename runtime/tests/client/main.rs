//! The client against a peer that says what the test tells it to, in memory
//! and under a clock that the test owns.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    unreachable_pub,
    reason = "a test may fail"
)]

mod addresses;
mod api;
mod bulk;
mod calls;
mod chaos;
mod deviations;
mod events;
mod failures;
mod jobs;
#[path = "../listener/mod.rs"]
mod listener;
mod peer;
mod secrets;
mod surviving;
mod tokens;
mod wire;

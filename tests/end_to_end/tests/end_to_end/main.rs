//! The client and its types against the simulator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    unreachable_pub,
    reason = "a test may fail"
)]

mod blocking;
mod faults;
mod files;
mod login;
mod reach;
mod rights;
mod tour;

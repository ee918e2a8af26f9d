//! The engine through its public interface, at the schemas of real versions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod anything;
mod checks;
mod corpus;
mod corrections;
mod every_method;
mod queries;
mod recorded;
mod redaction;
mod state;
mod system;
mod typed;

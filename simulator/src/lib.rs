//! A made-up TrueNAS to test against.
//!
//! The inside, without any network, is [`engine`]: one system's state, and
//! what the API of each version makes of it.

pub mod engine;

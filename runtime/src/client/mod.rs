//! The client that speaks to a server.

pub mod auth;
pub mod trust;

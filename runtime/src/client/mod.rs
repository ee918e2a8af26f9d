//! The client that speaks to a server.

pub mod auth;

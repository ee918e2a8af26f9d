//! `cargo xtask fetch`, `verify` and `record` as they are called, against
//! servers that exist during a test.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod addresses;
mod archives;
mod budget;
mod cache;
mod faults;
mod files;
mod folder;
mod front;
mod headers;
mod host;
mod menus;
mod places;
mod proxy;
mod record;
mod redirects;
mod restarts;
mod resume;
mod runs;
mod server;
mod site;
mod small_site;
mod stop;
mod system;
mod trust;
mod verify;
mod words;

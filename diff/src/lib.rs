//! What changes between two versions of the TrueNAS API, and for whom.
//!
//! | stage | from | to |
//! |---|---|---|
//! | [`version`] | a canonical version | [`Version`]: the same, with what Rust makes of it |
//! | [`compare`] | two versions | [`Report`]: what changed, as [`Finding`]s |
//!
//! Nothing in here touches a file.

pub mod compare;
mod describe;
pub mod finding;
mod message;
pub mod path;
pub mod rule;
mod schema;
pub mod version;

pub use compare::{Report, compare};
pub use finding::Finding;
pub use version::Version;

//! What changes between two versions of the TrueNAS API, and for whom.
//!
//! | stage | from | to |
//! |---|---|---|
//! | [`version`] | a canonical version | [`Version`]: the same, with what Rust makes of it |
//! | [`compare`](mod@compare) | two versions | [`Report`]: what changed, as [`Finding`]s |
//! | [`usage`] | Rust source, a report | the findings that touch that program |
//! | [`policy`] | reports | the findings that somebody wants to see |
//! | [`history`] | reports | what happened to one method or event |
//! | [`render`] | reports | text, Markdown, JSON, JUnit, HTML |
//!
//! Nothing in here touches a file.

pub mod compare;
mod describe;
pub mod finding;
pub mod history;
mod message;
pub mod path;
pub mod policy;
pub mod render;
pub mod rule;
mod schema;
pub mod usage;
pub mod version;

pub use compare::{Report, compare, compare_all};
pub use finding::Finding;
pub use version::Version;

//! Turns TrueNAS API schemas into typed Rust: text in, text out.
//!
//! The stages, each a plain function from one type to the next:
//!
//! | stage | from | to |
//! |---|---|---|
//! | [`read`] | published files | [`model::ApiVersion`], the files in `schemas/` |

pub mod model;
pub mod read;
pub mod versions;

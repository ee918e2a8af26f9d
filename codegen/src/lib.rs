//! Turns TrueNAS API schemas into typed Rust: text in, text out.
//!
//! The stages, each a plain function from one type to the next:
//!
//! | stage | from | to |
//! |---|---|---|
//! | [`read`] | published files | [`model::ApiVersion`], the files in `schemas/` |
//! | [`types`] | one version | [`types::Types`]: what it says, in terms of Rust types |
//! | [`names`] | one version's types | what everything is called in that version |
//! | [`share`] | all versions | each definition once, with the versions that have it |
//! | [`emit`] | the shared definitions | Rust source |

pub mod conversions;
pub mod corrections;
pub mod emit;
mod features;
pub mod generate;
pub mod model;
pub mod names;
mod nullable;
pub mod overrides;
pub mod read;
mod report;
pub mod share;
pub mod types;
pub mod unify;
pub mod versions;

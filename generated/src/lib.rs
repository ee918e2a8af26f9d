//! Typed bindings to the TrueNAS API, one module for each version.

// What the next version removes is deprecated for users; the bindings
// themselves have to mention it.
#[allow(deprecated)]
mod shared;
#[allow(deprecated)]
mod versions;

pub use truenas_runtime as runtime;
pub use versions::*;

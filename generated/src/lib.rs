//! Typed bindings to the TrueNAS API.

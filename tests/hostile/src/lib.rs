//! Bindings of two API versions that were made up to be hard: names that no
//! language likes, collisions, recursion, every keyword. What is below
//! `shared` and `versions` is generated from `dump.json` and `dump-next.json`;
//! that it compiles is half of the test.

#[allow(
    deprecated,
    clippy::just_underscores_and_digits,
    clippy::module_inception,
    clippy::too_many_arguments,
    clippy::type_complexity
)]
#[rustfmt::skip]
mod shared;
#[allow(
    deprecated,
    clippy::just_underscores_and_digits,
    clippy::module_inception,
    clippy::too_many_arguments,
    clippy::type_complexity
)]
#[rustfmt::skip]
mod versions;

pub use versions::*;

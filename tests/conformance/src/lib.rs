//! What the typed bindings make of values that a schema allows: a tool that
//! sends values through them by the name of a method or event, and random
//! values to send.

mod answer;
mod find;
mod generator;
mod line;
mod pattern;
mod same;
mod standalone;

pub use answer::{Answer, answer};
pub use find::{Kind, Subject, find};
pub use generator::{Generator, Unsupported};
pub use line::{Line, Part};
pub use same::{Change, Difference, Nulls, differences, same};
pub use standalone::{parameters, standalone};

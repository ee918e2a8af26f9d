//! The answer of `core.get_methods` with the facts that its old-style schemas
//! drop.
//!
//! When 25.04 writes an old-style schema as JSON Schema it drops whether an
//! object may be null, what is required, that an update takes any of its keys,
//! and that a text is a time. The release's own classes have these facts. A
//! file that they wrote replaces the answer, if it describes the same methods.

use crate::model::{Input, InputKind};

use super::cursor::Cursor;
use super::json::Json;
use super::{Options, ReadError, Source, input};

/// The fields of a method in which the two files may differ.
const SCHEMAS: [&str; 3] = ["accepts", "filterable_schema", "returns"];

/// Checks that `completed` differs from the answer `published` only in schemas,
/// and returns the provenance of both.
///
/// # Errors
///
/// An error if one of the files is not valid, or `completed` has other methods
/// or differs in more than schemas.
pub fn check_completed(
    published: Source<'_>,
    completed: Source<'_>,
    options: &Options,
) -> Result<[Input; 2], ReadError> {
    let (one, other) = (Json::parse(published)?, Json::parse(completed)?);
    let one = Cursor::root(published.name, &one);
    let other = Cursor::root(completed.name, &other);
    for (name, method) in one.entries()? {
        let found = other.need(name)?;
        for (field, value) in method.entries()? {
            let same = found.need(field)?;
            if !SCHEMAS.contains(&field) && same.json != value.json {
                return Err(same.error(format_args!(
                    "{} describes {name:?} differently: use files of the same release",
                    published.name
                )));
            }
        }
    }
    for (name, method) in other.entries()? {
        if one.get(name).is_none() {
            return Err(method.error(format_args!(
                "{} has no method {name:?}: use files of the same release",
                published.name
            )));
        }
    }
    Ok([
        input(InputKind::GetMethods, published.text, options),
        input(InputKind::GetMethodsCompleted, completed.text, options),
    ])
}

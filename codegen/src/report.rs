//! The report of what review has to see: a renamed type, a method that newly
//! counts as reading only.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::emit::MARKER;
use crate::share::Version;
use crate::types::ShapeId;
use crate::unify::Classes;

/// What every type of a version is called, and after what.
pub(crate) fn names(index: usize, version: &Version, classes: &Classes) -> String {
    let mut places: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (place, shape) in version.types.shapes.iter().enumerate() {
        let Some(class) = classes.class(index, ShapeId(place)) else {
            continue;
        };
        places
            .entry(class)
            .or_default()
            .push(shape.origin.to_string());
    }
    let mut lines = Vec::new();
    for (class, name) in &version.names.classes {
        let mut after = places.remove(class).unwrap_or_default();
        after.sort();
        after.dedup();
        let mut line = format!("{}::{}: ", name.module.join("::"), name.ident);
        line.push_str(&brief(&after));
        lines.push(line);
    }
    lines.sort();
    let mut text = format!(
        "Types of {}: Rust path, what it is named after (a model, or owner.key).\n\
         {MARKER}; do not edit.\n\n",
        version.types.api
    );
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str("\nMethods that only read, so that a client may send them again:\n\n");
    for (name, method) in &version.types.methods {
        if method.reads_only {
            text.push_str(name);
            text.push('\n');
        }
    }
    text
}

/// A few places, and how many more.
fn brief(places: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut text = places
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if places.len() > SHOWN {
        let _ = write!(text, " and {} more", places.len() - SHOWN);
    }
    text
}

//! From pages to a dump.

use serde_json::{Value, json};

use crate::file::Kind;
use crate::page::Page;
use crate::restore::shared_discriminators;

/// A dump of the API version `api`, such as `v25.10.0`, in the form that has
/// references inlined, sorted by name as the original is.
#[must_use]
pub fn dump(api: &str, mut pages: Vec<Page>) -> Value {
    shared_discriminators(&mut pages);
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    let (methods, events): (Vec<Page>, Vec<Page>) = pages
        .into_iter()
        .partition(|page| page.kind == Kind::Method);
    let entries =
        |pages: Vec<Page>| -> Vec<Value> { pages.into_iter().map(|page| page.entry).collect() };
    json!({
        "versions": [{
            "version": api,
            "methods": entries(methods),
            "events": entries(events),
        }],
    })
}

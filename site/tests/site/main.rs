//! Pages of the documentation site, read back: those in `tests/pages/`, and
//! what becomes of them when they are broken.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod complete;
mod errors;
mod pages;
mod random;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pages")
}

/// A page.
fn read(file: &str) -> String {
    fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All pages, sorted.
fn files() -> Vec<String> {
    let mut files = Vec::new();
    for renderer in ["1.0.2", "1.4.1"] {
        for entry in fs::read_dir(folder().join(renderer)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !name.ends_with(".json") {
                files.push(format!("{renderer}/{name}"));
            }
        }
    }
    files.sort();
    files
}

/// The entry that a page was rendered from.
fn entry(file: &str) -> Value {
    let name = file.trim_end_matches(".html").trim_end_matches(".rst.txt");
    serde_json::from_str(&read(&format!("{name}.json"))).unwrap()
}

/// A value without some keys, wherever they stand.
fn without(value: &Value, keys: &[&str]) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| !keys.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), without(value, keys)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| without(item, keys)).collect(),
        other => other.clone(),
    }
}

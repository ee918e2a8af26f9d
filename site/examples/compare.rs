//! Reads a whole site and compares it with what it was rendered from.
//!
//! ```sh
//! cargo run -p truenas-site --example compare -- FOLDER schemas/v25.10.0.json
//! ```
//!
//! `FOLDER` holds the pages, or their sources as in `_sources`. The other file
//! is one of `schemas/` or a dump. Both sides go through the reader of dumps,
//! and what differs then is counted by its kind.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;
use truenas_codegen::model::ApiVersion;
use truenas_codegen::read::{Options, Source, parse, read};
use truenas_site::Kind;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(folder), Some(original)) = (arguments.next(), arguments.next()) else {
        return Err("usage: compare FOLDER FILE".into());
    };
    let mut original = version(&original, &fs::read_to_string(&original)?)?;
    let folder = Path::new(&folder);
    let mut pages = Vec::new();
    for (kind, prefix) in [(Kind::Method, "api_methods"), (Kind::Event, "api_events")] {
        let (file, text) = open(folder, prefix)?;
        let services = truenas_site::index(&file, &text)?.indexes;
        let mut missing = Vec::new();
        let mut count = 0;
        for service in &services {
            let (file, text) = open(folder, &format!("{prefix}_{service}"))?;
            for name in truenas_site::index(&file, &text)?.pages {
                count += 1;
                if services.contains(&name) {
                    missing.push(name);
                    continue;
                }
                let (file, text) = open(folder, &format!("{prefix}_{name}"))?;
                pages.push(truenas_site::page(&file, &text)?);
            }
        }
        println!(
            "{count} {kind:?}s; the name of a service, so without a page: {}",
            missing.join(", ")
        );
        for name in missing {
            original
                .methods
                .remove(&name)
                .map(drop)
                .or(original.events.remove(&name).map(drop));
        }
    }
    let text = truenas_site::dump(&original.api, pages).to_string();
    let site = version("the site", &text)?;

    let mut differences = Differences::default();
    differences.find(&comparable(original)?, &comparable(site)?, "");
    for (kind, places) in &differences.0 {
        println!("{} {kind}", places.len());
        for place in places {
            println!("    {place}");
        }
    }
    Ok(())
}

/// A page or the source of one.
fn open(folder: &Path, name: &str) -> Result<(String, String), Box<dyn Error>> {
    let with = |ending: &str| -> PathBuf { folder.join(format!("{name}{ending}")) };
    let mut path = with(".html");
    if !path.exists() {
        path = with(".rst.txt");
    }
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((path.to_string_lossy().into_owned(), text))
}

/// A file of `schemas/`, or a dump.
fn version(name: &str, text: &str) -> Result<ApiVersion, Box<dyn Error>> {
    let source = Source { name, text };
    match parse(source) {
        Ok(version) => Ok(version),
        Err(_) => Ok(read("", &[source], &Options::default())?.version),
    }
}

/// What both sides should agree on.
fn comparable(mut version: ApiVersion) -> Result<Value, Box<dyn Error>> {
    version.provenance.clear();
    version.release.clear();
    // Those of methods that have no page.
    let used = serde_json::to_value((&version.methods, &version.events))?;
    let mut waiting = vec![used];
    let mut found = BTreeSet::new();
    while let Some(value) = waiting.pop() {
        for name in references(&value) {
            if let Some(model) = version.models.get(&name)
                && found.insert(name)
            {
                waiting.push(model.as_value().clone());
            }
        }
    }
    version.models.retain(|name, _| found.contains(name));
    Ok(serde_json::to_value(version)?)
}

/// The models a value refers to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(keywords) => keywords.values().flat_map(references).collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::String(text) => text
            .strip_prefix("#/models/")
            .map(str::to_owned)
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Where two values differ, by what differs.
#[derive(Default)]
struct Differences(BTreeMap<String, Vec<String>>);

impl Differences {
    fn find(&mut self, original: &Value, site: &Value, path: &str) {
        match (original, site) {
            (original, site) if original == site => {}
            (Value::Object(original), Value::Object(site)) => {
                for (key, value) in original {
                    let path = format!("{path}/{key}");
                    match site.get(key) {
                        Some(other) => self.find(value, other, &path),
                        None => self.add(format!("without `{key}`"), path),
                    }
                }
                for key in site.keys().filter(|key| !original.contains_key(*key)) {
                    self.add(format!("with `{key}`"), format!("{path}/{key}"));
                }
            }
            (Value::Array(original), Value::Array(site)) if original.len() == site.len() => {
                for (index, (original, site)) in original.iter().zip(site).enumerate() {
                    self.find(original, site, &format!("{path}/{index}"));
                }
            }
            (original, site) => {
                self.add(
                    "another value".to_owned(),
                    format!("{path}: {original}, {site}"),
                );
            }
        }
    }

    fn add(&mut self, kind: String, path: String) {
        self.0.entry(kind).or_default().push(path);
    }
}

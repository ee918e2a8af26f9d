//! What comparing costs, against reading what is compared:
//! `cargo run --release -p truenas-diff --example pairs`.
//!
//! Every version is compared with every older one. The measure is reading the
//! two files of each pair, as JSON into the canonical form, on one core; pairs
//! are compared on all cores.

#![allow(
    clippy::unwrap_used,
    reason = "a tool for maintainers, on files that are committed"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use truenas_codegen::model::ApiVersion;
use truenas_codegen::overrides::Overrides;
use truenas_codegen::versions::VersionList;
use truenas_diff::{Version, compare, compare_all};

const ROUNDS: usize = 5;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let list: VersionList = serde_json::from_str(&read("versions.json")).unwrap();
    let names: Vec<String> = list
        .iter()
        .map(|version| format!("{}.json", version.api))
        .collect();
    let overrides: Overrides = serde_json::from_str(&read("overrides.json")).unwrap();
    let load = |name: &String| -> ApiVersion { serde_json::from_str(&read(name)).unwrap() };
    let pairs = || {
        let newer = names.iter().enumerate();
        newer.flat_map(|(place, new)| names.iter().take(place).map(move |old| (old, new)))
    };

    let loading = || {
        pairs()
            .map(|(old, new)| load(old).jobs() + load(new).jobs())
            .sum()
    };
    let once = || {
        let versions: Vec<Version> = names
            .iter()
            .map(|name| Version::new(load(name), &overrides))
            .collect();
        let newer = versions.iter().enumerate();
        let pairs: Vec<_> = newer
            .flat_map(|(place, new)| versions.iter().take(place).map(move |old| (old, new)))
            .collect();
        compare_all(&pairs)
            .iter()
            .map(|report| report.findings.len())
            .sum()
    };
    let each = || {
        let version = |name| Version::new(load(name), &overrides);
        pairs()
            .map(|(old, new)| compare(&version(old), &version(new)).findings.len())
            .sum()
    };
    let [mut loaded, mut all_once, mut all_each] = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        // In turn, and of each the best: what else the machine does only adds.
        loaded = loaded.min(time(&loading));
        all_once = all_once.min(time(&once));
        all_each = all_each.min(time(&each));
    }
    println!("{} pairs, best of {ROUNDS} rounds", pairs().count());
    println!("reading the files of each pair: {loaded:?}");
    let ratio = |time: Duration| time.as_secs_f64() / loaded.as_secs_f64();
    println!(
        "all pairs, each file read once: {all_once:?}, {:.2} of that",
        ratio(all_once)
    );
    println!(
        "all pairs, each on its own: {all_each:?}, {:.2} of that",
        ratio(all_each)
    );
}

fn time(work: &dyn Fn() -> usize) -> Duration {
    let start = Instant::now();
    assert!(std::hint::black_box(work()) > 0);
    start.elapsed()
}

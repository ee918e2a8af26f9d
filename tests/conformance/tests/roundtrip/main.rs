//! Random values of every method and event of every version survive a round
//! trip unchanged, and so do the values of the corpus.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod corpus;
mod outcome;
mod versions;

use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use truenas_api::TABLES;

use outcome::Outcome;
use versions::{Item, Version};

#[test]
fn every_value_comes_back() {
    let started = Instant::now();
    let versions = Version::read_all();
    for version in &versions {
        let (_, table) = TABLES.iter().find(|(api, _)| *api == version.api).unwrap();
        assert_eq!(table.methods.len(), version.methods, "{}", version.api);
        assert_eq!(table.events.len(), version.events, "{}", version.api);
    }

    let outcome = run(&versions::items(&versions));

    let count = |count: fn(&Version) -> usize| versions.iter().map(count).sum::<usize>();
    // Past the test harness, which shows nothing of a test that passes.
    writeln!(
        io::stderr(),
        "{} versions with {} methods and {} events in {:.1} s\n{outcome}",
        versions.len(),
        count(|version| version.methods),
        count(|version| version.events),
        started.elapsed().as_secs_f64(),
    )
    .unwrap();
    assert_eq!(outcome.failed(), 0);
}

/// On all processors.
fn run(items: &[Item<'_>]) -> Outcome {
    let next = AtomicUsize::new(0);
    let outcome = Mutex::new(Outcome::default());
    let work = || {
        let mut mine = Outcome::default();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            for case in item.cases() {
                mine.run(&case);
            }
        }
        outcome.lock().unwrap().add(mine);
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().unwrap().get() {
            scope.spawn(work);
        }
    });
    outcome.into_inner().unwrap()
}

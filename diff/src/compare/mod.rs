//! Two versions → what changed.

mod events;
mod limits;
mod matching;
mod methods;
mod object;
mod position;
mod renames;
mod same;
mod values;
mod walk;

pub(crate) use renames::Traits;

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use schemars::JsonSchema;
use serde::Serialize;

use crate::Version;
use crate::finding::Finding;

/// What changed from one version to another.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// The older version.
    pub from: Compared,
    /// The newer version.
    pub to: Compared,
    /// What changed, sorted by service.
    pub findings: Vec<Finding>,
    /// What the newer version has and announces to remove.
    pub coming: Vec<Coming>,
    /// What could not be compared, and why.
    pub notes: Vec<String>,
}

/// A version that was compared, and how much there was in it: an empty list of
/// findings means something only for versions that are not empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Compared {
    /// The API's own name of it: `v25.10.5`.
    pub api: String,
    /// The release it was read from: `25.10.6`.
    pub release: String,
    /// How many methods it has.
    pub methods: usize,
    /// How many events it has.
    pub events: usize,
    /// How many models it has.
    pub models: usize,
}

/// An announced removal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coming {
    /// The method or event.
    pub name: String,
    /// The version that will no longer have it, as the API says.
    pub removed_in: String,
}

/// Compares two versions by structure: what models are called plays no part.
#[must_use]
pub fn compare(old: &Version, new: &Version) -> Report {
    let mut comparison = walk::Comparison::new(old, new);
    methods::methods(&mut comparison);
    events::events(&mut comparison);
    let mut notes = Vec::new();
    if comparison.implied_roles > 0 {
        notes.push(format!(
            "{} methods and events list their roles with all that include them in one version and \
             without in the other; these were not compared",
            comparison.implied_roles
        ));
    }
    let mut findings = comparison.findings;
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    for version in [old, new] {
        if !version.knows_pipes() {
            notes.push(format!(
                "the sources of {} do not say which methods take or give files",
                version.api.api
            ));
        }
    }
    notes.sort();
    notes.dedup();
    Report {
        from: Compared::new(old),
        to: Compared::new(new),
        findings,
        coming: coming(new),
        notes,
    }
}

/// Compares pairs of versions, on all cores; the reports are in the order of
/// the pairs.
#[must_use]
pub fn compare_all(pairs: &[(&Version, &Version)]) -> Vec<Report> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut reports = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            match pairs.get(place) {
                Some((old, new)) => reports.push((place, compare(old, new))),
                None => return reports,
            }
        }
    };
    let mut reports = thread::scope(|scope| {
        let others = workers.min(pairs.len()).saturating_sub(1);
        // Without a second thread the first one does it all.
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let handles: Vec<_> = (0..others).filter_map(spawn).collect();
        let mut reports = work();
        for handle in handles {
            match handle.join() {
                Ok(part) => reports.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        reports
    });
    reports.sort_by_key(|(place, _)| *place);
    reports.into_iter().map(|(_, report)| report).collect()
}

impl Compared {
    fn new(version: &Version) -> Self {
        let api = &version.api;
        Self {
            api: api.api.clone(),
            release: api.release.clone(),
            methods: api.methods.len(),
            events: api.events.len(),
            models: api.models.len(),
        }
    }
}

fn coming(version: &Version) -> Vec<Coming> {
    let methods = version.api.methods.iter();
    let methods = methods.map(|(name, method)| (name, &method.removed_in));
    let events = version.api.events.iter();
    let events = events.map(|(name, event)| (name, &event.removed_in));
    methods
        .chain(events)
        .filter_map(|(name, removed_in)| {
            Some(Coming {
                name: name.clone(),
                removed_in: removed_in.clone()?,
            })
        })
        .collect()
}

/// Whether what was to go in the version `removed_in` was due when `version`
/// came. Only the year counts: what was announced for `v26.04` went with
/// `v26.0.0`.
fn was_due(removed_in: &str, version: &str) -> bool {
    let year = |name: &str| -> Option<u32> {
        let numbers = name.trim_start_matches('v');
        numbers.split('.').next()?.parse().ok()
    };
    match (year(removed_in), year(version)) {
        (Some(due), Some(year)) => due <= year,
        _ => false,
    }
}

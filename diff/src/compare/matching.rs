//! Which case of a choice is which case of another.
//!
//! Whatever is decided here is decided the same if the versions change
//! places: so ties are broken by what both sides show.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::same::fingerprint_object;
use super::walk::Comparison;
use crate::Version;
use crate::schema::{Case, Kind, Position};

/// The cases of two choices, side by side.
pub(super) struct Matching<'a> {
    /// Cases that belong together. They have a label where there are several
    /// cases, so that a path can name them.
    pub(super) pairs: Vec<(Option<String>, Case<'a>, Case<'a>)>,
    pub(super) gone: Vec<Case<'a>>,
    pub(super) added: Vec<Case<'a>>,
}

/// Two cases that may belong together.
struct Candidate {
    old: usize,
    new: usize,
    score: f64,
    /// The same whichever side is the old one.
    tie: Tie,
}

/// The places and fingerprints of two cases, the lower ones first.
type Tie = (usize, usize, u64, u64);

/// Puts the cases of two choices side by side.
pub(super) fn matching<'a>(
    comparison: &Comparison<'a>,
    old: &Position<'a>,
    new: &Position<'a>,
) -> Matching<'a> {
    let (a, b) = (&old.cases, &new.cases);
    let single = a.len() <= 1 && b.len() <= 1;
    if let ([before], [after]) = (a.as_slice(), b.as_slice())
        && comparable(before.kind, after.kind)
    {
        return Matching {
            pairs: vec![(None, *before, *after)],
            gone: Vec::new(),
            added: Vec::new(),
        };
    }
    let tag = tag_key(a, b);
    let fingerprints = |cases: &[Case<'a>], classes| -> Vec<u64> {
        let each = cases.iter();
        each.map(|case| fingerprint_object(case.schema, classes))
            .collect()
    };
    let old_prints = fingerprints(a, &comparison.old.classes);
    let new_prints = fingerprints(b, &comparison.new.classes);
    let mut candidates = Vec::new();
    for (i, (before, x)) in a.iter().zip(&old_prints).enumerate() {
        for (j, (after, y)) in b.iter().zip(&new_prints).enumerate() {
            if !comparable(before.kind, after.kind) {
                continue;
            }
            let (x, y) = (*x, *y);
            let score = if single || x == y {
                3.0
            } else {
                score(comparison, tag, (a, before), (b, after))
            };
            candidates.push(Candidate {
                old: i,
                new: j,
                score,
                tie: (i.min(j), i.max(j), x.min(y), x.max(y)),
            });
        }
    }
    candidates.retain(|candidate| candidate.score > 0.0);
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.tie.cmp(&b.tie)));
    let (mut gone, mut added): (BTreeSet<usize>, BTreeSet<usize>) =
        ((0..a.len()).collect(), (0..b.len()).collect());
    let mut pairs = Vec::new();
    for candidate in &candidates {
        if gone.contains(&candidate.old)
            && added.contains(&candidate.new)
            && let (Some(before), Some(after)) = (a.get(candidate.old), b.get(candidate.new))
        {
            gone.remove(&candidate.old);
            added.remove(&candidate.new);
            pairs.push((candidate.tie, *before, *after));
        }
    }
    // What is still allowed, only by another case, is no change.
    let lost = gone.into_iter().filter_map(|place| a.get(place)).copied();
    let gained = added.into_iter().filter_map(|place| b.get(place)).copied();
    Matching {
        pairs: labelled(pairs, tag, single),
        gone: lost.filter(|case| !covered(case, b)).collect(),
        added: gained.filter(|case| !covered(case, a)).collect(),
    }
}

fn comparable(a: Kind, b: Kind) -> bool {
    let numbers = [Kind::Integer, Kind::Number];
    a == b || numbers.contains(&a) && numbers.contains(&b)
}

/// How much speaks for two cases being one; nothing at 0.
fn score<'a>(
    comparison: &Comparison<'a>,
    tag: Option<&str>,
    (all_old, old): (&[Case<'a>], &Case<'a>),
    (all_new, new): (&[Case<'a>], &Case<'a>),
) -> f64 {
    let alone = |all: &[Case<'a>], kind| all.iter().filter(|case| case.kind == kind).count() == 1;
    let only = alone(all_old, old.kind) && alone(all_new, new.kind);
    match old.kind {
        Kind::Object => {
            if let Some((a, b)) = tag.and_then(|tag| Some((old.tags(tag)?, new.tags(tag)?))) {
                let shared = a.iter().any(|tag| b.contains(tag));
                return if shared { 2.0 } else { 0.0 };
            }
            let [a, b] = [(comparison.old.version, old), (comparison.new.version, new)]
                .map(|(version, case)| case_features(version, case));
            let like = overlap(&a, &b);
            // Two objects that have nothing in common are two things.
            if only && (like > 0.0 || a.len() + b.len() <= 2) {
                1.0
            } else if like >= 0.3 {
                like
            } else {
                0.0
            }
        }
        Kind::Array => {
            let [a, b] = [(comparison.old.version, old), (comparison.new.version, new)]
                .map(|(version, case)| case_features(version, case));
            if only {
                1.0
            } else {
                0.1 + overlap(&a, &b) * 0.9
            }
        }
        _ => match (old.values(), new.values()) {
            (Some(a), Some(b)) => {
                let shared = a.iter().any(|value| b.contains(value));
                if shared {
                    1.0
                } else if only {
                    0.5
                } else {
                    0.0
                }
            }
            (None, None) => 0.9,
            _ if only => 0.5,
            _ => 0.0,
        },
    }
}

/// The key by which both choices tell their objects apart.
fn tag_key<'a>(old: &[Case<'a>], new: &[Case<'a>]) -> Option<&'a str> {
    let objects = |cases: &[Case<'a>]| -> Vec<Case<'a>> {
        cases
            .iter()
            .filter(|case| case.kind == Kind::Object)
            .copied()
            .collect()
    };
    let (old, new) = (objects(old), objects(new));
    if old.len().max(new.len()) < 2 {
        return None;
    }
    let apart = |cases: &[Case<'a>], key: &str| {
        let mut seen = BTreeSet::new();
        cases.iter().all(|case| {
            case.tags(key)
                .is_some_and(|tags| tags.into_iter().all(|tag| seen.insert(tag)))
        })
    };
    let first = old.first()?;
    let mut keys = first.properties()?.keys();
    keys.find(|key| apart(&old, key) && apart(&new, key))
        .map(String::as_str)
}

/// A label for each pair that is the same whichever side is the old one.
fn labelled<'a>(
    mut pairs: Vec<(Tie, Case<'a>, Case<'a>)>,
    tag: Option<&str>,
    single: bool,
) -> Vec<(Option<String>, Case<'a>, Case<'a>)> {
    pairs.sort_by_key(|pair| pair.0);
    let name = |(_, old, new): &(_, Case<'a>, Case<'a>)| {
        let tags = |case: &Case<'a>| tag.and_then(|tag| case.tags(tag)).unwrap_or_default();
        let (a, b) = (tags(old), tags(new));
        let mut shared: Vec<&str> = a.into_iter().filter(|tag| b.contains(tag)).collect();
        shared.sort_unstable();
        if shared.is_empty() {
            old.kind.min(new.kind).name().to_owned()
        } else {
            shared.join("|")
        }
    };
    let names: Vec<String> = pairs.iter().map(name).collect();
    let mut labelled = Vec::new();
    for (place, (_, old, new)) in pairs.iter().enumerate() {
        let Some(name) = names.get(place) else {
            continue;
        };
        let twins = names.iter().filter(|other| *other == name).count();
        let before = names
            .iter()
            .take(place)
            .filter(|other| *other == name)
            .count();
        let label = match (single, twins) {
            (true, _) => None,
            (_, 1) => Some(name.clone()),
            _ => Some(format!("{name} {}", before + 1)),
        };
        labelled.push((label, *old, *new));
    }
    labelled
}

/// Whether another choice allows all that a simple case allows.
fn covered(case: &Case<'_>, others: &[Case<'_>]) -> bool {
    let plain = |other: &Case<'_>| other.schema.keys().all(|key| key == "type");
    let simple = matches!(
        case.kind,
        Kind::Boolean | Kind::Integer | Kind::Number | Kind::String
    );
    simple
        && others
            .iter()
            .any(|other| other.kind == case.kind && plain(other))
}

/// How alike two schemas are, from 0 to 1.
pub(super) fn likeness(comparison: &Comparison<'_>, old: &Value, new: &Value) -> f64 {
    overlap(
        &features(comparison.old.version, "", old),
        &features(comparison.new.version, "", new),
    )
}

fn overlap(a: &Features, b: &Features) -> f64 {
    let shared = a.intersection(b).count();
    let all = a.union(b).count();
    ratio(shared, all)
}

/// A part of a whole; all of nothing.
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    if whole == 0 {
        1.0
    } else {
        number(part) / number(whole)
    }
}

/// What is in a schema, three levels deep, such as that there is a boolean at
/// `options.force`. Each is known by its hash.
pub(super) type Features = BTreeSet<u64>;

/// The features of a schema that stands under this name.
pub(super) fn features(version: &Version, name: &str, schema: &Value) -> Features {
    let mut features = Features::new();
    collect(version, schema, step(0, name), DEPTH, &mut features);
    features
}

const DEPTH: usize = 3;

fn case_features(version: &Version, case: &Case<'_>) -> Features {
    let mut features = Features::new();
    collect_case(version, case, 0, DEPTH, &mut features);
    features
}

/// One step further on a path.
pub(super) fn step(path: u64, key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (path, key).hash(&mut hasher);
    hasher.finish()
}

fn collect(version: &Version, schema: &Value, path: u64, depth: usize, into: &mut Features) {
    let position = Position::new(&version.api, schema);
    for case in &position.cases {
        collect_case(version, case, path, depth, into);
    }
    if position.cases.is_empty() && position.nullable {
        into.insert(step(path, ":null"));
    }
}

fn collect_case(version: &Version, case: &Case<'_>, path: u64, depth: usize, into: &mut Features) {
    into.insert(step(path, case.kind.name()));
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let inside = step(path, ".");
    for (key, schema) in case.properties().into_iter().flatten() {
        collect(version, schema, step(inside, key), depth, into);
    }
    if let Some(items) = case.schema.get("items") {
        collect(version, items, step(path, "[]"), depth, into);
    }
}

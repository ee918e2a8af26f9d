//! What is the same thing under another name, and how sure that is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use truenas_codegen::model::{Method, split};

use super::matching::{features, ratio};
use super::walk::Comparison;
use crate::Version;

/// A method of the older version that the newer one has under another name.
#[derive(Debug, Clone)]
pub(super) struct Rename {
    pub(super) old: String,
    pub(super) new: String,
    /// In percent.
    pub(super) confidence: u8,
}

/// From here on something is called a rename.
const SURE_ENOUGH: f64 = 0.5;

/// What must speak for a rename besides the name.
const ALIKE_ENOUGH: f64 = 0.1;
const MOVED_ALONG: f64 = 0.5;

/// How much two methods or services must show before what they share says
/// anything: that both take an integer and answer null, or that both have a
/// `query`, makes them no relatives.
const SMALL_TALK: f64 = 0.6;

/// Finds renames among methods that only one version has.
///
/// Three things speak for a rename: what a method takes and answers; other
/// methods of the service that moved along; the words of the name. Each counts
/// the less, the more methods show it.
pub(super) fn methods(
    comparison: &Comparison<'_>,
    gone: &[String],
    added: &[String],
) -> Vec<Rename> {
    if gone.is_empty() || added.is_empty() {
        return Vec::new();
    }
    let (old, new) = (comparison.old.version, comparison.new.version);
    let before = all_features(old, gone);
    let after = all_features(new, added);
    let shapes = Weights::new(&[old, new], method_features);
    let words = Weights::new(&[old, new], |_, name, _| words(name));
    let last_words = Weights::new(&[old, new], |_, name, _| {
        BTreeSet::from([split(name).1.to_owned()])
    });
    let (old_actions, new_actions) = (actions(gone), actions(added));
    let mut candidates = Vec::new();
    for (a, a_features) in &before {
        for (b, b_features) in &after {
            let structure = shapes.overlap(a_features, b_features, SMALL_TALK);
            let ((a_service, a_action), (b_service, b_action)) = (split(a), split(b));
            let siblings = match (old_actions.get(a_service), new_actions.get(b_service)) {
                (Some(x), Some(y)) if a_action == b_action && a_service != b_service => {
                    last_words.overlap(x, y, SMALL_TALK)
                }
                _ => 0.0,
            };
            if structure < ALIKE_ENOUGH && siblings < MOVED_ALONG {
                continue;
            }
            let name = words.overlap(&self::words(a), &self::words(b), 0.0);
            // Each speaks for it, none of them alone is certain.
            let doubt = (1.0 - 0.8 * structure) * (1.0 - 0.6 * siblings) * (1.0 - 0.4 * name);
            let confidence = 1.0 - doubt;
            if confidence >= SURE_ENOUGH {
                candidates.push((confidence, *a, *b));
            }
        }
    }
    // The same whichever version is the old one.
    let tie = |a: &str, b: &str| {
        let (a, b) = (a.to_owned(), b.to_owned());
        if a < b { (a, b) } else { (b, a) }
    };
    candidates.sort_by(|x, y| {
        y.0.total_cmp(&x.0)
            .then_with(|| tie(x.1, x.2).cmp(&tie(y.1, y.2)))
    });
    let (mut taken_old, mut taken_new) = (BTreeSet::new(), BTreeSet::new());
    let mut renames = Vec::new();
    for (confidence, a, b) in candidates {
        if !taken_old.contains(a) && !taken_new.contains(b) {
            taken_old.insert(a);
            taken_new.insert(b);
            renames.push(Rename {
                old: a.to_owned(),
                new: b.to_owned(),
                confidence: percent(confidence),
            });
        }
    }
    renames
}

/// Whether a key became another one: a qualifier came or went, and what it
/// holds is not too different.
pub(super) fn property(old: &str, new: &str, likeness: impl FnOnce() -> f64) -> Option<u8> {
    let (a, b) = (words(old), words(new));
    if !a.is_subset(&b) && !b.is_subset(&a) {
        return None;
    }
    let shared = ratio(a.intersection(&b).count(), a.union(&b).count());
    let confidence = shared * (0.7 + 0.3 * likeness());
    (confidence >= SURE_ENOUGH).then(|| percent(confidence))
}

/// The words of a name.
fn words(name: &str) -> BTreeSet<String> {
    let words = name.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn percent(confidence: f64) -> u8 {
    (0..=100_u8)
        .rev()
        .find(|percent| f64::from(*percent) <= confidence * 100.0 + 1e-9)
        .unwrap_or_default()
}

/// What the methods of each service are called there.
fn actions(methods: &[String]) -> BTreeMap<&str, BTreeSet<String>> {
    let mut actions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for method in methods {
        let (service, action) = split(method);
        actions
            .entry(service)
            .or_default()
            .insert(action.to_owned());
    }
    actions
}

fn all_features<'n>(version: &Version, names: &'n [String]) -> BTreeMap<&'n str, BTreeSet<String>> {
    let methods = names.iter().filter_map(|name| {
        let method = version.api.methods.get(name)?;
        Some((name.as_str(), method_features(version, name, method)))
    });
    methods.collect()
}

/// What a method takes and answers.
fn method_features(version: &Version, _: &str, method: &Method) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (place, parameter) in method.parameters.iter().enumerate() {
        let features = features(version, parameter.schema.as_value());
        all.extend(
            features
                .into_iter()
                .map(|feature| format!("{place}{feature}")),
        );
    }
    let answer = features(version, method.result.as_value());
    all.extend(answer.into_iter().map(|feature| format!("result{feature}")));
    all
}

/// How much it says that two methods share something: the less, the more
/// methods have it.
struct Weights(HashMap<String, f64>);

impl Weights {
    fn new(
        versions: &[&Version],
        features: impl Fn(&Version, &str, &Method) -> BTreeSet<String>,
    ) -> Self {
        let mut counts: HashMap<String, u32> = HashMap::new();
        for version in versions {
            for (name, method) in &version.api.methods {
                for feature in features(version, name, method) {
                    *counts.entry(feature).or_default() += 1;
                }
            }
        }
        let weight = |count: u32| 1.0 / f64::from(count.max(1)).sqrt();
        let weights = counts.into_iter();
        Self(
            weights
                .map(|(feature, count)| (feature, weight(count)))
                .collect(),
        )
    }

    /// The weight of what both have as a part of the weight of what either
    /// has, to which `least` is added.
    fn overlap(&self, a: &BTreeSet<String>, b: &BTreeSet<String>, least: f64) -> f64 {
        let sum = |features: &mut dyn Iterator<Item = &String>| -> f64 {
            features.filter_map(|feature| self.0.get(feature)).sum()
        };
        let all = sum(&mut a.union(b)) + least;
        if all > 0.0 {
            sum(&mut a.intersection(b)) / all
        } else {
            0.0
        }
    }
}

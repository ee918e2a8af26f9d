//! What is the same thing under another name, and how sure that is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use truenas_codegen::model::{Method, split};

use super::matching::{Features, features, ratio, step};
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
    let old_traits = old.traits.get_or_init(|| Traits::new(old));
    let new_traits = new.traits.get_or_init(|| Traits::new(new));
    let shapes = Weights([&old_traits.shapes, &new_traits.shapes]);
    let words = Weights([&old_traits.words, &new_traits.words]);
    let last_words = Weights([&old_traits.last_words, &new_traits.last_words]);
    let (old_actions, new_actions) = (actions(gone), actions(added));
    let mut candidates = Vec::new();
    let old_shapes: Vec<_> = gone.iter().map(|name| shapes.of(0, name)).collect();
    let new_shapes: Vec<_> = added.iter().map(|name| shapes.of(1, name)).collect();
    let old_words: Vec<_> = gone.iter().map(|name| words.of(0, name)).collect();
    let new_words: Vec<_> = added.iter().map(|name| words.of(1, name)).collect();
    for (a, (a_shape, a_words)) in gone.iter().zip(old_shapes.iter().zip(&old_words)) {
        for (b, (b_shape, b_words)) in added.iter().zip(new_shapes.iter().zip(&new_words)) {
            let ((a_service, a_action), (b_service, b_action)) = (split(a), split(b));
            let siblings = match (old_actions.get(a_service), new_actions.get(b_service)) {
                (Some(x), Some(y)) if a_action == b_action && a_service != b_service => {
                    let (x, y) = (last_words.weighed(x), last_words.weighed(y));
                    last_words.overlap(&x, &y, SMALL_TALK)
                }
                _ => 0.0,
            };
            let name = words.overlap(a_words, b_words, 0.0);
            // Each speaks for it, none of them alone is certain.
            let confidence = |structure: f64| {
                1.0 - (1.0 - 0.8 * structure) * (1.0 - 0.6 * siblings) * (1.0 - 0.4 * name)
            };
            // Most pairs are no renames even if all that the one shows is
            // shown by the other.
            let most = a_shape.1.min(b_shape.1) / (a_shape.1.max(b_shape.1) + SMALL_TALK);
            if confidence(most) < SURE_ENOUGH {
                continue;
            }
            let structure = shapes.overlap(a_shape, b_shape, SMALL_TALK);
            let confidence = confidence(structure);
            if (structure >= ALIKE_ENOUGH || siblings >= MOVED_ALONG) && confidence >= SURE_ENOUGH {
                candidates.push((confidence, a.as_str(), b.as_str()));
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
fn actions(methods: &[String]) -> BTreeMap<&str, Features> {
    let mut actions: BTreeMap<&str, Features> = BTreeMap::new();
    for method in methods {
        let (service, action) = split(method);
        actions.entry(service).or_default().insert(step(0, action));
    }
    actions
}

/// By what the methods of a version are recognised.
#[derive(Debug)]
pub(crate) struct Traits {
    /// What they take and answer.
    shapes: Counted,
    /// The words of their names.
    words: Counted,
    /// The last word of their names.
    last_words: Counted,
}

/// What methods show, and how many of them show it.
#[derive(Debug, Default)]
struct Counted {
    of: HashMap<String, Features>,
    counts: HashMap<u64, u32>,
}

impl Traits {
    fn new(version: &Version) -> Self {
        let methods = &version.api.methods;
        let names = methods.keys();
        let hashed = |words: BTreeSet<String>| words.iter().map(|word| step(0, word)).collect();
        Self {
            shapes: Counted::new(
                methods
                    .iter()
                    .map(|(name, method)| (name, method_features(version, method))),
            ),
            words: Counted::new(names.clone().map(|name| (name, hashed(words(name))))),
            last_words: Counted::new(
                names.map(|name| (name, Features::from([step(0, split(name).1)]))),
            ),
        }
    }
}

impl Counted {
    fn new<'n>(methods: impl Iterator<Item = (&'n String, Features)>) -> Self {
        let mut counted = Self::default();
        for (name, features) in methods {
            for feature in &features {
                *counted.counts.entry(*feature).or_default() += 1;
            }
            counted.of.insert(name.clone(), features);
        }
        counted
    }
}

/// What a method takes and answers.
fn method_features(version: &Version, method: &Method) -> Features {
    let mut all = Features::new();
    for (place, parameter) in method.parameters.iter().enumerate() {
        let place = place.to_string();
        all.append(&mut features(version, &place, parameter.schema.as_value()));
    }
    all.append(&mut features(version, "result", method.result.as_value()));
    all
}

/// Features, and how much they weigh together.
struct Weighed<'a>(Option<&'a Features>, f64);

/// How much it says that two methods share something: the less, the more
/// methods of both versions have it.
struct Weights<'a>([&'a Counted; 2]);

impl<'a> Weights<'a> {
    fn weight(&self, feature: u64) -> f64 {
        let counts = self
            .0
            .iter()
            .filter_map(|counted| counted.counts.get(&feature));
        let count: u32 = counts.sum();
        1.0 / f64::from(count.max(1)).sqrt()
    }

    fn weighed(&self, features: &'a Features) -> Weighed<'a> {
        let weights = features.iter().map(|feature| self.weight(*feature));
        Weighed(Some(features), weights.sum())
    }

    /// The features of a method of one of the versions.
    fn of(&self, version: usize, method: &str) -> Weighed<'a> {
        let counted = self.0.get(version);
        match counted.and_then(|counted| counted.of.get(method)) {
            Some(features) => self.weighed(features),
            None => Weighed(None, 0.0),
        }
    }

    /// The weight of what both have as a part of the weight of what either
    /// has, to which `least` is added.
    fn overlap(&self, a: &Weighed<'_>, b: &Weighed<'_>, least: f64) -> f64 {
        let (Some(a_features), Some(b_features)) = (a.0, b.0) else {
            return 0.0;
        };
        let shared = a_features.intersection(b_features);
        let shared: f64 = shared.map(|feature| self.weight(*feature)).sum();
        let all = a.1 + b.1 - shared + least;
        if all > 0.0 { shared / all } else { 0.0 }
    }
}

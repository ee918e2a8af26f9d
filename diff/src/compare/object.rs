//! The keys of an object: new, gone, moved, renamed, required.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::matching::likeness;
use super::renames;
use super::walk::{Spot, Walk};
use crate::describe::excerpt;
use crate::finding::Pair;
use crate::path::{Path, Segment};
use crate::rule::Rule;
use crate::schema::{Case, Kind, Position};
use crate::version::Version;

/// Keys that only one of two objects knows, with what they hold there.
type Lone<'a> = BTreeMap<&'a str, (Spot<'a>, bool)>;

impl<'a> Walk<'_, 'a> {
    pub(super) fn object(
        &mut self,
        path: &Path,
        (before, old): (Case<'a>, Spot<'a>),
        (after, new): (Case<'a>, Spot<'a>),
    ) {
        let shapes = self.shapes(path, &before, &after);
        let (a, b) = (Properties::new(before), Properties::new(after));
        let old_spot = |walk: &Self, schema, key| {
            Spot::field(
                schema,
                &walk.comparison.old.version.rust,
                shapes.before,
                key,
            )
        };
        let new_spot = |walk: &Self, schema, key| {
            Spot::field(schema, &walk.comparison.new.version.rust, shapes.after, key)
        };
        let (mut gone, mut added): (Lone<'a>, Lone<'a>) = Default::default();
        let mut changed = BTreeSet::new();
        for key in a.keys.union(&b.keys).copied() {
            let is_same = |(old, new)| self.same(old, new);
            if a.known(key).zip(b.known(key)).is_some_and(is_same)
                && before.requires(key) == after.requires(key)
            {
                continue;
            }
            changed.insert(key);
            let inside = path.then(Segment::Key(key.to_owned()));
            match (a.known(key), b.known(key)) {
                (Some(schema), None) if b.rest.is_none() => {
                    gone.insert(key, (old_spot(self, schema, key), before.requires(key)));
                }
                (None, Some(schema)) if a.rest.is_none() => {
                    added.insert(key, (new_spot(self, schema, key), after.requires(key)));
                }
                (known_before, known_after) => {
                    let old = known_before
                        .or(a.rest)
                        .map(|schema| old_spot(self, schema, key));
                    let new = known_after
                        .or(b.rest)
                        .map(|schema| new_spot(self, schema, key));
                    if let (Some(old), Some(new)) = (old, new) {
                        self.required(&inside, (before, old), (after, new), key);
                        self.position(&inside, old, new);
                    }
                }
            }
        }
        match (a.rest, b.rest) {
            (None, Some(_)) => self.changed(Rule::ObjectOpened, path, old, new),
            (Some(_), None) => self.changed(Rule::ObjectClosed, path, old, new),
            (Some(a), Some(b)) => {
                self.position(&path.then(Segment::Values), old.part(a), new.part(b));
            }
            (None, None) => {}
        }
        self.moved(path, (&a, &b), &changed, (&mut gone, &mut added));
        self.renamed(path, &mut gone, &mut added);
        for (key, (spot, required)) in gone {
            let rule = if required {
                Rule::RequiredPropertyRemoved
            } else {
                Rule::PropertyRemoved
            };
            let what = excerpt(&self.comparison.old.version.api, spot.schema);
            let path = path.then(Segment::Key(key.to_owned()));
            self.found(rule, &path, (Some(spot), Some(what)), (None, None));
        }
        for (key, (spot, required)) in added {
            let rule = if required {
                Rule::RequiredPropertyAdded
            } else {
                Rule::PropertyAdded
            };
            let what = excerpt(&self.comparison.new.version.api, spot.schema);
            let path = path.then(Segment::Key(key.to_owned()));
            self.found(rule, &path, (None, None), (Some(spot), Some(what)));
        }
    }

    fn required(
        &mut self,
        path: &Path,
        (before, old): (Case<'a>, Spot<'a>),
        (after, new): (Case<'a>, Spot<'a>),
        key: &str,
    ) {
        match (before.requires(key), after.requires(key)) {
            (false, true) => self.found(
                Rule::PropertyRequired,
                path,
                (Some(old), Some(false.into())),
                (Some(new), Some(true.into())),
            ),
            (true, false) => self.found(
                Rule::PropertyOptional,
                path,
                (Some(old), Some(true.into())),
                (Some(new), Some(false.into())),
            ),
            _ => {}
        }
    }

    /// Keys that now stand in an object under another key, or no longer do.
    fn moved(
        &mut self,
        path: &Path,
        (before, after): (&Properties<'a>, &Properties<'a>),
        changed: &BTreeSet<&str>,
        (gone, added): (&mut Lone<'a>, &mut Lone<'a>),
    ) {
        if gone.is_empty() && added.is_empty() {
            return;
        }
        let deeper_before = before.deeper(self.comparison.old.version, changed);
        let deeper_after = after.deeper(self.comparison.new.version, changed);
        let fresh = |holder: &&str, key: &str, other: &BTreeMap<&str, BTreeSet<&str>>| {
            other.get(*holder).is_none_or(|keys| !keys.contains(key))
        };
        for (holder, keys) in &deeper_after {
            let moved: Vec<&str> = gone
                .keys()
                .copied()
                .filter(|key| keys.contains(key) && fresh(holder, key, &deeper_before))
                .collect();
            for key in moved {
                if let Some((spot, _)) = gone.remove(key) {
                    let names = Pair::both(key.to_owned(), format!("{holder}.{key}"));
                    self.linked(
                        Rule::PropertyMoved,
                        path,
                        Pair {
                            before: Some(spot),
                            after: None,
                        },
                        names,
                        None,
                    );
                }
            }
        }
        for (holder, keys) in &deeper_before {
            let moved: Vec<&str> = added
                .keys()
                .copied()
                .filter(|key| keys.contains(key) && fresh(holder, key, &deeper_after))
                .collect();
            for key in moved {
                if let Some((spot, _)) = added.remove(key) {
                    let names = Pair::both(format!("{holder}.{key}"), key.to_owned());
                    self.linked(
                        Rule::PropertyMoved,
                        path,
                        Pair {
                            before: None,
                            after: Some(spot),
                        },
                        names,
                        None,
                    );
                }
            }
        }
    }

    /// Keys that have another name. One key can become two, and two one.
    fn renamed(&mut self, path: &Path, gone: &mut Lone<'a>, added: &mut Lone<'a>) {
        let mut scores = Vec::new();
        for (key, (spot, _)) in gone.iter() {
            for (other, (new, _)) in added.iter() {
                let score = renames::property(key, other, || {
                    likeness(self.comparison, spot.schema, new.schema)
                });
                scores.extend(score.map(|score| (*key, *other, score)));
            }
        }
        let best_of = |name: &str, end: fn(&(&'a str, &'a str, u8)) -> &'a str| {
            let ours = scores.iter().filter(|pair| end(pair) == name);
            ours.map(|pair| pair.2).max()
        };
        let links: Vec<_> = scores
            .iter()
            .filter(|(key, other, score)| {
                best_of(key, |pair| pair.0) == Some(*score)
                    || best_of(other, |pair| pair.1) == Some(*score)
            })
            .copied()
            .collect();
        for (key, other, score) in &links {
            let spots = Pair {
                before: gone.get(key).map(|lone| lone.0),
                after: added.get(other).map(|lone| lone.0),
            };
            let names = Pair::both((*key).to_owned(), (*other).to_owned());
            self.linked(Rule::PropertyRenamed, path, spots, names, Some(*score));
        }
        for (key, other, _) in links {
            gone.remove(key);
            added.remove(other);
        }
    }

    /// Notes that two keys are one; the values of the finding are the names.
    fn linked(
        &mut self,
        rule: Rule,
        path: &Path,
        spots: Pair<Spot<'a>>,
        names: Pair<String>,
        confidence: Option<u8>,
    ) {
        self.found(
            rule,
            path,
            (spots.before, names.before.map(Value::from)),
            (spots.after, names.after.map(Value::from)),
        );
        self.comparison.how_sure(confidence);
    }
}

/// An object's keys.
struct Properties<'a> {
    known: Option<&'a Map<String, Value>>,
    rest: Option<&'a Value>,
    keys: BTreeSet<&'a str>,
}

impl<'a> Properties<'a> {
    fn new(case: Case<'a>) -> Self {
        let known = case.properties();
        let names = known.into_iter().flat_map(Map::keys).map(String::as_str);
        Self {
            known,
            rest: case.rest(),
            keys: names.chain(case.required()).collect(),
        }
    }

    /// What is under a known key.
    fn known(&self, key: &str) -> Option<&'a Value> {
        self.known?.get(key)
    }

    /// For each of these keys the keys of the objects that stand there.
    fn deeper(
        &self,
        version: &'a Version,
        keys: &BTreeSet<&str>,
    ) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let known = self.known.into_iter().flatten();
        let known = known.filter(|(key, _)| keys.contains(key.as_str()));
        known
            .map(|(key, schema)| {
                let cases = Position::new(&version.api, schema).cases;
                let objects = cases.iter().filter(|case| case.kind == Kind::Object);
                let keys = objects
                    .filter_map(Case::properties)
                    .flat_map(Map::keys)
                    .map(String::as_str);
                (key.as_str(), keys.collect())
            })
            .collect()
    }
}

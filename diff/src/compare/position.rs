//! Types: what may stand at one position, and which case of the old choice is
//! which of the new.

use serde_json::Value;

use super::matching::{Matching, matching};
use super::walk::{Spot, Walk};
use crate::describe::excerpt;
use crate::path::{Path, Segment};
use crate::rule::Rule;
use crate::schema::{Case, Kind, Position};

impl<'a> Walk<'_, 'a> {
    /// Compares what may stand at one position.
    pub(super) fn position(&mut self, path: &Path, old: Spot<'a>, new: Spot<'a>) {
        if self.same(old.schema, new.schema) {
            return;
        }
        self.default(path, old, new);
        let mut before = Position::new(&self.comparison.old.version.api, old.schema);
        let mut after = Position::new(&self.comparison.new.version.api, new.schema);
        match (before.any, after.any) {
            (true, true) => return,
            (true, false) => return self.changed(Rule::TypeSpecified, path, old, new),
            (false, true) => return self.changed(Rule::TypeUnspecified, path, old, new),
            (false, false) => {}
        }
        let mut described = false;
        for kind in [Kind::Object, Kind::Array] {
            match (before.is_untyped(kind), after.is_untyped(kind)) {
                (Some(true), Some(false)) => self.changed(Rule::TypeSpecified, path, old, new),
                (Some(false), Some(true)) => self.changed(Rule::TypeUnspecified, path, old, new),
                _ => continue,
            }
            // All that can be said of them is said.
            described = true;
            before.cases.retain(|case| case.kind != kind);
            after.cases.retain(|case| case.kind != kind);
            if before.cases.is_empty() && after.cases.is_empty() {
                return self.nullable(path, (&before, old), (&after, new));
            }
        }
        let Matching { pairs, gone, added } = matching(self.comparison, &before, &after);
        if !described && pairs.is_empty() && !(gone.is_empty() && added.is_empty()) {
            return self.changed(Rule::TypeChanged, path, old, new);
        }
        self.nullable(path, (&before, old), (&after, new));
        for case in gone {
            let schema = Value::Object(case.schema.clone());
            let what = excerpt(&self.comparison.old.version.api, &schema);
            self.found(
                Rule::CaseRemoved,
                path,
                (Some(old), Some(what)),
                (Some(new), None),
            );
        }
        for case in added {
            let schema = Value::Object(case.schema.clone());
            let what = excerpt(&self.comparison.new.version.api, &schema);
            self.found(
                Rule::CaseAdded,
                path,
                (Some(old), None),
                (Some(new), Some(what)),
            );
        }
        for (label, before, after) in pairs {
            let path = Self::at_case(path, label);
            self.enter(path, (before, old), (after, new));
        }
    }

    fn nullable(
        &mut self,
        path: &Path,
        (before, old): (&Position<'a>, Spot<'a>),
        (after, new): (&Position<'a>, Spot<'a>),
    ) {
        match (before.nullable, after.nullable) {
            (false, true) => self.changed(Rule::NullAllowed, path, old, new),
            (true, false) => self.changed(Rule::NullRefused, path, old, new),
            _ => {}
        }
    }

    /// Compares two cases that belong together.
    pub(super) fn case(
        &mut self,
        path: &Path,
        (before, old): (Case<'a>, Spot<'a>),
        (after, new): (Case<'a>, Spot<'a>),
    ) {
        match (before.kind, after.kind) {
            (Kind::Integer, Kind::Number) => self.changed(Rule::CaseAdded, path, old, new),
            (Kind::Number, Kind::Integer) => self.changed(Rule::CaseRemoved, path, old, new),
            (Kind::Opaque, _) | (_, Kind::Opaque) => {
                let [a, b] = [before, after].map(|case| Value::Object(case.schema.clone()));
                if !self.same(&a, &b) {
                    self.changed(Rule::TypeChanged, path, old, new);
                }
                return;
            }
            _ => {}
        }
        if before.is_untyped() && after.is_untyped() {
            return;
        }
        self.values(path, (&before, old), (&after, new));
        self.limits(path, (&before, old), (&after, new));
        match before.kind {
            Kind::Object => self.object(path, (before, old), (after, new)),
            Kind::Array => self.array(path, (before, old), (after, new)),
            _ => {}
        }
    }

    fn array(
        &mut self,
        path: &Path,
        (before, old): (Case<'a>, Spot<'a>),
        (after, new): (Case<'a>, Spot<'a>),
    ) {
        let (a, b) = (Items::new(before), Items::new(after));
        for index in 0..a.first.len().max(b.first.len()) {
            let path = path.then(Segment::Index(index));
            self.position(&path, old.part(a.at(index)), new.part(b.at(index)));
        }
        self.position(
            &path.then(Segment::Items),
            old.part(a.rest),
            new.part(b.rest),
        );
    }
}

/// What a list holds.
struct Items<'a> {
    first: &'a [Value],
    rest: &'a Value,
}

impl<'a> Items<'a> {
    fn new(case: Case<'a>) -> Self {
        const ANYTHING: &Value = &Value::Bool(true);
        let first = case.schema.get("prefixItems").and_then(Value::as_array);
        Self {
            first: first.map_or(&[], Vec::as_slice),
            rest: case.schema.get("items").unwrap_or(ANYTHING),
        }
    }

    fn at(&self, index: usize) -> &'a Value {
        self.first.get(index).unwrap_or(self.rest)
    }
}

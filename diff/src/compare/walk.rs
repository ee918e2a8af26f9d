//! The way through two messages side by side.

use std::collections::{HashSet, VecDeque};
use std::ptr;

use serde_json::{Map, Value};
use truenas_codegen::types::{self, ShapeId, Type};

use super::same::{self, Classes};
use crate::Version;
use crate::describe::excerpt;
use crate::finding::{Direction, Effect, Finding, Pair, Severity, Subject, SubjectKind};
use crate::path::{Path, Segment};
use crate::rule::Rule;
use crate::schema::{Case, model_of};
use crate::version::{Rust, alike};

/// Two versions that are being compared, and what was found so far.
pub(super) struct Comparison<'a> {
    pub(super) old: Side<'a>,
    pub(super) new: Side<'a>,
    pub(super) findings: Vec<Finding>,
    /// Subjects whose roles are listed in two ways.
    pub(super) implied_roles: usize,
    /// Models that are called something else and say the same in the end, so
    /// that no other message needs to compare them again.
    alike: HashSet<(Place, Place)>,
}

/// One of the two versions.
pub(super) struct Side<'a> {
    pub(super) version: &'a Version,
    pub(super) classes: Classes<'a>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: &'a Version, new: &'a Version) -> Self {
        let (old_classes, new_classes) = same::classes(old, new);
        Self {
            old: Side {
                version: old,
                classes: old_classes,
            },
            new: Side {
                version: new,
                classes: new_classes,
            },
            findings: Vec::new(),
            implied_roles: 0,
            alike: HashSet::new(),
        }
    }

    /// Notes something about a whole method or event.
    pub(super) fn about(
        &mut self,
        subject: &Subject,
        rule: Rule,
        before: Option<Value>,
        after: Option<Value>,
    ) {
        let finding = Finding {
            rust_path: self.marker(subject),
            before,
            after,
            ..blank(rule, subject.clone())
        };
        self.findings.push(finding.graded(Effect::None));
    }

    /// Whether two schemas say the same in everything.
    pub(super) fn same(&self, old: &Value, new: &Value) -> bool {
        if let (Some(old), Some(new)) = (reference(old), reference(new)) {
            return self.old.classes.get(old) == self.new.classes.get(new);
        }
        same::fingerprint(old, &self.old.classes) == same::fingerprint(new, &self.new.classes)
    }

    /// Says how sure the last finding is.
    pub(super) fn how_sure(&mut self, confidence: Option<u8>) {
        if let Some(mut finding) = self.findings.pop() {
            finding.confidence = confidence;
            let rust = finding.rust;
            self.findings.push(finding.graded(rust));
        }
    }

    /// A method's or event's marker type in either version.
    fn marker(&self, subject: &Subject) -> Pair<String> {
        let path = |side: &Side<'_>, name: &Option<String>| {
            side.version
                .rust
                .marker_path(subject.kind, name.as_deref()?)
        };
        Pair {
            before: path(&self.old, &subject.name.before),
            after: path(&self.new, &subject.name.after),
        }
    }
}

/// A finding that says nothing yet.
fn blank(rule: Rule, subject: Subject) -> Finding {
    Finding {
        rule,
        severity: Severity::Info,
        subject,
        direction: None,
        path: Path::default(),
        wire: Effect::None,
        rust: Effect::None,
        rust_path: Pair::default(),
        before: None,
        after: None,
        confidence: None,
        message: String::new(),
    }
}

/// A schema in one of the versions, and the Rust type at its place.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) schema: &'a Value,
    pub(super) rust: Option<InRust<'a>>,
}

/// A place in Rust source.
#[derive(Clone, Copy)]
pub(super) struct InRust<'a> {
    ty: &'a Type,
    at: At<'a>,
}

#[derive(Clone, Copy)]
enum At<'a> {
    /// A parameter, the result, or what an event carries.
    Marker(&'a str),
    Field(ShapeId, &'a str),
}

impl<'a> Spot<'a> {
    /// What a whole parameter or answer is.
    pub(super) fn root(schema: &'a Value, ty: Option<&'a Type>, subject: &'a str) -> Self {
        Self {
            schema,
            rust: ty.map(|ty| InRust {
                ty,
                at: At::Marker(subject),
            }),
        }
    }

    /// A part of the schema, whose Rust type is a part of the type here.
    pub(super) fn part(self, schema: &'a Value) -> Self {
        Self { schema, ..self }
    }

    /// What is under a key of an object of this shape.
    pub(super) fn field(
        schema: &'a Value,
        rust: &'a Rust,
        shape: Option<ShapeId>,
        key: &'a str,
    ) -> Self {
        let field = shape.and_then(|shape| Some((shape, rust.field(shape, key)?)));
        Self {
            schema,
            rust: field.map(|(shape, ty)| InRust {
                ty,
                at: At::Field(shape, key),
            }),
        }
    }
}

impl InRust<'_> {
    fn path(&self, kind: SubjectKind, rust: &Rust) -> Option<String> {
        match self.at {
            At::Marker(name) => rust.marker_path(kind, name),
            At::Field(shape, key) => {
                let field = truenas_codegen::names::ident::value_name(key);
                Some(format!("{}.{field}", rust.type_path(shape)?))
            }
        }
    }
}

/// Two cases that wait to be compared.
pub(super) struct Waiting<'a> {
    pub(super) path: Path,
    pub(super) old: (Case<'a>, Spot<'a>),
    pub(super) new: (Case<'a>, Spot<'a>),
}

/// The model that a schema refers to, if it says nothing else.
fn reference(schema: &Value) -> Option<&str> {
    let map = schema.as_object().filter(|map| map.len() == 1)?;
    map.get("$ref")?.as_str().map(model_of)
}

/// Where a schema is in memory: its identity.
type Place = *const Map<String, Value>;

fn places(old: &Case<'_>, new: &Case<'_>) -> (Place, Place) {
    (ptr::from_ref(old.schema), ptr::from_ref(new.schema))
}

/// The comparison of two messages that belong together.
///
/// What refers to models is put into a queue, and two models are compared
/// once: so a model that holds itself has an end, and each change is told at
/// the shortest path that leads to it.
pub(super) struct Walk<'c, 'a> {
    pub(super) comparison: &'c mut Comparison<'a>,
    subject: &'c Subject,
    pub(super) direction: Direction,
    /// A list of entries whose Rust type is that of another method.
    pub(super) entries: Pair<ShapeId>,
    waiting: VecDeque<Waiting<'a>>,
    seen: HashSet<(Place, Place)>,
    /// Whether anything was found, or is still to be compared, since this was
    /// last set back.
    differs: bool,
}

impl<'c, 'a> Walk<'c, 'a> {
    pub(super) fn new(
        comparison: &'c mut Comparison<'a>,
        subject: &'c Subject,
        direction: Direction,
    ) -> Self {
        Self {
            comparison,
            subject,
            direction,
            entries: Pair::default(),
            waiting: VecDeque::new(),
            seen: HashSet::new(),
            differs: false,
        }
    }

    /// Compares two messages to their ends.
    pub(super) fn run(&mut self, path: &Path, old: Spot<'a>, new: Spot<'a>) {
        self.position(path, old, new);
        while let Some(next) = self.waiting.pop_front() {
            self.differs = false;
            self.case(&next.path, next.old, next.new);
            if !self.differs {
                let pair = places(&next.old.0, &next.new.0);
                self.comparison.alike.insert(pair);
            }
        }
    }

    /// Compares two cases, at once or later.
    pub(super) fn enter(
        &mut self,
        path: Path,
        old: (Case<'a>, Spot<'a>),
        new: (Case<'a>, Spot<'a>),
    ) {
        if old.0.model.is_none() && new.0.model.is_none() {
            return self.case(&path, old, new);
        }
        let pair = places(&old.0, &new.0);
        if self.comparison.alike.contains(&pair) {
            return;
        }
        self.differs = true;
        if self.seen.insert(pair) {
            self.waiting.push_back(Waiting { path, old, new });
        }
    }

    /// The Rust types of an object's fields.
    pub(super) fn shapes(&self, path: &Path, old: &Case<'a>, new: &Case<'a>) -> Pair<ShapeId> {
        let direction = if self.direction.is_sent() {
            types::Direction::Request
        } else {
            types::Direction::Response
        };
        let shape = |side: &Side<'a>, case: &Case<'a>, entry: Option<ShapeId>| {
            let model = case.model?;
            let is_entry = path.keys().next().is_none();
            let known = side.version.rust.model(model, direction);
            known.or(entry.filter(|_| is_entry))
        };
        Pair {
            before: shape(&self.comparison.old, old, self.entries.before),
            after: shape(&self.comparison.new, new, self.entries.after),
        }
    }

    /// Notes a change of a schema.
    pub(super) fn changed(&mut self, rule: Rule, path: &Path, old: Spot<'a>, new: Spot<'a>) {
        let before = Some(excerpt(&self.comparison.old.version.api, old.schema));
        let after = Some(excerpt(&self.comparison.new.version.api, new.schema));
        self.found(rule, path, (Some(old), before), (Some(new), after));
    }

    /// Notes that something is there only before or after.
    pub(super) fn found(
        &mut self,
        rule: Rule,
        path: &Path,
        (old, before): (Option<Spot<'a>>, Option<Value>),
        (new, after): (Option<Spot<'a>>, Option<Value>),
    ) {
        let old_rust = &self.comparison.old.version.rust;
        let new_rust = &self.comparison.new.version.rust;
        let a = old.and_then(|spot| spot.rust);
        let b = new.and_then(|spot| spot.rust);
        let effect = match (a, b) {
            (Some(a), Some(b)) if alike((old_rust, a.ty), (new_rust, b.ty)) => Effect::None,
            (Some(_), Some(_)) => Effect::Breaks,
            // Not known: as for everybody, there or back.
            _ => {
                let direction = Some(self.direction);
                rule.wire(direction).max(rule.mirror().wire(direction))
            }
        };
        let finding = Finding {
            direction: Some(self.direction),
            path: path.clone(),
            rust_path: Pair {
                before: a.and_then(|a| a.path(self.subject.kind, old_rust)),
                after: b.and_then(|b| b.path(self.subject.kind, new_rust)),
            },
            before,
            after,
            ..blank(rule, self.subject.clone())
        };
        self.comparison.findings.push(finding.graded(effect));
        self.differs = true;
    }

    /// Whether two schemas say the same in everything.
    pub(super) fn same(&self, old: &Value, new: &Value) -> bool {
        self.comparison.same(old, new)
    }

    /// The path of one case of a choice.
    pub(super) fn at_case(path: &Path, label: Option<String>) -> Path {
        match label {
            Some(label) => path.then(Segment::Case(label)),
            None => path.clone(),
        }
    }
}

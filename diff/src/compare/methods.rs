//! Methods: new, gone, renamed, redefined; calls and jobs, pipes, roles,
//! parameters.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use truenas_codegen::model::{Method, MethodKind, Parameter};
use truenas_codegen::types::Type;

use super::matching::features;
use super::renames::{self, Rename};
use super::walk::{Comparison, Spot, Walk};
use super::was_due;
use crate::describe::excerpt;
use crate::finding::{Direction, Pair, Subject, SubjectKind};
use crate::path::{Path, Segment};
use crate::rule::Rule;
use crate::schema::{Case, Position};
use crate::version::Version;

/// Compares all methods.
pub(super) fn methods(comparison: &mut Comparison<'_>) {
    let (old, new) = (comparison.old.version, comparison.new.version);
    let (before, after) = (&old.api.methods, &new.api.methods);
    let in_both: Vec<&String> = before
        .keys()
        .filter(|name| after.contains_key(*name))
        .collect();
    let redefined: BTreeSet<&str> = in_both
        .iter()
        .filter(|name| {
            let pair = before.get(**name).zip(after.get(**name));
            pair.is_some_and(|(a, b)| {
                !takes_the_same(comparison, a, b) && is_redefined((old, a), (new, b))
            })
        })
        .map(|name| name.as_str())
        .collect();
    let lone = |ours: &'_ BTreeMap<String, Method>, others: &BTreeMap<String, Method>| {
        let names = ours.keys().map(String::as_str);
        let lone = names.filter(|name| !others.contains_key(*name) || redefined.contains(name));
        lone.map(str::to_owned).collect::<Vec<String>>()
    };
    let (gone, added) = (lone(before, after), lone(after, before));
    let renames = renames::methods(comparison, &gone, &added);
    let moved_to = |name: &str| renames.iter().find(|rename| rename.old == name);
    let moved_from = |name: &str| renames.iter().find(|rename| rename.new == name);

    for name in &redefined {
        redefinition(comparison, name, moved_to(name), moved_from(name));
    }
    // A name that lives on with another meaning is not a rename of it.
    let is_plain = |rename: &&Rename| {
        !redefined.contains(rename.old.as_str()) && !redefined.contains(rename.new.as_str())
    };
    for name in &gone {
        if let Some(method) = before.get(name)
            && !redefined.contains(name.as_str())
            && moved_to(name).filter(is_plain).is_none()
        {
            lone_method(comparison, name, method, Side::Old, moved_to(name));
        }
    }
    for name in &added {
        if let Some(method) = after.get(name)
            && !redefined.contains(name.as_str())
            && moved_from(name).filter(is_plain).is_none()
        {
            lone_method(comparison, name, method, Side::New, moved_from(name));
        }
    }
    for rename in renames.iter().filter(is_plain) {
        if let Some((a, b)) = before.get(&rename.old).zip(after.get(&rename.new)) {
            let subject = subject(Some(&rename.old), Some(&rename.new));
            comparison.about(
                &subject,
                Rule::MethodRenamed,
                Some(rename.old.clone().into()),
                Some(rename.new.clone().into()),
            );
            comparison.how_sure(Some(rename.confidence));
            method(comparison, &subject, a, b);
        }
    }
    for name in in_both {
        if let Some((a, b)) = before.get(name).zip(after.get(name))
            && !redefined.contains(name.as_str())
        {
            method(comparison, &subject(Some(name), Some(name)), a, b);
        }
    }
}

enum Side {
    Old,
    New,
}

fn subject(before: Option<&String>, after: Option<&String>) -> Subject {
    Subject {
        kind: SubjectKind::Method,
        name: Pair {
            before: before.cloned(),
            after: after.cloned(),
        },
    }
}

/// A method that only one of the versions has.
fn lone_method(
    comparison: &mut Comparison<'_>,
    name: &String,
    method: &Method,
    side: Side,
    rename: Option<&Rename>,
) {
    let other = match side {
        Side::Old => comparison.new.version,
        Side::New => comparison.old.version,
    };
    let announced = method
        .removed_in
        .as_ref()
        .is_some_and(|removed_in| was_due(removed_in, &other.api.api));
    let summary = Some(summary(method));
    match side {
        Side::Old => {
            let rule = if announced {
                Rule::MethodRemovedAsAnnounced
            } else {
                Rule::MethodRemoved
            };
            let other = rename.map(|rename| json!({"see": rename.new}));
            comparison.about(&subject(Some(name), None), rule, summary, other);
        }
        Side::New => {
            let rule = if announced {
                Rule::MethodAddedForNow
            } else {
                Rule::MethodAdded
            };
            let other = rename.map(|rename| json!({"see": rename.old}));
            comparison.about(&subject(None, Some(name)), rule, other, summary);
        }
    }
    comparison.how_sure(rename.map(|rename| rename.confidence));
}

/// What is said of a method that only one of the versions has.
fn summary(method: &Method) -> Value {
    let parameters = method.parameters.iter();
    let mut summary = json!({
        "kind": method.kind,
        "parameters": parameters.map(|parameter| parameter.name.as_str()).collect::<Vec<_>>(),
    });
    if let (Some(removed_in), Some(map)) = (&method.removed_in, summary.as_object_mut()) {
        map.insert("removed_in".to_owned(), removed_in.clone().into());
    }
    summary
}

/// The same name with a new meaning.
fn redefinition(
    comparison: &mut Comparison<'_>,
    name: &str,
    moved_to: Option<&Rename>,
    moved_from: Option<&Rename>,
) {
    let name = name.to_owned();
    let describe = |version: &Version, link: Option<&String>| {
        let method = version.api.methods.get(&name)?;
        let mut summary = summary(method);
        if let (Some(link), Some(map)) = (link, summary.as_object_mut()) {
            map.insert("see".to_owned(), link.clone().into());
        }
        if let Some(map) = summary.as_object_mut() {
            let keys: Vec<&str> = request_keys(version, method).into_iter().collect();
            map.insert("takes".to_owned(), keys.into());
        }
        Some(summary)
    };
    let before = describe(comparison.old.version, moved_to.map(|rename| &rename.new));
    let after = describe(comparison.new.version, moved_from.map(|rename| &rename.old));
    let subject = subject(Some(&name), Some(&name));
    comparison.about(&subject, Rule::MethodRedefined, before, after);
    let rename = moved_to.or(moved_from);
    comparison.how_sure(rename.map(|rename| rename.confidence));
}

fn takes_the_same(comparison: &Comparison<'_>, old: &Method, new: &Method) -> bool {
    let mut pairs = old.parameters.iter().zip(&new.parameters);
    old.parameters.len() == new.parameters.len()
        && pairs.all(|(a, b)| comparison.same(a.schema.as_value(), b.schema.as_value()))
}

/// Whether nothing that one method takes is taken by the other, and they
/// answer in another way as well.
fn is_redefined((old, a): (&Version, &Method), (new, b): (&Version, &Method)) -> bool {
    if a.parameters.is_empty() || b.parameters.is_empty() {
        return false;
    }
    let (before, after) = (request_keys(old, a), request_keys(new, b));
    let unlike = !before.is_empty() && !after.is_empty() && before.is_disjoint(&after);
    let answers =
        |version: &Version, method: &Method| features(version, "", method.result.as_value());
    unlike
        && (a.kind != b.kind || {
            let (before, after) = (answers(old, a), answers(new, b));
            !before.is_empty() && !after.is_empty() && before.is_disjoint(&after)
        })
}

/// The keys of the objects that a method takes.
fn request_keys<'a>(version: &'a Version, method: &'a Method) -> BTreeSet<&'a str> {
    let mut keys = BTreeSet::new();
    for parameter in &method.parameters {
        for case in Position::new(&version.api, parameter.schema.as_value()).cases {
            let properties = case.properties().into_iter().flatten();
            keys.extend(properties.map(|(key, _)| key.as_str()));
        }
    }
    keys
}

/// A method that both versions have, under whatever name.
fn method(comparison: &mut Comparison<'_>, subject: &Subject, old: &Method, new: &Method) {
    kinds(comparison, subject, old.kind, new.kind);
    pipes(comparison, subject, old, new);
    roles(comparison, subject, &old.roles, &new.roles);
    removal(comparison, subject, &old.removed_in, &new.removed_in);
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let (before, after) = (name(&subject.name.before), name(&subject.name.after));
    messages(comparison, subject, &before, &after);
}

fn kinds(comparison: &mut Comparison<'_>, subject: &Subject, old: MethodKind, new: MethodKind) {
    let rule = match (old, new) {
        (MethodKind::Call, MethodKind::Job) => Rule::CallBecameJob,
        (MethodKind::Job, MethodKind::Call) => Rule::JobBecameCall,
        _ => return,
    };
    comparison.about(subject, rule, Some(json!(old)), Some(json!(new)));
}

fn pipes(comparison: &mut Comparison<'_>, subject: &Subject, old: &Method, new: &Method) {
    if !comparison.old.version.knows_pipes() || !comparison.new.version.knows_pipes() {
        return;
    }
    let directions = [
        ("input", old.pipes.input, new.pipes.input),
        ("output", old.pipes.output, new.pipes.output),
    ];
    for (name, old, new) in directions {
        match (old, new) {
            (false, true) => comparison.about(subject, Rule::PipeAdded, None, Some(name.into())),
            (true, false) => comparison.about(subject, Rule::PipeRemoved, Some(name.into()), None),
            _ => {}
        }
    }
    let (before, after) = (Some(old.pipes.check.into()), Some(new.pipes.check.into()));
    match (old.pipes.check, new.pipes.check) {
        (false, true) => comparison.about(subject, Rule::PipeRequired, before, after),
        (true, false) => comparison.about(subject, Rule::PipeOptional, before, after),
        _ => {}
    }
}

/// Roles that give access, before and now.
pub(super) fn roles(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    old: &[String],
    new: &[String],
) {
    if is_spelled_out(old, new) || is_spelled_out(new, old) {
        comparison.implied_roles += 1;
        return;
    }
    for role in old.iter().filter(|role| !new.contains(role)) {
        comparison.about(subject, Rule::RoleRemoved, Some(role.clone().into()), None);
    }
    for role in new.iter().filter(|role| !old.contains(role)) {
        comparison.about(subject, Rule::RoleAdded, None, Some(role.clone().into()));
    }
}

/// Whether the one list only adds the roles that include those of the other.
///
/// `core.get_methods` lists a role with all that include it, a dump lists it
/// alone, and which of the two a version was read from differs.
fn is_spelled_out(long: &[String], short: &[String]) -> bool {
    !short.is_empty()
        && short.iter().all(|role| long.contains(role))
        && long
            .iter()
            .any(|role| role.ends_with("_ADMIN") && !short.contains(role))
}

/// What is announced of the end.
pub(super) fn removal(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    old: &Option<String>,
    new: &Option<String>,
) {
    let rule = match (old, new) {
        (None, Some(_)) => Rule::RemovalAnnounced,
        (Some(_), None) => Rule::RemovalWithdrawn,
        (Some(a), Some(b)) if a != b => Rule::RemovalMoved,
        _ => return,
    };
    let value = |version: &Option<String>| version.clone().map(Value::from);
    comparison.about(subject, rule, value(old), value(new));
}

/// Parameters and result.
fn messages(comparison: &mut Comparison<'_>, subject: &Subject, old: &str, new: &str) {
    let (old_version, new_version) = (comparison.old.version, comparison.new.version);
    let Some((old_name, a)) = old_version.api.methods.get_key_value(old) else {
        return;
    };
    let Some((new_name, b)) = new_version.api.methods.get_key_value(new) else {
        return;
    };
    let old_types = old_version.rust.generated.types.methods.get(old);
    let new_types = new_version.rust.generated.types.methods.get(new);
    let mut walk = Walk::new(comparison, subject, Direction::Request);
    for place in 0..a.parameters.len().max(b.parameters.len()) {
        let path = Path::root("params").then(Segment::Index(place));
        let old_type = old_types.and_then(|types| types.parameters.get(place));
        let new_type = new_types.and_then(|types| types.parameters.get(place));
        let old = a.parameters.get(place).map(|parameter| {
            let ty = old_type.map(|parameter| &parameter.ty);
            (
                parameter,
                Spot::root(parameter.schema.as_value(), ty, old_name),
            )
        });
        let new = b.parameters.get(place).map(|parameter| {
            let ty = new_type.map(|parameter| &parameter.ty);
            (
                parameter,
                Spot::root(parameter.schema.as_value(), ty, new_name),
            )
        });
        match (old, new) {
            (Some(old), Some(new)) => walk.parameter(&path, old, new),
            (Some((parameter, spot)), None) => {
                let rule = if parameter.required {
                    Rule::RequiredParameterRemoved
                } else {
                    Rule::ParameterRemoved
                };
                let what = lone_parameter(old_version, parameter);
                walk.found(rule, &path, (Some(spot), Some(what)), (None, None));
            }
            (None, Some((parameter, spot))) => {
                let rule = if parameter.required {
                    Rule::RequiredParameterAdded
                } else {
                    Rule::ParameterAdded
                };
                let what = lone_parameter(new_version, parameter);
                walk.found(rule, &path, (None, None), (Some(spot), Some(what)));
            }
            (None, None) => {}
        }
    }
    let mut walk = Walk::new(comparison, subject, Direction::Result);
    let (old_type, new_type) = (
        old_types.map(|types| &types.result),
        new_types.map(|types| &types.result),
    );
    let entry = |ty: Option<&Type>| match ty {
        Some(Type::QueryResult(entry)) => match **entry {
            Type::Shape(shape) => Some(shape),
            _ => None,
        },
        _ => None,
    };
    walk.entries = Pair {
        before: entry(old_type),
        after: entry(new_type),
    };
    walk.run(
        &Path::root("result"),
        Spot::root(a.result.as_value(), old_type, old_name),
        Spot::root(b.result.as_value(), new_type, new_name),
    );
}

fn lone_parameter(version: &Version, parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "schema": excerpt(&version.api, parameter.schema.as_value()),
    })
}

impl<'a> Walk<'_, 'a> {
    fn parameter(
        &mut self,
        path: &Path,
        (before, old): (&Parameter, Spot<'a>),
        (after, new): (&Parameter, Spot<'a>),
    ) {
        let flags = (Some(old), Some(before.required.into()));
        let others = (Some(new), Some(after.required.into()));
        let must_before = is_needed(self.comparison.old.version, before);
        let must_after = is_needed(self.comparison.new.version, after);
        match (must_before, must_after) {
            (false, true) => self.found(Rule::ParameterRequired, path, flags, others),
            (true, false) => self.found(Rule::ParameterOptional, path, flags, others),
            _ => {}
        }
        if before.name != after.name {
            self.found(
                Rule::ParameterRenamed,
                path,
                (Some(old), Some(before.name.clone().into())),
                (Some(new), Some(after.name.clone().into())),
            );
        }
        self.run(path, old, new);
    }
}

/// Whether no call without this parameter can be right. Some of 25.04 have a
/// default that lacks what they require.
fn is_needed(version: &Version, parameter: &Parameter) -> bool {
    let schema = parameter.schema.as_value();
    let Some(Value::Object(default)) = schema.get("default") else {
        return parameter.required;
    };
    let cases = Position::new(&version.api, schema).cases;
    let is_refused = |case: &Case<'_>| case.required().any(|key| !default.contains_key(key));
    parameter.required || !cases.is_empty() && cases.iter().all(is_refused)
}

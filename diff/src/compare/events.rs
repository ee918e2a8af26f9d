//! Events: new, gone, and what they carry.

use serde_json::{Value, json};
use truenas_codegen::model::Event;
use truenas_codegen::types::{self, Type};

use super::methods::{removal, roles};
use super::walk::{Comparison, Spot, Walk};
use super::was_due;
use crate::finding::{Direction, Pair, Subject, SubjectKind};
use crate::path::Path;
use crate::rule::Rule;

/// Compares all events.
pub(super) fn events(comparison: &mut Comparison<'_>) {
    let (old, new) = (comparison.old.version, comparison.new.version);
    for (name, event) in &old.api.events {
        match new.api.events.get_key_value(name) {
            Some((_, after)) => both(comparison, name, event, after),
            None => {
                let rule = if is_announced(event, &new.api.api) {
                    Rule::EventRemovedAsAnnounced
                } else {
                    Rule::EventRemoved
                };
                comparison.about(&subject(Some(name), None), rule, Some(summary(event)), None);
            }
        }
    }
    for (name, event) in &new.api.events {
        if !old.api.events.contains_key(name) {
            let rule = if is_announced(event, &old.api.api) {
                Rule::EventAddedForNow
            } else {
                Rule::EventAdded
            };
            comparison.about(&subject(None, Some(name)), rule, None, Some(summary(event)));
        }
    }
}

fn is_announced(event: &Event, by: &str) -> bool {
    let removed_in = event.removed_in.as_ref();
    removed_in.is_some_and(|removed_in| was_due(removed_in, by))
}

fn subject(before: Option<&String>, after: Option<&String>) -> Subject {
    Subject {
        kind: SubjectKind::Event,
        name: Pair {
            before: before.cloned(),
            after: after.cloned(),
        },
    }
}

fn summary(event: &Event) -> Value {
    let mut summary = json!({"kinds": event.kinds.keys().collect::<Vec<_>>()});
    if let (Some(removed_in), Some(map)) = (&event.removed_in, summary.as_object_mut()) {
        map.insert("removed_in".to_owned(), removed_in.clone().into());
    }
    summary
}

fn both<'a>(comparison: &mut Comparison<'a>, name: &'a String, old: &'a Event, new: &'a Event) {
    let subject = subject(Some(name), Some(name));
    roles(comparison, &subject, &old.roles, &new.roles);
    removal(comparison, &subject, &old.removed_in, &new.removed_in);
    let old_types = comparison.old.version.rust.generated.types.events.get(name);
    let new_types = comparison.new.version.rust.generated.types.events.get(name);
    for kind in old
        .kinds
        .keys()
        .filter(|kind| !new.kinds.contains_key(*kind))
    {
        comparison.about(
            &subject,
            Rule::EventKindRemoved,
            Some(kind.clone().into()),
            None,
        );
    }
    for (kind, after) in &new.kinds {
        let Some(before) = old.kinds.get(kind) else {
            comparison.about(
                &subject,
                Rule::EventKindAdded,
                None,
                Some(kind.clone().into()),
            );
            continue;
        };
        let old = Spot::root(before.as_value(), payload(old_types, kind), name);
        let new = Spot::root(after.as_value(), payload(new_types, kind), name);
        Walk::new(comparison, &subject, Direction::Event).run(&Path::root(kind), old, new);
    }
    let path = Path::root("subscription");
    let mut walk = Walk::new(comparison, &subject, Direction::Subscription);
    let old_type = old_types.and_then(|types| types.parameters.as_ref());
    let new_type = new_types.and_then(|types| types.parameters.as_ref());
    let spot = |schema: &'a schemars::Schema, ty: Option<&'a Type>| {
        Spot::root(schema.as_value(), ty, name)
    };
    match (&old.parameters, &new.parameters) {
        (Some(before), Some(after)) => {
            walk.run(&path, spot(before, old_type), spot(after, new_type));
        }
        (Some(before), None) => {
            let what = Some(before.as_value().clone());
            let old = (Some(spot(before, old_type)), what);
            walk.found(
                Rule::SubscriptionParametersRemoved,
                &path,
                old,
                (None, None),
            );
        }
        (None, Some(after)) => {
            let what = Some(after.as_value().clone());
            let new = (Some(spot(after, new_type)), what);
            walk.found(Rule::SubscriptionParametersAdded, &path, (None, None), new);
        }
        (None, None) => {}
    }
}

fn payload<'a>(types: Option<&'a types::Event>, kind: &str) -> Option<&'a Type> {
    let types = types?;
    match kind {
        "ADDED" => types.added.as_ref(),
        "CHANGED" => types.changed.as_ref(),
        "REMOVED" => types.removed.as_ref(),
        _ => None,
    }
}

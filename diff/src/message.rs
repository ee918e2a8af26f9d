//! A finding in words.

use serde_json::Value;

use crate::describe::{list, words};
use crate::finding::Finding;
use crate::rule::Rule;

/// The sentence that says what changed; the reader knows the subject, the
/// path and the direction.
pub(crate) fn message(finding: &Finding) -> String {
    let (before, after) = (finding.before.as_ref(), finding.after.as_ref());
    let (old, new) = (or_nothing(before), or_nothing(after));
    let sure = match finding.confidence {
        Some(confidence) => format!(" ({confidence} % sure)"),
        None => String::new(),
    };
    match finding.rule {
        Rule::MethodAdded | Rule::MethodAddedForNow => {
            format!(
                "new {}{}{}",
                kind(after),
                until(after),
                see("was", before, &sure)
            )
        }
        Rule::MethodRemoved => format!("gone{}", see("now", after, &sure)),
        Rule::MethodRemovedAsAnnounced => {
            format!("gone, as announced{}", see("now", after, &sure))
        }
        Rule::MethodRenamed => format!("now called {}{sure}", text(after)),
        Rule::MethodRedefined => {
            let moved = |what, value: Option<&Value>| match value.and_then(|value| value.get("see"))
            {
                Some(other) => format!("; {what} {}{sure}", text(Some(other))),
                None => String::new(),
            };
            format!(
                "THE SAME NAME, ANOTHER MEANING: was a {} that took {}, is a {} that takes {}{}{}",
                kind(before),
                takes(before),
                kind(after),
                takes(after),
                moved("the old meaning is now", before),
                moved("the new meaning was", after),
            )
        }
        Rule::CallBecameJob => "answers the id of a job, no longer its result".to_owned(),
        Rule::JobBecameCall => "answers its result, no longer the id of a job".to_owned(),
        Rule::PipeAdded => format!("has an {} file", text(after)),
        Rule::PipeRemoved => format!("has no {} file any more", text(before)),
        Rule::PipeRequired => "is refused without its file".to_owned(),
        Rule::PipeOptional => "is no longer refused without its file".to_owned(),
        Rule::RoleAdded => format!("role {} gives access", text(after)),
        Rule::RoleRemoved => format!("role {} no longer gives access", text(before)),
        Rule::RemovalAnnounced => format!("will go in {}", text(after)),
        Rule::RemovalWithdrawn => format!("will not go in {} after all", text(before)),
        Rule::RemovalMoved => format!("will go in {}, not {}", text(after), text(before)),
        Rule::ParameterAdded => format!("new optional parameter {}", parameter(after)),
        Rule::RequiredParameterAdded => format!("new required parameter {}", parameter(after)),
        Rule::ParameterRemoved => format!("optional parameter {} is gone", parameter(before)),
        Rule::RequiredParameterRemoved => {
            format!("required parameter {} is gone", parameter(before))
        }
        Rule::ParameterRenamed => {
            format!(
                "parameter is now called {}, not {}",
                text(after),
                text(before)
            )
        }
        Rule::ParameterRequired => "parameter must be given now".to_owned(),
        Rule::ParameterOptional => "parameter can be left out now".to_owned(),
        Rule::EventAdded | Rule::EventAddedForNow => format!("new event{}", until(after)),
        Rule::EventRemoved => "event is gone".to_owned(),
        Rule::EventRemovedAsAnnounced => "event is gone, as announced".to_owned(),
        Rule::EventKindAdded => format!("also comes as {}", text(after)),
        Rule::EventKindRemoved => format!("no longer comes as {}", text(before)),
        Rule::SubscriptionParametersAdded => format!("takes parameters: {new}"),
        Rule::SubscriptionParametersRemoved => "takes no parameters any more".to_owned(),
        Rule::PropertyAdded => format!("new optional key: {new}"),
        Rule::RequiredPropertyAdded => format!("new required key: {new}"),
        Rule::PropertyRemoved => format!("optional key is gone: {old}"),
        Rule::RequiredPropertyRemoved => format!("required key is gone: {old}"),
        Rule::PropertyMoved => format!("{} is now {}", text(before), text(after)),
        Rule::PropertyRenamed => {
            format!("{} is now called {}{sure}", text(before), text(after))
        }
        Rule::PropertyRequired => "key must be there now".to_owned(),
        Rule::PropertyOptional => "key can be missing now".to_owned(),
        Rule::ObjectOpened => "further keys are allowed".to_owned(),
        Rule::ObjectClosed => "further keys are refused".to_owned(),
        Rule::TypeChanged => format!("was {old}, is {new}"),
        Rule::TypeSpecified => format!("was not described, is {new}"),
        Rule::TypeUnspecified => format!("was {old}, is not described any more"),
        Rule::NullAllowed => "can be null now".to_owned(),
        Rule::NullRefused => "cannot be null any more".to_owned(),
        Rule::CaseAdded => format!("can also be {new}"),
        Rule::CaseRemoved => format!("can no longer be {old}"),
        Rule::ValueAdded => format!("can also be {}", json(after)),
        Rule::ValueRemoved => format!("can no longer be {}", json(before)),
        Rule::ValuesRestricted => format!("can only be {}", values(after)),
        Rule::ValuesUnrestricted => format!("is no longer limited to {}", values(before)),
        Rule::DefaultAdded => format!("defaults to {} now", json(after)),
        Rule::DefaultRemoved => format!("no longer defaults to {}", json(before)),
        Rule::DefaultChanged => format!("defaults to {}, not {}", json(after), json(before)),
        Rule::LimitAdded | Rule::FormatAdded => format!("{} now", limit(after)),
        Rule::LimitRemoved | Rule::FormatRemoved => format!("no longer {}", limit(before)),
        Rule::LimitTightened | Rule::LimitLoosened | Rule::FormatChanged => {
            format!("{}, was {}", limit(after), limit(before))
        }
    }
}

fn or_nothing(schema: Option<&Value>) -> String {
    schema.map_or_else(|| "nothing".to_owned(), words)
}

/// A string as it is, anything else as JSON.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => format!("`{text}`"),
        other => json(other),
    }
}

fn json(value: Option<&Value>) -> String {
    const SHOWN: usize = 80;
    let text = value.map(Value::to_string).unwrap_or_default();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{}…`", text.split_at_checked(end).unwrap_or_default().0),
        None => format!("`{text}`"),
    }
}

fn kind(summary: Option<&Value>) -> &str {
    summary
        .and_then(|summary| summary.get("kind")?.as_str())
        .unwrap_or("method")
}

fn until(summary: Option<&Value>) -> String {
    match summary.and_then(|summary| summary.get("removed_in")) {
        Some(version) => format!(", to go again in {}", text(Some(version))),
        None => String::new(),
    }
}

fn see(what: &str, summary: Option<&Value>, sure: &str) -> String {
    match summary.and_then(|summary| summary.get("see")) {
        Some(other) => format!("; its meaning {what} {}{sure}", text(Some(other))),
        None => String::new(),
    }
}

fn takes(summary: Option<&Value>) -> String {
    let takes = summary.and_then(|summary| summary.get("takes")?.as_array());
    let keys: Vec<String> = takes
        .into_iter()
        .flatten()
        .map(|key| text(Some(key)))
        .collect();
    list(keys)
}

fn parameter(value: Option<&Value>) -> String {
    let name = value.and_then(|value| value.get("name"));
    let schema = value.and_then(|value| value.get("schema"));
    format!("{}: {}", text(name), or_nothing(schema))
}

fn values(value: Option<&Value>) -> String {
    let values = value.and_then(Value::as_array);
    list(
        values
            .into_iter()
            .flatten()
            .map(|value| json(Some(value)))
            .collect(),
    )
}

/// `minimum 5`.
fn limit(value: Option<&Value>) -> String {
    let map = value.and_then(Value::as_object);
    let members = map.into_iter().flatten();
    let said = members.map(|(keyword, value)| format!("{keyword} {}", json(Some(value))));
    said.collect::<Vec<_>>().join(", ")
}

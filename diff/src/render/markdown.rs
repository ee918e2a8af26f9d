//! For pull requests and changelogs.

use std::fmt::Write;

use super::group::{Group, by_service};
use super::{compared, counts, title};
use crate::compare::Report;
use crate::finding::Severity;
use crate::path::Path;
use crate::rule::Rule;

pub(super) fn markdown(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        one(report, &mut text);
    }
    text
}

fn one(report: &Report, text: &mut String) {
    let release = |side: &crate::compare::Compared| side.release.clone();
    let _ = writeln!(
        text,
        "## {}\n\nReleases {} and {}: {}.\n",
        title(report),
        release(&report.from),
        release(&report.to),
        counts(&report.findings)
    );
    if report.findings.is_empty() {
        let _ = writeln!(text, "No changes: {}.\n", compared(report));
    }
    for (service, groups) in by_service(report) {
        let _ = writeln!(text, "### {service}\n");
        for groups in folded(groups) {
            item(&groups, text);
        }
        text.push('\n');
    }
    if !report.coming.is_empty() {
        let _ = writeln!(text, "### Announced to go\n");
        for coming in &report.coming {
            let _ = writeln!(text, "- `{}` in {}", coming.name, coming.removed_in);
        }
        text.push('\n');
    }
    for note in &report.notes {
        let _ = writeln!(text, "Note: {note}.\n");
    }
}

/// The same of several keys of one object, or several values of one key, is
/// told in one line.
fn folded(groups: Vec<Group<'_>>) -> Vec<Vec<Group<'_>>> {
    let mut folded: Vec<Vec<Group<'_>>> = Vec::new();
    for group in groups {
        let like = |other: &Group<'_>| {
            several(group.first.rule).is_some()
                && other.first.rule == group.first.rule
                && other.first.subject == group.first.subject
                && other.also == group.also
                && object(other) == object(&group)
        };
        let place = folded
            .iter()
            .position(|held| held.first().is_some_and(like));
        match place.and_then(|place| folded.get_mut(place)) {
            Some(held) => held.push(group),
            None => folded.push(vec![group]),
        }
    }
    folded
}

/// How several of a kind are told.
fn several(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::PropertyAdded => "new optional keys",
        Rule::RequiredPropertyAdded => "new required keys",
        Rule::PropertyRemoved => "optional keys are gone:",
        Rule::RequiredPropertyRemoved => "required keys are gone:",
        Rule::ValueAdded => "can also be",
        Rule::ValueRemoved => "can no longer be",
        _ => return None,
    })
}

/// Where several of a kind stand.
fn object(group: &Group<'_>) -> Path {
    let finding = group.first;
    match finding.path.split_key() {
        Some((object, _)) if !is_value(finding.rule) => object,
        _ => finding.path.clone(),
    }
}

fn is_value(rule: Rule) -> bool {
    matches!(rule, Rule::ValueAdded | Rule::ValueRemoved)
}

fn item(groups: &[Group<'_>], text: &mut String) {
    let Some((group, others)) = groups.split_first() else {
        return;
    };
    let finding = group.first;
    let (path, message) = match several(finding.rule).filter(|_| !others.is_empty()) {
        None => (finding.path.clone(), finding.message.clone()),
        Some(what) => {
            let one = |group: &Group<'_>| {
                let finding = group.first;
                if is_value(finding.rule) {
                    let value = finding.before.as_ref().or(finding.after.as_ref());
                    format!("`{}`", value.unwrap_or(&serde_json::Value::Null))
                } else {
                    let key = finding.path.split_key().map(|(_, key)| key.to_owned());
                    format!("`{}`", key.unwrap_or_default())
                }
            };
            let all: Vec<String> = groups.iter().map(one).collect();
            (object(group), format!("{what} {}", all.join(", ")))
        }
    };
    let mut place = format!("`{}`", finding.subject.name());
    if !path.is_empty() {
        let _ = write!(place, " `{path}`");
    }
    let mark = match group.severity() {
        Severity::Error => "**breaks** ",
        Severity::Warning => "*may break* ",
        Severity::Info => "",
    };
    let _ = write!(text, "- {mark}{place}: {message}");
    if let Some(elsewhere) = group.elsewhere() {
        let _ = write!(text, " (also {elsewhere})");
    }
    text.push('\n');
}

//! What of a report is kept.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{between, line};
use truenas_diff::Report;
use truenas_diff::finding::Severity;
use truenas_diff::policy::{Ignored, Policy, Selection};
use truenas_diff::rule::Rule;

fn applied(policy: &Policy) -> Vec<String> {
    let mut reports = [between("v25.10.1", "v25.10.2")];
    policy.apply(&mut reports).unwrap();
    reports
        .iter()
        .flat_map(|report: &Report| &report.findings)
        .map(line)
        .collect()
}

fn ignored(id: Option<Rule>, subject: &str, path: Option<&str>) -> Ignored {
    Ignored {
        id,
        subject: subject.to_owned(),
        path: path.map(str::to_owned),
        reason: "our program does not use it".to_owned(),
    }
}

#[test]
fn services_and_levels() {
    let all = applied(&Policy::default());
    let some = applied(&Policy {
        services: vec!["directory*".to_owned()],
        ..Policy::default()
    });
    assert!(!some.is_empty() && some.len() < all.len());
    assert!(some.iter().all(|line| line.contains(" directoryservices.")));
    let errors = applied(&Policy {
        level: Some(Severity::Warning),
        ..Policy::default()
    });
    assert!(errors.len() < all.len());
    assert!(errors.iter().all(|line| !line.starts_with("info")));
}

#[test]
fn what_is_ignored_is_gone_and_a_line_that_ignores_nothing_is_an_error() {
    let known = "directoryservices.sync_keytab";
    let policy = Policy {
        ignored: vec![ignored(Some(Rule::MethodAdded), known, None)],
        ..Policy::default()
    };
    assert!(
        applied(&Policy::default())
            .iter()
            .any(|line| line.contains(known))
    );
    assert!(!applied(&policy).iter().any(|line| line.contains(known)));

    let policy = Policy {
        ignored: vec![
            ignored(None, "directoryservices.*", None),
            ignored(Some(Rule::MethodRemoved), known, Some("*")),
        ],
        ..Policy::default()
    };
    let error = policy
        .apply(&mut [between("v25.10.1", "v25.10.2")])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "these lines of the ignore file match nothing and must go: \
         method-removed of directoryservices.sync_keytab at * (our program does not use it);"
    );
}

#[test]
fn severities_are_the_users_to_choose() {
    let lines = applied(&Policy {
        severities: vec![(Rule::MethodAdded, Severity::Error)],
        level: Some(Severity::Error),
        services: vec!["directoryservices".to_owned()],
        ..Policy::default()
    });
    assert_eq!(
        lines.first().map(String::as_str),
        Some("error method-added directoryservices.sync_keytab: new job")
    );
}

#[test]
fn breaking_is_what_breaks() {
    let mut reports = [between("v25.10.5", "v26.0.0")];
    let policy = Policy {
        selection: Selection::Breaking,
        ..Policy::default()
    };
    policy.apply(&mut reports).unwrap();
    let findings = reports.iter().flat_map(|report| &report.findings);
    let rules: Vec<Rule> = findings.map(|finding| finding.rule).collect();
    assert!(rules.contains(&Rule::MethodRemovedAsAnnounced));
    assert!(!rules.contains(&Rule::MethodAdded));
}

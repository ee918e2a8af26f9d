//! For pull requests and changelogs.

use std::fmt::Write;

use super::group::{Group, by_service};
use super::{compared, counts, title};
use crate::compare::Report;
use crate::finding::Severity;

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
        for group in &groups {
            item(group, text);
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

fn item(group: &Group<'_>, text: &mut String) {
    let path = group.first.path.to_string();
    let mut place = format!("`{}`", group.first.subject.name());
    if !path.is_empty() {
        let _ = write!(place, " `{path}`");
    }
    let mark = match group.severity() {
        Severity::Error => "**breaks** ",
        Severity::Warning => "*may break* ",
        Severity::Info => "",
    };
    let _ = write!(text, "- {mark}{place}: {}", group.first.message);
    if let Some(elsewhere) = group.elsewhere() {
        let _ = write!(text, " (also {elsewhere})");
    }
    text.push('\n');
}

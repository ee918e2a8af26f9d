//! For CI servers, in the form that JUnit writes.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::group::place;
use super::{compared, title};
use crate::compare::Report;
use crate::finding::{Finding, Severity};

pub(super) fn junit(reports: &[Report], fail_on: Option<Severity>) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"diff\">\n");
    for report in reports {
        suite(report, fail_on, &mut text);
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(report: &Report, fail_on: Option<Severity>, text: &mut String) {
    let mut cases: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        cases
            .entry(finding.subject.name())
            .or_default()
            .push(finding);
    }
    let fails = |findings: &[&Finding]| {
        fail_on.is_some_and(|level| findings.iter().any(|finding| finding.severity >= level))
    };
    let failures = cases.values().filter(|findings| fails(findings)).count();
    let _ = writeln!(
        text,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\">",
        escape(&title(report)),
        cases.len().max(1),
    );
    for (name, findings) in &cases {
        let class = findings
            .first()
            .map_or("", |finding| finding.subject.service());
        let _ = write!(
            text,
            "    <testcase classname=\"{}\" name=\"{}\">",
            escape(class),
            escape(name)
        );
        let mut lines = String::new();
        for finding in findings {
            let _ = writeln!(
                lines,
                "{} {} {}: {}",
                finding.severity,
                finding.rule,
                place(finding),
                finding.message
            );
        }
        let worst = findings.iter().max_by_key(|finding| finding.severity);
        if fails(findings)
            && let Some(worst) = worst
        {
            let _ = write!(
                text,
                "<failure type=\"{}\" message=\"{}\">{}</failure>",
                worst.rule,
                escape(&worst.message),
                escape(&lines)
            );
        } else {
            let _ = write!(text, "<system-out>{}</system-out>", escape(&lines));
        }
        text.push_str("</testcase>\n");
    }
    if cases.is_empty() {
        let _ = writeln!(
            text,
            "    <testcase classname=\"diff\" name=\"nothing changed\"><system-out>{}</system-out></testcase>",
            escape(&compared(report))
        );
    }
    text.push_str("  </testsuite>\n");
}

/// Text as XML; what XML cannot hold at all is left out.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

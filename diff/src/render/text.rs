//! For a terminal.

use std::fmt::Write;

use super::group::by_service;
use super::{compared, counts, title};
use crate::compare::Report;
use crate::finding::{Effect, Finding, Severity};

pub(super) fn text(reports: &[Report], colour: bool) -> String {
    let mut text = String::new();
    for report in reports {
        one(report, colour, &mut text);
    }
    text
}

fn one(report: &Report, colour: bool, text: &mut String) {
    let bold = |what: &str| paint(what, "1", colour);
    let _ = writeln!(text, "{}", bold(&title(report)));
    for (service, groups) in by_service(report) {
        let _ = writeln!(text, "\n{}", bold(service));
        for group in groups {
            let severity = group.severity();
            let label = paint(&format!("{severity:<7}"), code(severity), colour);
            let _ = writeln!(
                text,
                "  {label}  {}: {}  [{}{}]",
                group.place(),
                group.first.message,
                group.first.rule,
                effects(group.first)
            );
            if let Some(elsewhere) = group.elsewhere() {
                let _ = writeln!(text, "           also {elsewhere}");
            }
        }
    }
    if !report.coming.is_empty() {
        let _ = writeln!(text, "\n{}", bold("announced to go"));
    }
    for coming in &report.coming {
        let _ = writeln!(text, "  {} in {}", coming.name, coming.removed_in);
    }
    for note in &report.notes {
        let _ = writeln!(text, "\nnote: {note}");
    }
    let _ = writeln!(
        text,
        "\n{}: {}\n",
        compared(report),
        counts(&report.findings)
    );
}

/// What it breaks, if it does.
fn effects(finding: &Finding) -> String {
    let mut effects = String::new();
    for (name, effect) in [("wire", finding.wire), ("Rust", finding.rust)] {
        if effect != Effect::None {
            let _ = write!(effects, ", {name}: {effect}");
        }
    }
    effects
}

fn code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "1;31",
        Severity::Warning => "33",
        Severity::Info => "36",
    }
}

fn paint(text: &str, code: &str, colour: bool) -> String {
    if colour {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

//! Reports, written out.

mod group;
mod html;
mod json;
mod junit;
mod line;
mod markdown;
mod text;

pub use json::{Document, format_schema};

use crate::compare::Report;
use crate::finding::{Finding, Severity};

/// How reports are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal, with colours or without.
    Text {
        /// Whether severities are coloured.
        colour: bool,
    },
    /// One line for each finding.
    Line,
    /// For pull requests and changelogs.
    Markdown,
    /// For programs; its schema is `schemas/diff.schema.json`.
    Json,
    /// For CI servers: a test for each method and event with findings, which
    /// fails from this severity on.
    Junit {
        /// The least severity that fails; none fails nothing.
        fail_on: Option<Severity>,
    },
    /// One page to look through.
    Html,
}

/// Writes reports out.
#[must_use]
pub fn render(reports: &[Report], format: Format) -> String {
    match format {
        Format::Text { colour } => text::text(reports, colour),
        Format::Line => line::line(reports),
        Format::Markdown => markdown::markdown(reports),
        Format::Json => json::json(reports),
        Format::Junit { fail_on } => junit::junit(reports, fail_on),
        Format::Html => html::html(reports),
    }
}

/// How many findings there are of each severity, in words.
fn counts(findings: &[Finding]) -> String {
    let count = |severity| {
        let found = findings
            .iter()
            .filter(|finding| finding.severity == severity);
        found.count()
    };
    format!(
        "{}, {} and {} without harm",
        plural(count(Severity::Error), "error"),
        plural(count(Severity::Warning), "warning"),
        plural(count(Severity::Info), "change"),
    )
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What was compared with what: a report without findings must say it.
fn compared(report: &Report) -> String {
    let side = |side: &crate::compare::Compared| {
        format!(
            "{} ({}, {})",
            side.api,
            plural(side.methods, "method"),
            plural(side.events, "event")
        )
    };
    format!("compared {} with {}", side(&report.from), side(&report.to))
}

/// `v25.04.2 → v25.10.0`.
fn title(report: &Report) -> String {
    format!("{} → {}", report.from.api, report.to.api)
}

//! One line for each finding, for `grep`.

use std::fmt::Write;

use super::group::place;
use super::{compared, title};
use crate::compare::Report;

pub(super) fn line(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        for finding in &report.findings {
            let _ = writeln!(
                text,
                "{}: {} {} {}: {}",
                title(report),
                finding.severity,
                finding.rule,
                place(finding),
                finding.message
            );
        }
        if report.findings.is_empty() {
            let _ = writeln!(text, "{}: nothing, {}", title(report), compared(report));
        }
    }
    text
}

//! The formats.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use common::between;
use serde_json::Value;
use truenas_diff::finding::Severity;
use truenas_diff::render::{Format, format_schema, render};
use truenas_diff::rule::Rule;

#[test]
fn json_is_as_its_published_schema_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/diff.schema.json");
    let published = fs::read_to_string(path).unwrap();
    assert_eq!(
        published,
        format_schema(),
        "run `cargo xtask changelog --write`"
    );
    let schema: Value = serde_json::from_str(&published).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let reports = [
        between("v25.04.2", "v25.10.0"),
        between("v25.10.2", "v25.10.4"),
    ];
    let json: Value = serde_json::from_str(&render(&reports, Format::Json)).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&json)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
    assert!(!validator.is_valid(&serde_json::json!({"format": 1})));
}

#[test]
fn a_report_without_findings_says_what_was_compared() {
    let reports = [between("v25.10.2", "v25.10.4")];
    let formats = [
        Format::Text { colour: false },
        Format::Line,
        Format::Markdown,
        Format::Junit { fail_on: None },
    ];
    for format in formats {
        let text = render(&reports, format);
        assert!(
            text.contains("compared v25.10.2 (769 methods, 63 events) with v25.10.4"),
            "{text}"
        );
    }
}

#[test]
fn lines_are_one_each() {
    let report = between("v25.10.5", "v26.0.0");
    let text = render(std::slice::from_ref(&report), Format::Line);
    assert_eq!(text.lines().count(), report.findings.len());
    assert!(text.contains(
        "v25.10.5 → v26.0.0: error type-changed vm.delete result: was boolean, is null\n"
    ));
}

#[test]
fn only_text_for_terminals_has_colours() {
    let reports = [between("v25.10.5", "v26.0.0")];
    assert!(render(&reports, Format::Text { colour: true }).contains("\u{1b}[1;31merror"));
    assert!(!render(&reports, Format::Text { colour: false }).contains('\u{1b}'));
}

#[test]
fn junit_fails_what_is_grave_enough() {
    let reports = [between("v25.10.5", "v26.0.0")];
    let failures = |fail_on| {
        let text = render(&reports, Format::Junit { fail_on });
        assert_eq!(
            text.matches("<testcase").count(),
            text.matches("</testcase>").count()
        );
        text.matches("<failure").count()
    };
    let (none, errors, all) = (
        failures(None),
        failures(Some(Severity::Error)),
        failures(Some(Severity::Info)),
    );
    assert!(none == 0 && 0 < errors && errors < all);
}

#[test]
fn the_page_loads_nothing_and_holds_all_findings() {
    let reports = [between("v25.10.5", "v26.0.0")];
    let page = render(&reports, Format::Html);
    for outside in ["http://", "https://", "src=", "<link", "@import", "url("] {
        assert!(
            !page
                .split("<script id=\"data\"")
                .next()
                .unwrap()
                .contains(outside)
        );
        assert!(!page.rsplit("</script>").next().unwrap().contains(outside));
    }
    let data = page.split("type=\"application/json\">").nth(1).unwrap();
    let data = data.split("</script>").next().unwrap();
    let json: Value = serde_json::from_str(data).unwrap();
    assert_eq!(
        json.pointer("/reports/0/findings")
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        reports.first().unwrap().findings.len()
    );
}

#[test]
fn the_table_of_rules_in_the_documents_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diff.md");
    let document = fs::read_to_string(path).unwrap();
    let table = Rule::table();
    assert!(
        document.contains(&table),
        "docs/diff.md should hold:\n{table}"
    );
    for rule in Rule::ALL {
        assert_eq!(rule.mirror().mirror(), *rule);
        assert_eq!(Rule::from_id(&rule.to_string()), Some(*rule));
    }
}

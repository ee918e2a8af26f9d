//! The versions of `schemas/`.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and not every test uses everything"
)]

use std::fs;
use std::path::Path;

use truenas_codegen::model::ApiVersion;
use truenas_codegen::overrides::Overrides;
use truenas_codegen::versions::VersionList;
use truenas_diff::{Finding, Report, Version, compare};

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// A version, ready to be compared.
pub(crate) fn version(api: &str) -> Version {
    let overrides: Overrides = serde_json::from_str(&read("overrides.json")).unwrap();
    let version: ApiVersion = serde_json::from_str(&read(&format!("{api}.json"))).unwrap();
    Version::new(version, &overrides)
}

/// The names of all versions, the oldest first.
pub(crate) fn all() -> Vec<String> {
    let list: VersionList = serde_json::from_str(&read("versions.json")).unwrap();
    list.iter().map(|version| version.api.clone()).collect()
}

/// What changed from one version to another.
pub(crate) fn between(old: &str, new: &str) -> Report {
    compare(&version(old), &version(new))
}

/// A version with one method, which takes and answers this.
pub(crate) fn with_method(accepts: serde_json::Value, returns: serde_json::Value) -> Version {
    made_up(serde_json::json!({
        "lamp.set": {
            "kind": "call",
            "roles": [],
            "parameters": [{"name": "data", "required": true, "schema": accepts}],
            "result": returns,
        }
    }))
}

/// A version with these methods and no models.
pub(crate) fn made_up(methods: serde_json::Value) -> Version {
    with_models(methods, serde_json::json!({}))
}

/// A version with these methods and models.
pub(crate) fn with_models(methods: serde_json::Value, models: serde_json::Value) -> Version {
    let version = serde_json::json!({
        "api": "v1.0.0", "release": "1.0.0", "provenance": [],
        "methods": methods, "events": {}, "models": models,
    });
    Version::new(
        serde_json::from_value(version).unwrap(),
        &Overrides::default(),
    )
}

/// A finding in one line: `error method-removed smart.config: gone`.
pub(crate) fn line(finding: &Finding) -> String {
    let path = finding.path.to_string();
    format!(
        "{} {} {}{}{}: {}",
        finding.severity,
        finding.rule,
        finding.subject.name(),
        if path.is_empty() { "" } else { " " },
        path,
        finding.message
    )
}

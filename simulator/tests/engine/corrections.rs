//! Schemas are corrected before anything is answered from them.

use std::path::{Path, PathBuf};

use serde_json::json;
use truenas_simulator::engine::{Engine, Schemas};

const API: &str = "v25.10.5";

/// A folder with one version's schemas, and these corrections if any.
fn folder(corrections: Option<&str>) -> tempfile::TempDir {
    let schemas: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    let folder = tempfile::tempdir().unwrap();
    for name in ["versions.json".to_owned(), format!("{API}.json")] {
        std::fs::copy(schemas.join(&name), folder.path().join(&name)).unwrap();
    }
    if let Some(corrections) = corrections {
        std::fs::write(folder.path().join("corrections.json"), corrections).unwrap();
    }
    folder
}

fn sends_disks(schemas: Schemas) -> bool {
    let engine = Engine::load(schemas, API, 7).unwrap();
    let event = engine.event("reporting.realtime", 0).unwrap();
    event.fields.unwrap().get("disks").is_some()
}

#[test]
fn the_embedded_schemas_are_corrected() {
    assert!(sends_disks(Schemas::embedded().unwrap()));
}

#[test]
fn a_folder_has_its_own_corrections_or_none() {
    let none = folder(None);
    assert!(!sends_disks(Schemas::in_folder(none.path()).unwrap()));
    let own = json!({"models": {}, "corrections": [{
        "versions": [API],
        "at": ["event reporting.realtime ADDED fields.disls"],
        "change": {"rename": "disks"},
        "reason": "a test",
        "source": "a test",
    }]});
    let own = folder(Some(&own.to_string()));
    assert!(sends_disks(Schemas::in_folder(own.path()).unwrap()));
}

#[test]
fn corrections_that_cannot_be_read_or_applied_are_errors_that_say_where() {
    let broken = folder(Some("{"));
    let problem = Schemas::in_folder(broken.path()).unwrap_err().to_string();
    assert!(problem.contains("corrections.json"), "{problem}");
    let nowhere = json!({"models": {}, "corrections": [{
        "versions": [API],
        "at": ["method no.such result"],
        "change": "nullable",
        "reason": "a test",
        "source": "a test",
    }]});
    let nowhere = folder(Some(&nowhere.to_string()));
    let schemas = Schemas::in_folder(nowhere.path()).unwrap();
    let problem = Engine::load(schemas, API, 7).err().unwrap().to_string();
    assert!(problem.contains("method no.such result"), "{problem}");
}

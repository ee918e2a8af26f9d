//! `cargo xtask import` and `list` as they are called.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A dump of one method, which takes this.
fn dump(api: &str, data: &Value) -> String {
    json!({"versions": [{"version": api, "events": [], "methods": [{
        "name": "pool.create", "roles": ["POOL_WRITE"], "doc": "This method is a job.",
        "removed_in": null,
        "schemas": {
            "accepts": {"properties": {"data": data}, "required": ["data"]},
            "returns": {"properties": {"result": {"type": "null"}}},
        },
    }]}]})
    .to_string()
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(TempDir::new().unwrap())
    }

    fn xtask(&self, command: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg(command)
            .arg("--schemas")
            .arg(self.0.path().join("schemas"))
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    fn import(&self, text: &str, arguments: &[&str]) -> Output {
        fs::write(self.0.path().join("dump.json"), text).unwrap();
        let mut all = vec!["--release", "1.2.3", "--dump", "dump.json"];
        all.extend(arguments);
        self.xtask("import", &all)
    }

    /// All files in the folder of schemas, but for the lock.
    fn files(&self) -> BTreeMap<String, String> {
        let folder = self.0.path().join("schemas");
        let Ok(entries) = fs::read_dir(folder) else {
            return BTreeMap::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| name(path) != ".lock")
            .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
            .collect()
    }

    fn list(&self) -> Value {
        let output = self.xtask("list", &["--format", "json"]);
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn succeeded(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_version_is_written_and_listed() {
    let folder = Folder::new();
    assert_eq!(folder.list(), json!([]));
    let text = dump("v1.2.0", &json!({"type": "string", "colour": "red"}));
    let output = folder.import(&text, &["--alias", "v1.2.1"]);
    assert_eq!(
        succeeded(&output),
        "v1.2.0 (1.2.3): 1 methods, 1 of them jobs, 0 events, 0 models\n"
    );
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(notes.contains("properties.data.colour"), "{notes}");

    let files = folder.files();
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        [
            "corrections.schema.json",
            "overrides.schema.json",
            "schema.json",
            "v1.2.0.json",
            "versions.json",
            "versions.schema.json"
        ]
    );
    let listed = folder.list();
    let provenance = listed[0]["provenance"].clone();
    assert_eq!(provenance[0]["kind"], "dump-refs");
    assert_eq!(
        listed,
        json!([{
            "api": "v1.2.0", "release": "1.2.3", "methods": 1, "jobs": 1, "events": 0,
            "models": 0, "aliases": ["v1.2.1"], "stable": true, "provenance": provenance,
        }])
    );
    let text = succeeded(&folder.xtask("list", &[]));
    assert!(text.lines().nth(1).unwrap().starts_with("v1.2.0"), "{text}");
    assert!(text.contains("also v1.2.1"), "{text}");
}

#[test]
fn a_second_import_replaces_the_first() {
    let folder = Folder::new();
    let first = dump("v1.2.0", &json!({"type": "string"}));
    succeeded(&folder.import(&first, &["--alias", "v1.2.1"]));
    let files = folder.files();
    succeeded(&folder.import(&first, &[]));
    assert_eq!(folder.files(), files);

    succeeded(&folder.import(&dump("v1.2.0", &json!({"type": "integer"})), &[]));
    assert_ne!(folder.files()["v1.2.0.json"], files["v1.2.0.json"]);
    assert_eq!(folder.list().as_array().unwrap().len(), 1);
}

/// Which is how it is mended.
#[test]
fn what_it_replaces_need_not_be_readable() {
    let folder = Folder::new();
    let first = dump("v1.2.0", &json!({"type": "string"}));
    succeeded(&folder.import(&first, &[]));
    let files = folder.files();
    fs::write(folder.0.path().join("schemas/v1.2.0.json"), "{").unwrap();
    succeeded(&folder.import(&first, &[]));
    assert_eq!(folder.files(), files);
}

#[test]
fn versions_are_ordered_by_their_numbers() {
    let folder = Folder::new();
    for api in ["v25.10.0", "v9.0.0", "v25.4.10", "v25.4.9"] {
        succeeded(&folder.import(&dump(api, &json!({})), &[]));
    }
    let list = folder.list();
    let order: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["api"])
        .collect();
    assert_eq!(order, ["v9.0.0", "v25.4.9", "v25.4.10", "v25.10.0"]);
}

#[test]
fn a_failed_import_changes_nothing() {
    let folder = Folder::new();
    let good = dump("v1.2.0", &json!({"type": "string"}));
    let dangling = dump("v1.2.0", &json!({"$ref": "#/$defs/Gone"}));
    let message = error(&folder.import(&dangling, &[]));
    assert!(
        message.contains("dump.json: $.versions[0].methods[0].schemas.accepts.properties.data: "),
        "{message}"
    );
    assert_eq!(folder.files(), BTreeMap::new());

    succeeded(&folder.import(&good, &[]));
    let files = folder.files();
    error(&folder.import(&dangling, &[]));
    error(&folder.import(&good[..good.len() - 3], &[]));
    error(&folder.import("\u{feff}{}", &[]));
    error(&folder.import(&good, &["--methods", "missing.json"]));
    error(&folder.import(&good, &["--api", "v1.2.9"]));
    error(&folder.import(&good, &["--alias", "../up"]));
    error(&folder.import(&dump("v1.3.0", &json!({})), &["--alias", "v1.2.0"]));
    error(&folder.import(&dump("../../up", &json!({})), &[]));
    assert_eq!(folder.files(), files);
}

#[test]
fn the_answer_of_get_methods_alone_needs_its_version() {
    let folder = Folder::new();
    let method = json!({
        "accepts": [], "returns": null, "roles": [], "description": null, "job": false,
        "uploadable": false, "downloadable": false, "check_pipes": false,
    });
    let text = json!({"core.ping": method}).to_string();
    fs::write(folder.0.path().join("methods.json"), text).unwrap();
    let arguments = ["--release", "1.2.3-BETA.1", "--methods", "methods.json"];
    assert!(error(&folder.xtask("import", &arguments)).contains("--api"));
    let arguments = [&arguments[..], &["--api", "v1.2.0"]].concat();
    succeeded(&folder.xtask("import", &arguments));
    assert_eq!(folder.list()[0]["stable"], false);
}

#[test]
fn a_wrong_call_is_told_apart_from_a_wrong_file() {
    let folder = Folder::new();
    for arguments in [&["--release", "1.2.3"][..], &["--colour"], &[]] {
        assert_eq!(folder.xtask("import", arguments).status.code(), Some(2));
    }
    assert_eq!(folder.xtask("import", &["--help"]).status.code(), Some(0));
}

#[test]
fn a_version_of_two_numbers_is_imported_and_is_no_series() {
    let folder = Folder::new();
    let text = dump("v24.10", &json!({"type": "string"}));
    succeeded(&folder.import(&text, &[]));
    assert_eq!(folder.list()[0]["api"], "v24.10");
    assert!(folder.files().contains_key("v24.10.json"));
    let before = folder.files();
    let text = dump("v24.10.0", &json!({"type": "string"}));
    let error = error(&folder.import(&text, &[]));
    assert!(error.contains("v24.10 would be ambiguous"), "{error}");
    assert_eq!(folder.files(), before);
}

//! What a system says of itself is written into files and shown, and so has
//! to consist of plain words.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use truenas_simulator::Simulator;

use crate::folder::Folder;
use crate::system::{SCHEMAS, System};

const VERSION: &str = "v25.10.5";
const RELEASE: &str = "25.10.6";
const ROLE: &str = "FULL_ADMIN";

/// A system of this release, whose account has this role and no other.
fn system(release: &str, role: &str) -> System {
    changed(role, |version| {
        // The simulator puts it between quotes as it is.
        let escaped = Value::from(release).to_string();
        version["release"] = escaped.trim_matches('"').into();
    })
}

/// A system that serves a version changed like this.
fn changed(role: &str, change: impl FnOnce(&mut Value)) -> System {
    let schemas = TempDir::new().unwrap();
    let list = json!([{"api": VERSION, "release": RELEASE, "aliases": []}]);
    fs::write(schemas.path().join("versions.json"), list.to_string()).unwrap();
    let file = format!("{VERSION}.json");
    let version = fs::read_to_string(format!("{SCHEMAS}/{file}")).unwrap();
    let mut version: Value = serde_json::from_str(&version).unwrap();
    change(&mut version);
    version["methods"]["auth.me"]["roles"] = json!([role]);
    fs::write(schemas.path().join(file), version.to_string()).unwrap();
    System::start(Simulator::builder().schemas(schemas.path()).roles([role]))
}

/// Nothing is written, and the terminal gets these words and no commands.
fn refused(system: &System, words: &str) {
    let folder = Folder::new();
    let fetch = ["fetch", "--incomplete"];
    let done = system.ask(&folder, &fetch).badly(words);
    let shown = done.stdout + &done.stderr;
    let is_harmless = |c: char| c == '\n' || !c.is_control();
    assert!(shown.chars().all(is_harmless), "{shown:?}");
    assert!(shown.len() < 1000, "{shown}");
    assert!(folder.files().is_empty());
}

#[test]
fn a_release_is_a_plain_word() {
    let clear_screen = "25.10.6\u{1b}[2J";
    let long = "1".repeat(1 << 20);
    for release in [clear_screen, "../../25.10.6", "", &long] {
        refused(&system(release, ROLE), "is no release such as 25.10.0");
    }
}

#[test]
fn a_role_is_a_plain_word() {
    let title = "ALL\u{1b}]0;owned\u{7}";
    let long = "A".repeat(1 << 20);
    for role in [title, "../ADMIN", "ALL ROLES", &long] {
        refused(&system(RELEASE, role), "is no role");
    }
}

/// What is parsed takes many times the memory of its text.
#[test]
fn there_are_not_too_many_words() {
    let many: Vec<u32> = (0..1_000_001).collect();
    let system = changed(ROLE, |version| {
        let default = &mut version["methods"]["core.ping"]["result"]["default"];
        *default = json!(many);
    });
    refused(&system, "core.get_methods: more than 1000000 values");
}

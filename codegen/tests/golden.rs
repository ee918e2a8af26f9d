//! What is generated from small versions that are checked in, and from the
//! hostile ones, file by file. `UPDATE_GOLDEN=1` writes it.
//!
//! That it compiles and reads and writes values is tested in `tests/hostile`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use truenas_codegen::generate::{Generated, generate};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::overrides::Overrides;
use truenas_codegen::read::{Options, Source, parse, read};
use truenas_codegen::versions::{Version, VersionList};

/// The keywords of the hostile dumps that the reader does not know.
const UNKNOWN: [&str; 3] = ["multipleOf", "x-nobody-knows", "job"];

/// A folder of checked-in output.
struct Golden {
    folder: PathBuf,
    generated: Generated,
}

#[test]
fn objects() {
    small("objects").compare();
}

#[test]
fn service() {
    small("service").compare();
}

#[test]
fn two_versions() {
    small("two_versions").compare();
}

#[test]
fn unions() {
    small("unions").compare();
}

#[test]
fn words() {
    small("words").compare();
}

#[test]
fn hostile() {
    let golden = hostile_versions();
    golden.compare();
    assert_eq!(golden.generated.unused_overrides, [""; 0]);

    let cargo = text(&golden.folder, "Cargo.toml");
    for line in golden.generated.features.lines() {
        assert!(cargo.lines().any(|own| own == line), "Cargo.toml: {line}");
    }
}

/// The versions in `schema.json`, the oldest first, in the canonical form.
fn small(name: &str) -> Golden {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let folder = folder.join(name);
    let versions: Vec<ApiVersion> = json(&folder, "schema.json");
    let overrides = Overrides::default();
    Golden {
        folder: folder.join("expected"),
        generated: generate(&versions, &list(&versions), &overrides).unwrap(),
    }
}

/// The two dumps of `tests/hostile`, with prose.
fn hostile_versions() -> Golden {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/hostile");
    let options = Options {
        keep_docs: true,
        ..Options::default()
    };
    let versions: Vec<ApiVersion> = ["dump.json", "dump-next.json"]
        .into_iter()
        .map(|name| {
            let text = text(&folder, name);
            let source = Source { name, text: &text };
            let reading = read("9", &[source], &options).unwrap();
            for note in &reading.notes {
                assert!(UNKNOWN.contains(&note.subject.as_str()), "{note}");
            }
            reading.version
        })
        .collect();
    let overrides: Overrides = json(&folder, "overrides.json");
    Golden {
        folder,
        generated: generate(&versions, &list(&versions), &overrides).unwrap(),
    }
}

fn list(versions: &[ApiVersion]) -> VersionList {
    let mut list = VersionList::default();
    for version in versions {
        list.register(Version {
            api: version.api.clone(),
            release: version.release.clone(),
            aliases: Vec::new(),
        })
        .unwrap();
    }
    list
}

impl Golden {
    fn compare(&self) {
        let folders = ["names", "src/shared", "src/versions"];
        let expected = &self.generated.files;
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            for folder in folders {
                let _ = fs::remove_dir_all(self.folder.join(folder));
            }
            for (path, content) in expected {
                let path = self.folder.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
        }
        let mut found = BTreeMap::new();
        for folder in folders {
            collect(&self.folder, &self.folder.join(folder), &mut found);
        }
        let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(expected), "run with UPDATE_GOLDEN=1");
        for (path, content) in expected {
            assert!(
                &found[path] == content,
                "{path} differs; run with UPDATE_GOLDEN=1 and look at the difference"
            );
        }
    }
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn json<T: serde::de::DeserializeOwned>(folder: &Path, name: &str) -> T {
    let text = text(folder, name);
    parse(Source { name, text: &text }).unwrap()
}

/// The files below a folder, by path from `root`.
fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy();
            files.insert(name.replace('\\', "/"), fs::read_to_string(&path).unwrap());
        }
    }
}

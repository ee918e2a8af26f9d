//! The files in `schemas/`.

use std::fs;
use std::path::Path;

use truenas_codegen::model::ApiVersion;
use truenas_codegen::read::{Source, parse};
use truenas_codegen::versions::VersionList;

fn stored(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn versions() -> VersionList {
    let text = stored("versions.json");
    let list: VersionList = parse(Source {
        name: "versions.json",
        text: &text,
    })
    .unwrap();
    assert_eq!(list.to_json(), text);
    list
}

#[test]
fn every_file_is_stable_and_follows_the_published_format() {
    let format = stored("schema.json");
    assert_eq!(format, ApiVersion::format_schema());
    let validator = jsonschema::validator_for(&serde_json::from_str(&format).unwrap()).unwrap();
    let list = versions();
    assert!(list.iter().count() > 0);
    for listed in &list {
        let name = format!("{}.json", listed.api);
        let text = stored(&name);
        let version: ApiVersion = parse(Source {
            name: &name,
            text: &text,
        })
        .unwrap();
        assert_eq!(
            (&version.api, &version.release),
            (&listed.api, &listed.release)
        );
        assert_eq!(version.to_json(), text, "{name}");
        validator
            .validate(&serde_json::from_str(&text).unwrap())
            .unwrap();
    }
}

#[test]
fn every_reference_leads_to_a_model() {
    for listed in &versions() {
        let text = stored(&format!("{}.json", listed.api));
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        for part in text.split("\"#/").skip(1) {
            let target = part.split('"').next().unwrap();
            let pointer = format!("/{target}");
            assert!(file.pointer(&pointer).is_some(), "{}: {target}", listed.api);
        }
    }
}

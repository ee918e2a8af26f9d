//! The files in `schemas/`.

use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use truenas_codegen::corrections::Corrections;
use truenas_codegen::model::{ApiVersion, format_schema};
use truenas_codegen::overrides::Overrides;
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

/// The schema of a file format, which has to be the one the code has.
fn published<T: JsonSchema>(name: &str) -> jsonschema::Validator {
    let format = stored(name);
    assert_eq!(format, format_schema::<T>(), "{name}");
    jsonschema::validator_for(&serde_json::from_str(&format).unwrap()).unwrap()
}

#[test]
fn the_lists_follow_their_published_formats() {
    for (file, validator) in [
        (
            "versions.json",
            published::<VersionList>("versions.schema.json"),
        ),
        (
            "overrides.json",
            published::<Overrides>("overrides.schema.json"),
        ),
        (
            "corrections.json",
            published::<Corrections>("corrections.schema.json"),
        ),
    ] {
        validator
            .validate(&serde_json::from_str(&stored(file)).unwrap())
            .unwrap();
    }
}

#[test]
fn every_file_is_stable_and_follows_the_published_format() {
    let validator = published::<ApiVersion>("schema.json");
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

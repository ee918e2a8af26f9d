//! The versions in `schemas/`, with their corrections: a version may not
//! describe less than the one before.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use truenas_codegen::corrections::{Corrections, correct};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::overrides::Overrides;
use truenas_codegen::read::{Source, parse};
use truenas_codegen::types::{Body, Type, Types, lower};
use truenas_codegen::versions::VersionList;

fn stored<T: DeserializeOwned>(name: &str) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    let text = fs::read_to_string(folder.join(name)).unwrap();
    parse(Source { name, text: &text }).unwrap()
}

fn versions() -> Vec<Types> {
    let corrections: Corrections = stored("corrections.json");
    let list: VersionList = stored("versions.json");
    let files = list.iter().map(|version| format!("{}.json", version.api));
    files
        .map(|file| {
            let mut version: ApiVersion = stored(&file);
            correct(&mut version, &corrections).unwrap();
            lower(&version, &Overrides::default())
        })
        .collect()
}

/// The methods with a typed query.
fn queries(version: &Types) -> BTreeSet<&str> {
    let methods = version.methods.iter();
    let typed = methods.filter(|(_, method)| version.fields(method).is_some());
    typed.map(|(name, _)| name.as_str()).collect()
}

/// The methods whose result is an object, or objects, with known keys.
fn described(version: &Types) -> BTreeSet<&str> {
    let methods = version.methods.iter();
    let described = methods.filter(|(_, method)| has_keys(version, &method.result));
    described.map(|(name, _)| name.as_str()).collect()
}

fn has_keys(version: &Types, result: &Type) -> bool {
    match result {
        Type::QueryResult(inner) | Type::List(inner) | Type::Optional(inner) | Type::Map(inner) => {
            has_keys(version, inner)
        }
        Type::Shape(id) => match &version.shapes[id.0].body {
            Body::Struct(object) => !object.fields.is_empty(),
            Body::Tagged(_) => true,
            Body::Union(union) => union.cases.iter().any(|case| has_keys(version, &case.ty)),
            _ => false,
        },
        _ => false,
    }
}

/// The methods whose result may be any object, or any value.
fn open(version: &Types) -> BTreeSet<&str> {
    let methods = version.methods.iter();
    let open = methods.filter(|(_, method)| is_open(&method.result));
    open.map(|(name, _)| name.as_str()).collect()
}

fn is_open(result: &Type) -> bool {
    match result {
        Type::Any => true,
        Type::QueryResult(inner) | Type::List(inner) | Type::Optional(inner) | Type::Map(inner) => {
            is_open(inner)
        }
        _ => false,
    }
}

#[test]
fn a_typed_query_stays_one() {
    let mut lost = Vec::new();
    for [earlier, later] in pairs(&versions()) {
        let (before, after) = (queries(earlier), queries(later));
        let gone = before.difference(&after);
        let kept = gone.filter(|name| later.methods.contains_key(**name));
        lost.extend(kept.map(|name| format!("{} {name}", later.api)));
    }
    assert_eq!(lost, [""; 0]);
}

#[test]
fn a_result_with_keys_does_not_become_any_object() {
    let mut lost = Vec::new();
    for [earlier, later] in pairs(&versions()) {
        let (before, after) = (described(earlier), open(later));
        let opened = before.intersection(&after);
        lost.extend(opened.map(|name| format!("{} {name}", later.api)));
    }
    assert_eq!(lost, [""; 0]);
}

/// Each version and the one before.
fn pairs(versions: &[Types]) -> Vec<[&Types; 2]> {
    versions
        .windows(2)
        .map(|pair| [&pair[0], &pair[1]])
        .collect()
}

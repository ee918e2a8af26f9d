//! The whole way from canonical versions to what `cargo xtask regen` writes.

use std::collections::{BTreeMap, BTreeSet};

use crate::emit::{self, EmitError, module_name};
use crate::features::Features;
use crate::model::ApiVersion;
use crate::names::{self, Names};
use crate::nullable;
use crate::overrides::Overrides;
use crate::report;
use crate::share::{self, Definition, Version};
use crate::types::{self, Types};
use crate::unify;
use crate::versions::{self, VersionList};

/// What is written.
#[derive(Debug)]
pub struct Generated {
    /// Files by path below `generated/`.
    pub files: BTreeMap<String, String>,
    /// The `[features]` of `generated/Cargo.toml`.
    pub features: String,
    /// The table of versions in the README.
    pub table: String,
    /// What each version has, in the order of the list.
    pub summary: Vec<Summary>,
    /// Lines of the overrides that match nothing.
    pub unused_overrides: Vec<String>,
}

/// What a version has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The API's name of the version.
    pub api: String,
    /// The version that says the same, if another one does.
    pub same_as: Option<String>,
    /// Methods, events, structs, enums and accessors.
    pub definitions: usize,
    /// How many of them an older version has as well.
    pub shared: usize,
    /// Where its definitions and its own modules are, below `generated/`.
    pub paths: BTreeSet<String>,
}

impl Generated {
    /// Whether one of these versions needs a file; what belongs to no version
    /// in particular is for all of them.
    #[must_use]
    pub fn is_for(&self, path: &str, versions: &[String]) -> bool {
        let mut owners = self
            .summary
            .iter()
            .filter(|version| version.paths.iter().any(|own| path.starts_with(own)))
            .peekable();
        owners.peek().is_none() || owners.any(|owner| versions.contains(&module_name(&owner.api)))
    }
}

/// Generates everything for these versions, which are in ascending order.
///
/// # Errors
///
/// If a schema asks for something that no Rust type can be.
pub fn generate(
    versions: &[ApiVersion],
    list: &VersionList,
    overrides: &Overrides,
) -> Result<Generated, EmitError> {
    let listed = list.iter().flat_map(versions::Version::names);
    let mut names = versions
        .iter()
        .map(|version| version.api.as_str())
        .chain(listed);
    if let Some(name) = names.find(|name| !versions::is_version_name(name)) {
        return Err(EmitError(format!(
            "{name:?} is no name of an API version; they are of the form v25.10.5"
        )));
    }
    let same = equal_versions(versions);
    let distinct: Vec<&ApiVersion> = versions
        .iter()
        .filter(|version| !same.contains_key(&version.api))
        .collect();
    let mut types: Vec<Types> = distinct
        .iter()
        .map(|version| types::lower(version, overrides))
        .collect();
    nullable::share(&mut types);
    let classes = unify::unify(&types);
    let versions_with_names: Vec<Version> = types
        .into_iter()
        .enumerate()
        .map(|(index, types)| {
            let names: Names = names::names(index, &types, &classes, overrides);
            let listed = list.iter().find(|listed| listed.api == types.api);
            Version {
                stable: listed.is_none_or(versions::Version::is_stable),
                types,
                names,
            }
        })
        .collect();
    let shared = share::share(&versions_with_names, &classes);
    let source = emit::emit(&versions_with_names, &classes, &shared)?;

    let features = Features::new(versions, list, &same);
    let mut files: BTreeMap<String, String> = source
        .files
        .into_iter()
        .map(|(path, content)| (format!("src/{path}"), content))
        .collect();
    files.insert("src/versions/mod.rs".to_owned(), features.modules()?);
    for (index, version) in versions_with_names.iter().enumerate() {
        let path = format!("names/{}.txt", module_name(&version.types.api));
        files.insert(path, report::names(index, version, &classes));
    }
    let summary = versions
        .iter()
        .map(|version| {
            let same_as = same.get(&version.api).cloned();
            let api = same_as.as_ref().unwrap_or(&version.api);
            let index = distinct.iter().position(|other| other.api == *api);
            let has = |set: &BTreeSet<usize>| index.is_some_and(|index| set.contains(&index));
            let definitions = shared.definitions.iter();
            let of_version: Vec<&Definition> = definitions
                .filter(|definition| has(&definition.versions))
                .collect();
            let older = of_version
                .iter()
                .filter(|definition| Some(definition.oldest()) != index);
            let module = module_name(api);
            let own = [
                format!("src/versions/{module}/"),
                format!("names/{module}.txt"),
            ];
            let sets = source.sets.iter().filter(|(_, set)| has(set));
            let sets = sets.map(|(name, _)| format!("src/shared/{name}/"));
            Summary {
                api: version.api.clone(),
                definitions: of_version.len(),
                shared: older.count(),
                paths: sets.chain(own).collect(),
                same_as,
            }
        })
        .collect();
    Ok(Generated {
        files,
        features: features.cargo(),
        table: features.table(),
        summary,
        unused_overrides: overrides.unused(),
    })
}

/// Versions that say the same as an older one, and which.
fn equal_versions(versions: &[ApiVersion]) -> BTreeMap<String, String> {
    let mut same = BTreeMap::new();
    for (index, version) in versions.iter().enumerate() {
        let older = versions.iter().take(index).find(|older| {
            older.methods == version.methods
                && older.events == version.events
                && older.models == version.models
        });
        if let Some(older) = older {
            same.insert(version.api.clone(), older.api.clone());
        }
    }
    same
}

//! The list of versions: `schemas/versions.json`, from which features, modules,
//! tables and test matrices follow.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All versions there are, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct VersionList(Vec<Version>);

/// One version of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The API's own name of it: `v25.10.5`.
    pub api: String,
    /// The TrueNAS release it was read from: `25.10.6`.
    pub release: String,
    /// Other names of the same version, sorted.
    pub aliases: Vec<String>,
}

impl Version {
    /// Whether it was read from a finished release, and not from a beta.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        !self.release.contains('-')
    }

    /// Returns all names of the version, its own first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.api)
            .chain(&self.aliases)
            .map(String::as_str)
    }
}

impl VersionList {
    /// The text of `schemas/versions.json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        format!("{value:#}\n")
    }

    /// The versions, the oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, Version> {
        self.0.iter()
    }

    /// Adds a version, in place of an earlier reading of it.
    ///
    /// # Errors
    ///
    /// Where one of its names belongs to another version.
    pub fn register(&mut self, mut version: Version) -> Result<(), String> {
        version.aliases.sort_by(|a, b| by_number(a, b));
        version.aliases.dedup();
        for name in version.names() {
            let owner = self
                .0
                .iter()
                .find(|other| other.api != version.api && other.names().any(|own| own == name));
            if let Some(owner) = owner {
                return Err(format!(
                    "{name} is a name of {} already: take it out of versions.json first",
                    owner.api
                ));
            }
        }
        self.check_series(&version)?;
        if version.aliases.contains(&version.api) {
            return Err(format!("{} cannot be an alias of itself", version.api));
        }
        self.0.retain(|other| other.api != version.api);
        self.0.push(version);
        self.0.sort_by(|a, b| by_number(&a.api, &b.api));
        Ok(())
    }
}

impl VersionList {
    /// Checks that no version of two numbers has the name of a series: `v25.10`
    /// cannot exist together with `v25.10.0`.
    fn check_series(&self, version: &Version) -> Result<(), String> {
        let others = self.0.iter().filter(|other| other.api != version.api);
        let names: Vec<&str> = version
            .names()
            .chain(others.flat_map(Version::names))
            .collect();
        for name in &names {
            if let Some(series) = series(name)
                && names.contains(&series)
            {
                return Err(format!(
                    "{series} would be ambiguous: it is the name of a version, and of the newest version in the series of {name}; remove one of the two"
                ));
            }
        }
        Ok(())
    }
}

impl<'a> IntoIterator for &'a VersionList {
    type Item = &'a Version;
    type IntoIter = std::slice::Iter<'a, Version>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The order of two versions: `v25.4.0` before `v25.10.0`.
#[must_use]
pub fn by_number(a: &str, b: &str) -> Ordering {
    let numbers = |name: &str| -> Vec<u64> {
        name.trim_start_matches('v')
            .split('.')
            .map(|number| number.parse().unwrap_or(u64::MAX))
            .collect()
    };
    numbers(a).cmp(&numbers(b)).then_with(|| a.cmp(b))
}

/// Returns the series of a version of three numbers: `v25.10` for `v25.10.5`. A
/// version of two numbers has no series.
#[must_use]
pub fn series(name: &str) -> Option<&str> {
    let (series, _) = name.rsplit_once('.')?;
    series.contains('.').then_some(series)
}

/// Returns whether this is the name of an API version: `v25.10.5`, `v24.10`.
#[must_use]
pub fn is_version_name(name: &str) -> bool {
    let Some(numbers) = name.strip_prefix('v') else {
        return false;
    };
    let numbers: Vec<&str> = numbers.split('.').collect();
    matches!(numbers.len(), 2 | 3)
        && numbers
            .iter()
            .all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

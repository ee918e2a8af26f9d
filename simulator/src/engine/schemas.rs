//! Where the schemas come from: built in, or a folder like `schemas/`. What is
//! read is corrected, as it is for the bindings.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs};

use truenas_codegen::corrections::{Corrections, correct};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::versions::{Version, VersionList};

include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

/// The API versions there are, each read when it is asked for.
#[derive(Debug, Clone)]
pub struct Schemas {
    list: VersionList,
    corrections: Arc<Corrections>,
    /// Built in where there is none.
    folder: Option<PathBuf>,
}

/// Why there is no system to simulate.
#[derive(Debug)]
pub struct LoadError(String);

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LoadError {}

impl LoadError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl Schemas {
    /// Those that this program was built with.
    ///
    /// # Errors
    ///
    /// None that tests would not have seen.
    pub fn embedded() -> Result<Self, LoadError> {
        Ok(Self {
            list: parse(VERSIONS, "the embedded versions.json")?,
            corrections: Arc::new(parse(CORRECTIONS, "the embedded corrections.json")?),
            folder: None,
        })
    }

    /// Those of a folder, which holds `versions.json`, a file for each version
    /// in it, and `corrections.json` if there is something to correct.
    ///
    /// # Errors
    ///
    /// If `versions.json` or `corrections.json` cannot be read, or is not valid.
    pub fn in_folder(folder: &Path) -> Result<Self, LoadError> {
        let read = |path: &Path| Ok((text(path)?, path.display().to_string()));
        let (list, origin) = read(&folder.join("versions.json"))?;
        let list = parse(&list, &origin)?;
        let corrections = folder.join("corrections.json");
        let corrections = match corrections.try_exists() {
            Ok(false) => Corrections::default(),
            _ => {
                let (corrections, origin) = read(&corrections)?;
                parse(&corrections, &origin)?
            }
        };
        Ok(Self {
            list,
            corrections: Arc::new(corrections),
            folder: Some(folder.to_owned()),
        })
    }

    /// The version that a name or an alias stands for.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Version> {
        self.list
            .iter()
            .find(|version| version.names().any(|own| own == name))
    }

    /// All versions, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Version> {
        self.list.iter()
    }

    /// Reads one version, with its corrections.
    ///
    /// # Errors
    ///
    /// If its file cannot be read, is not a version in the canonical form, or
    /// has no place for one of the corrections.
    pub fn read(&self, version: &Version) -> Result<ApiVersion, LoadError> {
        let mut read = self.published(version)?;
        correct(&mut read, &self.corrections).map_err(|error| LoadError(error.to_string()))?;
        Ok(read)
    }

    /// Reads one version as it is published.
    ///
    /// # Errors
    ///
    /// If its file cannot be read, or is not a version in the canonical form.
    pub fn published(&self, version: &Version) -> Result<ApiVersion, LoadError> {
        let (content, origin) = self.content(version)?;
        parse(&content, &origin)
    }

    /// The text of a version's file, and what errors call it.
    fn content(&self, version: &Version) -> Result<(Cow<'static, str>, String), LoadError> {
        let api = &version.api;
        match &self.folder {
            Some(folder) => {
                let path = folder.join(format!("{api}.json"));
                Ok((Cow::Owned(text(&path)?), path.display().to_string()))
            }
            None => {
                let content = FILES.iter().find(|(name, _)| name == api);
                let content = content.map(|(_, content)| *content).unwrap_or_default();
                Ok((Cow::Borrowed(content), format!("the embedded {api}.json")))
            }
        }
    }
}

fn text(path: &Path) -> Result<String, LoadError> {
    fs::read_to_string(path).map_err(|error| LoadError(format!("{}: {error}", path.display())))
}

fn parse<'a, T: serde::Deserialize<'a>>(content: &'a str, origin: &str) -> Result<T, LoadError> {
    serde_json::from_str(content).map_err(|error| LoadError(format!("{origin}: {error}")))
}

//! The folder `schemas/`.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use fs4::{FileExt, TryLockError};
use serde::de::DeserializeOwned;
use tempfile::NamedTempFile;
use truenas_codegen::corrections::{Corrections, correct};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::overrides::Overrides;
use truenas_codegen::read::{Source, parse};
use truenas_codegen::versions::VersionList;

use crate::output::tell;

/// Writing takes a fraction of a second.
const LOCK_ATTEMPTS: usize = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// Where the canonical files are.
#[derive(Debug, Clone, Args)]
pub(crate) struct Store {
    /// The folder with the canonical files
    #[arg(long = "schemas", value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas"), hide_default_value = true)]
    folder: PathBuf,
}

impl Store {
    /// The list of versions; empty where there is none yet.
    pub(crate) fn versions(&self) -> Result<VersionList> {
        let path = self.folder.join("versions.json");
        match path.try_exists() {
            Ok(false) => Ok(VersionList::default()),
            _ => load(&path),
        }
    }

    /// Returns a version in the canonical form, as published.
    pub(crate) fn published(&self, api: &str) -> Result<ApiVersion> {
        load(&self.folder.join(format!("{api}.json")))
    }

    /// The canonical form of a version, if there is one, listed or not.
    pub(crate) fn present(&self, api: &str) -> Result<Option<ApiVersion>> {
        match self.folder.join(format!("{api}.json")).try_exists() {
            Ok(false) => Ok(None),
            _ => self.published(api).map(Some),
        }
    }

    /// Returns versions with their corrections, as servers implement them.
    pub(crate) fn corrected<'a>(
        &self,
        apis: impl IntoIterator<Item = &'a String>,
    ) -> Result<Vec<ApiVersion>> {
        let corrections = self.corrections()?;
        let list = self.versions()?;
        corrections.check_versions(list.iter().map(|version| version.api.as_str()))?;
        let mut versions = Vec::new();
        for api in apis {
            let mut version = self.published(api)?;
            correct(&mut version, &corrections)?;
            versions.push(version);
        }
        Ok(versions)
    }

    /// Returns the corrections of the schemas; empty if the file does not
    /// exist.
    fn corrections(&self) -> Result<Corrections> {
        let path = self.folder.join("corrections.json");
        match path.try_exists() {
            Ok(false) => Ok(Corrections::default()),
            _ => load(&path),
        }
    }

    /// What no schema says.
    pub(crate) fn overrides(&self) -> Result<Overrides> {
        load(&self.folder.join("overrides.json"))
    }

    /// Whether a file is there and holds this.
    pub(crate) fn holds(&self, name: &str, text: &str) -> bool {
        fs::read(self.folder.join(name)).is_ok_and(|bytes| bytes == text.as_bytes())
    }

    /// Lets nobody else write as long as the answer lives: who reads the list of
    /// versions to add to it would lose what another adds meanwhile.
    pub(crate) fn lock(&self) -> Result<File> {
        self.create()?;
        let path = self.folder.join(".lock");
        let mut options = File::options();
        let file = options.create(true).write(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        for _ in 0..LOCK_ATTEMPTS {
            // Called by its full name, as from Rust 1.89 on files have one as well.
            match FileExt::try_lock(&file) {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => {
                    let what = format_args!(
                        "{} cannot be locked ({error}): let nobody else write there now",
                        path.display()
                    );
                    tell("note", what);
                    return Ok(file);
                }
            }
        }
        bail!("another run writes there: {} is locked", path.display())
    }

    /// Replaces files, each of them whole or not at all. All are written out
    /// before the first one takes its place.
    pub(crate) fn write(&self, files: &[(String, String)]) -> Result<()> {
        self.create()?;
        let mut ready = Vec::new();
        for (name, text) in files {
            let path = self.folder.join(name);
            let file = temporary(&self.folder, text)
                .with_context(|| format!("cannot write {}", path.display()))?;
            ready.push((file, path));
        }
        for (file, path) in ready {
            file.persist(&path)
                .with_context(|| format!("cannot replace {}", path.display()))?;
        }
        Ok(())
    }

    fn create(&self) -> Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))
    }
}

fn load<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let name = &path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    Ok(parse(Source { name, text: &text })?)
}

/// Replaces a file whole.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a file without a folder")?;
    temporary(folder, text)?.persist(path)?;
    Ok(())
}

fn temporary(folder: &Path, text: &str) -> Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    share(&file)?;
    Ok(file)
}

/// A temporary file is for its owner's eyes only, these files are not.
#[cfg(unix)]
fn share(file: &NamedTempFile) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(0o644))?;
    Ok(())
}

#[cfg(not(unix))]
fn share(_: &NamedTempFile) -> Result<()> {
    Ok(())
}

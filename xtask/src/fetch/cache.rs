//! What was fetched before, on disk: for asking whether it has changed, and
//! for going on after a break.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempDir};

/// A folder with two files for each address: what was there, and beside it in
/// `.json` what the server said about it.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    /// How the server is known and reached: what one way gave is no answer to
    /// another.
    way: String,
    /// Exists as long as this does.
    _temporary: Option<TempDir>,
}

/// What the server said about a file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Label {
    url: String,
    /// By which a server knows whether it has changed.
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    sha256: String,
}

impl Label {
    pub(super) fn new(url: &Url, etag: Option<String>, last_modified: Option<String>) -> Self {
        Self {
            url: url.to_string(),
            etag,
            last_modified,
            sha256: String::new(),
        }
    }
}

impl Cache {
    pub(super) fn open(folder: PathBuf, way: String) -> Result<Self> {
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create the cache {}", folder.display()))?;
        Ok(Self {
            folder,
            way,
            _temporary: None,
        })
    }

    /// For what anybody may have sent: it is gone in the end.
    pub(super) fn temporary() -> Result<Self> {
        let folder = TempDir::new().context("cannot create a temporary folder")?;
        Ok(Self {
            folder: folder.path().to_owned(),
            way: String::new(),
            _temporary: Some(folder),
        })
    }

    /// What is known about an address and where its file is: only if the file
    /// is whole.
    pub(super) fn find(&self, url: &Url) -> Option<(Label, PathBuf)> {
        let (body, label) = self.paths(url);
        let label: Label = serde_json::from_slice(&fs::read(label).ok()?).ok()?;
        let whole = label.url == url.as_str() && label.sha256 == sha256(&body).ok()?;
        whole.then_some((label, body))
    }

    /// A file to fill. Unless it is kept, it is removed in the end.
    pub(super) fn draft(&self) -> Result<NamedTempFile> {
        NamedTempFile::new_in(&self.folder)
            .with_context(|| format!("cannot write into the cache {}", self.folder.display()))
    }

    /// Keeps what was filled for the next time.
    pub(super) fn keep(
        &self,
        url: &Url,
        draft: NamedTempFile,
        mut label: Label,
    ) -> Result<PathBuf> {
        let (body, path) = self.paths(url);
        let fail = || format!("cannot write {}", body.display());
        label.sha256 = sha256(draft.path()).with_context(fail)?;
        // The label comes last: without the right one, a file is not there.
        draft.persist(&body).with_context(fail)?;
        crate::store::replace(&path, &serde_json::to_string(&label)?)?;
        Ok(body)
    }

    fn paths(&self, url: &Url) -> (PathBuf, PathBuf) {
        let body = self
            .folder
            .join(hex(Sha256::digest(format!("{} {url}", self.way))));
        let label = body.with_extension("json");
        (body, label)
    }
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut file = BufReader::new(File::open(path)?);
    let mut hash = Sha256::new();
    loop {
        let piece = file.fill_buf()?;
        if piece.is_empty() {
            return Ok(hex(hash.finalize()));
        }
        hash.update(piece);
        let read = piece.len();
        file.consume(read);
    }
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    let bytes = digest.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

//! What was fetched before, on disk: for asking whether it has changed, and
//! for going on after a break.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use fs4::FileExt;
use reqwest::{Response, Url};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::{Builder, NamedTempFile, TempDir, TempPath};

use super::draft::Draft;
use super::part::Part;

/// How the names of files begin that are not whole.
const UNFINISHED: &str = ".fetching-";
/// Nobody writes for so long without a byte.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder with two files for each address: what was there, and beside it in
/// `.json` what the server said about it.
///
/// A file that can be gone on with is in `.part` until it is whole, and how much
/// of it has come in `.part.json`. Both go once the file is whole, has not
/// changed or is there no more; if nobody asks again, they stay. So does an
/// empty `.lock`: whoever removed it could not know who waits for it.
///
/// Whatever else is being written is in a `.fetching-…` until it is whole. That
/// of a process that was killed goes when the folder is opened a day later.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    /// How the server is known and reached: what one way gave is no answer to
    /// another.
    way: String,
    /// Exists as long as this does.
    _temporary: Option<TempDir>,
}

/// What the cache has of one address.
#[derive(Debug)]
pub(super) struct Entry<'c> {
    cache: &'c Cache,
    url: Url,
    body: PathBuf,
    /// Locked as long as this is open. Who does not have it touches no part.
    lock: Option<File>,
}

/// What the server said about a file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Label {
    url: String,
    /// By which a server knows whether it has changed.
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    pub(super) sha256: String,
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
        tidy(&folder);
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

    /// What there is of an address. Parts only if there may be some, and nobody
    /// else has them at hand.
    pub(super) fn entry(&self, url: &Url, with_part: bool) -> Entry<'_> {
        let name = hex(Sha256::digest(format!("{} {url}", self.way)));
        let body = self.folder.join(name);
        let lock = with_part.then(|| lock(&body.with_extension("lock")));
        Entry {
            cache: self,
            url: url.clone(),
            body,
            lock: lock.flatten(),
        }
    }
}

impl Entry<'_> {
    /// What is known about the file and where it is: only if it is whole.
    pub(super) fn whole(&self) -> Option<(Label, PathBuf)> {
        let label = fs::read(self.file("json")).ok()?;
        let label: Label = serde_json::from_slice(&label).ok()?;
        let hash = hash(&File::open(&self.body).ok()?).ok()?;
        let is_whole = label.url == self.url.as_str() && label.sha256 == hex(hash.finalize());
        is_whole.then(|| (label, self.body.clone()))
    }

    /// What came of it before a break.
    pub(super) fn part(&self) -> Option<Draft> {
        self.lock.as_ref()?;
        Draft::resume(self.file("part"), self.file("part.json"))
    }

    /// A file for what this answer has.
    pub(super) fn begin(&self, response: &Response) -> Result<Draft> {
        self.discard();
        let fail = || {
            format!(
                "cannot write into the cache {}",
                self.cache.folder.display()
            )
        };
        let part = Part::none(&self.url, response);
        if self.lock.is_none() {
            let file = unfinished(&self.cache.folder).with_context(fail)?;
            return Ok(Draft::new(file, part, None));
        }
        // Of this name even if nobody goes on with it, so that what is left of a
        // process that was killed goes with the next answer.
        let path = self.file("part");
        let file = File::create(&path).with_context(fail)?;
        let file = NamedTempFile::from_parts(file, TempPath::try_from_path(path)?);
        let notes = part.is_lasting(response.headers());
        let notes = notes.then(|| self.file("part.json"));
        Ok(Draft::new(file, part, notes))
    }

    /// Removes what came, if it is at hand.
    pub(super) fn discard(&self) {
        if self.lock.is_some() {
            for file in ["part.json", "part"] {
                // Where it cannot be removed, it is no better and no worse than
                // before.
                let _ = fs::remove_file(self.file(file));
            }
        }
    }

    /// Keeps what was filled for the next time.
    pub(super) fn keep(&self, draft: Draft) -> Result<PathBuf> {
        let (file, label) = draft.finish();
        // The label comes last: without the right one, a file is not there.
        file.persist(&self.body)
            .with_context(|| format!("cannot write {}", self.body.display()))?;
        replace(&self.file("json"), &label)?;
        self.discard();
        Ok(self.body.clone())
    }

    /// Removes the whole file; whether there was one.
    pub(super) fn forget(&self) -> bool {
        let was_labelled = fs::remove_file(self.file("json")).is_ok();
        // Without its label it is not there, even where it is still open.
        let _ = fs::remove_file(&self.body);
        was_labelled
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.body.with_extension(extension)
    }
}

/// Replaces a file whole by one in JSON.
pub(super) fn replace(path: &Path, value: &impl Serialize) -> Result<()> {
    let folder = path.parent().context("a file without a folder")?;
    let mut file = unfinished(folder)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    file.persist(path)?;
    Ok(())
}

fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    Builder::new().prefix(UNFINISHED).tempfile_in(folder)
}

/// Removes what nobody finishes any more. What cannot be removed is in nobody's
/// way.
fn tidy(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let is_unfinished = name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes());
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let age = changed.ok().and_then(|changed| changed.elapsed().ok());
        if is_unfinished && age.is_some_and(|age| age >= ABANDONED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Locks a file, unless somebody else does, or the file system has no locks.
fn lock(path: &Path) -> Option<File> {
    let mut options = File::options();
    let file = options.create(true).write(true).truncate(false).open(path);
    let file = file.ok()?;
    // Called by its full name, as from Rust 1.89 on files have one as well.
    FileExt::try_lock(&file).ok()?;
    Some(file)
}

/// The hash of everything in a file.
pub(super) fn hash(file: &File) -> io::Result<Sha256> {
    let mut file = BufReader::new(file);
    let mut hash = Sha256::new();
    loop {
        let piece = file.fill_buf()?;
        if piece.is_empty() {
            return Ok(hash);
        }
        hash.update(piece);
        let read = piece.len();
        file.consume(read);
    }
}

pub(super) fn hex(digest: impl AsRef<[u8]>) -> String {
    let bytes = digest.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

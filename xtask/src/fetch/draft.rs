//! A file on its way into the cache.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

use super::cache::{Label, hash, hex, replace};
use super::part::Part;

/// After how many bytes it is written down what has come: so many can be lost
/// to a break.
const STEP: u64 = 256 << 10;

/// A file that is being filled. In the end it is removed, unless it is kept or
/// can be gone on with.
#[derive(Debug)]
pub(super) struct Draft {
    file: NamedTempFile,
    hash: Sha256,
    pub(super) part: Part,
    /// Where it is written down what has come, if it can be gone on with.
    notes: Option<PathBuf>,
    /// How much was written down.
    noted: u64,
}

impl Draft {
    /// One with nothing in it.
    pub(super) fn new(file: NamedTempFile, part: Part, notes: Option<PathBuf>) -> Self {
        Self {
            file,
            hash: Sha256::new(),
            part,
            notes,
            noted: 0,
        }
    }

    /// What came before a break, as far as it was written down and is still the
    /// same.
    pub(super) fn resume(path: PathBuf, notes: PathBuf) -> Option<Self> {
        let part: Part = serde_json::from_slice(&fs::read(&notes).ok()?).ok()?;
        let file = File::options().read(true).write(true).open(&path).ok()?;
        file.metadata()
            .ok()
            .filter(|file| file.len() >= part.size)?;
        // What is behind was not written down any more.
        file.set_len(part.size).ok()?;
        let hash = hash(&file).ok()?;
        if hex(hash.clone().finalize()) != part.label.sha256 {
            return None;
        }
        let mut file = NamedTempFile::from_parts(file, TempPath::try_from_path(path).ok()?);
        file.disable_cleanup(true);
        Some(Self {
            file,
            hash,
            noted: part.size,
            part,
            notes: Some(notes),
        })
    }

    pub(super) fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.file
            .write_all(piece)
            .context("cannot write the cache")?;
        self.hash.update(piece);
        let size = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.part.size = self.part.size.saturating_add(size);
        match self.part.size.saturating_sub(self.noted) >= STEP {
            true => self.note(),
            false => Ok(()),
        }
    }

    /// Writes down what has come.
    pub(super) fn note(&mut self) -> Result<()> {
        let Some(notes) = self.notes.as_ref().filter(|_| self.part.size > self.noted) else {
            return Ok(());
        };
        self.part.label.sha256 = hex(self.hash.clone().finalize());
        replace(notes, &self.part)?;
        self.file.disable_cleanup(true);
        self.noted = self.part.size;
        Ok(())
    }

    /// The file, and the label for what is in it.
    pub(super) fn finish(self) -> (NamedTempFile, Label) {
        let mut label = self.part.label;
        label.sha256 = hex(self.hash.finalize());
        (self.file, label)
    }
}

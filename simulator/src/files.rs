//! What was uploaded, to be downloaded again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;

use crate::engine::Failure;

/// How many bytes are kept in all.
pub(crate) const MOST_BYTES: usize = 64 << 20;
/// How many files are kept.
const MOST_FILES: usize = 1000;

/// The contents of files, by path. They are kept in memory alone.
#[derive(Default)]
pub(crate) struct Files(Mutex<BTreeMap<String, Bytes>>);

impl Files {
    /// Writes a file, or adds to its end.
    pub(crate) fn put(&self, path: &str, content: Bytes, append: bool) -> Result<(), Failure> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let content = match files.get(path) {
            Some(begun) if append => [begun.as_ref(), content.as_ref()].concat().into(),
            _ => content,
        };
        let others = files.iter().filter(|(other, _)| *other != path);
        let held: usize = others.map(|(_, content)| content.len()).sum();
        if held + content.len() > MOST_BYTES || files.len() >= MOST_FILES {
            let message = format!("The simulator keeps at most {MOST_BYTES} bytes of files");
            return Err(Failure::call(28, "ENOSPC", &message));
        }
        files.insert(path.to_owned(), content);
        Ok(())
    }

    /// Reads a file.
    pub(crate) fn get(&self, path: &str) -> Result<Bytes, Failure> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = files.get(path).cloned();
        found.ok_or_else(|| Failure::call(2, "ENOENT", "File does not exist"))
    }
}

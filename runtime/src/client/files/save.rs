//! A file that appears when it is whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::AsyncWrite;

use super::error::TransferError;
use crate::client::error::Error;

/// A file that is being written beside the one it is to become, and is removed
/// unless it is kept.
pub(super) struct Unfinished {
    file: File,
    beside: TempPath,
    path: PathBuf,
}

impl Unfinished {
    pub(super) async fn beside(path: &Path) -> Result<Self, Error> {
        let fail = |source| {
            let path = Some(path.to_owned());
            Error::from(TransferError::Write { path, source })
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        // What runs on another thread fails there only if the runtime ends.
        let made = tokio::task::spawn_blocking(move || NamedTempFile::new_in(folder)).await;
        let (file, beside) = made
            .map_err(std::io::Error::from)
            .and_then(|made| made)
            .map_err(fail)?
            .into_parts();
        Ok(Self {
            file: File::from_std(file),
            beside,
            path: path.to_owned(),
        })
    }

    pub(super) fn writer(&mut self) -> &mut (impl AsyncWrite + use<>) {
        &mut self.file
    }

    /// The same error, saying which file could not be written.
    pub(super) fn name_in(&self, error: Error) -> Error {
        match error {
            Error::Transfer(error) => match Arc::try_unwrap(error) {
                Ok(TransferError::Write { source, .. }) => self.failed(source),
                Ok(error) => error.into(),
                Err(error) => Error::Transfer(error),
            },
            error => error,
        }
    }

    /// Gives the file its name.
    pub(super) async fn keep(self) -> Result<(), Error> {
        self.file
            .sync_all()
            .await
            .map_err(|source| self.failed(source))?;
        let Self { file, beside, path } = self;
        drop(file);
        let to = path.clone();
        let kept = tokio::task::spawn_blocking(move || beside.persist(to)).await;
        let kept = kept
            .map_err(std::io::Error::from)
            .and_then(|kept| kept.map_err(std::io::Error::from));
        kept.map_err(|source| {
            TransferError::Write {
                path: Some(path),
                source,
            }
            .into()
        })
    }

    fn failed(&self, source: std::io::Error) -> Error {
        TransferError::Write {
            path: Some(self.path.clone()),
            source,
        }
        .into()
    }
}

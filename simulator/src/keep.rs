//! `--state`: the state in a file that follows every change.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fs4::{FileExt, TryLockError};
use tokio::sync::watch;

use crate::builder::StartError;
use crate::engine::Engine;

/// Changes that come so soon behind another are written together: a simulator
/// that is killed loses no more than these.
const PAUSE: Duration = Duration::from_millis(250);

/// The file, as long as it is this simulator's own.
pub(crate) struct StateFile {
    path: PathBuf,
    /// Locked while this is open, even by a process that is killed. It is not
    /// the file itself, as that one is replaced by each writing.
    _lock: File,
}

impl StateFile {
    /// Takes the file, which may not be there yet, for this simulator alone.
    pub(crate) fn open(path: PathBuf) -> Result<Self, StartError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let name = path.with_file_name(name);
        let problem = |error: &dyn std::fmt::Display| {
            StartError::new(&format!("the state {}", path.display()), error)
        };
        if path.is_dir() {
            return Err(problem(&"it is a folder, and should be a file in one"));
        }
        let lock = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&name)
            .map_err(|error| problem(&error))?;
        // Called by its full name, as from Rust 1.89 on files have one as well.
        match FileExt::try_lock(&lock) {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(problem(&"another simulator keeps its state there"))
            }
            Err(TryLockError::Error(error)) => Err(problem(&error)),
        }
    }

    /// Takes up what the file holds.
    pub(crate) fn restore(&self, engine: &Engine) -> Result<(), StartError> {
        let restored = engine.restore(&self.path);
        restored.map_err(|error| StartError::new("reading the state", &error))
    }

    /// Writes all of the state.
    pub(crate) fn save(&self, engine: &Engine) -> Result<(), StartError> {
        let saved = engine.save(&self.path);
        saved.map_err(|error| StartError::new("writing the state", &error))
    }
}

/// Writes the state after each change, until the simulator ends.
pub(crate) async fn follow(
    file: Arc<StateFile>,
    engine: Arc<Engine>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            () = engine.changed() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let (file, engine) = (Arc::clone(&file), Arc::clone(&engine));
        // What cannot be written now is tried again with the next change, and
        // at the end, where it is an error that somebody hears of.
        let _ = tokio::task::spawn_blocking(move || file.save(&engine)).await;
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

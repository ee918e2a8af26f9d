//! Jobs.

use std::fmt;

use super::wait::Waiter;
use crate::client::{self, Error, JobStatus, Progress};
use crate::json::Json;

/// A job that was started, as [`client::JobHandle`].
///
/// Dropping it neither ends nor harms the job.
#[derive(Clone)]
pub struct JobHandle<R> {
    pub(super) inner: client::JobHandle<R>,
    pub(super) waiter: Waiter,
}

impl<R> JobHandle<R> {
    pub(super) fn new(inner: client::JobHandle<R>, waiter: &Waiter) -> Self {
        Self {
            inner,
            waiter: waiter.clone(),
        }
    }

    /// The job's number.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.inner.id()
    }

    /// The method that started it.
    #[must_use]
    pub fn method(&self) -> &str {
        self.inner.method()
    }

    /// How far the job is, again and again until it has ended; how it has
    /// ended [`wait`](Self::wait) tells.
    #[must_use]
    pub fn progress(&self) -> ProgressSteps {
        ProgressSteps {
            steps: self.inner.progress(),
            waiter: self.waiter.clone(),
        }
    }

    /// What the server says of the job now.
    ///
    /// # Errors
    ///
    /// Those of any call; [`Error::JobLost`] if the server does not know the job.
    pub fn status(&self) -> Result<JobStatus, Error> {
        self.waiter.wait(self.inner.status())?
    }

    /// Asks the server to end the job.
    ///
    /// # Errors
    ///
    /// Those of any call: not every job can be aborted.
    pub fn abort(&self) -> Result<(), Error> {
        self.waiter.wait(self.inner.abort())?
    }
}

impl<R: Json> JobHandle<R> {
    /// Waits for the end of the job, however long that takes, and gives what
    /// it ended with.
    ///
    /// # Errors
    ///
    /// Those of [`client::JobHandle::wait`].
    pub fn wait(&self) -> Result<R, Error> {
        self.waiter.wait(self.inner.wait())?
    }
}

impl<R> fmt::Debug for JobHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// How far a job is, again and again; see [`JobHandle::progress`].
pub struct ProgressSteps {
    steps: client::ProgressStream,
    waiter: Waiter,
}

impl Iterator for ProgressSteps {
    type Item = Progress;

    fn next(&mut self) -> Option<Progress> {
        // Where nobody may wait there are no steps, and `wait` tells why.
        self.waiter.wait(self.steps.next()).ok().flatten()
    }
}

impl fmt::Debug for ProgressSteps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressSteps")
    }
}

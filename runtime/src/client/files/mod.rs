//! Files that go to a job or come from one, over HTTP beside the socket.
//!
//! A request for a job takes a file by [`JobRequest::upload`] and gives one by
//! [`JobRequest::download`]; [`JobHandle::logs`] is a download as well. All of
//! them go to where the socket goes, trust whom it trusts, and ask no proxy.
//! None holds more than a few pieces of the file at once, however large it is.
//!
//! Nothing is tried twice here, since the server can do no part of a transfer
//! again: it takes and gives every file from the beginning, and every job once.
//! What a program may do after a failure stands at [`Upload`] and
//! [`DownloadRequest`].
//!
//! ```no_run
//! use truenas_runtime::{Job, JobRequest};
//! use truenas_runtime::client::{Session, Source};
//!
//! async fn copy<Get: Job, Put: Job>(
//!     get: JobRequest<'_, Session, Get>,
//!     put: JobRequest<'_, Session, Put>,
//! ) -> Result<(), Box<dyn std::error::Error>> {
//!     get.download().await?.save("/tmp/tank.conf").await?;
//!
//!     let job = put.upload(Source::open("/tmp/tank.conf").await?).await?;
//!     job.wait().await?;
//!     Ok(())
//! }
//! ```
//!
//! [`JobRequest::upload`]: crate::JobRequest::upload
//! [`JobRequest::download`]: crate::JobRequest::download
//! [`JobHandle::logs`]: super::JobHandle::logs

mod download;
mod error;
mod save;
mod source;
mod upload;
mod web;

use std::fmt;

pub use download::{Download, DownloadRequest};
pub use error::{Refusal, TransferError};
pub use source::Source;
pub use upload::Upload;

/// How much of a transfer is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// Bytes so far.
    pub bytes: u64,
    /// Bytes in all, where that is known: the server does not tell how large
    /// a download is going to be.
    pub total: Option<u64>,
}

impl fmt::Display for Transferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(f, "{} of {total} bytes", self.bytes),
            None => write!(f, "{} bytes", self.bytes),
        }
    }
}

/// What is told how much of a transfer is done.
type OnProgress = Box<dyn FnMut(Transferred) + Send>;

//! The client: a connection to a TrueNAS that is logged in and stays so.
//!
//! [`Client::builder`] makes one. All it does over the wire follows from what
//! TrueNAS documents and does: JSON-RPC 2.0 over one WebSocket.

pub mod auth;
mod builder;
mod bulk;
mod cases;
mod config;
mod driver;
mod endpoint;
mod errno;
mod error;
#[cfg(feature = "files")]
mod files;
mod follower;
mod frame;
mod http;
mod job;
mod notice;
mod session;
mod socket;
mod stream;
mod subscription;
pub mod trust;

use std::fmt;
use std::ops::Deref;

pub use auth::{ApiKey, Auth};
pub use builder::Builder;
pub use bulk::{BulkError, BulkItem};
pub use config::{Interrupted, Reconnect, Replay};
pub use driver::Status;
pub use endpoint::{Endpoint, EndpointError};
pub use errno::Errno;
pub use error::{CallError, ConnectError, Error, FieldError, JobFailure};
#[cfg(feature = "files")]
pub use files::{Download, DownloadRequest, Refusal, Source, TransferError, Transferred, Upload};
pub use job::{JobHandle, JobState, JobStatus, Progress, ProgressStream};
pub use notice::{AnyEvent, Hidden, Notice, Partial, RawEvent};
pub use session::Session;
pub use stream::ByteStream;
pub use subscription::Subscription;
pub use trust::{Fingerprint, Trust};

use crate::api::Api;

/// A client of one version of the API.
///
/// Everything that the API offers is a function of it: `nas.pool()` is the
/// service `pool`. What is not part of the API is in [`session`](Self::session).
///
/// Cheap to clone; all copies share the connection.
pub struct Client<A: Api> {
    session: Session,
    services: A::Services<Session>,
}

impl<A: Api> Client<A> {
    /// Returns a builder of a client for the server at this address:
    /// `nas.example`, the address of the web interface, `ws://nas.example` for
    /// an unencrypted connection, or `unix:/run/middleware/middlewared.sock` on
    /// the appliance itself. See [`Endpoint`].
    pub fn builder(address: &str) -> Builder<A> {
        Builder::new(address)
    }

    /// A client over a session that is there already, which then should speak
    /// the same version.
    #[must_use]
    pub fn over(session: Session) -> Self {
        Self {
            services: A::services(session.clone()),
            session,
        }
    }

    /// The connection itself: calls by name, its status, closing it.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }
}

impl<A: Api> Deref for Client<A> {
    type Target = A::Services<Session>;

    fn deref(&self) -> &Self::Target {
        &self.services
    }
}

impl<A: Api> Clone for Client<A> {
    fn clone(&self) -> Self {
        Self::over(self.session.clone())
    }
}

impl<A: Api> fmt::Debug for Client<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.session).finish()
    }
}

//! The client for programs that are not async: what is awaited there is sent
//! here, by `send`, and streams are iterators.
//!
//! ```no_run
//! # use truenas_runtime::{Api, Transport};
//! use truenas_runtime::blocking::Client;
//! use truenas_runtime::client::{Auth, Error};
//!
//! # fn main() {}
//! fn ping<A: Api>() -> Result<(), Error> {
//!     let nas = Client::<A>::builder("wss://nas.example")
//!         .login(Auth::password("admin", "secret"))
//!         .connect()?;
//!     nas.session().ping()
//! }
//! ```
//!
//! A client brings a thread of its own, which keeps the connection. Any thread
//! may wait for it but those of an async runtime: there every call is
//! [`Error::InAsync`], and nothing blocks or panics.
//!
//! [`Error::InAsync`]: crate::client::Error::InAsync

mod builder;
mod calls;
#[cfg(feature = "files")]
mod files;
mod job;
mod query;
mod session;
mod subscription;
mod wait;

use std::fmt;
use std::ops::Deref;

pub use builder::Builder;
#[cfg(feature = "files")]
pub use files::{Download, DownloadRequest, Source, Upload};
pub use job::{JobHandle, ProgressSteps};
pub use query::Entries;
pub use session::Session;
pub use subscription::Subscription;

use crate::api::Api;

/// A client of one version of the API, as [`client::Client`](crate::client::Client).
///
/// Cheap to clone; all copies share the connection.
pub struct Client<A: Api> {
    session: Session,
    services: A::Services<Session>,
}

impl<A: Api> Client<A> {
    /// A client for the server at this address, see
    /// [`client::Client::builder`](crate::client::Client::builder).
    pub fn builder(address: &str) -> Builder<A> {
        Builder::new(address)
    }

    fn over(session: Session) -> Self {
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

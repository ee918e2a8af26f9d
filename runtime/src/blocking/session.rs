//! The connection.

use std::fmt;

use futures_util::StreamExt as _;
use serde_json::Value;

use super::job::JobHandle;
use super::subscription::Subscription;
use super::wait::Waiter;
use crate::answer::Answer;
use crate::client::{self, AnyEvent, BulkItem, Error, Status};
use crate::method::Method;

/// A connection to a TrueNAS, as [`client::Session`].
///
/// Cheap to clone; all copies share the connection, which is closed when the
/// last one is gone, iterators and job handles included.
#[derive(Clone)]
pub struct Session {
    pub(super) inner: client::Session,
    pub(super) waiter: Waiter,
}

impl Session {
    /// Calls a method by name, see [`client::Session::call_raw`].
    ///
    /// # Errors
    ///
    /// All of [`Error`] but those of jobs.
    pub fn call_raw(&self, method: &str, params: Vec<Value>) -> Result<Answer, Error> {
        self.waiter.wait(self.inner.call_raw(method, params))?
    }

    /// Waits until the server answers a call that does nothing.
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub fn ping(&self) -> Result<(), Error> {
        self.waiter.wait(self.inner.ping())?
    }

    /// Calls a method once for each of these parameters, see
    /// [`client::Session::bulk`].
    ///
    /// # Errors
    ///
    /// Those of any call; [`Error::TooLarge`] if it is too much for one message.
    pub fn bulk<M: Method>(
        &self,
        calls: impl IntoIterator<Item = M::Params>,
    ) -> Result<JobHandle<Vec<BulkItem<M::Result>>>, Error> {
        let job = self.waiter.wait(self.inner.bulk::<M>(calls))??;
        Ok(JobHandle::new(job, &self.waiter))
    }

    /// A handle of a job that was started before, see [`client::Session::job`].
    ///
    /// # Errors
    ///
    /// That the client is at its end.
    pub fn job<M: Method>(&self, id: i64) -> Result<JobHandle<M::Result>, Error> {
        let job = self.waiter.wait(self.inner.job::<M>(id))??;
        Ok(JobHandle::new(job, &self.waiter))
    }

    /// Subscribes to an event by name; see [`client::Session::subscribe_raw`].
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub fn subscribe_raw(&self, name: &str) -> Result<Subscription<AnyEvent>, Error> {
        let events = self.waiter.wait(self.inner.subscribe_raw(name))??;
        Ok(Subscription::new(events, &self.waiter))
    }

    /// Whether there is a connection right now. Calls need not look: they wait
    /// for the next one.
    #[must_use]
    pub fn status(&self) -> Status {
        self.inner.status()
    }

    /// The status now, and each one that follows, up to [`Status::Closed`], see
    /// [`client::Session::statuses`].
    pub fn statuses(&self) -> impl Iterator<Item = Status> + use<> {
        let waiter = self.waiter.clone();
        let mut statuses = self.inner.statuses();
        std::iter::from_fn(move || waiter.wait(statuses.next()).ok().flatten())
    }

    /// Who is logged in, as the server told at the first login; `None` if
    /// nobody logged in.
    #[must_use]
    pub fn user(&self) -> Option<&Value> {
        self.inner.user()
    }

    /// Closes the connection, see [`client::Session::close`].
    ///
    /// # Errors
    ///
    /// [`Error::InAsync`].
    pub fn close(&self) -> Result<(), Error> {
        self.waiter.wait(self.inner.close())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

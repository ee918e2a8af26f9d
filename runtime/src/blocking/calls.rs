//! Requests that are sent and waited for.

use super::job::JobHandle;
use super::session::Session;
use super::subscription::Subscription;
use crate::client::Error;
use crate::error::DecodeError;
use crate::event::Event;
use crate::json::Json;
use crate::method::{Job, Method};
use crate::request::{JobRequest, Request};
use crate::subscribe::Subscribe;
use crate::transport::{call, call_each};

impl<M: Method> Request<'_, Session, M> {
    /// Sends the call and waits for the answer.
    ///
    /// # Errors
    ///
    /// All of [`Error`] but those of jobs.
    pub fn send(self) -> Result<M::Result, Error> {
        let Session { inner, waiter } = self.client;
        waiter.wait(call(inner, self.call))?
    }
}

impl<M: Method<Result = Vec<T>>, T: Json> Request<'_, Session, M> {
    /// Sends the call and returns each item of the resulting list, with an
    /// error in place of each item that does not fit its type.
    ///
    /// # Errors
    ///
    /// The errors of any call, and an error if the answer is not a list.
    pub fn each(self) -> Result<Vec<Result<T, DecodeError>>, Error> {
        let Session { inner, waiter } = self.client;
        waiter.wait(call_each(inner, self.call, 0))?
    }
}

impl<M: Job> JobRequest<'_, Session, M> {
    /// Starts the job and gives a handle that follows it.
    ///
    /// # Errors
    ///
    /// All of [`Error`] but those of jobs.
    pub fn send(self) -> Result<JobHandle<M::Result>, Error> {
        let Session { inner, waiter } = self.client;
        let job = waiter.wait(self.over(inner).into_future())??;
        Ok(JobHandle::new(job, waiter))
    }
}

impl<E: Event> Subscribe<'_, Session, E> {
    /// Makes the subscription.
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub fn send(self) -> Result<Subscription<E>, Error> {
        let Session { inner, waiter } = self.client;
        let events = waiter.wait(self.over(inner).into_future())??;
        Ok(Subscription::new(events, waiter))
    }
}

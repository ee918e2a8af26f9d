//! Calls that are ready to be sent.

use std::fmt;
use std::marker::PhantomData;

use serde_json::Value;

use crate::method::{Job, Method};
use crate::params::Params;
use crate::transport::{Transport, call};

/// A call that is ready to be sent.
///
/// ```
/// # use truenas_runtime::{Method, Request, Transport};
/// async fn call<C: Transport, M: Method>(client: &C, params: M::Params) -> Result<M::Result, C::Error> {
///     Request::<C, M>::new(client, params).send().await
/// }
/// ```
#[must_use = "nothing is sent before `send`"]
pub struct Request<'c, C: ?Sized, M> {
    client: &'c C,
    params: Vec<Value>,
    method: PhantomData<fn() -> M>,
}

impl<'c, C: ?Sized, M: Method> Request<'c, C, M> {
    /// A call of the method with these parameters.
    pub fn new(client: &'c C, params: M::Params) -> Self {
        Self {
            client,
            params: params.write_params(M::INFO.parameters),
            method: PhantomData,
        }
    }
}

impl<C: Transport + ?Sized, M: Method> Request<'_, C, M> {
    /// Sends the call and waits for the answer.
    ///
    /// # Errors
    ///
    /// Those of the client; an answer that does not fit its type is one.
    pub async fn send(self) -> Result<M::Result, C::Error> {
        call(self.client, M::INFO, self.params).await
    }
}

impl<C: ?Sized, M: Method> fmt::Debug for Request<'_, C, M> {
    /// Without the parameters: there can be secrets in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&M::INFO.name).finish()
    }
}

/// A job that is ready to be started.
///
/// ```
/// # use truenas_runtime::{Job, JobRequest, Transport};
/// async fn start<C: Transport, M: Job>(client: &C, params: M::Params) -> Result<i64, C::Error> {
///     JobRequest::<C, M>::new(client, params).start().await
/// }
/// ```
#[must_use = "nothing is started before `start`"]
pub struct JobRequest<'c, C: ?Sized, M> {
    client: &'c C,
    params: Vec<Value>,
    method: PhantomData<fn() -> M>,
}

impl<'c, C: ?Sized, M: Job> JobRequest<'c, C, M> {
    /// A job of the method with these parameters.
    pub fn new(client: &'c C, params: M::Params) -> Self {
        Self {
            client,
            params: params.write_params(M::INFO.parameters),
            method: PhantomData,
        }
    }
}

impl<C: Transport + ?Sized, M: Job> JobRequest<'_, C, M> {
    /// Starts the job and answers its id.
    ///
    /// # Errors
    ///
    /// Those of the client. What becomes of the job is not known yet.
    pub async fn start(self) -> Result<i64, C::Error> {
        call(self.client, M::INFO, self.params).await
    }
}

impl<C: ?Sized, M: Method> fmt::Debug for JobRequest<'_, C, M> {
    /// Without the parameters: there can be secrets in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JobRequest").field(&M::INFO.name).finish()
    }
}

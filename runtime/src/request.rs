//! Calls that are ready to be sent.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use crate::error::DecodeError;
use crate::json::Json;
use crate::method::{Job, Method};
use crate::params::Params;
use crate::transport::{Call, Transport, call, call_each};

/// What awaiting a request waits for.
pub type RequestFuture<'c, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>;

/// A call that is ready to be sent: `.await` sends it and gives the answer.
///
/// ```
/// # use truenas_runtime::{Method, Request, Transport};
/// async fn call<C: Transport, M: Method>(client: &C, params: M::Params) -> Result<M::Result, C::Error> {
///     Request::<C, M>::new(client, params).await
/// }
/// ```
///
/// # Errors
///
/// Those of the client; an answer that does not fit its type is one. Parameters
/// with an integer that needs more than 64 bits are refused, see
/// [`QueryError::WideInteger`](crate::QueryError::WideInteger).
#[must_use = "nothing is sent before `.await`, or `.send()` with the blocking client"]
pub struct Request<'c, C: ?Sized, M> {
    pub(crate) client: &'c C,
    pub(crate) call: Call,
    method: PhantomData<fn() -> M>,
}

impl<'c, C: ?Sized, M: Method> Request<'c, C, M> {
    /// A call of the method with these parameters.
    pub fn new(client: &'c C, params: M::Params) -> Self {
        Self {
            client,
            call: Call::new(M::INFO, || params.write_params(M::INFO.parameters)),
            method: PhantomData,
        }
    }

    /// Waits for the answer at most so long, in place of the client's usual limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.call.timeout = Some(timeout);
        self
    }
}

impl<'c, C: Transport + ?Sized, M: Method> IntoFuture for Request<'c, C, M> {
    type Output = Result<M::Result, C::Error>;
    type IntoFuture = RequestFuture<'c, M::Result, C::Error>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(call(self.client, self.call))
    }
}

impl<C, M, T> Request<'_, C, M>
where
    C: Transport + ?Sized,
    M: Method<Result = Vec<T>>,
    T: Json,
{
    /// Sends the call and returns each item of the resulting list, with an
    /// error in place of each item that does not fit its type.
    ///
    /// The error of an item has its index in the [path](DecodeError::path) and
    /// its text in [`answer`](DecodeError::answer).
    ///
    /// # Errors
    ///
    /// The client's errors, and an error if the answer is not a list.
    pub async fn each(self) -> Result<Vec<Result<T, DecodeError>>, C::Error> {
        call_each(self.client, self.call, 0).await
    }
}

impl<C: ?Sized, M> fmt::Debug for Request<'_, C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&self.call).finish()
    }
}

/// A job that is ready to be started.
///
/// With the client of this crate `.await` starts it and gives a handle that
/// follows it; [`detach`](Self::detach) works with any [`Transport`].
#[must_use = "nothing is started before `.await`, or `.send()` with the blocking client"]
pub struct JobRequest<'c, C: ?Sized, M> {
    pub(crate) client: &'c C,
    pub(crate) call: Call,
    method: PhantomData<fn() -> M>,
}

impl<'c, C: ?Sized, M: Job> JobRequest<'c, C, M> {
    /// A job of the method with these parameters.
    pub fn new(client: &'c C, params: M::Params) -> Self {
        let Request { client, call, .. } = Request::<C, M>::new(client, params);
        Self {
            client,
            call,
            method: PhantomData,
        }
    }

    /// Waits at most so long for the job to have started, in place of the
    /// client's usual limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.call.timeout = Some(timeout);
        self
    }
}

#[cfg(feature = "blocking")]
impl<C: ?Sized, M> JobRequest<'_, C, M> {
    /// The same job over another client.
    pub(crate) fn over<D: ?Sized>(self, client: &D) -> JobRequest<'_, D, M> {
        JobRequest {
            client,
            call: self.call,
            method: PhantomData,
        }
    }
}

impl<C: Transport + ?Sized, M: Job> JobRequest<'_, C, M> {
    /// Starts the job and answers its id, without following it.
    ///
    /// # Errors
    ///
    /// Those of the client. What becomes of the job is not known yet.
    ///
    /// ```
    /// # use truenas_runtime::{Job, JobRequest, Transport};
    /// async fn start<C: Transport, M: Job>(client: &C, params: M::Params) -> Result<i64, C::Error> {
    ///     JobRequest::<C, M>::new(client, params).detach().await
    /// }
    /// ```
    pub async fn detach(self) -> Result<i64, C::Error> {
        call(self.client, self.call).await
    }
}

impl<C: ?Sized, M> fmt::Debug for JobRequest<'_, C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JobRequest").field(&self.call).finish()
    }
}

//! The way to the server.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use serde_json::Value;

use crate::answer::Answer;
use crate::error::DecodeError;
use crate::exact;
use crate::method::MethodInfo;
use crate::query::QueryError;
use crate::rows::{Rows, read_all, read_rows};

/// A call, before it is sent.
#[derive(Clone)]
pub struct Call {
    /// The method that is called.
    pub method: &'static MethodInfo,
    /// Its parameters by position.
    pub params: Vec<Value>,
    /// How long to wait for the answer; `None` for what the client has as its
    /// usual limit.
    pub timeout: Option<Duration>,
    /// Whether `params` has a string in place of an integer that a [`Value`] has
    /// no number for. The server would take it for text.
    has_wide: bool,
}

impl Call {
    pub(crate) fn new(method: &'static MethodInfo, write: impl Fn() -> Vec<Value>) -> Self {
        let narrow = exact::narrow(&write);
        Self {
            method,
            has_wide: narrow.is_none(),
            params: narrow.unwrap_or_else(write),
            timeout: None,
        }
    }

    /// Refuses parameters that would not arrive as they were given.
    pub(crate) fn check(&self) -> Result<(), QueryError> {
        if self.has_wide {
            return Err(QueryError::WideInteger);
        }
        Ok(())
    }
}

impl fmt::Debug for Call {
    /// Without the parameters: there can be secrets in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.method.name).finish()
    }
}

/// Carries calls to a server and brings the answers.
///
/// Knows nothing of types; [`Request`](crate::Request) does. An implementation
/// has an error type of its own, in which an answer that does not fit its type
/// is one kind, and a query that the server would refuse another.
///
/// ```
/// use truenas_runtime::{Answer, Call, DecodeError, QueryError, Transport, Value};
///
/// #[derive(Debug)]
/// enum Error {
///     Decode(DecodeError),
///     Query(QueryError),
/// }
/// #
/// # impl std::fmt::Display for Error {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
/// #         std::fmt::Debug::fmt(self, f)
/// #     }
/// # }
/// #
/// # impl std::error::Error for Error {}
/// #
/// # impl From<DecodeError> for Error {
/// #     fn from(error: DecodeError) -> Self { Self::Decode(error) }
/// # }
/// #
/// # impl From<QueryError> for Error {
/// #     fn from(error: QueryError) -> Self { Self::Query(error) }
/// # }
///
/// /// Answers each call with its own parameters.
/// struct Echo;
///
/// impl Transport for Echo {
///     type Error = Error;
///
///     async fn call(&self, call: Call) -> Result<Answer, Error> {
///         Ok(Value::from(call.params).into())
///     }
/// }
/// ```
pub trait Transport: Sync {
    /// What goes wrong before a call is sent, on the way, at the server, and in
    /// reading the answer.
    type Error: std::error::Error + From<DecodeError> + From<QueryError> + Send + Sync + 'static;

    /// Calls a method. Of one that starts a job the answer is the job's id.
    fn call(&self, call: Call) -> impl Future<Output = Result<Answer, Self::Error>> + Send;
}

impl<T: Transport + ?Sized> Transport for &T {
    type Error = T::Error;

    fn call(&self, call: Call) -> impl Future<Output = Result<Answer, Self::Error>> + Send {
        (**self).call(call)
    }
}

/// Calls a method and reads its answer.
pub(crate) async fn call<C: Transport + ?Sized, T: crate::Json>(
    client: &C,
    call: Call,
) -> Result<T, C::Error> {
    call_and_read(client, call, Answer::read).await
}

/// Calls a method and reads all entries of the resulting list.
pub(crate) async fn call_all<C: Transport + ?Sized, T: crate::Json>(
    client: &C,
    call: Call,
) -> Result<Vec<T>, C::Error> {
    call_and_read(client, call, read_all).await
}

/// Calls a method and reads each entry of the resulting list. The indexes in
/// errors count from `first`.
pub(crate) async fn call_each<C: Transport + ?Sized, T: crate::Json>(
    client: &C,
    call: Call,
    first: usize,
) -> Result<Rows<T>, C::Error> {
    let name = call.method.name;
    let rows: Rows<T> = call_and_read(client, call, |answer| read_rows(answer, first)).await?;
    let named = |row: Result<T, DecodeError>| row.map_err(|error| error.of_method(name));
    Ok(rows.into_iter().map(named).collect())
}

async fn call_and_read<C: Transport + ?Sized, T>(
    client: &C,
    call: Call,
    read: impl FnOnce(&Answer) -> Result<T, DecodeError>,
) -> Result<T, C::Error> {
    call.check()?;
    let method = call.method;
    let answer = client.call(call).await?;
    read(&answer).map_err(|error| error.of_call(method).into())
}

//! The way to the server.

use std::future::Future;

use serde_json::Value;

use crate::error::DecodeError;
use crate::method::MethodInfo;

/// Carries calls to a server and brings the answers.
///
/// Knows nothing of types; [`Request`](crate::Request) does. An implementation
/// has an error type of its own, in which an answer that does not fit its type
/// is one kind.
///
/// ```
/// use truenas_runtime::{DecodeError, MethodInfo, Transport, Value};
///
/// /// Answers each call with its own parameters.
/// struct Echo;
///
/// impl Transport for Echo {
///     type Error = DecodeError;
///
///     async fn call(&self, _: &'static MethodInfo, params: Vec<Value>) -> Result<Value, DecodeError> {
///         Ok(params.into())
///     }
/// }
/// ```
pub trait Transport {
    /// What goes wrong on the way, at the server, and in reading the answer.
    type Error: std::error::Error + From<DecodeError> + Send + Sync + 'static;

    /// Calls a method. Of one that starts a job the answer is the job's id.
    fn call(
        &self,
        method: &'static MethodInfo,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<Value, Self::Error>> + Send;
}

/// Calls a method and reads its answer.
pub(crate) async fn call<C: Transport + ?Sized, T: crate::Json>(
    client: &C,
    method: &'static MethodInfo,
    params: Vec<Value>,
) -> Result<T, C::Error> {
    let answer = client.call(method, params).await?;
    crate::from_value(&answer).map_err(|error| error.of_method(method.name).into())
}

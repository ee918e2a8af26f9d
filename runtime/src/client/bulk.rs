//! The same method many times in one call.

use serde_json::Value;

use super::error::Error;
use super::job::JobHandle;
use super::session::Session;
use crate::answer::Answer;
use crate::error::DecodeError;
use crate::json::Json;
use crate::method::Method;
use crate::object::{Field, write_object};
use crate::params::Params;
use crate::raw::Raw;
use crate::reader::Reader;
use crate::transport::Call;

/// The outcome of one call of [`Session::bulk`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItem<R> {
    /// The job that did it, where the method starts one.
    pub job_id: Option<i64>,
    /// The result, or the reason why there is none.
    pub outcome: Result<R, BulkError>,
}

/// The reason why a call of [`Session::bulk`] has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BulkError {
    /// The call failed. Holds the server's message.
    #[error("{0}")]
    Failed(String),
    /// The call succeeded, but its result does not fit its type: the server
    /// answers in its own newest version here, and redacts results for callers
    /// with fewer rights. The result is in [`DecodeError::answer`].
    #[error("the call was executed, but its result cannot be read: {0}")]
    Decode(DecodeError),
}

const ITEM: &[Field] = &[
    Field::optional("job_id"),
    Field::optional("error"),
    Field::optional("result"),
];

impl<R: Json> Json for BulkItem<R> {
    fn read(reader: &Reader<'_>) -> Self {
        let mut object = reader.object(ITEM);
        let job_id = object.next();
        let error: Option<String> = object.next();
        let outcome = match error {
            Some(error) => Err(BulkError::Failed(error)),
            // Each result is read on its own, so that one failure does not lose
            // the others.
            None => Answer::from(object.next::<Raw>().text().to_owned())
                .read()
                .map_err(BulkError::Decode),
        };
        Self { job_id, outcome }
    }

    fn write(&self) -> Value {
        match &self.outcome {
            Ok(result) => write_object(ITEM, &[&self.job_id, &None::<String>, result]),
            Err(BulkError::Failed(error)) => {
                let error = Some(error.clone());
                write_object(ITEM, &[&self.job_id, &error, &None::<bool>])
            }
            Err(BulkError::Decode(error)) => {
                let result = error.answer().and_then(|answer| answer.value().ok());
                write_object(ITEM, &[&self.job_id, &None::<String>, &result])
            }
        }
    }
}

impl Session {
    /// Calls a method once for each of these parameters, in one job of the
    /// server (`core.bulk`). That one of them fails is no error of the job.
    ///
    /// The server expects the parameters of its own newest version here, and
    /// answers in that version, even if the client speaks an older one. An item
    /// whose result does not fit its type does not affect the other items; see
    /// [`BulkError::Decode`].
    ///
    /// # Errors
    ///
    /// Those of any call; [`Error::TooLarge`] if it is too much for one message.
    pub async fn bulk<M: Method>(
        &self,
        calls: impl IntoIterator<Item = M::Params>,
    ) -> Result<JobHandle<Vec<BulkItem<M::Result>>>, Error> {
        let calls = calls.into_iter().map(|params| {
            let call = Call::new(M::INFO, || params.write_params(M::INFO.parameters));
            call.check()?;
            Ok(Value::Array(call.params))
        });
        let calls = calls.collect::<Result<Vec<_>, Error>>()?;
        let params = [M::INFO.name.into(), Value::Array(calls)];
        let started = self.start("core.bulk".into(), &params, None).await?;
        Ok(JobHandle::new(self, "core.bulk".into(), started))
    }
}

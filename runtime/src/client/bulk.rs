//! The same method many times in one call.

use serde_json::Value;

use super::error::Error;
use super::job::JobHandle;
use super::session::Session;
use crate::json::Json;
use crate::method::Method;
use crate::object::{Field, write_object};
use crate::params::Params;
use crate::reader::Reader;

/// What became of one of the calls of [`Session::bulk`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItem<R> {
    /// The job that did it, where the method starts one.
    pub job_id: Option<i64>,
    /// What it answered, or why it failed, in the server's words.
    pub outcome: Result<R, String>,
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
            Some(error) => Err(error),
            None => Ok(object.next()),
        };
        Self { job_id, outcome }
    }

    fn write(&self) -> Value {
        match &self.outcome {
            Ok(result) => write_object(ITEM, &[&self.job_id, &None::<String>, result]),
            Err(error) => {
                let error = Some(error.clone());
                write_object(ITEM, &[&self.job_id, &error, &None::<bool>])
            }
        }
    }
}

impl Session {
    /// Calls a method once for each of these parameters, in one job of the
    /// server (`core.bulk`). That one of them fails is no error of the job.
    ///
    /// The server takes the parameters of its own newest version here, whatever
    /// version is spoken otherwise.
    ///
    /// # Errors
    ///
    /// Those of any call; [`Error::TooLarge`] if it is too much for one message.
    pub async fn bulk<M: Method>(
        &self,
        calls: impl IntoIterator<Item = M::Params>,
    ) -> Result<JobHandle<Vec<BulkItem<M::Result>>>, Error> {
        let calls = calls
            .into_iter()
            .map(|params| params.write_params(M::INFO.parameters).into());
        let params = [M::INFO.name.into(), Value::Array(calls.collect())];
        let started = self.start("core.bulk".into(), &params, None).await?;
        Ok(JobHandle::new(self, "core.bulk".into(), started))
    }
}

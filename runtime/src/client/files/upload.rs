//! Files that go to a job.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use reqwest::multipart::Form;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::TransferError;
use super::source::{Meter, Source};
use super::web::Web;
use super::{OnProgress, Transferred};
use crate::client::error::Error;
use crate::client::job::JobHandle;
use crate::client::session::{Session, is_redacted};
use crate::method::Job;
use crate::request::{JobRequest, RequestFuture};
use crate::transport::Call;

/// How many files the server takes with one call, from 25.10 on and before.
const MAX_FILES: usize = 5;
const MAX_FILES_25_04: usize = 1;

/// How long a token for the transfer may lie idle, in seconds: it is used at once.
const TOKEN_TTL: u64 = 300;

impl<'c, M: Job> JobRequest<'c, Session, M> {
    /// Starts the job with a file that it is to take.
    ///
    /// ```no_run
    /// use truenas_runtime::client::{Session, Source};
    /// use truenas_runtime::{Job, JobRequest};
    ///
    /// async fn put<M: Job>(
    ///     request: JobRequest<'_, Session, M>,
    /// ) -> Result<M::Result, Box<dyn std::error::Error>> {
    ///     let file = Source::open("/srv/image.iso").await?;
    ///     let job = request
    ///         .upload(file)
    ///         .progress(|done| println!("{done}"))
    ///         .await?;
    ///     Ok(job.wait().await?)
    /// }
    /// ```
    pub fn upload(self, file: Source) -> Upload<'c, M> {
        Upload {
            session: self.client,
            call: self.call,
            files: vec![file],
            on_progress: None,
            method: PhantomData,
        }
    }
}

/// An upload that is ready to be sent: `.await` sends the file and gives the
/// job, whose [`wait`](JobHandle::wait) tells what has become of it.
///
/// The server takes the parameters of its own newest version here, whatever
/// version is spoken otherwise.
///
/// It may take as long as it likes, and be dropped at any time. The job then
/// gets a part of the file, and most jobs cannot tell that from a whole one:
/// the same holds for every error but [`TransferError::Connect`] and
/// [`TransferError::Refused`]. An upload cannot be taken up where it ended.
/// Who tries again starts a new job, with a new [`Source`].
///
/// # Errors
///
/// [`Error::Transfer`], [`Error::NoSuchMethod`], and those of any call: the
/// token of the transfer is asked for over the socket.
#[must_use = "nothing is sent before it is awaited"]
pub struct Upload<'c, M> {
    session: &'c Session,
    call: Call,
    files: Vec<Source>,
    on_progress: Option<OnProgress>,
    method: PhantomData<fn() -> M>,
}

impl<M: Job> Upload<'_, M> {
    /// Sends another file after those named before, for the jobs that take
    /// several. The server takes five; that of 25.04 one.
    pub fn and(mut self, file: Source) -> Self {
        self.files.push(file);
        self
    }

    /// Tells a function how many bytes have gone out, over all files; it is
    /// called for every piece of some 64 KiB, and has to be fast.
    pub fn progress(mut self, tell: impl FnMut(Transferred) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(tell));
        self
    }

    async fn send(self) -> Result<JobHandle<M::Result>, Error> {
        self.call.check()?;
        let Call {
            method,
            params,
            timeout,
            ..
        } = self.call;
        let name = Cow::Borrowed(method.name);
        let config = self.session.config();
        // Versions compare like this as long as their first number has two digits.
        let limit = match config.version {
            version if version.starts_with('v') && version < "v25.10" => MAX_FILES_25_04,
            _ => MAX_FILES,
        };
        let files = self.files.len();
        if files > limit {
            return Err(TransferError::TooManyFiles {
                method: name,
                files,
                limit,
            }
            .into());
        }
        let data = json!({"method": method.name, "params": params}).to_string();
        if !method.reads_only && is_redacted(&data) {
            return Err(Error::RedactedSecret { method: name });
        }
        let web = Web::new(config, name.clone())?;
        // Good once, and from this address only. One that nobody uses runs out
        // by itself, so that it may be asked for again.
        let token = [
            json!(TOKEN_TTL),
            json!({}),
            Value::Bool(true),
            Value::Bool(true),
        ];
        let token = self
            .session
            .exchange("auth.generate_token".into(), true, &token, timeout)
            .await?;
        let token: String = token
            .read()
            .map_err(|error| error.of_method("auth.generate_token"))?;
        let mut authorization = HeaderValue::try_from(format!("Token {token}"))
            .map_err(|_| web.unexpected("the token cannot stand in a header".to_owned()))?;
        authorization.set_sensitive(true);

        let total = self
            .files
            .iter()
            .try_fold(0_u64, |sum, file| sum.checked_add(file.size()?));
        let meter = Meter::new(total, self.on_progress);
        let mut form = Form::new().text("data", data);
        for file in self.files {
            form = form.part("file", file.into_part(&meter));
        }
        let request = web.post("/_upload").header(AUTHORIZATION, authorization);
        let response = web.send(request.multipart(form)).await?;
        let body = response.bytes().await.map_err(|error| web.broken(&error))?;
        let Ok(Started { job_id }) = serde_json::from_slice(&body) else {
            return Err(web.unexpected("no number of a job".to_owned()));
        };
        tracing::debug!(method = method.name, job = job_id, "uploaded");
        self.session.job::<M>(job_id).await
    }
}

/// What the server answers to an upload.
#[derive(Deserialize)]
struct Started {
    job_id: i64,
}

impl<'c, M: Job + 'c> IntoFuture for Upload<'c, M> {
    type Output = Result<JobHandle<M::Result>, Error>;
    type IntoFuture = RequestFuture<'c, JobHandle<M::Result>, Error>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<M> fmt::Debug for Upload<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("method", &self.call.method.name)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

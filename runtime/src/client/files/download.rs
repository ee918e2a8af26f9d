//! Files that come from a job.

use std::borrow::Cow;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncWrite, AsyncWriteExt as _};
use tokio_util::io::StreamReader;

use super::error::TransferError;
use super::save::Unfinished;
use super::web::Web;
use super::{OnProgress, Transferred};
use crate::client::error::Error;
use crate::client::job::JobHandle;
use crate::client::session::Session;
use crate::error::DecodeError;
use crate::json::Json;
use crate::method::Job;
use crate::request::{JobRequest, RequestFuture};
use crate::transport::Call;

impl<'c, M: Job> JobRequest<'c, Session, M> {
    /// Starts the job for the file that it gives.
    ///
    /// ```no_run
    /// use truenas_runtime::client::{Error, Session};
    /// use truenas_runtime::{Job, JobRequest};
    ///
    /// async fn get<M: Job>(request: JobRequest<'_, Session, M>) -> Result<(), Error> {
    ///     let mut download = request.download().await?;
    ///     while let Some(piece) = download.next().await? {
    ///         println!("{} bytes", piece.len());
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn download(self) -> DownloadRequest<'c, M> {
        DownloadRequest {
            session: self.client,
            call: self.call,
            buffered: false,
            options: Options::default(),
            method: PhantomData,
        }
    }
}

/// A download that is ready to be started: `.await` starts the job and gives
/// its bytes.
///
/// The server takes the parameters of its own newest version here, whatever
/// version is spoken otherwise.
///
/// Every download is a job of its own that gives its file once and from the
/// beginning. Who tries again starts another job, and may
/// [`skip`](Self::skip) what is there already.
///
/// # Errors
///
/// [`Error::Transfer`], those of any call, and with
/// [`buffered`](Self::buffered) those of the job.
#[must_use = "nothing is sent before it is awaited"]
pub struct DownloadRequest<'c, M> {
    session: &'c Session,
    call: Call,
    buffered: bool,
    options: Options,
    method: PhantomData<fn() -> M>,
}

#[derive(Default)]
struct Options {
    /// What is still to be left out.
    skip: u64,
    is_tail: bool,
    on_progress: Option<OnProgress>,
}

impl<M: Job> DownloadRequest<'_, M> {
    /// Lets the server keep the file until the job has ended, and only then
    /// starts to fetch it: every byte that comes is of a job that succeeded.
    /// Not for jobs of more than five minutes, for that long the server's
    /// permission to fetch the file lasts.
    pub fn buffered(mut self) -> Self {
        self.buffered = true;
        self
    }

    /// Leaves out so many bytes at the start, which an attempt before this one
    /// has brought. They travel again, since the server always starts at the
    /// first byte; and the result is right only where the job gives the same
    /// bytes every time, such as `filesystem.get` of a file that did not change.
    /// If it gives fewer than are to be left out, that is an error.
    ///
    /// Append what comes, with [`Download::write_to`]: [`Download::save`] writes
    /// whole files, and refuses.
    pub fn skip(mut self, bytes: u64) -> Self {
        self.options.skip = bytes;
        self.options.is_tail = bytes > 0;
        self
    }

    /// Tells a function how many bytes have come, those that are left out
    /// included; it is called for every piece, and has to be fast.
    pub fn progress(mut self, tell: impl FnMut(Transferred) + Send + 'static) -> Self {
        self.options.on_progress = Some(Box::new(tell));
        self
    }

    async fn start(self) -> Result<Download<M::Result>, Error> {
        self.call.check()?;
        let Call {
            method,
            params,
            timeout,
            ..
        } = self.call;
        let name = Cow::Borrowed(method.name);
        let web = Web::new(self.session.config(), name)?;
        // The file's name is for browsers.
        let params = [
            method.name.into(),
            Value::Array(params),
            method.name.into(),
            json!(self.buffered),
        ];
        let answer = self
            .session
            .exchange("core.download".into(), false, &params, timeout)
            .await?;
        let (id, path): (i64, String) = answer.read().map_err(in_download)?;
        let job = self.session.job::<M>(id).await?;
        let result = match self.buffered {
            // What is fetched earlier ends where the job is at that moment.
            true => Some(job.wait().await?),
            false => None,
        };
        Download::open(web, &path, job, result, self.options).await
    }
}

fn in_download(error: DecodeError) -> DecodeError {
    error.of_method("core.download")
}

impl<'c, M: Job + 'c> IntoFuture for DownloadRequest<'c, M> {
    type Output = Result<Download<M::Result>, Error>;
    type IntoFuture = RequestFuture<'c, Download<M::Result>, Error>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.start())
    }
}

impl<M> fmt::Debug for DownloadRequest<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DownloadRequest")
            .field(&self.call.method.name)
            .finish()
    }
}

impl<R> JobHandle<R> {
    /// The job's log, as far as it is written. Not every job has one; of one
    /// that has none the server says why.
    ///
    /// # Errors
    ///
    /// [`Error::Transfer`], and those of any call.
    pub async fn logs(&self) -> Result<Download<()>, Error> {
        const METHOD: &str = "core.job_download_logs";
        let session = self.session();
        let web = Web::new(session.config(), METHOD.into())?;
        let params = [self.number().await?.into(), "log".into(), json!(false)];
        let answer = self.exchange(METHOD, &params).await?;
        let path: String = answer.read().map_err(|error| error.of_method(METHOD))?;
        // A job of its own brings the log; its number is told in the path only.
        let id = path
            .strip_prefix(PATH)
            .and_then(|rest| rest.split('?').next()?.parse().ok())
            .ok_or_else(|| web.unexpected(NO_PATH.to_owned()))?;
        let job = session.job_of::<()>(METHOD.into(), id).await?;
        Download::open(web, &path, job, None, Options::default()).await
    }
}

/// What every path of a download starts with.
const PATH: &str = "/_download/";
const NO_PATH: &str = "no path of a download";
const PART: &str = "only the end of a file was asked for; `write_to` can append it";
const SHORT: &str = "fewer bytes than were to be left out: it is not the same file any more";

/// A file that comes from a job, as a stream of its bytes.
///
/// The server answers a job that fails half way like one that is done, with
/// fewer bytes. So after the last byte the job is asked: a stream that ends
/// without an error has given the whole file, and not before its end are the
/// bytes known to be good. [`finish`](Self::finish), [`write_to`](Self::write_to)
/// and [`save`](Self::save) keep to that by themselves.
///
/// Dropping it ends the transfer, and with it the job, which has nowhere to
/// write to.
pub struct Download<R> {
    state: State<R>,
    /// What a reader has taken and given back: it comes again.
    #[cfg(feature = "blocking")]
    unread: Bytes,
    job: JobHandle<R>,
    web: Web,
    done: Transferred,
    options: Options,
}

type Pieces = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

enum State<R> {
    /// Bytes come; what the job has ended with, if it has.
    Receiving(Pieces, Option<R>),
    /// The last byte has come; what the job ends with is what counts.
    Waiting(Pin<Box<dyn Future<Output = Result<R, Error>> + Send>>),
    Done(Result<R, Error>),
}

// Nothing in it is ever pinned.
impl<R> Unpin for Download<R> {}

impl<R: Json + Send + 'static> Download<R> {
    async fn open(
        web: Web,
        path: &str,
        job: JobHandle<R>,
        result: Option<R>,
        options: Options,
    ) -> Result<Self, Error> {
        if !path.starts_with(PATH) {
            return Err(web.unexpected(NO_PATH.to_owned()));
        }
        let response = web.send(web.get(path)).await?;
        Ok(Self {
            done: Transferred {
                bytes: 0,
                total: response.content_length(),
            },
            state: State::Receiving(response.bytes_stream().boxed(), result),
            #[cfg(feature = "blocking")]
            unread: Bytes::new(),
            job,
            web,
            options,
        })
    }

    /// The job that gives the file.
    #[must_use]
    pub fn job(&self) -> &JobHandle<R> {
        &self.job
    }

    /// How much has come, with what was left out at the start.
    #[must_use]
    pub fn transferred(&self) -> Transferred {
        self.done
    }

    /// The next piece; `None` when there is no more and the job has succeeded.
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// [`Error::Transfer`], and those of [`JobHandle::wait`].
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        self.try_next().await
    }

    /// Reads what is left, without keeping it, and gives what the job ended with.
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next).
    pub async fn finish(mut self) -> Result<R, Error> {
        while self.next().await?.is_some() {}
        match self.state {
            State::Done(result) => result,
            State::Receiving(..) | State::Waiting(_) => self.job.wait().await,
        }
    }

    /// Writes what is left, and gives what the job ended with.
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next), and [`TransferError::Write`].
    pub async fn write_to(
        mut self,
        writer: &mut (impl AsyncWrite + Unpin + ?Sized),
    ) -> Result<R, Error> {
        let fail = |source| Error::from(TransferError::Write { path: None, source });
        while let Some(piece) = self.next().await? {
            writer.write_all(&piece).await.map_err(fail)?;
        }
        writer.flush().await.map_err(fail)?;
        self.finish().await
    }

    /// Saves what is left as a file, which is replaced if it exists, and gives
    /// what the job ended with.
    ///
    /// The bytes go to a file beside it, which gets the name only when the job
    /// has succeeded; otherwise it is removed. On Unix only its owner may read
    /// it: configurations and debug archives are full of secrets.
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next), and [`TransferError::Write`].
    pub async fn save(self, path: impl AsRef<std::path::Path>) -> Result<R, Error> {
        if self.options.is_tail {
            return Err(TransferError::Write {
                path: Some(path.as_ref().to_owned()),
                source: std::io::Error::other(PART),
            }
            .into());
        }
        let mut file = Unfinished::beside(path.as_ref()).await?;
        let result = self.write_to(file.writer()).await;
        let result = result.map_err(|error| file.name_in(error))?;
        file.keep().await?;
        Ok(result)
    }

    /// As a reader; its errors have an [`Error`] in them.
    pub fn into_reader(self) -> impl AsyncBufRead + Send + Unpin + use<R> {
        StreamReader::new(self.map_err(std::io::Error::other))
    }

    /// Gives back what is left of the last piece.
    #[cfg(feature = "blocking")]
    pub(crate) fn give_back(&mut self, rest: Bytes) {
        self.unread = rest;
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        #[cfg(feature = "blocking")]
        if !self.unread.is_empty() {
            return Poll::Ready(Ok(Some(std::mem::take(&mut self.unread))));
        }
        loop {
            match &mut self.state {
                State::Receiving(pieces, result) => match ready!(pieces.poll_next_unpin(cx)) {
                    Some(Ok(piece)) => {
                        let piece = self.take(piece);
                        if !piece.is_empty() {
                            return Poll::Ready(Ok(Some(piece)));
                        }
                    }
                    Some(Err(error)) => return Poll::Ready(Err(self.web.broken(&error))),
                    None if self.options.skip > 0 => {
                        return Poll::Ready(Err(self.web.unexpected(SHORT.to_owned())));
                    }
                    None => {
                        self.state = match result.take() {
                            Some(result) => State::Done(Ok(result)),
                            None => {
                                let job = self.job.clone();
                                State::Waiting(Box::pin(async move { job.wait().await }))
                            }
                        };
                    }
                },
                State::Waiting(job) => match ready!(job.as_mut().poll(cx)) {
                    Ok(result) => self.state = State::Done(Ok(result)),
                    Err(error) => return Poll::Ready(Err(error)),
                },
                State::Done(_) => return Poll::Ready(Ok(None)),
            }
        }
    }

    /// Counts a piece, and cuts off what is to be left out.
    fn take(&mut self, mut piece: Bytes) -> Bytes {
        let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.done.bytes = self.done.bytes.saturating_add(bytes);
        if let Some(tell) = &mut self.options.on_progress {
            tell(self.done);
        }
        let skipped = self.options.skip.min(bytes);
        self.options.skip = self.options.skip.saturating_sub(skipped);
        piece.split_off(usize::try_from(skipped).unwrap_or(usize::MAX))
    }
}

impl<R: Json + Send + 'static> Stream for Download<R> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if matches!(self.state, State::Done(_)) {
            return Poll::Ready(None);
        }
        let piece = ready!(self.poll_piece(cx));
        if let Err(error) = &piece {
            self.state = State::Done(Err(error.clone()));
        }
        Poll::Ready(piece.transpose())
    }
}

impl<R> fmt::Debug for Download<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("job", &self.job)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}

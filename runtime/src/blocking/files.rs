//! Files that go to a job or come from one.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;

use futures_util::stream;
use hyper::body::Bytes;
use tokio::sync::mpsc;

use super::job::JobHandle;
use super::session::Session;
use super::wait::Waiter;
use crate::client::{self, Error, TransferError, Transferred};
use crate::json::Json;
use crate::method::Job;
use crate::request::JobRequest;

/// How many bytes of a reader are taken at once.
const PIECE: usize = 64 << 10;
/// How many of these wait to be sent.
const AHEAD: usize = 4;

impl<'c, M: Job> JobRequest<'c, Session, M> {
    /// Starts the job with a file that it is to take.
    pub fn upload(self, file: Source) -> Upload<'c, M> {
        let Session { inner, waiter } = self.client;
        Upload {
            inner: self.over(inner).upload(file.0),
            waiter,
        }
    }

    /// Starts the job for the file that it gives.
    pub fn download(self) -> DownloadRequest<'c, M> {
        let Session { inner, waiter } = self.client;
        DownloadRequest {
            inner: self.over(inner).download(),
            waiter,
        }
    }
}

/// What is uploaded, as [`client::Source`].
#[must_use]
#[derive(Debug)]
pub struct Source(client::Source);

impl Source {
    /// A file.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, or is none.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = std::fs::File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let source = Self::reader(file, metadata.is_file().then_some(metadata.len()))?;
        Ok(match path.file_name() {
            Some(name) => source.named(name.to_string_lossy()),
            None => source,
        })
    }

    /// Bytes that are in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self(client::Source::bytes(bytes))
    }

    /// What a reader gives, up to its end; `size` is how many bytes that will
    /// be, where it is known. It is read on a thread of its own.
    ///
    /// # Errors
    ///
    /// There is no such thread.
    pub fn reader(reader: impl Read + Send + 'static, size: Option<u64>) -> io::Result<Self> {
        let (sender, pieces) = mpsc::channel(AHEAD);
        std::thread::Builder::new()
            .name("truenas upload".to_owned())
            .spawn(move || read(reader, &sender))?;
        let pieces = stream::unfold(pieces, |mut pieces| async move {
            let piece = pieces.recv().await?;
            Some((piece, pieces))
        });
        Ok(Self(client::Source::stream(pieces, size)))
    }

    /// Says by what name the server hears of it.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self(self.0.named(name))
    }

    /// How many bytes it has, where that is known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.0.size()
    }
}

/// Reads until the end, an error, or until nobody wants it any more.
fn read(mut reader: impl Read, pieces: &mpsc::Sender<io::Result<Bytes>>) {
    let most = u64::try_from(PIECE).unwrap_or(u64::MAX);
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        let read = reader.by_ref().take(most).read_to_end(&mut piece);
        let last = !matches!(read, Ok(bytes) if bytes > 0);
        let piece = match read {
            Ok(0) => return,
            Ok(_) => Ok(piece.into()),
            Err(error) => Err(error),
        };
        if pieces.blocking_send(piece).is_err() || last {
            return;
        }
    }
}

/// An upload that is ready to be sent, as [`client::Upload`].
#[must_use = "nothing is sent before `send`"]
pub struct Upload<'c, M> {
    inner: client::Upload<'c, M>,
    waiter: &'c Waiter,
}

impl<M: Job> Upload<'_, M> {
    /// Sends another file after those named before, see [`client::Upload::and`].
    pub fn and(mut self, file: Source) -> Self {
        self.inner = self.inner.and(file.0);
        self
    }

    /// Tells a function how many bytes have gone out, see
    /// [`client::Upload::progress`]. It is called on another thread.
    pub fn progress(mut self, tell: impl FnMut(Transferred) + Send + 'static) -> Self {
        self.inner = self.inner.progress(tell);
        self
    }

    /// Sends the file and gives the job, whose [`wait`](JobHandle::wait) tells
    /// what has become of it.
    ///
    /// # Errors
    ///
    /// Those of [`client::Upload`].
    pub fn send(self) -> Result<JobHandle<M::Result>, Error> {
        let job = self.waiter.wait(self.inner.into_future())??;
        Ok(JobHandle::new(job, self.waiter))
    }
}

impl<M> fmt::Debug for Upload<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// A download that is ready to be started, as [`client::DownloadRequest`].
#[must_use = "nothing is sent before `send`"]
pub struct DownloadRequest<'c, M> {
    inner: client::DownloadRequest<'c, M>,
    waiter: &'c Waiter,
}

impl<M: Job> DownloadRequest<'_, M> {
    /// Fetches the file when the job has ended, see
    /// [`client::DownloadRequest::buffered`].
    pub fn buffered(mut self) -> Self {
        self.inner = self.inner.buffered();
        self
    }

    /// Leaves out so many bytes at the start, see
    /// [`client::DownloadRequest::skip`].
    pub fn skip(mut self, bytes: u64) -> Self {
        self.inner = self.inner.skip(bytes);
        self
    }

    /// Tells a function how many bytes have come, see
    /// [`client::DownloadRequest::progress`].
    pub fn progress(mut self, tell: impl FnMut(Transferred) + Send + 'static) -> Self {
        self.inner = self.inner.progress(tell);
        self
    }

    /// Starts the job and gives its bytes.
    ///
    /// # Errors
    ///
    /// Those of [`client::DownloadRequest`].
    pub fn send(self) -> Result<Download<M::Result>, Error> {
        let download = self.waiter.wait(self.inner.into_future())??;
        Ok(Download::new(download, self.waiter))
    }
}

impl<M> fmt::Debug for DownloadRequest<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<R> JobHandle<R> {
    /// The job's log, as far as it is written, see [`client::JobHandle::logs`].
    ///
    /// # Errors
    ///
    /// [`Error::Transfer`], and those of any call.
    pub fn logs(&self) -> Result<Download<()>, Error> {
        let download = self.waiter.wait(self.inner.logs())??;
        Ok(Download::new(download, &self.waiter))
    }
}

/// A file that comes from a job, as [`client::Download`]: a reader whose end
/// tells that the job has succeeded. Its errors have an [`Error`] in them.
pub struct Download<R> {
    inner: client::Download<R>,
    waiter: Waiter,
}

impl<R: Json + Send + 'static> Download<R> {
    fn new(inner: client::Download<R>, waiter: &Waiter) -> Self {
        Self {
            inner,
            waiter: waiter.clone(),
        }
    }

    /// How much has come, with what was left out at the start.
    #[must_use]
    pub fn transferred(&self) -> Transferred {
        self.inner.transferred()
    }

    /// Reads what is left, without keeping it, and gives what the job ended with.
    ///
    /// # Errors
    ///
    /// Those of [`client::Download::finish`].
    pub fn finish(self) -> Result<R, Error> {
        self.waiter.wait(self.inner.finish())?
    }

    /// Writes what is left, and gives what the job ended with.
    ///
    /// # Errors
    ///
    /// Those of [`client::Download::write_to`].
    pub fn write_to(mut self, writer: &mut (impl Write + ?Sized)) -> Result<R, Error> {
        let fail = |source| Error::from(TransferError::Write { path: None, source });
        while let Some(piece) = self.waiter.wait(self.inner.next())?? {
            writer.write_all(&piece).map_err(fail)?;
        }
        writer.flush().map_err(fail)?;
        self.waiter.wait(self.inner.finish())?
    }

    /// Saves what is left as a file, see [`client::Download::save`].
    ///
    /// # Errors
    ///
    /// Those of [`client::Download::save`].
    pub fn save(self, path: impl AsRef<Path>) -> Result<R, Error> {
        self.waiter.wait(self.inner.save(path))?
    }
}

impl<R: Json + Send + 'static> Read for Download<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let piece = self.waiter.wait(self.inner.next());
        let piece = piece.and_then(|piece| piece).map_err(io::Error::other)?;
        let mut bytes = piece.unwrap_or_default();
        let rest = bytes.split_off(bytes.len().min(buffer.len()));
        self.inner.give_back(rest);
        io::copy(&mut &*bytes, &mut &mut *buffer)?;
        Ok(bytes.len())
    }
}

impl<R> fmt::Debug for Download<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

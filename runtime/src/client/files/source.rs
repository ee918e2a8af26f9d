//! What is uploaded.

use std::fmt;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_util::{Stream, StreamExt as _, stream};
use hyper::body::Bytes;
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

use super::error::Unreadable;
use super::{OnProgress, Transferred};

/// How many bytes of a reader are taken at once.
const PIECE: usize = 64 << 10;

type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// What is uploaded: a file, or anything that gives bytes one after the other.
///
/// It can be read once. A transfer that is to be tried again needs a new one.
///
/// ```
/// use truenas_runtime::client::Source;
///
/// let source = Source::bytes("a few bytes").named("note.txt");
/// assert_eq!(source.size(), Some(11));
/// ```
#[must_use]
pub struct Source {
    pieces: Pieces,
    size: Option<u64>,
    name: String,
}

impl Source {
    /// A file.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, or is none.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = tokio::fs::File::open(path).await?;
        let metadata = file.metadata().await?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // What is no plain file says that it has no bytes.
        let size = metadata.is_file().then_some(metadata.len());
        let source = Self::reader(file, size);
        Ok(match path.file_name() {
            Some(name) => source.named(name.to_string_lossy()),
            None => source,
        })
    }

    /// Bytes that are in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let size = u64::try_from(bytes.len()).ok();
        Self::stream(stream::iter([Ok(bytes)]), size)
    }

    /// What a reader gives, up to its end; `size` is how many bytes that will
    /// be, where it is known.
    pub fn reader(reader: impl AsyncRead + Send + 'static, size: Option<u64>) -> Self {
        Self::stream(ReaderStream::with_capacity(reader, PIECE), size)
    }

    /// What a stream gives, up to its end; `size` is how many bytes that will
    /// be, where it is known.
    pub fn stream(
        pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
        size: Option<u64>,
    ) -> Self {
        Self {
            pieces: pieces.boxed(),
            size,
            name: "file".to_owned(),
        }
    }

    /// Says by what name the server hears of it.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How many bytes it has, where that is known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    pub(super) fn into_part(self, meter: &Meter) -> reqwest::multipart::Part {
        let Self { pieces, size, name } = self;
        let body = reqwest::Body::wrap_stream(Metered {
            pieces,
            meter: meter.clone(),
            left: size,
        });
        let part = match size {
            Some(size) => reqwest::multipart::Part::stream_with_length(body, size),
            None => reqwest::multipart::Part::stream(body),
        };
        part.file_name(name)
    }
}

impl fmt::Debug for Source {
    /// Without what it holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// Counts the bytes of all files of an upload.
#[derive(Clone)]
pub(super) struct Meter(Arc<Mutex<Count>>);

struct Count {
    done: Transferred,
    on_progress: Option<OnProgress>,
}

impl Meter {
    pub(super) fn new(total: Option<u64>, on_progress: Option<OnProgress>) -> Self {
        Self(Arc::new(Mutex::new(Count {
            done: Transferred { bytes: 0, total },
            on_progress,
        })))
    }

    fn add(&self, bytes: u64) {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count.done.bytes = count.done.bytes.saturating_add(bytes);
        let done = count.done;
        if let Some(tell) = &mut count.on_progress {
            tell(done);
        }
    }
}

/// A source that is counted on its way, and held to its size: the request
/// would be cut off in the middle, or never end.
struct Metered {
    pieces: Pieces,
    meter: Meter,
    left: Option<u64>,
}

impl Stream for Metered {
    type Item = Result<Bytes, Unreadable>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let fail = |problem| Poll::Ready(Some(Err(Unreadable(io::Error::other(problem)))));
        match ready!(self.pieces.poll_next_unpin(cx)) {
            Some(Ok(piece)) => {
                let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                if let Some(left) = self.left {
                    let Some(left) = left.checked_sub(bytes) else {
                        return fail("it has more bytes than its size says");
                    };
                    self.left = Some(left);
                }
                self.meter.add(bytes);
                Poll::Ready(Some(Ok(piece)))
            }
            Some(Err(error)) => Poll::Ready(Some(Err(Unreadable(error)))),
            None if self.left.is_some_and(|left| left > 0) => {
                fail("it has fewer bytes than its size says")
            }
            None => Poll::Ready(None),
        }
    }
}

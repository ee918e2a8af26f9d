//! All entries of a query, page by page.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::QueryRequest;
use super::error::QueryError;
use super::limits::MOST;
use crate::error::DecodeError;
use crate::method::Query;
use crate::request::RequestFuture;
use crate::rows::Rows;
use crate::transport::Transport;

/// The usual size of a page.
const PAGE: u64 = 1_000;

/// The entries of a query as a [`Stream`], which asks for the next page when
/// one has been taken.
///
/// The server keeps nothing between pages: what comes or goes meanwhile moves
/// entries from one page to another. Sort by a field that does not change.
///
/// An entry that does not fit its type yields an error, and the next entries
/// follow. The index in the error's path is counted from the start of the
/// stream. Any other error is the last item.
#[must_use = "nothing is sent before the first entry is asked for"]
pub struct Entries<'c, C: Transport + ?Sized, M: Query> {
    query: QueryRequest<'c, C, M>,
    page: u64,
    /// How many entries are still wanted; `None` for all.
    wanted: Option<u64>,
    /// The number of entries received.
    fetched: usize,
    fetching: Option<RequestFuture<'c, Rows<M::Entry>, C::Error>>,
    /// Entries of the last page.
    ready: std::vec::IntoIter<Result<M::Entry, DecodeError>>,
    finished: bool,
}

impl<'c, C: Transport + ?Sized, M: Query> Entries<'c, C, M> {
    pub(super) fn new(mut query: QueryRequest<'c, C, M>) -> Self {
        Self {
            wanted: query.limit.take(),
            query,
            page: PAGE,
            fetched: 0,
            fetching: None,
            ready: Vec::new().into_iter(),
            finished: false,
        }
    }

    /// So many entries at a time, in place of 1 000. The server takes up to 10 000.
    pub fn page_size(mut self, size: u64) -> Self {
        self.page = size;
        self
    }

    /// The next entry.
    ///
    /// # Errors
    ///
    /// Those of the client. The stream continues after an entry that does not
    /// fit its type.
    ///
    /// ```
    /// # use truenas_runtime::{Query, QueryRequest, Transport};
    /// async fn count<C: Transport, Q: Query>(client: &C) -> Result<usize, C::Error> {
    ///     let mut entries = QueryRequest::<C, Q>::new(client).stream().page_size(100);
    ///     let mut count = 0;
    ///     while let Some(entry) = entries.next().await {
    ///         let _: Q::Entry = entry?;
    ///         count += 1;
    ///     }
    ///     Ok(count)
    /// }
    /// ```
    pub async fn next(&mut self) -> Option<Result<M::Entry, C::Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn fetch(&mut self) -> Result<RequestFuture<'c, Rows<M::Entry>, C::Error>, QueryError> {
        if !(1..=MOST).contains(&self.page) {
            return Err(QueryError::PageSize(self.page));
        }
        if self.wanted == Some(0) {
            return Err(QueryError::Limit(0));
        }
        let limit = self
            .wanted
            .map_or(self.page, |wanted| wanted.min(self.page));
        self.query.clone().limit(limit).rows(self.fetched)
    }

    /// Goes on behind a page.
    fn advance(&mut self, page: Rows<M::Entry>) {
        self.fetched = self.fetched.saturating_add(page.len());
        let got = u64::try_from(page.len()).unwrap_or(u64::MAX);
        self.wanted = self.wanted.map(|wanted| wanted.saturating_sub(got));
        self.finished = got < self.page || self.wanted == Some(0);
        let offset = self.query.offset.unwrap_or_default();
        self.query.offset = Some(offset.saturating_add(got));
        self.ready = page.into_iter();
    }
}

impl<C: Transport + ?Sized, M: Query> Stream for Entries<'_, C, M> {
    type Item = Result<M::Entry, C::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(entry) = this.ready.next() {
                return Poll::Ready(Some(entry.map_err(C::Error::from)));
            }
            if let Some(fetching) = &mut this.fetching {
                let page = ready!(fetching.as_mut().poll(context));
                this.fetching = None;
                match page {
                    Ok(page) => this.advance(page),
                    Err(error) => {
                        this.finished = true;
                        return Poll::Ready(Some(Err(error)));
                    }
                }
            } else if this.finished {
                return Poll::Ready(None);
            } else {
                match this.fetch() {
                    Ok(fetching) => this.fetching = Some(fetching),
                    Err(error) => {
                        this.finished = true;
                        return Poll::Ready(Some(Err(error.into())));
                    }
                }
            }
        }
    }
}

/// Nothing in it is ever pinned.
impl<C: Transport + ?Sized, M: Query> Unpin for Entries<'_, C, M> {}

impl<C: Transport + ?Sized, M: Query> fmt::Debug for Entries<'_, C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entries").field(&M::INFO.name).finish()
    }
}

//! Queries that are sent and waited for.

use serde::de::DeserializeOwned;

use super::session::Session;
use super::wait::Waiter;
use crate::client::{self, Error};
use crate::error::DecodeError;
use crate::method::Query;
use crate::query::{self, Columns, QueryRequest};

impl<'c, M: Query> QueryRequest<'c, Session, M> {
    /// The entries that match.
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub fn send(self) -> Result<Vec<M::Entry>, Error> {
        let (query, waiter) = self.split();
        waiter.wait(query.into_future())?
    }

    /// The one entry that matches, or the first of several.
    ///
    /// # Errors
    ///
    /// Those of any call; that nothing matches is one. An offset or a limit
    /// above one is refused.
    pub fn get(self) -> Result<M::Entry, Error> {
        let (query, waiter) = self.split();
        waiter.wait(query.get())?
    }

    /// The first entry that matches, if any does.
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub fn first(self) -> Result<Option<M::Entry>, Error> {
        let (query, waiter) = self.split();
        waiter.wait(query.first())?
    }

    /// How many entries match, whatever the limit and the offset.
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub fn count(self) -> Result<u64, Error> {
        let (query, waiter) = self.split();
        waiter.wait(query.count())?
    }

    /// The entries that match, with these columns alone, as a type of the
    /// caller's own.
    ///
    /// # Errors
    ///
    /// Those of any call; an entry that does not fit the type is one.
    pub fn select<T: DeserializeOwned>(
        self,
        columns: impl Columns<M::Entry>,
    ) -> Result<Vec<T>, Error> {
        let (query, waiter) = self.split();
        waiter.wait(query.select(columns))?
    }

    /// Returns each entry that matches, with an error in place of each entry
    /// that does not fit its type.
    ///
    /// # Errors
    ///
    /// The errors of any call, and an error if the answer is not a list.
    pub fn each(self) -> Result<Vec<Result<M::Entry, DecodeError>>, Error> {
        let (query, waiter) = self.split();
        waiter.wait(query.each())?
    }

    /// All entries that match, up to the limit, asked for page by page. The
    /// limit may be any number here.
    pub fn iter(self) -> Entries<'c, M> {
        let (query, waiter) = self.split();
        Entries {
            entries: query.stream(),
            waiter,
        }
    }

    fn split(self) -> (QueryRequest<'c, client::Session, M>, &'c Waiter) {
        let session = self.client();
        (self.over(&session.inner), &session.waiter)
    }
}

/// The entries of a query, which asks for the next page when one has been
/// taken.
///
/// An entry that does not fit its type yields an error, and the next entries
/// follow. Any other error is the last item.
#[must_use = "nothing is sent before the first entry is asked for"]
pub struct Entries<'c, M: Query> {
    entries: query::Entries<'c, client::Session, M>,
    waiter: &'c Waiter,
}

impl<M: Query> Entries<'_, M> {
    /// So many entries at a time, in place of 1 000. The server takes up to 10 000.
    pub fn page_size(mut self, size: u64) -> Self {
        self.entries = self.entries.page_size(size);
        self
    }
}

impl<M: Query> Iterator for Entries<'_, M> {
    type Item = Result<M::Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.waiter.wait(self.entries.next()) {
            Ok(entry) => entry,
            Err(error) => Some(Err(error)),
        }
    }
}

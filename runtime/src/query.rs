//! Queries that are ready to be sent.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::filter::Filter;
use crate::json::Json;
use crate::method::Query;
use crate::transport::{Call, Transport, call};

/// A query, to be narrowed down and then sent by what it is to answer.
///
/// ```
/// # use truenas_runtime::{Filter, Op, Query, QueryRequest, Transport};
/// async fn newest<C: Transport, Q: Query>(client: &C) -> Result<Vec<Q::Entry>, C::Error> {
///     QueryRequest::<C, Q>::new(client)
///         .filter(Filter::new("pool", Op::Eq, "tank"))
///         .order_by("-createtxg")
///         .limit(10)
///         .list()
///         .await
/// }
/// ```
#[must_use = "nothing is sent before `list`, `get`, `count` or `select`"]
pub struct QueryRequest<'c, C: ?Sized, M> {
    client: &'c C,
    filters: Vec<Value>,
    order_by: Vec<Value>,
    extra: Map<String, Value>,
    options: Map<String, Value>,
    timeout: Option<Duration>,
    method: PhantomData<fn() -> M>,
}

impl<'c, C: ?Sized, M: Query> QueryRequest<'c, C, M> {
    /// A query for all entries.
    pub fn new(client: &'c C) -> Self {
        Self {
            client,
            filters: Vec::new(),
            order_by: Vec::new(),
            extra: Map::new(),
            options: Map::new(),
            timeout: None,
            method: PhantomData,
        }
    }

    /// Only entries for which this holds as well.
    pub fn filter(mut self, filter: Filter) -> Self {
        filter.write_into(&mut self.filters);
        self
    }

    /// Sorts by a field, after those named before: `-x` for descending,
    /// `nulls_first:x`, `nulls_last:x`.
    pub fn order_by(mut self, field: impl Into<String>) -> Self {
        self.order_by.push(Value::String(field.into()));
        self
    }

    /// At most so many entries. The server takes up to 10 000.
    pub fn limit(self, limit: u64) -> Self {
        self.option("limit", limit)
    }

    /// Leaves out so many entries at the start.
    pub fn offset(self, offset: u64) -> Self {
        self.option("offset", offset)
    }

    /// Sets one of the options that this method has beyond those of all queries.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// Waits for the answer at most so long, in place of the client's usual limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    fn option(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.options.insert(name.to_owned(), value.into());
        self
    }
}

impl<C: Transport + ?Sized, M: Query> QueryRequest<'_, C, M> {
    /// The entries that match.
    ///
    /// # Errors
    ///
    /// Those of the client; an entry that does not fit its type is one.
    pub async fn list(self) -> Result<Vec<M::Entry>, C::Error> {
        self.send().await
    }

    /// The first entry that matches. The server takes no offset with this.
    ///
    /// # Errors
    ///
    /// Those of the client; that nothing matches is one.
    pub async fn get(self) -> Result<M::Entry, C::Error> {
        self.option("get", true).send().await
    }

    /// How many entries match.
    ///
    /// # Errors
    ///
    /// Those of the client.
    pub async fn count(self) -> Result<u64, C::Error> {
        self.option("count", true).send().await
    }

    /// The entries that match, with these columns alone, as a type that has
    /// just them: one of the caller's own, or [`Map`].
    ///
    /// # Errors
    ///
    /// Those of the client; an entry that does not fit the type is one.
    ///
    /// ```
    /// # use truenas_runtime::{Column, Map, Query, QueryRequest, Transport, Value};
    /// async fn names<C: Transport, Q: Query>(
    ///     client: &C,
    /// ) -> Result<Vec<Map<String, Value>>, C::Error> {
    ///     let columns = [Column::from("name"), Column::from(("properties.used.parsed", "used"))];
    ///     QueryRequest::<C, Q>::new(client).select(columns).await
    /// }
    /// ```
    pub async fn select<T: Json>(
        self,
        columns: impl IntoIterator<Item = impl Into<Column>>,
    ) -> Result<Vec<T>, C::Error> {
        let columns: Vec<Value> = columns.into_iter().map(|column| column.into().0).collect();
        self.option("select", columns).send().await
    }

    async fn send<T: Json>(mut self) -> Result<T, C::Error> {
        if !self.order_by.is_empty() {
            self.options
                .insert("order_by".to_owned(), self.order_by.into());
        }
        if !self.extra.is_empty() {
            self.options.insert("extra".to_owned(), self.extra.into());
        }
        let params = vec![self.filters.into(), self.options.into()];
        let request = Call {
            method: M::INFO,
            params,
            timeout: self.timeout,
        };
        call(self.client, request).await
    }
}

impl<C: ?Sized, M: Query> fmt::Debug for QueryRequest<'_, C, M> {
    /// Without the filters, as [`Request`](crate::Request) is shown without parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("QueryRequest").field(&M::INFO.name).finish()
    }
}

/// A column of [`QueryRequest::select`]: the path of a field, and what it is
/// to be called.
///
/// ```
/// use truenas_runtime::Column;
///
/// let columns = [Column::from("name"), Column::from(("topology.data.0.type", "layout"))];
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Column(Value);

impl From<&str> for Column {
    fn from(path: &str) -> Self {
        Self(path.into())
    }
}

impl From<(&str, &str)> for Column {
    fn from((path, name): (&str, &str)) -> Self {
        Self(Value::Array(vec![path.into(), name.into()]))
    }
}

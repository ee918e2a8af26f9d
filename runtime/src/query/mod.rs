//! Queries that are ready to be sent.

mod entries;
mod error;
mod field;
mod filter;
mod form;
mod limits;
mod moment;
mod order;
mod plain;
mod select;
mod sql;

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use entries::Entries;
pub use error::QueryError;
pub use field::{List, Ordered, QueryField};
pub use filter::{Filter, Op};
pub use order::Order;
#[cfg(feature = "client")]
pub(crate) use select::read as read_own;
pub use select::{Column, Columns};

use crate::error::DecodeError;
use crate::json::Json;
use crate::method::{Query, Quirk};
use crate::request::RequestFuture;
use crate::rows::Rows;
use crate::transport::{Call, Transport, call, call_all, call_each};
use filter::Condition;
use limits::MOST;

/// A query, to be narrowed down and then sent by what it is to answer:
/// `.await` for the entries, or [`each`](Self::each), [`get`](Self::get),
/// [`first`](Self::first), [`count`](Self::count), [`select`](Self::select),
/// [`stream`](Self::stream).
///
/// What the server would refuse is an error before anything is sent, see
/// [`QueryError`].
///
/// ```
/// # use truenas_runtime::{Query, QueryField, QueryRequest, Transport};
/// # type Entry = ();
/// const NAME: QueryField<Entry, str> = QueryField::new("name");
///
/// async fn newest<C, Q>(client: &C) -> Result<Vec<Entry>, C::Error>
/// where
///     C: Transport,
///     Q: Query<Entry = Entry>,
/// {
///     QueryRequest::<C, Q>::new(client)
///         .filter(NAME.starts_with("tank/"))
///         .order_by(NAME.desc())
///         .limit(10)
///         .await
/// }
/// ```
#[must_use = "nothing is sent before `.await`, or `.send()` with the blocking client"]
pub struct QueryRequest<'c, C: ?Sized, M> {
    client: &'c C,
    conditions: Vec<Condition>,
    order_by: Vec<order::Key>,
    extra: Map<String, Value>,
    limit: Option<u64>,
    offset: Option<u64>,
    timeout: Option<Duration>,
    method: PhantomData<fn() -> M>,
}

impl<'c, C: ?Sized, M: Query> QueryRequest<'c, C, M> {
    /// A query for all entries.
    pub fn new(client: &'c C) -> Self {
        Self {
            client,
            conditions: Vec::new(),
            order_by: Vec::new(),
            extra: Map::new(),
            limit: None,
            offset: None,
            timeout: None,
            method: PhantomData,
        }
    }

    /// Only entries for which this holds as well.
    pub fn filter(mut self, filter: Filter<M::Entry>) -> Self {
        self.conditions.push(filter.into_condition());
        self
    }

    /// Sorts by a field. Further calls sort the entries that are equal in the
    /// previous fields.
    pub fn order_by(mut self, order: impl Into<Order<M::Entry>>) -> Self {
        self.order_by.push(order.into().into_key());
        self
    }

    /// At most so many entries, from 1 to 10 000.
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Leaves out so many entries at the start.
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
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

    /// The call, with one more option that says what is to be answered.
    fn call(self, answer: Option<(&str, Value)>) -> Result<Call, QueryError> {
        let in_sql = M::QUIRKS.contains(&Quirk::FiltersInSql);
        let filters = if in_sql {
            sql::write(&self.conditions)?
        } else {
            plain::write(&self.conditions)?
        };
        let order_by = order::write(&self.order_by, in_sql)?;
        if let Some(limit) = self.limit.filter(|limit| !(1..=MOST).contains(limit)) {
            return Err(QueryError::Limit(limit));
        }
        let mut options = Map::new();
        let mut option = |name: &str, value: Option<Value>| {
            options.extend(value.map(|value| (name.to_owned(), value)));
        };
        let order_by = Some(order_by).filter(|order| !order.is_empty());
        let extra = Some(self.extra).filter(|extra| !extra.is_empty());
        option("order_by", order_by.map(Value::from));
        option("extra", extra.map(Value::from));
        option("limit", self.limit.map(Value::from));
        option("offset", self.offset.map(Value::from));
        if let Some((name, value)) = answer {
            option(name, Some(value));
        }
        let params = [Value::from(filters), Value::from(options)];
        let mut call = Call::new(M::INFO, || params.to_vec());
        call.timeout = self.timeout;
        Ok(call)
    }
}

impl<'c, C: Transport + ?Sized, M: Query> QueryRequest<'c, C, M> {
    /// The one entry that matches, or the first of several.
    ///
    /// # Errors
    ///
    /// Those of the client; that nothing matches is one. An offset or a limit
    /// above one is refused.
    pub async fn get(self) -> Result<M::Entry, C::Error> {
        if let Some(limit) = self.limit.filter(|limit| *limit > 1) {
            return Err(QueryError::GetWithLimit(limit).into());
        }
        if let Some(offset) = self.offset.filter(|offset| *offset > 0) {
            return Err(QueryError::GetWithOffset(offset).into());
        }
        self.send(Some(("get", true.into()))).await
    }

    /// The first entry that matches, if any does.
    ///
    /// # Errors
    ///
    /// Those of the client.
    pub async fn first(self) -> Result<Option<M::Entry>, C::Error> {
        let entries: Vec<M::Entry> = self.limit(1).send(None).await?;
        Ok(entries.into_iter().next())
    }

    /// How many entries match, whatever the limit and the offset.
    ///
    /// # Errors
    ///
    /// Those of the client.
    pub async fn count(self) -> Result<u64, C::Error> {
        self.send(Some(("count", true.into()))).await
    }

    /// The entries that match, with these columns alone, as a type of the
    /// caller's own. What it holds may be types of the API, see
    /// [`as_json`](crate::as_json).
    ///
    /// Most services sort the selected columns: there, each field of
    /// [`order_by`](Self::order_by) must be selected.
    ///
    /// # Errors
    ///
    /// The client's errors, and an error if an entry does not fit the type. The
    /// type receives an integer that neither `i64` nor `u64` can hold as a
    /// string of its digits; [`Typed<BigInteger>`](crate::Typed) reads it.
    ///
    /// ```
    /// # use truenas_runtime::{Query, QueryField, QueryRequest, Raw, Transport};
    /// # type Entry = ();
    /// # const NAME: QueryField<Entry, str> = QueryField::new("name");
    /// # const USED: QueryField<Entry, Raw> = QueryField::new("used");
    /// #[derive(serde::Deserialize)]
    /// struct Usage {
    ///     name: String,
    ///     used: u64,
    /// }
    ///
    /// # async fn usage<C: Transport, Q: Query<Entry = Entry>>(
    /// #     query: QueryRequest<'_, C, Q>,
    /// # ) -> Result<(), C::Error> {
    /// let columns = (NAME, USED.at::<i64>("parsed").named("used"));
    /// for usage in query.select::<Usage>(columns).await? {
    ///     println!("{}: {} bytes", usage.name, usage.used);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn select<T: DeserializeOwned>(
        mut self,
        columns: impl Columns<M::Entry>,
    ) -> Result<Vec<T>, C::Error> {
        let columns = columns.columns();
        self.order_by = select::sorted(self.order_by, &columns, M::QUIRKS)?;
        let columns = select::write(columns, M::QUIRKS)?;
        let client = self.client;
        let answer = client
            .call(self.call(Some(("select", columns.into())))?)
            .await?;
        select::read(&answer).map_err(|error| error.of_method(M::INFO.name).into())
    }

    /// Returns each entry that matches, with an error in place of each entry
    /// that does not fit its type.
    ///
    /// Servers sometimes send an entry that violates their own schema. `.await`
    /// then returns an error; `each` returns all other entries. The error of an
    /// entry has its index in the [path](DecodeError::path) and its text in
    /// [`answer`](DecodeError::answer).
    ///
    /// # Errors
    ///
    /// The client's errors, and an error if the answer is not a list.
    ///
    /// ```
    /// # use truenas_runtime::{Query, QueryRequest, Transport};
    /// # async fn log<C: Transport, Q: Query>(query: QueryRequest<'_, C, Q>) -> Result<(), C::Error> {
    /// for entry in query.each().await? {
    ///     match entry {
    ///         Ok(entry) => drop(entry),
    ///         Err(error) => eprintln!("skipped: {error}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn each(self) -> Result<Vec<Result<M::Entry, DecodeError>>, C::Error> {
        self.rows(0)?.await
    }

    /// Requests each entry that matches. The indexes in errors count from
    /// `first`.
    fn rows(self, first: usize) -> Result<RequestFuture<'c, Rows<M::Entry>, C::Error>, QueryError> {
        let client = self.client;
        let request = self.call(None)?;
        Ok(Box::pin(call_each(client, request, first)))
    }

    /// All entries that match, up to the limit, asked for page by page. The
    /// limit may be any number here.
    pub fn stream(self) -> Entries<'c, C, M> {
        Entries::new(self)
    }

    async fn send<T: Json>(self, answer: Option<(&str, Value)>) -> Result<T, C::Error> {
        let client = self.client;
        call(client, self.call(answer)?).await
    }
}

impl<'c, C: Transport + ?Sized, M: Query> IntoFuture for QueryRequest<'c, C, M> {
    type Output = Result<Vec<M::Entry>, C::Error>;
    type IntoFuture = RequestFuture<'c, Vec<M::Entry>, C::Error>;

    /// Requests the entries that match, all of which must fit their type; see
    /// [`each`](Self::each).
    fn into_future(self) -> Self::IntoFuture {
        let client = self.client;
        let request = self.call(None);
        Box::pin(async move { call_all(client, request?).await })
    }
}

#[cfg(feature = "blocking")]
impl<'c, C: ?Sized, M> QueryRequest<'c, C, M> {
    pub(crate) fn client(&self) -> &'c C {
        self.client
    }

    /// The same query over another client.
    pub(crate) fn over<D: ?Sized>(self, client: &D) -> QueryRequest<'_, D, M> {
        QueryRequest {
            client,
            conditions: self.conditions,
            order_by: self.order_by,
            extra: self.extra,
            limit: self.limit,
            offset: self.offset,
            timeout: self.timeout,
            method: PhantomData,
        }
    }
}

impl<C: ?Sized, M> Clone for QueryRequest<'_, C, M> {
    fn clone(&self) -> Self {
        Self {
            client: self.client,
            conditions: self.conditions.clone(),
            order_by: self.order_by.clone(),
            extra: self.extra.clone(),
            method: PhantomData,
            ..*self
        }
    }
}

impl<C: ?Sized, M: Query> fmt::Debug for QueryRequest<'_, C, M> {
    /// Without the filters, as [`Request`](crate::Request) is shown without parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("QueryRequest").field(&M::INFO.name).finish()
    }
}

//! Streams of events.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use serde_json::{Map, Value};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::driver::{Listener, Signal};
use super::error::Error;
use super::frame::{Update, UpdateKind};
use super::session::Session;
use crate::answer::Answer;
use crate::error::DecodeError;
use crate::event::Event;
use crate::json::{self, Json};
use crate::request::RequestFuture;
use crate::subscribe::Subscribe;

/// What a stream of events gives.
#[non_exhaustive]
pub enum Notice<E: Event> {
    /// Something new is there.
    Added(E::Added),
    /// Something has changed.
    Changed(E::Changed),
    /// Something is gone.
    Removed(E::Removed),
    /// Something has happened that the server tells less of than its schemas
    /// say, or more than this version knows.
    Partial(Partial),
    /// The connection was lost and is back. What happened in between was not
    /// heard: who keeps a copy has to ask for all of it again.
    Gap,
    /// So many notices were dropped, since they were not read fast enough.
    Missed(u64),
}

impl<E: Event> fmt::Debug for Notice<E>
where
    E::Added: fmt::Debug,
    E::Changed: fmt::Debug,
    E::Removed: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(event) => f.debug_tuple("Added").field(event).finish(),
            Self::Changed(event) => f.debug_tuple("Changed").field(event).finish(),
            Self::Removed(event) => f.debug_tuple("Removed").field(event).finish(),
            Self::Partial(partial) => f.debug_tuple("Partial").field(partial).finish(),
            Self::Gap => f.write_str("Gap"),
            Self::Missed(count) => f.debug_tuple("Missed").field(count).finish(),
        }
    }
}

/// An event that does not fit its type, as it came.
#[derive(Clone)]
pub struct Partial {
    kind: UpdateKind,
    params: Answer,
    error: DecodeError,
}

impl Partial {
    /// `added`, `changed`, `removed`, or what else the server says.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.kind {
            UpdateKind::Added => "added",
            UpdateKind::Changed => "changed",
            UpdateKind::Removed => "removed",
            UpdateKind::Unknown => "unknown",
        }
    }

    /// What the entry is known by, if it is told.
    #[must_use]
    pub fn id(&self) -> Option<Value> {
        self.member("id")
    }

    /// What is told of the entry: often only what has changed.
    #[must_use]
    pub fn fields(&self) -> Option<Map<String, Value>> {
        match self.member("fields")? {
            Value::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// What some events carry in place of fields.
    #[must_use]
    pub fn extra(&self) -> Option<Value> {
        self.member("extra")
    }

    /// In what way it does not fit its type.
    #[must_use]
    pub fn error(&self) -> &DecodeError {
        &self.error
    }

    fn member(&self, key: &str) -> Option<Value> {
        self.params.value().ok()?.get_mut(key).map(Value::take)
    }
}

impl fmt::Debug for Partial {
    /// Without what it holds: that may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partial")
            .field("kind", &self.kind())
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// A stream of events.
///
/// Survives a lost connection, with a [`Notice::Gap`]. Ends after an error:
/// the server has ended the subscription, or the client is at its end.
/// Dropping it ends the subscription, unless another stream shares it.
///
/// Every stream has room for a limited number of notices
/// ([`Builder::backlog`](super::Builder::backlog)); one that is read too slowly
/// loses the oldest and says how many.
pub struct Subscription<E> {
    signals: Option<BroadcastStream<Signal>>,
    session: Session,
    event: PhantomData<fn() -> E>,
}

impl<E: Event> Subscription<E> {
    fn new(session: &Session, listener: Listener) -> Self {
        Self {
            signals: Some(BroadcastStream::new(listener)),
            session: session.clone(),
            event: PhantomData,
        }
    }

    /// The next notice; `None` when there will be no more. Cancel safe.
    pub async fn next(&mut self) -> Option<Result<Notice<E>, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<E: Event> Stream for Subscription<E> {
    type Item = Result<Notice<E>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(signals) = &mut self.signals else {
            return Poll::Ready(None);
        };
        let signal = ready!(Pin::new(signals).poll_next(cx));
        Poll::Ready(match signal {
            Some(Ok(Signal::Update(update))) => Some(Ok(read(&update))),
            Some(Ok(Signal::Gap)) => Some(Ok(Notice::Gap)),
            Some(Err(BroadcastStreamRecvError::Lagged(missed))) => Some(Ok(Notice::Missed(missed))),
            Some(Ok(Signal::Ended(error))) => {
                self.signals = None;
                error.map(Err)
            }
            None => {
                self.signals = None;
                None
            }
        })
    }
}

impl<E> Drop for Subscription<E> {
    fn drop(&mut self) {
        // First it must no longer be counted.
        self.signals = None;
        self.session.unheard();
    }
}

impl<E: Event> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscription").field(&E::INFO.name).finish()
    }
}

impl<'c, E: Event> IntoFuture for Subscribe<'c, Session, E> {
    type Output = Result<Subscription<E>, Error>;
    type IntoFuture = RequestFuture<'c, Subscription<E>, Error>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let listener = self.client.listen(self.collection).await?;
            Ok(Subscription::new(self.client, listener))
        })
    }
}

fn read<E: Event>(update: &Arc<Update>) -> Notice<E> {
    let read = match update.kind {
        UpdateKind::Added => event(&update.params).map(Notice::Added),
        UpdateKind::Changed => event(&update.params).map(Notice::Changed),
        UpdateKind::Removed => event(&update.params).map(Notice::Removed),
        UpdateKind::Unknown => Err(DecodeError::new(
            "$.msg".to_owned(),
            "a kind of event that is not known".to_owned(),
        )),
    };
    read.unwrap_or_else(|error| {
        Notice::Partial(Partial {
            kind: update.kind,
            params: update.params.clone(),
            error: error.of_method(E::INFO.name),
        })
    })
}

/// Reads an event as its type, also where what it needs stands elsewhere than
/// the schemas say: some sources put it into `extra`, and some leave out the
/// id that is in the fields as well.
fn event<T: Json>(params: &Answer) -> Result<T, DecodeError> {
    let error = match params.read() {
        Ok(event) => return Ok(event),
        Err(error) => error,
    };
    let Ok(Value::Object(mut object)) = params.value() else {
        return Err(error);
    };
    let extra = object.remove("extra");
    for source in [
        extra.as_ref(),
        extra.as_ref().and_then(|extra| extra.get("fields")),
    ] {
        for (key, value) in source.and_then(Value::as_object).into_iter().flatten() {
            object.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    if !object.contains_key("id")
        && let Some(id) = object.get("fields").and_then(|fields| fields.get("id"))
    {
        let id = id.clone();
        object.insert("id".to_owned(), id);
    }
    json::from_value(&object.into()).map_err(|_| error)
}

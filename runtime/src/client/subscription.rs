//! Streams of events.

use std::collections::BTreeSet;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::driver::{Listener, Signal};
use super::error::Error;
use super::notice::{self, AnyEvent, Notice};
use super::session::Session;
use crate::error::DecodeError;
use crate::event::Event;
use crate::request::RequestFuture;
use crate::subscribe::Subscribe;

/// How many deviations of an event are told apart in warnings.
const TOLD: usize = 64;

/// How the events of a subscription deviate from their type.
#[derive(Default)]
struct Deviations {
    count: u64,
    told: BTreeSet<(&'static str, String)>,
}

impl Deviations {
    /// Warns once for each kind of event and deviation.
    fn note(&mut self, event: &str, kind: &'static str, error: &DecodeError) {
        self.count = self.count.saturating_add(1);
        let what = format!("at `{}`: {}", error.path(), error.message());
        if self.told.len() >= TOLD || !self.told.insert((kind, what.clone())) {
            return;
        }
        tracing::warn!(event, kind, %what, "an event does not fit its type and is given as `Partial`");
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
    /// What is subscribed to, where the type does not say it.
    collection: Option<String>,
    deviations: Deviations,
    event: PhantomData<fn() -> E>,
}

impl<E: Event> Subscription<E> {
    fn new(session: &Session, listener: Listener) -> Self {
        Self {
            signals: Some(BroadcastStream::new(listener)),
            session: session.clone(),
            collection: None,
            deviations: Deviations::default(),
            event: PhantomData,
        }
    }

    /// Returns how many events so far did not fit their type and came as
    /// [`Notice::Partial`].
    ///
    /// The log has a warning for the first of each kind.
    #[must_use]
    pub fn deviations(&self) -> u64 {
        self.deviations.count
    }

    fn name(&self) -> &str {
        self.collection.as_deref().unwrap_or(E::INFO.name)
    }

    /// The next notice; `None` when there will be no more. Cancel safe.
    pub async fn next(&mut self) -> Option<Result<Notice<E>, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<E: Event> Stream for Subscription<E> {
    type Item = Result<Notice<E>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(signals) = &mut this.signals else {
            return Poll::Ready(None);
        };
        let signal = ready!(Pin::new(signals).poll_next(cx));
        Poll::Ready(match signal {
            Some(Ok(Signal::Update(update))) => {
                let notice = notice::read(&update);
                if let Notice::Partial(partial) = &notice {
                    let name = this.collection.as_deref().unwrap_or(E::INFO.name);
                    this.deviations.note(name, partial.kind(), partial.error());
                }
                Some(Ok(notice))
            }
            Some(Ok(Signal::Gap)) => Some(Ok(Notice::Gap)),
            Some(Err(BroadcastStreamRecvError::Lagged(missed))) => Some(Ok(Notice::Missed(missed))),
            Some(Ok(Signal::Ended(error))) => {
                this.signals = None;
                error.map(Err)
            }
            None => {
                this.signals = None;
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
        f.debug_tuple("Subscription").field(&self.name()).finish()
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

impl Session {
    /// Subscribes to an event by name, for those that no schema has, such as
    /// `disk.query` on 25.10. Parameters follow a colon:
    /// `reporting.realtime:{"interval":2}`.
    ///
    /// The stream is like those of typed events: it survives a lost connection,
    /// and marks gaps. The server accepts names that it does not have; it sends
    /// nothing then.
    ///
    /// ```
    /// # use truenas_runtime::client::{Error, Notice, Session};
    /// # async fn watch(session: &Session) -> Result<(), Error> {
    /// let mut disks = session.subscribe_raw("disk.query").await?;
    /// while let Some(notice) = disks.next().await {
    ///     if let Notice::Changed(disk) = notice? {
    ///         println!("{:?} has changed", disk.id);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of any call.
    pub async fn subscribe_raw(&self, name: &str) -> Result<Subscription<AnyEvent>, Error> {
        let listener = self.listen(name.to_owned()).await?;
        let mut subscription = Subscription::new(self, listener);
        subscription.collection = Some(name.to_owned());
        Ok(subscription)
    }
}

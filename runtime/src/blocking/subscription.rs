//! Events.

use std::fmt;
use std::time::Duration;

use super::wait::Waiter;
use crate::client::{self, Error, Notice};
use crate::event::Event;

/// Events one after the other, as [`client::Subscription`]: ends after an
/// error; dropping it ends the subscription.
pub struct Subscription<E> {
    events: client::Subscription<E>,
    waiter: Waiter,
}

impl<E: Event> Subscription<E> {
    pub(super) fn new(events: client::Subscription<E>, waiter: &Waiter) -> Self {
        Self {
            events,
            waiter: waiter.clone(),
        }
    }

    /// Returns the number of events so far that did not fit their type; see
    /// [`client::Subscription::deviations`].
    #[must_use]
    pub fn deviations(&self) -> u64 {
        self.events.deviations()
    }

    /// The next notice; `None` if there is none within this time.
    ///
    /// # Errors
    ///
    /// Those of the subscription; [`Error::Closed`] if there will be no more.
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<Notice<E>>, Error> {
        let events = &mut self.events;
        // A timer needs the runtime when it is made.
        let next = async { tokio::time::timeout(timeout, events.next()).await };
        match self.waiter.wait(next)? {
            Ok(Some(notice)) => notice.map(Some),
            Ok(None) => Err(Error::Closed),
            Err(_) => Ok(None),
        }
    }
}

impl<E: Event> Iterator for Subscription<E> {
    type Item = Result<Notice<E>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.waiter.wait(self.events.next()) {
            Ok(notice) => notice,
            Err(error) => Some(Err(error)),
        }
    }
}

impl<E: Event> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.events.fmt(f)
    }
}

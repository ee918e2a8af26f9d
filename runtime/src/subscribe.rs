//! Subscriptions that are ready to be made.

use std::fmt;
use std::marker::PhantomData;

use crate::event::Event;
use crate::json::Json;

/// A subscription that is ready to be made.
///
/// With the client of this crate `.await` makes it and gives a stream.
#[must_use = "nothing is subscribed to before `.await`, or `.send()` with the blocking client"]
pub struct Subscribe<'c, C: ?Sized, E> {
    #[cfg_attr(
        not(feature = "client"),
        expect(dead_code, reason = "the client subscribes")
    )]
    pub(crate) client: &'c C,
    /// What the server is given, and echoes byte for byte: `name`, or
    /// `name:{json}` where there are parameters.
    pub(crate) collection: String,
    event: PhantomData<fn() -> E>,
}

impl<'c, C: ?Sized, E: Event> Subscribe<'c, C, E> {
    /// A subscription to the event, with these parameters.
    pub fn new(client: &'c C, params: &E::Params) -> Self {
        let name = E::INFO.name;
        let collection = if params.is_absent() {
            name.to_owned()
        } else {
            format!("{name}:{}", params.write())
        };
        Self {
            client,
            collection,
            event: PhantomData,
        }
    }

    /// The name that is subscribed to, parameters included.
    #[must_use]
    pub fn collection(&self) -> &str {
        &self.collection
    }
}

#[cfg(feature = "blocking")]
impl<C: ?Sized, E> Subscribe<'_, C, E> {
    /// The same subscription over another client.
    pub(crate) fn over<D: ?Sized>(self, client: &D) -> Subscribe<'_, D, E> {
        Subscribe {
            client,
            collection: self.collection,
            event: PhantomData,
        }
    }
}

impl<C: ?Sized, E: Event> fmt::Debug for Subscribe<'_, C, E> {
    /// Without the parameters: there can be secrets in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscribe").field(&E::INFO.name).finish()
    }
}

//! A version of the API as a type.

use crate::method::MethodInfo;

/// A version of the API, as a type without values: `v25_10::Api`.
///
/// What a client of it speaks and shows follows from it.
pub trait Api: 'static {
    /// The API's name of the version: `v25.10.5`; or `current`, which is
    /// whichever version a server is itself of.
    const VERSION: &'static str;
    /// Every method of the version, by wire name in order.
    const METHODS: &'static [&'static MethodInfo];
    /// The services as functions, over a client.
    type Services<C>;

    /// The services over this client.
    fn services<C>(client: C) -> Self::Services<C>;
}

//! All types of a version as a table, for tools that read and write values of
//! any method by its name.

use serde_json::Value;

use crate::error::DecodeError;
use crate::event::{Event, EventInfo, gathered};
use crate::json::{Json, from_value, to_value};
use crate::method::{Method, MethodInfo, Query};
use crate::params::{Params, params_from_value};
use crate::result::QueryResult;

/// Reads a value into its type and writes it again.
pub type RoundTrip = fn(&Value) -> Result<Value, DecodeError>;

/// Every method and event of a version.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// The API's name of the version.
    pub api: &'static str,
    /// Sorted by wire name.
    pub methods: &'static [MethodTypes],
    /// Sorted by wire name.
    pub events: &'static [EventTypes],
}

/// The types of a method.
#[derive(Debug, Clone, Copy)]
pub struct MethodTypes {
    /// What the API says of it.
    pub info: &'static MethodInfo,
    /// The array of its parameters.
    pub params: RoundTrip,
    /// What it answers, to whatever parameters.
    pub result: RoundTrip,
    /// What a query answers without `select`: its entries, one entry (`get`) or
    /// a number (`count`). `None` for a method that is not a query.
    ///
    /// `result` takes any object for an entry, this only takes what is one.
    pub entry: Option<RoundTrip>,
}

/// The types of an event.
#[derive(Debug, Clone, Copy)]
pub struct EventTypes {
    /// What the API says of it.
    pub info: &'static EventInfo,
    /// `ADDED`
    pub added: RoundTrip,
    /// `CHANGED`
    pub changed: RoundTrip,
    /// `REMOVED`
    pub removed: RoundTrip,
    /// `Subscription parameters`
    pub params: RoundTrip,
}

impl Table {
    /// The types of a method.
    #[must_use]
    pub fn method(&self, name: &str) -> Option<&'static MethodTypes> {
        let found = self
            .methods
            .binary_search_by_key(&name, |method| method.info.name);
        self.methods.get(found.ok()?)
    }

    /// The types of an event.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<&'static EventTypes> {
        let found = self
            .events
            .binary_search_by_key(&name, |event| event.info.name);
        self.events.get(found.ok()?)
    }
}

/// The entry of a method.
#[must_use]
pub const fn method<M: Method>() -> MethodTypes {
    MethodTypes {
        info: M::INFO,
        params: params::<M>,
        result: value::<M::Result>,
        entry: None,
    }
}

/// The entry of a method that takes filters and options: what it answers
/// depends on them.
#[must_use]
pub const fn query<M: Query>() -> MethodTypes {
    MethodTypes {
        info: M::INFO,
        params: params::<M>,
        result: value::<QueryResult<M::Entry>>,
        entry: Some(entry::<M::Entry>),
    }
}

/// The entry of an event.
#[must_use]
pub const fn event<E: Event>() -> EventTypes {
    EventTypes {
        info: E::INFO,
        added: payload::<E::Added>,
        changed: payload::<E::Changed>,
        removed: payload::<E::Removed>,
        params: value::<E::Params>,
    }
}

fn value<T: Json>(value: &Value) -> Result<Value, DecodeError> {
    from_value::<T>(value).map(|value| to_value(&value))
}

/// In whichever place the server puts it.
fn payload<T: Json>(event: &Value) -> Result<Value, DecodeError> {
    value::<T>(event).or_else(|error| match gathered(event.clone()) {
        Some(event) => value::<T>(&event).map_err(|_| error),
        None => Err(error),
    })
}

fn entry<E: Json>(answer: &Value) -> Result<Value, DecodeError> {
    match answer {
        Value::Array(_) => value::<Vec<E>>(answer),
        Value::Number(_) => value::<i64>(answer),
        _ => value::<E>(answer),
    }
}

fn params<M: Method>(value: &Value) -> Result<Value, DecodeError> {
    let parameters = M::INFO.parameters;
    params_from_value::<M::Params>(value, parameters)
        .map(|params| Value::Array(params.write_params(parameters)))
}

//! Subscriptions: what a connection hears of.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::AbortHandle;

use crate::connection::Connection;
use crate::engine::{Engine, Failure};
use crate::json::set;

/// How many a connection may have.
const MOST: usize = 1000;
/// How long a name may be.
const LONGEST_NAME: usize = 1024;
/// What a source sends first comes behind the subscription's id.
const FIRST: Duration = Duration::from_millis(20);

/// The subscriptions of a connection.
#[derive(Default)]
pub(crate) struct Subscriptions(Vec<Subscription>);

struct Subscription {
    id: String,
    /// As it was subscribed to, arguments included.
    name: String,
    /// What sends, of a source.
    source: Option<AbortHandle>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(source) = &self.source {
            source.abort();
        }
    }
}

impl Subscriptions {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a change in this collection is to be sent. A name that is
    /// subscribed to twice is still sent once; sources send for themselves.
    pub(crate) fn wants(&self, collection: &str) -> bool {
        let mut plain = self
            .0
            .iter()
            .filter(|subscription| subscription.source.is_none());
        plain.any(|subscription| subscription.name == "*" || subscription.name == collection)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes a subscription out; its name if it was a source.
    pub(crate) fn remove(&mut self, id: &str) -> Option<String> {
        let at = self
            .0
            .iter()
            .position(|subscription| subscription.id == id)?;
        let subscription = self.0.remove(at);
        subscription
            .source
            .is_some()
            .then(|| subscription.name.clone())
    }
}

/// Subscribes; a name that means nothing is kept and stays silent.
pub(crate) fn subscribe(
    engine: &Arc<Engine>,
    connection: &Arc<Connection>,
    name: &str,
    id: String,
) -> Result<(), Failure> {
    if name.chars().count() > LONGEST_NAME {
        let message = format!("String should have at most {LONGEST_NAME} characters");
        return Err(Failure::invalid_at("event", message));
    }
    if connection.subscriptions().len() >= MOST {
        let message = format!("The simulator keeps at most {MOST} subscriptions of a connection");
        return Err(Failure::call(16, "EBUSY", &message));
    }
    let (event, arguments) = match name.split_once(':') {
        Some((event, arguments)) => (event, Some(arguments)),
        None => (name, None),
    };
    // Events are those of the system itself, whatever version was dialled.
    let catalog = engine.own();
    let source = if engine.is_source(event) {
        let arguments = match arguments {
            None => Ok(json!({})),
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Failure::invalid_at("", error.to_string())),
        };
        let arguments = arguments.and_then(|given| catalog.check_arguments(event, given));
        match arguments {
            Ok(arguments) => {
                let engine = Arc::clone(engine);
                let source = send(engine, Arc::clone(connection), name.to_owned(), arguments);
                Some(tokio::spawn(source).abort_handle())
            }
            Err(failure) => {
                let mut error = failure.to_data();
                set(&mut error, "trace", Value::Null);
                connection.unsubscribed(name, &error);
                return Ok(());
            }
        }
    } else {
        None
    };
    let name = name.to_owned();
    connection
        .subscriptions()
        .0
        .push(Subscription { id, name, source });
    Ok(())
}

/// What a source does until it is unsubscribed from.
async fn send(engine: Arc<Engine>, connection: Arc<Connection>, name: String, arguments: Value) {
    let event = name
        .split_once(':')
        .map_or(name.as_str(), |(event, _)| event);
    let seconds = arguments
        .get("interval")
        .and_then(Value::as_u64)
        .unwrap_or(2);
    let pause = Duration::from_secs(seconds.clamp(1, 3600));
    tokio::time::sleep(FIRST).await;
    for number in 0_u64.. {
        if let Some(update) = engine.event(event, number) {
            connection.notify("collection_update", &update.to_params(&name));
        }
        tokio::time::sleep(pause).await;
    }
}

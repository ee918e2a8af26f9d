//! What is subscribed to, and who listens.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{broadcast, oneshot};

use crate::client::error::Error;
use crate::client::frame::Update;

/// What a listener hears.
#[derive(Debug, Clone)]
pub(crate) enum Signal {
    Update(Arc<Update>),
    /// The connection was lost and is back; what happened meanwhile is unknown.
    Gap,
    /// Nothing more will come; `None` if the source has just ended.
    Ended(Option<Error>),
}

pub(crate) type Listener = broadcast::Receiver<Signal>;
pub(crate) type ListenReply = oneshot::Sender<Result<Listener, Error>>;

/// Two subscriptions to one source would bring everything twice, so all who
/// listen to one collection share one.
pub(crate) struct Topics {
    by_collection: HashMap<String, Topic>,
    backlog: usize,
    /// Whether there may be something to subscribe to or to leave.
    unsettled: bool,
}

struct Topic {
    sender: broadcast::Sender<Signal>,
    phase: Phase,
    /// Those who wait to hear that the subscription stands. They listen
    /// already: an error can come before it does.
    waiting: Vec<(ListenReply, Listener)>,
    /// Kept without listeners.
    pinned: bool,
    /// Whether something may have been missed since the last subscription.
    gap: bool,
    /// How often it was turned away for want of a login.
    turned_away: u8,
}

/// What the server is to be told.
pub(crate) enum Change {
    Subscribe(String),
    Unsubscribe { collection: String, id: String },
}

#[derive(Debug)]
enum Phase {
    Wanted,
    Asked,
    Active {
        id: String,
    },
    /// The server has ended it before it said that it stands.
    Stillborn(Error),
    Leaving,
}

impl Topics {
    pub(crate) fn new(backlog: usize) -> Self {
        Self {
            by_collection: HashMap::new(),
            backlog,
            unsettled: false,
        }
    }

    fn topic(&mut self, collection: &str) -> &mut Topic {
        let backlog = self.backlog;
        self.unsettled = true;
        self.by_collection
            .entry(collection.to_owned())
            .or_insert_with(|| Topic {
                sender: broadcast::Sender::new(backlog),
                phase: Phase::Wanted,
                waiting: Vec::new(),
                pinned: false,
                gap: false,
                turned_away: 0,
            })
    }

    /// Somebody wants to listen.
    pub(crate) fn listen(&mut self, collection: &str, reply: ListenReply) {
        let topic = self.topic(collection);
        let listener = topic.sender.subscribe();
        match topic.phase {
            // Nobody listens if this fails; the next sweep sees it.
            Phase::Active { .. } => drop(reply.send(Ok(listener))),
            Phase::Stillborn(ref error) => drop(reply.send(Err(error.clone()))),
            _ => {
                topic.waiting.retain(|(reply, _)| !reply.is_closed());
                topic.waiting.push((reply, listener));
            }
        }
    }

    /// Subscribes for the client's own use.
    pub(crate) fn pin(&mut self, collection: &str) {
        self.topic(collection).pinned = true;
    }

    /// Whether anybody listens.
    pub(crate) fn are_heard(&self) -> bool {
        let mut topics = self.by_collection.values();
        topics.any(|topic| topic.sender.receiver_count() > 0)
    }

    /// A listener has gone.
    pub(crate) fn sweep(&mut self) {
        self.unsettled = true;
    }

    /// A listener has gone while there is no connection.
    pub(crate) fn forget_unheard(&mut self) {
        self.by_collection.retain(|_, topic| topic.is_needed());
    }

    /// What the server has to be told next; it counts as told from now on.
    pub(crate) fn next_change(&mut self) -> Option<Change> {
        if !self.unsettled {
            return None;
        }
        self.by_collection
            .retain(|_, topic| !matches!(topic.phase, Phase::Wanted) || topic.is_needed());
        let change = self.next_wanted().or_else(|| self.next_unheard());
        self.unsettled = change.is_some();
        change
    }

    fn next_wanted(&mut self) -> Option<Change> {
        let (collection, topic) = self
            .by_collection
            .iter_mut()
            .find(|(_, topic)| matches!(topic.phase, Phase::Wanted))?;
        topic.phase = Phase::Asked;
        Some(Change::Subscribe(collection.clone()))
    }

    fn next_unheard(&mut self) -> Option<Change> {
        self.by_collection
            .iter_mut()
            .find_map(|(collection, topic)| {
                if topic.is_needed() {
                    return None;
                }
                let Phase::Active { id } = &topic.phase else {
                    return None;
                };
                let id = id.clone();
                topic.phase = Phase::Leaving;
                Some(Change::Unsubscribe {
                    collection: collection.clone(),
                    id,
                })
            })
    }

    /// The server has answered a subscription.
    pub(crate) fn subscribed(&mut self, collection: &str, outcome: Result<String, Error>) {
        self.unsettled = true;
        let Some(topic) = self.by_collection.get_mut(collection) else {
            return;
        };
        match outcome {
            Ok(id) => {
                let before = std::mem::replace(&mut topic.phase, Phase::Active { id });
                let stillborn = matches!(before, Phase::Stillborn(_));
                topic.turned_away = 0;
                if std::mem::take(&mut topic.gap) {
                    topic.say(Signal::Gap);
                }
                for (reply, listener) in topic.waiting.drain(..) {
                    drop(reply.send(Ok(listener)));
                }
                if stillborn {
                    self.by_collection.remove(collection);
                }
            }
            Err(error) => {
                topic.say(Signal::Ended(Some(error.clone())));
                for (reply, _) in topic.waiting.drain(..) {
                    drop(reply.send(Err(error.clone())));
                }
                self.by_collection.remove(collection);
            }
        }
    }

    /// The server wants a login first; whether the topic waits for that.
    pub(crate) fn turned_away(&mut self, collection: &str, turns: u8) -> bool {
        let Some(topic) = self.by_collection.get_mut(collection) else {
            return false;
        };
        if !matches!(topic.phase, Phase::Asked) || topic.turned_away >= turns {
            return false;
        }
        topic.turned_away = topic.turned_away.saturating_add(1);
        topic.phase = Phase::Wanted;
        self.unsettled = true;
        true
    }

    /// The server has answered the end of a subscription.
    pub(crate) fn unsubscribed(&mut self, collection: &str) {
        self.unsettled = true;
        let Some(topic) = self.by_collection.get_mut(collection) else {
            return;
        };
        if matches!(topic.phase, Phase::Leaving) {
            topic.phase = Phase::Wanted;
            if topic.waiting.is_empty() && !topic.pinned {
                self.by_collection.remove(collection);
            }
        }
    }

    /// The server has ended a subscription by itself.
    pub(crate) fn ended(&mut self, collection: &str, error: Option<Error>) {
        let Some(topic) = self.by_collection.get_mut(collection) else {
            return;
        };
        match (&topic.phase, error) {
            // What is over without an error before it began was the one before.
            (Phase::Asked, None) | (Phase::Wanted | Phase::Leaving, _) => {}
            // Said already; those who wait hear of it with the answer.
            (Phase::Stillborn(_), _) => {}
            (Phase::Asked, Some(error)) => {
                topic.say(Signal::Ended(Some(error.clone())));
                topic.phase = Phase::Stillborn(error);
            }
            (_, error) => {
                topic.say(Signal::Ended(error));
                self.by_collection.remove(collection);
            }
        }
    }

    pub(crate) fn update(&self, update: &Arc<Update>) {
        for name in [update.collection.as_str(), "*"] {
            if let Some(topic) = self.by_collection.get(name) {
                topic.say(Signal::Update(update.clone()));
            }
        }
    }

    /// The connection is gone, and with it every subscription.
    pub(crate) fn lost(&mut self) {
        self.unsettled = true;
        self.by_collection.retain(|_, topic| {
            if matches!(topic.phase, Phase::Stillborn(_)) {
                for (reply, listener) in topic.waiting.drain(..) {
                    drop(reply.send(Ok(listener)));
                }
                return false;
            }
            topic.gap |= matches!(topic.phase, Phase::Active { .. });
            topic.phase = Phase::Wanted;
            topic.is_needed()
        });
    }

    /// There will be no connection any more.
    pub(crate) fn end(&mut self, error: &Error) {
        for (_, mut topic) in self.by_collection.drain() {
            topic.say(Signal::Ended(Some(error.clone())));
            for (reply, _) in topic.waiting.drain(..) {
                drop(reply.send(Err(error.clone())));
            }
        }
    }
}

impl Topic {
    /// Whether anybody listens, or still waits to.
    fn is_needed(&mut self) -> bool {
        self.waiting.retain(|(reply, _)| !reply.is_closed());
        self.pinned || self.sender.receiver_count() > 0
    }

    fn say(&self, signal: Signal) {
        // It fails if nobody listens, and then nobody misses it.
        let _ = self.sender.send(signal);
    }
}

//! What the system knows of one WebSocket connection.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use crate::auth::{Exchange, Session};
use crate::engine::{Catalog, Update};
use crate::events::Subscriptions;
use crate::faults::FaultKind;
use crate::number::{Number, V25_10};
use crate::rpc;

/// How many messages may wait for a client that reads slowly. One that has
/// more to read is cut off, so that nobody can fill the memory.
const WAITING: usize = 4096;

/// Where a connection comes from.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// What calls are counted by, and tokens are bound to.
    pub(crate) address: String,
    /// What `auth.sessions` says of it.
    pub(crate) origin: String,
    /// Whether nobody on the way can listen, as far as the server knows.
    pub(crate) secure: bool,
    pub(crate) kind: PeerKind,
}

/// What the connection runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerKind {
    Plain,
    Tls,
    Unix,
    Memory,
}

/// Something to be sent.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// A notification, or the answer to what was no call.
    Message(String),
    /// The reply of a call, and what is to go wrong with it.
    Reply(String, Option<FaultKind>),
}

/// An open connection.
pub(crate) struct Connection {
    pub(crate) id: u64,
    pub(crate) peer: Peer,
    /// The version that was dialled.
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) login: Mutex<Login>,
    pub(crate) subscriptions: Mutex<Subscriptions>,
    /// Whether the reply of a job is its id.
    pub(crate) legacy_jobs: AtomicBool,
    pub(crate) private_methods: AtomicBool,
    pub(crate) py_exceptions: AtomicBool,
    outbox: mpsc::Sender<Outgoing>,
    end: Notify,
}

/// How far a login has come.
#[derive(Default)]
pub(crate) struct Login {
    pub(crate) session: Option<Session>,
    /// Who has given a password and owes a one-time password.
    pub(crate) owes_otp: Option<String>,
    pub(crate) scram: Option<Exchange>,
}

static IDS: AtomicU64 = AtomicU64::new(1);

impl Connection {
    pub(crate) fn new(peer: Peer, catalog: Arc<Catalog>) -> (Self, mpsc::Receiver<Outgoing>) {
        let (outbox, waiting) = mpsc::channel(WAITING);
        let connection = Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            peer,
            catalog,
            login: Mutex::default(),
            subscriptions: Mutex::default(),
            legacy_jobs: AtomicBool::new(true),
            private_methods: AtomicBool::new(false),
            py_exceptions: AtomicBool::new(false),
            outbox,
            end: Notify::new(),
        };
        (connection, waiting)
    }

    pub(crate) fn login(&self) -> MutexGuard<'_, Login> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn subscriptions(&self) -> MutexGuard<'_, Subscriptions> {
        self.subscriptions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is logged in, unless the session is over.
    pub(crate) fn session(&self) -> Option<Session> {
        let login = self.login();
        login.session.clone().filter(|session| !session.expired())
    }

    /// Whether what was dialled lets a call wait for its job.
    pub(crate) fn waits_for_jobs(&self) -> bool {
        let new = Number::new(self.catalog.api()) >= V25_10;
        new && !self.legacy_jobs.load(Ordering::Relaxed)
    }

    /// Sends in turn, and waits while the client does not read.
    pub(crate) async fn send(&self, message: Outgoing) {
        // A connection that has ended needs no message.
        let _ = self.outbox.send(message).await;
    }

    /// Sends a notification if the client reads fast enough, and gives it up
    /// otherwise.
    pub(crate) fn notify(&self, method: &str, params: &Value) {
        let message = Outgoing::Message(rpc::notification(method, params));
        if let Err(mpsc::error::TrySendError::Full(_)) = self.outbox.try_send(message) {
            self.end();
        }
    }

    /// Sends an update to each of the subscriptions that hear of it.
    pub(crate) fn update(&self, update: &Update) {
        let wanted = self.subscriptions().wants(&update.collection);
        if wanted {
            self.notify("collection_update", &update.to_params(&update.collection));
        }
    }

    /// Says that a source has ended.
    pub(crate) fn unsubscribed(&self, collection: &str, error: &Value) {
        let params = json!({"collection": collection, "error": error});
        self.notify("notify_unsubscribed", &params);
    }

    /// Cuts the connection.
    pub(crate) fn end(&self) {
        self.end.notify_one();
    }

    /// Waits for the cut.
    pub(crate) async fn ended(&self) {
        self.end.notified().await;
    }
}

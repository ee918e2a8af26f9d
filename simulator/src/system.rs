//! The system as a whole: what all connections share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::auth::{
    Account, Accounts, Purpose, RateLimit, Session, SessionKind, TokenRequest, Tokens, letters,
};
use crate::clock;
use crate::connection::{Connection, Peer};
use crate::engine::{Catalog, Change, Engine, Update};
use crate::faults::Faults;
use crate::files::Files;
use crate::jobs::{Job, Jobs, View};
use crate::number::{Number, V25_10, V26};
use crate::record::Recorder;
use crate::settings::Settings;
use crate::stats::Stats;

/// How many connections there may be at once.
const MOST_CONNECTIONS: usize = 2000;

/// How many uploads are read at once, as each is held in memory.
const MOST_UPLOADS: usize = 4;

/// One made-up TrueNAS.
pub(crate) struct System {
    pub(crate) settings: Settings,
    pub(crate) engine: Arc<Engine>,
    pub(crate) accounts: Accounts,
    pub(crate) tokens: Tokens,
    pub(crate) rate_limit: RateLimit,
    pub(crate) jobs: Jobs,
    pub(crate) files: Files,
    pub(crate) faults: Arc<Faults>,
    pub(crate) recorder: Option<Recorder>,
    /// The certificate's hash, which SCRAM can be bound to.
    pub(crate) certificate_hash: Vec<u8>,
    pub(crate) number: Number,
    /// How many uploads are read at once.
    pub(crate) uploads: Semaphore,
    stats: Mutex<Stats>,
    chance: Mutex<fastrand::Rng>,
    boot_id: Mutex<String>,
    connections: Mutex<BTreeMap<u64, Arc<Connection>>>,
}

impl System {
    pub(crate) fn new(
        settings: Settings,
        engine: Arc<Engine>,
        accounts: Accounts,
        faults: Faults,
        recorder: Option<Recorder>,
        certificate_hash: Vec<u8>,
    ) -> Self {
        let system = Self {
            accounts,
            tokens: Tokens::default(),
            rate_limit: RateLimit::new(settings.rate_limit),
            jobs: Jobs::default(),
            files: Files::default(),
            faults: Arc::new(faults),
            recorder,
            certificate_hash,
            number: Number::new(engine.own().api()),
            uploads: Semaphore::new(MOST_UPLOADS),
            stats: Mutex::default(),
            chance: Mutex::new(fastrand::Rng::with_seed(settings.seed)),
            boot_id: Mutex::default(),
            connections: Mutex::default(),
            engine,
            settings,
        };
        *system.boot_id() = system.uuid();
        system
    }

    pub(crate) fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has been seen until now.
    pub(crate) fn snapshot(&self) -> Stats {
        let connections = self.connections();
        let open = u64::try_from(connections.len()).unwrap_or(u64::MAX);
        let subscriptions = connections
            .values()
            .map(|connection| connection.subscriptions().len());
        let subscriptions = u64::try_from(subscriptions.sum::<usize>()).unwrap_or(u64::MAX);
        drop(connections);
        Stats {
            open,
            subscriptions,
            ..self.stats().clone()
        }
    }

    pub(crate) fn boot_id(&self) -> MutexGuard<'_, String> {
        self.boot_id.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Connection>>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// An id such as those of sessions, subscriptions and boots.
    pub(crate) fn uuid(&self) -> String {
        let random = self.chance().u128(..);
        // The bits that say "random" (version 4, variant 1).
        let bits = random & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{bits:032x}");
        let mut parts = [8, 4, 4, 4, 12].into_iter().scan(0, |at, length| {
            let from = *at;
            *at += length;
            hex.get(from..*at)
        });
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| format!("{text}-{part}"))
    }

    /// So many letters and digits.
    pub(crate) fn letters(&self, length: usize) -> String {
        letters(&mut self.chance(), length)
    }

    /// Random bytes, for a nonce or salt.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.chance().fill(&mut bytes);
        bytes
    }

    fn chance(&self) -> MutexGuard<'_, fastrand::Rng> {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the system's own version is 26 or later.
    pub(crate) fn is_26(&self) -> bool {
        self.number >= V26
    }

    /// Lets a connection in, unless there are too many.
    pub(crate) fn has_room(&self) -> bool {
        self.connections().len() < MOST_CONNECTIONS
    }

    pub(crate) fn open(&self, connection: &Arc<Connection>) {
        self.connections()
            .insert(connection.id, Arc::clone(connection));
        self.stats().connections += 1;
    }

    pub(crate) fn close(&self, connection: &Arc<Connection>) {
        self.connections().remove(&connection.id);
        connection.subscriptions().clear();
        self.log_out(connection);
    }

    /// Makes a session for someone who has proved who they are.
    pub(crate) fn session(&self, peer: &Peer, account: Account, kind: SessionKind) -> Session {
        Session {
            id: self.uuid(),
            kind,
            account,
            since: clock::now(),
            until: Instant::now().checked_add(self.settings.session_lifetime),
            origin: peer.origin.clone(),
            secure: peer.secure,
            tells_id: self.number >= V25_10,
        }
    }

    /// Puts a session on a connection.
    pub(crate) fn log_in(&self, connection: &Connection, session: Session) {
        self.publish(&Update {
            collection: "auth.sessions".to_owned(),
            msg: Change::Added,
            id: None,
            fields: Some(session.event()),
            extra: None,
        });
        self.stats().logins += 1;
        let mut login = connection.login();
        login.owes_otp = None;
        login.scram = None;
        login.session = Some(session);
    }

    /// Takes the session off a connection.
    pub(crate) fn log_out(&self, connection: &Connection) {
        let session = connection.login().session.take();
        if let Some(session) = session {
            self.publish(&Update {
                collection: "auth.sessions".to_owned(),
                msg: Change::Removed,
                id: None,
                fields: None,
                extra: Some(json!({"fields": {"id": session.id}})),
            });
        }
    }

    /// Changes an entry of the state, and tells subscribers.
    pub(crate) fn put(&self, service: &str, keys: Value) {
        for update in self.engine.put(service, keys) {
            self.publish(&update);
        }
    }

    /// Makes a key useless: whoever listened could use it from now on.
    pub(crate) fn revoke(&self, key: i64) {
        let reason = "It was sent over a connection that is not encrypted";
        let revoked = json!({"id": key, "revoked": true, "revoked_reason": reason});
        self.put("api_key", revoked);
    }

    /// Gives out a token.
    pub(crate) fn token(&self, request: TokenRequest) -> String {
        let token = self.letters(64);
        self.tokens.add(token.clone(), request);
        token
    }

    /// A token for one download of what a job gives.
    pub(crate) fn download_token(&self, session: &Session, address: &str, job: i64) -> String {
        self.token(TokenRequest {
            username: session.account.username.clone(),
            ttl: std::time::Duration::from_secs(300),
            address: Some(address.to_owned()),
            single_use: true,
            purpose: Purpose::Download(job),
            parent: session.as_parent(),
        })
    }

    /// Tells all who have subscribed.
    pub(crate) fn publish(&self, update: &Update) {
        let connections: Vec<_> = self.connections().values().cloned().collect();
        for connection in connections {
            connection.update(update);
        }
    }

    /// Tells those who may know of a job: full administrators, and its owner.
    pub(crate) fn publish_job(&self, job: &Job, msg: Change) {
        // From 26 on nothing is said of transient jobs; nor is it ever of those
        // that a restart has lost.
        if job.transient && self.is_26() || !self.jobs.holds(job) {
            return;
        }
        let connections: Vec<_> = self.connections().values().cloned().collect();
        let wanted = connections.into_iter().filter(|connection| {
            let may = connection
                .session()
                .is_some_and(|session| may_see(&session, job));
            may && connection.subscriptions().wants("core.get_jobs")
        });
        let mut params = None;
        for connection in wanted {
            let params = params.get_or_insert_with(|| {
                let update = Update {
                    collection: "core.get_jobs".to_owned(),
                    msg,
                    id: Some(job.id.into()),
                    fields: Some(self.describe(job, true)),
                    extra: None,
                };
                update.to_params(&update.collection)
            });
            connection.notify("collection_update", params);
        }
    }

    /// What the system's own version says of a job.
    pub(crate) fn describe(&self, job: &Job, raw_result: bool) -> Value {
        let message_ids = self.number >= V25_10;
        job.describe(
            &self.engine,
            View {
                message_ids,
                raw_result,
            },
        )
    }

    /// Cuts all connections.
    pub(crate) fn drop_connections(&self) {
        let connections = std::mem::take(&mut *self.connections());
        for connection in connections.values() {
            connection.end();
        }
    }

    /// Ends all sessions; the connections stay.
    pub(crate) fn expire_sessions(&self) {
        for connection in self.connections().values() {
            if let Some(session) = &mut connection.login().session {
                session.until = Some(Instant::now());
            }
        }
    }

    /// Restarts: connections, jobs, tokens and counts are lost, the state is
    /// not.
    pub(crate) fn restart(&self) {
        *self.boot_id() = self.uuid();
        self.jobs.lose();
        self.tokens.clear();
        self.rate_limit.clear();
        self.drop_connections();
    }

    /// What a name in the path of a WebSocket stands for.
    pub(crate) fn catalog(&self, name: &str) -> Option<Arc<Catalog>> {
        self.engine.catalog(name)
    }
}

/// Whether a job is shown to someone.
pub(crate) fn may_see(session: &Session, job: &Job) -> bool {
    session.account.is_full_admin() || job.owner.as_ref() == Some(&session.account.username)
}

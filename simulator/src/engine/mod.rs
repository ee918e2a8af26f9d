//! The inside of the simulator: what one made-up system answers, without any
//! network.

mod catalog;
mod check;
mod defaults;
mod entries;
mod facts;
mod failure;
mod fit;
mod frame;
mod invent;
mod models;
mod query;
mod redaction;
mod run;
mod schemas;
mod secrets;
mod service;
mod special;
mod state;
mod update;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use truenas_codegen::model::{ApiVersion, Method, split};
use truenas_codegen::overrides::Overrides;

use crate::json::merge;
use crate::number::Number;

pub use crate::json::write;
pub use catalog::Catalog;
pub use failure::{CALL_ERROR, Failure, INVALID_PARAMS, Invalid, METHOD_NOT_FOUND};
pub use query::{Nature, Query};
pub use schemas::{LoadError, Schemas};
pub use update::{Change, Update};

use facts::Facts;
use fit::Fitter;
use query::Natures;
use redaction::Redaction;
use run::Run;
use secrets::Secrets;
use state::State;

/// What no schema says, by which the typed bindings go as well.
const OVERRIDES: &str = include_str!("../../../schemas/overrides.json");

/// One made-up system: its state, and the versions of the API that it serves.
/// All connections share it.
pub struct Engine {
    schemas: Schemas,
    own: Arc<Catalog>,
    /// Its own version as it is published, without corrections.
    published: OnceLock<Option<ApiVersion>>,
    /// What its own version was asked for by: its name or an alias.
    name: String,
    seed: u64,
    /// By the name of a version, not of an alias.
    catalogs: Mutex<BTreeMap<String, Arc<Catalog>>>,
    facts: Facts,
    secrets: Secrets,
    natures: Natures,
    redaction: Redaction,
    state: Mutex<State>,
    changed: Notify,
}

impl Engine {
    /// A system whose own API version is `api`, and all that it makes up
    /// follows from `seed`.
    ///
    /// # Errors
    ///
    /// Where there is no such version, or its schemas cannot be read.
    pub fn load(schemas: Schemas, api: &str, seed: u64) -> Result<Self, LoadError> {
        let Some(version) = schemas.find(api) else {
            let names: Vec<&str> = schemas.iter().flat_map(|version| version.names()).collect();
            return Err(LoadError::new(format!(
                "there is no version {api}; there are {}",
                names.join(", ")
            )));
        };
        let own = Arc::new(Catalog::new(schemas.read(version)?));
        let overrides: Overrides = serde_json::from_str(OVERRIDES)
            .map_err(|error| LoadError::new(format!("the embedded overrides.json: {error}")))?;
        let catalogs = BTreeMap::from([(own.api().to_owned(), Arc::clone(&own))]);
        Ok(Self {
            schemas,
            facts: Facts::read(own.release())?,
            secrets: Secrets::of(&overrides),
            natures: Natures::of(&overrides, &own),
            redaction: Redaction::read()?,
            own,
            published: OnceLock::new(),
            name: api.to_owned(),
            seed,
            catalogs: Mutex::new(catalogs),
            state: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// The system's own version.
    #[must_use]
    pub fn own(&self) -> &Arc<Catalog> {
        &self.own
    }

    /// What the system says of its own version: real ones publish schemas that
    /// differ from what they send.
    #[must_use]
    pub fn published(&self) -> &ApiVersion {
        let read = || {
            let version = self.schemas.find(self.own.api())?;
            self.schemas.published(version).ok()
        };
        let published = self.published.get_or_init(read);
        published.as_ref().unwrap_or(self.own.version())
    }

    /// What all that it makes up follows from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The versions it serves, the oldest first: its own and those that there
    /// were when it came out, each under every name it had by then.
    #[must_use]
    pub fn versions(&self) -> Vec<String> {
        let names = self.schemas.iter().flat_map(|version| version.names());
        let served = names.filter(|name| {
            Number::new(name) <= Number::new(&self.name) && !self.facts.is_later(name, &self.name)
        });
        let mut served: Vec<String> = served.map(str::to_owned).collect();
        served.sort_by_key(|name| Number::new(name));
        served
    }

    /// What a version it serves says, by its name or an alias, or `current`.
    #[must_use]
    pub fn catalog(&self, name: &str) -> Option<Arc<Catalog>> {
        if name == "current" {
            return Some(Arc::clone(&self.own));
        }
        if !self.versions().iter().any(|served| served == name) {
            return None;
        }
        let version = self.schemas.find(name)?;
        let mut catalogs = self.catalogs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(catalog) = catalogs.get(&version.api) {
            return Some(Arc::clone(catalog));
        }
        let catalog = Arc::new(Catalog::new(self.schemas.read(version).ok()?));
        catalogs.insert(version.api.clone(), Arc::clone(&catalog));
        Some(catalog)
    }

    /// The method of a version.
    ///
    /// # Errors
    ///
    /// Where the system has no such method, or has it in newer versions only.
    pub fn find<'c>(&self, catalog: &'c Catalog, name: &str) -> Result<&'c Method, Failure> {
        if !self.own.methods().contains_key(name) {
            return Err(Failure::no_such_method());
        }
        catalog.methods().get(name).ok_or_else(|| {
            let (service, method) = split(name);
            Failure::newer_method(service, method)
        })
    }

    /// Checks a call's parameters by the version that was dialled, as the
    /// server does, and fills in what was left out.
    ///
    /// # Errors
    ///
    /// All that is wrong with them, or that there is no such method.
    pub fn check(
        &self,
        catalog: &Catalog,
        name: &str,
        params: Vec<Value>,
    ) -> Result<Vec<Value>, Failure> {
        let method = self.find(catalog, name)?;
        let params = catalog.check(name, params)?;
        if let Some((filters, options)) = run::asked(method, &params) {
            Query::parse(filters, options)?;
        }
        Ok(params)
    }

    /// The nature of one of its own queries.
    #[must_use]
    pub fn nature(&self, method: &str) -> &Nature {
        self.natures.get(method)
    }

    /// Runs a call whose parameters were checked: its result with all secrets,
    /// of a job what the job ends with, and what subscribers are to hear of it.
    pub fn run(
        &self,
        catalog: &Catalog,
        name: &str,
        params: Vec<Value>,
    ) -> (Result<Value, Failure>, Vec<Update>) {
        let method = match self.find(catalog, name) {
            Ok(method) => method,
            Err(failure) => return (Err(failure), Vec::new()),
        };
        self.on_state(catalog, |run| run.call(name, method, &params))
    }

    /// A method's result, as callers with fewer rights see it.
    #[must_use]
    pub fn redacted(&self, catalog: &Catalog, name: &str, result: Value) -> Value {
        self.redaction.result(catalog, name, result)
    }

    /// A job's arguments, as all callers see them.
    #[must_use]
    pub fn redacted_arguments(&self, name: &str, arguments: &[Value]) -> Value {
        match self.own.methods().get(name) {
            Some(method) => self.redaction.arguments(&self.own, method, arguments),
            None => arguments.iter().cloned().collect(),
        }
    }

    /// Does something with the state; what it gives, and what subscribers are
    /// to hear of it.
    fn on_state<'e, T>(
        &'e self,
        dialled: &'e Catalog,
        work: impl FnOnce(&mut Run<'_, 'e>) -> T,
    ) -> (T, Vec<Update>) {
        let mut state = self.state();
        let mut run = Run {
            own: &self.own,
            dialled,
            facts: &self.facts,
            natures: &self.natures,
            seed: self.seed,
            state: &mut state,
            updates: Vec::new(),
            changed: false,
        };
        let given = work(&mut run);
        if run.changed {
            self.changed.notify_one();
        }
        (given, run.updates)
    }

    /// An entry of a service, by its number, in the system's own version.
    #[must_use]
    pub fn entry(&self, service: &str, id: i64) -> Option<Value> {
        let (entry, _) = self.on_state(&self.own, |run| {
            let service = run.service(service)?;
            run.find(service, &id.into())
        });
        entry
    }

    /// Gives the entry with the id that is among these keys the others, or
    /// makes one of them, whatever the API would say to that. What subscribers
    /// are to hear of it.
    pub fn put(&self, service: &str, keys: Value) -> Vec<Update> {
        let (_, updates) = self.on_state(&self.own, |run| {
            let service = run.service(service)?;
            Some(match run.find(service, keys.get(service.key)?) {
                Some(mut entry) => {
                    merge(&mut entry, &keys);
                    run.replace(service, entry)
                }
                None => run.create(service, &keys).ok()?,
            })
        });
        updates
    }

    /// Keeps something that is no entry in the state, under a name.
    pub fn keep(&self, name: &str, value: Value) {
        self.state().kept.insert(name.to_owned(), value);
        self.changed.notify_one();
    }

    /// What was kept under the name.
    #[must_use]
    pub fn kept(&self, name: &str) -> Option<Value> {
        self.state().kept.get(name).cloned()
    }

    /// Waits until the state has changed since this was last waited for. Only
    /// one may wait at a time.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A value without the secrets in it, as a record of what was said has it.
    #[must_use]
    pub fn without_secrets(&self, value: Value) -> Value {
        self.secrets.hidden(value)
    }

    /// Whether an event is a source: it takes arguments and sends on its own.
    #[must_use]
    pub fn is_source(&self, name: &str) -> bool {
        let event = self.own.events().get(name);
        event.is_some_and(|event| event.parameters.is_some() || self.facts.is_source(name))
    }

    /// What a source of events sends; each number gives another.
    #[must_use]
    pub fn event(&self, name: &str, number: u64) -> Option<Update> {
        let event = self.own.events().get(name)?;
        let (kind, schema) = event.kinds.iter().next()?;
        let models = self.own.models();
        let schema = models.resolve(schema.as_value());
        // The first of several frames is the usual one.
        let schema = models::cases(schema)
            .and_then(<[_]>::first)
            .unwrap_or(schema);
        let fitter = Fitter::new(models, self.seed ^ number, self.facts.absent());
        let mut sent = fitter.fit(schema, None, name);
        let mut take = |key| sent.as_object_mut()?.remove(key);
        Some(Update {
            collection: name.to_owned(),
            msg: Change::of(kind)?,
            id: take("id"),
            fields: take("fields"),
            extra: take("extra"),
        })
    }

    /// Writes what calls have changed into a file, all of it or nothing.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), LoadError> {
        let state = self.state().clone();
        state::write(path, self.own.api(), state)
    }

    /// Takes up what [`Self::save`] wrote; where there is no such file, the
    /// system stays as it is.
    ///
    /// # Errors
    ///
    /// Where the file is broken or of another version. It is left as it is.
    pub fn restore(&self, path: &Path) -> Result<(), LoadError> {
        if let Some(state) = state::read(path, self.own.api())? {
            *self.state() = state;
        }
        Ok(())
    }
}

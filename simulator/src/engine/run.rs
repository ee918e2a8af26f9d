//! What a call does to the state, and what it answers.

use serde_json::{Map, Value};
use truenas_codegen::model::{Method, split};

use super::Failure;
use super::catalog::Catalog;
use super::facts::Facts;
use super::fit::Fitter;
use super::models::{Kind, kind, properties};
use super::query::Query;
use super::service::Service;
use super::state::{Collection, Id, State};
use super::update::{Change, Update};

/// How many entries of a service are kept.
const MOST: usize = 10_000;

/// One call, from the state it finds to the one it leaves.
pub(crate) struct Run<'e> {
    /// The version whose shapes the state has.
    pub(crate) own: &'e Catalog,
    /// The version that was dialled.
    pub(crate) dialled: &'e Catalog,
    pub(crate) facts: &'e Facts,
    pub(crate) seed: u64,
    pub(crate) state: &'e mut State,
    pub(crate) updates: Vec<Update>,
}

impl<'e> Run<'e> {
    /// Runs a method of the dialled version.
    pub(crate) fn call(
        &mut self,
        name: &'e str,
        method: &'e Method,
        params: &[Value],
    ) -> Result<Value, Failure> {
        let (service, verb) = split(name);
        if self.has_config(service) {
            match verb {
                "config" => return Ok(self.answer(name, method, self.config(service))),
                "update" => {
                    let config = self.update_config(service, params);
                    return Ok(self.answer(name, method, config));
                }
                _ => {}
            }
        }
        let Some(service) = Service::of(self.own, service, self.facts.key(service)) else {
            return Ok(self.other(name, method, params));
        };
        match (verb, params) {
            ("query", _) => self.query(service, name, method, params),
            ("get_instance", [id, ..]) => {
                let entry = self
                    .find(service, id)
                    .ok_or_else(|| not_found(service, id))?;
                Ok(self.answer(name, method, entry))
            }
            ("create", [data, ..]) => {
                let entry = self.create(service, data)?;
                Ok(self.entry_answer(service, name, method, entry))
            }
            ("update", [id, data, ..]) => {
                let entry = self.update(service, id, data)?;
                Ok(self.entry_answer(service, name, method, entry))
            }
            ("delete", [id, ..]) => {
                let entry = self.delete(service, id)?;
                Ok(
                    match kind(self.dialled.models().resolve(method.result.as_value())) {
                        Kind::Integer | Kind::Text => {
                            self.entry_answer(service, name, method, entry)
                        }
                        _ => self.answer(name, method, Value::Bool(true)),
                    },
                )
            }
            _ => self.on_entry(service, name, method, params),
        }
    }

    /// A method for one entry of a service, or for the service as a whole.
    fn on_entry(
        &mut self,
        service: Service<'e>,
        name: &'e str,
        method: &'e Method,
        params: &[Value],
    ) -> Result<Value, Failure> {
        let id = params.first().filter(|id| !id.is_null());
        if let (true, Some(id)) = (self.is_about_entry(service, method), id) {
            let entry = self
                .find(service, id)
                .ok_or_else(|| not_found(service, id))?;
            if let Some(effect) = self.facts.effect(name) {
                let mut entry = entry;
                merge(&mut entry, effect);
                self.replace(service, entry);
            }
        }
        Ok(self.other(name, method, params))
    }

    /// Whether a method is called with the id of an entry, as `update` is:
    /// under the same name and of the same type.
    fn is_about_entry(&self, service: Service<'_>, method: &Method) -> bool {
        let models = self.dialled.models();
        let id = |method: &Method| {
            let first = method.parameters.first()?;
            let kind = kind(models.resolve(first.schema.as_value()));
            (kind != Kind::Object).then(|| (first.name.clone(), kind))
        };
        let others = ["get_instance", "update", "delete"].into_iter();
        let mut others = others.filter_map(|verb| {
            let name = format!("{}.{verb}", service.name);
            self.dialled.methods().get(&name)
        });
        id(method).is_some_and(|own| others.any(|other| id(other).as_ref() == Some(&own)))
    }

    /// Any other method: what is known of its answer, or what the schema says
    /// of it.
    fn other(&self, name: &str, method: &'e Method, params: &[Value]) -> Value {
        let known = self.facts.answer(name).cloned();
        let value = known.or_else(|| self.echo(method, params));
        self.fitted(self.dialled, method.result.as_value(), value, name)
    }

    /// What the answer says of the parameters, by their names.
    fn echo(&self, method: &'e Method, params: &[Value]) -> Option<Value> {
        let models = self.dialled.models();
        let known = properties(models.resolve(method.result.as_value()))?;
        let mut echo = Map::new();
        for (parameter, value) in method.parameters.iter().zip(params) {
            let name = &parameter.name;
            if known
                .get(name)
                .is_some_and(|property| models.misfit(property, value) == 0)
            {
                echo.insert(name.clone(), value.clone());
            }
        }
        Some(Value::Object(echo))
    }

    /// Brings a value into the shape of the method's result.
    fn answer(&self, name: &str, method: &'e Method, value: Value) -> Value {
        self.fitted(self.dialled, method.result.as_value(), Some(value), name)
    }

    /// An entry, or its id, whichever the method answers.
    fn entry_answer(
        &self,
        service: Service<'_>,
        name: &str,
        method: &'e Method,
        entry: Value,
    ) -> Value {
        let result = self.dialled.models().resolve(method.result.as_value());
        match kind(result) {
            Kind::Integer | Kind::Text => {
                let id = entry.get(service.key).cloned().unwrap_or_default();
                self.answer(name, method, id)
            }
            _ => self.answer(name, method, entry),
        }
    }

    fn fitted(
        &self,
        catalog: &'e Catalog,
        schema: &'e Value,
        value: Option<Value>,
        about: &str,
    ) -> Value {
        Fitter::new(catalog.models(), self.seed).fit(schema, value, about)
    }

    // Settings.

    /// Whether a service has settings of its own: `app.config` takes the name
    /// of an app and is none.
    fn has_config(&self, service: &str) -> bool {
        let config = self.own.methods().get(&format!("{service}.config"));
        config.is_some_and(|config| config.parameters.is_empty())
    }

    fn config(&self, service: &str) -> Value {
        if let Some(config) = self.state.configs.get(service) {
            return config.clone();
        }
        let name = format!("{service}.config");
        let known = self.facts.config(service).cloned();
        match self.own.methods().get(&name) {
            Some(method) => self.fitted(self.own, method.result.as_value(), known, service),
            None => Value::Null,
        }
    }

    fn update_config(&mut self, service: &str, params: &[Value]) -> Value {
        let mut config = self.config(service);
        for data in params.iter().filter(|param| param.is_object()) {
            replace_keys(&mut config, data);
        }
        let name = format!("{service}.config");
        if let Some(method) = self.own.methods().get(&name) {
            config = self.fitted(self.own, method.result.as_value(), Some(config), service);
        }
        self.state
            .configs
            .insert(service.to_owned(), config.clone());
        config
    }

    // Entries.

    fn collection(&mut self, service: Service<'e>) -> &mut Collection {
        if !self.state.collections.contains_key(service.name) {
            let mut collection = Collection::default();
            for data in self.facts.entries(service.name) {
                let number = collection.last.saturating_add(1);
                let (id, entry) = self.entry(service, data.clone(), number);
                collection.insert(id, entry);
            }
            self.state
                .collections
                .insert(service.name.to_owned(), collection);
        }
        self.state
            .collections
            .entry(service.name.to_owned())
            .or_default()
    }

    /// An entry of what is given, and its id: a number is the next one.
    fn entry(
        &self,
        service: Service<'e>,
        mut data: Map<String, Value>,
        number: i64,
    ) -> (Id, Value) {
        let given = data.get(service.key).and_then(Id::of);
        let id = if service.numbered {
            given.unwrap_or(Id::Number(number))
        } else {
            let named = self.facts.id(service.name, &data).map(Id::Text);
            let last_word = split(service.name).1;
            given
                .or(named)
                .unwrap_or_else(|| Id::Text(format!("{last_word}-{number}")))
        };
        data.insert(service.key.to_owned(), id.to_value());
        (id.clone(), self.fitted_entry(service, data, &id))
    }

    fn fitted_entry(&self, service: Service<'e>, mut data: Map<String, Value>, id: &Id) -> Value {
        for (key, value) in &mut data {
            if let (Some(other), Value::Number(_)) =
                (self.facts.reference(service.name, key), &value)
                && let Some(entry) = self.peek(other, value)
            {
                *value = entry;
            }
        }
        let about = format!("{}/{}", service.name, id.text());
        self.fitted(self.own, service.entry, Some(Value::Object(data)), &about)
    }

    /// The entry of another service, if that has been asked for already.
    fn peek(&self, service: &str, id: &Value) -> Option<Value> {
        let collection = self.state.collections.get(service)?;
        collection.entries.get(&Id::of(id)?).cloned()
    }

    fn find(&mut self, service: Service<'e>, id: &Value) -> Option<Value> {
        let id = Id::of(id)?;
        let entries = &self.collection(service).entries;
        // Some services are called by name as well as by number.
        let named = || {
            entries
                .values()
                .find(|entry| names(entry, service).any(|name| *name == id.to_value()))
        };
        entries.get(&id).or_else(named).cloned()
    }

    /// All entries, in the shape of the dialled version.
    fn entries(&mut self, service: Service<'e>) -> Vec<Value> {
        let entries: Vec<Value> = self.collection(service).entries.values().cloned().collect();
        if self.dialled.api() == self.own.api() {
            return entries;
        }
        let key = self.facts.key(service.name);
        let Some(old) = Service::of(self.dialled, service.name, key) else {
            return entries;
        };
        entries
            .into_iter()
            .map(|entry| {
                let id = entry.get(service.key).and_then(Id::of);
                let about = format!(
                    "{}/{}",
                    service.name,
                    id.map_or_else(String::new, |id| id.text())
                );
                self.fitted(self.dialled, old.entry, Some(entry), &about)
            })
            .collect()
    }

    fn query(
        &mut self,
        service: Service<'e>,
        name: &str,
        method: &'e Method,
        params: &[Value],
    ) -> Result<Value, Failure> {
        let entries = self.entries(service);
        match asked(method, params) {
            Some((filters, options)) => Query::parse(filters, options)?.run(&entries),
            None => Ok(self.answer(name, method, Value::Array(entries))),
        }
    }

    fn create(&mut self, service: Service<'e>, data: &Value) -> Result<Value, Failure> {
        let data = data.as_object().cloned().unwrap_or_default();
        let collection = self.collection(service);
        if collection.entries.len() >= MOST {
            return Err(Failure::full(service.name, MOST));
        }
        let number = collection.last.saturating_add(1);
        let (id, entry) = self.entry(service, data, number);
        if self.collection(service).entries.contains_key(&id) {
            let message = format!("{} {} already exists", service.title(), id.text());
            return Err(Failure::invalid_at("data.name", message));
        }
        self.collection(service).insert(id.clone(), entry.clone());
        self.tell(service, Change::Added, &id, Some(&entry));
        Ok(entry)
    }

    fn update(&mut self, service: Service<'e>, id: &Value, data: &Value) -> Result<Value, Failure> {
        let mut entry = self
            .find(service, id)
            .ok_or_else(Failure::match_not_found)?;
        replace_keys(&mut entry, data);
        Ok(self.replace(service, entry))
    }

    /// Puts an entry in the place of the one with its id.
    fn replace(&mut self, service: Service<'e>, entry: Value) -> Value {
        let Some(id) = entry.get(service.key).and_then(Id::of) else {
            return entry;
        };
        let data = entry.as_object().cloned().unwrap_or_default();
        let entry = self.fitted_entry(service, data, &id);
        self.collection(service)
            .entries
            .insert(id.clone(), entry.clone());
        self.tell(service, Change::Changed, &id, Some(&entry));
        entry
    }

    fn delete(&mut self, service: Service<'e>, id: &Value) -> Result<Value, Failure> {
        let entry = self
            .find(service, id)
            .ok_or_else(Failure::match_not_found)?;
        if let Some(id) = entry.get(service.key).and_then(Id::of) {
            self.collection(service).entries.remove(&id);
            self.tell(service, Change::Removed, &id, None);
        }
        Ok(entry)
    }

    /// Subscribers hear of a change, if the version has an event for it.
    fn tell(&mut self, service: Service<'_>, msg: Change, id: &Id, fields: Option<&Value>) {
        let collection = format!("{}.query", service.name);
        if self.own.events().contains_key(&collection) {
            self.updates.push(Update {
                collection,
                msg,
                id: id.to_value(),
                fields: fields.cloned(),
                extra: None,
            });
        }
    }
}

impl Collection {
    fn insert(&mut self, id: Id, entry: Value) {
        self.last = match id {
            Id::Number(number) => self.last.max(number),
            Id::Text(_) => self.last.saturating_add(1),
        };
        self.entries.insert(id, entry);
    }
}

/// The filters and options among the parameters of a query.
pub(crate) fn asked<'p>(method: &Method, params: &'p [Value]) -> Option<(&'p Value, &'p Value)> {
    let names = method
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str());
    let mut given = names.zip(params);
    match (given.next(), given.next()) {
        (Some(("filters", filters)), Some(("options", options))) => Some((filters, options)),
        (Some((_, data)), None) => Some((data.get("query-filters")?, data.get("query-options")?)),
        _ => None,
    }
}

fn not_found(service: Service<'_>, id: &Value) -> Failure {
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    Failure::instance_not_found(&format!("{} {id} does not exist", service.title()))
}

/// What an entry is called beside its id.
fn names<'v>(entry: &'v Value, service: Service<'_>) -> impl Iterator<Item = &'v Value> {
    let last_word = split(service.name).1;
    entry.get(last_word).into_iter()
}

/// Keys that are given take the place of those that were there.
fn replace_keys(entry: &mut Value, data: &Value) {
    if let (Some(entry), Some(data)) = (entry.as_object_mut(), data.as_object()) {
        entry.extend(data.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
}

/// The same at every depth.
fn merge(entry: &mut Value, change: &Value) {
    match (entry, change) {
        (Value::Object(entry), Value::Object(change)) => {
            for (key, value) in change {
                merge(entry.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (entry, change) => *entry = change.clone(),
    }
}

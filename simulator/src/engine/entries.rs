//! Entries of services: made, found, changed and removed.

use serde_json::{Map, Value, json};
use truenas_codegen::model::{Method, split};

use super::Failure;
use super::frame::Frame;
use super::models::properties;
use super::query::Query;
use super::run::{Run, asked};
use super::service::Service;
use super::state::{Collection, Id};
use super::update::Change;

/// How many entries of a service are kept.
const MOST: usize = 10_000;

impl<'e> Run<'_, 'e> {
    pub(crate) fn service(&self, name: &'e str) -> Option<Service<'e>> {
        Service::of(self.own, name, self.facts.key(name))
    }

    /// The entries of a service; at first those that it has from the start.
    pub(crate) fn collection(&mut self, service: Service<'e>) -> &mut Collection {
        if !self.state.collections.contains_key(service.name) {
            for other in self.facts.references(service.name) {
                if let Some(other) = self.service(other) {
                    self.collection(other);
                }
            }
            let mut collection = Collection::default();
            for data in self.facts.entries(service.name) {
                let mut data = data.clone();
                let number = collection.last.saturating_add(1);
                let id = self.new_id(service, &data, number);
                self.complete(service, &mut data);
                collection.insert(id.clone(), self.entry(service, data, &id));
            }
            let name = service.name.to_owned();
            self.state.collections.insert(name, collection);
        }
        let name = service.name.to_owned();
        self.state.collections.entry(name).or_default()
    }

    pub(crate) fn find(&mut self, service: Service<'e>, id: &Value) -> Option<Value> {
        let entries = &self.collection(service).entries;
        // Some services are called by name as well as by number.
        let last_word = split(service.name).1;
        let named = || {
            entries
                .values()
                .find(|entry| entry.get(last_word) == Some(id))
        };
        entries.get(&Id::of(id)?).or_else(named).cloned()
    }

    pub(crate) fn query(
        &mut self,
        service: Service<'e>,
        name: &str,
        method: &'e Method,
        params: &[Value],
    ) -> Result<Value, Failure> {
        let Some((filters, options)) = asked(method, params) else {
            let entries = self.dialled_entries(service);
            return Ok(self.answer(name, method, Value::Array(entries)));
        };
        let query = Query::parse(filters, options)?.of(self.natures.get(name));
        if self.dialled.api() == self.own.api() && !self.is_computed(service) {
            return query.run(self.collection(service).entries.values());
        }
        query.run(&self.dialled_entries(service))
    }

    /// All entries, in the shape of the dialled version.
    fn dialled_entries(&mut self, service: Service<'e>) -> Vec<Value> {
        let entries = self.collection(service).entries.values();
        let entries = entries.cloned().collect();
        let entries = self.computed(service, entries);
        let key = self.facts.key(service.name);
        let old = Service::of(self.dialled, service.name, key);
        match old.filter(|_| self.dialled.api() != self.own.api()) {
            Some(old) => entries
                .into_iter()
                .map(|entry| {
                    let about = about(service, entry.get(service.key));
                    self.fitted(self.dialled, old.entry, Some(entry), &about)
                })
                .collect(),
            None => entries,
        }
    }

    pub(crate) fn create(&mut self, service: Service<'e>, data: &Value) -> Result<Value, Failure> {
        let given = data.as_object().cloned().unwrap_or_default();
        let mut data = given.clone();
        let collection = self.collection(service);
        if collection.entries.len() >= MOST {
            return Err(Failure::full(service.name, MOST));
        }
        let number = collection.last.saturating_add(1);
        let id = self.new_id(service, &data, number);
        if self.collection(service).entries.contains_key(&id) {
            let message = format!("{} {} already exists", service.title(), id.text());
            return Err(Failure::invalid_at("data.name", message));
        }
        self.prepare(service, &mut data)?;
        let derived = self.facts.derived(service.name);
        let derived = derived.filter_map(|(key, form)| Some((key.clone(), filled(form, &data)?)));
        let derived: Vec<(String, Value)> = derived.collect();
        data.extend(derived);
        self.number(service, &mut data);
        self.keep_known(service, &mut data);
        self.complete(service, &mut data);
        let mut entry = self.entry(service, data, &id);
        self.collection(service).insert(id.clone(), entry.clone());
        let added = self.answered_too(service, "create", &entry, &given);
        self.tell_entry(service, Change::Added, &id, &entry, added.clone());
        self.created(service, &entry)?;
        replace_keys(&mut entry, &added);
        Ok(entry)
    }

    pub(crate) fn update(
        &mut self,
        service: Service<'e>,
        id: &Value,
        data: &Value,
    ) -> Result<Value, Failure> {
        let mut entry = self.find(service, id);
        let entry = entry.as_mut().ok_or_else(Failure::match_not_found)?;
        let given = data.as_object().cloned().unwrap_or_default();
        let mut data = given.clone();
        self.keep_known(service, &mut data);
        let known: Vec<String> = data.keys().cloned().collect();
        self.complete(service, &mut data);
        data.retain(|key, _| known.contains(key));
        replace_keys(entry, &data);
        let (id, mut entry) = self.put_back(service, entry.clone());
        let added = self.answered_too(service, "update", &entry, &given);
        if let Some(id) = id {
            self.tell_entry(service, Change::Changed, &id, &entry, added.clone());
        }
        replace_keys(&mut entry, &added);
        Ok(entry)
    }

    /// Puts an entry in the place of the one with its id, and tells
    /// subscribers.
    pub(crate) fn replace(&mut self, service: Service<'e>, entry: Value) -> Value {
        let (id, entry) = self.put_back(service, entry);
        if let Some(id) = id {
            self.tell_entry(service, Change::Changed, &id, &entry, Map::new());
        }
        entry
    }

    /// Puts an entry in the place of the one with its id.
    pub(crate) fn put_back(&mut self, service: Service<'e>, entry: Value) -> (Option<Id>, Value) {
        let Some(id) = entry.get(service.key).and_then(Id::of) else {
            return (None, entry);
        };
        let data = entry.as_object().cloned().unwrap_or_default();
        let entry = self.entry(service, data, &id);
        let entries = &mut self.collection(service).entries;
        entries.insert(id.clone(), entry.clone());
        self.changed = true;
        (Some(id), entry)
    }

    pub(crate) fn delete(
        &mut self,
        service: Service<'e>,
        id: &Value,
        options: Option<&Value>,
    ) -> Result<Value, Failure> {
        let entry = self
            .find(service, id)
            .ok_or_else(Failure::match_not_found)?;
        self.release(service, &entry, options)?;
        if let Some(id) = entry.get(service.key).and_then(Id::of) {
            self.collection(service).entries.remove(&id);
            let recursive = options.and_then(|options| options.get("recursive"));
            let frame = Frame {
                id: Some(id.to_value()),
                extra: Some(json!({"recursive": recursive == Some(&json!(true))})),
                ..Frame::default()
            };
            self.tell(&format!("{}.query", service.name), Change::Removed, frame);
        }
        Ok(entry)
    }

    /// What a method answers beside the entry, such as the password of a user:
    /// what was given for it, or null. Events hold the same.
    fn answered_too(
        &self,
        service: Service<'e>,
        verb: &str,
        entry: &Value,
        given: &Map<String, Value>,
    ) -> Map<String, Value> {
        let models = self.own.models();
        let method = self.own.methods().get(&format!("{}.{verb}", service.name));
        let result = method.map(|method| models.resolve(method.result.as_value()));
        let keys = result.and_then(properties).into_iter().flatten();
        let missing = keys.filter(|(key, _)| entry.get(key).is_none());
        let pairs = missing.filter_map(|(key, property)| {
            let can_be_null = models.misfit(property, &Value::Null) == 0;
            let value = given.get(key).cloned();
            Some((key.clone(), value.or(can_be_null.then_some(Value::Null))?))
        });
        pairs.collect()
    }

    /// An id for a new entry: the next number, or what it is called.
    fn new_id(&self, service: Service<'_>, data: &Map<String, Value>, number: i64) -> Id {
        let given = data.get(service.key).and_then(Id::of);
        if service.numbered {
            return given.unwrap_or(Id::Number(number));
        }
        let named = || {
            let form = self.facts.id(service.name)?;
            filled(&form.into(), data)
        };
        let named = given.or_else(|| Id::of(&named()?));
        let last_word = split(service.name).1;
        let name = || data.get("name").and_then(Id::of);
        named
            .or_else(name)
            .unwrap_or_else(|| Id::Text(format!("{last_word}-{number}")))
    }

    /// What callers say of how an entry is made is no part of it.
    fn keep_known(&self, service: Service<'_>, data: &mut Map<String, Value>) {
        if let Some(known) = properties(self.own.models().resolve(service.entry)) {
            data.retain(|key, _| known.contains_key(key));
        }
    }

    /// What a new entry has where the caller says nothing, or says that it
    /// wants what there is anyway.
    fn complete(&self, service: Service<'e>, data: &mut Map<String, Value>) {
        let models = self.own.models();
        let known = properties(models.resolve(service.entry));
        for (key, form) in self.facts.left_open(service.name) {
            let is_left = match data.get(key) {
                None => true,
                Some(Value::String(word)) => word == "INHERIT",
                Some(Value::Null) => {
                    let property = known.and_then(|known| known.get(key));
                    property.is_some_and(|property| models.misfit(property, &Value::Null) > 0)
                }
                Some(_) => false,
            };
            if let (true, Some(value)) = (is_left, filled(form, data)) {
                data.insert(key.clone(), value);
            }
        }
    }

    /// The numbers that a service counts up beside the ids.
    fn number(&mut self, service: Service<'e>, data: &mut Map<String, Value>) {
        if let Some(key) = self.facts.counter(service.name)
            && data.get(key).is_none_or(Value::is_null)
        {
            let entries = self.collection(service).entries.values();
            let numbers = entries.filter_map(|entry| entry.get(key)?.as_i64());
            let next = numbers.max().unwrap_or_default().saturating_add(1);
            data.insert(key.to_owned(), next.into());
        }
    }

    fn entry(&self, service: Service<'e>, mut data: Map<String, Value>, id: &Id) -> Value {
        for (key, value) in &mut data {
            if let (Some(other), Value::Number(_)) =
                (self.facts.reference(service.name, key), &value)
                && let Some(collection) = self.state.collections.get(other)
                && let Some(entry) = Id::of(value).and_then(|id| collection.entries.get(&id))
            {
                *value = entry.clone();
            }
        }
        data.insert(service.key.to_owned(), id.to_value());
        let about = about(service, data.get(service.key));
        self.fitted(self.own, service.entry, Some(Value::Object(data)), &about)
    }

    fn tell_entry(
        &mut self,
        service: Service<'_>,
        msg: Change,
        id: &Id,
        entry: &Value,
        added: Map<String, Value>,
    ) {
        let frame = Frame {
            id: Some(id.to_value()),
            fields: Some(entry.clone()),
            extra: None,
            added,
        };
        self.tell(&format!("{}.query", service.name), msg, frame);
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

/// What all that is made up of an entry follows from.
fn about(service: Service<'_>, id: Option<&Value>) -> String {
    let id = id.and_then(Id::of).map_or_else(String::new, |id| id.text());
    format!("{}/{id}", service.name)
}

/// A form with what it leaves open: `{name}` stands for what the caller gave
/// for `name`. `None` if that was left out, or is not a text within a longer
/// one.
pub(crate) fn filled(form: &Value, data: &Map<String, Value>) -> Option<Value> {
    let whole = form
        .as_str()
        .and_then(|form| form.strip_prefix('{')?.strip_suffix('}'));
    if let Some(key) = whole.filter(|key| !key.contains('}')) {
        return data.get(key).cloned();
    }
    Some(match form {
        Value::String(form) => {
            let mut text = String::new();
            for piece in form.split_inclusive('}') {
                match piece
                    .strip_suffix('}')
                    .and_then(|piece| piece.split_once('{'))
                {
                    Some((before, key)) => {
                        text.push_str(before);
                        text.push_str(data.get(key)?.as_str()?);
                    }
                    None => text.push_str(piece),
                }
            }
            text.into()
        }
        Value::Object(form) => {
            let pairs = form
                .iter()
                .map(|(key, form)| Some((key.clone(), filled(form, data)?)));
            Value::Object(pairs.collect::<Option<_>>()?)
        }
        other => other.clone(),
    })
}

pub(crate) fn not_found(service: Service<'_>, id: &Value) -> Failure {
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    Failure::instance_not_found(&format!("{} {id} does not exist", service.title()))
}

/// Keys that are given take the place of those that were there.
pub(crate) fn replace_keys(entry: &mut Value, data: &Map<String, Value>) {
    if let Some(entry) = entry.as_object_mut() {
        entry.extend(data.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
}

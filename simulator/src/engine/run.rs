//! One call: which part of the system it is for, and what it answers.

use serde_json::{Map, Value};
use truenas_codegen::model::{Method, split};

use super::Failure;
use super::catalog::Catalog;
use super::entries::{not_found, replace_keys};
use super::facts::Facts;
use super::fit::Fitter;
use super::frame::Frame;
use super::models::{Kind, kind, properties};
use super::query::{Natures, Query};
use super::service::{Service, list};
use super::state::State;
use super::update::{Change, Update};
use crate::json::merge;

/// One call, from the state it finds to the one it leaves.
pub(crate) struct Run<'s, 'e> {
    /// The version whose shapes the state has.
    pub(crate) own: &'e Catalog,
    /// The version that was dialled.
    pub(crate) dialled: &'e Catalog,
    pub(crate) facts: &'e Facts,
    pub(crate) natures: &'e Natures,
    pub(crate) seed: u64,
    pub(crate) state: &'s mut State,
    pub(crate) updates: Vec<Update>,
    /// Whether the state is no longer what it was.
    pub(crate) changed: bool,
}

impl<'e> Run<'_, 'e> {
    /// Runs a method of the dialled version.
    pub(crate) fn call(
        &mut self,
        name: &'e str,
        method: &'e Method,
        params: &[Value],
    ) -> Result<Value, Failure> {
        let answer = self.carry_out(name, method, params)?;
        self.announce(name, method, params);
        Ok(answer)
    }

    fn carry_out(
        &mut self,
        name: &'e str,
        method: &'e Method,
        params: &[Value],
    ) -> Result<Value, Failure> {
        let (service, verb) = split(name);
        if self.has_config(service) {
            match verb {
                "config" => {
                    let config = self.config(service);
                    return Ok(self.answer(name, method, config));
                }
                "update" => {
                    let config = self.update_config(service, params);
                    return Ok(self.answer(name, method, config));
                }
                _ => {}
            }
        }
        let Some(service) = self.service(service) else {
            return self.other(name, method, params);
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
            ("delete", [id, options @ ..]) => {
                let entry = self.delete(service, id, options.first())?;
                Ok(
                    match kind(self.dialled.models().resolve(method.result.as_value())) {
                        Kind::Integer | Kind::Text => {
                            self.entry_answer(service, name, method, entry)
                        }
                        _ => self.answer(name, method, Value::Bool(true)),
                    },
                )
            }
            // What its siblings `start` and `stop` do, by their names.
            ("control", [Value::String(verb), id, ..]) => {
                let sibling = format!("{}.{}", service.name, verb.to_lowercase());
                self.act(service, &sibling, id, None)?;
                self.other(name, method, params)
            }
            _ => self.on_entry(service, name, method, params),
        }
    }

    /// A method for one entry of a service, or for the service as a whole.
    fn on_entry(
        &mut self,
        service: Service<'e>,
        name: &str,
        method: &'e Method,
        params: &[Value],
    ) -> Result<Value, Failure> {
        let id = params.first().filter(|id| !id.is_null());
        if let (true, Some(id)) = (self.is_about_entry(service, method), id) {
            self.act(service, name, id, params.get(1))?;
        }
        self.other(name, method, params)
    }

    /// What a method does to the entry that it is called for.
    fn act(
        &mut self,
        service: Service<'e>,
        name: &str,
        id: &Value,
        options: Option<&Value>,
    ) -> Result<(), Failure> {
        let entry = self.find(service, id);
        let mut entry = entry.ok_or_else(|| not_found(service, id))?;
        match self.facts.effect(name) {
            Some(Value::Null) => {
                self.delete(service, id, options)?;
            }
            Some(effect) => {
                merge(&mut entry, effect);
                if self.facts.announced(name).is_empty() {
                    self.replace(service, entry);
                } else {
                    // Subscribers hear of no more than that.
                    self.put_back(service, entry);
                }
            }
            None => {}
        }
        Ok(())
    }

    /// Whether a method is called with the id of an entry, as `update` is:
    /// under the same name and of the same type, or under the service's name.
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
        id(method).is_some_and(|own| {
            self.is_named(service, &own.0) || others.any(|other| id(other).as_ref() == Some(&own))
        })
    }

    /// Whether a parameter stands for the name of an entry: `dataset`, or the
    /// `service` that entries have as a key.
    fn is_named(&self, service: Service<'_>, parameter: &str) -> bool {
        let known = properties(self.own.models().resolve(service.entry));
        let is_key = known.is_some_and(|known| known.contains_key(parameter));
        parameter == split(service.name).1 && (is_key || !service.numbered)
    }

    /// Any other method: what is known of its answer, or what the schema says
    /// of it.
    fn other(&self, name: &str, method: &'e Method, params: &[Value]) -> Result<Value, Failure> {
        let known = self.facts.answer(name).cloned();
        let result = method.result.as_value();
        if let Some((filters, options)) = asked(method, params)
            && let Some(list) = list(self.dialled.models().resolve(result))
        {
            // Null stands for a few, where nothing for a default of none.
            let all = Some(known.unwrap_or_default());
            let all = self.fitted(self.dialled, list, all, name);
            let query = Query::parse(filters, options)?.of(self.natures.get(name));
            return query.run(all.as_array().into_iter().flatten());
        }
        let value = known.or_else(|| self.echo(method, params));
        let answer = self.fitted(self.dialled, result, value, name);
        Ok(self.adjusted(name, method, params, answer))
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
    pub(crate) fn answer(&self, name: &str, method: &'e Method, value: Value) -> Value {
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

    pub(crate) fn fitted(
        &self,
        catalog: &'e Catalog,
        schema: &'e Value,
        value: Option<Value>,
        about: &str,
    ) -> Value {
        Fitter::new(catalog.models(), self.seed, self.facts.absent()).fit(schema, value, about)
    }

    // Settings.

    /// Whether a service has settings of its own: `app.config` takes the name
    /// of an app and is none.
    fn has_config(&self, service: &str) -> bool {
        let config = self.own.methods().get(&format!("{service}.config"));
        config.is_some_and(|config| config.parameters.is_empty())
    }

    fn config(&mut self, service: &str) -> Value {
        match self.state.configs.get(service) {
            Some(config) => config.clone(),
            None => {
                let known = self.facts.config(service).cloned();
                self.fitted_config(service, known)
            }
        }
    }

    /// Settings in their shape. Where an entry of another service belongs and a
    /// caller has given its id, the entry takes its place.
    fn fitted_config(&mut self, service: &str, mut config: Option<Value>) -> Value {
        let own = self.own;
        let Some(method) = own.methods().get(&format!("{service}.config")) else {
            return Value::Null;
        };
        let schema = method.result.as_value();
        let known = properties(own.models().resolve(schema));
        if let Some(Value::Object(config)) = &mut config {
            for (key, value) in config.iter_mut() {
                let property = known.and_then(|known| known.get(key));
                let fits = property.is_some_and(|known| own.models().misfit(known, value) == 0);
                if !fits
                    && let Some(other) = self.facts.reference(service, key)
                    && let Some(other) = self.service(other)
                    && let Some(entry) = self.find(other, value)
                {
                    *value = entry;
                }
            }
        }
        self.fitted(own, schema, config, service)
    }

    fn update_config(&mut self, service: &str, params: &[Value]) -> Value {
        let mut config = self.config(service);
        for data in params.iter().filter_map(Value::as_object) {
            replace_keys(&mut config, data);
        }
        let config = self.fitted_config(service, Some(config));
        let configs = &mut self.state.configs;
        configs.insert(service.to_owned(), config.clone());
        let frame = Frame {
            fields: Some(config.clone()),
            ..Frame::default()
        };
        self.tell(&format!("{service}.config"), Change::Changed, frame);
        config
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
        (
            Some(("filters" | "query-filters", filters)),
            Some(("options" | "query-options", options)),
        ) => Some((filters, options)),
        (Some((_, data)), None) => Some((data.get("query-filters")?, data.get("query-options")?)),
        _ => None,
    }
}

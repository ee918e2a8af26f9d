//! Events as servers send them: which keys a frame has, and what is in them.
//!
//! The (corrected) schema of a kind decides. Where it has the keys of `extra`
//! at the top, the server still sends them below `extra`.

use serde_json::{Map, Value};
use truenas_codegen::model::Method;

use super::entries::filled;
use super::facts::Announced;
use super::models::{properties, required};
use super::run::Run;
use super::update::{Change, Update};

/// What an event is about.
#[derive(Default)]
pub(crate) struct Frame {
    pub(crate) id: Option<Value>,
    /// The entry, or what is sent in its place.
    pub(crate) fields: Option<Value>,
    pub(crate) extra: Option<Value>,
    /// What the fields hold beside the entry, whatever the schema has.
    pub(crate) added: Map<String, Value>,
}

impl<'e> Run<'_, 'e> {
    /// Tells subscribers of a change of the state: what the schema asks for.
    pub(crate) fn tell(&mut self, event: &str, msg: Change, mut frame: Frame) {
        self.changed = true;
        let kind = self.kind(event, msg);
        let needs = |key| kind.is_some_and(|kind| required(kind).any(|needed| needed == key));
        if !needs("fields") {
            frame.fields = None;
        }
        self.send(event, msg, frame);
    }

    /// Tells subscribers what else they hear of a call.
    pub(crate) fn announce(&mut self, name: &str, method: &Method, params: &[Value]) {
        let mut data = Map::new();
        for (parameter, value) in method.parameters.iter().zip(params) {
            data.extend(value.as_object().cloned().unwrap_or_default());
            data.insert(parameter.name.clone(), value.clone());
        }
        for announced in self.facts.announced(name) {
            let Announced {
                event,
                msg,
                id,
                fields,
                extra,
            } = announced;
            let [id, fields, extra] = [id, fields, extra].map(|form| match form {
                Some(form) => filled(form, &data).map(Some),
                None => Some(None),
            });
            // What the caller left out did not change.
            if let (Some(id), Some(fields), Some(extra)) = (id, fields, extra) {
                let frame = Frame {
                    id,
                    fields,
                    extra,
                    added: Map::new(),
                };
                self.send(event, *msg, frame);
            }
        }
    }

    fn kind(&self, event: &str, msg: Change) -> Option<&'e Value> {
        let own = self.own;
        let kind = own.events().get(event)?.kinds.get(msg.kind())?;
        Some(own.models().resolve(kind.as_value()))
    }

    fn send(&mut self, event: &str, msg: Change, frame: Frame) {
        let Some(kind) = self.kind(event, msg) else {
            return;
        };
        let known = properties(kind);
        let schema = |key: &str| known.and_then(|known| known.get(key));
        let says_id = schema("id").is_some() && self.facts.says_which(event);
        let mut fields = frame.fields.map(|fields| match schema("fields") {
            Some(schema) => self.fitted(self.own, schema, Some(fields), event),
            None => self.flat(kind, fields, event),
        });
        if let Some(Value::Object(fields)) = &mut fields {
            fields.extend(frame.added);
        }
        let is_flat = known.is_some_and(|known| {
            let own = ["id", "fields", "extra"];
            known.keys().any(|key| !own.contains(&key.as_str()))
        });
        let extra = frame.extra.and_then(|extra| match schema("extra") {
            Some(schema) => Some(self.fitted(self.own, schema, Some(extra), event)),
            None => is_flat.then(|| self.flat(kind, extra, event)),
        });
        self.updates.push(Update {
            collection: event.to_owned(),
            msg,
            id: frame.id.filter(|_| says_id),
            fields,
            extra,
        });
    }

    /// What the schema has at the top.
    fn flat(&self, kind: &'e Value, value: Value, event: &str) -> Value {
        let known = properties(kind);
        let Value::Object(object) = value else {
            return value;
        };
        let fitted = object.into_iter().map(|(key, value)| {
            let value = match known.and_then(|known| known.get(&key)) {
                Some(schema) => self.fitted(self.own, schema, Some(value), event),
                None => value,
            };
            (key, value)
        });
        Value::Object(fitted.collect())
    }
}

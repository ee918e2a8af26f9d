//! Methods and events in types, and the idioms that no schema says: what a
//! filterable method answers, and what an event carries.

use std::collections::BTreeSet;

use schemars::Schema;
use serde_json::{Map, Value};

use super::facts::facts;
use super::lower::{Lowering, Place};
use super::{Direction, Event, Method, Parameter, Type};
use crate::model::{self, MethodKind, split};

/// First words of methods that change something.
const CHANGES: [&str; 101] = [
    "abort",
    "accept",
    "add",
    "apply",
    "attach",
    "become",
    "cancel",
    "change",
    "checkin",
    "claim",
    "clear",
    "clone",
    "close",
    "commit",
    "connect",
    "convert",
    "copy",
    "create",
    "delete",
    "destroy",
    "detach",
    "disable",
    "disconnect",
    "dismiss",
    "do",
    "drop",
    "enable",
    "exec",
    "execute",
    "expand",
    "export",
    "format",
    "generate",
    "hold",
    "import",
    "install",
    "join",
    "kill",
    "leave",
    "lock",
    "login",
    "logout",
    "make",
    "mark",
    "mount",
    "move",
    "offline",
    "online",
    "open",
    "pause",
    "poweroff",
    "poweron",
    "promote",
    "prune",
    "pull",
    "purge",
    "push",
    "put",
    "reboot",
    "redeploy",
    "refresh",
    "register",
    "release",
    "reload",
    "remove",
    "rename",
    "renew",
    "replace",
    "reset",
    "resilver",
    "restart",
    "restore",
    "resume",
    "retaste",
    "revert",
    "rewrite",
    "rollback",
    "rotate",
    "run",
    "schedule",
    "scrub",
    "send",
    "set",
    "shutdown",
    "start",
    "stop",
    "subscribe",
    "suspend",
    "sync",
    "terminate",
    "test",
    "trigger",
    "unlock",
    "unmount",
    "unsubscribe",
    "update",
    "upgrade",
    "upload",
    "verify",
    "wipe",
    "write",
];

impl Lowering<'_> {
    pub(super) fn method(&mut self, name: &str, method: &model::Method) -> Method {
        let place = Place::new(name, Direction::Request);
        let parameters: Vec<Parameter> = method
            .parameters
            .iter()
            .map(|parameter| {
                let schema = parameter.schema.as_object();
                Parameter {
                    name: parameter.name.clone(),
                    required: parameter.required,
                    ty: self.position(
                        &parameter.schema,
                        parameter.required,
                        &parameter_place(&place, name, &parameter.name),
                    ),
                    default: schema
                        .and_then(|schema| schema.get("default"))
                        .map(Value::to_string),
                    facts: schema.map(facts).unwrap_or_default(),
                }
            })
            .collect();
        let result = self.result(name, method);
        Method {
            kind: method.kind,
            pipes: method.pipes,
            roles: method.roles.clone(),
            reads_only: self.reads_only(name, method),
            removed_in: method.removed_in.clone(),
            doc: method.doc.clone(),
            query: filters_and_options(&method.parameters),
            parameters,
            result,
            naive_times: Vec::new(),
            quirks: BTreeSet::new(),
        }
    }

    fn result(&mut self, name: &str, method: &model::Method) -> Type {
        let place = Place::new(name, Direction::Response).at("Result");
        match self.entry(name, method) {
            Some(entry) => {
                let entry = self.position(&entry, true, &place);
                Type::QueryResult(Box::new(entry))
            }
            None => self.position(&method.result, true, &place),
        }
    }

    /// The full entry that a query lists; `None` for a method that is not a
    /// query.
    ///
    /// A query is known by its parameters, or by a result that is a list, an
    /// entry or a count. The schema of the result has room for what `select`
    /// leaves of an entry, so the item that requires most is the entry, or
    /// what `get_instance` returns, if it has the same keys. Some versions say
    /// nothing of the entry there; then the event that announces it does.
    fn entry(&self, name: &str, method: &model::Method) -> Option<Schema> {
        let result = method.result.as_value();
        let branches = match result.get("anyOf").and_then(Value::as_array) {
            Some(branches) => branches.as_slice(),
            None => std::slice::from_ref(result),
        };
        let is_list = |branch: &&Value| kind(branch) == Some("array");
        let lists = branches.iter().filter(is_list);
        let items: Vec<&Value> = lists.filter_map(|list| list.get("items")).collect();
        if !filters_and_options(&method.parameters) && !self.lists_entries(branches, &items) {
            return None;
        }
        let described = items
            .iter()
            .copied()
            .filter(|schema| !self.is_open(schema))
            // The first of those that require most.
            .rev()
            .max_by_key(|schema| self.required(schema));
        let sibling = format!("{}.get_instance", split(name).0);
        let sibling = self.version.methods.get(&sibling);
        let instance = sibling
            .map(|method| method.result.as_value())
            .filter(|one| {
                let keys = self.keys(one);
                keys.is_some() && described.is_none_or(|entry| self.keys(entry) == keys)
            });
        let announced = || {
            let added = self.version.events.get(name)?.kinds.get("ADDED")?;
            let fields = self
                .resolve(added.as_value())?
                .get("properties")?
                .get("fields")?;
            self.keys(fields).map(|_| fields)
        };
        let open = Value::Object(Map::from_iter([("type".to_owned(), "object".into())]));
        let entry = instance.or(described).or_else(announced).unwrap_or(&open);
        Schema::try_from(entry.clone()).ok()
    }

    /// Whether a result is a list of entries, one of them, or a count.
    fn lists_entries(&self, branches: &[Value], items: &[&Value]) -> bool {
        let is_count = |branch: &Value| kind(branch) == Some("integer");
        let is_entry = |item: &&Value| {
            let keys = self.keys(item);
            keys.is_some() && branches.iter().any(|branch| self.keys(branch) == keys)
        };
        branches.iter().any(is_count) && items.iter().any(is_entry)
    }

    /// Whether a schema says nothing of what an entry holds.
    fn is_open(&self, schema: &Value) -> bool {
        self.keys(schema).is_none()
            && self.resolve(schema).is_none_or(|schema| {
                let is_object = schema.get("type").is_none_or(|name| name == "object");
                is_object
                    && !["anyOf", "oneOf"]
                        .iter()
                        .any(|word| schema.contains_key(*word))
            })
    }

    /// The keys of an object that has some.
    fn keys<'s>(&'s self, schema: &'s Value) -> Option<Vec<&'s String>> {
        let properties = self.resolve(schema)?.get("properties")?.as_object()?;
        (!properties.is_empty()).then(|| properties.keys().collect())
    }

    /// How many keys an object requires.
    fn required(&self, schema: &Value) -> usize {
        let required = self
            .resolve(schema)
            .and_then(|schema| schema.get("required"));
        required.and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// Whether a method changes nothing, so that it may be sent again.
    ///
    /// It must not be a job, and either be one of the API's fixed readers, or
    /// be open to a role that may only read and not be named like a change:
    /// a reading role is enough to make an API key of one's own. What this
    /// rule gets wrong is in the overrides.
    fn reads_only(&self, name: &str, method: &model::Method) -> bool {
        if let Some(value) = self.overrides.reads_only(name) {
            return value;
        }
        let action = split(name).1;
        let reader =
            matches!(action, "query" | "get_instance" | "config") || action.ends_with("_choices");
        let open_to_readers = method
            .roles
            .iter()
            .any(|role| role == "READONLY_ADMIN" || role.ends_with("_READ"));
        let verb = action.split('_').next().unwrap_or(action);
        let changes = CHANGES.contains(&verb);
        method.kind == MethodKind::Call && (reader || (open_to_readers && !changes))
    }

    pub(super) fn event(&mut self, name: &str, event: &model::Event) -> Event {
        let mut payload = |kind: &str| {
            let schema = event.kinds.get(kind)?;
            let place = Place::new(name, Direction::Response).at(kind);
            Some(self.payload(schema, &place))
        };
        let (added, changed, removed) = (payload("ADDED"), payload("CHANGED"), payload("REMOVED"));
        Event {
            roles: event.roles.clone(),
            removed_in: event.removed_in.clone(),
            doc: event.doc.clone(),
            added,
            changed,
            removed,
            in_no_schema: event.in_no_schema,
            parameters: event.parameters.as_ref().map(|schema| {
                let place = Place::new(name, Direction::Request).at("Parameters");
                self.position(schema, true, &place)
            }),
        }
    }

    /// Nearly every event carries `{id, fields}` or `{id}`: those are generic.
    fn payload(&mut self, schema: &Schema, place: &Place) -> Type {
        let parts = self.resolve(schema.as_value()).and_then(|object| {
            let closed = object.get("additionalProperties") == Some(&Value::Bool(false));
            let properties = object.get("properties")?.as_object()?;
            let required: Vec<&str> = object
                .get("required")?
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .collect();
            let id = properties
                .get("id")
                .filter(|_| closed && required.contains(&"id"))?;
            match (properties.len(), properties.get("fields")) {
                (1, None) => Some((id.clone(), None)),
                (2, Some(fields)) => Some((
                    id.clone(),
                    Some((fields.clone(), required.contains(&"fields"))),
                )),
                _ => None,
            }
        });
        let mut part = |schema: Value, required: bool, key: &str| {
            let schema = Schema::try_from(schema).ok()?;
            Some(Box::new(self.position(&schema, required, &place.at(key))))
        };
        let generic = parts.and_then(|(id, fields)| {
            let id = part(id, true, "id")?;
            Some(match fields {
                Some((fields, required)) => Type::Change(id, part(fields, required, "fields")?),
                None => Type::EntryId(id),
            })
        });
        match generic {
            Some(ty) => ty,
            None => self.position(schema, true, place),
        }
    }
}

/// `keychaincredential.create(keychain_credential_create)` says the same twice.
fn parameter_place(method: &Place, name: &str, parameter: &str) -> Place {
    let letters = |text: &str| text.replace(['.', '_'], "");
    if letters(name) == letters(parameter) {
        method.clone()
    } else {
        method.at(parameter)
    }
}

/// Whether the last two parameters are those of a query.
fn filters_and_options(parameters: &[model::Parameter]) -> bool {
    match parameters {
        [.., filters, options] => {
            matches!(
                filters.name.as_str(),
                "filters" | "query-filters" | "query_filters"
            ) && matches!(
                options.name.as_str(),
                "options" | "query-options" | "query_options"
            )
        }
        _ => false,
    }
}

fn kind(schema: &Value) -> Option<&str> {
    schema.get("type")?.as_str()
}

//! One version of the API, and its validators.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;
use truenas_codegen::model::{ApiVersion, Event, Method};

use super::check::Checker;
use super::defaults;
use super::models::Models;
use super::schemas::LoadError;
use super::{Failure, Invalid};

/// What one version of the API says, ready to check calls by.
pub struct Catalog {
    version: ApiVersion,
    /// By method, one for each parameter: made when first needed, as most
    /// methods are never called.
    parameters: BTreeMap<String, OnceLock<Vec<Checker>>>,
    /// By event, of what a subscription may be given.
    arguments: BTreeMap<String, OnceLock<Checker>>,
}

impl Catalog {
    pub(crate) fn new(version: ApiVersion) -> Self {
        let methods = version.methods.keys().cloned();
        let events = version.events.iter();
        let events = events.filter(|(_, event)| event.parameters.is_some());
        Self {
            parameters: methods.map(|name| (name, OnceLock::new())).collect(),
            arguments: events
                .map(|(name, _)| (name.clone(), OnceLock::new()))
                .collect(),
            version,
        }
    }

    /// The version's own name: `v25.10.5`.
    #[must_use]
    pub fn api(&self) -> &str {
        &self.version.api
    }

    /// The release it was read from: `25.10.6`.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.version.release
    }

    /// All methods, by name.
    #[must_use]
    pub fn methods(&self) -> &BTreeMap<String, Method> {
        &self.version.methods
    }

    /// All events, by the name that is subscribed to.
    #[must_use]
    pub fn events(&self) -> &BTreeMap<String, Event> {
        &self.version.events
    }

    /// The objects that the schemas refer to.
    #[must_use]
    pub fn version(&self) -> &ApiVersion {
        &self.version
    }

    /// Whether it is said which methods take and give files: not in v25.10.1.
    #[must_use]
    pub fn says_pipes(&self) -> bool {
        let mut methods = self.methods().values();
        methods.any(|method| method.pipes.input || method.pipes.output)
    }

    /// The roles that may change what a service keeps.
    pub(crate) fn writers(&self, service: &str) -> Vec<String> {
        let methods = ["create", "update"].map(|verb| format!("{service}.{verb}"));
        let methods = methods.iter().filter_map(|name| self.methods().get(name));
        let roles = methods.flat_map(|method| &method.roles);
        roles
            .filter(|role| role.ends_with("_WRITE"))
            .cloned()
            .collect()
    }

    /// Whether a method or an event asks for this role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        let of_methods = self.methods().values().flat_map(|method| &method.roles);
        let of_events = self.events().values().flat_map(|event| &event.roles);
        of_methods.chain(of_events).any(|asked| asked == role)
    }

    pub(crate) fn models(&self) -> Models<'_> {
        Models(&self.version.models)
    }

    /// Checks a call's parameters as the server does, and fills in what was
    /// left out.
    ///
    /// # Errors
    ///
    /// All that is wrong with them.
    pub fn check(&self, name: &str, params: Vec<Value>) -> Result<Vec<Value>, Failure> {
        let (Some(method), Some(slot)) = (self.methods().get(name), self.parameters.get(name))
        else {
            return Err(Failure::no_such_method());
        };
        let most = method.parameters.len();
        if params.len() > most {
            let count = params.len();
            return Err(Failure::invalid_at(
                "",
                format!("Too many arguments (expected {most}, found {count})"),
            ));
        }
        let checkers = slot.get_or_init(|| {
            let schemas = method.parameters.iter();
            schemas
                .map(|parameter| Checker::new(parameter.schema.as_value(), &self.version.models))
                .collect()
        });
        let models = self.models();
        let mut errors = Vec::new();
        let mut params = params.into_iter();
        let mut checked = Vec::new();
        for (parameter, checker) in method.parameters.iter().zip(checkers) {
            let schema = parameter.schema.as_value();
            match params.next().map(plain) {
                Some(value) => {
                    errors.extend(checker.errors(&parameter.name, &value));
                    checked.push(defaults::filled(models, schema, value));
                }
                None if parameter.required => errors.push(Invalid {
                    attribute: parameter.name.clone(),
                    message: "Field required".to_owned(),
                }),
                None => checked.push(defaults::default(models, schema)),
            }
        }
        if errors.is_empty() {
            Ok(checked)
        } else {
            Err(Failure::invalid(&errors))
        }
    }

    /// Checks what a subscription is given, as [`Self::check`] does for calls.
    /// Events that take nothing are not looked at.
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
    pub fn check_arguments(&self, event: &str, arguments: Value) -> Result<Value, Failure> {
        let schema = self.events().get(event);
        let schema = schema.and_then(|event| event.parameters.as_ref());
        let (Some(schema), Some(slot)) = (schema, self.arguments.get(event)) else {
            return Ok(arguments);
        };
        let schema = schema.as_value();
        let checker = slot.get_or_init(|| Checker::new(schema, &self.version.models));
        let errors = checker.errors("", &arguments);
        if errors.is_empty() {
            Ok(defaults::filled(self.models(), schema, arguments))
        } else {
            Err(Failure::invalid(&errors))
        }
    }

    /// Makes all validators, as tests do to see that all can be made.
    ///
    /// # Errors
    ///
    /// A schema that is none.
    pub fn compile(&self) -> Result<(), LoadError> {
        for (name, method) in self.methods() {
            for parameter in &method.parameters {
                let checker = Checker::new(parameter.schema.as_value(), &self.version.models);
                if let Some(problem) = checker.problem() {
                    return Err(LoadError::new(format!(
                        "{name}, {}: {problem}",
                        parameter.name
                    )));
                }
            }
        }
        Ok(())
    }
}

/// A value without the wrappers of extended JSON that no schema knows: a set is
/// a list here, and an interface's address a text. Times stay as they are.
fn plain(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(mut object) => {
            let wrapped = match object.len() {
                1 => ["$set", "$time", "$ipv4_interface", "$ipv6_interface"]
                    .into_iter()
                    .find_map(|key| object.remove(key)),
                2 if object.contains_key("$type") => object.remove("$value"),
                _ => None,
            };
            match wrapped {
                Some(value) => plain(value),
                None => object
                    .into_iter()
                    .map(|(key, value)| (key, plain(value)))
                    .collect(),
            }
        }
        value => value,
    }
}

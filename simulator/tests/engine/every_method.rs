//! Every method of every version: called with as little and with as much as
//! its schema allows it answers by its schema, and called with nonsense it
//! refuses.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;
use truenas_codegen::model::{Method, Parameter, split};
use truenas_conformance::{Generator, parameters, standalone};
use truenas_simulator::engine::Schemas;

use crate::system::System;

/// Of how many values the fullest is taken.
const DRAWS: usize = 6;
/// After how many values that do not fit there is none.
const ATTEMPTS: usize = 200;

/// What must name something that is there or can be made, and no schema says
/// so: the key of a method's data.
const SENSIBLE: &[(&str, &str, &str)] = &[
    ("pool.create", "name", "made"),
    ("pool.dataset.create", "name", "tank/made"),
    ("pool.snapshot.create", "dataset", "tank/media"),
    ("zfs.snapshot.create", "dataset", "tank/media"),
];

#[test]
fn answers_by_its_schema_and_refuses_nonsense() {
    let schemas = Schemas::embedded().unwrap();
    let versions: Vec<&str> = schemas.iter().map(|version| version.api.as_str()).collect();
    let problems: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = versions
            .iter()
            .map(|api| scope.spawn(|| Round::new(api).all_methods()))
            .collect();
        let problems = threads.into_iter().map(|thread| thread.join().unwrap());
        problems.flatten().collect()
    });
    let shown: Vec<&String> = problems.iter().take(60).collect();
    assert!(
        problems.is_empty(),
        "{} problems: {shown:#?}",
        problems.len()
    );
}

/// All methods of one version.
struct Round {
    system: System,
    /// The state before any call: calls must not stand in each other's way.
    fresh: NamedTempFile,
    models: Map<String, Value>,
    counts: BTreeMap<&'static str, usize>,
    problems: Vec<String>,
}

/// What one method takes.
struct Takes {
    schema: Value,
    valid: Validator,
}

impl Round {
    fn new(api: &str) -> Self {
        let system = System::new(api);
        let fresh = NamedTempFile::new().unwrap();
        system.engine.save(fresh.path()).unwrap();
        let models = system.catalog.version().models.iter();
        Self {
            models: models
                .map(|(name, model)| (name.clone(), model.as_value().clone()))
                .collect(),
            system,
            fresh,
            counts: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    fn all_methods(mut self) -> Vec<String> {
        let catalog = self.system.catalog.clone();
        for (name, method) in catalog.methods() {
            self.count("methods");
            let takes = self.takes(method);
            let Some(full) = takes.full() else {
                self.problems
                    .push(format!("{name}: no valid parameters drawn"));
                continue;
            };
            let least = takes.least(&full);
            self.answers(name, method, least, "answered with the least");
            self.answers(name, method, full.clone(), "answered with full parameters");
            self.refuses(name, method, &takes, &full);
        }
        println!("{}: {:?}", catalog.api(), self.counts);
        let api = catalog.api();
        let problems = self.problems.iter();
        problems
            .map(|problem| format!("{api} {problem:.600}"))
            .collect()
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn takes(&self, method: &Method) -> Takes {
        let all = method.parameters.iter();
        let all = all.map(|parameter| (parameter.schema.as_value(), parameter.required));
        let schema = standalone(&parameters(all), &self.models);
        Takes {
            valid: jsonschema::validator_for(&schema).unwrap(),
            schema,
        }
    }

    fn answers(&mut self, name: &str, method: &Method, mut params: Value, what: &'static str) {
        self.system.engine.restore(self.fresh.path()).unwrap();
        self.make_sensible(name, method, &mut params);
        let answer = match self.system.try_call(name, params.clone()) {
            Ok(answer) => answer,
            Err(failure) => {
                return self
                    .problems
                    .push(format!("{name}{params}: {}", failure.reason));
            }
        };
        let result = standalone(method.result.as_value(), &self.models);
        if let Err(error) = jsonschema::validate(&result, &answer) {
            let place = error.instance_path().to_string();
            self.problems
                .push(format!("{name} at {place:?}: {error:.300} {params}"));
        }
        self.count(what);
    }

    /// What no schema says: filters are filters, and ids are those of entries.
    fn make_sensible(&self, name: &str, method: &Method, params: &mut Value) {
        for (parameter, value) in method.parameters.iter().zip(params.as_array_mut().unwrap()) {
            match parameter.name.as_str() {
                "service" if name == "service.control" => *value = json!("ssh"),
                "filters" | "query-filters" => *value = json!([["id", "!=", "none"]]),
                "options" | "query-options" if self.is_query_options(parameter) => {
                    *value = json!({"limit": 10, "order_by": ["id"]});
                }
                _ => {}
            }
            if let Some(data) = value.as_object_mut() {
                for (key, sensible) in [("query-filters", json!([])), ("query-options", json!({}))]
                {
                    if data.contains_key(key) {
                        data.insert(key.to_owned(), sensible);
                    }
                }
            }
        }
        for (method, key, sensible) in SENSIBLE {
            if name == *method && *key == "dataset" && params == &json!([]) {
                // 25.04 does not say that it needs something.
                *params = json!([{}]);
            }
            if name == *method
                && let Some(data) = params.get_mut(0).and_then(Value::as_object_mut)
            {
                data.insert((*key).to_owned(), json!(sensible));
            }
        }
        if let Some(id) = self.entry_id(name, method) {
            let params = params.as_array_mut().unwrap();
            params.resize(params.len().max(1), Value::Null);
            params[0] = id;
        }
    }

    fn is_query_options(&self, parameter: &Parameter) -> bool {
        let schema = standalone(parameter.schema.as_value(), &self.models);
        schema.to_string().contains("\"order_by\"")
    }

    fn is_for_entry(&self, name: &str, method: &Method) -> bool {
        let (service, _) = split(name);
        let first = |method: &Method| method.parameters.first().map(|first| first.name.clone());
        let siblings = ["get_instance", "update", "delete"].into_iter();
        let mut siblings = siblings.filter_map(|verb| {
            self.system
                .catalog
                .methods()
                .get(&format!("{service}.{verb}"))
        });
        let queried = self
            .system
            .catalog
            .methods()
            .contains_key(&format!("{service}.query"));
        let parameter = method.parameters.first();
        let is_id = parameter.is_some_and(|first| {
            let schema = standalone(first.schema.as_value(), &self.models);
            let valid = jsonschema::validator_for(&schema).unwrap();
            valid.is_valid(&json!(1)) || valid.is_valid(&json!("a"))
        });
        queried
            && is_id
            && (["service", "dataset"]
                .iter()
                .any(|name| first(method).as_deref() == Some(*name))
                || siblings.any(|sibling| first(sibling) == first(method)))
    }

    /// The id of an entry to call the method for, made if need be.
    fn entry_id(&self, name: &str, method: &Method) -> Option<Value> {
        let (service, verb) = split(name);
        if !self.is_for_entry(name, method) || verb == "create" || verb == "query" {
            return None;
        }
        let query = format!("{service}.query");
        let entries = || self.system.call(&query, json!([]));
        if entries() == json!([]) {
            let create = format!("{service}.create");
            let method = self.system.catalog.methods().get(&create)?;
            let mut params = self.takes(method).full()?;
            self.make_sensible(&create, method, &mut params);
            self.system.call(&create, params);
        }
        let entry = entries().as_array()?.last()?.clone();
        let schema = standalone(method.parameters[0].schema.as_value(), &self.models);
        let valid = jsonschema::validator_for(&schema).unwrap();
        let mut keys = ["id", "identifier", "name", "service"].into_iter();
        keys.find_map(|key| entry.get(key).filter(|id| valid.is_valid(id)).cloned())
    }

    fn refuses(&mut self, name: &str, method: &Method, takes: &Takes, full: &Value) {
        let mut many = full.as_array().unwrap().clone();
        many.resize(method.parameters.len() + 1, Value::Null);
        self.refused(name, many.into(), "");

        for (index, parameter) in method.parameters.iter().enumerate() {
            let mut params = full.as_array().unwrap().clone();
            if params.len() <= index {
                break;
            }
            for nonsense in [
                json!(null),
                json!(1.5),
                json!("no such thing"),
                json!([[]]),
                json!({"no such key": 1}),
            ] {
                params[index] = nonsense;
                let params = Value::Array(params.clone());
                if !takes.valid.is_valid(&params) {
                    self.refused(name, params, &parameter.name);
                }
            }
            if parameter.required {
                params.truncate(index);
                self.refused(name, params.into(), &parameter.name);
            }
        }
    }

    fn refused(&mut self, name: &str, params: Value, attribute: &str) {
        self.count("refused");
        let error = match self.system.try_call(name, params.clone()) {
            Ok(_) => return self.problems.push(format!("{name}{params} was taken")),
            Err(failure) => failure.to_error(),
        };
        let places = error["data"]["extra"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let right = places.iter().any(|place| {
            let place = place[0].as_str().unwrap();
            place.split('.').next() == Some(attribute)
        });
        if error["code"] != -32602 || !right {
            self.problems.push(format!("{name}{params}: {error}"));
        }
    }
}

impl Takes {
    fn draws(&self) -> impl Iterator<Item = Value> {
        let mut generator = Generator::new(&self.schema, 0);
        let draws = (0..ATTEMPTS).filter_map(move |_| generator.value().ok());
        draws.filter(|params| self.valid.is_valid(params))
    }

    fn full(&self) -> Option<Value> {
        self.draws()
            .take(DRAWS)
            .max_by_key(|params| params.to_string().len())
    }

    /// The parameters without all that may be left out.
    fn least(&self, full: &Value) -> Value {
        let mut least = full.clone();
        while let Some(params) = least.as_array() {
            let mut shorter = params.clone();
            if shorter.pop().is_none() || !self.valid.is_valid(&Value::Array(shorter.clone())) {
                break;
            }
            least = shorter.into();
        }
        let data = least.as_array().into_iter().flatten().enumerate();
        let data = data.filter_map(|(index, value)| Some((index, value.as_object()?.clone())));
        for (index, object) in data.collect::<Vec<_>>() {
            for key in object.keys() {
                let before = least.clone();
                least[index].as_object_mut().unwrap().remove(key);
                if !self.valid.is_valid(&least) {
                    least = before;
                }
            }
        }
        least
    }
}

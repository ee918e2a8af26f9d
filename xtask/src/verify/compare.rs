//! What one reading of a version says and another does not.
//!
//! Unlike `cargo xtask diff` this looks at two readings of the same version:
//! nothing is guessed (a method that is missing was not renamed), nothing is
//! weighed, and nothing is too small to be told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::Schema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use truenas_codegen::model::{ApiVersion, Event, Method, MethodKind};

/// Something that two readings do not say alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// What kind of fact it is: `method`, `job`, `roles`, a keyword such as
    /// `default`.
    pub(crate) kind: String,
    /// The method or event.
    pub(crate) subject: String,
    /// Where in its schemas.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) path: String,
    /// What the first reading says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<Value>,
    /// What the second one says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) right: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject.split_once(' ') {
            Some((kind, _)) if kind == self.kind => write!(f, "the {}", self.subject)?,
            _ => write!(f, "{} of the {}", self.kind, self.subject)?,
        }
        if !self.path.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        Ok(())
    }
}

/// Compares two readings of a version.
pub(crate) fn compare(left: &ApiVersion, right: &ApiVersion) -> Vec<Difference> {
    let mut comparison = Comparison {
        left,
        right,
        subject: String::new(),
        compared: BTreeSet::new(),
        found: Vec::new(),
    };
    comparison.each("method", &left.methods, &right.methods, Comparison::methods);
    comparison.each("event", &left.events, &right.events, Comparison::events);
    comparison.found
}

struct Comparison<'a> {
    left: &'a ApiVersion,
    right: &'a ApiVersion,
    subject: String,
    /// Models are compared where they are first met, and only once.
    compared: BTreeSet<(&'a str, &'a str)>,
    found: Vec<Difference>,
}

impl<'a> Comparison<'a> {
    fn each<T>(
        &mut self,
        kind: &str,
        left: &'a BTreeMap<String, T>,
        right: &'a BTreeMap<String, T>,
        compare: fn(&mut Self, &'a T, &'a T),
    ) {
        let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        for name in names {
            self.subject = format!("{kind} {name}");
            match (left.get(name), right.get(name)) {
                (Some(left), Some(right)) => compare(self, left, right),
                (left, right) => {
                    let there = |is: bool| is.then_some(json!(true));
                    self.tell(kind, "", there(left.is_some()), there(right.is_some()));
                }
            }
        }
    }

    fn methods(&mut self, left: &'a Method, right: &'a Method) {
        let is_job = |method: &Method| (method.kind == MethodKind::Job).then_some(json!(true));
        self.fact("job", "", is_job(left), is_job(right));
        let pipes = |method: &Method| (!method.pipes.is_none()).then(|| json!(method.pipes));
        self.fact("pipes", "", pipes(left), pipes(right));
        self.about(&left.roles, &right.roles);
        self.fact(
            "removed_in",
            "",
            said(&left.removed_in),
            said(&right.removed_in),
        );
        self.fact("doc", "", said(&left.doc), said(&right.doc));
        let longest = left.parameters.len().max(right.parameters.len());
        for index in 0..longest {
            match (left.parameters.get(index), right.parameters.get(index)) {
                (Some(left), Some(right)) => {
                    let path = &right.name;
                    self.fact(
                        "name",
                        path,
                        Some(json!(left.name)),
                        Some(json!(right.name)),
                    );
                    let must = |is: bool| is.then_some(json!(true));
                    self.fact("required", path, must(left.required), must(right.required));
                    self.schemas(path, &left.schema, &right.schema);
                }
                (left, right) => {
                    let name = |side: Option<&truenas_codegen::model::Parameter>| {
                        side.map(|parameter| json!(parameter.name))
                    };
                    self.tell("parameter", &index.to_string(), name(left), name(right));
                }
            }
        }
        self.schemas("result", &left.result, &right.result);
    }

    fn events(&mut self, left: &'a Event, right: &'a Event) {
        self.about(&left.roles, &right.roles);
        self.fact(
            "removed_in",
            "",
            said(&left.removed_in),
            said(&right.removed_in),
        );
        self.fact("doc", "", said(&left.doc), said(&right.doc));
        let kinds = |event: &'a Event| {
            let kinds = event
                .kinds
                .iter()
                .map(|(kind, schema)| (kind.as_str(), schema));
            let parameters = event.parameters.iter().map(|schema| ("parameters", schema));
            kinds.chain(parameters).collect::<BTreeMap<_, _>>()
        };
        let (left, right) = (kinds(left), kinds(right));
        let names: BTreeSet<&str> = left.keys().chain(right.keys()).copied().collect();
        for name in names {
            match (left.get(name), right.get(name)) {
                (Some(left), Some(right)) => self.schemas(name, left, right),
                (left, right) => {
                    let schema =
                        |side: Option<&&Schema>| side.map(|schema| schema.as_value().clone());
                    self.tell("kind", name, schema(left), schema(right));
                }
            }
        }
    }

    /// Roles one by one, as each is a fact of its own.
    fn about(&mut self, left: &[String], right: &[String]) {
        let values = |roles: &[String]| roles.iter().map(|role| json!(role)).collect::<Vec<_>>();
        self.elements("roles", "", &values(left), &values(right));
    }

    fn schemas(&mut self, path: &str, left: &'a Schema, right: &'a Schema) {
        self.schema(path, left.as_value(), right.as_value());
    }

    fn schema(&mut self, path: &str, left: &'a Value, right: &'a Value) {
        // `true` says as much as no keyword at all.
        let nothing = Value::Bool(false);
        if left == &nothing || right == &nothing {
            return self.fact("schema", path, Some(left.clone()), Some(right.clone()));
        }
        let (left_model, right_model) = (model(left), model(right));
        if left_model.is_some() || right_model.is_some() {
            let name = |model: Option<&str>| model.map(|name| json!(name));
            self.fact("name", path, name(left_model), name(right_model));
            let pair = (
                left_model.unwrap_or_default(),
                right_model.unwrap_or_default(),
            );
            if left_model.is_some() && right_model.is_some() && !self.compared.insert(pair) {
                // What stands beside the reference is said here only.
                return self.keywords(path, &beside(left), &beside(right));
            }
        }
        let (left, right) = (keywords(self.left, left), keywords(self.right, right));
        self.keywords(path, &left, &right);
    }

    fn keywords(
        &mut self,
        path: &str,
        left: &BTreeMap<&'a str, &'a Value>,
        right: &BTreeMap<&'a str, &'a Value>,
    ) {
        let names: BTreeSet<&str> = left.keys().chain(right.keys()).copied().collect();
        for keyword in names {
            match (left.get(keyword), right.get(keyword)) {
                // What a tag leads to has been compared, and has its own name.
                (Some(left_tags), Some(right_tags)) if keyword == "discriminator" => {
                    let tags = |discriminator, schema| Some(tags(discriminator, schema));
                    self.fact(
                        keyword,
                        path,
                        tags(left_tags, left),
                        tags(right_tags, right),
                    );
                }
                (Some(left), Some(right)) => self.keyword(path, keyword, left, right),
                (left, right) => {
                    self.tell(
                        keyword,
                        path,
                        left.copied().cloned(),
                        right.copied().cloned(),
                    );
                }
            }
        }
    }

    fn keyword(&mut self, path: &str, keyword: &str, left: &'a Value, right: &'a Value) {
        match (keyword, left, right) {
            ("properties" | "patternProperties", Value::Object(left), Value::Object(right)) => {
                self.properties(path, left, right);
            }
            (
                "anyOf" | "oneOf" | "allOf" | "prefixItems",
                Value::Array(left),
                Value::Array(right),
            ) => {
                for index in 0..left.len().max(right.len()) {
                    let path = format!("{path}.{keyword}[{index}]");
                    match (left.get(index), right.get(index)) {
                        (Some(left), Some(right)) => self.schema(&path, left, right),
                        (left, right) => self.tell("case", &path, left.cloned(), right.cloned()),
                    }
                }
            }
            ("items", left, right) => self.schema(&format!("{path}[]"), left, right),
            ("additionalProperties" | "propertyNames" | "not", left, right) => {
                self.schema(&format!("{path}.{keyword}"), left, right);
            }
            ("required" | "enum", Value::Array(left), Value::Array(right)) => {
                self.elements(keyword, path, left, right);
            }
            _ => self.fact(keyword, path, Some(left.clone()), Some(right.clone())),
        }
    }

    fn properties(
        &mut self,
        path: &str,
        left: &'a Map<String, Value>,
        right: &'a Map<String, Value>,
    ) {
        let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        for name in names {
            let path = format!("{path}.{name}");
            match (left.get(name), right.get(name)) {
                (Some(left), Some(right)) => self.schema(&path, left, right),
                (left, right) => self.tell("property", &path, left.cloned(), right.cloned()),
            }
        }
    }

    /// A list whose elements count and not their order, unless they are the
    /// same.
    fn elements(&mut self, kind: &str, path: &str, left: &[Value], right: &[Value]) {
        let before = self.found.len();
        for value in left.iter().filter(|value| !right.contains(value)) {
            self.tell(kind, path, Some(value.clone()), None);
        }
        for value in right.iter().filter(|value| !left.contains(value)) {
            self.tell(kind, path, None, Some(value.clone()));
        }
        if self.found.len() == before {
            self.fact(kind, path, Some(json!(left)), Some(json!(right)));
        }
    }

    fn fact(&mut self, kind: &str, path: &str, left: Option<Value>, right: Option<Value>) {
        if left != right {
            self.tell(kind, path, left, right);
        }
    }

    fn tell(&mut self, kind: &str, path: &str, left: Option<Value>, right: Option<Value>) {
        self.found.push(Difference {
            kind: kind.to_owned(),
            subject: self.subject.clone(),
            path: path.to_owned(),
            left,
            right,
        });
    }
}

fn said(text: &Option<String>) -> Option<Value> {
    text.as_ref().map(|text| json!(text))
}

/// The name of the model that a schema is.
fn model(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/models/")
}

/// The keywords of a schema, with those of the model that it is.
fn keywords<'a>(version: &'a ApiVersion, schema: &'a Value) -> BTreeMap<&'a str, &'a Value> {
    let model = model(schema).and_then(|name| version.models.get(name));
    let model = model.and_then(|model| model.as_value().as_object());
    let model = model.into_iter().flatten();
    let model = model.map(|(keyword, value)| (keyword.as_str(), value));
    model.chain(beside(schema)).collect()
}

/// The keywords of a schema that are its own.
fn beside(schema: &Value) -> BTreeMap<&str, &Value> {
    let own = schema.as_object().into_iter().flatten();
    own.filter(|(keyword, _)| *keyword != "$ref")
        .map(|(keyword, value)| (keyword.as_str(), value))
        .collect()
}

/// A discriminator without the names of models: each tag leads to a branch, by
/// its place.
fn tags(discriminator: &Value, schema: &BTreeMap<&str, &Value>) -> Value {
    let branches = ["oneOf", "anyOf"].iter().find_map(|list| schema.get(list));
    let branches = branches.and_then(|list| list.as_array());
    let place = |target: &Value| {
        let mut branches = branches.into_iter().flatten();
        let place = branches.position(|branch| branch.get("$ref") == Some(target));
        place.map_or_else(|| target.clone(), Value::from)
    };
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let tags = mapping.into_iter().flatten();
    let tags: BTreeMap<_, _> = tags.map(|(tag, target)| (tag, place(target))).collect();
    json!([discriminator.get("propertyName"), tags])
}

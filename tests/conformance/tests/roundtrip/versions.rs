//! What there is to send: the schemas of all versions.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};
use truenas_codegen::corrections::{Corrections, correct};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::versions::VersionList;
use truenas_conformance::{Kind, Subject, parameters, standalone};

/// A version of `schemas/`, corrected as the bindings are.
pub(crate) struct Version {
    pub(crate) api: String,
    pub(crate) methods: usize,
    pub(crate) events: usize,
    models: Map<String, Value>,
    schemas: Vec<(Owned, Value)>,
}

/// A [`Subject`] with a name of its own.
type Owned = (String, What);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Params,
    Result,
    Event(Kind),
}

impl Version {
    pub(crate) fn read_all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
        let list = fs::read_to_string(folder.join("versions.json")).unwrap();
        let list: VersionList = serde_json::from_str(&list).unwrap();
        let corrections = fs::read_to_string(folder.join("corrections.json")).unwrap();
        let corrections: Corrections = serde_json::from_str(&corrections).unwrap();
        let read = |api: &str| {
            let text = fs::read_to_string(folder.join(format!("{api}.json"))).unwrap();
            let mut version: ApiVersion = serde_json::from_str(&text).unwrap();
            correct(&mut version, &corrections).unwrap();
            Self::new(version)
        };
        list.iter().map(|version| read(&version.api)).collect()
    }

    fn new(version: ApiVersion) -> Self {
        let mut schemas = Vec::new();
        for (name, method) in &version.methods {
            let taken = method.parameters.iter();
            let params = parameters(taken.map(|taken| (taken.schema.as_value(), taken.required)));
            let result = method.result.as_value().clone();
            schemas.push(((name.clone(), What::Params), params));
            schemas.push(((name.clone(), What::Result), result));
        }
        for (name, event) in &version.events {
            let params = event.parameters.iter();
            let params = params.map(|schema| (Kind::Parameters, schema));
            let kinds = event.kinds.iter();
            let kinds = kinds.map(|(kind, schema)| (kind_of(kind), schema));
            for (kind, schema) in kinds.chain(params) {
                let schema = schema.as_value().clone();
                schemas.push(((name.clone(), What::Event(kind)), schema));
            }
        }
        Self {
            methods: version.methods.len(),
            events: version.events.len(),
            schemas,
            api: version.api,
            models: version
                .models
                .into_iter()
                .map(|(name, model)| (name, model.to_value()))
                .collect(),
        }
    }
}

fn kind_of(name: &str) -> Kind {
    serde_json::from_value(name.into()).unwrap()
}

/// One thing that is sent, with its schema in each version that has it.
pub(crate) struct Item<'a> {
    subject: Subject<'a>,
    schemas: Vec<(&'a Version, &'a Value)>,
}

pub(crate) fn items(versions: &[Version]) -> Vec<Item<'_>> {
    let mut items: BTreeMap<&Owned, Vec<(&Version, &Value)>> = BTreeMap::new();
    for version in versions {
        for (owned, schema) in &version.schemas {
            items.entry(owned).or_default().push((version, schema));
        }
    }
    items
        .into_iter()
        .map(|((name, what), schemas)| Item {
            subject: match what {
                What::Params => Subject::Params(name),
                What::Result => Subject::Result(name),
                What::Event(kind) => Subject::Event(name, *kind),
            },
            schemas,
        })
        .collect()
}

/// One thing that is sent, and the versions that agree on its schema.
pub(crate) struct Case<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) schema: Value,
    pub(crate) apis: Vec<&'a str>,
}

impl<'a> Item<'a> {
    pub(crate) fn cases(&self) -> Vec<Case<'a>> {
        let mut cases: Vec<Case<'_>> = Vec::new();
        for (version, schema) in &self.schemas {
            let schema = standalone(schema, &version.models);
            match cases.iter_mut().find(|case| case.schema == schema) {
                Some(case) => case.apis.push(&version.api),
                None => cases.push(Case {
                    subject: self.subject,
                    schema,
                    apis: vec![&version.api],
                }),
            }
        }
        cases
    }
}

/// Queries whose schema says nothing of the answer or its entries. Like all
/// others they answer entries, one entry or a number.
const OPEN: [&str; 4] = [
    "fcport.status",
    "ipmi.sensors.query",
    "nfs.get_nfs3_clients",
    "pool.dataset.get_quota",
];

impl Case<'_> {
    /// Whether a server sends such a value, which the schema allows.
    pub(crate) fn is_sent(&self, value: &Value) -> bool {
        let Subject::Result(name) = self.subject else {
            return true;
        };
        let is_answer = match value {
            Value::Array(entries) => entries.iter().all(Value::is_object),
            other => other.is_object() || other.is_i64(),
        };
        is_answer || !OPEN.contains(&name)
    }
}

//! A dump: `{"versions": [{version, methods, events}]}`, in both forms.

use std::collections::BTreeMap;

use crate::model::{Event, InputKind, Method, MethodKind, Pipes};
use crate::versions::is_version_name;

use super::context::Context;
use super::cursor::Cursor;
use super::get_methods::Facts;
use super::originals::Originals;
use super::required::Required;
use super::{Note, ReadError, inlined, refs};

const VERSION_FIELDS: [&str; 4] = ["version", "version_title", "methods", "events"];
const METHOD_FIELDS: [&str; 9] = [
    "name",
    "roles",
    "doc",
    "removed_in",
    "schemas",
    "job",
    "input_pipes",
    "output_pipes",
    "check_pipes",
];
const EVENT_FIELDS: [&str; 5] = ["name", "roles", "doc", "removed_in", "schemas"];

/// How a method that is a job says so, up to 26.0.
const JOB_LINE: &str = "This method is a job.";

const SUBSCRIPTION_PARAMETERS: &str = "Subscription parameters";

/// A dump of one version.
#[derive(Debug)]
pub(super) struct Dump<'a> {
    pub(super) kind: InputKind,
    pub(super) api: Cursor<'a>,
    methods: Cursor<'a>,
    events: Cursor<'a>,
    version: Cursor<'a>,
}

impl<'a> Dump<'a> {
    /// Opens a file that has `versions`.
    pub(super) fn open(root: &Cursor<'a>) -> Result<Self, ReadError> {
        let versions = root.need("versions")?;
        let items = versions.items()?;
        let [version] = items.as_slice() else {
            return Err(versions.error(format_args!(
                "expected the dump of one version, found {}",
                items.len()
            )));
        };
        let methods = version.need("methods")?;
        let first = methods.items()?;
        let first = first
            .first()
            .ok_or_else(|| methods.error("there is no method in this dump"))?;
        let schemas = first.need("schemas")?;
        let kind = if schemas.get("accepts").is_some() {
            InputKind::DumpRefs
        } else if schemas.get("properties").is_some() {
            InputKind::DumpInlined
        } else {
            return Err(schemas.error(
                "expected `accepts` and `returns` (a dump with references) or `properties` \
                 (an inlined one)",
            ));
        };
        let api = version.need("version")?;
        if !is_version_name(api.string()?) {
            return Err(api.error("expected an API version of the form v25.10.5"));
        }
        Ok(Dump {
            kind,
            api,
            methods,
            events: version.need("events")?,
            version: version.clone(),
        })
    }

    /// Reads all methods.
    pub(super) fn methods(
        &self,
        facts: &BTreeMap<String, Facts>,
        originals: &mut Originals<'a>,
        context: &mut Context,
    ) -> Result<BTreeMap<String, Method>, ReadError> {
        context.unknown_fields(&self.version, &[&VERSION_FIELDS])?;
        self.originals(originals);
        let mut required = match self.kind {
            InputKind::DumpInlined => Some(Required::new(&self.api, facts)?),
            _ => None,
        };
        let mut methods = BTreeMap::new();
        let mut says_jobs = !facts.is_empty();
        for cursor in self.methods.items()? {
            context.unknown_fields(&cursor, &[&METHOD_FIELDS])?;
            let name = cursor.need("name")?.string()?;
            let facts = facts.get(name);
            let schemas = cursor.need("schemas")?;
            let (parameters, result) = match &mut required {
                None => refs::method(&schemas, name, originals, context)?,
                Some(required) => inlined::method(&schemas, name, required, originals, context)?,
            };
            let (doc, doc_says_job) = split_doc(&cursor)?;
            let is_job = match cursor.get("job") {
                Some(job) => Some(job.bool()?),
                None => doc_says_job.then_some(true),
            };
            says_jobs |= is_job.is_some();
            let method = Method {
                kind: match (is_job, facts) {
                    (Some(is_job), _) => MethodKind::from_job(is_job),
                    (None, Some(facts)) => facts.kind,
                    (None, None) => MethodKind::Call,
                },
                pipes: pipes(&cursor)?
                    .or(facts.map(|facts| facts.pipes))
                    .unwrap_or_default(),
                roles: context.roles(&cursor.need("roles")?)?,
                removed_in: optional_string(&cursor, "removed_in")?.map(str::to_owned),
                doc: context.prose(doc),
                parameters,
                result,
            };
            if methods.insert(name.to_owned(), method).is_some() {
                return Err(cursor.error(format_args!("the method {name:?} stands twice")));
            }
        }
        if let Some(required) = required {
            required.finish(&self.methods)?;
        }
        if !says_jobs {
            context.notes.push(Note::new(
                &self.methods,
                "job",
                "this dump does not say which methods are jobs: all are taken as calls; give the \
                 answer of core.get_methods as well",
            ));
        }
        Ok(methods)
    }

    /// Collects the models of events and parameters, events first. What is not
    /// as it should be is left to those who read it.
    fn originals(&self, originals: &mut Originals<'a>) {
        let entries = |list: &Cursor<'a>| list.items().unwrap_or_default();
        let name = |entry: &Cursor<'a>| entry.get("name").and_then(|name| name.string().ok());
        for event in entries(&self.events) {
            let label = format!("the event `{}`", name(&event).unwrap_or_default());
            let kinds = event.get("schemas").and_then(|kinds| kinds.entries().ok());
            for (_, document) in kinds.into_iter().flatten() {
                originals.add(&document, &label);
            }
        }
        for method in entries(&self.methods) {
            let label = format!("the parameters of `{}`", name(&method).unwrap_or_default());
            let accepts = method.get("schemas").and_then(|both| both.get("accepts"));
            if let Some(document) = accepts {
                originals.add(&document, &label);
            }
        }
    }

    /// Reads all events.
    pub(super) fn events(
        &self,
        context: &mut Context,
    ) -> Result<BTreeMap<String, Event>, ReadError> {
        let mut events = BTreeMap::new();
        for cursor in self.events.items()? {
            context.unknown_fields(&cursor, &[&EVENT_FIELDS])?;
            let name = cursor.need("name")?.string()?;
            let schemas = cursor.need("schemas")?;
            let schemas = match self.kind {
                InputKind::DumpInlined => schemas.need("properties")?,
                _ => schemas,
            };
            let mut kinds = BTreeMap::new();
            for (kind, place) in schemas.entries()? {
                let schema = match self.kind {
                    InputKind::DumpInlined => inlined::event(&place, context)?,
                    _ => refs::event(&place, context)?,
                };
                kinds.insert(kind.to_owned(), schema);
            }
            let event = Event {
                roles: context.roles(&cursor.need("roles")?)?,
                removed_in: optional_string(&cursor, "removed_in")?.map(str::to_owned),
                doc: context.prose(optional_string(&cursor, "doc")?),
                parameters: kinds.remove(SUBSCRIPTION_PARAMETERS),
                kinds,
                in_no_schema: false,
            };
            if events.insert(name.to_owned(), event).is_some() {
                return Err(cursor.error(format_args!("the event {name:?} stands twice")));
            }
        }
        Ok(events)
    }
}

/// The documentation, and whether its last line says that this is a job.
fn split_doc<'a>(method: &Cursor<'a>) -> Result<(Option<&'a str>, bool), ReadError> {
    let doc = optional_string(method, "doc")?;
    let job = doc.and_then(|doc| {
        let rest = doc.trim_end().strip_suffix(JOB_LINE)?;
        (rest.is_empty() || rest.ends_with('\n')).then_some(rest)
    });
    Ok((job.or(doc), job.is_some()))
}

/// The pipes, where the dump speaks of them.
fn pipes(method: &Cursor<'_>) -> Result<Option<Pipes>, ReadError> {
    let flag = |field| match method.get(field) {
        Some(value) => value.bool().map(Some),
        None => Ok(None),
    };
    let (input, output, check) = (
        flag("input_pipes")?,
        flag("output_pipes")?,
        flag("check_pipes")?,
    );
    if input.is_none() && output.is_none() {
        return Ok(None);
    }
    Ok(Some(Pipes::new(
        input.unwrap_or_default(),
        output.unwrap_or_default(),
        check.unwrap_or_default(),
    )))
}

fn optional_string<'a>(cursor: &Cursor<'a>, key: &str) -> Result<Option<&'a str>, ReadError> {
    match cursor.get(key) {
        Some(text) => text.optional_string(),
        None => Ok(None),
    }
}

//! Reads what TrueNAS publishes about a version of its API into the
//! [canonical form](crate::model).
//!
//! ```text
//! text ─ json ─ dump ──────── refs ──────────────┐
//!          │      └────────── inlined ─── fold ──┤
//!          └─ get_methods ─ old_style ─── fold ──┴─ shapes ─ classes ─ names
//! ```
//!
//! A file is parsed with the order of its keys kept (`json`) and checked where
//! it stands (`cursor`, `check`). The three shapes are brought to one form,
//! definitions and references to them (`fold`, `old_style`), which becomes a
//! graph (`shapes`). Models that results have without their keys get them back
//! before (`originals`). Equal shapes become one (`classes`) and all of them get a
//! name (`names`).

mod answer;
mod check;
mod classes;
mod completed;
mod context;
mod cursor;
mod dump;
mod fold;
mod get_methods;
mod inlined;
mod json;
mod names;
mod old_style;
mod originals;
mod path;
mod position;
mod refs;
mod required;
mod shapes;

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::model::{ApiVersion, Input, InputKind};
use crate::versions::is_version_name;

pub use completed::check_completed;
use context::Context;
use cursor::Cursor;
use dump::Dump;
use json::Json;
use originals::Originals;
use path::Path;

/// A file to be read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// What messages call it.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// What a caller may choose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The API version, which only dumps say themselves.
    pub api: Option<String>,
    /// Keep descriptions, examples and documentation.
    pub keep_docs: bool,
}

/// A version that was read, and what there is to say about it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The version.
    pub version: ApiVersion,
    /// What the reader did not know or had to guess.
    pub notes: Vec<Note>,
    /// Methods that the dump has and `core.get_methods` does not, if both were
    /// read.
    pub only_in_dump: Vec<String>,
    /// Methods that `core.get_methods` has and the dump does not, if both were
    /// read.
    pub only_in_get_methods: Vec<String>,
}

/// Something the reader did not know, or had to guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file.
    pub source: String,
    /// The JSON path in it.
    pub path: String,
    /// The keyword or field it is about.
    pub subject: String,
    /// What there is to say.
    pub message: String,
}

impl Note {
    fn new(place: &Cursor<'_>, subject: &str, message: impl Into<String>) -> Self {
        Note {
            source: place.source.to_owned(),
            path: place.path.to_string(),
            subject: subject.to_owned(),
            message: message.into(),
        }
    }
}

impl Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}: `{}`: {}",
            self.source, self.path, self.subject, self.message
        )
    }
}

/// Why a file cannot be read, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// The file.
    pub source: String,
    /// The JSON path in it.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl ReadError {
    fn new(source: &str, path: &Path, message: impl Display) -> Self {
        ReadError {
            source: source.to_owned(),
            path: path.to_string(),
            message: message.to_string(),
        }
    }
}

impl Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}: {}",
            self.source, self.path, self.message
        )
    }
}

impl std::error::Error for ReadError {}

/// Reads the files of one release: a dump, the answer of `core.get_methods`,
/// or one of each.
///
/// Where both know a method the dump counts; the other file adds which methods
/// are jobs, their pipes, and the methods that the dump lacks.
///
/// # Errors
///
/// Where a file is not what it should be; nothing is guessed from a broken
/// file.
pub fn read(
    release: &str,
    sources: &[Source<'_>],
    options: &Options,
) -> Result<Reading, ReadError> {
    let mut parsed = Vec::new();
    for source in sources {
        parsed.push((source, Json::parse(*source)?));
    }
    let mut provenance = Vec::new();
    let mut dump = None;
    let mut get_methods = None;
    for (source, json) in &parsed {
        let root = Cursor::root(source.name, json);
        let kind = match get_methods::is(&root)? {
            true => {
                if get_methods.replace(root.clone()).is_some() {
                    return Err(root.error("a second answer of core.get_methods: give one"));
                }
                InputKind::GetMethods
            }
            false => {
                let opened = Dump::open(&root)?;
                let kind = opened.kind;
                if dump.replace(opened).is_some() {
                    return Err(root.error("a second dump: give one"));
                }
                kind
            }
        };
        provenance.push(input(kind, source.text, options));
    }
    let api = api(&parsed, dump.as_ref(), options)?;

    let mut context = Context::new(options.keep_docs);
    let facts = match &get_methods {
        Some(root) => get_methods::facts(root, &mut context)?,
        None => BTreeMap::new(),
    };
    let mut originals = Originals::new(get_methods.clone());
    let (mut methods, events) = match &dump {
        Some(dump) => (
            dump.methods(&facts, &mut originals, &mut context)?,
            dump.events(&mut context)?,
        ),
        None => (BTreeMap::new(), BTreeMap::new()),
    };
    let mut only_in_dump = Vec::new();
    let mut only_in_get_methods = Vec::new();
    if let Some(root) = &get_methods {
        let unanswered = methods.keys().filter(|name| !facts.contains_key(*name));
        only_in_dump.extend(unanswered.cloned());
        if let Some(first) = only_in_dump.first() {
            context.notes.push(Note::new(
                root,
                first,
                format!(
                    "{} methods of the dump are not in this file: is it of another release, or of an account with fewer roles?",
                    only_in_dump.len()
                ),
            ));
        }
        for (name, cursor) in root.entries()? {
            if let (false, Some(facts)) = (methods.contains_key(name), facts.get(name)) {
                let method = get_methods::method(&cursor, facts, &mut context)?;
                methods.insert(name.to_owned(), method);
                if dump.is_some() {
                    only_in_get_methods.push(name.to_owned());
                }
            }
        }
    }
    let mut version = ApiVersion {
        api,
        release: release.to_owned(),
        provenance,
        methods,
        events,
        models: BTreeMap::new(),
    };
    names::give(&mut version, context.shapes);
    Ok(Reading {
        version,
        notes: context.notes,
        only_in_dump,
        only_in_get_methods,
    })
}

/// Reads a file of a known format, such as those in `schemas/`.
///
/// Nesting is limited by `serde_json`, so that everything that follows may
/// recurse over the value.
///
/// # Errors
///
/// Where the text is not JSON, or not of this format.
pub fn parse<T: DeserializeOwned>(source: Source<'_>) -> Result<T, ReadError> {
    let mut deserializer = serde_json::Deserializer::from_str(source.text);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| ReadError::new(source.name, &Path::from(error.path()), error.inner()))?;
    deserializer
        .end()
        .map_err(|error| ReadError::new(source.name, &Path::root(), error))?;
    Ok(value)
}

/// The version all sources agree on.
fn api(
    parsed: &[(&Source<'_>, Json)],
    dump: Option<&Dump<'_>>,
    options: &Options,
) -> Result<String, ReadError> {
    let nowhere = |message: &str| {
        let name = parsed.first().map_or("", |(source, _)| source.name);
        Err(ReadError::new(name, &Path::root(), message))
    };
    match (dump, &options.api) {
        (Some(dump), None) => Ok(dump.api.string()?.to_owned()),
        (Some(dump), Some(api)) => match dump.api.string()? {
            name if name == api => Ok(api.clone()),
            name => Err(dump
                .api
                .error(format_args!("this is the dump of {name}, not of {api}"))),
        },
        (None, Some(api)) => match is_version_name(api) {
            true => Ok(api.clone()),
            false => nowhere("the API version given for this file is not of the form v25.10.5"),
        },
        (None, None) => {
            nowhere("this file does not say its API version: it has to be given (`--api v25.10.5`)")
        }
    }
}

/// The provenance of a file.
fn input(kind: InputKind, text: &str, options: &Options) -> Input {
    Input {
        kind,
        sha256: sha256(text),
        prose: options.keep_docs,
        roles: None,
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

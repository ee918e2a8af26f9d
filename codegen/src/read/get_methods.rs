//! The answer of `core.get_methods`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{Method, MethodKind, Parameter, Pipes};

use super::ReadError;
use super::check::Dialect;
use super::context::{Context, schema};
use super::cursor::Cursor;
use super::json::Json;
use super::position::Position;

/// The fields that are read.
const TAKEN: [&str; 8] = [
    "accepts",
    "check_pipes",
    "description",
    "downloadable",
    "job",
    "returns",
    "roles",
    "uploadable",
];

/// The fields that are known and deliberately not read: they serve the TrueNAS
/// CLI and the server itself, or repeat what the schemas say.
const NOT_TAKEN: [&str; 11] = [
    "cli_description",
    "cli_private",
    "examples",
    "extra_methods",
    "filterable",
    "filterable_schema",
    "item_method",
    "no_auth_required",
    "no_authz_required",
    "pass_application",
    "require_websocket",
];

/// What the file adds to a method that a dump knows.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) kind: MethodKind,
    pub(super) pipes: Pipes,
    /// Whether a parameter must be given, by its name.
    pub(super) required: BTreeMap<String, bool>,
}

/// Whether a file is the answer of `core.get_methods`, and not a dump.
pub(super) fn is(root: &Cursor<'_>) -> Result<bool, ReadError> {
    let entries = root.entries()?;
    if root.get("versions").is_some() {
        return Ok(false);
    }
    match entries.first() {
        Some((_, first)) if first.get("accepts").is_some() => Ok(true),
        _ => Err(root.error(
            "neither a dump (`versions`) nor the answer of core.get_methods (an object with \
             `accepts` for each method)",
        )),
    }
}

/// The facts about every method.
pub(super) fn facts(
    root: &Cursor<'_>,
    context: &mut Context,
) -> Result<BTreeMap<String, Facts>, ReadError> {
    let mut facts = BTreeMap::new();
    for (name, method) in root.entries()? {
        context.unknown_fields(&method, &[&TAKEN, &NOT_TAKEN])?;
        facts.insert(name.to_owned(), method_facts(&method)?);
    }
    Ok(facts)
}

fn method_facts(method: &Cursor<'_>) -> Result<Facts, ReadError> {
    let check = method.need("check_pipes")?;
    let check = match check.json {
        // The pipes that are checked, by name.
        Json::Array(names) => !names.is_empty(),
        _ => check.bool()?,
    };
    let mut required = BTreeMap::new();
    for parameter in list(method, "accepts")? {
        let must = match parameter.get("_required_") {
            Some(flag) => flag.bool()?,
            None => parameter.get("default").is_none(),
        };
        let name = parameter.need("_name_")?.string()?;
        if required.insert(name.to_owned(), must).is_some() {
            return Err(parameter.error(format_args!("the parameter {name:?} stands twice")));
        }
    }
    Ok(Facts {
        kind: MethodKind::from_job(method.need("job")?.bool()?),
        pipes: Pipes::new(
            method.need("uploadable")?.bool()?,
            method.need("downloadable")?.bool()?,
            check,
        ),
        required,
    })
}

/// Reads a method, schemas included.
pub(super) fn method(
    method: &Cursor<'_>,
    facts: &Facts,
    context: &mut Context,
) -> Result<Method, ReadError> {
    let parameters = list(method, "accepts")?;
    let schemas = context.inlined_document(
        method,
        &parameters,
        Dialect::GetMethods,
        Position::Parameter,
    )?;
    let mut named = Vec::new();
    for (parameter, value) in parameters.iter().zip(schemas) {
        let name = parameter.need("_name_")?.string()?;
        named.push(Parameter {
            name: name.to_owned(),
            required: facts.required.get(name).copied().unwrap_or(true),
            schema: schema(value),
        });
    }
    let results = list(method, "returns")?;
    if results.len() > 1 {
        return Err(method.error("`returns` holds more than one schema"));
    }
    // In the old style, `[]` means that a method returns nothing, and null
    // means that its result is not documented.
    let without_schema = match method.need("returns")?.json {
        Json::Null => Value::Bool(true),
        _ => json!({"type": "null"}),
    };
    let result = context
        .inlined_document(method, &results, Dialect::GetMethods, Position::Result)?
        .pop()
        .unwrap_or(without_schema);
    Ok(Method {
        kind: facts.kind,
        pipes: facts.pipes,
        roles: context.roles(&method.need("roles")?)?,
        removed_in: None,
        doc: context.prose(method.need("description")?.optional_string()?),
        parameters: named,
        result: schema(result),
    })
}

/// The schemas in a list that may also be null.
fn list<'a>(method: &Cursor<'a>, key: &str) -> Result<Vec<Cursor<'a>>, ReadError> {
    let list = method.need(key)?;
    match list.json {
        Json::Null => Ok(Vec::new()),
        _ => list.items(),
    }
}

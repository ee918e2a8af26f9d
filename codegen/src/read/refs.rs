//! Schemas of a dump that keeps references: each is a document of its own,
//! with `$defs`.

use std::collections::BTreeMap;

use schemars::Schema;
use serde_json::Value;

use crate::model::Parameter;

use super::ReadError;
use super::check::{self, Dialect};
use super::context::{Context, schema};
use super::cursor::Cursor;
use super::originals::Originals;
use super::position::Position;

/// The parameters and the result of a method.
pub(super) fn method(
    schemas: &Cursor<'_>,
    name: &str,
    originals: &mut Originals<'_>,
    context: &mut Context,
) -> Result<(Vec<Parameter>, Schema), ReadError> {
    let accepts = schemas.need("accepts")?;
    check::document(&accepts, Dialect::Pydantic, &mut context.notes)?;
    let required = match accepts.get("required") {
        Some(required) => required.strings()?,
        None => Vec::new(),
    };
    let properties = accepts.need("properties")?.entries()?;
    let roots = properties
        .iter()
        .map(|(_, property)| (Value::from(property.json), Position::Parameter))
        .collect();
    let parameters = properties
        .iter()
        .zip(context.document(&accepts, roots, &defs(&accepts)?))
        .map(|((name, _), value)| Parameter {
            name: (*name).to_owned(),
            required: required.contains(name),
            schema: schema(value),
        })
        .collect();

    let returns = schemas.need("returns")?;
    check::document(&returns, Dialect::Pydantic, &mut context.notes)?;
    let result = returns.need("properties")?.need("result")?;
    let mut result = Value::from(result.json);
    let mut defs = defs(&returns)?;
    originals.restore(name, &returns, &mut result, &mut defs, &mut context.notes)?;
    let result = context.document(&returns, vec![(result, Position::Result)], &defs);
    Ok((parameters, schema_of(result)))
}

/// The schema of one kind of an event.
pub(super) fn event(place: &Cursor<'_>, context: &mut Context) -> Result<Schema, ReadError> {
    check::document(place, Dialect::Pydantic, &mut context.notes)?;
    let mut root = Value::from(place.json);
    if let Value::Object(root) = &mut root {
        root.remove("$defs");
    }
    let root = (root, Position::Elsewhere);
    Ok(schema_of(context.document(
        place,
        vec![root],
        &defs(place)?,
    )))
}

fn defs(document: &Cursor<'_>) -> Result<BTreeMap<String, Value>, ReadError> {
    let Some(defs) = document.get("$defs") else {
        return Ok(BTreeMap::new());
    };
    let defs = defs.entries()?.into_iter();
    Ok(defs
        .map(|(name, def)| (name.to_owned(), Value::from(def.json)))
        .collect())
}

fn schema_of(added: Vec<Value>) -> Schema {
    added.into_iter().next().map(schema).unwrap_or_default()
}
